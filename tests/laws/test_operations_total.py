"""Law 7 for everything but chat: whatever the document, a result or a ReadError or WriteError; nothing else escapes."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import metaphrase as mp
from metaphrase.testing.paths import Steps, put
from tests.laws.corpus import PROTOCOLS, Protocol
from tests.operations import KINDS, convert, encode

JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 2**70, 1.5, 1e308, "", "x", "-_", "\u2028é", "data:,x", [], {}, [None], [[]], [{}], [1],
    ["a", 1], {"a": 1}, {"model": 5}, {"values": [1]}, {"content": "x"}, {"error": {}}, {"raw": "{}"}, [{"@type": "x"}],
)  # fmt: skip
TEXT = [{"text": "a"}]
GOOGLE = "type.googleapis.com/google.rpc."
WHOLE: dict[tuple[str, Protocol], list[Any]] = {
    ("embedding.request", "openai"): [
        {
            "model": "m",
            "input": ["a", "b"],
            "dimensions": 3,
            "encoding_format": "base64",
            "input_type": "query",
            "user": "u",
        },
        {"input": "a", "output_dimension": 4},
        {"input": [[1, 2]]},
    ],
    ("embedding.request", "gemini"): [
        {
            "requests": [
                {
                    "model": "models/m",
                    "content": {"role": "user", "parts": TEXT},
                    "taskType": "CLUSTERING",
                    "title": "t",
                }
            ]
        },
        {"content": {"parts": TEXT}, "embedContentConfig": {"outputDimensionality": 4, "autoTruncate": True}},
        {"instances": [{"content": "a", "task_type": "x"}], "parameters": {"outputDimensionality": 4}},
    ],
    ("embedding.response", "openai"): [
        {
            "object": "list",
            "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}, {"embedding": "AAAAAA=="}],
            "model": "m",
            "usage": {"prompt_tokens": 1, "total_tokens": 1},
        },
    ],
    ("embedding.response", "gemini"): [
        {
            "embeddings": [{"values": [0.5]}],
            "usageMetadata": {"promptTokenCount": 1, "promptTokenDetails": [{"modality": "TEXT"}]},
        },
        {"embedding": {"values": [0.5], "shape": [1]}},
        {"predictions": [{"embeddings": {"values": [1], "statistics": {"token_count": 1, "truncated": False}}}]},
    ],
    ("models.response", "openai"): [
        {"object": "list", "data": [{"id": "a", "created": 1, "name": "n", "context_length": 1}]}
    ],
    ("models.response", "gemini"): [
        {"models": [{"name": "models/a", "supportedGenerationMethods": ["x"]}], "nextPageToken": "p"}
    ],
    ("model.response", "openai"): [{"id": "a", "object": "model", "created": 1, "owned_by": "o"}],
    ("model.response", "gemini"): [{"name": "models/a", "displayName": "A", "inputTokenLimit": 1}],
    ("tokens.request", "openai"): [
        {
            "model": "m",
            "instructions": "i",
            "input": [
                {"role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;base64,AAAA"}]},
                {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c", "output": "o"},
            ],
            "tools": [{"type": "function", "name": "f", "parameters": {}}],
        },
        {"messages": [{"role": "user", "content": "a"}]},
    ],
    ("tokens.request", "gemini"): [
        {"contents": [{"parts": TEXT}]},
        {"generateContentRequest": {"model": "models/m", "contents": [{"parts": TEXT}], "generationConfig": {}}},
    ],
    ("tokens.response", "openai"): [{"object": "response.input_tokens", "input_tokens": 1}],
    ("tokens.response", "gemini"): [{"totalTokens": 1, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1}]}],
    ("failure", "openai"): [
        {
            "error": {
                "message": "m",
                "type": "t",
                "param": "p",
                "code": "c",
                "metadata": {"raw": '{"error":{"message":"m"}}'},
            }
        },
        {"detail": [{"msg": "m", "loc": ["a"]}]},
    ],
    ("failure", "gemini"): [
        [
            {
                "error": {
                    "code": 429,
                    "message": "m",
                    "status": "RESOURCE_EXHAUSTED",
                    "details": [
                        {
                            "@type": GOOGLE + "ErrorInfo",
                            "reason": "R",
                            "domain": "metaphrase",
                            "metadata": {"type": "t", "http_status": "422"},
                        },
                        {"@type": GOOGLE + "RetryInfo", "retryDelay": "3s"},
                        {"@type": GOOGLE + "QuotaFailure", "violations": [{"quotaId": "PerDay"}]},
                        {"@type": GOOGLE + "BadRequest", "fieldViolations": [{"field": "f"}]},
                    ],
                }
            }
        ],
    ],
}


def nodes(value: Any, up: Steps = ()) -> list[Steps]:
    found = [up]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        found += nodes(below, (*up, key))
    return found


def tried(body: bytes, source: Protocol, kind: str, **options: Any) -> None:
    for target in PROTOCOLS:
        try:
            done = convert(body, source, target, kind, **options)
        except (mp.ReadError, mp.WriteError):
            continue
        assert isinstance(done.losses, tuple)


@pytest.mark.parametrize(("kind", "source"), WHOLE)
def test_junk_in_every_place(kind: str, source: Protocol) -> None:
    for whole in WHOLE[kind, source]:
        tried(encode(whole), source, kind)
        for steps in nodes(whole):
            for junk in JUNK:
                document = msgspec.json.decode(encode(whole))
                if steps:
                    put(document, steps, junk)
                tried(encode(document if steps else junk), source, kind)


@pytest.mark.parametrize("kind", KINDS)
@given(body=st.binary(max_size=40))
def test_any_bytes(kind: str, body: bytes) -> None:
    for source in PROTOCOLS:
        tried(body, source, kind)


@pytest.mark.parametrize(("kind", "source"), WHOLE)
def test_a_document_that_is_cut_short(kind: str, source: Protocol) -> None:
    for whole in WHOLE[kind, source]:
        body = encode(whole)
        for end in range(0, len(body), 3):
            tried(body[:end], source, kind, status=500)
