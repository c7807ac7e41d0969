"""Requests and answers that were read and then changed: a spelling holds only while the value does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

import metaphrase as mp
from metaphrase import ir
from metaphrase.http import Request
from metaphrase.loss import Report
from metaphrase_openai import codec, openai
from tests.openai.helpers import (
    TOOL,
    assistant,
    encode,
    read,
    read_answer,
    request,
    response,
    sign,
    talk,
    user,
)


def rewritten(chat: ir.ChatRequest, **options: Any) -> Any:
    out = openai(**options).chat
    assert out is not None
    return json.loads(out.write_request(chat, Report()).body)


def test_a_spelling_holds_only_while_the_value_does() -> None:
    chat = read(
        request(
            stream=False,
            max_completion_tokens=5,
            stop="a",
            reasoning={"effort": "low"},
            tools=[TOOL],
            tool_choice="any",
        )
    )
    changed = replace(
        chat,
        sampling=ir.Sampling(max_tokens=6, stop=("b",)),
        thinking=ir.ThinkingSetting("high"),
        tool_choice=ir.ToolChoice("auto"),
        stream=True,
    )
    out = rewritten(changed)
    assert (out["max_tokens"], out["stop"], out["reasoning_effort"], out["tool_choice"]) == (6, ["b"], "high", "auto")
    assert out["stream"] is True
    assert "reasoning" not in out


def test_parts_changed_by_hand_are_laid_out_anew() -> None:
    chat = read(request(assistant([{"type": "text", "text": "x"}])))
    custom = ir.ToolCall("c", "f", "x", kind="custom")
    parts = (ir.Thinking("t"), ir.Thinking("u"), ir.Text("a"), ir.Text("b"), custom)
    out = rewritten(replace(chat, messages=(replace(chat.messages[0], parts=parts),)))["messages"][0]
    assert out["reasoning_content"] == "tu"
    assert [part["text"] for part in out["content"]] == ["a", "b"]
    assert out["tool_calls"][0]["custom"] == {"name": "f", "input": "x"}


def test_an_image_whose_type_is_changed_by_hand() -> None:
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    chat = read(request({"role": "user", "content": [part]}))
    media = chat.messages[0].parts[0]
    assert isinstance(media, ir.Media)
    message = replace(chat.messages[0], parts=(replace(media, mime="image/webp"),))
    out = rewritten(replace(chat, messages=(message,)))["messages"][0]
    assert out["content"][0]["image_url"]["url"] == "data:image/webp;base64,AAAA"


def test_an_answer_changed_by_hand() -> None:
    assert codec.chat is not None
    chat = read_answer(
        response(choice={"logprobs": {"content": [{"token": "a", "logprob": 0}]}}, usage={"prompt_tokens": 1})
    )
    choice = replace(
        chat.choices[0],
        finish=ir.Finish("length"),
        citations=(ir.Citation("u"),),
        logprobs=(ir.TokenLogprob("b", 0),),
        parts=(ir.Text("x", sign()),),
    )
    changed = replace(chat, choices=(choice,), usage=ir.Usage(2), id="y")
    out = json.loads(codec.chat.write_response(changed, None, Report()).body)
    assert out["choices"][0]["finish_reason"] == "length"
    assert out["choices"][0]["logprobs"]["content"][0]["token"] == "b"
    assert out["choices"][0]["message"]["annotations"][0]["url_citation"]["url"] == "u"
    assert out["usage"]["prompt_tokens"] == 2


def test_what_json_cannot_hold_is_a_write_error() -> None:
    assert codec.chat is not None
    with pytest.raises(mp.WriteError):
        codec.chat.write_request(talk(user(ir.Text("\ud800"))), Report())


def test_paths_of_media_follow_their_spelling() -> None:
    content = [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "input_audio", "input_audio": "AAAA"},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA"}},
        {"type": "document_url", "document_url": "https://x"},
    ]
    report = Report()
    assert codec.chat is not None
    chat = codec.chat.read_request(Request(body=encode(request({"role": "user", "content": content}))), report)
    for part in chat.messages[0].parts:
        report.lose("dropped", part, "mime", "media.mime", "other")
    assert [loss.path.removeprefix("$.messages[0].content") for loss in report.losses] == [
        "[*].input_audio.data",
        "[0].image_url.url",
        "[3].file.file_data",
        "[4]",
    ]
