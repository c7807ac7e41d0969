"""What breaks naive translators: one test for each such rule that concerns this codec."""

from __future__ import annotations

import json

import pytest
from msgspec import Raw

import metaphrase as mp
from metaphrase import ir
from metaphrase.http import Request
from metaphrase.loss import Report
from metaphrase_openai import codec
from tests.openai.helpers import (
    CALL,
    USER,
    again,
    answer,
    assistant,
    bare,
    dropped,
    encode,
    model,
    read,
    read_answer,
    request,
    response,
    said,
    sign,
    talk,
    user,
    write,
    write_answer,
)

# --- messages and turns -------------------------------------------------------------------------------------------


def test_results_stand_right_after_their_calls() -> None:
    chat = talk(
        model(ir.ToolCall("a", "f", "{}"), ir.ToolCall("b", "g", "{}")),
        user(ir.ToolResult("b", "g", "2"), ir.ToolResult("a", "f", "1")),
    )
    roles = [(one["role"], one.get("tool_call_id")) for one in write(chat)[0]["messages"]]
    assert roles == [("assistant", None), ("tool", "b"), ("tool", "a")]


def test_a_missing_result_is_made_up_where_the_talk_goes_on() -> None:
    document, losses = write(talk(model(ir.ToolCall("a", "f", "{}")), user(ir.Text("never mind"))))
    assert document["messages"][1] == {"role": "tool", "tool_call_id": "a", "content": ""}
    assert said(losses) == {("synthesised", "tools.missing_result")}


def test_calls_at_the_end_may_still_be_answered() -> None:
    document, losses = write(talk(user(ir.Text("x")), model(ir.ToolCall("a", "f", "{}"))))
    assert len(document["messages"]) == 2
    assert losses == []


def test_an_orphan_result_gets_a_call() -> None:
    document, losses = write(talk(user(ir.ToolResult("", "f.g", Raw(b"{}"))), user(ir.ToolResult("z" * 50, None, "x"))))
    first, answer_, second, other = document["messages"]
    assert first["tool_calls"][0]["id"] == answer_["tool_call_id"]
    assert write(talk(user(ir.ToolResult("z", None, "x"))))[0]["messages"][1]["tool_call_id"] == "z"
    assert first["tool_calls"][0]["function"]["name"].startswith("f_g_")
    assert second["tool_calls"][0]["id"] == other["tool_call_id"]
    assert len(other["tool_call_id"]) <= 40
    assert said(losses) == {("repaired", "tools.orphan"), ("approximated", "tools.id")}


def test_ids_that_repeat_name_the_nearest_call() -> None:
    step = (model(ir.ToolCall("a", "f", "{}")), user(ir.ToolResult("a", None, "1")))
    assert write(talk(*step, *step))[1] == []


def test_a_system_message_may_stand_anywhere() -> None:
    document = request(USER, {"role": "system", "content": "late"}, USER)
    assert again(document) == document
    assert [message.role for message in read(document).messages] == ["user", "system", "user"]


def test_googles_pages_say_role_model() -> None:
    assert read(request({"role": "model", "content": "x"})).messages[0].role == "model"


def test_content_is_a_string_or_a_list() -> None:
    as_list = request({"role": "user", "content": [{"type": "text", "text": "x"}]})
    as_text = request({"role": "user", "content": "x"})
    assert bare(read(as_list).messages) == bare(read(as_text).messages)
    assert again(as_list) == as_list
    assert again(as_text) == as_text


def test_tool_messages_take_text_only() -> None:
    image = ir.Media("image", ir.Inline.of("AAAA"), "image/png")
    out = write(talk(model(ir.ToolCall("a", "f", "{}")), user(ir.ToolResult("a", "f", None, (image,)))))[0]["messages"]
    assert out[1]["content"] == ""
    assert out[2]["role"] == "user"


def test_nothing_is_fetched() -> None:
    part = {"type": "image_url", "image_url": {"url": "https://nowhere.invalid/x.png"}}
    media = read(request({"role": "user", "content": [part]})).messages[0].parts[0]
    assert isinstance(media, ir.Media)
    assert media.source == ir.Uri("https://nowhere.invalid/x.png")


@pytest.mark.parametrize(
    ("url", "mime", "data"),
    [
        ("data:image/png;charset=utf-8;base64,AAAA", "image/png", "AAAA"),
        ("data:;base64,AAAA", None, "AAAA"),
        ("data:,AB", "text/plain", "QUI="),
        ("DATA:image/png;base64,AAAA", "image/png", "AAAA"),
        ("data:image/png;base64,AA\nAA ", "image/png", "AA\nAA "),
        ("data:image\\/png;base64,AA\\/A", "image/png", "AA/A"),
    ],
)
def test_data_urls_in_every_spelling(url: str, mime: str | None, data: str) -> None:
    body = json.dumps(request({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "@"}}]}))
    literal = '"' + url.replace("\n", "\\n") + '"'
    assert codec.chat is not None
    chat = codec.chat.read_request(Request(body=body.replace('"@"', literal).encode()), Report())
    media = chat.messages[0].parts[0]
    assert isinstance(media, ir.Media)
    assert isinstance(media.source, ir.Inline)
    assert (media.mime, media.source.data) == (mime, data)


def test_file_data_may_be_bare_base64() -> None:
    part = {"type": "file", "file": {"filename": "a.csv", "file_data": "AAAA"}}
    media = read(request({"role": "user", "content": [part]})).messages[0].parts[0]
    assert isinstance(media, ir.Media)
    assert (media.mime, media.source) == ("text/csv", ir.Inline.of("AAAA"))


# --- tools --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "null", "[1]", "{}{}", '{"a": 1} and more', '{"a":', "15 * 4", '{"a": 1e400}'])
def test_arguments_are_text_and_stay_so(text: str) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": text}}
    document = request(assistant(None, tool_calls=[call]))
    part = read(document).messages[0].parts[0]
    assert isinstance(part, ir.ToolCall)
    assert part.arguments == text
    assert again(document) == document


def test_no_arguments_are_an_empty_object_toward_openai() -> None:
    out = write(talk(model(ir.ToolCall("c", "f", ""))))[0]["messages"][0]
    assert out["tool_calls"][0]["function"]["arguments"] == "{}"


def test_the_index_that_clients_echo_says_nothing() -> None:
    document = request(assistant(None, tool_calls=[{**CALL, "index": 0}, {**CALL, "index": 0}]))
    assert dropped(document) == {"$.messages[0].tool_calls[1].index"}


def test_calls_are_told_by_their_parts_not_by_the_finish() -> None:
    call = ir.ToolCall("c", "f", "{}")
    assert write_answer(answer(call))[0]["choices"][0]["finish_reason"] == "tool_calls"
    ran = (ir.Code("1+1", "PYTHON"), ir.CodeResult("OK", "2"), ir.Text("2"))
    assert write_answer(answer(*ran))[0]["choices"][0]["finish_reason"] == "stop"


def test_ids_have_at_most_forty_characters() -> None:
    long = ir.ToolCall("tool_0_" + "x" * 50, "f", "{}")
    found = write_answer(answer(long))[0]["choices"][0]["message"]["tool_calls"][0]["id"]
    assert len(found) <= 40
    assert found == write_answer(answer(long))[0]["choices"][0]["message"]["tool_calls"][0]["id"]


def test_parallel_calls_of_one_name_without_ids_differ() -> None:
    same = ir.ToolCall("", "f", "{}")
    calls = write_answer(answer(same, same))[0]["choices"][0]["message"]["tool_calls"]
    assert calls[0]["id"] != calls[1]["id"]


def test_a_choice_of_none_keeps_the_tools() -> None:
    out = write(talk(tools=(ir.Function("f"),), tool_choice=ir.ToolChoice("none")))[0]
    assert out["tool_choice"] == "none"
    assert out["tools"]


def test_names_with_dots_and_colons_can_be_given_back() -> None:
    asked = encode(request(tools=[{"type": "function", "function": {"name": "plain"}}]))
    reply = encode(response({"role": "assistant", "content": None, "tool_calls": [CALL]}))
    done = mp.convert(reply, source="openai", target="openai", kind="chat.response", asked=asked)
    assert json.loads(done.body)["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "f"


def test_mistrals_any_and_tools_without_a_type() -> None:
    document = request(tools=[{"function": {"name": "f"}}], tool_choice="any")
    assert read(document).tool_choice == ir.ToolChoice("required")
    assert again(document) == document


def test_content_empty_beside_calls() -> None:
    document = request(assistant([], tool_calls=[CALL]), assistant("", tool_calls=[CALL]))
    assert again(document) == document


def test_bare_strings_where_objects_are_meant() -> None:
    content = [{"type": "image_url", "image_url": "https://x"}, {"type": "input_audio", "input_audio": "AAAA"}]
    kinds = [
        part.kind
        for part in read(request({"role": "user", "content": content})).messages[0].parts
        if isinstance(part, ir.Media)
    ]
    assert kinds == ["image", "audio"]


# --- thoughts and signatures --------------------------------------------------------------------------------------


def test_the_same_thought_in_two_fields_is_one() -> None:
    message = assistant("a", reasoning="t", reasoning_details=[{"type": "reasoning.text", "text": "t", "index": 0}])
    assert bare(read(request(message)).messages[0].parts) == bare((ir.Thinking("t"), ir.Text("a")))


def test_a_signature_is_never_touched() -> None:
    odd = "skip_thought_signature_validator-_+/=="
    out = write(talk(model(ir.ToolCall("c", "f", "{}", sign(odd)))))[0]["messages"][0]
    assert out["tool_calls"][0]["extra_content"]["google"]["thought_signature"] == odd


def test_googles_doubled_signature_is_one() -> None:
    message = assistant(
        "a", thought_signature="s", extra_content={"google": {"thought_signature": "s", "thought": True}}
    )
    parts = read_answer(response(message)).choices[0].parts
    assert bare(parts) == bare((ir.Text("a", sign()),))


# --- answers, finish reasons, usage -------------------------------------------------------------------------------


def test_an_answer_without_content() -> None:
    out = write_answer(answer(finish=ir.Finish("length", "MAX_TOKENS", "gemini")))[0]["choices"][0]
    assert out["message"] == {"role": "assistant", "content": None, "refusal": None}


def test_finish_reasons_grow() -> None:
    out, losses = write_answer(answer(ir.Text("x"), finish=ir.Finish("other", "BRAND_NEW", "gemini")))
    assert out["choices"][0]["finish_reason"] == "stop"
    assert out["choices"][0]["native_finish_reason"] == "BRAND_NEW"
    assert said(losses) == {("approximated", "finish.reason")}


def test_a_malformed_call_is_no_success() -> None:
    out, _ = write_answer(answer(finish=ir.Finish("error", "MALFORMED_FUNCTION_CALL", "gemini")))
    assert "error" in out


def test_thoughts_count_as_completion() -> None:
    counts = write_answer(answer(ir.Text("x"), usage=ir.Usage(4, output=2, reasoning=10, total=16)))[0]["usage"]
    assert (counts["completion_tokens"], counts["total_tokens"]) == (12, 16)
    assert counts["completion_tokens_details"]["reasoning_tokens"] == 10


def test_missing_is_not_zero_but_openai_wants_three_numbers() -> None:
    counts = write_answer(answer(ir.Text("x"), usage=ir.Usage(4, reasoning=3)))[0]["usage"]
    assert counts == {
        "prompt_tokens": 4,
        "completion_tokens": 3,
        "total_tokens": 7,
        "completion_tokens_details": {"reasoning_tokens": 3},
    }


def test_usage_is_only_there_if_it_was() -> None:
    assert "usage" not in write_answer(answer(ir.Text("x")))[0]


def test_reasoning_may_exceed_the_completion() -> None:
    counts = {
        "prompt_tokens": 1,
        "completion_tokens": 2,
        "total_tokens": 3,
        "completion_tokens_details": {"reasoning_tokens": 9},
    }
    usage = read_answer(response(usage=counts)).usage
    assert usage is not None
    assert (usage.output, usage.reasoning) == (0, 9)


def test_xai_counts_reasoning_beside_the_completion() -> None:
    counts = {
        "prompt_tokens": 10,
        "completion_tokens": 2,
        "total_tokens": 15,
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    usage = read_answer(response(usage=counts)).usage
    assert usage is not None
    assert (usage.output, usage.reasoning, usage.total) == (2, 3, 15)


def test_images_among_texts_say_that_they_have_moved() -> None:
    image = ir.Media("image", ir.Inline.of("AAAA"), "image/png")
    out, losses = write_answer(answer(ir.Text("a"), image, ir.Text("b")))
    assert out["choices"][0]["message"]["content"] == "ab"
    assert ("moved", "message.order") in said(losses)


def test_several_choices_keep_their_numbers() -> None:
    chat = ir.ChatResponse((ir.Choice(1, (ir.Text("b"),)), ir.Choice(0, (ir.Text("a"),))), id="r", created=1)
    assert [choice["index"] for choice in write_answer(chat)[0]["choices"]] == [1, 0]


def test_a_forced_call_may_finish_with_stop() -> None:
    reply = response({"role": "assistant", "content": None, "tool_calls": [CALL]}, choice={"finish_reason": "stop"})
    assert again(reply, "chat.response") == reply


def test_empty_things_of_snowflake() -> None:
    call = {
        "id": "c",
        "type": "function",
        "function": {"name": "f", "arguments": "{}"},
        "custom": {"name": "", "input": ""},
    }
    message = {"role": "assistant", "content": "", "tool_calls": [call], "function_call": {"name": "", "arguments": ""}}
    reply = response(message, id="", choice={"finish_reason": ""})
    (part,) = [part for part in read_answer(reply).choices[0].parts if isinstance(part, ir.ToolCall)]
    assert (part.name, part.kind) == ("f", "function")
    assert again(reply, "chat.response") == reply
    assert dropped(reply, "chat.response") == set()
