"""Recorded exchanges, played again."""

import json
from pathlib import Path
from typing import Any

import pytest

from metaphrase import Request
from metaphrase.registry import resolve
from metaphrase.testing.replay import address, exact, load, replay, reply_of, request_of
from metaphrase.testing.simulate import Simulated
from tests.exchange.fake import fake
from tests.laws import corpus

ASKED = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
WHOLE: dict[str, Any] = {
    "method": "POST",
    "path": "/v1/chat/completions",
    "request_headers": {"content-type": "application/json"},
    "request_body": ASKED,
    "status": 200,
    "response_headers": {"Content-Type": "application/json", "Content-Length": "12"},
    "response_body": {"choices": []},
}
EVENTS = 'data: {"a":1}\n\ndata: {"b":2}\r\n\r\ndata: [DONE]'
STREAM: dict[str, Any] = {
    "method": "POST",
    "path": "/api/v1/chat/completions",
    "request_body": {**ASKED, "stream": True},
    "status": 200,
    "response_body": EVENTS,
}


def ask(body: dict[str, Any], path: str = "/v1/chat/completions") -> Request:
    return Request("POST", path, (), json.dumps(body).encode())


def test_the_same_request_gives_the_recorded_answer() -> None:
    upstream = Simulated("openai", replay("openai", [WHOLE, STREAM]))
    reply = upstream(ask(dict(reversed(ASKED.items()))))
    assert (reply.status, reply.headers) == (200, (("Content-Type", "application/json"),))
    assert reply.chunks == (b'{"choices":[]}',)
    streamed = upstream(ask({**ASKED, "stream": True}))
    assert streamed.headers == (("content-type", "text/event-stream"),)
    assert streamed.chunks == (b'data: {"a":1}\n\n', b'data: {"b":2}\r\n\r\n', b"data: [DONE]")
    assert upstream(ask({**ASKED, "seed": 1})).status == 404


def test_the_first_of_several_recordings_counts() -> None:
    upstream = Simulated("openai", replay("openai", [WHOLE, {**WHOLE, "status": 500}]))
    assert upstream(ask(ASKED)).status == 200


def test_requests_may_be_matched_by_address_alone() -> None:
    upstream = Simulated("openai", replay("openai", [WHOLE], match=address))
    assert upstream(ask({**ASKED, "seed": 1})).status == 200
    assert upstream(ask({**ASKED, "stream": True})).status == 404


def test_the_model_in_the_address_counts() -> None:
    recording = {
        **WHOLE,
        "path": "/v1beta/models/a:generateContent",
        "request_body": {"contents": [{"parts": [{"text": "x"}]}]},
    }
    upstream = Simulated("gemini", replay("gemini", [recording]))
    body = recording["request_body"]
    assert upstream(ask(body, "/v1/models/a:generateContent?key=k")).status == 200
    assert upstream(ask(body, "/v1/models/b:generateContent")).status == 404


def test_requests_that_are_no_json_match_by_their_bytes() -> None:
    assert exact(fake(), Request("POST", "/say", (), b"\xff")) == exact(fake(), Request("POST", "/say", (), b"\xfe"))
    mute = fake(recognise=None, routes=None)
    assert exact(mute, Request("POST", "/say", (), b"{")) != exact(mute, Request("POST", "/say", (), b"["))
    assert exact(mute, Request("POST", "/a", (), b"")) == exact(mute, Request("POST", "/b", (), b"null"))


def test_recordings_with_little_in_them() -> None:
    assert request_of({}) == Request("POST", "")
    assert reply_of({}).response().body == b""
    assert reply_of({"status": 404, "response_body": "Not found"}).chunks == (b"Not found",)
    assert reply_of({"response_body": "\ud800"}).chunks == (b"\xed\xa0\x80",)


def test_recordings_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.json").write_text('{"id":2}', "utf-8")
    (tmp_path / "a.json").write_text('{"id":1}', "utf-8")
    (tmp_path / "README.md").write_text("no recording", "utf-8")
    assert [one["id"] for one in load(tmp_path)] == [1, 2]


@pytest.mark.skipif(not corpus.present(), reason=corpus.ABSENT)
@pytest.mark.parametrize("codec", ["openai", "gemini"])
def test_real_recordings_replay(codec: str) -> None:
    from tests.testing.recorded import recorded

    recordings = list(recorded(codec))
    upstream = Simulated(codec, replay(codec, recordings), strict=False)
    answers = [upstream(request_of(one)) for one in recordings]
    found = resolve(codec)
    first = {exact(found, request_of(one)): one for one in reversed(recordings)}
    expected = [first[exact(found, request_of(one))] for one in recordings]
    assert [answer.status for answer in answers] == [one["status"] for one in expected]
    assert sum(one is other for one, other in zip(recordings, expected, strict=True)) > 700
