"""Any part that can be made by hand is written, or reported; never an exception of another kind, never silence."""

from __future__ import annotations

import itertools
import json
from typing import Any, Literal

import pytest
from msgspec import Raw

import metaphrase as mp
from metaphrase import Report, ir
from metaphrase.fold import unfold
from metaphrase.ir.node import At, Opaque
from metaphrase_openai import openai

INLINE = ir.Inline.of("AAAA")
SIGNED = Opaque("gemini", "c2ln")
PARTS: tuple[ir.Part, ...] = (
    ir.Foreign("openai", "image_url", Raw(b"{}")),
    ir.Foreign("openai", "x", Raw(b'{"image_url":{}}')),
    ir.Foreign("gemini", "x", Raw(b"null")),
    ir.Text("x"),
    ir.Text("", state=SIGNED),
    ir.Thinking("t", state=SIGNED),
    ir.Media("image", INLINE, "image/png", state=SIGNED),
    ir.Media("image", ir.FileId("f", "openai")),
    ir.Media("image", ir.FileId("f", "gemini")),
    ir.Media("video", INLINE, "video/mp4"),
    ir.Media("audio", INLINE, "audio/wav"),
    ir.Media("document", INLINE, "application/pdf"),
    ir.Media("other", ir.Uri("https://example.org/a.bin")),
    ir.ToolCall("i", "f", "{}"),
    ir.ToolCall("", "f", "{", kind="custom"),
    ir.ToolResult("i", "f", "o"),
    ir.ToolResult("i", None, None),
    ir.Refusal("r"),
    ir.Code("p", state=SIGNED),
    ir.CodeResult("ok", "x"),
)
PLACES: tuple[Literal["images", "parts", "markdown"], ...] = ("images", "parts", "markdown")


def answer(parts: tuple[ir.Part, ...], origin: str) -> ir.ChatResponse:
    return ir.ChatResponse((ir.Choice(0, parts, ir.Finish("stop")),), "i", "m", 1, origin=origin)


@pytest.mark.parametrize("images", PLACES)
@pytest.mark.parametrize("origin", ["openai", "gemini", ""])
def test_any_two_parts_are_written(images: Literal["images", "parts", "markdown"], origin: str) -> None:
    codec = openai(images=images)
    for parts in itertools.chain([(part,) for part in PARTS], itertools.product(PARTS, repeat=2)):
        chat = answer(parts, origin)
        json.loads(codec.chatting().write_response(chat, None, Report()).body)
        writer = codec.streaming().writer(None, Report())
        assert b"".join([*[writer.feed(event) for event in unfold(chat)], writer.close()]).endswith(b"[DONE]\n\n")
        for role in ("user", "model", "system", "tool"):
            asked = ir.ChatRequest((ir.Message(role, parts),), model="m", origin=origin)
            json.loads(codec.chatting().write_request(asked, Report()).body)


@pytest.mark.parametrize("images", PLACES)
def test_a_part_of_its_own_shows_beside_a_text(images: Literal["images", "parts", "markdown"]) -> None:
    own = ir.Foreign("openai", "image_url", Raw(b'{"a":1}'))
    chat = answer((own, ir.Text("x")), "gemini")
    said = json.loads(openai(images=images).chatting().write_response(chat, None, Report()).body)
    assert said["choices"][0]["message"]["content"] == [{"a": 1}, {"type": "text", "text": "x"}]


def test_anothers_part_is_named() -> None:
    report = Report()
    theirs = ir.Foreign("gemini", "x", Raw(b"{}"), at=At(At(None, "parts"), 0))
    openai().chatting().write_response(answer((theirs, ir.Text("x")), "gemini"), None, report)
    assert [(loss.kind, loss.path) for loss in report.losses] == [("dropped", "$.parts[0]")]


def test_only_images_are_drawn_into_the_text_of_a_stream() -> None:
    video: dict[str, Any] = {"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}}
    picture: dict[str, Any] = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    said = {"candidates": [{"content": {"parts": [video, picture]}, "finishReason": "STOP"}], "responseId": "r"}
    again = mp.Reencoder("gemini", openai(images="markdown"))
    out = again.feed(b"data: " + json.dumps(said).encode() + b"\n\n") + again.close()
    assert again.failure is None
    assert out.count(b'"video_url"') == 2  # a name and its key
    assert out.count(b"![image](data:image/png") == 1
