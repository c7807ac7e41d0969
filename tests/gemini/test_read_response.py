"""What a Gemini answer means."""

from __future__ import annotations

from typing import Any

import pytest

from metaphrase import ReadError, ir
from metaphrase_gemini.finish import NUMBERS, REASONS, reason_of
from tests.gemini.helpers import bare, crossing, read_answer


def one(**members: Any) -> dict[str, Any]:
    return {"candidates": [members]}


def choice(**members: Any) -> ir.Choice:
    found: ir.Choice = bare(read_answer(one(**members)).choices[0])
    return found


def said(*parts: Any) -> dict[str, Any]:
    return {"role": "model", "parts": list(parts)}


FINISH = [
    ("STOP", "stop"),
    ("stop", "stop"),
    ("MAX_TOKENS", "length"),
    ("CONTINUATION", "length"),
    ("SAFETY", "filter"),
    ("IMAGE_RECITATION", "filter"),
    ("MODEL_ARMOR", "filter"),
    ("MALFORMED_FUNCTION_CALL", "error"),
    ("MISSING_THOUGHT_SIGNATURE", "error"),
    ("NO_IMAGE", "other"),
    (1, "stop"),
    (2, "length"),
    (10, "error"),
    (5, "other"),
    (99, "other"),
    ("FAKE_NEW_FINISH_REASON", "other"),
]


@pytest.mark.parametrize(("native", "reason"), FINISH)
def test_trap_70_finish_reasons_of_any_kind(native: str | int, reason: str) -> None:
    assert choice(finishReason=native).finish == ir.Finish(reason, native, "gemini")  # type: ignore[arg-type]  # on purpose


def test_every_number_has_a_name_that_is_known() -> None:
    assert all(name in REASONS for name in NUMBERS.values())
    assert reason_of(0) == "other"


def test_a_message_is_no_sign_of_failure() -> None:
    found = choice(finishReason="STOP", finishMessage="Model generated function call(s).").finish
    assert found == ir.Finish("stop", "STOP", "gemini", "Model generated function call(s).")


def test_trap_68_candidates_may_lack_everything() -> None:
    assert choice() == ir.Choice(0, ())
    assert choice(content={}) == ir.Choice(0, ())
    assert choice(content={"role": "model"}, finishReason="STOP").parts == ()
    assert read_answer({}).choices == ()


def test_trap_13_no_index_means_the_first() -> None:
    assert [c.index for c in read_answer({"candidates": [{"index": 1}, {}]}).choices] == [1, 0]
    assert [c.index for c in read_answer({"candidates": [{}, {}]}).choices] == [0, 1]


def test_trap_69_feedback_may_stand_beside_candidates() -> None:
    body: dict[str, Any] = one(content=said({"text": "a"}))
    feedback: dict[str, Any] = {"safetyRatings": [{"category": "A"}]}
    body["promptFeedback"] = feedback
    assert read_answer(body).blocked is None
    assert crossing(read_answer, body) == [
        ("dropped", "$.promptFeedback.safetyRatings", "gemini.promptFeedback.safetyRatings")
    ]


def test_a_message_says_that_there_was_a_block() -> None:
    found = read_answer({"promptFeedback": {"blockReasonMessage": "m"}})
    assert bare(found.blocked) == ir.Blocked("BLOCK_REASON_UNSPECIFIED", "m")
    assert read_answer({"promptFeedback": {"blockReasonMessage": ""}}).blocked is None


def test_a_block_is_why_an_answer_without_a_reason_ended() -> None:
    body = {"candidates": [{"index": 0}, {"index": 1, "finishReason": "STOP"}], "promptFeedback": {"blockReason": "X"}}
    assert [one.finish and one.finish.reason for one in read_answer(body).choices] == ["filter", "stop"]


def test_a_blocked_prompt() -> None:
    body = {
        "promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "m", "safetyRatings": [{"category": "A"}]}
    }
    found = read_answer(body)
    assert bare(found.blocked) == ir.Blocked("SAFETY", "m", (ir.SafetyRating("A"),))
    assert found.choices == ()


def test_ratings() -> None:
    found = choice(safetyRatings=[{"category": 8, "probability": "LOW", "blocked": True}])
    assert found.safety == (ir.SafetyRating(8, "LOW", True),)


def usage(**counts: Any) -> ir.Usage:
    found = read_answer({"usageMetadata": counts}).usage
    plain: ir.Usage = bare(found)
    return plain


def test_trap_74_thoughts_are_outside_of_the_candidates() -> None:
    counts = usage(
        promptTokenCount=10,
        candidatesTokenCount=5,
        thoughtsTokenCount=8,
        toolUsePromptTokenCount=4,
        cachedContentTokenCount=2,
        totalTokenCount=27,
    )
    assert counts == ir.Usage(10, 2, None, 4, 5, 8, 27)


def test_trap_74_some_servers_count_them_inside() -> None:
    counts = {"promptTokenCount": 10, "candidatesTokenCount": 9, "thoughtsTokenCount": 4}
    assert usage(**counts, totalTokenCount=19) == ir.Usage(10, output=5, reasoning=4, total=19)
    assert usage(**counts, toolUsePromptTokenCount=1, totalTokenCount=20).output == 5
    assert usage(**counts, totalTokenCount=23).output == 9
    assert usage(**counts).output == 9
    assert usage(promptTokenCount=10, candidatesTokenCount=3, thoughtsTokenCount=4, totalTokenCount=13).output == 3


def test_trap_75_a_missing_count_is_not_zero() -> None:
    assert usage(promptTokenCount=0) == ir.Usage(0)
    assert read_answer({}).usage is None


def test_counts_by_modality() -> None:
    found = usage(
        promptTokensDetails=[{"modality": "TEXT", "tokenCount": 5}, {"modality": 3}],
        candidatesTokensDetails=[{"modality": 99, "tokenCount": 1}, {"tokenCount": 2}],
    )
    assert found.input_by == (("text", 5), ("video", 0))
    assert found.output_by == (("99", 1), ("", 2))


def test_the_envelope() -> None:
    found = read_answer(
        {
            "modelVersion": "models/gemini-3",
            "responseId": "r",
            "createTime": "2026-01-02T03:04:05Z",
            "usageMetadata": {"serviceTier": "standard"},
        }
    )
    assert (found.model, found.id, found.created, found.service_tier) == ("gemini-3", "r", 1767323045, "default")
    assert read_answer({"createTime": "2026-01-02T03:04:05"}).created == 1767323045
    assert crossing(read_answer, {"createTime": "2026-01-02T03:04:05.5Z"}) == [
        ("approximated", "$.createTime", "response.created")
    ]
    assert crossing(read_answer, {"createTime": "?", "turnToken": "t", "error": None}) == [
        ("dropped", "$.createTime", "gemini.createTime"),
        ("dropped", "$.turnToken", "gemini.turnToken"),
    ]


def test_trap_78_probabilities_stand_in_two_lists() -> None:
    found = choice(
        logprobsResult={
            "chosenCandidates": [{"token": "a", "logProbability": -1, "tokenId": 7}, {"token": "b"}, {}],
            "topCandidates": [{"candidates": [{"token": "x", "logProbability": -2}]}, {}],
        }
    )
    assert found.logprobs == (
        ir.TokenLogprob("a", -1, None, (ir.TokenLogprob("x", -2),), 7),
        ir.TokenLogprob("b", 0.0),
        ir.TokenLogprob("", 0.0),
    )


def test_rivals_without_a_token_are_lost() -> None:
    body = one(logprobsResult={"topCandidates": [{"candidates": [{"token": "x"}], "odd": 1}], "sum": 1})
    assert [path for _, path, _ in crossing(read_answer, body)] == [
        "$.candidates[0].logprobsResult.sum",
        "$.candidates[0].logprobsResult.topCandidates[0]",
        "$.candidates[0].logprobsResult.topCandidates[0].odd",
    ]


@pytest.mark.parametrize("content", [{"role": "user", "parts": [{"text": "a"}]}, {"role": "user"}])
def test_an_answer_is_the_models(content: Any) -> None:
    assert crossing(read_answer, one(content=content)) == [("dropped", "$.candidates[0].content.role", "message.role")]


def test_what_no_other_protocol_has() -> None:
    body = one(avgLogprobs=-1, tokenCount=3, finishMessage="m", content=said({"text": "a"}) | {"odd": 1})
    assert [path for _, path, _ in crossing(read_answer, body)] == [
        "$.candidates[0].avgLogprobs",
        "$.candidates[0].content.odd",
        "$.candidates[0].finishMessage",
        "$.candidates[0].tokenCount",
    ]
    counts = {"usageMetadata": {"trafficType": "X", "odd": 1, "promptTokensDetails": [{"odd": 1}]}}
    assert [path for _, path, _ in crossing(read_answer, counts)] == [
        "$.usageMetadata.odd",
        "$.usageMetadata.promptTokensDetails[0].odd",
        "$.usageMetadata.trafficType",
    ]


def test_snake_case_is_read_too() -> None:
    assert read_answer({"response_id": "r", "usage_metadata": {"prompt_token_count": 3}}).id == "r"


def test_an_error_is_no_answer() -> None:
    with pytest.raises(ReadError) as caught:
        read_answer({"error": {"code": 400}})
    assert caught.value.path == "$.error"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (one(groundingMetadata=[]), "$.candidates[0].groundingMetadata"),
        (one(groundingMetadata={"groundingChunks": [1]}), "$.candidates[0].groundingMetadata.groundingChunks[0]"),
        (one(logprobsResult={"chosenCandidates": 1}), "$.candidates[0].logprobsResult.chosenCandidates"),
    ],
)
def test_faults_name_their_place(body: Any, path: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_answer(body)
    assert caught.value.path == path


def test_the_model_without_a_prefix() -> None:
    assert read_answer({"modelVersion": "gemini-3"}).model == "gemini-3"
