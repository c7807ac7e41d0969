"""Law 5: a stream says what the whole answer would have said, under reference decoders that know none of our code."""

import json
from collections.abc import Callable
from typing import Any

import pytest

import metaphrase as mp
from tests.laws.corpus import Protocol

from . import recorded
from .alike import difference, levelled
from .chunks import DONE, chunks
from .feeding import FOLD, NOW, SEED, fed
from .recorded import DIRECTIONS, Stream

each = pytest.mark.parametrize(("source", "target"), DIRECTIONS)


def rewritten(found: list[Any], dump: Callable[[Any], str]) -> bytes:
    """The same chunks in Python's spelling: arguments are compared to the last byte."""
    return "".join(f"data: {one if one == DONE else dump(one)}\n\n" for one in found).encode()


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def broken(stream: Stream, target: Protocol) -> str | None:
    """What the stream says otherwise than the whole answer; None for nothing, and for recorded failures."""
    found = chunks(stream.body)
    if any(isinstance(one, dict) and one.get("error") for one in found):
        return None
    dump = _compact if b"partialArgs" in stream.body else json.dumps  # pieces have no spelling of the whole
    whole = dump(levelled(FOLD[stream.protocol](found), found)).encode()
    want = mp.convert(whole, source=stream.protocol, target=target, kind="chat.response", now=NOW, seed=SEED)
    streamed = chunks(fed(stream.protocol, target, [rewritten(found, dump)]))
    if isinstance(streamed[-1], dict) and "error" in streamed[-1]:
        return None if want.status == 502 or not _ended(stream.protocol, found) else f"failed: {streamed[-1]}"
    differs = difference(target, json.loads(want.body), FOLD[target](streamed), late=stream.protocol != target)
    return None if differs is None else f"{differs[0]} {differs[1]}"


def _ended(protocol: Protocol, found: list[Any]) -> bool:
    """Whether the stream came to its end."""
    key, inner = ("choices", "finish_reason") if protocol == "openai" else ("candidates", "finishReason")
    blocked = any(chunk.get("promptFeedback", {}).get("blockReason") for chunk in found if chunk != DONE)
    return (
        DONE in found
        or blocked
        or any(one.get(inner) for chunk in found if chunk != DONE for one in chunk.get(key) or ())
    )


@each
def test_a_stream_says_what_the_whole_answer_says(source: Protocol, target: Protocol) -> None:
    streams = (*recorded.of(source), *[one for one in recorded.fixtures() if one.protocol == source])
    wrong = [f"{stream.id}: {why}" for stream in streams if (why := broken(stream, target)) is not None]
    assert wrong == []
