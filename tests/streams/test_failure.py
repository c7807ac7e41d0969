"""Streams that fail: the target's error event, no finish, no `[DONE]`, and what was said before stays said."""

import re

import pytest

import metaphrase as mp
from tests.laws.corpus import Protocol

from . import recorded
from .chunks import chunks
from .feeding import clean, fed, reencoder
from .recorded import DIRECTIONS, Stream
from .said import Texts, grow, nothing, plain

each = pytest.mark.parametrize(("source", "target"), DIRECTIONS)

_EVENT = re.compile(rb"(?s).*?(?:\r\n\r\n|\n\n)")
ERRORS = {
    "openai": b'data: {"error":{"message":"overloaded","type":"server_error","param":null,"code":null}}\n\n',
    "gemini": b'data: {"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}\r\n\r\n',
}
BARE = {
    "openai": b'{\n  "error": {\n    "message": "overloaded"\n  }\n}\n',
    "gemini": b'[{\n  "error": {\n    "code": 503,\n    "message": "overloaded",\n    "status": "UNAVAILABLE"\n  }}]\n',
}
SMALL = {
    "openai": [
        b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":'
        b'{"role":"assistant","content":"%s"},"finish_reason":%s}]}\n\n' % piece
        for piece in ((b"Hello", b"null"), (b" there", b"null"), (b"", b'"stop"'))
    ],
    "gemini": [
        b'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"%s"}]},"index":0%s}],'
        b'"responseId":"r"}\r\n\r\n' % piece
        for piece in ((b"Hello", b""), (b" there", b""), (b"", b',"finishReason":"STOP"'))
    ],
}


def unfinished(stream: Stream) -> list[bytes]:
    """The events before anything says that the answer ends."""
    found: list[bytes] = []
    for event in _EVENT.findall(stream.body):
        if re.search(rb'"finish_?[rR]eason": ?"|"error"|\[DONE\]|blockReason', event):
            break
        found.append(event)
    return found


def told(protocol: Protocol, body: bytes) -> Texts:
    texts = nothing()
    grow(texts, protocol, chunks(body) if body else [])
    return plain(texts)


def streams(source: Protocol) -> list[list[bytes]]:
    sampled = recorded.sample(tuple(one for one in recorded.of(source) if one.body[:1] != b"["), 60)
    return [SMALL[source][:2], *[events for one in sampled if (events := unfinished(one))]]


@each
def test_a_stream_that_is_cut_short(source: Protocol, target: Protocol) -> None:
    for events in streams(source):
        body = b"".join(events)
        out = fed(source, target, [body])
        assert not clean(source, target, out)
        assert told(target, out) == told(source, body)


@each
@pytest.mark.parametrize("errors", [ERRORS, BARE], ids=["event", "bare"])
def test_an_error_in_mid_stream(source: Protocol, target: Protocol, errors: dict[str, bytes]) -> None:
    for events in streams(source):
        body = b"".join(events)
        again = reencoder(source, target)
        out = again.feed(body) + again.feed(errors[source]) + again.feed(SMALL[source][2]) + again.close()
        assert not clean(source, target, out)
        assert b"overloaded" in out.rpartition(b"data: ")[2]
        assert told(target, out) == told(source, body)
        assert again.failure is not None
        assert again.error is None


@each
def test_an_upstream_that_dies(source: Protocol, target: Protocol) -> None:
    for events in streams(source):
        again = reencoder(source, target)
        out = b"".join([again.feed(event) for event in events])
        out += again.abort(mp.Failure(504, "DEADLINE_EXCEEDED", "too slow"))
        assert not clean(source, target, out)
        assert told(target, out) == told(source, b"".join(events))
        assert again.failure == mp.Failure(504, "DEADLINE_EXCEEDED", "too slow")
        late = [again.feed(ERRORS[source]), again.close(), again.abort(mp.Failure(500, "INTERNAL", "x"))]
        assert late == [b"", b"", b""]


@each
@pytest.mark.parametrize(
    "bad", [b"data: {\n\n", b'data: {"choices":3,"candidates":3}\n\n', b"data: [1]\n\n", b"data: x\n\n"]
)
def test_a_chunk_that_cannot_be_read(source: Protocol, target: Protocol, bad: bytes) -> None:
    good = b"".join(SMALL[source][:2])
    again = reencoder(source, target)
    out = again.feed(good + bad + SMALL[source][2]) + again.close()
    assert not clean(source, target, out)
    assert told(target, out) == told(source, good)
    assert isinstance(again.error, mp.ReadError)
    with pytest.raises(mp.ReadError):
        mp.convert(good + bad, source=source, target=target, kind="chat.stream")


@each
def test_nothing_at_all(source: Protocol, target: Protocol) -> None:
    assert not clean(source, target, fed(source, target, []))
    assert not clean(source, target, fed(source, target, [b"\n\n", b"\r\n"]))


@each
def test_signs_of_life_are_no_chunks(source: Protocol, target: Protocol) -> None:
    whole = fed(source, target, SMALL[source])
    noise = (b"\n\n", b": ping\n\n", b"event: x\n\n", b"\r\n", b"data: \n\n", b"data:\n\n", b"retry: 5\n\n")
    for one in noise:
        assert fed(source, target, [one, *[piece for event in SMALL[source] for piece in (event, one)]]) == whole


@each
def test_an_event_without_an_end(source: Protocol, target: Protocol) -> None:
    again = mp.Reencoder(source, target)
    out = b"".join([again.feed(b"data: " + b" " * 1_000_000) for _ in range(18)]) + again.close()
    assert not clean(source, target, out)
    assert isinstance(again.error, mp.ReadError)
