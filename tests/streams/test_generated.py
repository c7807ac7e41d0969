"""The laws on generated event streams: what the strategies of the test kit can make, written, cut, read and folded."""

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metaphrase import ir
from metaphrase.fold import fold, unfold
from metaphrase.loss import Report
from metaphrase.registry import resolve
from metaphrase.testing.strategies import event_streams
from tests.laws.corpus import PROTOCOLS, Protocol
from tests.laws.profile import long

from .alike import difference
from .chunks import chunks
from .feeding import FOLD, clean, cut, fed
from .said import grow, nothing, plain

EXAMPLES = 5_000 if long() else 60
WISH = ir.ChatRequest((), include_usage=True)


def sayable(events: list[ir.Event]) -> bool:
    """Without parts of one vendor's own; with one sound at most, since in a stream several are pieces of one."""
    heads = [one.head for one in events if isinstance(one, ir.Begin)]
    sounds = sum(isinstance(head, ir.Media) and head.kind == "audio" for head in heads)
    return sounds < 2 and not any(isinstance(head, ir.Foreign) for head in heads)


STREAMS = event_streams().filter(sayable)
each = pytest.mark.parametrize("target", PROTOCOLS)
some = settings(max_examples=EXAMPLES)


def written(target: Protocol, events: list[ir.Event]) -> bytes:
    writer = resolve(target).streaming().writer(WISH, Report())
    return b"".join([*[writer.feed(event) for event in events], writer.close()])


@each
@some
@given(events=STREAMS)
def test_a_written_stream_says_what_the_whole_answer_says(target: Protocol, events: list[ir.Event]) -> None:
    out = written(target, events)
    well = clean(target, target, out)  # foreign parts may be the target's own
    unary = resolve(target).chatting().write_response(fold(events), WISH, Report())
    assert well is (unary.status == 200)
    if well:
        assert difference(target, json.loads(unary.body), FOLD[target](chunks(out)), late=True) is None


@each
@some
@given(events=STREAMS)
def test_texts_are_the_same_to_the_last_byte(target: Protocol, events: list[ir.Event]) -> None:
    told = nothing()
    grow(told, target, chunks(written(target, events)))
    for choice in fold(events).choices:
        text = "".join([part.text for part in choice.parts if isinstance(part, ir.Text | ir.Refusal)])
        thought = "".join([part.text for part in choice.parts if isinstance(part, ir.Thinking)])
        assert plain(told).get((choice.index, "text"), "") == text
        assert plain(told).get((choice.index, "thought"), "") == thought


@each
@some
@given(events=STREAMS, seed=st.integers(0, 1000))
def test_it_is_read_and_written_again(target: Protocol, events: list[ir.Event], seed: int) -> None:
    """To its own protocol and to the other, cut anywhere."""
    body = written(target, events)
    for other in PROTOCOLS:
        whole = fed(target, other, [body])
        assert fed(target, other, cut(body, Random(seed))) == whole
        assert clean(target, other, whole) is not None


@some
@given(events=STREAMS)
def test_unfold_is_the_inverse_of_fold(events: list[ir.Event]) -> None:
    whole = fold(events)
    assert fold(unfold(whole)) == whole
