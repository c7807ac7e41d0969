"""The vendors' own clients read what we write: the same texts and calls, and an exception for a failure."""

import importlib
import json
from functools import cache
from typing import Any

import pytest

from tests.laws.corpus import Protocol
from tests.laws.profile import long

from . import recorded
from .chunks import DONE, chunks
from .feeding import FOLD, fed
from .recorded import Stream
from .test_failure import SMALL

SAMPLED = 60
Told = dict[int, dict[str, Any]]


def http() -> Any:
    """The HTTP library that the SDKs use."""
    try:
        return importlib.import_module("httpx2")
    except ModuleNotFoundError:
        return importlib.import_module("httpx")


class Answers:
    """A transport for a client's HTTP library that answers everything with one stream."""

    def __init__(self) -> None:
        self.body = b""
        headers = {"content-type": "text/event-stream"}
        self.transport = http().MockTransport(lambda _: http().Response(200, headers=headers, content=self.body))


@cache
def openai_client() -> tuple[Answers, Any]:
    openai, answers = pytest.importorskip("openai"), Answers()
    client = http().Client(transport=answers.transport)
    return answers, openai.OpenAI(api_key="k", base_url="http://test/v1", http_client=client, max_retries=0)


@cache
def gemini_client() -> tuple[Answers, Any]:
    genai, answers = pytest.importorskip("google.genai"), Answers()
    options = genai.types.HttpOptions(base_url="http://test", client_args={"transport": answers.transport})
    return answers, genai.Client(api_key="k", http_options=options)


def openai_told(body: bytes) -> Told:
    answers, api = openai_client()
    answers.body = body
    told: Told = {}
    for chunk in api.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}], stream=True):
        for choice in chunk.choices:
            one = told.setdefault(choice.index, {"text": "", "calls": {}, "end": None})
            one["text"] += choice.delta.content or ""
            one["end"] = choice.finish_reason or one["end"]
            for call in choice.delta.tool_calls or ():
                known = one["calls"].setdefault(call.index, ["", "", ""])
                pieces = (call.id, call.function.name, call.function.arguments)
                known[:] = [old + (new or "") for old, new in zip(known, pieces, strict=True)]
    return told


def gemini_told(body: bytes) -> Told:
    answers, api = gemini_client()
    answers.body = body
    told: Told = {}
    for chunk in api.models.generate_content_stream(model="m", contents="x"):
        for candidate in chunk.candidates or ():
            one = told.setdefault(candidate.index or 0, {"text": "", "calls": {}, "end": None})
            one["end"] = candidate.finish_reason or one["end"]
            for part in (candidate.content and candidate.content.parts) or ():
                if part.text and not part.thought:
                    one["text"] += part.text
                if part.function_call:
                    call = part.function_call
                    one["calls"][len(one["calls"])] = [call.id or "", call.name, call.args or {}]
    return told


def expected(target: Protocol, body: bytes) -> Told:
    """What our own reference decoder reads in the same stream."""
    whole = FOLD[target]([chunk for chunk in chunks(body) if chunk != DONE])
    told: Told = {}
    for one in whole.get("choices", ()):
        calls = {n: [c["id"], c["function"]["name"], c["function"]["arguments"]]
                 for n, c in enumerate(one["message"].get("tool_calls", ()))}  # fmt: skip
        told[one["index"]] = {"text": one["message"].get("content") or "", "calls": calls, "end": one["finish_reason"]}
    for one in whole.get("candidates", ()):
        parts = one.get("content", {}).get("parts", [])
        found = [part["functionCall"] for part in parts if "functionCall" in part]
        calls = {n: [c.get("id", ""), c["name"], c.get("args", {})] for n, c in enumerate(found)}
        text = "".join(part["text"] for part in parts if "text" in part and not part.get("thought"))
        told[one["index"]] = {"text": text, "calls": calls, "end": one["finishReason"]}
    return told


READ = {"openai": openai_told, "gemini": gemini_told}
CROSSINGS: list[tuple[Protocol, Protocol]] = [("gemini", "openai"), ("openai", "gemini")]


def failed(body: bytes) -> bool:
    last = chunks(body)[-1]
    return last != DONE and "error" in last


@pytest.mark.parametrize(("source", "target"), CROSSINGS)
@pytest.mark.filterwarnings("ignore")
def test_the_vendors_client_reads_the_same(source: Protocol, target: Protocol) -> None:
    small = Stream("small", source, b"".join(SMALL[source]))
    found = recorded.of(source) if long() else recorded.sample(recorded.of(source), SAMPLED)
    for stream in (small, *found, *[one for one in recorded.fixtures() if one.protocol == source]):
        body = fed(source, target, [stream.body])
        if not failed(body):
            assert READ[target](body) == expected(target, body), stream.id


@pytest.mark.parametrize(("source", "target"), CROSSINGS)
@pytest.mark.filterwarnings("ignore")
def test_the_vendors_client_raises_on_a_failure(source: Protocol, target: Protocol) -> None:
    error = pytest.importorskip("openai").APIError
    if target == "gemini":
        error = pytest.importorskip("google.genai").errors.APIError
    body = fed(source, target, SMALL[source][:2])
    with pytest.raises(error):
        READ[target](body)


def test_expected_is_what_it_seems() -> None:
    body = fed("gemini", "openai", SMALL["gemini"])
    assert expected("openai", body) == {0: {"text": "Hello there", "calls": {}, "end": "stop"}}
    assert json.loads(body.split(b"\n\n")[0][6:])["choices"][0]["delta"]["content"] == "Hello"
