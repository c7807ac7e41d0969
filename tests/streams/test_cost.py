"""Time is linear in chunks, and in the pieces of one call; memory does not grow with the length of a stream."""

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator

import pytest

from tests.laws.corpus import Protocol
from tests.laws.profile import long

from .feeding import reencoder
from .recorded import DIRECTIONS

each = pytest.mark.parametrize(("source", "target"), DIRECTIONS)
MOST_MEMORY = 64 * 1024
MOST_HOSTILE = MOST_MEMORY + 56 * 1024  # where each chunk has another unknown member: msgspec keeps 512 keys, and
# the types of usual chunks are kept for all streams
MANY = 20_000 if long() else 6_000

Chunks = Callable[[int], Iterator[bytes]]
OPENAI = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",%b"choices":[{"index":%d,"delta":%b,'
    b'"finish_reason":%b}]}\n\n'
)
GEMINI = (
    b'data: {"candidates":[{"content":{"parts":[%b],"role":"model"},"index":%d%b}],%b"usageMetadata":'
    b'{"promptTokenCount":8,"totalTokenCount":9},"modelVersion":"m","responseId":"r"}\r\n\r\n'
)


def texts(protocol: Protocol, more: bytes = b"", choices: int = 1) -> Chunks:
    """Chunks of text in turn for each choice; ``more``: a member that no schema knows, with the chunk's number."""

    def chunk(number: int, index: int, end: bytes | None) -> bytes:
        beside = more % number if b"%" in more else more
        if protocol == "openai":
            return OPENAI % (beside, index, b'{"content":"word %d "}' % number, end or b"null")
        finish = b"" if end is None else b',"finishReason":%b' % end.upper()
        return GEMINI % (b'{"text":"word %d "}' % number, index, finish, beside)

    def chunks(count: int) -> Iterator[bytes]:
        yield from (chunk(number, number % choices, None) for number in range(count))
        yield from (chunk(count, index, b'"stop"') for index in range(choices))

    return chunks


def pieces(protocol: Protocol) -> Chunks:
    """One call whose arguments come in so many pieces."""

    def openai(count: int) -> Iterator[bytes]:
        call = b'{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\\"x\\":\\""}}'
        yield OPENAI % (b"", 0, b'{"tool_calls":[%b]}' % call, b"null")
        piece = b'{"tool_calls":[{"index":0,"function":{"arguments":"abcdefgh"}}]}'
        yield from (OPENAI % (b"", 0, piece, b"null") for _ in range(count))
        yield OPENAI % (b"", 0, piece.replace(b"abcdefgh", b'\\"}'), b'"tool_calls"')

    def gemini(count: int) -> Iterator[bytes]:
        yield GEMINI % (b'{"functionCall":{"name":"f","willContinue":true}}', 0, b"", b"")
        value = b'{"jsonPath":"$.x","stringValue":"abcdefgh","willContinue":true}'
        piece = b'{"functionCall":{"partialArgs":[%b],"willContinue":true}}' % value
        yield from (GEMINI % (piece, 0, b"", b"") for _ in range(count))
        yield GEMINI % (b'{"functionCall":{}}', 0, b',"finishReason":"STOP"', b"")

    return openai if protocol == "openai" else gemini


def seconds(source: Protocol, target: Protocol, given: Iterable[bytes]) -> float:
    """The least processor time of five runs."""
    found = list(given)
    times: list[float] = []
    for _ in range(5):
        again = reencoder(source, target)
        gc.collect()
        start = time.process_time()
        out = [again.feed(one) for one in found]
        out.append(again.close())
        times.append(time.process_time() - start)
        assert again.failure is None
        assert len(out[-1]) > 0
    return min(times)


@each
@pytest.mark.parametrize("what", ["texts", "strangers", "pieces"])
def test_time_is_linear(source: Protocol, target: Protocol, what: str) -> None:
    chunks = {
        "texts": texts(source),
        "strangers": texts(source, b'"zz_%d":1,'),
        "pieces": pieces(source),
    }[what]
    small, large = (10_000, 40_000) if long() else (1_000, 4_000)
    seconds(source, target, chunks(100))
    assert seconds(source, target, chunks(large)) < 4 * 2.5 * seconds(source, target, chunks(small))


def test_ten_thousand_pieces_of_one_call() -> None:
    for source, target in DIRECTIONS:
        again = reencoder(source, target)
        out = b"".join([again.feed(one) for one in pieces(source)(10_000)]) + again.close()
        assert out.count(b"abcdefgh") == 10_000


def held(source: Protocol, target: Protocol, given: Iterator[bytes]) -> int:
    """The most bytes that an open stream holds between its feeds, beyond its first hundred."""
    again = reencoder(source, target)
    for _, one in zip(range(100), given, strict=False):
        again.feed(one)
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        most = 0
        for number, one in enumerate(given):
            again.feed(one)
            if number % 50 == 0:
                most = max(most, tracemalloc.get_traced_memory()[0] - before)
        return most
    finally:
        tracemalloc.stop()


KINDS = {
    "plain": b"",
    "a stranger": b'"zz":{"a":1},',
    "a changing stranger": b'"zz":{"a":"value %d"},',
    "many strangers": b'"zz_%d":1,',
}


@each
@pytest.mark.parametrize("kind", KINDS)
def test_memory_is_bounded(source: Protocol, target: Protocol, kind: str) -> None:
    most = MOST_HOSTILE if kind == "many strangers" else MOST_MEMORY
    assert held(source, target, texts(source, KINDS[kind])(MANY)) < most


@each
def test_memory_is_bounded_with_several_choices(source: Protocol, target: Protocol) -> None:
    assert held(source, target, texts(source, choices=4)(MANY)) < MOST_MEMORY * 2
