"""Parts of other protocols as Gemini takes them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw

from metaphrase import Report, ir
from metaphrase.ir import At, Opaque
from metaphrase_gemini import codec
from tests.gemini.helpers import MESSAGES, chat, says, text, translated

SCHEMA = ir.JsonSchema(Raw(b'{"type":"object","properties":{"a":{"const":1}}}'))
USER = [{"role": "user", "parts": [{"text": "hi"}]}]
PNG = ir.Inline.of("iVBORw0KGgo=")
THIRD = "gemini-3-flash-preview"


AT = At(At(MESSAGES, 0), "content")
PARTS: list[tuple[ir.Part, Any, list[str]]] = [
    (ir.Text("a", at=AT), {"text": "a"}, []),
    (ir.Thinking("a", at=AT), {"text": "a", "thought": True}, []),
    (ir.Text("a", Opaque("other", "x"), at=AT), {"text": "a"}, ["dropped thinking.signature"]),
    (ir.Text("a", Opaque("gemini", "x"), at=AT), {"text": "a", "thoughtSignature": "x"}, []),
    (ir.Refusal("no", at=AT), {"text": "no"}, ["approximated message.refusal"]),
    (
        ir.Media("image", PNG, "image/jpg", at=AT),
        {"inlineData": {"mimeType": "image/jpeg", "data": "iVBORw0KGgo="}},
        [],
    ),
    (
        ir.Media("image", PNG, at=AT),
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
        ["defaulted media.mime"],
    ),
    (
        ir.Media("audio", ir.Inline.of("AAAA"), at=AT),
        {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}},
        ["defaulted media.mime"],
    ),
    (
        ir.Media("document", ir.Inline.of("AAAA"), None, "a.md", at=AT),
        {"inlineData": {"mimeType": "text/markdown", "data": "AAAA", "displayName": "a.md"}},
        [],
    ),
    (
        ir.Media("image", ir.Uri("https://a/b.png"), at=AT),
        {"fileData": {"mimeType": "image/png", "fileUri": "https://a/b.png"}},
        [],
    ),
    (ir.Media("image", ir.Uri("https://a/b"), at=AT), {"fileData": {"fileUri": "https://a/b"}}, []),
    (
        ir.Media("other", ir.FileId("files/x", "gemini"), at=AT),
        {"fileData": {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/x"}},
        [],
    ),
    (
        ir.Media("video", ir.Uri("gs://v"), "video/mp4", clip=ir.Clip("1s", "2s", 1), at=AT),
        {
            "fileData": {"mimeType": "video/mp4", "fileUri": "gs://v"},
            "videoMetadata": {"startOffset": "1s", "endOffset": "2s", "fps": 1},
        },
        [],
    ),
    (
        ir.Media("audio", ir.Inline.of("AAAA"), "audio/wav", transcript="t", at=AT),
        {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}, "audioTranscription": {"text": "t"}},
        [],
    ),
    (ir.Code("1", "PYTHON", at=AT), {"executableCode": {"language": "PYTHON", "code": "1"}}, []),
    (ir.CodeResult("OUTCOME_OK", at=AT), {"codeExecutionResult": {"outcome": "OUTCOME_OK"}}, []),
    (ir.Foreign("gemini", "toolCall", Raw(b'{"toolCall":{}}'), at=AT), {"toolCall": {}}, []),
]


@pytest.mark.parametrize(("part", "written", "losses"), PARTS)
def test_parts(part: ir.Part, written: Any, losses: list[str]) -> None:
    body, lost = translated(chat(says("user", part)))
    assert body["contents"] == [{"role": "user", "parts": [written]}]
    assert [f"{kind} {feature}" for kind, _, feature in lost] == losses


@pytest.mark.parametrize(
    "part", [ir.Foreign("x", "k", Raw(b"{}"), at=AT), ir.Media("image", ir.FileId("f", "x"), at=AT)]
)
def test_what_cannot_be_said_is_dropped_whole(part: ir.Part) -> None:
    body, losses = translated(chat(says("user", part)))
    assert body["contents"] == [{"role": "user", "parts": [{"text": ""}]}]
    assert [(kind, path) for kind, path, _ in losses] == [("dropped", "$.messages[0].content")]


def detailed(*details: str) -> ir.Message:
    return says(
        "user", *[ir.Media("image", PNG, "image/png", detail=detail, at=At(AT, i)) for i, detail in enumerate(details)]
    )


def test_detail_for_each_medium_where_the_model_takes_it() -> None:
    body, losses = translated(chat(detailed("low", "ultra", "auto", "odd"), model=THIRD))
    assert [part.get("mediaResolution") for part in body["contents"][0]["parts"]] == [
        {"level": "MEDIA_RESOLUTION_LOW"},
        {"level": "MEDIA_RESOLUTION_ULTRA_HIGH"},
        None,
        None,
    ]
    assert [path for _, path, _ in losses] == ["$.messages[0].content[3].detail"]


def test_one_detail_for_all_where_it_does_not() -> None:
    assert translated(chat(detailed("ultra")))[1] == [
        ("approximated", "$.messages[0].content[0].detail", "media.detail")
    ]
    body, losses = translated(chat(detailed("low", "high", "auto", "odd")))
    assert body["generationConfig"] == {"mediaResolution": "MEDIA_RESOLUTION_HIGH"}
    assert losses == [
        ("approximated", "$.messages[0].content[0].detail", "media.detail"),
        ("dropped", "$.messages[0].content[3].detail", "media.detail"),
    ]


def test_trap_7_leftovers_of_another_codec_never_leak() -> None:
    odd = ir.Text("hi", at=AT, ext={"elsewhere": {"cache_control": Raw(b"1")}})
    message = ir.Message("user", (odd,), at=At(MESSAGES, 0), ext={"elsewhere": {"x": Raw(b"1")}})
    body, _ = translated(chat(message, ext={"elsewhere": {"user": Raw(b'"u"')}}))
    assert body == {"contents": USER}


def test_credentials() -> None:
    assert codec.credentials is not None
    assert codec.credentials("k") == (("x-goog-api-key", "k"),)


def test_headers_say_json() -> None:
    out = codec.chatting().write_request(chat(), Report())
    assert out.method == "POST"
    assert out.header("Content-Type") == "application/json"


def test_trap_28_a_text_is_never_joined_with_its_neighbour() -> None:
    body, _ = translated(chat(says("user", text("a"), text("b")), says("user", "c")))
    assert body["contents"] == [{"role": "user", "parts": [{"text": "a"}, {"text": "b"}, {"text": "c"}]}]
