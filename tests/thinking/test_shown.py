"""How thoughts are shown, and read: they never leak into the answer, nor the answer into them."""

import json
from typing import Any

import pytest

import metaphrase as mp
from metaphrase_openai import openai

FORMS = ("reasoning_content", "reasoning", "google", "think_tags")
PARTS = [{"text": "t", "thought": True}, {"text": "a"}]
PATH = "/v1beta/models/gemini-3-flash:generateContent"


def answer(*parts: Any) -> bytes:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": "STOP", "index": 0}
    return json.dumps({"candidates": [candidate]}).encode()


def shown(target: Any, *parts: Any) -> tuple[dict[str, Any], mp.Converted]:
    done = mp.convert(answer(*parts), source="gemini", target=target, kind="chat.response", now=1)
    return json.loads(done.body)["choices"][0]["message"], done


def read(message: dict[str, Any], source: Any = "openai") -> list[Any]:
    """The parts of an assistant's message, in an answer and in a history, which are the same."""
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    done = mp.convert(json.dumps(body).encode(), source=source, target="gemini", kind="chat.response")
    found = json.loads(done.body)["candidates"][0]["content"]["parts"]
    history = {"model": "m", "messages": [{"role": "user", "content": "?"}, message]}
    again = mp.convert(json.dumps(history).encode(), source=source, target="gemini", kind="chat.request")
    assert json.loads(again.body)["contents"][1]["parts"] == found
    return list(found)


@pytest.mark.parametrize("form", FORMS)
def test_trap_65_thoughts_are_shown_and_read_in_every_form(form: Any) -> None:
    codec = openai(thinking=form, read_think_tags=form == "think_tags")
    message, _ = shown(codec, *PARTS)
    assert (message["content"] == "a") is (form in FORMS[:2])
    del message["refusal"]
    assert read(message, codec) == PARTS


def test_trap_61_googles_tags_count_only_where_its_flag_stands() -> None:
    flag = {"google": {"thought": True}}
    tagged = "<thought>t</thought>a"
    assert read({"role": "assistant", "content": tagged, "extra_content": flag}) == PARTS
    assert read({"role": "assistant", "content": tagged}) == [{"text": tagged}]
    assert read({"role": "assistant", "content": "a", "extra_content": flag}) == [{"text": "a"}]


def test_bare_tags_are_read_by_option_only() -> None:
    message = {"role": "assistant", "content": "<think>t</think>a"}
    assert read(message) == [{"text": "<think>t</think>a"}]
    assert read(message, openai(read_think_tags=True)) == PARTS
    user = {"model": "m", "messages": [{"role": "user", "content": "<think>t</think>a"}]}
    done = mp.convert(
        json.dumps(user).encode(), source=openai(read_think_tags=True), target="gemini", kind="chat.request"
    )
    assert json.loads(done.body)["contents"][0]["parts"] == [{"text": "<think>t</think>a"}]


@pytest.mark.parametrize(
    "message",
    [
        {"reasoning_content": "t"},
        {"reasoning": "t"},
        {"reasoning": "t", "reasoning_details": [{"type": "reasoning.text", "text": "t", "index": 0}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "t", "index": 0}]},
        {"reasoning_content": "t", "reasoning": "t"},
        {"thinking_blocks": [{"type": "thinking", "thinking": "t"}]},
    ],
)
def test_trap_66_all_fields_are_read(message: dict[str, Any]) -> None:
    assert read({"role": "assistant", "content": "a", **message}) == PARTS


def test_thoughts_in_a_content_list() -> None:
    listed = [{"type": "thinking", "thinking": [{"type": "text", "text": "t"}]}, {"type": "text", "text": "a"}]
    assert read({"role": "assistant", "content": listed}) == PARTS


@pytest.mark.parametrize(("form", "tag"), [("google", "</thought>"), ("think_tags", "</think>")])
def test_a_thought_that_holds_its_own_closing_tag_does_not_leak(form: Any, tag: str) -> None:
    codec = openai(thinking=form, read_think_tags=form == "think_tags")
    parts = [{"text": f"t{tag}u", "thought": True}, {"text": "a"}]
    message, done = shown(codec, *parts)
    assert message["content"] == "a"
    assert message["reasoning_content"] == f"t{tag}u"
    assert ("approximated", "thinking.form") in {(loss.kind, loss.feature) for loss in done.losses}
    del message["refusal"]
    assert read(message, codec) == parts


@pytest.mark.parametrize("form", FORMS)
def test_trap_67_a_signature_without_thoughts(form: Any) -> None:
    codec = openai(thinking=form, read_think_tags=form == "think_tags")
    signed = [*PARTS[:1], {"text": "a", "thoughtSignature": "c2ln"}]
    for parts in (signed, signed[1:]):
        message, _ = shown(codec, *parts)
        del message["refusal"]
        assert read(message, codec) == parts
