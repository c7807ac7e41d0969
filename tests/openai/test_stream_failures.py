"""Streams that fail, refuse, or leave out what OpenAI's chunks must say."""

from __future__ import annotations

from typing import Any

import pytest

from metaphrase import ir
from metaphrase.errors import WriteError
from metaphrase.loss import Report
from tests.openai.streaming import DONE, deltas, part, write

FIRST: dict[str, Any] = {"role": "assistant", "content": None}
STOP = ir.Finished(0, ir.Finish("stop", "STOP", "gemini"))
START = ir.Start("x", "m", 1, origin="gemini")


def test_a_failure_is_the_last_thing_said() -> None:
    failed = ir.Failed(ir.Failure(503, "UNAVAILABLE", "high demand"))
    (_, error) = write(START, *part(ir.Text(""), "a"), failed)
    assert error["error"]["message"] == "high demand"
    assert write(failed)[0].keys() == {"error"}


def test_an_answer_that_is_nothing_but_a_failed_call() -> None:
    finish = ir.Finished(0, ir.Finish("error", "MALFORMED_FUNCTION_CALL", "gemini", "bad call"))
    (error,) = write(START, finish, ir.Done())
    assert error["error"]["message"] == "bad call"
    assert write(START, *part(ir.Text(""), "a"), finish, ir.Done())[-1] == DONE


def test_a_refused_prompt() -> None:
    blocked = ir.Extra(blocked=ir.Blocked("SAFETY", "words"))
    first, last, done = write(START, blocked, ir.Done())
    assert first["choices"][0]["delta"] == FIRST | {"refusal": "Prompt blocked: SAFETY (words)"}
    assert last["choices"][0] == {"index": 0, "delta": {}, "finish_reason": "content_filter"}
    assert done == DONE
    answered = write(START, blocked, *part(ir.Text(""), "a"), STOP, ir.Done())
    assert [one["choices"][0]["finish_reason"] for one in answered[:-1]] == [None, "stop"]


def test_what_the_stream_did_not_say() -> None:
    report = Report()
    first, *_ = write(ir.Start(), *part(ir.Text(""), "a"), STOP, ir.Done(), report=report)
    assert first["id"].startswith("chatcmpl-")
    assert first["created"] == 0
    assert [(loss.kind, loss.feature) for loss in report.losses] == [
        ("defaulted", "response.created"),
        ("synthesised", "response.id"),
    ]


@pytest.mark.parametrize("pieces", [["\ud800"], ["a", "\ud800"]])
def test_a_text_that_json_cannot_hold(pieces: list[str]) -> None:
    with pytest.raises(WriteError):
        deltas(*part(ir.Text(""), *pieces))
