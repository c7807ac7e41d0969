"""docs/support.md is what the generator writes, and what it writes is what the code does."""

from typing import Any

import pytest
from msgspec.structs import replace

import metaphrase as mp
from support import page, probe
from support.__main__ import PAGE
from support.page import objects, verdict, worded
from support.place import places, tokens
from support.probe import Outcome
from support.table import PROTOCOLS, Protocol, Row, also, rows


def test_the_page_is_fresh() -> None:
    kept, fresh = PAGE.read_text("utf-8").splitlines(), page.page().splitlines()
    changed = [line for line in fresh if line not in set(kept)]
    assert changed == [], "docs/support.md is stale: `make docs`"
    assert kept == fresh, "docs/support.md has lines that are not made any more: `make docs`"


def test_the_page_has_a_line_for_each_field() -> None:
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `") and line.count(" | ") == 4]
    assert len(lines) == sum(len(rows(protocol)) + len(also(protocol)) for protocol in PROTOCOLS)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome(shows=True), "written"),
        (Outcome(shows=True, back=True, some=("dropped",)), "written, comes back; for some values reported: dropped"),
        (Outcome(present=True, always=("approximated",)), "written; reported: approximated"),
        (Outcome(always=("dropped",)), "reported: dropped"),
        (Outcome(always=("dropped",), option="a=1"), "reported: dropped; with `a=1` written"),
        (Outcome(some=("dropped",)), "says nothing more; for some values reported: dropped"),
        (Outcome(back=True), "says nothing more"),
        (Outcome(refused="why"), "refused"),
    ],
)
def test_outcomes_in_words(outcome: Outcome, words: str) -> None:
    assert worded(outcome) == words
    assert outcome.silent is (words == "says nothing more")


# What the laws of the two codecs say of these fields, one for each kind of outcome.
KNOWN: list[tuple[Protocol, str, str]] = [
    ("openai", "request.temperature", "written, comes back"),
    ("openai", "request.logit_bias", "reported: dropped"),
    ("openai", "request.service_tier", "written, comes back; for some values reported: dropped"),
    (
        "openai",
        "request.messages[].tool_calls[].function.arguments",
        "written, comes back; for some values reported: approximated",
    ),
    ("openai", "response.object", "says nothing more; for some values reported: dropped"),
    ("openai", "embeddings.request.input[][]", "refused"),
    ("openai", "header.retry-after", "crosses"),
    ("openai", "header.Idempotency-Key", "stays"),
    ("gemini", "generateContent.request.cachedContent", "reported: dropped; with `google_compat=True` written"),
    ("gemini", "generateContent.request.contents[]", ""),
    ("gemini", "query.alt", "crosses"),
]


@pytest.mark.parametrize(("protocol", "path", "words"), KNOWN)
def test_what_is_measured(protocol: Protocol, path: str, words: str) -> None:
    (row,) = [row for row in rows(protocol) if row.path == path]
    assert verdict(protocol, row) == words


def test_a_field_that_no_reader_knows_is_reported() -> None:
    """The measurement itself: a field of our own is set aside, and the record names it."""
    row = Row("request.surely_unknown", "carried", "", ("ash", "elm"), "")
    assert probe.measure("openai", row) == Outcome(always=("dropped",))


def test_silence_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same on an engine that keeps no record."""

    def convert(*args: Any, **options: Any) -> mp.Converted:
        return replace(original(*args, **options), report=None)

    original = mp.convert
    monkeypatch.setattr(mp, "convert", convert)
    row = Row("request.surely_unknown", "carried", "", ("ash", "elm"), "")
    outcome = probe.measure("openai", row)
    assert outcome is not None
    assert outcome.silent


def test_a_place_is_a_document_with_and_without_the_field() -> None:
    (place,) = places("openai", "request.tools[].function.strict", 1)
    tool = place.holding(True)["tools"][-1]
    assert tool["function"]["strict"] is True
    assert "strict" not in place.without()["tools"][-1]["function"]
    (typed,) = places("gemini", "error.details[<ErrorInfo>].reason", 1)
    assert typed.holding("ash")["error"]["details"] == [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ash"}
    ]
    assert places("openai", "header.retry-after", 1) == []
    with pytest.raises(ValueError, match="not a path"):
        list(tokens(".a[b]"))


def test_large_objects_have_a_heading_of_their_own() -> None:
    paths = [f"request.large.{n}" for n in range(12)] + [f"request.small.{n}" for n in range(11)]
    assert objects(paths) == ["request", "request.large"]
