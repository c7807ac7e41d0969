"""Calls, their results, and tools of another protocol: IR on the left, wire and losses on the right."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw

from metaphrase import ir
from tests.openai.helpers import model, said, sign, talk, user, write
from tests.openai.parts import PNG, PNG_PART, RESULT, call, messages, result

# --- calls and results --------------------------------------------------------------------------------------------


def test_results_come_before_what_else_the_user_said() -> None:
    document, losses = write(talk(model(call()), user(ir.Text("and"), result())))
    assert document["messages"][1:] == [RESULT, {"role": "user", "content": "and"}]
    assert said(losses) == {("moved", "message.order")}


def test_text_after_results_has_not_moved() -> None:
    document, losses = write(talk(model(call()), user(result(), ir.Text("and"), ir.Text("x", sign()))))
    assert document["messages"][1] == RESULT
    assert said(losses) == {("dropped", "thinking.signature")}


def test_media_of_results_goes_to_the_user() -> None:
    document, losses = write(talk(model(call()), user(result(output=Raw(b'{"x":1}'), parts=(PNG, ir.Text("t"))))))
    assert document["messages"][1:] == [
        {**RESULT, "content": [{"type": "text", "text": '{"x":1}'}, {"type": "text", "text": "t"}]},
        {"role": "user", "content": [PNG_PART]},
    ]
    assert said(losses) == {("moved", "media.tool_result")}


@pytest.mark.parametrize(
    ("output", "parts", "content"),
    [
        ("r", (), "r"),
        (Raw(b'{"a": 1}'), (), '{"a": 1}'),
        (None, (), ""),
        (None, (ir.Text("a"),), "a"),
        (None, (ir.Text("a"), ir.Text("b")), [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]),
    ],
)
def test_outputs(output: Any, parts: Any, content: Any) -> None:
    assert messages(model(call()), user(result(output=output, parts=parts)))[1]["content"] == content


def test_calls_without_ids_get_some_and_results_the_same() -> None:
    chat = talk(
        model(call("f", ""), call("g", ""), call("f", "")), user(result("", "g"), result("", "f"), result("", "f"))
    )
    document, losses = write(chat)
    ids = [one["id"] for one in document["messages"][0]["tool_calls"]]
    assert len(set(ids)) == 3
    assert all(one.startswith("call_") and len(one) <= 40 for one in ids)
    assert [one["tool_call_id"] for one in document["messages"][1:]] == [ids[1], ids[0], ids[2]]
    assert [(loss.kind, loss.count) for loss in losses] == [("synthesised", 3)]
    assert write(chat)[0] == document


def test_a_result_without_name_and_id_answers_the_next_call() -> None:
    out = messages(model(call("f", "")), user(result("", None)))
    assert out[1]["tool_call_id"] == out[0]["tool_calls"][0]["id"]


def test_long_ids_are_made_shorter_and_still_match() -> None:
    document, losses = write(talk(model(call(id="x" * 50)), user(result("x" * 50))))
    written = document["messages"][0]["tool_calls"][0]["id"]
    assert len(written) <= 40
    assert document["messages"][1]["tool_call_id"] == written
    assert said(losses) == {("approximated", "tools.id")}


def test_a_result_by_another_name_than_its_call() -> None:
    _, losses = write(talk(model(call()), user(result(name="g"))))
    assert said(losses) == {("dropped", "tools.result_name")}


def test_the_calls_of_a_step_may_be_spread_over_messages() -> None:
    chat = talk(model(call(id="a")), model(call(id="b")), user(result("a")), user(result("b")), model(ir.Text("x")))
    document, losses = write(chat)
    assert [message["role"] for message in document["messages"]] == ["assistant", "tool", "tool", "assistant"]
    assert losses == []


def test_what_the_model_says_right_after_calling_belongs_to_the_step() -> None:
    out = messages(model(call()), model(ir.Text("calling")), user(result()))
    assert [one["role"] for one in out] == ["assistant", "tool"]
    assert out[0]["content"] == "calling"


def test_a_result_with_an_id_answers_a_call_without() -> None:
    document, losses = write(talk(model(call("f", "")), user(result("r1", "f"))))
    assert document["messages"][1]["tool_call_id"] == document["messages"][0]["tool_calls"][0]["id"]
    assert ("approximated", "tools.id") in said(losses)


def test_texts_in_a_row_stay_messages() -> None:
    assert len(messages(model(ir.Text("a")), model(ir.Text("b")))) == 2


def test_a_server_answered_call_in_history() -> None:
    document, losses = write(
        talk(model(call(), result(), ir.Text("x")), model(call(id="d"), result("d", parts=(PNG,))))
    )
    assert [message["role"] for message in document["messages"]] == ["assistant", "tool", "tool", "user"]
    assert ("approximated", "message.role") in said(losses)


def test_custom_calls() -> None:
    out = messages(model(ir.ToolCall("c1", "f", "free", kind="custom")))
    assert out[0]["tool_calls"] == [{"id": "c1", "type": "custom", "custom": {"name": "f", "input": "free"}}]


# --- tools --------------------------------------------------------------------------------------------------------

SCHEMA = ir.JsonSchema(Raw(b'{"type":"object"}'))


def test_tools() -> None:
    document, losses = write(
        talk(
            tools=(ir.Function("f", "d", SCHEMA, True), ir.Function("g"), ir.Custom("c", "d", Raw(b'{"type":"text"}')))
        )
    )
    assert document["tools"] == [
        {
            "type": "function",
            "function": {"name": "f", "description": "d", "parameters": {"type": "object"}, "strict": True},
        },
        {"type": "function", "function": {"name": "g"}},
        {"type": "custom", "custom": {"name": "c", "description": "d", "format": {"type": "text"}}},
    ]
    assert losses == []


def test_a_schema_of_another_dialect_is_passed_on() -> None:
    odd = ir.JsonSchema(Raw(b'{"type":"OBJECT"}'), "openapi")
    document, losses = write(talk(tools=(ir.Function("f", None, odd),), output=ir.OutputFormat("schema", odd, "n")))
    assert document["tools"][0]["function"]["parameters"] == {"type": "OBJECT"}
    assert said(losses) == {("approximated", "tools.schema"), ("approximated", "output.schema")}


def test_tools_that_a_server_runs() -> None:
    tools = (
        ir.Builtin("web_search", "gemini", Raw(b'{"a":1}')),
        ir.Builtin("web_search", "gemini"),
        ir.Builtin("code_execution", "gemini", Raw(b"{}")),
    )
    document, losses = write(talk(tools=tools, tool_choice=ir.ToolChoice("auto")))
    assert document["web_search_options"] == {}
    assert write(talk(tools=(ir.Builtin("web_search", "gemini"),)))[1] == []
    assert "tools" not in document
    assert said(losses) == {
        ("dropped", "tools.web_search"),
        ("dropped", "tools.code_execution"),
        ("dropped", "tool_choice.without_tools"),
    }


def test_names_that_openai_forbids() -> None:
    chat = talk(
        model(call("a.b:c")),
        user(result(name="a.b:c")),
        tools=(ir.Function("a.b:c"),),
        tool_choice=ir.ToolChoice("required", ("a.b:c",)),
    )
    document, losses = write(chat)
    name = document["tools"][0]["function"]["name"]
    assert name.startswith("a_b_c_")
    assert document["tool_choice"]["function"]["name"] == name
    assert document["messages"][0]["tool_calls"][0]["function"]["name"] == name
    assert said(losses) == {("approximated", "tools.name")}


FUNCTION = {"type": "function", "function": {"name": "f"}}


@pytest.mark.parametrize(
    ("choice", "value", "lost"),
    [
        (ir.ToolChoice("auto"), "auto", set()),
        (ir.ToolChoice("none"), "none", set()),
        (ir.ToolChoice("none", ("f",)), "none", {("dropped", "tool_choice.names")}),
        (ir.ToolChoice("required"), "required", set()),
        (ir.ToolChoice("required", ("f",)), FUNCTION, set()),
        (
            ir.ToolChoice("required", ("f", "f")),
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [FUNCTION, FUNCTION]}},
            set(),
        ),
        (ir.ToolChoice("validated"), "auto", {("approximated", "tool_choice.validated")}),
        (
            ir.ToolChoice("validated", ("f",)),
            {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [FUNCTION]}},
            {("approximated", "tool_choice.validated")},
        ),
    ],
)
def test_choices(choice: ir.ToolChoice, value: Any, lost: set[tuple[str, str]]) -> None:
    document, losses = write(talk(tools=(ir.Function("f"),), tool_choice=choice))
    assert document["tool_choice"] == value
    assert said(losses) == lost
