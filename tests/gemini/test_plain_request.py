"""The usual request is read by a shorter way, which must say what the general one says; and it is written by one."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
import pytest

from metaphrase import Report, convert, ir
from metaphrase.http import Request
from metaphrase_gemini import gemini
from metaphrase_gemini.read.plain_request import plain_request
from metaphrase_gemini.read.request import any_request
from metaphrase_gemini.wire.plain import PlainRequest

PATH = "/v1beta/models/m:generateContent"
USER = {"role": "user", "parts": [{"text": "hi"}]}
MODEL = {"role": "model", "parts": [{"text": ""}, {"text": "b"}, {"text": "c"}]}
_decode = msgspec.json.Decoder(PlainRequest).decode


def body(*contents: dict[str, Any], **beside: Any) -> bytes:
    return msgspec.json.encode({"contents": contents, **beside})


PLAIN = {
    "a text": body(USER),
    "an empty text": body({"role": "user", "parts": [{"text": ""}]}),
    "turns": body(USER, MODEL, USER, USER),
    "a system instruction": body(USER, systemInstruction={"parts": [{"text": "a"}, {"text": "b"}]}),
    "parameters": body(USER, generationConfig={"temperature": 0, "topP": 0.5, "topK": 40.0, "maxOutputTokens": 7}),
    "one parameter": body(USER, generationConfig={"topK": 3}),
    "some contents": body(*[USER] * 200),
    "many contents": body(*[USER] * 5000),
}


@pytest.mark.parametrize("name", PLAIN)
def test_both_ways_say_the_same(name: str) -> None:
    short, general = Report(), Report()
    chat = plain_request(_decode(PLAIN[name]), PATH, "m", True)
    found = any_request(Request("POST", PATH, (), PLAIN[name]), "m", True, general)
    assert chat == found
    assert steps(chat) == steps(found)
    general.settle("openai")
    assert short.losses == general.losses == ()


def steps(chat: ir.ChatRequest | None) -> list[object]:
    """Places are equal to one another, so they are compared by what they say."""
    assert chat is not None
    return [repr(node.at) for message in chat.messages for node in (message, *message.parts)]


@pytest.mark.parametrize(
    "unlike",
    [
        body(USER, generationConfig={}),
        body(),
        body({"role": "user", "parts": []}),
        body({"parts": [{"text": "a"}]}),
        body(USER, generationConfig={"temperature": None}),
        body(USER, systemInstruction={"parts": []}),
        body(USER, tools=[]),
        body({"role": "user", "parts": [{"text": "a", "thought": True}]}),
    ],
)
def test_what_is_said_and_empty_is_not_what_is_not_said(unlike: bytes) -> None:
    with suppress(msgspec.ValidationError):  # which is the same
        assert plain_request(_decode(unlike), PATH, "m", False) is None
    done = convert(unlike, source="gemini", target="gemini", kind="chat.request", path=PATH)
    assert msgspec.json.decode(done.body) == msgspec.json.decode(unlike)


SAMPLING = {"temperature": 1, "top_p": 0.5, "max_tokens": 7}
CHATS: dict[str, dict[str, Any]] = {
    "a text": {"messages": [{"role": "user", "content": "a"}]},
    "a system prompt": {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "a"}]},
    "turns": {"messages": [{"role": r, "content": "a"} for r in ("user", "assistant", "user")], **SAMPLING},
    "a large limit": {"messages": [{"role": "user", "content": "a"}], "max_tokens": 2**31},
    "another parameter": {"messages": [{"role": "user", "content": "a"}], "top_k": 4},
    "a stop": {"messages": [{"role": "user", "content": "a"}], "stop": ["b"]},
    "an assistant's end": {"messages": [{"role": "assistant", "content": "a"}]},
    "only a system prompt": {"messages": [{"role": "system", "content": "a"}]},
}
MODELS = ("gemini-2.5-flash", "gemma-3-27b-it", "gemini-3.6-flash")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", CHATS)
def test_both_ways_write_the_same(name: str, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = msgspec.json.encode({"model": model, **CHATS[name]})
    short = convert(asked, source="openai", target=gemini(), kind="chat.request")
    monkeypatch.setattr("metaphrase_gemini.write.request.plain_request", lambda *_: None)
    general = convert(asked, source="openai", target=gemini(), kind="chat.request")
    assert msgspec.json.decode(short.body) == msgspec.json.decode(general.body)
    assert (short.path, short.losses) == (general.path, general.losses)


def test_a_text_in_a_tools_name_is_no_plain_turn() -> None:
    """No reader makes one, but a caller may."""
    chat = ir.ChatRequest(
        (ir.Message("user", (ir.Text("a"),)), ir.Message("tool", (ir.Text("b"),))), "gemini-2.5-flash"
    )
    writer = gemini().chat
    assert writer is not None
    roles = [one["role"] for one in msgspec.json.decode(writer.write_request(chat, Report()).body)["contents"]]
    assert "tool" not in roles
