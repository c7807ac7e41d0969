"""Answers of another protocol as OpenAI can say them: IR on the left, wire and losses on the right."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from msgspec import Raw

import metaphrase as mp
from metaphrase import ir
from metaphrase.loss import Report
from metaphrase_openai import codec
from tests.openai.helpers import answer, said, sign, talk, write_answer

PNG = ir.Media("image", ir.Inline.of("AAAA"), "image/png")
CALL = ir.ToolCall("c1", "f", "{}")


def message(*parts: ir.Part, **fields: Any) -> Any:
    return write_answer(answer(*parts, **fields))[0]["choices"][0]["message"]


def test_a_plain_answer_loses_nothing() -> None:
    document, losses = write_answer(answer(ir.Text("hi")))
    assert document == {
        "id": "r",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "hi", "refusal": None},
                "finish_reason": "stop",
                "logprobs": None,
            }
        ],
    }
    assert losses == []


def test_what_the_envelope_wants() -> None:
    document, losses = write_answer(answer(ir.Text("hi"), id="", created=None, service_tier="flex"))
    assert document["id"].startswith("chatcmpl-")
    assert document["created"] == 0
    assert document["service_tier"] == "flex"
    assert said(losses) == {("synthesised", "response.id"), ("defaulted", "response.created")}
    assert write_answer(answer(ir.Text("hi"), id=""))[0]["id"] == document["id"]


def test_the_model_that_was_asked_for() -> None:
    document, losses = write_answer(answer(ir.Text("x")), talk())
    assert document["model"] == "m"
    assert losses == []
    asked = ir.ChatRequest((), model="alias")
    document, losses = write_answer(answer(ir.Text("x")), asked)
    assert document["model"] == "alias"
    assert said(losses) == {("dropped", "response.model")}
    assert write_answer(answer(ir.Text("x"), model=""), asked)[1] == []


def test_texts_are_joined() -> None:
    document, losses = write_answer(answer(ir.Text("a"), ir.Text("b"), ir.Text("", sign())))
    assert document["choices"][0]["message"]["content"] == "ab"
    assert document["choices"][0]["message"]["extra_content"]["google"]["thought_signatures"] == [
        {"part": 1, "value": "s"}
    ]
    assert [(loss.kind, loss.feature, loss.count) for loss in losses] == [("approximated", "content.parts", 2)]


def test_thinking_and_calls() -> None:
    found = message(ir.Thinking("t"), CALL)
    assert found == {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "reasoning_content": "t",
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }


def test_images_and_sound() -> None:
    sound = ir.Media("audio", ir.Inline.of("BBBB"), "audio/wav", transcript="t", state=sign())
    document, losses = write_answer(answer(ir.Text("a"), PNG, sound, ir.Media("audio", ir.Uri("https://u"))))
    found = document["choices"][0]["message"]
    assert found["images"][0] == {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    assert found["audio"]["data"] == "BBBB"
    assert found["audio"]["transcript"] == "t"
    assert found["extra_content"]["google"]["thought_signature"] == "s"
    assert said(losses) == {("dropped", "media.mime")}
    assert message(ir.Media("audio", ir.Inline.of("BBBB")))["audio"]["transcript"] == ""


@pytest.mark.parametrize(
    ("parts", "finish", "word", "native"),
    [
        ((ir.Text("x"),), ir.Finish("stop", "STOP", "gemini"), "stop", None),
        ((CALL,), ir.Finish("stop", "STOP", "gemini"), "tool_calls", None),
        ((CALL,), ir.Finish("length", "MAX_TOKENS", "gemini"), "length", None),
        ((CALL,), ir.Finish("filter", "SAFETY", "gemini"), "content_filter", "SAFETY"),
        ((ir.Text("x"),), ir.Finish("tool_calls", "tool_use", "x"), "stop", "tool_use"),
        ((ir.Text("x"),), ir.Finish("other", "ODD", "gemini"), "stop", "ODD"),
        ((ir.Text("x"),), ir.Finish("error", 9, "gemini"), "stop", "9"),
        ((ir.Text("x"),), ir.Finish("stop"), "stop", None),
        ((), ir.Finish("length", "MAX_TOKENS", "gemini"), "length", None),
    ],
)
def test_finish_reasons(parts: Any, finish: ir.Finish, word: str, native: str | None) -> None:
    choice = write_answer(answer(*parts, finish=finish))[0]["choices"][0]
    assert choice["finish_reason"] == word
    assert choice.get("native_finish_reason") == native


def test_an_answer_that_does_not_end() -> None:
    document, losses = write_answer(answer(ir.Text("x"), finish=None))
    assert document["choices"][0]["finish_reason"] == "stop"
    assert said(losses) == {("defaulted", "finish.reason")}
    assert write_answer(answer(CALL, finish=None))[0]["choices"][0]["finish_reason"] == "tool_calls"


def test_why_it_was_filtered_is_the_refusal() -> None:
    document, losses = write_answer(answer(finish=ir.Finish("filter", "SAFETY", "gemini", "because")))
    assert document["choices"][0]["message"]["refusal"] == "because"
    assert said(losses) == {("moved", "finish.message")}


def test_other_finish_messages_are_information() -> None:
    document, losses = write_answer(answer(CALL, finish=ir.Finish("stop", "STOP", "gemini", "called")))
    assert document["choices"][0]["message"]["refusal"] is None
    assert said(losses) == {("dropped", "finish.message")}


def test_a_call_that_failed_is_a_failure() -> None:
    chat = answer(finish=ir.Finish("error", "MALFORMED_FUNCTION_CALL", "gemini", "Malformed"))
    assert codec.chat is not None
    out = codec.chat.write_response(chat, None, Report())
    assert out.status == 502
    assert write_answer(chat)[0]["error"]["message"] == "Malformed"
    assert write_answer(answer(finish=ir.Finish("error", "X", "gemini")))[0]["error"]["code"] == "x"


def test_no_choices_at_all() -> None:
    assert write_answer(ir.ChatResponse((), id="r", created=1))[0]["choices"] == []
    assert write_answer(answer(finish=None))[0]["choices"][0]["message"]["content"] is None


def test_a_refused_prompt_is_an_answer_that_refuses() -> None:
    blocked = ir.Blocked("SAFETY", "why", (ir.SafetyRating("C", "HIGH"),))
    document, losses = write_answer(ir.ChatResponse((), id="r", created=1, blocked=blocked))
    assert document["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": None, "refusal": "Prompt blocked: SAFETY (why)"},
            "finish_reason": "content_filter",
            "logprobs": None,
        }
    ]
    assert said(losses) == {("dropped", "safety.ratings")}
    bare = write_answer(ir.ChatResponse((), id="r", created=1, blocked=ir.Blocked("OTHER")))[0]
    assert bare["choices"][0]["message"]["refusal"] == "Prompt blocked: OTHER"
    document, losses = write_answer(answer(ir.Text("x"), blocked=ir.Blocked("OTHER")))
    assert document["choices"][0]["message"]["content"] == "x"
    assert said(losses) == {("dropped", "response.blocked")}


def test_calls_that_the_server_answered_are_not_the_clients() -> None:
    chat = answer(CALL, ir.ToolResult("c1", "f", Raw(b"{}"), (ir.Text("x"),)), ir.Text("done"))
    document, losses = write_answer(chat)
    assert document["choices"][0]["finish_reason"] == "stop"
    assert "tool_calls" not in document["choices"][0]["message"]
    assert said(losses) == {("dropped", "tools.server_call")}


def test_citations() -> None:
    cited = (ir.Citation("u", "t", 1, 2, "MIT"), ir.Citation("v"))
    document, losses = write_answer(answer(ir.Text("abc"), choice={"citations": cited}))
    assert [one["url_citation"] for one in document["choices"][0]["message"]["annotations"]] == [
        {"start_index": 1, "end_index": 2, "url": "u", "title": "t"},
        {"start_index": 0, "end_index": 0, "url": "v", "title": ""},
    ]
    assert said(losses) == {("dropped", "citations.license")}


def test_logprobs() -> None:
    tokens = (ir.TokenLogprob("é", -1, None, (ir.TokenLogprob("b", -2, (98,), id=5),)),)
    document, losses = write_answer(answer(ir.Text("é"), choice={"logprobs": tokens}))
    assert document["choices"][0]["logprobs"] == {
        "content": [
            {
                "token": "é",
                "logprob": -1,
                "bytes": [195, 169],
                "top_logprobs": [{"token": "b", "logprob": -2, "bytes": [98]}],
            }
        ],
        "refusal": None,
    }
    assert said(losses) == {("dropped", "logprobs.id")}


def test_ratings_are_dropped() -> None:
    _, losses = write_answer(answer(ir.Text("x"), choice={"safety": (ir.SafetyRating("C", "LOW"),)}))
    assert said(losses) == {("dropped", "safety.ratings")}


@pytest.mark.parametrize(
    ("usage", "counts", "lost"),
    [
        (
            ir.Usage(10, 4, None, 3, 5, 2, 20, (("text", 7), ("image", 3)), (("text", 5),)),
            {
                "prompt_tokens": 13,
                "completion_tokens": 7,
                "total_tokens": 20,
                "prompt_tokens_details": {"text_tokens": 7, "image_tokens": 3, "cached_tokens": 4},
                "completion_tokens_details": {"text_tokens": 5, "reasoning_tokens": 2},
            },
            {("approximated", "usage.tool_input")},
        ),
        (ir.Usage(), {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, set()),
        (
            ir.Usage(1, cache_write=2, output=3, input_by=(("video", 1), ("text", 1), ("text", 2))),
            {
                "prompt_tokens": 1,
                "completion_tokens": 3,
                "total_tokens": 4,
                "prompt_tokens_details": {"text_tokens": 1, "cache_write_tokens": 2},
            },
            {("dropped", "usage.input_by")},
        ),
    ],
)
def test_usage(usage: ir.Usage, counts: Any, lost: set[tuple[str, str]]) -> None:
    document, losses = write_answer(answer(ir.Text("x"), usage=usage))
    assert document["usage"] == counts
    assert said(losses) == lost


def test_dialects() -> None:
    def shown(**options: Any) -> Any:
        return write_answer(answer(ir.Thinking("t"), ir.Text("a"), PNG), **options)[0]["choices"][0]["message"]

    assert shown(thinking="think_tags")["content"] == "<think>t</think>a"
    assert shown(thinking="google")["content"] == "<thought>t</thought>a"
    assert shown(thinking="reasoning")["reasoning"] == "t"
    assert shown(images="markdown")["content"].endswith("![image](data:image/png;base64,AAAA)")
    assert shown(images="parts")["content"][1]["type"] == "image_url"


def test_names_are_given_back_as_the_client_gave_them() -> None:
    assert codec.chat is not None
    assert codec.chat.tool_name("f") == "f"
    long = codec.chat.tool_name("x" * 65)
    assert len(long) == 64
    assert long != codec.chat.tool_name("x" * 66)
    assert mp.ir.Text("x").text == "x"


def test_only_a_function_is_called_with_an_object() -> None:
    calls = message(ir.ToolCall("c1", "f", ""), ir.ToolCall("c2", "g", "", kind="custom"))["tool_calls"]
    assert [call[call["type"]] for call in calls] == [{"name": "f", "arguments": "{}"}, {"name": "g", "input": ""}]


def made_ids(answer_id: str, calls: int = 1) -> list[str]:
    parts = [ir.ToolCall("", "f", "{}") for _ in range(calls)]
    return [call["id"] for call in message(*parts, id=answer_id)["tool_calls"]]


def test_ids_of_calls_are_made_of_their_place() -> None:
    assert made_ids("Zm9vYmFy-_1", 2) == ["call_mp_Zm9vYmFy-_1_0_0", "call_mp_Zm9vYmFy-_1_0_1"]


@pytest.mark.parametrize("answer_id", ["r" * 60, "a b", "a\n", "é", "a/b", 'a"b'])
def test_ids_of_calls_are_plain_and_short_whatever_the_answer_is_called(answer_id: str) -> None:
    first, second = made_ids(answer_id, 2)
    assert first != second
    assert made_ids(answer_id) == [first]
    assert made_ids(answer_id + "x") != [first]
    for made in (first, second):
        assert re.fullmatch(r"call_[A-Za-z0-9_-]{1,35}", made)


def test_the_id_of_the_last_of_very_many_calls_is_short_enough() -> None:
    assert max(map(len, made_ids("r" * 28, 1_200))) <= 40


def test_the_name_of_a_result_without_its_call_is_reported() -> None:
    result = ir.ToolResult("c1", "f", "done")
    assert ("dropped", "$.name") not in places(write_answer(answer(CALL, result))[1])
    assert ("dropped", "$.name") in places(write_answer(answer(result))[1])


@pytest.mark.parametrize("calls", [(), ({"functionCall": {"name": "f", "args": {}}},)])
def test_a_stream_reports_of_a_servers_calls_what_a_whole_answer_does(calls: tuple[dict[str, Any], ...]) -> None:
    parts = [*calls, {"functionResponse": {"name": "f", "response": {"result": "done"}}}]
    whole = {"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}]}
    named = {loss.path for loss in convert(json.dumps(whole).encode(), "chat.response").losses}
    chunks = b"".join([b"data: " + json.dumps(one).encode() + b"\r\n\r\n" for one in (whole,)])
    streamed = {loss.path.replace("$[0]", "$", 1) for loss in convert(chunks, "chat.stream").losses}
    assert streamed == named
    assert ("$.candidates[0].content.parts[0].functionResponse.name" in named) == (not calls)


def convert(body: bytes, kind: str) -> mp.Converted:
    return mp.convert(body, source="gemini", target="openai", kind=kind, now=1, seed="s")


def places(losses: list[mp.Loss]) -> set[tuple[str, str]]:
    return {(loss.kind, loss.path) for loss in losses}
