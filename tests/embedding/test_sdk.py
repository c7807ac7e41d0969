"""Both vendors' SDKs, over a transport that holds the translation and an upstream that answers with fixed vectors."""

import struct
from typing import Any

import httpx2
import openai
import pytest
from google import genai
from google.genai import types
from msgspec.json import decode

from tests.laws.corpus import Protocol
from tests.operations import convert, encode

VECTORS = [[0.1, -2.5e-05, 3.0], [1e-30, 65504.0, -0.0]]


class Translated(httpx2.BaseTransport):
    """What the client sends, translated and noted; what the upstream says, translated back."""

    def __init__(self, client: Protocol, upstream: Protocol, answer: Any) -> None:
        self.client: Protocol = client
        self.upstream: Protocol = upstream
        self.answer = answer
        self.asked: Any = None
        self.path: str | None = None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        body, path = request.read(), request.url.raw_path.decode()
        sent = convert(body, self.client, self.upstream, "embedding.request", path=path)
        assert [loss for loss in sent.losses if loss.kind != "dropped"] == []
        self.asked, self.path = decode(sent.body), sent.path
        done = convert(
            encode(self.answer), self.upstream, self.client, "embedding.response", asked=body, path=path
        )  # fmt: skip
        return httpx2.Response(200, headers=list(done.headers), content=done.body)


def bits(values: Any) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


@pytest.mark.parametrize("encoding", [{}, {"encoding_format": "float"}, {"encoding_format": "base64"}])
@pytest.mark.parametrize("given", ["one", ["one", "two"]])
def test_openai_python_talks_to_gemini(encoding: dict[str, Any], given: Any) -> None:
    count = 1 if isinstance(given, str) else len(given)
    answer = {"embeddings": [{"values": values} for values in VECTORS[:count]]}
    transport = Translated("openai", "gemini", answer)
    client = openai.OpenAI(api_key="k", http_client=httpx2.Client(transport=transport))
    created = client.embeddings.create(model="gemini-embedding-001", input=given, dimensions=3, **encoding)
    assert transport.path == "/v1beta/models/gemini-embedding-001:batchEmbedContents"
    assert [one["outputDimensionality"] for one in transport.asked["requests"]] == [3] * count
    assert created.model == "gemini-embedding-001"
    found: list[Any] = [one.embedding for one in created.data]
    if encoding.get("encoding_format") == "base64":
        from base64 import b64decode

        assert [b64decode(one) for one in found] == [bits(values) for values in VECTORS[:count]]
    else:
        assert [bits(one) for one in found] == [bits(values) for values in VECTORS[:count]]
    assert [one.index for one in created.data] == list(range(count))


@pytest.mark.parametrize("packed", [False, True])
def test_google_genai_talks_to_openai(packed: bool) -> None:
    from base64 import b64encode

    data = [
        {"object": "embedding", "index": i, "embedding": b64encode(bits(values)).decode() if packed else values}
        for i, values in enumerate(VECTORS)
    ]
    answer = {"object": "list", "data": data[::-1], "model": "m", "usage": {"prompt_tokens": 2, "total_tokens": 2}}
    transport = Translated("gemini", "openai", answer)
    options = types.HttpOptions(httpx_client=httpx2.Client(transport=transport))
    client = genai.Client(api_key="k", vertexai=False, http_options=options)
    config = types.EmbedContentConfig(output_dimensionality=3, task_type="CLUSTERING")
    created = client.models.embed_content(model="text-embedding-3-small", contents=["one", "two"], config=config)
    assert transport.path == "/v1/embeddings"
    assert transport.asked == {"model": "text-embedding-3-small", "input": ["one", "two"], "dimensions": 3}
    assert created.embeddings is not None
    assert [bits(one.values) for one in created.embeddings] == [bits(values) for values in VECTORS]
