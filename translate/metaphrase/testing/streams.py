"""The laws of streams, on streams that a codec wrote itself: split invariance, grammar, fold, totality."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec.structs import replace

from metaphrase import Codec, EventError, Report, Response, ir
from metaphrase.fold import Fold, fold
from metaphrase.reencoder import Reencoder

from . import items
from .laws import Fault


def written(codec: Codec, events: Sequence[ir.Event]) -> bytes:
    """A stream as the codec writes it, the usage at its end."""
    writer = codec.streaming().writer(ir.ChatRequest((), include_usage=True, stream=True), Report())
    return b"".join([*[writer.feed(event) for event in events], writer.close()])


def events_of(codec: Codec, body: bytes) -> list[ir.Event]:
    """A stream as the codec reads it, in one piece."""
    reader = codec.streaming().reader(Report())
    return [*reader.feed(body), *reader.close()]


def reencoded(source: Codec, target: Codec, body: bytes, cuts: Sequence[int] = ()) -> bytes:
    """A stream in another protocol, its bytes fed in pieces."""
    again = Reencoder(source, target, include_usage=True)
    ends = [0, *sorted({min(cut, len(body)) for cut in cuts}), len(body)]
    return b"".join([*[again.feed(body[start:end]) for start, end in pairwise(ends)], again.close()])


def translating(codec: Codec) -> Codec:
    """The same codec, whose own streams go through the intermediate representation too."""
    return replace(codec, relay=None)


def relayed(codec: Codec, body: bytes, cuts: Sequence[int]) -> Iterator[Fault]:
    """A stream that is passed on is read as the same events, however it was cut."""
    if codec.relay is not None and events_of(codec, reencoded(codec, codec, body, cuts)) != events_of(codec, body):
        yield Fault("$", f"passed on, it is {reencoded(codec, codec, body, cuts).decode()}")


def split(source: Codec, target: Codec, body: bytes, cuts: Sequence[int]) -> Iterator[Fault]:
    """Law 4: however the bytes are cut, the output is the same."""
    whole, pieces = reencoded(source, target, body), reencoded(source, target, body, cuts)
    if whole != pieces:
        yield Fault("$", f"whole it gives {whole.decode()}, cut at {list(cuts)} {pieces.decode()}")


def grammar(codec: Codec, body: bytes) -> Iterator[Fault]:
    """Section 5 of the design: what a codec writes, it reads as events that obey the stream grammar, to a clean end."""
    folding = Fold()
    try:
        for event in events_of(codec, body):
            folding.feed(event)
        folding.response()
    except EventError as error:
        yield Fault("$", f"{error.message}: {folding.failure}" if folding.failure else error.message)


def folds(source: Codec, target: Codec, body: bytes) -> Iterator[Fault]:
    """Law 5: a stream says in the other protocol what the whole answer says there.

    As it arrived, or as a whole answer of that protocol, which may have places for text and media but no order of them.
    """
    unary = target.chatting().write_response(fold(events_of(source, body)), None, Report())
    if unary.status >= 400:
        return  # an answer that means a failed call: the stream has become an error too
    expected = _read(target, unary)
    streamed = fold(events_of(target, reencoded(source, target, body)))
    if _joined(streamed) != _joined(expected):
        streamed = _read(target, target.chatting().write_response(streamed, None, Report()))
    for name, one, two in (
        ("what is said", _joined(expected), _joined(streamed)),
        ("why it ended", _ends(expected), _ends(streamed)),
        ("the usage", _usage(expected.usage), _usage(streamed.usage)),
    ):
        if one != two:
            yield Fault("$", f"{name} differs: the whole answer has {one}, the stream {two}")


def _read(codec: Codec, wire: Response) -> ir.ChatResponse:
    return codec.chatting().read_response(wire, Report())


def _joined(answer: ir.ChatResponse) -> list[tuple[object, ...]]:
    """What it says, without places and ids; a stream has no seam between neighbouring texts."""
    return [item[:3] for item in items.joined(items.said(answer))]


def _ends(answer: ir.ChatResponse) -> list[tuple[int, str | None]]:
    return [(choice.index, None if choice.finish is None else choice.finish.reason) for choice in answer.choices]


def _usage(usage: ir.Usage | None) -> tuple[int | None, ...]:
    return () if usage is None else (usage.input, usage.cached, usage.output, usage.reasoning, usage.total)


def total(source: Codec, target: Codec, body: bytes) -> Iterator[Fault]:
    """Law 7: damaged bytes give the target's error event, and no exception."""
    try:
        reencoded(source, target, body)
    except Exception as error:  # noqa: BLE001 - whatever escapes is what the law looks for
        yield Fault("$", f"{type(error).__name__} escapes: {error}")
