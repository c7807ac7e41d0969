"""Law 7 for streams: whatever the bytes, there is a stream that ends well or with a failure, and soon."""

import os
import time
from functools import cache
from random import Random

import pytest

import metaphrase as mp
from metaphrase.testing.damage import damaged
from tests.laws.corpus import PROTOCOLS, Protocol
from tests.laws.profile import long

from . import recorded
from .chunks import chunks
from .feeding import clean, cut, reencoder
from .recorded import Stream
from .said import Texts, grow, nothing, plain
from .test_failure import SMALL

EXAMPLES = 500
LONG_EXAMPLES = 20_000
SLOWEST = 2.0
LARGEST = 60_000
SEED = os.environ.get("METAPHRASE_SEED", str(time.time_ns()) if long() else "")


@cache
def streams() -> tuple[Stream, ...]:
    small = [Stream("small", protocol, b"".join(SMALL[protocol])) for protocol in PROTOCOLS]
    return (*small, *recorded.fixtures(), *[one for one in recorded.everything() if len(one.body) < LARGEST])


def broken_up(body: bytes, random: Random) -> bytes:
    """One to three faults: in the order of the events, in one of them, or in the bytes."""
    blank = b"\r\n\r\n" if b"\r\n\r\n" in body else b"\n\n"
    for _ in range(random.choice((1, 1, 2, 3))):
        events = body.split(blank)
        one, two = random.randrange(len(events)), random.randrange(len(events))
        how = random.randrange(7)
        if how == 0:
            events[one], events[two] = events[two], events[one]
        elif how == 1:
            events.insert(two, events[one])
        elif how == 2:
            del events[one]
        elif how == 3:
            events = events[:one]
        elif how < 6:
            head, _, text = events[one].partition(b"data: ")
            events[one] = head + b"data: " + damaged(text, random)
        body = blank.join(events)
        if how == 6:
            body = damaged(body, random)
    return body


def wrong(stream: Stream, body: bytes, target: Protocol, random: Random) -> str | None:
    """What is wrong with what goes out for a damaged stream."""
    start = time.perf_counter()
    again = reencoder(stream.protocol, target)
    try:
        out = b"".join([again.feed(piece) for piece in cut(body, random, 5)]) + again.close()
    except Exception as error:  # noqa: BLE001 - whatever escapes is what the law looks for
        return f"{type(error).__name__} escaped: {error}"
    seconds = time.perf_counter() - start
    try:
        well = clean(stream.protocol, target, out, damaged=True)
    except Exception as error:  # noqa: BLE001 - the checker meets what nobody thought of
        return f"breaks the grammar: {type(error).__name__} {error}: {out[-300:]!r}"
    if well is (again.failure is not None) and not _failed_call(out):
        return f"ends {'well' if well else 'badly'} with the failure {again.failure}"
    if again.error is not None and not isinstance(again.error, mp.ReadError):
        return f"an error that is no ReadError: {again.error!r}"
    return f"took {seconds:.1f} s" if seconds > SLOWEST else None


def _failed_call(out: bytes) -> bool:
    """An answer that is nothing but a malformed call is written as an error."""
    return b'"server_error"' in out


@pytest.mark.parametrize("target", PROTOCOLS)
def test_damaged_streams(target: Protocol) -> None:
    failures: list[str] = []
    for number in range((LONG_EXAMPLES if long() else EXAMPLES) // 2):
        random = Random(f"{SEED}{target}-{number}")
        stream = random.choice(streams())
        body = broken_up(stream.body, random)
        why = wrong(stream, body, target, random)
        if why is not None:
            failures.append(f"example {number} ({stream.id}, {stream.protocol}): {why}: {body[-200:]!r}")
    if failures:
        pytest.fail("\n".join([f"{len(failures)} failures (METAPHRASE_SEED={SEED})", *failures[:20]]), pytrace=False)


def told(protocol: Protocol, body: bytes) -> Texts:
    texts = nothing()
    grow(texts, protocol, chunks(body) if body else [])
    return plain(texts)


@pytest.mark.parametrize("source", PROTOCOLS)
@pytest.mark.parametrize("target", PROTOCOLS)
def test_no_success_loses_text(source: Protocol, target: Protocol) -> None:
    """Cut anywhere, a stream has said what its complete events say, or it says that it failed."""
    body = b"".join(SMALL[source])
    for end in range(len(body)):
        again = reencoder(source, target)
        out = again.feed(body[:end]) + again.close()
        well = clean(source, target, out)
        assert well is (again.failure is None)
        if well:
            assert told(target, out) == told(source, body)


@pytest.mark.parametrize("source", PROTOCOLS)
@pytest.mark.parametrize("target", PROTOCOLS)
@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"null", b"[]", b"{}", b"[[]]", b"data", b"data:", b"data: {}", b"data: []\n\n", b"\xff\xfe",
     b"[" * 9999, b"data: " + b"[" * 100_000 + b"\n\n", b'data: {"a":' * 5000, b"data: null\n\n", b"\xef\xbb\xbf",
     b"data: [DONE]\n\n", b'{"error":1}', b'[{"error":null}]', b"data: \xff\n\n", b'data: "\xed\xa0\x80"\n\n'],
)  # fmt: skip
def test_what_is_no_stream(source: Protocol, target: Protocol, body: bytes) -> None:
    assert wrong(Stream("x", source, body), body, target, Random(1)) is None
