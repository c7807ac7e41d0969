"""Answers with usual things in unusual places: an object as content, usage in a choice, Google's words in ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

import metaphrase as mp
from metaphrase import ir
from metaphrase.loss import Loss
from tests.openai.helpers import USER, again, assistant, encode, read, read_answer, request, response

OBJECT: dict[str, Any] = {"title": "A", "n": 1.50, "of": [{"é": None}]}
COUNTS = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8, "cached_tokens": 2}
STRANGE = {"prompt_tokens": 3, "prompt_tokens_details": {"zz": 1}}


def toward_gemini(document: Any, kind: str = "chat.response") -> tuple[Any, tuple[Loss, ...]]:
    done = mp.convert(encode(document), source="openai", target="gemini", kind=kind, path="/v1/chat/completions")
    return json.loads(done.body), done.losses


def moonshot(counted: Any, **members: Any) -> dict[str, Any]:
    return response(choice={"usage": counted}, **members)


# --- an object as content (Cloudflare's JSON mode) ------------------------------------------------------------------


def test_an_object_is_read_as_its_json_text() -> None:
    said, losses = toward_gemini(response(assistant(OBJECT)))
    (part,) = said["candidates"][0]["content"]["parts"]
    assert json.loads(part["text"]) == OBJECT
    (loss,) = [loss for loss in losses if loss.feature == "message.content"]
    assert (loss.kind, loss.path) == ("repaired", "$.choices[0].message.content")


@pytest.mark.parametrize("content", [OBJECT, {}, {"type": "text", "text": "t"}])
def test_an_object_comes_back(content: dict[str, Any]) -> None:
    document = response(assistant(content))
    assert again(document, "chat.response") == document
    tool = {"role": "tool", "tool_call_id": "c", "content": content}
    for echo in (assistant(content), assistant(content, name="n"), tool, {**tool, "name": "f"}):
        said = request(USER, echo)
        assert again(said) == said


def test_a_tools_answer_may_be_an_object() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    said = request(USER, assistant(tool_calls=[call]), {"role": "tool", "tool_call_id": "c", "content": OBJECT})
    result = read(said).messages[-1].parts[0]
    assert isinstance(result, ir.ToolResult)
    assert result.output is not None
    assert json.loads(result.output) == OBJECT
    losses = {(loss.kind, loss.path) for loss in toward_gemini(said, "chat.request")[1]}
    assert ("repaired", "$.messages[2].content") in losses


@pytest.mark.parametrize("role", ["user", "system", "developer"])
def test_no_client_says_an_object(role: str) -> None:
    with pytest.raises(mp.ReadError) as error:
        read(request({"role": role, "content": {"type": "text", "text": "t"}}))
    assert error.value.path == "$.messages[0].content"


@pytest.mark.parametrize("content", [1, True, 1.5])
def test_other_scalars_are_no_content(content: Any) -> None:
    with pytest.raises(mp.ReadError) as error:
        read_answer(response(assistant(content)))
    assert error.value.path == "$.choices[0].message.content"


# --- usage in a choice (Moonshot) -----------------------------------------------------------------------------------


def test_the_usage_of_a_choice_counts() -> None:
    usage = read_answer(moonshot(COUNTS)).usage
    assert usage is not None
    assert (usage.input, usage.output, usage.total, usage.cached) == (3, 5, 8, 2)
    said, losses = toward_gemini(moonshot(COUNTS))
    assert said["usageMetadata"]["totalTokenCount"] == 8
    assert losses == ()


@pytest.mark.parametrize("members", [{}, {"usage": None}, {"usage": {"total_tokens": 9}}])
def test_the_usage_of_a_choice_stays_in_it(members: dict[str, Any]) -> None:
    document = moonshot(COUNTS, **members)
    assert again(document, "chat.response") == document


def test_what_the_usage_of_a_choice_does_not_say_is_named_there() -> None:
    paths = {loss.path for loss in toward_gemini(moonshot(STRANGE))[1]}
    assert paths == {"$.choices[0].usage.prompt_tokens_details.zz"}
    with pytest.raises(mp.ReadError) as error:
        read_answer(moonshot({"prompt_tokens": "x"}))
    assert error.value.path == "$.choices[0].usage.prompt_tokens"


def test_one_usage_counts_and_the_others_are_named() -> None:
    whole = moonshot(COUNTS, usage={"total_tokens": 9})
    said, losses = toward_gemini(whole)
    assert said["usageMetadata"]["totalTokenCount"] == 9
    assert {loss.path for loss in losses} == {"$.choices[0].usage"}
    two = moonshot(COUNTS)
    two["choices"].append({**two["choices"][0], "index": 1, "usage": {"total_tokens": 7}})
    said, losses = toward_gemini(two)
    assert said["usageMetadata"]["totalTokenCount"] == 7
    assert "$.choices[0].usage" in {loss.path for loss in losses}


@pytest.mark.parametrize("usage", [5, "x", [1]])
def test_what_is_no_usage_is_left_over(usage: Any) -> None:
    document = moonshot(usage)
    assert again(document, "chat.response") == document
    assert {loss.path for loss in toward_gemini(document)[1]} == {"$.choices[0].usage"}


# --- Google's words in OpenAI's field -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "reason"),
    [("STOP", "stop"), ("MAX_TOKENS", "length"), ("SAFETY", "filter"), ("RECITATION", "filter"), ("OTHER", "other")],
)
def test_googles_own_words(word: str, reason: str) -> None:
    document = response(choice={"finish_reason": word})
    finish = read_answer(document).choices[0].finish
    assert finish is not None
    assert finish.reason == reason
    said, losses = toward_gemini(document)
    assert (said["candidates"][0]["finishReason"], losses) == (word, ())
    assert again(document, "chat.response") == document
