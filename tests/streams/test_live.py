"""No content waits: a piece of text goes out with the feed that completed its event."""

import re

import pytest

from tests.laws.corpus import Protocol
from tests.laws.profile import long

from . import recorded
from .chunks import chunks
from .feeding import reencoder
from .recorded import DIRECTIONS, Stream
from .said import grow, nothing, plain

_EVENT = re.compile(rb"(?s).*?(?:\r\n\r\n|\n\n)")
SAMPLED = 150


def late(stream: Stream, target: Protocol) -> str | None:
    """The first event whose text did not go out at once."""
    again = reencoder(stream.protocol, target)
    before, after = nothing(), nothing()
    for number, event in enumerate(_EVENT.findall(stream.body)):
        out = again.feed(event)
        grow(before, stream.protocol, chunks(event))
        grow(after, target, chunks(out) if out else [])
        if again.failure is None and plain(before) != plain(after):
            return f"{stream.id} event {number}: {plain(before)!r:.300} is {plain(after)!r:.300}"
    return None


@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
def test_texts_go_out_at_once(source: Protocol, target: Protocol) -> None:
    found = [one for one in recorded.of(source) if one.body[:1] != b"["]
    chosen = tuple(found) if long() else recorded.sample(tuple(found), SAMPLED)
    own = [one for one in recorded.fixtures() if one.protocol == source]
    wrong = [why for stream in (*chosen, *own) if (why := late(stream, target)) is not None]
    assert wrong == []


def test_arguments_wait_toward_gemini_only() -> None:
    head = 'data: {"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":%s,"finish_reason":null}]}\n\n'
    call = '{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}}]}'
    more = '{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}'
    for target in recorded.PROTOCOLS:
        again = reencoder("openai", target)
        out = [again.feed((head % delta).encode()) for delta in (call, more)]
        assert [bool(one) for one in out] == [target == "openai"] * 2
