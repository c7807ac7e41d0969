"""What answers mean: wire on the left, IR on the right."""

from __future__ import annotations

import json
from typing import Any

import pytest

import metaphrase as mp
from metaphrase import ir
from tests.openai.helpers import CALL, assistant, bare, dropped, read_answer, response


def parts(**fields: Any) -> tuple[ir.Part, ...]:
    return read_answer(response({"role": "assistant", **fields})).choices[0].parts


def test_the_envelope() -> None:
    answer = read_answer(response(service_tier="flex"))
    assert (answer.id, answer.model, answer.created, answer.origin, answer.service_tier) == (
        "x",
        "m",
        1,
        "openai",
        "flex",
    )


def test_an_answer_that_says_little() -> None:
    answer = read_answer({"choices": [{"message": {"content": "a"}}]})
    assert (answer.id, answer.model, answer.created) == ("", "", None)
    assert answer.choices[0].finish is None
    assert bare(answer.choices[0].parts) == bare((ir.Text("a"),))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"content": "a"}, (ir.Text("a"),)),
        ({"content": None, "refusal": "no"}, (ir.Refusal("no"),)),
        ({"content": "", "refusal": ""}, (ir.Text(""),)),
        ({"content": "a", "reasoning_content": "t"}, (ir.Thinking("t"), ir.Text("a"))),
        ({"content": None, "tool_calls": [CALL]}, (ir.ToolCall("c1", "f", "{}"),)),
        ({"content": None, "function_call": {"name": "f", "arguments": "{}"}}, (ir.ToolCall("", "f", "{}"),)),
        ({"content": "a", "function_call": {"name": "", "arguments": ""}}, (ir.Text("a"),)),
        (
            {"content": [{"type": "thinking", "thinking": [{"text": "t"}]}, {"type": "text", "text": "a"}]},
            (ir.Thinking("t"), ir.Text("a")),
        ),
        (
            {"content": "a", "images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]},
            (ir.Text("a"), ir.Media("image", ir.Inline.of("AAAA"), "image/png")),
        ),
        (
            {"content": None, "audio": {"id": "i", "data": "UklGRg==", "expires_at": 1, "transcript": "t"}},
            (ir.Media("audio", ir.Inline.of("UklGRg=="), "audio/wav", transcript="t"),),
        ),
        ({"content": None, "audio": {"data": "AAAA"}}, (ir.Media("audio", ir.Inline.of("AAAA")),)),
        (
            {"content": None, "tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "f", "input": "x"}}]},
            (ir.ToolCall("c", "f", "x", kind="custom"),),
        ),
    ],
)
def test_parts(fields: dict[str, Any], expected: tuple[ir.Part, ...]) -> None:
    assert bare(parts(**fields)) == bare(expected)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("stop", "stop"),
        ("", "stop"),
        ("eos", "stop"),
        ("length", "length"),
        ("tool_calls", "tool_calls"),
        ("function_call", "tool_calls"),
        ("content_filter", "filter"),
        ("error", "error"),
        ("insufficient_system_resource", "other"),
    ],
)
def test_finish_reasons(word: str, reason: str) -> None:
    finish = read_answer(response(choice={"finish_reason": word})).choices[0].finish
    assert finish is not None
    assert (finish.reason, finish.native, finish.codec) == (reason, word, "openai")


def details(**counts: Any) -> dict[str, Any]:
    return {"completion_tokens_details": counts}


USAGE: list[tuple[dict[str, Any], ir.Usage]] = [
    ({"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}, ir.Usage(1, output=2, total=3)),
    ({}, ir.Usage()),
    (
        {"prompt_tokens": 1, "completion_tokens": 5, "total_tokens": 6, **details(reasoning_tokens=3)},
        ir.Usage(1, output=2, reasoning=3, total=6),
    ),
    (
        {"prompt_tokens": 1, "completion_tokens": 5, "total_tokens": 9, **details(reasoning_tokens=3)},
        ir.Usage(1, output=5, reasoning=3, total=9),
    ),
    (
        {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, **details(reasoning_tokens=5)},
        ir.Usage(1, output=0, reasoning=5, total=3),
    ),
    (
        {
            "prompt_tokens": 9,
            "completion_tokens": 0,
            "total_tokens": 9,
            "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2, "audio_tokens": 3, "text_tokens": 6},
            **details(audio_tokens=0),
        },
        ir.Usage(9, 4, 2, output=0, total=9, input_by=(("text", 6), ("audio", 3))),
    ),
    (
        {
            "prompt_tokens": 9,
            "completion_tokens": 7,
            "total_tokens": 16,
            "cache_read_input_tokens": 4,
            "reasoning_tokens": 3,
        },
        ir.Usage(9, 4, output=4, reasoning=3, total=16),
    ),
    ({"prompt_tokens": 9, "prompt_cache_hit_tokens": 4, "cache_creation_input_tokens": 1}, ir.Usage(9, 4, 1)),
]


@pytest.mark.parametrize(("counts", "usage"), USAGE)
def test_usage(counts: dict[str, Any], usage: ir.Usage) -> None:
    found = read_answer(response(usage=counts or {"x": 1})).usage
    assert bare(found) == bare(usage)


def test_usage_that_is_no_count_is_reported() -> None:
    document = response(
        usage={
            "prompt_tokens": 1, "cost": 0.5, "free": 0, "num_cached_tokens": 3,
            "prompt_tokens_details": {"cached_tokens": 2, "x": 1},
            "completion_tokens_details": {"accepted_prediction_tokens": 1, "rejected_prediction_tokens": 2, "x": 1},
        }
    )  # fmt: skip
    assert dropped(document, "chat.response") == {
        "$.usage.cost",
        "$.usage.num_cached_tokens",
        "$.usage.prompt_tokens_details.x",
        "$.usage.completion_tokens_details.accepted_prediction_tokens",
        "$.usage.completion_tokens_details.rejected_prediction_tokens",
        "$.usage.completion_tokens_details.x",
    }


def test_citations() -> None:
    message = assistant(
        "abc",
        annotations=[
            {"type": "url_citation", "url_citation": {"url": "u", "title": "t", "start_index": 1, "end_index": 2}},
            {"type": "url_citation", "url_citation": {"url": "v", "start_index": 0, "end_index": 0}},
        ],
    )
    answer = read_answer(response(message, citations=["w"]))
    expected = (ir.Citation("u", "t", 1, 2), ir.Citation("v"), ir.Citation("w"))
    assert bare(answer.choices[0].citations) == bare(expected)


def test_members_beside_citations_are_leftovers() -> None:
    members = {"citations": ["w"], "new": 1, "nothing": None}
    assert dropped(response(**members), "chat.response") == {"$.new"}
    assert dropped(response(choices=[], **members), "chat.response") == {"$.new", "$.citations"}


def test_logprobs() -> None:
    content = [
        {"token": "a", "logprob": -1, "bytes": [97], "top_logprobs": [{"token": "b", "logprob": -2, "bytes": None}]}
    ]
    found = read_answer(response(choice={"logprobs": {"content": content, "refusal": None}})).choices[0].logprobs
    assert bare(found) == bare((ir.TokenLogprob("a", -1, (97,), (ir.TokenLogprob("b", -2),)),))
    assert read_answer(response(choice={"logprobs": {"content": None}})).choices[0].logprobs is None


def test_what_has_no_meaning_elsewhere_is_named_where_it_stood() -> None:
    document = response(
        {"role": "assistant", "content": "x", "padding": "p", "annotations": [{"type": "file", "file": {"hash": "h"}}]},
        provider="p",
        system_fingerprint="f",
        object="odd",
        choice={"native_finish_reason": "STOP", "content_filter_results": {"hate": {"filtered": False}}},
        error={"message": "e"},
    )
    assert dropped(document, "chat.response") == {
        "$.provider",
        "$.system_fingerprint",
        "$.object",
        "$.error",
        "$.choices[0].native_finish_reason",
        "$.choices[0].content_filter_results",
        "$.choices[0].message.padding",
        "$.choices[0].message.annotations[0].type",
        "$.choices[0].message.annotations[0].file",
    }


@pytest.mark.parametrize(
    ("word", "native", "found"),
    [
        ("content_filter", "SPII", ir.Finish("filter", "SPII", "gemini")),
        ("stop", "MALFORMED_FUNCTION_CALL", ir.Finish("error", "MALFORMED_FUNCTION_CALL", "gemini")),
        ("stop", "SPII", ir.Finish("stop", "stop", "openai")),
        ("content_filter", "refusal", ir.Finish("filter", "content_filter", "openai")),
        ("content_filter", 5, ir.Finish("filter", "content_filter", "openai")),
    ],
)
def test_googles_word_for_a_finish_counts_where_it_is_of_the_same_class(
    word: str, native: object, found: ir.Finish
) -> None:
    document = response(choice={"finish_reason": word, "native_finish_reason": native})
    assert read_answer(document).choices[0].finish == found
    told = {path for path in dropped(document, "chat.response") if "native" in path}
    assert told == (set() if found.codec == "gemini" else {"$.choices[0].native_finish_reason"})


@pytest.mark.parametrize("word", ["SPII", "RECITATION", "MALFORMED_FUNCTION_CALL", "OTHER"])
@pytest.mark.parametrize("kind", ["chat.response", "chat.stream"])
def test_googles_words_for_a_finish_come_back(word: str, kind: str) -> None:
    candidate = {"content": {"role": "model", "parts": [{"text": "a"}]}, "finishReason": word, "index": 0}
    body = json.dumps({"candidates": [candidate]}).encode()
    body = body if kind == "chat.response" else b"data: " + body + b"\r\n\r\n"
    there = mp.convert(body, source="gemini", target="openai", kind=kind)
    back = mp.convert(there.body, source="openai", target="gemini", kind=kind)
    assert f'"finishReason":"{word}"'.encode() in back.body
