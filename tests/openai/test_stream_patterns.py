"""Chunks that repeat are compared rather than read. Nobody must be able to tell."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaphrase import ir
from metaphrase.loss import Loss, Report
from metaphrase_openai.stream import pattern, reader
from tests.openai.streaming import DONE, chunk, compact, placeless, sse, streams

END = chunk(finish="stop")


EVENTS = 0  # as a size: one event at a time


def cut(body: bytes, size: int) -> list[bytes]:
    if size == EVENTS:
        return [event + b"\n\n" for event in body.split(b"\n\n")[:-1]]
    return [body[at : at + size] for at in range(0, len(body), size)]


def told(body: bytes, size: int, patience: int) -> tuple[list[Any], tuple[Loss, ...]]:
    """Events and losses, with at most so many patterns."""
    known = reader._PATIENCE
    reader._PATIENCE = patience
    try:
        report = Report()
        reading = streams().reader(report)
        events = [event for piece in cut(body, size) for event in reading.feed(piece)]
        events += reading.close()
    finally:
        reader._PATIENCE = known
    report.settle("another")
    return [placeless(event) for event in events], report.losses


def same(body: bytes) -> list[Any]:
    """The events, if there is no difference."""
    events, losses = told(body, len(body), 0)
    for size in (len(body), 1, 100, EVENTS):
        found, lost = told(body, size, 8)
        assert found == events
        assert [(loss.kind, loss.feature) for loss in lost] == [(loss.kind, loss.feature) for loss in losses]
    return events


_TEXTS = st.sampled_from(
    ["a", " the", '"', "\\", "é", "\u2028", "x", "assistant", "content", "", "1", "\n", "🚀", "}],"]
)
_FIELDS = st.sampled_from(["content", "content", "content", "reasoning_content", "reasoning", "refusal"])
_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, 1, 2, "a", "x", "", True, {}, {"a": 1}, [], [1], 1.5, {"content": "x"}]
)


@st.composite
def chunks(draw: st.DrawFn) -> dict[str, Any]:
    field, text = draw(_FIELDS), draw(_TEXTS)
    delta: Any = {field: text, **draw(st.dictionaries(st.sampled_from(["token_id", "note"]), _VALUES, max_size=1))}
    if draw(st.integers(0, 9)) == 0:
        piece: Any = {"index": 0, "function": {"arguments": text}}
        delta = {
            "tool_calls": [
                piece if draw(st.booleans()) else piece | {"id": "c", "function": {"name": "f", "arguments": text}}
            ]
        }
    beside = draw(
        st.dictionaries(
            st.sampled_from(["logprobs", "seed", "content"]), _VALUES.filter(lambda v: v != [1]), max_size=1
        )
    )
    if beside.get("logprobs") not in (None, {}):
        del beside["logprobs"]
    root = draw(
        st.dictionaries(st.sampled_from(["obfuscation", "p", "mark", "provider", "usage"]), _VALUES, max_size=2)
    )
    if not isinstance(root.get("usage", {}), dict) or root.get("usage"):
        del root["usage"]
    return chunk(delta, beside=beside, **root)


@st.composite
def repeated(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Runs of chunks that differ in little."""
    found: list[dict[str, Any]] = []
    for one in draw(st.lists(chunks(), min_size=1, max_size=4)):
        for text in draw(st.lists(_TEXTS, max_size=6)):
            delta = one["choices"][0]["delta"]
            field = next(iter(delta))
            other = {**delta, field: text} if field != "tool_calls" else delta
            found.append({**one, "choices": [{**one["choices"][0], "delta": other}], "mark": draw(_VALUES)})
        found.append(one)
    return found


@given(repeated())
def test_there_is_no_difference(streamed: list[dict[str, Any]]) -> None:
    same(sse(chunk({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f"}}]}), *streamed, END, DONE))


def fitted(monkeypatch: pytest.MonkeyPatch, *streamed: dict[str, Any] | str) -> int:
    """How many chunks were not read."""
    count = 0
    read = pattern.Pattern.read

    def counted(self: pattern.Pattern, data: bytes) -> ir.Delta | None:
        nonlocal count
        event = read(self, data)
        count += event is not None
        return event

    body = sse(*streamed, END, DONE)
    same(body)
    monkeypatch.setattr(pattern.Pattern, "read", counted)
    told(body, len(body), 8)
    return count


def pieces(**members: Any) -> list[dict[str, Any]]:
    return [
        chunk(
            {"content": f"piece {n}"}, **{key: value(n) if callable(value) else value for key, value in members.items()}
        )
        for n in range(20)
    ]


REPEATING: list[tuple[str, list[Any]]] = [
    ("texts", pieces()),
    ("an unknown constant", pieces(mark={"a": [1]})),
    ("padding after the text", pieces(obfuscation=lambda n: "p" * n)),
    ("an unknown number", pieces(mark=lambda n: n)),
    ("padding before the text", [{"p": "p" * n, **one} for n, one in enumerate(pieces())]),
    ("an unknown value in the delta", [chunk({"token": n, "content": f"piece {n}"}) for n in range(20)]),
    ("thoughts", [chunk({"reasoning_content": f"piece {n}"}) for n in range(20)]),
    ("white space", [compact(one).replace('":', '": ') for one in pieces(mark=lambda n: n)]),
    (
        "arguments",
        [
            chunk({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": ""}}]}),
            *[chunk({"tool_calls": [{"index": 0, "function": {"arguments": f"piece {n}"}}]}) for n in range(20)],
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize("streamed", [case[1] for case in REPEATING], ids=[case[0] for case in REPEATING])
def test_what_is_not_read_again(monkeypatch: pytest.MonkeyPatch, streamed: list[Any]) -> None:
    assert fitted(monkeypatch, *streamed) >= 16


WHOLE = {"name": "f", "arguments": "{}"}
SCORED = {"content": [{"token": "a", "logprob": -1}]}


def plainly(text: str, model: str = "m") -> str:
    """A chunk with JSON's own spelling of a text."""
    return f'{{"model":"{model}","choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}'


OTHER: list[tuple[str, list[Any]]] = [
    ("two values that vary", pieces(mark=lambda n: n, p=lambda n: "p" * n)),
    ("an object that varies", pieces(mark=lambda n: {"n": n})),
    ("several choices in a chunk", [one | {"choices": [one["choices"][0], {"index": 1}]} for one in pieces()]),
    ("a text that stands twice", [chunk({"content": f"piece {n}"}, mark=f"piece {n}") for n in range(20)]),
    ("a key that stands twice", [chunk({"content": f"piece {n}", "mark": 1}, mark=n) for n in range(20)]),
    ("usage in every chunk", [chunk({"content": f"piece {n}"}, usage={"total_tokens": n}) for n in range(20)]),
    ("whole calls", [chunk({"tool_calls": [{"id": f"c{n}", "function": WHOLE}]}) for n in range(20)]),
    ("thoughts in tags", [chunk({"content": "<thought>piece", "extra_content": {"google": {"thought": True}}})] * 20),
    ("long texts", [chunk({"content": "x" * 5000}) for _ in range(20)]),
    ("logprobs", [chunk({"content": f"p{n}"}, beside={"logprobs": SCORED}) for n in range(20)]),
    ("half a surrogate pair", [*[plainly(f"p{n}") for n in range(5)], plainly("\\ud800")]),
    ("no delta", [plainly(f"p{n}").replace("delta", "message") for n in range(20)]),
    ("other escapes", [plainly(f"\\u0061{n}") for n in range(20)]),
    ("an escaped text, spelt plainly elsewhere", [plainly("\\u0061b", "ab")] * 20),
]  # fmt: skip


@pytest.mark.parametrize("streamed", [case[1] for case in OTHER], ids=[case[0] for case in OTHER])
def test_what_is_read_every_time(monkeypatch: pytest.MonkeyPatch, streamed: list[Any]) -> None:
    assert fitted(monkeypatch, *streamed) <= 4


def test_the_last_value_is_the_one_to_keep() -> None:
    events = same(sse(*pieces(mark=lambda n: n), END, DONE))
    (kept,) = [event.ext for event in events if isinstance(event, ir.Extra) and event.ext]
    assert bytes(kept["openai"]["mark"]) == b"19"


def test_bytes_that_are_no_utf8_within_a_pattern() -> None:
    body = sse(*pieces(), END, DONE).replace(b"piece 7", b"piece \xff").replace(b"piece 8", b"piece \xef\xbf\xbd")
    texts = [event.text for event in same(body) if isinstance(event, ir.Delta)]
    assert texts[6:10] == ["piece 6", "piece \ufffd", "piece \ufffd", "piece 9"]
