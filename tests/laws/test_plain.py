"""Plain documents cross without a loss, so that a loss report is worth reading."""

import json
import re
from typing import Any

import pytest

import metaphrase as mp

from .corpus import Kind, Protocol
from .engine import run

OPENAI = {
    "model": "gemini-2.5-flash",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
    "temperature": 0.5,
}
GEMINI = {
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
    "generationConfig": {"temperature": 0.5},
}
GEMINI_PATH = "/v1beta/models/gemini-2.5-flash:generateContent"
OPENAI_PATH = "/v1/chat/completions"
ANSWER = {
    "responseId": "r1",
    "modelVersion": "gemini-2.5-flash",
    "candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": "Hi"}]}, "finishReason": "STOP"}],
    "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 1, "totalTokenCount": 4},
}


@pytest.mark.parametrize(
    ("source", "target", "document", "path", "expected", "written"),
    [
        ("openai", "gemini", OPENAI, OPENAI_PATH, GEMINI, GEMINI_PATH),
        ("gemini", "openai", GEMINI, GEMINI_PATH, OPENAI, OPENAI_PATH),
    ],
)
def test_a_plain_request(
    source: Protocol, target: Protocol, document: Any, path: str, expected: Any, written: str
) -> None:
    kind: Kind = "chat.request"
    done = run(source, target, kind, json.dumps(document).encode(), path)
    assert list(done.losses) == []
    assert json.loads(done.body) == expected
    assert done.path == written


def test_a_plain_answer() -> None:
    body = json.dumps(ANSWER).encode()
    done = mp.convert(body, source="gemini", target="openai", kind="chat.response", now=1)
    assert done.losses == ()
    back = mp.convert(done.body, source="openai", target="gemini", kind="chat.response")
    assert {key: json.loads(back.body)[key] for key in ANSWER} == ANSWER


@pytest.mark.parametrize("codec", ["openai", "gemini"])
@pytest.mark.parametrize("kind", ["chat.response", "chat.stream"])
def test_an_answer_that_keeps_its_protocol_gets_no_time_and_no_id(codec: Protocol, kind: str) -> None:
    said = "delta" if kind == "chat.stream" else "message"
    choice = {"index": 0, said: {"role": "assistant", "content": "a"}, "finish_reason": "stop"}
    candidate = {"content": {"parts": [{"text": "a"}], "role": "model"}, "finishReason": "STOP", "index": 0}
    answer = {"model": "m", "choices": [choice]} if codec == "openai" else {"candidates": [candidate]}
    body = json.dumps(answer).encode()
    if kind == "chat.stream":
        body = b"data: " + body + b"\r\n\r\n"
    done = mp.convert(body, source=codec, target=codec, kind=kind, now=5, seed="made")
    assert b"made" not in done.body
    assert not re.search(rb'"(created|createTime|responseId)":', done.body)


@pytest.mark.parametrize("strange", [{}, {"x": 1}], ids=["usual", "strange"])
@pytest.mark.parametrize(
    ("source", "target", "kind", "document", "path"),
    [
        ("openai", "gemini", "chat.request", OPENAI, OPENAI_PATH),
        ("gemini", "openai", "chat.request", GEMINI, GEMINI_PATH),
        ("gemini", "openai", "chat.response", ANSWER, None),
    ],
)
def test_a_byte_order_mark_is_dropped(
    source: str, target: str, kind: str, document: dict[str, Any], path: str | None, strange: dict[str, Any]
) -> None:
    body = json.dumps(document | strange).encode()
    marked = mp.convert(b"\xef\xbb\xbf" + body, source=source, target=target, kind=kind, path=path)
    assert marked.body == mp.convert(body, source=source, target=target, kind=kind, path=path).body


@pytest.mark.parametrize("marks", [2, 5000])
@pytest.mark.parametrize("strange", [{}, {"x": 1}], ids=["usual", "strange"])
def test_only_one_byte_order_mark_is_dropped(marks: int, strange: dict[str, Any]) -> None:
    body = json.dumps(GEMINI | strange).encode()
    for _ in range(2):  # and whatever was read before
        with pytest.raises(mp.ReadError):
            mp.convert(b"\xef\xbb\xbf" * marks + body, source="gemini", target="openai", kind="chat.request")
        mp.convert(body, source="gemini", target="openai", kind="chat.request")
