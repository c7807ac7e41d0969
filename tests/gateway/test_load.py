"""`benchmarks.load` in small: what does not depend on how fast the machine is holds here as well."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

import pytest

from benchmarks.forms import FORMS
from benchmarks.load import Figure, large, leavers, slow, streams
from benchmarks.load_clients import Plan, crowd, expected, says

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")

PARTS: dict[str, tuple[int, Any]] = {
    "streams": (3, lambda: streams(100, 50)),
    "leavers": (8, lambda: leavers(300, 30, 11)),
    "slow": (3, lambda: slow(8, 0.2)),
    "large": (2, lambda: large(4)),
}


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_mixed_up_left_over_or_read_too_soon(part: str) -> None:
    count, run = PARTS[part]
    work: Coroutine[Any, Any, list[Figure]] = run()
    found = [figure for figure in asyncio.run(work) if figure.exact]
    assert len(found) == count
    assert [figure for figure in found if figure.broken] == []


def test_the_judges_can_say_no() -> None:
    openai, gemini = FORMS["openai"], FORMS["gemini"]
    body = expected(openai, gemini, 7, 3, b'"created":5')
    assert says(body, 7, 3)
    assert expected(openai, gemini, 7, 3, body) == body
    for wrong in (body.replace(b"7:1", b"7:2"), body.replace(b"7:1", b"8:1"), body.replace(b"7:1 ", b"")):
        assert not says(wrong, 7, 3)
        assert expected(openai, gemini, 7, 3, wrong) != wrong
    plan = Plan(7, "paced", openai, gemini, 3)
    assert plan.right(200, body, ended=True)
    assert not plan.right(200, body, ended=False)
    assert not plan._replace(nonce=8).right(200, body, ended=True)
    assert not plan._replace(kind="cut").right(200, body, ended=True)
    assert not plan._replace(kind="unary").right(200, b"nonce-8", ended=True)


def test_a_fifth_leaves_and_every_kind_is_there() -> None:
    plans = crowd(3000, 0.2, 1)
    assert 500 < sum([plan.leaves is not None for plan in plans]) < 700
    assert {plan.kind for plan in plans} == {"unary", "paced", "embed", "models", "error", "cut"}
    assert {plan.way for plan in plans} == {"close", "reset", "half"}
    assert crowd(3000, 0.2, 1) == plans
