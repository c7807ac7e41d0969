"""Requests of another protocol as OpenAI can say them: IR on the left, wire and losses on the right."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw

from metaphrase import ir
from tests.openai.helpers import model, said, sign, talk, user, write
from tests.openai.parts import CALL, PNG, PNG_PART, RESULT, call, messages, result


def test_a_plain_request_loses_nothing() -> None:
    chat = talk(ir.Message("system", (ir.Text("s"),)), user(ir.Text("u")), model(ir.Text("a")), user(ir.Text("v")))
    document, losses = write(chat)
    assert document == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "u"},
            {"role": "assistant", "content": "a"},
            {"role": "user", "content": "v"},
        ],
    }
    assert losses == []


def test_no_model() -> None:
    document, losses = write(ir.ChatRequest(()))
    assert document == {"messages": []}
    assert said(losses) == {("defaulted", "request.model")}


def test_calls_and_results() -> None:
    assert messages(user(ir.Text("u")), model(call()), user(result())) == [
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        RESULT,
    ]


def test_a_message_with_everything() -> None:
    document, losses = write(talk(model(ir.Thinking("t"), ir.Text("a"), ir.Text("b"), ir.Refusal("no"), PNG, call())))
    assert document["messages"] == [
        {
            "role": "assistant",
            "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
            "reasoning_content": "t",
            "refusal": "no",
            "images": [PNG_PART],
            "tool_calls": [CALL],
        }
    ]
    assert losses == []


def test_what_stood_in_another_order_has_moved() -> None:
    document, losses = write(talk(model(call(), ir.Text("after"), ir.Thinking("t"), ir.Text(""))))
    assert document["messages"][0]["content"] == [{"type": "text", "text": "after"}, {"type": "text", "text": ""}]
    assert said(losses) == {("moved", "message.order")}


def test_thoughts_are_joined() -> None:
    document, losses = write(talk(model(ir.Thinking("a"), ir.Thinking("b"), ir.Thinking("c"), ir.Text("x"))))
    assert document["messages"][0]["reasoning_content"] == "abc"
    assert [(loss.feature, loss.count) for loss in losses] == [("thinking.parts", 3)]


def test_an_empty_thought_is_none() -> None:
    assert messages(model(ir.Thinking(""), ir.Text("x"))) == [{"role": "assistant", "content": "x"}]


def test_parts_of_our_own_that_nobody_else_knows() -> None:
    own = ir.Foreign("openai", "odd", Raw(b'{"type":"odd"}'))
    out = messages(user(ir.Text("a"), own), model(own))
    assert out[0]["content"] == [{"type": "text", "text": "a"}, {"type": "odd"}]
    assert out[1]["content"] == [{"type": "odd"}]


def test_a_model_that_says_nothing() -> None:
    assert messages(model()) == [{"role": "assistant", "content": ""}]
    assert messages(user()) == [{"role": "user", "content": ""}]
    assert messages(ir.Message("system", ())) == [{"role": "system", "content": ""}]


def test_names_of_participants() -> None:
    assert messages(ir.Message("user", (ir.Text("x"),), "n")) == [{"role": "user", "content": "x", "name": "n"}]


def test_system_holds_text_only() -> None:
    document, losses = write(talk(ir.Message("system", (ir.Text("a"), PNG, ir.Text("b", sign())))))
    assert document["messages"] == [
        {"role": "system", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}
    ]
    assert said(losses) == {("dropped", "system.content"), ("dropped", "thinking.signature")}


def test_code_and_foreign_parts_are_dropped() -> None:
    odd = ir.Foreign("gemini", "odd", Raw(b"{}"))
    document, losses = write(talk(model(ir.Code("1"), ir.CodeResult("ok"), odd, ir.Text("x")), user(ir.Text("y"), odd)))
    assert [message["content"] for message in document["messages"]] == ["x", [{"type": "text", "text": "y"}]]
    assert said(losses) == {("dropped", "code.execution"), ("dropped", "content.foreign")}


# --- media --------------------------------------------------------------------------------------------------------

MEDIA: list[tuple[ir.Media, Any, set[tuple[str, str]]]] = [
    (PNG, PNG_PART, set()),
    (
        ir.Media("image", ir.Uri("https://x/y.png"), "image/png", detail="low"),
        {"type": "image_url", "image_url": {"url": "https://x/y.png", "detail": "low"}},
        set(),
    ),
    (
        ir.Media("image", ir.Uri("https://x/y"), "image/webp", detail="ultra"),
        {"type": "image_url", "image_url": {"url": "https://x/y", "detail": "high", "format": "image/webp"}},
        {("approximated", "media.detail")},
    ),
    (
        ir.Media("image", ir.Inline.of("AAAA"), None, "n", detail="odd"),
        {"type": "image_url", "image_url": {"url": "data:;base64,AAAA"}},
        {("dropped", "media.detail"), ("dropped", "media.name")},
    ),
    (
        ir.Media("audio", ir.Inline.of("AAAA"), "audio/wav"),
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        set(),
    ),
    (
        ir.Media("audio", ir.Inline.of("AAAA"), "audio/mpeg"),
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
        set(),
    ),
    (
        ir.Media("audio", ir.Inline.of("AAAA"), "audio/ogg", detail="low", transcript="t"),
        {"type": "audio_url", "audio_url": {"url": "data:audio/ogg;base64,AAAA"}},
        {("dropped", "media.detail"), ("dropped", "media.transcript")},
    ),
    (
        ir.Media("video", ir.Uri("https://youtu.be/x"), "video/mp4", clip=ir.Clip("1s", None, 2)),
        {
            "type": "video_url",
            "video_url": {"url": "https://youtu.be/x"},
            "video_metadata": {"start_offset": "1s", "fps": 2},
        },
        {("dropped", "media.mime")},
    ),
    (
        ir.Media("document", ir.Inline.of("AAAA"), "application/pdf", "n.pdf"),
        {"type": "file", "file": {"filename": "n.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
        set(),
    ),
    (
        ir.Media("other", ir.Uri("https://x/y"), "a/b", detail="low"),
        {"type": "file", "file": {"file_data": "https://x/y", "format": "a/b"}},
        {("dropped", "media.detail")},
    ),
    (
        ir.Media("document", ir.FileId("file-1", "openai"), None, "n"),
        {"type": "file", "file": {"filename": "n", "file_id": "file-1"}},
        set(),
    ),
]


@pytest.mark.parametrize(("media", "part", "lost"), MEDIA)
def test_media(media: ir.Media, part: Any, lost: set[tuple[str, str]]) -> None:
    document, losses = write(talk(user(media, ir.Text("?"))))
    assert document["messages"][0]["content"] == [part, {"type": "text", "text": "?"}]
    assert said(losses) == lost


def test_a_file_of_another_provider_is_dropped() -> None:
    document, losses = write(
        talk(user(ir.Media("image", ir.FileId("x", "gemini"))), model(ir.Media("image", ir.FileId("x", "gemini"))))
    )
    assert [message["content"] for message in document["messages"]] == ["", ""]
    assert said(losses) == {("dropped", "media.file_id")}


@pytest.mark.parametrize(
    ("word", "parts", "detail", "lost"),
    [
        ("low", (PNG,), "low", set()),
        ("medium", (PNG,), "auto", {("approximated", "media.detail")}),
        ("low", (ir.Text("x"),), None, {("dropped", "media.detail")}),
    ],
)
def test_one_detail_for_all(word: str, parts: Any, detail: str | None, lost: set[tuple[str, str]]) -> None:
    document, losses = write(talk(user(*parts), media_detail=word))
    content = document["messages"][0]["content"]
    assert (content[0]["image_url"].get("detail") if detail else None) == detail
    assert said(losses) == lost
