"""What requests mean: wire on the left, IR on the right."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw
from msgspec.json import decode

from metaphrase import ir
from metaphrase.loss import steps_of
from tests.openai.helpers import CALL, TOOL, USER, assistant, bare, read, request, sign

PNG = "data:image/png;base64,iVBORw0KGgo="


def parts(*messages: Any, **options: Any) -> tuple[ir.Part, ...]:
    return read(request(*messages), **options).messages[-1].parts


def said(part: dict[str, Any]) -> ir.Part:
    return parts({"role": "user", "content": [part, {"type": "text", "text": "x"}]})[0]


def media(kind: str, value: Any) -> ir.Media:
    found = said({"type": kind, kind: value})
    assert isinstance(found, ir.Media)
    return found


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("system", "system"),
        ("developer", "system"),
        ("user", "user"),
        ("assistant", "model"),
        ("model", "model"),
        ("tool", "tool"),
        ("function", "tool"),
        ("observation", "user"),
    ],
)
def test_roles(word: str, role: str) -> None:
    assert read(request({"role": word, "content": "x"})).messages[0].role == role


def test_texts_and_calls_stand_in_order() -> None:
    message = read(request(assistant("a", reasoning_content="t", refusal="r", tool_calls=[CALL]))).messages[0]
    assert bare(message.parts) == bare((ir.Thinking("t"), ir.Text("a"), ir.Refusal("r"), ir.ToolCall("c1", "f", "{}")))


def test_the_model_and_the_target_are_kept() -> None:
    chat = read(request())
    assert (chat.model, chat.origin, chat.target) == ("m", "openai", "/v1/chat/completions")


@pytest.mark.parametrize(
    ("value", "source", "mime"),
    [
        ({"url": PNG}, ir.Inline.of("iVBORw0KGgo="), "image/png"),
        ({"url": "https://x/y"}, ir.Uri("https://x/y"), None),
        ({"url": "https://x/y", "format": "image/webp"}, ir.Uri("https://x/y"), "image/webp"),
        ("https://x/y", ir.Uri("https://x/y"), None),
        ({"url": "data:image/png;charset=x;base64,AAAA"}, ir.Inline.of("AAAA"), "image/png"),
        ({"url": "data:;base64,AAAA"}, ir.Inline.of("AAAA"), None),
        ({"url": "data:text/plain,a%20b"}, ir.Inline.of("YSBi"), "text/plain"),
        ({"url": "DATA:image/gif;BASE64,AAAA"}, ir.Inline.of("AAAA"), "image/gif"),
        ({"url": "data:nonsense"}, ir.Uri("data:nonsense"), None),
        ({"url": f"data:image/png;{'x' * 300};base64,AAAA"}, ir.Inline.of("AAAA"), "image/png"),
    ],
)
def test_images(value: Any, source: ir.Source, mime: str | None) -> None:
    found = media("image_url", value)
    assert (found.kind, found.source, found.mime) == ("image", source, mime)


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ({"detail": "low"}, "low"),
        ({"detail": "original"}, "ultra"),
        ({"detail": "auto"}, None),
        ({"media_resolution": "MEDIA_RESOLUTION_ULTRA_HIGH"}, "ultra"),
        ({"media_resolution": "medium", "detail": "auto"}, "medium"),
    ],
)
def test_how_closely_to_look(value: Any, detail: str | None) -> None:
    assert media("image_url", {"url": PNG, **value}).detail == detail


@pytest.mark.parametrize(
    ("value", "mime"),
    [
        ({"data": "AAAA", "format": "wav"}, "audio/wav"),
        ({"data": "AAAA", "format": "mp3"}, "audio/mp3"),
        ({"data": "AAAA", "format": "flac"}, "audio/flac"),
        ({"data": "data:audio/ogg;base64,AAAA"}, "audio/ogg"),
        ("UklGRiQyAABXQVZF", "audio/wav"),
        ("//NkxAAA", "audio/mp3"),
        ("SUQzBAAA", "audio/mp3"),
        ("T2dnUwAC", "audio/ogg"),
        ("AAAA", None),
    ],
)
def test_sounds(value: Any, mime: str | None) -> None:
    found = media("input_audio", value)
    assert (found.kind, found.mime) == ("audio", mime)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"file_data": "data:application/pdf;base64,AAAA"}, ("document", ir.Inline.of("AAAA"), "application/pdf")),
        ({"file_data": "AAAA", "filename": "x.csv"}, ("document", ir.Inline.of("AAAA"), "text/csv")),
        ({"file_data": "AAAA", "filename": "x.mp4"}, ("video", ir.Inline.of("AAAA"), "video/mp4")),
        ({"file_data": "data:audio/mp3;base64,AAAA"}, ("audio", ir.Inline.of("AAAA"), "audio/mp3")),
        ({"file_data": "iVBORw0KGgo="}, ("image", ir.Inline.of("iVBORw0KGgo="), "image/png")),
        ({"file_data": "UklGRgAAAABXRUJQ"}, ("image", ir.Inline.of("UklGRgAAAABXRUJQ"), "image/webp")),
        ({"file_data": "AAAA"}, ("document", ir.Inline.of("AAAA"), "application/pdf")),
        ({"file_data": "https://x/y"}, ("document", ir.Uri("https://x/y"), None)),
        ({"file_id": "file-1"}, ("document", ir.FileId("file-1", "openai"), None)),
        ({"file_id": "gs://x/y", "format": "video/mp4"}, ("video", ir.Uri("gs://x/y"), "video/mp4")),
    ],
)
def test_files(value: Any, expected: Any) -> None:
    found = media("file", value)
    assert (found.kind, found.source, found.mime) == expected


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("video_url", {"url": "https://youtu.be/x"}, ("video", ir.Uri("https://youtu.be/x"))),
        ("video_url", {"url": "data:video/mp4;base64,AAAA"}, ("video", ir.Inline.of("AAAA"))),
        ("audio_url", {"url": "https://x"}, ("audio", ir.Uri("https://x"))),
        ("document_url", "https://x/y.pdf", ("document", ir.Uri("https://x/y.pdf"))),
        ("file_url", {"url": "https://x"}, ("document", ir.Uri("https://x"))),
    ],
)
def test_vendors_media(kind: str, value: Any, expected: Any) -> None:
    found = media(kind, value)
    assert (found.kind, found.source) == expected


def test_video_metadata_is_a_clip() -> None:
    found = said({"type": "video_url", "video_url": {"url": "u"}, "video_metadata": {"fps": 2, "end_offset": "3s"}})
    assert isinstance(found, ir.Media)
    assert found.clip == ir.Clip(None, "3s", 2)


def test_a_document_has_a_name() -> None:
    found = said({"type": "document_url", "document_url": "u", "document_name": "n"})
    assert isinstance(found, ir.Media)
    assert found.name == "n"


def test_an_unknown_part_is_foreign() -> None:
    expected = ir.Foreign("openai", "odd", Raw(b'{"odd":[1],"type":"odd"}'))
    found = said({"type": "odd", "odd": [1]})
    assert isinstance(found, ir.Foreign)
    assert (found.kind, decode(found.raw)) == (expected.kind, decode(expected.raw))


def test_mistral_thinks_in_content() -> None:
    found = parts(assistant([{"type": "thinking", "thinking": [{"type": "text", "text": "a"}, {"text": "b"}]}]))
    assert bare(found) == bare((ir.Thinking("ab"),))


THOUGHTS: list[tuple[dict[str, Any], tuple[ir.Part, ...]]] = [
    ({"reasoning_content": "t"}, (ir.Thinking("t"),)),
    ({"reasoning": "t"}, (ir.Thinking("t"),)),
    ({"reasoning": "t", "reasoning_content": "t"}, (ir.Thinking("t"),)),
    ({"reasoning": "t", "reasoning_details": [{"text": "t"}]}, (ir.Thinking("t"),)),
    ({"reasoning_details": [{"text": "a"}, {"summary": "b"}, {"data": "x"}]}, (ir.Thinking("a"), ir.Thinking("b"))),
    ({"thinking_blocks": [{"thinking": "t", "signature": "s"}]}, (ir.Thinking("t"),)),
    ({"thinking_blocks": [{"thinking": "t"}], "reasoning_content": "t"}, (ir.Thinking("t"),)),
]


@pytest.mark.parametrize(("fields", "expected"), THOUGHTS)
def test_thoughts(fields: dict[str, Any], expected: tuple[ir.Part, ...]) -> None:
    assert bare(parts(assistant("a", **fields))) == bare((*expected, ir.Text("a")))


def google(**fields: Any) -> dict[str, Any]:
    return {"extra_content": {"google": fields}}


CALLED = {"tool_calls": [CALL]}
SIGNED: list[tuple[Any, dict[str, Any], tuple[ir.Part, ...]]] = [
    ("a", google(thought_signature="s"), (ir.Text("a", sign()),)),
    (None, google(thought_signature="s"), (ir.Text("", sign()),)),
    (None, google(thought_signature="s") | CALLED, (ir.ToolCall("c1", "f", "{}", sign()),)),
    ("a", google(thought_signature="s") | CALLED, (ir.Text("a", sign()), ir.ToolCall("c1", "f", "{}"))),
    ("a", {"thought_signature": "s"}, (ir.Text("a", sign()),)),
    ("a", {"provider_specific_fields": {"thought_signatures": ["s"]}}, (ir.Text("a", sign()),)),
    ("a", google(thought_signatures=[{"part": 0, "value": "s"}]), (ir.Text("a", sign()),)),
    ("a", google(thought_signatures=[{"part": 1, "value": "s"}]), (ir.Text("a"), ir.Text("", sign()))),
    (
        "a",
        google(thought_signatures=[{"part": 0, "value": "s"}, {"part": 0, "value": "t"}]),
        (ir.Text("a", sign()), ir.Text("", sign("t"))),
    ),
    (
        "a",
        google(thought_signatures=[{"part": 0, "value": "s"}]) | {"reasoning_content": "t"},
        (ir.Thinking("t", sign()), ir.Text("a")),
    ),
    ("<thought>t</thought>a", google(thought=True), (ir.Thinking("t"), ir.Text("a"))),
    ("<thought>t</thought>", google(thought=True), (ir.Thinking("t"),)),
    ("<thought>t</thought>a", google(), (ir.Text("<thought>t</thought>a"),)),
    ("<thought>t", google(thought=True), (ir.Text("<thought>t"),)),
    (None, google(thought=True), ()),
    (
        None,
        {"reasoning_details": [{"data": "s", "format": "google-gemini-v1", "id": "c1"}]} | CALLED,
        (ir.ToolCall("c1", "f", "{}", sign()),),
    ),
    ("a", {"reasoning_details": [{"data": "s", "format": "google-gemini-v1"}]}, (ir.Text("a", sign()),)),
    ("a", {"reasoning_details": [{"data": "s", "format": "openai-responses-v1"}]}, (ir.Text("a"),)),
]


@pytest.mark.parametrize(("content", "fields", "expected"), SIGNED)
def test_signatures_find_their_parts(content: Any, fields: dict[str, Any], expected: tuple[ir.Part, ...]) -> None:
    assert bare(parts(assistant(content, **fields))) == bare(expected)


@pytest.mark.parametrize(
    "more",
    [
        {"extra_content": {"google": {"thought_signature": "s"}}},
        {"provider_specific_fields": {"thought_signature": "s"}},
        {"id": "c1__thought__s"},
    ],
)
def test_signatures_of_calls(more: dict[str, Any]) -> None:
    found = parts(assistant(None, tool_calls=[CALL | more]))
    assert bare(found) == bare((ir.ToolCall("c1", "f", "{}", sign()),))


def test_a_hidden_signature_is_taken_off_the_results_id_too() -> None:
    found = parts({"role": "tool", "tool_call_id": "c1__thought__s", "content": "x"})
    assert bare(found) == bare((ir.ToolResult("c1", None, "x"),))


def test_think_tags_are_read_by_option_only() -> None:
    message = assistant("<think>t</think>a")
    assert bare(parts(message)) == bare((ir.Text("<think>t</think>a"),))
    assert bare(parts(message, read_think_tags=True)) == bare((ir.Thinking("t"), ir.Text("a")))
    later = assistant("a <think>t</think>")
    assert bare(parts(later, read_think_tags=True)) == bare((ir.Text("a <think>t</think>"),))
    assert parts(assistant(None), read_think_tags=True) == ()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"tool_call_id": "c", "content": "x", "name": "f"}, ir.ToolResult("c", "f", "x")),
        ({"tool_call_id": "c", "content": None}, ir.ToolResult("c", None, None)),
        (
            {"tool_call_id": "c", "content": [{"type": "text", "text": "x"}]},
            ir.ToolResult("c", None, None, (ir.Text("x"),)),
        ),
    ],
)
def test_results(message: dict[str, Any], expected: ir.ToolResult) -> None:
    assert bare(parts({"role": "tool", **message})) == bare((expected,))


def test_parameters_that_are_null_are_none() -> None:
    function = {"type": "function", "function": {"name": "f", "description": "d", "parameters": None}}
    assert bare(read(request(tools=[function])).tools) == bare((ir.Function("f", "d"),))


def test_tools() -> None:
    chat = read(
        request(
            tools=[
                {
                    "type": "function",
                    "function": {"name": "f", "description": "d", "parameters": {"a": 1}, "strict": True},
                },
                {"function": {"name": "g"}},
                {"type": "custom", "custom": {"name": "c", "format": {"type": "text"}}},
                {"type": "openrouter:web_search", "parameters": {"x": 1}},
                {"type": "code_interpreter"},
            ]
        )
    )
    assert isinstance(chat.tools, tuple)
    first, second, custom, search, code = chat.tools
    assert bare(first) == bare(ir.Function("f", "d", ir.JsonSchema(Raw(b'{"a": 1}')), True))
    assert isinstance(second, ir.Function)
    assert second.name == "g"
    assert bare(custom) == bare(ir.Custom("c", None, Raw(b'{"type": "text"}')))
    assert isinstance(search, ir.Builtin)
    assert bare(search) == bare(ir.Builtin("web_search", "openai", Raw(b'{"x": 1}')))
    assert isinstance(code, ir.Builtin)
    assert code.kind == "code_execution"


@pytest.mark.parametrize(
    ("value", "choice"),
    [
        ("auto", ir.ToolChoice("auto")),
        ("none", ir.ToolChoice("none")),
        ("required", ir.ToolChoice("required")),
        ("any", ir.ToolChoice("required")),
        ({"type": "function", "function": {"name": "f"}}, ir.ToolChoice("required", ("f",))),
        ({"function": {"name": "f"}}, ir.ToolChoice("required", ("f",))),
        ({"type": "custom", "custom": {"name": "f"}}, ir.ToolChoice("required", ("f",), "custom")),
        (
            {
                "type": "allowed_tools",
                "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]},
            },
            ir.ToolChoice("auto", ("f",)),
        ),
        (
            {
                "type": "allowed_tools",
                "allowed_tools": {"mode": "required", "tools": [{"type": "custom", "custom": {"name": "f"}}]},
            },
            ir.ToolChoice("required", ("f",), "custom"),
        ),
        ("odd", None),
    ],
)
def test_choices_among_tools(value: Any, choice: ir.ToolChoice | None) -> None:
    assert read(request(tools=[TOOL], tool_choice=value)).tool_choice == choice


def test_legacy_functions_are_tools() -> None:
    chat = read(
        request(
            USER,
            {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}},
            {"role": "function", "name": "f", "content": "1"},
            functions=[{"name": "f", "description": "d"}],
            function_call={"name": "f"},
        )
    )
    assert bare(chat.tools) == bare((ir.Function("f", "d"),))
    assert chat.tool_choice == ir.ToolChoice("required", ("f",))
    call, result = chat.messages[1].parts[0], chat.messages[2].parts[0]
    assert isinstance(call, ir.ToolCall)
    assert (call.id, call.name) == ("", "f")
    assert isinstance(result, ir.ToolResult)
    assert (result.call_id, result.name, result.output) == ("", "f", "1")


def test_a_very_long_conversation_keeps_its_places() -> None:
    """The first places are shared between documents, the others are made."""
    messages = read(request(*[{"role": "user", "content": str(i)} for i in range(300)])).messages
    assert [steps_of(one.at) for one in messages] == [("messages", i) for i in range(300)]
    assert steps_of(messages[-1].parts[0].at) == ("messages", 299, "content")
