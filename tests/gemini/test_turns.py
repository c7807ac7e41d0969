"""Conversations of other protocols as turns that the server accepts. The numbers are those of the list of traps."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from msgspec import Raw

from metaphrase import ir
from metaphrase.ir import At, Opaque
from tests.gemini.helpers import MESSAGES, call, chat, contents, result, says, translated

HI = ("user", [{"text": "hi"}])


def called(identity: str, name: str, args: Any = None) -> dict[str, Any]:
    return {"functionCall": {"name": name, "args": args or {}} | ({"id": identity} if identity else {})}


def answered(identity: str, name: str, response: Any = None) -> dict[str, Any]:
    value = {"result": "ok"} if response is None else response
    return {"functionResponse": {"name": name, "response": value} | ({"id": identity} if identity else {})}


def lost(*messages: ir.Message, **fields: Any) -> list[str]:
    return [f"{kind} {feature}" for kind, _, feature in translated(chat(*messages, **fields))[1]]


STEP = (says("user", "hi"), says("model", call("1", "f"), call("2", "g")))
CALLS = ("model", [called("1", "f"), called("2", "g")])


def test_trap_19_all_results_of_a_step_stand_in_one_content_right_after_it() -> None:
    assert contents(*STEP, result("1"), result("2"), says("user", "and?")) == [
        HI,
        CALLS,
        ("user", [answered("1", "f"), answered("2", "g")]),
        ("user", [{"text": "and?"}]),
    ]
    assert lost(*STEP, result("1"), result("2")) == []


def test_trap_20_calls_that_alternate_with_results_are_steps_of_their_own() -> None:
    turns = (says("model", call("1", "f")), result("1"), says("model", call("2", "g")), result("2"))
    assert [role for role, _ in contents(says("user", "hi"), *turns)] == ["user", "model", "user", "model", "user"]


def test_results_follow_the_order_of_the_calls() -> None:
    assert contents(*STEP, result("2"), result("1"))[2] == ("user", [answered("1", "f"), answered("2", "g")])
    assert lost(*STEP, result("2"), result("1")) == ["moved message.order"]


def test_what_cannot_be_said_beside_a_result_leaves_no_blank() -> None:
    unsaid = ir.Media("image", ir.FileId("x", "elsewhere"), at=At(MESSAGES, 9))
    both = ir.Message("user", (*result("1").parts, unsaid), at=At(MESSAGES, 2))
    assert contents(says("user", "hi"), says("model", call("1", "f")), both)[2:] == [("user", [answered("1", "f")])]


def test_only_results_that_come_out_of_order_are_moved() -> None:
    step = (says("user", "hi"), says("model", call("1", "f"), call("2", "g"), call("3", "h")))
    three = [answered("1", "f"), answered("2", "g"), answered("3", "h")]
    for order in permutations("123"):
        results = [result(identity) for identity in order]
        assert contents(*step, *results)[2] == ("user", three)
        assert lost(*step, *results) == ([] if order == ("1", "2", "3") else ["moved message.order"])
    assert contents(*step, result("1"), result("3"))[2] == (
        "user",
        [three[0], answered("2", "g", {"error": "no result"}), three[2]],
    )


def test_each_step_begins_anew() -> None:
    first = (*STEP, result("2"), result("1"))
    second = (says("model", call("3", "f"), call("4", "g")), result("3"), says("model", "so"))
    found = contents(*first, *second)
    assert [role for role, _ in found] == ["user", "model", "user", "model", "user", "model"]
    assert found[4] == ("user", [answered("3", "f"), answered("4", "g", {"error": "no result"})])
    assert lost(*first, *second) == ["synthesised tools.result", "moved message.order"]


def test_trap_21_a_missing_result_is_made_up() -> None:
    missing = answered("2", "g", {"error": "no result"})
    for rest in ((says("model", "so"),), (says("user", "so"),), ()):
        assert contents(*STEP, result("1"), *rest)[2] == ("user", [answered("1", "f"), missing])
        assert lost(*STEP, result("1"), *rest) == ["synthesised tools.result"]
    assert contents(*STEP, says("user", "so"))[2:] == [
        ("user", [answered("1", "f", {"error": "no result"}), missing]),
        ("user", [{"text": "so"}]),
    ]


def test_calls_that_still_wait_are_left_alone() -> None:
    assert contents(*STEP) == [HI, CALLS]
    assert lost(*STEP) == []


def test_trap_21_a_result_without_a_call_is_said_as_text() -> None:
    picture = ir.Media("image", ir.Inline.of("AAAA"), "image/png", at=At(MESSAGES, 9))
    orphan = result("9", None, parts=(ir.Text("it"), picture))
    assert contents(says("user", "hi"), orphan, says("user", "and?")) == [
        HI,
        ("user", [{"text": "it"}, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}, {"text": "and?"}]),
    ]
    assert contents(says("user", "hi"), result("9", Raw(b'{"a":1}')))[1] == ("user", [{"text": '{"a":1}'}])
    assert lost(says("user", "hi"), result("9")) == ["repaired tools.result"]
    assert contents(*STEP, result("1"), result("2"), result("1"))[3:] == [("user", [{"text": "ok"}])]


def test_trap_22_the_name_of_a_result_is_that_of_its_call() -> None:
    again = (says("model", call("1", "g")), result("1"))
    found = contents(says("user", "hi"), says("model", call("1", "f")), result("1"), *again)
    assert [parts[0]["functionResponse"]["name"] for _, parts in found[2::2]] == ["f", "g"]
    assert lost(*STEP, result("1", name="f"), result("2", name="other")) == ["dropped tools.result.name"]


def test_trap_23_results_come_before_what_the_user_says() -> None:
    assert contents(*STEP, result("1"), says("user", "wait"), result("2")) == [
        HI,
        CALLS,
        ("user", [answered("1", "f"), answered("2", "g")]),
        ("user", [{"text": "wait"}]),
    ]
    assert lost(*STEP, result("1"), says("user", "wait"), result("2")) == ["moved message.order"]


def test_results_and_text_in_one_message() -> None:
    parts = (ir.Text("so"), ir.ToolResult("1", None, "a"), ir.ToolResult("2", None, "b"))
    assert contents(*STEP, says("user", *parts))[2:] == [
        ("user", [answered("1", "f", {"result": "a"}), answered("2", "g", {"result": "b"})]),
        ("user", [{"text": "so"}]),
    ]


@pytest.mark.parametrize("role", ["user", "model"])
def test_trap_24_a_message_without_parts_has_an_empty_one(role: Any) -> None:
    assert contents(says("user", "hi"), says("model", "x"), says(role))[-1][1][-1] == {"text": ""}
    assert lost(says("user", "hi"), says(role)) == []


def test_trap_25_empty_texts_stand_only_alone_or_signed() -> None:
    assert contents(says("user", "hi"), says("model", "", call("1", "f")))[1] == ("model", [called("1", "f")])
    signed = ir.Text("", Opaque("gemini", "x"))
    assert contents(says("user", "hi"), says("model", "a", signed))[1][1] == [
        {"text": "a"},
        {"text": "", "thoughtSignature": "x"},
    ]
    assert contents(says("user", "", "")) == [("user", [{"text": ""}])]


def test_trap_26_a_request_of_system_only_gets_a_user() -> None:
    body, losses = translated(chat(says("system", "s")))
    assert body == {
        "contents": [{"role": "user", "parts": [{"text": " "}]}],
        "systemInstruction": {"parts": [{"text": "s"}]},
    }
    assert losses == [("synthesised", "", "message.user")]


def test_trap_27_the_user_begins() -> None:
    assert contents(says("model", "a"), says("user", "b")) == [
        ("user", [{"text": " "}]),
        ("model", [{"text": "a"}]),
        ("user", [{"text": "b"}]),
    ]
    assert lost(says("model", "a")) == ["synthesised message.user"]


def test_a_last_turn_of_the_model_stays() -> None:
    assert contents(says("user", "hi"), says("model", "Once"))[-1] == ("model", [{"text": "Once"}])


def test_trap_28_neighbours_become_one_content_but_signed_parts_stay() -> None:
    signed = ir.Text("b", Opaque("gemini", "x"))
    found = contents(
        says("user", "hi"), says("model", "a"), says("model", signed), says("model", "c"), says("model", "d")
    )
    assert found[1:] == [
        ("model", [{"text": "a"}]),
        ("model", [{"text": "b", "thoughtSignature": "x"}]),
        ("model", [{"text": "c"}, {"text": "d"}]),
    ]


def test_one_signed_part_keeps_a_message_apart() -> None:
    signed = ir.Text("a", state=Opaque("gemini", "c2ln"), at=At(MESSAGES, 1))
    found = contents(says("user", "hi"), says("model", signed, "b"), says("model", "c"))
    assert [len(parts) for _, parts in found] == [1, 2, 1]


def test_calls_of_neighbours_are_one_step() -> None:
    found = contents(
        says("user", "hi"), says("model", call("1", "f")), says("model", call("2", "g")), result("1"), result("2")
    )
    assert found[1:] == [CALLS, ("user", [answered("1", "f"), answered("2", "g")])]


def test_of_the_calls_of_neighbours_the_first_is_signed() -> None:
    neighbours = (says("model", call("1", "f")), says("model", call("2", "g")), says("model", "so"))
    found = contents(says("user", "hi"), *neighbours, result("1"), result("2"), model="gemini-3-flash")
    assert ["thoughtSignature" in part for part in found[1][1]] == [True, False, False]


def test_trap_29_system_messages_go_to_the_front() -> None:
    body, losses = translated(
        chat(says("system", "a"), says("user", "hi"), says("system", "b", "c", i=2), says("system", i=3))
    )
    assert body["systemInstruction"] == {"parts": [{"text": "a"}, {"text": "b"}, {"text": "c"}]}
    assert losses == [("moved", "$.messages[2]", "system.position")]


def test_a_late_system_message_in_a_plain_conversation() -> None:
    assert lost(says("user", "hi"), says("system", "s", i=1)) == ["moved system.position"]


def test_trap_29_some_models_take_no_system_instruction() -> None:
    body, losses = translated(chat(says("system", "s"), says("user", "hi"), model="gemma-3-27b-it"))
    assert body == {"contents": [{"role": "user", "parts": [{"text": "s"}, {"text": "hi"}]}]}
    assert losses == [("moved", "$.messages[0]", "system.position")]


def test_a_system_instruction_is_text() -> None:
    picture = ir.Media("image", ir.Inline.of("AAAA"), "image/png", at=At(MESSAGES, 0))
    assert lost(says("system", picture), says("user", "hi")) == ["dropped system.media"]


def test_names_of_participants_are_lost() -> None:
    assert lost(says("user", "hi", name="bob"), says("system", "s", name="rule")) == [
        "moved system.position",
        "dropped message.name",
    ]


PICTURE = ir.Media("image", ir.Inline.of("AAAA"), "image/png", at=At(MESSAGES, 9))


def test_trap_32_media_of_results_follow_them() -> None:
    sound = ir.Media("audio", ir.FileId("x", "elsewhere"), at=At(MESSAGES, 9))
    seen = result("1", None, parts=(ir.Text("it"), ir.Text("!"), PICTURE, sound))
    assert contents(*STEP, seen, result("2"), says("user", "and?"))[2:] == [
        ("user", [answered("1", "f", {"result": "it!"}), answered("2", "g")]),
        ("user", [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}, {"text": "and?"}]),
    ]
    assert contents(*STEP, seen, result("2"))[3:] == [
        ("user", [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]),
    ]
    assert lost(*STEP, seen, result("2")) == ["dropped media.file_id", "moved tools.result.media"]


def test_media_of_results_follow_what_belongs_to_no_call() -> None:
    seen = result("1", None, parts=(PICTURE,))
    assert contents(*STEP, seen, result("9"), result("2"))[3:] == [
        ("user", [{"text": "ok"}, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]),
    ]
    second = (says("model", call("3", "f")), result("3"))
    assert contents(*STEP, seen, result("2"), *second)[3:] == [
        ("user", [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]),
        ("model", [called("3", "f")]),
        ("user", [answered("3", "f")]),
    ]


def test_trap_32_newer_models_take_media_inside() -> None:
    found = contents(*STEP, result("1", None, parts=(PICTURE,)), result("2"), model="gemini-3-flash")
    assert found[2][1][0]["functionResponse"]["parts"] == [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]
    assert found[2][1][0]["functionResponse"]["response"] == {"result": ""}


ARGUMENTS: list[tuple[str, Any, list[str]]] = [
    ('{ "a" : 1.0 }', {"a": 1.0}, []),
    ("", {}, []),
    ("null", {}, []),
    ("[1]", {"__raw_arguments": "[1]"}, ["approximated tools.arguments"]),
    ('{"a":', {"__raw_arguments": '{"a":'}, ["approximated tools.arguments"]),
    ("{}{}", {"__raw_arguments": "{}{}"}, ["approximated tools.arguments"]),
]


@pytest.mark.parametrize(("text", "args", "losses"), ARGUMENTS)
def test_trap_36_arguments_are_any_text(text: str, args: Any, losses: list[str]) -> None:
    conversation = (says("user", "hi"), says("model", call("1", "f", text)))
    assert contents(*conversation)[1][1][0]["functionCall"]["args"] == args
    assert lost(*conversation) == losses


def test_trap_12_numbers_are_left_as_spelt() -> None:
    from metaphrase import Report
    from tests.gemini.helpers import codec

    big = '{"n": 12345678901234567890, "x": 1.0}'
    body = codec.chatting().write_request(chat(says("user", "hi"), says("model", call("1", "f", big))), Report()).body
    assert big.encode() in body


def test_free_text_of_a_custom_tool() -> None:
    found = contents(says("user", "hi"), says("model", call("1", "f", "a b", kind="custom")))
    assert found[1][1] == [called("1", "f", {"input": "a b"})]


def test_trap_44_calls_without_ids_are_matched_by_name_and_order() -> None:
    calls = says("model", call("", "f"), call("", "g"), call("", "f"))
    found = contents(says("user", "hi"), calls, result("", "a", "f"), result("x", "b", "f"), result("", "c"))
    assert found[2][1] == [
        answered("", "f", {"result": "a"}),
        answered("", "g", {"result": "c"}),
        answered("x", "f", {"result": "b"}),
    ]


def test_trap_53_names_are_legal_everywhere() -> None:
    found = contents(says("user", "hi"), says("model", call("1", "1 f")), result("1"))
    assert found[1][1][0]["functionCall"]["name"] == found[2][1][0]["functionResponse"]["name"]
    assert lost(says("user", "hi"), says("model", call("1", "1 f"))) == ["approximated tools.name"]


RESULTS: list[tuple[Any, Any]] = [
    ("text", {"result": "text"}),
    ('{"a": 1}', {"a": 1}),
    ('{"result": "x"}', {"result": '{"result": "x"}'}),
    ("[1]", {"result": "[1]"}),
    (Raw(b'{"a":1}'), {"a": 1}),
    (None, {"result": ""}),
]


@pytest.mark.parametrize(("output", "response"), RESULTS)
def test_trap_54_a_response_is_an_object(output: Any, response: Any) -> None:
    found = contents(says("user", "hi"), says("model", call("1", "f")), result("1", output))
    assert found[2][1] == [answered("1", "f", response)]


def test_parts_that_cannot_be_said_leave_the_others() -> None:
    sound = ir.Media("audio", ir.FileId("x", "elsewhere"), at=At(MESSAGES, 9))
    assert contents(says("user", "hi"), says("model", sound, "a"))[1] == ("model", [{"text": "a"}])
    assert contents(says("user", "hi", "there"), says("model", "a"))[0] == ("user", [{"text": "hi"}, {"text": "there"}])


def test_results_of_the_model_itself_are_text() -> None:
    found = contents(says("user", "hi"), says("model", ir.ToolResult("1", "f", "x", at=At(MESSAGES, 1)), "so"))
    assert found[1] == ("model", [{"text": "x"}, {"text": "so"}])


def test_a_users_message_may_hold_nothing_but_results() -> None:
    given = (*STEP, says("user", *result("2").parts, *result("1").parts), says("user", "and?"))
    assert contents(*given)[2:] == [
        ("user", [answered("1", "f"), answered("2", "g")]), ("user", [{"text": "and?"}]),
    ]  # fmt: skip
