"""What the chunks of a stream mean: bytes on the left, events on the right. Traps are vendors' habits."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw

from metaphrase import ir
from metaphrase.loss import Report
from tests.openai.streaming import DONE, STARTED, STOP, chunk, dropped, inner, placeless, read, said, sse, streams

TEXT = [ir.Begin(0, 0, ir.Text("")), ir.Delta(0, 0, "a"), ir.Delta(0, 0, "b"), ir.End(0, 0)]


def thinking(field: str = "") -> ir.Thinking:
    spelt = {"ext": ir.Spelling("openai", None, {field: Raw(b"null")})} if field else None
    return ir.Thinking("", spelt=spelt)


def texts(head: ir.Part, *pieces: str, number: int = 0) -> list[ir.Event]:
    return [ir.Begin(0, number, head), *[ir.Delta(0, number, piece) for piece in pieces], ir.End(0, number)]


def test_a_plain_answer() -> None:
    stream = sse(
        chunk({"role": "assistant", "content": "", "refusal": None}),
        chunk({"content": "a"}),
        chunk({"content": "b"}),
        chunk(finish="stop"),
        chunk(None, usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}),
        DONE,
    )
    start, *middle, finish, usage, done = read(stream)
    assert start == STARTED
    assert middle == TEXT
    assert finish == STOP
    assert isinstance(usage, ir.UsageSeen)
    assert (usage.usage.input, usage.usage.output, usage.usage.total) == (1, 2, 3)
    assert done == ir.Done()


def test_events_come_with_the_bytes_that_complete_them() -> None:
    reader = streams().reader(Report())
    body = sse(chunk({"content": "a"}))
    assert reader.feed(body[:-1]) == []
    assert placeless(tuple(reader.feed(body[-1:]))) == (STARTED, *TEXT[:2])
    assert reader.feed(sse(chunk({"content": "b"}))) == TEXT[2:3]


KIND: list[tuple[str, list[dict[str, Any]], list[ir.Event]]] = [
    ("reasoning_content", [{"reasoning_content": "a"}], texts(thinking(), "a")),
    ("reasoning", [{"reasoning": "a", "content": ""}, {"reasoning": "b"}], texts(thinking("reasoning"), "a", "b")),
    ("an empty field beside it", [{"reasoning_content": "a", "reasoning": ""}], texts(thinking(), "a")),
    ("null fields", [{"reasoning_content": None, "reasoning": None, "content": "a"}], texts(ir.Text(""), "a")),
    ("the same text in two fields", [{"reasoning_content": "a", "reasoning": "a"}], texts(thinking(), "a")),
    ("refusal", [{"refusal": "a"}, {"refusal": "b"}], texts(ir.Refusal(""), "a", "b")),
    ("nothing but empty content", [{"content": ""}], texts(ir.Text(""))),
    ("nothing", [{}], []),
    (
        "role null",
        [{"role": None, "content": "a"}, {"role": "assistant", "content": "b"}],
        texts(ir.Text(""), "a", "b"),
    ),
    (
        "kinds take turns",
        [{"reasoning_content": "a"}, {"content": "b"}, {"reasoning_content": "c"}],
        [*texts(thinking(), "a"), *texts(ir.Text(""), "b", number=1), *texts(thinking(), "c", number=2)],
    ),
    (
        "Mistral: lists and strings in one stream",
        [
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "a"}]}]},
            {"content": [{"type": "thinking", "thinking": []}]},
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "b"}]}]},
            {"content": "c"},
            {"content": [{"type": "text", "text": "d"}]},
        ],
        [*texts(thinking("thinking"), "a", "b"), *texts(ir.Text(""), "c", "d", number=1)],
    ),
]


@pytest.mark.parametrize(("deltas", "expected"), [case[1:] for case in KIND], ids=[case[0] for case in KIND])
def test_kinds_of_text(deltas: list[dict[str, Any]], expected: list[ir.Event]) -> None:
    assert inner(said(*deltas)) == expected


def test_images_and_speech() -> None:
    image = {"type": "image_url", "index": 0, "image_url": {"url": "data:image/png;base64,AA=="}}
    sound = [{"id": "s", "transcript": "so"}, {"data": "BB==", "transcript": "und", "expires_at": 1}]
    stream = said(
        {"content": "a"}, {"images": [image]}, {"images": []}, *[{"audio": one} for one in sound], {"audio": None}
    )
    events = read(stream)
    heads: list[Any] = [event.head for event in events if isinstance(event, ir.Begin)]
    assert [type(head) for head in heads] == [ir.Text, ir.Media, ir.Media, ir.Media]
    _, picture, words, speech = heads
    assert (picture.kind, picture.mime, picture.source.data) == ("image", "image/png", "AA==")
    assert (words.kind, words.transcript, words.source.data) == ("audio", "so", "")
    assert (speech.kind, speech.transcript, speech.source.data) == ("audio", "und", "BB==")
    kept = [bytes(event.ext["openai"]["message"]) for event in events if isinstance(event, ir.Extra) and event.ext]
    assert kept == [b'{"audio":{"id":"s"}}', b'{"audio":{"expires_at":1}}']
    assert "dropped $[3].choices[0].delta.audio.id" in dropped(stream)


# --- thoughts -----------------------------------------------------------------------------------------------------


def detail(text: str, **members: Any) -> dict[str, Any]:
    return {"type": "reasoning.text", "text": text, "format": "unknown", "index": 0, **members}


def test_reasoning_details_repeat_the_plain_field() -> None:
    deltas = [{"reasoning": text, "reasoning_details": [detail(text)]} for text in ("a", "b")]
    events = read(said(*deltas))
    assert [event for event in events if isinstance(event, ir.Delta)] == [ir.Delta(0, 0, "a"), ir.Delta(0, 0, "b")]
    kept = [event.ext for event in events if isinstance(event, ir.Extra) and event.ext is not None]
    start = b'{"reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a"'
    assert bytes(kept[0]["openai"]["message"]).startswith(start)


def test_reasoning_details_alone() -> None:
    stream = said({"reasoning_details": [detail("a")]}, {"reasoning_details": [{"type": "x", "summary": "b"}]})
    assert inner(stream) == texts(thinking("reasoning_details"), "a", "b")


def test_reasoning_details_that_say_it_once_more() -> None:
    stream = said({"reasoning": "ab"}, {"reasoning_details": [detail("ab")]})
    assert inner(stream) == texts(thinking("reasoning"), "ab")
    assert "dropped $[1].choices[0].delta.reasoning_details[0].text" in dropped(stream)


def test_empty_reasoning_details() -> None:
    assert read(said({"reasoning": "a", "reasoning_details": []}))[1:-2] == texts(thinking("reasoning"), "a")


GOOGLE = {"extra_content": {"google": {"thought": True}}}
TAGS: list[tuple[str, list[dict[str, Any]]]] = [
    ("whole", [{"content": "<thought>a</thought>b", **GOOGLE}]),
    ("closing before the answer", [{"content": "<thought>a", **GOOGLE}, {"content": "</thought>b"}]),
    (
        "cut",
        [{"content": " <tho", **GOOGLE}, {"content": "ught>a", **GOOGLE}, {"content": "</tho"}, {"content": "ught>b"}],
    ),
    ("no closing tag", [{"content": "<thought>a", **GOOGLE}, {"content": "b"}]),
    ("closing cut in a thought", [{"content": "<thought>a</", **GOOGLE}, {"content": "thought>b", **GOOGLE}]),
]  # fmt: skip


@pytest.mark.parametrize("deltas", [case[1] for case in TAGS], ids=[case[0] for case in TAGS])
def test_trap_61_google_puts_thoughts_in_tags(deltas: list[dict[str, Any]]) -> None:
    assert inner(said(*deltas)) == [*texts(thinking("google"), "a"), *texts(ir.Text(""), "b", number=1)]


def test_several_thoughts_in_tags() -> None:
    again = [{"content": "<thought>a", **GOOGLE}, {"content": "</thought>b"}] * 2
    assert [event.text for event in inner(said(*again)) if isinstance(event, ir.Delta)] == ["a", "b", "a", "b"]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (["<thought>a<"], [*texts(thinking("google"), "a", "<")]),
        (["<though"], [*texts(ir.Text(""), "<though")]),
    ],
)
def test_tags_that_never_come(pieces: list[str], expected: list[ir.Event]) -> None:
    assert inner(said(*[{"content": piece, **GOOGLE} for piece in pieces])) == expected


def test_google_flags_a_plain_answer() -> None:
    stream = said({"content": "a", **GOOGLE}, {"content": "b"})
    assert inner(stream) == texts(ir.Text(""), "a", "b")
    assert "dropped $[0].choices[0].delta.extra_content.google.thought" in dropped(stream)


def test_think_tags_by_option() -> None:
    stream = said({"content": "<think>a"}, {"content": "b</th"}, {"content": "ink>c"}, {"content": "d"})
    assert inner(stream) == texts(ir.Text(""), "<think>a", "b</th", "ink>c", "d")
    events = inner(stream, read_think_tags=True)
    assert [event.text for event in events if isinstance(event, ir.Delta)] == ["a", "b", "c", "d"]
    assert [event.head for event in events if isinstance(event, ir.Begin)] == [thinking("google"), ir.Text("")]


# --- signatures ---------------------------------------------------------------------------------------------------


def states(*deltas: dict[str, Any]) -> list[tuple[str, str | None]]:
    """The parts in order, with their signatures."""
    folded = {}
    for event in inner(said(*deltas)):
        if isinstance(event, ir.Begin):
            folded[event.part] = (type(event.head).__name__, getattr(event.head, "state", None))
        elif isinstance(event, ir.End) and event.state is not None:
            folded[event.part] = (folded[event.part][0], event.state)
    return [(name, None if state is None else state.value) for name, state in folded.values()]


def google(**members: Any) -> dict[str, Any]:
    return {"extra_content": {"google": members}}


CALL = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
ENCRYPTED = {"type": "reasoning.encrypted", "format": "google-gemini-v1", "data": "s", "index": 0}
SIGNED: list[tuple[str, list[dict[str, Any]], list[tuple[str, str | None]]]] = [
    ("trap 56: late, on the text", [{"content": "a"}, google(thought_signature="s")], [("Text", "s")]),
    ("on a call", [{"tool_calls": [CALL | google(thought_signature="s")]}], [("ToolCall", "s")]),
    (
        "on a call that has begun",
        [{"tool_calls": [CALL]}, {"tool_calls": [{"index": 0, **google(thought_signature="s")}]}],
        [("ToolCall", "s")],
    ),
    ("with nothing else", [google(thought_signature="s")], [("Text", "s")]),
    ("with a call and no text", [{"tool_calls": [CALL]}, google(thought_signature="s")], [("ToolCall", "s")]),
    (
        "after the text has ended",
        [{"content": "a"}, {"reasoning_content": "b"}, google(thought_signature="s")],
        [("Text", None), ("Thinking", None), ("Text", "s")],
    ),
    (
        "after the text, with a call",
        [{"content": "a"}, {"refusal": "b"}, {"tool_calls": [CALL]}, google(thought_signature="s")],
        [("Text", None), ("Refusal", None), ("ToolCall", None), ("Text", "s")],
    ),
    (
        "numbered",
        [
            {"reasoning_content": "a", "content": "b"},
            google(thought_signature="t", thought_signatures=[{"part": 1, "value": "s"}, {"part": 2, "value": "t"}]),
        ],
        [("Thinking", None), ("Text", "s"), ("Text", "t")],
    ),
    (
        "numbered, a thought's",
        [{"reasoning_content": "a"}, google(thought_signatures=[{"part": 0, "value": "s"}])],
        [("Thinking", None), ("Text", "s")],
    ),
    ("OpenRouter's details", [{"content": "a"}, {"reasoning_details": [ENCRYPTED]}], [("Text", "s")]),
    (
        "OpenRouter's details of a call",
        [{"content": "a", "reasoning_details": [{**ENCRYPTED, "id": "c"}], "tool_calls": [CALL]}],
        [("Text", None), ("ToolCall", "s")],
    ),
    (
        "OpenRouter's details of an unknown call",
        [{"content": "a", "reasoning_details": [{**ENCRYPTED, "id": "d"}], "tool_calls": [CALL]}],
        [("Text", None), ("ToolCall", "s")],
    ),
    (
        "OpenRouter's details of an unknown call, all calls signed",
        [{"content": "a", "reasoning_details": [{**ENCRYPTED, "id": "d"}]}],
        [("Text", "s")],
    ),
    ("LiteLLM", [{"content": "a", "provider_specific_fields": {"thought_signatures": ["s"]}}], [("Text", "s")]),
    (
        "twice",
        [{"content": "a", "thought_signature": "s", **google(thought_signature="s")}, google(thought_signature="s")],
        [("Text", "s")],
    ),
    (
        "two, one place",
        [{"content": "a", **google(thought_signature="s")}, google(thought_signature="t")],
        [("Text", "s"), ("Text", "t")],
    ),
    ("hidden in the id", [{"tool_calls": [CALL | {"id": "c__thought__s"}]}], [("ToolCall", "s")]),
    (
        "LiteLLM's on a call",
        [{"tool_calls": [CALL | {"provider_specific_fields": {"thought_signature": "s"}}]}],
        [("ToolCall", "s")],
    ),
]


@pytest.mark.parametrize(("deltas", "expected"), [case[1:] for case in SIGNED], ids=[case[0] for case in SIGNED])
def test_signatures(deltas: list[dict[str, Any]], expected: list[tuple[str, str | None]]) -> None:
    assert states(*deltas) == expected


def test_what_google_says_besides() -> None:
    stream = said(
        {"content": "a", **google(thought="yes", other=1)},
        {"extra_content": {"google": 5}},
        {"thought_signature": 5, "provider_specific_fields": {"a": 1, "thought_signatures": 7}},
        {"thought_signature": None},
    )
    assert dropped(stream) >= {
        "dropped $[0].choices[0].delta.extra_content.google.thought",
        "dropped $[0].choices[0].delta.extra_content.google.other",
        "dropped $[1].choices[0].delta.extra_content.google",
        "dropped $[2].choices[0].delta.thought_signature",
        "dropped $[2].choices[0].delta.provider_specific_fields",
    }
