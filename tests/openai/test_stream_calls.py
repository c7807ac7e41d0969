"""Tool calls in the pieces that servers make of them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw

from metaphrase import ir
from metaphrase.fold import fold
from metaphrase.loss import Report
from tests.openai.streaming import DONE, chunk, dropped, inner, read, said, sse, streams


def piece(index: Any = 0, id: Any = ..., name: Any = ..., arguments: Any = ..., **members: Any) -> dict[str, Any]:
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not ...}
    call = {"index": index, "id": id, **({"function": function} if function else {}), **members}
    return {key: value for key, value in call.items() if value is not ...}


def calls(*deltas: Any) -> list[tuple[str, str, str]]:
    """Id, name and arguments of the calls that these deltas tell; a delta is the list of its pieces."""
    answer = fold(read(said(*[{"tool_calls": pieces} for pieces in deltas], finish="tool_calls")))
    found = [part for choice in answer.choices for part in choice.parts]
    assert all(isinstance(part, ir.ToolCall) for part in found)
    return [(part.id, part.name, part.arguments) for part in found if isinstance(part, ir.ToolCall)]


A, B = ("a", "f", '{"x":1}'), ("b", "g", "{}")
CASES: list[tuple[str, list[list[dict[str, Any]]], list[tuple[str, str, str]]]] = [
    (
        "OpenAI",
        [[piece(0, "a", "f", "", type="function")], [piece(0, arguments='{"x"')], [piece(0, arguments=":1}")]],
        [A],
    ),
    ("whole in one delta", [[piece(0, *A), piece(1, *B)]], [A, B]),
    ("one delta each", [[piece(0, *A)], [piece(1, *B)]], [A, B]),
    (
        "interleaved",
        [
            [piece(0, "a", "f", "")],
            [piece(0, arguments='{"x"')],
            [piece(1, *B)],
            [piece(0, arguments=":1}"), piece(1, arguments="")],
        ],
        [A, B],
    ),
    ("trap 39: no index", [[piece(..., *A)], [piece(..., *B)]], [A, B]),
    ("no index, in pieces", [[piece(..., "a", "f")], [piece(..., arguments='{"x":1}')], [piece(..., *B)]], [A, B]),
    ("no index, the id again", [[piece(..., "a", "f", '{"x"')], [piece(..., "a", "f", ":1}")]], [A]),
    (
        "Google: no index, no ids",
        [[piece(..., "", "f", '{"x":1}')], [piece(..., "", "g", "{}")]],
        [("", *A[1:]), ("", *B[1:])],
    ),
    (
        "no index, no ids, one name twice",
        [[piece(..., "", "f", "{}")], [piece(..., "", "f", "{}")]],
        [("", "f", "{}")] * 2,
    ),
    ("no index, no ids, the name again", [[piece(..., "", "f")], [piece(..., "", "f", "{}")]], [("", "f", "{}")]),
    ("trap 39: one index for all", [[piece(0, *A)], [piece(0, *B)]], [A, B]),
    ("one index, no ids", [[piece(0, "", "f", "{}")], [piece(0, "", "g", "{}")]], [("", "f", "{}"), ("", "g", "{}")]),
    (
        "one index, no ids, one name twice",
        [[piece(0, "", "f", "{}")], [piece(0, "", "f", "{}")]],
        [("", "f", "{}")] * 2,
    ),
    ("xAI: not from 0", [[piece(1, *A)], [piece(2, *B)]], [A, B]),
    (
        "trap 40: repeated or empty id and name",
        [
            [piece(0, "a", "f", "", type="function")],
            [piece(0, "a", "f", '{"x"', type="function")],
            [piece(0, "", "", ":")],
            [piece(0, None, None, "1}", type=None)],
        ],
        [A],
    ),
    (
        "trap 40: a name in pieces",
        [[piece(0, "a", "get_", "")], [piece(0, name="weather")], [piece(0, arguments="{}")]],
        [("a", "get_weather", "{}")],
    ),
    (
        "a name that grows",
        [[piece(0, "a", "get_")], [piece(0, name="get_weather")], [piece(0, arguments="{}")]],
        [("a", "get_weather", "{}")],
    ),
    ("another id for each piece", [[piece(0, "a", "f", '{"x"')], [piece(0, "z", ..., ":1}")]], [A]),
    ("arguments before the name", [[piece(0, "a", ..., '{"x"')], [piece(0, name="f", arguments=":1}")]], [A]),
    ("the id after the arguments", [[piece(0, ..., "f", '{"x":1}')], [piece(0, "a")]], [("", "f", '{"x":1}')]),
    ("no arguments", [[piece(0, "a", "f")], [piece(1, "b", "g", "")]], [("a", "f", ""), ("b", "g", "")]),
    ("Groq: null", [[piece(0, "a", "f", "null")]], [("a", "f", "null")]),
    ("cut off", [[piece(0, "a", "f", '{"x')]], [("a", "f", '{"x')]),
    ("null arguments", [[piece(0, "a", "f", None)], [piece(0, arguments=None)]], [("a", "f", "")]),
    ("empty pieces", [[piece(0)], [piece(5, "", "")], []], []),
    ("a name too late", [[piece(0, "a", "f", "{")], [piece(0, "a", "h", "}")]], [("a", "f", "{}")]),
]


@pytest.mark.parametrize(("deltas", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_pieces(deltas: list[list[dict[str, Any]]], expected: list[tuple[str, str, str]]) -> None:
    assert calls(*deltas) == expected


def test_a_call_begins_with_its_first_arguments() -> None:
    reader = streams().reader(Report())
    assert reader.feed(sse(chunk({"tool_calls": [piece(0, "a", "f", "")]})))[1:] == []
    first, second = reader.feed(sse(chunk({"tool_calls": [piece(0, arguments="{")]})))
    assert isinstance(first, ir.Begin)
    assert second == ir.Delta(0, 0, "{")


def test_text_goes_on_beside_calls() -> None:
    stream = said({"content": "a"}, {"tool_calls": [piece(0, *A)]}, {"content": "b"})
    begun = [(event.part, type(event.head)) for event in inner(stream) if isinstance(event, ir.Begin)]
    assert begun == [(0, ir.Text), (1, ir.ToolCall)]
    assert [event.part for event in inner(stream) if isinstance(event, ir.Delta)] == [0, 1, 0]


def test_a_call_that_waits_begins_before_what_follows() -> None:
    stream = said({"tool_calls": [piece(0, "a", "f")]}, {"content": "b"})
    assert [type(event.head) for event in inner(stream) if isinstance(event, ir.Begin)] == [ir.ToolCall, ir.Text]


def test_custom_tools() -> None:
    whole = piece(0, "a", type="custom", custom={"name": "f", "input": "x"})
    rest = piece(0, custom={"input": "y"})
    other = piece(1, "b", type="custom", custom={"name": "g"}, function={"name": "", "arguments": ""})
    answer = fold(read(said({"tool_calls": [whole, other]}, {"tool_calls": [rest]})))
    first, second = answer.choices[0].parts
    assert isinstance(first, ir.ToolCall)
    assert (first.kind, first.name, first.arguments) == ("custom", "f", "xy")
    assert isinstance(second, ir.ToolCall)
    assert (second.kind, second.name, second.arguments) == ("custom", "g", "")


def test_what_a_piece_holds_besides() -> None:
    odd = piece(0, "a", "f", "{", type="thing", cache=1, extra_content={"other": 1})
    odd["function"]["strict"] = True
    stream = said(
        {"tool_calls": [odd]},
        {"tool_calls": [piece(0, arguments="}", note=2), piece(3, "b", "g", "{}", custom={"name": "", "input": ""})]},
        {"tool_calls": [piece(0, "z", "h"), piece(0, more=None)]},
    )
    assert dropped(stream) >= {
        "dropped $[0].choices[0].delta.tool_calls[0].type",
        "dropped $[0].choices[0].delta.tool_calls[0].cache",
        "dropped $[0].choices[0].delta.tool_calls[0].extra_content.other",
        "dropped $[0].choices[0].delta.tool_calls[0].function.strict",
        "dropped $[1].choices[0].delta.tool_calls[0].note",
        "dropped $[*].choices[0].delta.tool_calls[*].index",
    }
    head: Any = next(event.head for event in read(stream) if isinstance(event, ir.Begin))
    assert head.ext["openai"]["cache"] == Raw(b"1")


def test_the_function_call_of_old() -> None:
    deltas = [{"name": "f", "arguments": ""}, {"arguments": '{"x"'}, {"name": "f", "arguments": ":1}", "note": 1}]
    stream = said({"function_call": None}, *[{"function_call": one} for one in deltas], finish="function_call")
    answer = fold(read(stream))
    (call,) = answer.choices[0].parts
    assert isinstance(call, ir.ToolCall)
    assert (call.id, call.name, call.arguments) == ("", "f", '{"x":1}')
    assert answer.choices[0].finish == ir.Finish("tool_calls", "function_call", "openai")
    assert dropped(stream) == {"dropped $[3].choices[0].delta.function_call.note"}


def test_a_function_call_without_a_name_is_none() -> None:
    assert inner(said({"function_call": {"arguments": "{}"}}, {"function_call": {}})) == []


def test_a_call_without_a_name_cannot_be_told() -> None:
    reader = streams().reader(Report())
    events = reader.feed(sse(chunk({"tool_calls": [piece(0, "a", ..., "{}")]}), chunk(finish="tool_calls"), DONE))
    assert isinstance(events[-1], ir.Failed)
    assert reader.error is not None
    assert reader.error.path == "$[0].choices[0].delta.tool_calls[0].function.name"


def test_many_pieces_of_one_call() -> None:
    pieces = [chunk({"tool_calls": [piece(0, arguments="x" * (n % 7))]}) for n in range(10_000)]
    events = read(sse(chunk({"tool_calls": [piece(0, "a", "f", "")]}), *pieces, chunk(finish="tool_calls"), DONE))
    (call,) = fold(events).choices[0].parts
    assert isinstance(call, ir.ToolCall)
    assert len(call.arguments) == sum(n % 7 for n in range(10_000))
