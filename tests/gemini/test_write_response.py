"""Answers of other protocols as Gemini gives them."""

from __future__ import annotations

from typing import Any

import pytest

from metaphrase import Report, ir
from metaphrase.ir import At
from tests.gemini.helpers import told, write_answer

AT = At(At(None, "choices"), 0)


def written(response: ir.ChatResponse) -> tuple[Any, list[tuple[str, str, str]]]:
    report = Report()
    body = write_answer(response, report)
    report.settle("gemini")
    return body, told(report.losses)


def answer(*parts: ir.Part, **fields: Any) -> tuple[Any, list[tuple[str, str, str]]]:
    body, losses = written(ir.ChatResponse((ir.Choice(0, parts, at=AT, **fields),), origin="elsewhere"))
    return body["candidates"][0], losses


CALL = ir.ToolCall("1", "f", '{"a":1}')
FINISH: list[tuple[tuple[ir.Part, ...], ir.Finish, str, bool]] = [
    ((), ir.Finish("stop", "stop"), "STOP", False),
    ((CALL,), ir.Finish("tool_calls", "tool_calls"), "STOP", False),
    ((CALL,), ir.Finish("stop", "stop"), "STOP", True),
    ((), ir.Finish("tool_calls", "tool_calls"), "STOP", True),
    ((), ir.Finish("length", "length"), "MAX_TOKENS", False),
    ((), ir.Finish("length"), "MAX_TOKENS", False),
    ((), ir.Finish("filter", "content_filter"), "SAFETY", False),
    ((), ir.Finish("stop", "end_turn"), "STOP", True),
    ((), ir.Finish("other", "eos"), "OTHER", True),
    ((), ir.Finish("error", "error"), "OTHER", True),
    ((), ir.Finish("filter", "RECITATION", "gemini"), "RECITATION", False),
    ((ir.Refusal("no"),), ir.Finish("filter", "content_filter"), "SAFETY", False),
]


@pytest.mark.parametrize(("parts", "finish", "reason", "lossy"), FINISH)
def test_finish_reasons(parts: tuple[ir.Part, ...], finish: ir.Finish, reason: str, lossy: bool) -> None:
    body, losses = answer(*parts, finish=finish)
    assert body["finishReason"] == reason
    features = [feature for _, _, feature in losses if feature != "message.refusal"]
    assert features == (["finish.reason"] if lossy else [])


def test_a_refusal_is_a_text_that_safety_stopped() -> None:
    body, losses = answer(ir.Refusal("no", at=At(At(AT, "message"), "refusal")), finish=ir.Finish("stop", "stop"))
    assert body["content"] == {"role": "model", "parts": [{"text": "no"}]}
    assert body["finishReason"] == "SAFETY"
    assert losses == [
        ("approximated", "$.choices[0].finish", "finish.reason"),
        ("approximated", "$.choices[0].message.refusal", "message.refusal"),
    ]


def test_an_answer_that_did_not_finish() -> None:
    assert answer(ir.Text("a"))[0] == {"content": {"role": "model", "parts": [{"text": "a"}]}, "index": 0}
    assert answer() == ({"index": 0}, [])


def test_parts_keep_their_order() -> None:
    picture = ir.Media("image", ir.Inline.of("AAAA"), "image/png")
    body, losses = answer(
        ir.Thinking("t"), ir.Text("a"), picture, ir.Text("b"), CALL, finish=ir.Finish("stop", None, "", "m")
    )
    assert body["content"]["parts"] == [
        {"text": "t", "thought": True},
        {"text": "a"},
        {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
        {"text": "b"},
        {"functionCall": {"name": "f", "args": {"a": 1}, "id": "1"}},
    ]
    assert body["finishMessage"] == "m"
    assert [feature for _, _, feature in losses] == ["finish.reason"]


def test_ratings() -> None:
    assert answer(safety=(ir.SafetyRating("A", "LOW", False),))[0]["safetyRatings"] == [
        {"category": "A", "probability": "LOW", "blocked": False}
    ]


def test_trap_78_probabilities() -> None:
    tokens = (
        ir.TokenLogprob("é", -1, (195, 169), (ir.TokenLogprob("x", -2.5, id=3),)),
        ir.TokenLogprob("b", -2, (1,), at=At(AT, "logprobs")),
    )
    body, losses = answer(logprobs=tokens)
    assert body["logprobsResult"] == {
        "chosenCandidates": [{"token": "é", "logProbability": -1}, {"token": "b", "logProbability": -2}],
        "topCandidates": [{"candidates": [{"token": "x", "logProbability": -2.5, "tokenId": 3}]}, {"candidates": []}],
    }
    assert losses == [("dropped", "$.choices[0].logprobs.bytes", "logprobs.bytes")]
    assert answer(logprobs=(ir.TokenLogprob("a", 0),))[0]["logprobsResult"] == {
        "chosenCandidates": [{"token": "a", "logProbability": 0}]
    }


def test_the_envelope() -> None:
    body, losses = written(ir.ChatResponse((), "i", "m", 1767323045, "elsewhere", service_tier="default"))
    assert body == {
        "responseId": "i",
        "modelVersion": "m",
        "createTime": "2026-01-02T03:04:05Z",
        "usageMetadata": {"serviceTier": "standard"},
    }
    assert losses == []


@pytest.mark.parametrize("created", [10**20, -(10**15)])
def test_times_out_of_range_are_dropped(created: int) -> None:
    body, losses = written(ir.ChatResponse((), created=created, origin="elsewhere"))
    assert body == {}
    assert losses == [("dropped", "$.created", "response.created")]


def test_an_unknown_tier_is_dropped() -> None:
    body, losses = written(ir.ChatResponse((), origin="elsewhere", usage=ir.Usage(1), service_tier="scale"))
    assert body == {"usageMetadata": {"promptTokenCount": 1}}
    assert losses == [("dropped", "$.service_tier", "response.service_tier")]


def test_usage() -> None:
    usage = ir.Usage(10, 2, 3, 4, 5, 0, 19, (("text", 9), ("smell", 1)), (("audio", 5),), at=At(None, "usage"))
    body, losses = written(ir.ChatResponse((), origin="elsewhere", usage=usage))
    assert body["usageMetadata"] == {
        "promptTokenCount": 10,
        "candidatesTokenCount": 5,
        "totalTokenCount": 19,
        "thoughtsTokenCount": 0,
        "cachedContentTokenCount": 2,
        "toolUsePromptTokenCount": 4,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 9}],
        "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 5}],
    }
    assert losses == [
        ("dropped", "$.usage.cache_write", "usage.cache_write"),
        ("dropped", "$.usage.input_by", "usage.input_by.smell"),
    ]


@pytest.mark.parametrize(
    ("usage", "key"),
    [
        (ir.Usage(input_by=(("text", 9),)), "promptTokensDetails"),
        (ir.Usage(output_by=(("text", 9),)), "candidatesTokensDetails"),
    ],
)
def test_usage_that_is_split_on_one_side(usage: ir.Usage, key: str) -> None:
    body, _ = written(ir.ChatResponse((), origin="elsewhere", usage=usage))
    assert body["usageMetadata"] == {key: [{"modality": "TEXT", "tokenCount": 9}]}


def test_a_blocked_prompt() -> None:
    bare = ir.ChatResponse((), origin="elsewhere", blocked=ir.Blocked("OTHER"))
    assert written(bare)[0] == {"promptFeedback": {"blockReason": "OTHER"}}
    blocked = ir.Blocked("SAFETY", "m", (ir.SafetyRating("A"),))
    assert written(ir.ChatResponse((), origin="elsewhere", blocked=blocked))[0] == {
        "promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "m", "safetyRatings": [{"category": "A"}]}
    }


def test_several_candidates_keep_their_index() -> None:
    choices = (ir.Choice(1, (ir.Text("b"),)), ir.Choice(0, (ir.Text("a"),)))
    body, _ = written(ir.ChatResponse(choices, origin="elsewhere"))
    assert [candidate["index"] for candidate in body["candidates"]] == [1, 0]
