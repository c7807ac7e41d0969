"""Law 4: however the bytes of a stream are cut, the same bytes go out, and they obey the target's grammar (law 6)."""

from random import Random

import pytest

from tests.laws.corpus import Protocol
from tests.laws.profile import long

from . import recorded
from .feeding import bytewise, clean, cut, fed
from .recorded import DIRECTIONS, Stream

each = pytest.mark.parametrize(("source", "target"), DIRECTIONS)

SHORT = 4_000  # bytes; longer streams are fed byte by byte in a long run only
SAMPLED = 120  # streams of each protocol in a short run


def streams(source: Protocol) -> tuple[Stream, ...]:
    found = recorded.of(source)
    chosen = found if long() else recorded.sample(found, SAMPLED)
    return (*chosen, *[one for one in recorded.fixtures() if one.protocol == source])


@each
def test_cuts_do_not_matter(source: Protocol, target: Protocol) -> None:
    wrong: list[str] = []
    for stream in streams(source):
        whole = fed(source, target, [stream.body])
        random = Random(stream.id)
        ways = {"at random": cut(stream.body, random), "line by line": stream.body.splitlines(keepends=True)}
        if long() or len(stream.body) < SHORT:
            ways["byte by byte"] = bytewise(stream.body)
        wrong += [f"{stream.id} {how}" for how, pieces in ways.items() if fed(source, target, pieces) != whole]
    assert wrong == []


@each
def test_the_grammar_is_obeyed(source: Protocol, target: Protocol) -> None:
    wrong: list[str] = []
    clean_ends = 0
    found = (*recorded.of(source), *[one for one in recorded.fixtures() if one.protocol == source])
    for stream in found:
        out = fed(source, target, [stream.body])
        try:
            clean_ends += clean(source, target, out)
        except AssertionError as error:
            wrong.append(f"{stream.id}: {error}")
    assert wrong == []
    assert clean_ends >= len(found) * 0.98  # the others are recorded failures


@each
def test_usage_is_written_on_request_only(source: Protocol, target: Protocol) -> None:
    if target == "gemini":
        pytest.skip("Gemini always tells the usage")
    from .feeding import reencoder

    for stream in recorded.sample(streams(source), 20):
        again = reencoder(source, target, include_usage=False)
        assert clean(source, target, again.feed(stream.body) + again.close(), usage=False) is not None
