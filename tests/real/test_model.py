"""google-genai talks to a real model: `metaphrase serve` before llama.cpp's server. `make test-real` runs this.

What the model says is not known beforehand, but at temperature 0 it says the same to everybody: the server itself,
asked without a gateway, says what has to come through it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import openai
import pytest
from google import genai
from google.genai import errors, types

from .model_server import NAME

pytestmark = pytest.mark.real
SAID = "one two three four five"
MOST = 12  # tokens
READY = 120.0  # seconds until the model is loaded
PATIENCE = 60.0  # seconds for one answer
CONFIG = types.GenerateContentConfig(temperature=0, max_output_tokens=MOST)
VARIABLES = ("OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL")


@contextmanager
def program(*command: str, **environment: str) -> Iterator[str]:
    """Start a program that says on its first line where it listens; that address."""
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, *command], stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True, env=kept | environment
    ) as process:
        late = Timer(READY, process.kill)
        late.start()
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            said = [next((line for line in lines if "http://" in line), "")]
            late.cancel()
            assert said[0], f"{command} ended with {process.wait(10)} before it listened"
            yield "http://" + said[0].partition("http://")[2].split()[0]
        finally:
            late.cancel()
            process.kill()


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    with program(str(Path(__file__).with_name("model_server.py"))) as address:
        yield address


@pytest.fixture(scope="module")
def client(model: str) -> Iterator[genai.Client]:
    command = ("-m", "metaphrase_cli", "serve", "--port", "0")
    with program(*command, OPENAI_BASE_URL=f"{model}/v1") as address:
        options = types.HttpOptions(base_url=address, timeout=int(PATIENCE * 1000))
        yield genai.Client(api_key="any", vertexai=False, http_options=options)


@pytest.fixture(scope="module")
def direct(model: str) -> Any:
    """What the server says when nobody stands between."""
    with openai.OpenAI(api_key="any", base_url=f"{model}/v1", timeout=PATIENCE, max_retries=0) as plain:
        asked: Any = [{"role": "user", "content": SAID}]
        return plain.chat.completions.create(model=NAME, messages=asked, temperature=0, max_tokens=MOST)


def test_a_chat(client: genai.Client, direct: Any) -> None:
    answer = client.models.generate_content(model=NAME, contents=SAID, config=CONFIG)
    assert answer.text == direct.choices[0].message.content
    assert len((answer.text or "").split()) > 3
    assert answer.candidates
    assert answer.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS
    assert answer.model_version == NAME
    used, metered = direct.usage, answer.usage_metadata
    assert metered is not None
    assert (metered.prompt_token_count, metered.candidates_token_count) == (used.prompt_tokens, MOST)
    assert metered.total_token_count == used.total_tokens


def test_a_chat_that_streams(client: genai.Client, direct: Any) -> None:
    chunks = list(client.models.generate_content_stream(model=NAME, contents=SAID, config=CONFIG))
    texts = [chunk.text for chunk in chunks if chunk.text]
    assert "".join(texts) == direct.choices[0].message.content
    assert len(texts) > 3
    ends = [each.finish_reason for chunk in chunks for each in chunk.candidates or () if each.finish_reason]
    assert ends == [types.FinishReason.MAX_TOKENS]
    metered = chunks[-1].usage_metadata
    assert metered is not None
    assert metered.total_token_count == direct.usage.total_tokens


def test_a_conversation_that_ends_by_itself(client: genai.Client) -> None:
    config = types.GenerateContentConfig(temperature=0, max_output_tokens=MOST, stop_sequences=["eight"])
    chat = client.chats.create(model=NAME, config=config)
    first = chat.send_message("one two three four five")
    assert (first.text or "").strip()
    assert "eight" not in (first.text or "")
    assert first.candidates
    assert first.candidates[0].finish_reason == types.FinishReason.STOP
    second = "".join([chunk.text or "" for chunk in chat.send_message_stream("nine ten eleven twelve")])
    assert second.strip()
    roles = [turn.role for turn in chat.get_history()]  # of a stream the SDK keeps a turn for each chunk
    assert (roles[:3], set(roles[3:])) == (["user", "model", "user"], {"model"})


def test_tokens_are_counted(client: genai.Client, direct: Any) -> None:
    counted = client.models.count_tokens(model=NAME, contents=SAID)
    assert counted.total_tokens == direct.usage.prompt_tokens


def test_models(client: genai.Client) -> None:
    assert [model.name for model in client.models.list()] == [f"models/{NAME}"]
    with pytest.raises(errors.ClientError) as caught:  # the server has no address for a single one
        client.models.get(model=NAME)
    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")


def test_embeddings(client: genai.Client) -> None:
    texts: Any = ["The king sat on his throne", "The queen sat on her throne", "int main(void) { return 0; }"]
    found = client.models.embed_content(model=NAME, contents=texts).embeddings or []
    vectors = [each.values or [] for each in found]
    assert [len(vector) for vector in vectors] == [640] * 3

    def near(a: int, b: int) -> float:
        return sum([x * y for x, y in zip(vectors[a], vectors[b], strict=True)])

    assert near(0, 0) == pytest.approx(1, abs=1e-3)
    assert near(0, 1) > near(0, 2)


def test_what_the_server_refuses(client: genai.Client) -> None:
    contents = "word " * 3000  # the server has room for about a thousand tokens
    with pytest.raises(errors.ClientError) as caught:
        client.models.generate_content(model=NAME, contents=contents, config=CONFIG)
    assert (caught.value.code, caught.value.status) == (400, "INVALID_ARGUMENT")
    assert "context" in str(caught.value)
