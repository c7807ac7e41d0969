"""The grammar checkers refuse what is broken."""

import json
from typing import Any

import pytest

from . import grammar_gemini, grammar_openai
from .grammar_openai import Broken

ENVELOPE = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
DONE = "[DONE]"
ROLE = {"role": "assistant", "content": None}
CALL = {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}
USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


def said(delta: Any, finish: str | None = None, index: int = 0, **more: Any) -> dict[str, Any]:
    return {**ENVELOPE, "choices": [{"index": index, "delta": delta, "finish_reason": finish}], **more}


def counted() -> dict[str, Any]:
    return {**ENVELOPE, "choices": [], "usage": USAGE}


def sse(*values: Any, end: str = "\n\n") -> bytes:
    return "".join(f"data: {one if one == DONE else json.dumps(one)}{end}" for one in values).encode()


END = said({}, "stop")
GOOD_OPENAI = [
    (said(ROLE), said({"content": "x"}), END, counted(), DONE),
    (said({**ROLE, "tool_calls": [CALL]}), said({"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}),
     said({}, "tool_calls"), counted(), DONE),
    (said(ROLE), said(ROLE, index=1), said({}, "stop", 1), END, counted(), DONE),
]  # fmt: skip

BROKEN_OPENAI = {
    "neither": (said(ROLE), END),
    "follows [DONE]": (said(ROLE), END, DONE, DONE),
    "follows an error": ({"error": {"message": "x"}}, DONE),
    "error without": ({"error": {"code": 1}},),
    "role must": (said({"content": "x"}), END, DONE),
    "role must come": (said(ROLE), said(ROLE), END, DONE),
    "did not finish": (said(ROLE), DONE),
    "after its finish": (said(ROLE), END, said({"content": "x"}), DONE),
    "follows the usage": (said(ROLE), counted(), END, DONE),
    "usage beside": (said(ROLE, usage=USAGE), END, DONE),
    "changed": (said(ROLE), {**END, "id": "d"}, DONE),
    "is missing": ({**said(ROLE), "id": ""}, END, DONE),
    "object": ({**said(ROLE), "object": "x"}, END, DONE),
    "unknown members": (said({**ROLE, "zz": 1}), END, DONE),
    "no calls": (said(ROLE), said({}, "tool_calls"), DONE),
    "unknown finish": (said(ROLE), said({}, "eos"), DONE),
    "numbered": (said({**ROLE, "tool_calls": [{**CALL, "index": 1}]}), END, DONE),
    "come once": (said({**ROLE, "tool_calls": [CALL, CALL]}), END, DONE),
    "of one id": (said({**ROLE, "tool_calls": [CALL, {**CALL, "index": 1}]}), END, DONE),
    "without an id": (said({**ROLE, "tool_calls": [{**CALL, "id": ""}]}), END, DONE),
    "too long": (said({**ROLE, "tool_calls": [{**CALL, "id": "x" * 41}]}), END, DONE),
    "finish_reason must": ({**ENVELOPE, "choices": [{"index": 0, "delta": ROLE}]}, DONE),
    "is no text": (said({**ROLE, "content": 1}), END, DONE),
}


@pytest.mark.parametrize("stream", GOOD_OPENAI)
def test_a_good_openai_stream(stream: tuple[Any, ...]) -> None:
    assert grammar_openai.check(sse(*stream), usage=True)


def test_an_openai_stream_may_fail() -> None:
    assert not grammar_openai.check(sse(said(ROLE), {"error": {"message": "x"}}), usage=False)


@pytest.mark.parametrize("why", BROKEN_OPENAI)
def test_a_broken_openai_stream(why: str) -> None:
    with pytest.raises(Broken, match=why.replace("[", r"\[")):
        grammar_openai.check(sse(*BROKEN_OPENAI[why]), usage=True)


@pytest.mark.parametrize(
    "body",
    [b"", b"data: {}", b": ping\n\n" + sse(DONE), b"data:{}\n\n", sse(DONE, end="\r\n\r\n"), b"event: x\n" + sse(DONE)],
)
def test_lines_that_openai_does_not_write(body: bytes) -> None:
    with pytest.raises((Broken, json.JSONDecodeError)):
        grammar_openai.check(body, usage=True)


def test_usage_that_nobody_asked_for() -> None:
    with pytest.raises(Broken, match="nobody"):
        grammar_openai.check(sse(*GOOD_OPENAI[0]), usage=False)


NAMES = {"responseId": "r", "modelVersion": "m"}


def told(*parts: Any, finish: str | None = None, index: int = 0, **more: Any) -> dict[str, Any]:
    one: dict[str, Any] = {"index": index}
    if parts:
        one["content"] = {"role": "model", "parts": list(parts)}
    if finish is not None:
        one["finishReason"] = finish
    return {"candidates": [one], **NAMES, **more}


X = {"text": "x"}
STOP = told(finish="STOP")
COUNTS = {"usageMetadata": {"totalTokenCount": 1}}
GOOD_GEMINI = [
    (told(X), told({**X, "thought": True}), {**STOP, **COUNTS}),
    (told({"functionCall": {"name": "f", "args": {}}}, finish="STOP"),),
    ({"promptFeedback": {"blockReason": "SAFETY"}, **NAMES},),
    (told(X), told(X, index=1), told(finish="STOP", index=1), STOP),
]
BROKEN_GEMINI = {
    "did not finish": (told(X),),
    "goes on": (STOP, told(X)),
    "follows the usage": ({**told(X), **COUNTS}, STOP),
    "changed": (told(X), {**STOP, "responseId": "s"}),
    "unknown members": (told(X, zz=1), STOP),
    "unknown reason": (told(finish="EOS"),),
    "says nothing": (NAMES, STOP),
    "of 0 kinds": (told({}), STOP),
    "of 2 kinds": (told({**X, "functionCall": {"name": "f"}}), STOP),
    "no object": (told({"functionCall": {"name": "f", "args": "x"}}), STOP),
    "without a name": (told({"functionCall": {"args": {}}}), STOP),
    "in pieces": (told({"functionCall": {"name": "f", "partialArgs": []}}), STOP),
    "thought": (told({**X, "thought": False}), STOP),
    "without an index": ({**NAMES, "candidates": [{"finishReason": "STOP"}]},),
    "role": ({**NAMES, "candidates": [{"index": 0, "content": {"parts": [X]}, "finishReason": "STOP"}]},),
    "without parts": ({**NAMES, "candidates": [{"index": 0, "content": {"role": "model"}}]}, STOP),
    "follows an error": ({"error": {"code": 1, "message": "", "status": ""}}, STOP),
    "its code": ({"error": {"message": "", "status": ""}},),
    "no candidate": ({"promptFeedback": {}, **NAMES}, {"promptFeedback": {}, **NAMES}),
}


@pytest.mark.parametrize("stream", GOOD_GEMINI)
def test_a_good_gemini_stream(stream: tuple[Any, ...]) -> None:
    assert grammar_gemini.check(sse(*stream, end="\r\n\r\n"))
    assert grammar_gemini.array(json.dumps(stream).encode())


def test_a_gemini_stream_may_fail() -> None:
    error = {"error": {"code": 503, "message": "x", "status": "UNAVAILABLE"}}
    assert not grammar_gemini.check(sse(told(X), error, end="\r\n\r\n"))


@pytest.mark.parametrize("why", BROKEN_GEMINI)
def test_a_broken_gemini_stream(why: str) -> None:
    with pytest.raises(Broken, match=why):
        grammar_gemini.check(sse(*BROKEN_GEMINI[why], end="\r\n\r\n"))


@pytest.mark.parametrize(
    "body",
    [b"", b"data: {}", b": ping\r\n\r\n", sse(STOP), b"data:{}\r\n\r\n", sse(STOP, DONE, end="\r\n\r\n"),
     b"event: x\r\n" + sse(STOP, end="\r\n\r\n"), b'data: {\r\n}\r\n\r\n'],
)  # fmt: skip
def test_lines_that_gemini_does_not_write(body: bytes) -> None:
    with pytest.raises(Broken):
        grammar_gemini.check(body)
