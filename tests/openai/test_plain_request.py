"""The usual request is read by a shorter way, which must say what the general one says; and it is written by one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from metaphrase import Report, convert, ir
from metaphrase.http import Request
from metaphrase_openai.options import Options
from metaphrase_openai.read.plain_request import PlainRequest, plain_request
from metaphrase_openai.read.request import any_request

USER = {"role": "user", "content": "hi"}
_decode = msgspec.json.Decoder(PlainRequest).decode


def body(*messages: dict[str, Any], **beside: Any) -> bytes:
    return msgspec.json.encode({"messages": messages, **beside})


PLAIN = {
    "a text": body(USER, model="m"),
    "no model": body(USER),
    "no messages": body(),
    "an empty text": body({"role": "user", "content": ""}),
    "turns": body({"role": "system", "content": "s"}, USER, {"role": "assistant", "content": "a"}, USER, model="m"),
    "parameters": body(USER, model="m", temperature=0, top_p=0.5, max_tokens=7),
    "a stream": body(USER, stream=True),
    "no stream": body(USER, stream=False),
    "some messages": body(*[USER] * 200),
    "many messages": body(*[USER] * 5000),
}


@pytest.mark.parametrize("name", PLAIN)
def test_both_ways_say_the_same(name: str) -> None:
    report = Report()
    chat = plain_request(_decode(PLAIN[name]), "/x", Options())
    found = any_request(Request("POST", "/x", (), PLAIN[name]), report, Options())
    assert chat == found
    assert steps(chat) == steps(found)
    report.settle("gemini")
    assert not report.losses


def steps(chat: ir.ChatRequest | None) -> list[object]:
    """Places are equal to one another, so they are compared by what they say."""
    assert chat is not None
    return [repr(node.at) for message in chat.messages for node in (message, *message.parts)]


@pytest.mark.parametrize(
    ("text", "options"),
    [("![image](data:image/png;base64,AAAA)", Options()), ("<think>a</think>b", Options(read_think_tags=True))],
)
def test_texts_that_hold_more_than_text_are_left_to_the_general_way(text: str, options: Options) -> None:
    said = body(USER, {"role": "assistant", "content": text})
    assert plain_request(_decode(said), "", options) is None
    assert plain_request(_decode(body({"role": "user", "content": text})), "", options) is not None


@pytest.mark.parametrize("unlike", [body(USER, model=None), body(USER, stream=None), body({**USER, "name": "n"})])
def test_nulls_and_names_are_left_to_the_general_way(unlike: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        _decode(unlike)
    done = convert(unlike, source="openai", target="openai", kind="chat.request")
    assert msgspec.json.decode(done.body) == msgspec.json.decode(unlike)


CONFIG = {"temperature": 1, "maxOutputTokens": 7}
CHATS = {
    "a text": {"contents": [{"role": "user", "parts": [{"text": "a"}]}], "generationConfig": CONFIG},
    "two texts": {"contents": [{"role": "user", "parts": [{"text": "a"}, {"text": "b"}]}]},
    "a signed text": {"contents": [{"role": "model", "parts": [{"text": "a", "thoughtSignature": "c2ln"}]}]},
    "a result": {"contents": [{"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {}}}]}]},
    "a function's role": {"contents": [{"role": "function", "parts": [{"text": "a"}]}]},
    "settings": {
        "contents": [{"role": "user", "parts": [{"text": "a"}]}],
        "safetySettings": [{"category": "A", "threshold": "B"}],
        "labels": {"a": "b"},
    },
}


@pytest.mark.parametrize("name", CHATS)
def test_both_ways_write_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, path = msgspec.json.encode(CHATS[name]), "/v1beta/models/m:streamGenerateContent"
    short = convert(asked, source="gemini", target="openai", kind="chat.request", path=path)
    monkeypatch.setattr("metaphrase_openai.write.request.plain_messages", lambda *_: [])
    monkeypatch.setattr("metaphrase.ir.is_bare", lambda _: False)
    general = convert(asked, source="gemini", target="openai", kind="chat.request", path=path)
    assert msgspec.json.decode(short.body) == msgspec.json.decode(general.body)
    assert short.losses == general.losses


def test_results_find_their_calls_by_id_where_names_are_the_same() -> None:
    calls = [{"functionCall": {"name": "f", "args": {"n": n}, "id": f"c{n}"}} for n in range(2)]
    results = [{"functionResponse": {"name": "f", "response": {"n": n}, "id": f"c{n}"}} for n in (1, 0)]
    said = [("user", [{"text": "a"}]), ("model", calls), ("user", results)]
    asked = msgspec.json.encode({"contents": [{"role": role, "parts": parts} for role, parts in said]})
    done = convert(
        asked, source="gemini", target="openai", kind="chat.request", path="/v1beta/models/m:generateContent"
    )
    answers = {one["tool_call_id"]: one["content"] for one in msgspec.json.decode(done.body)["messages"][2:]}
    assert answers == {"c1": '{"n":1}', "c0": '{"n":0}'}


def test_a_text_after_a_call_has_moved() -> None:
    parts = [{"functionCall": {"name": "f", "args": {}, "id": "c"}}, {"text": "a"}]
    answer = {"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}]}
    done = convert(msgspec.json.encode(answer), source="gemini", target="openai", kind="chat.response")
    assert ("moved", "message.order") in [(loss.kind, loss.feature) for loss in done.losses]


def test_two_texts_of_an_answer_are_both_there() -> None:
    parts = [{"text": "a"}, {"text": "b"}]
    answer = {"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}]}
    done = convert(msgspec.json.encode(answer), source="gemini", target="openai", kind="chat.response")
    assert msgspec.json.decode(done.body)["choices"][0]["message"]["content"] == "ab"
