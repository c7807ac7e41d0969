"""What a Gemini request means: the IR it becomes, and what stays behind when another codec writes."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET, Raw

from metaphrase import ReadError, ir
from metaphrase.ir import Opaque
from metaphrase.loss import Report
from tests.gemini.helpers import USER, bare, crossing, encode, read, request

SIGNED = Opaque("gemini", "c2ln")
BASE64 = ir.Inline.of("iVBORw0KGgo=")

PARTS: list[tuple[dict[str, Any], ir.Part]] = [
    ({"text": "a"}, ir.Text("a")),
    ({"text": "", "thoughtSignature": "c2ln"}, ir.Text("", SIGNED)),
    ({"text": "a", "thought": True}, ir.Thinking("a")),
    ({"functionCall": {"name": "f"}}, ir.ToolCall("", "f", "")),
    ({"functionCall": {"name": "f", "args": {}}}, ir.ToolCall("", "f", "{}")),
    (
        {"functionCall": {"id": "1", "name": "f", "args": {"a": 1.0}}, "thoughtSignature": "c2ln"},
        ir.ToolCall("1", "f", '{"a":1.0}', SIGNED),
    ),
    ({"functionCall": {"name": "f", "args": {"__raw_arguments": "1 +"}}}, ir.ToolCall("", "f", "1 +")),
    ({"functionResponse": {"name": "f", "id": "1", "response": {"result": "x"}}}, ir.ToolResult("1", "f", "x")),
    ({"functionResponse": {"name": "f", "response": {"a": 1}}}, ir.ToolResult("", "f", Raw(b'{"a":1}'))),
    ({"functionResponse": {}}, ir.ToolResult("", None, None)),
    (
        {
            "functionResponse": {
                "name": "f",
                "response": {},
                "parts": [{"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}],
            }
        },
        ir.ToolResult("", "f", Raw(b"{}"), (ir.Media("image", BASE64, "image/png"),)),
    ),
    (
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo=", "displayName": "n"}},
        ir.Media("image", BASE64, "image/png", "n"),
    ),
    ({"inlineData": {"data": "iVBORw0KGgo="}, "thoughtSignature": "c2ln"}, ir.Media("other", BASE64, state=SIGNED)),
    (
        {
            "inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": "iVBORw0KGgo="},
            "audioTranscription": {"text": "t"},
        },
        ir.Media("audio", BASE64, "audio/L16;codec=pcm;rate=24000", transcript="t"),
    ),
    (
        {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://a"}, "videoMetadata": {"startOffset": "1s", "fps": 2}},
        ir.Media("video", ir.Uri("gs://a"), "video/mp4", clip=ir.Clip("1s", None, 2)),
    ),
    (
        {"fileData": {"fileUri": "https://a/b.PDF?x=y"}, "mediaResolution": {"level": "MEDIA_RESOLUTION_ULTRA_HIGH"}},
        ir.Media("document", ir.Uri("https://a/b.PDF?x=y"), detail="ultra"),
    ),
    ({"fileData": {"fileUri": "https://youtu.be/x"}}, ir.Media("video", ir.Uri("https://youtu.be/x"))),
    ({"executableCode": {"language": "PYTHON", "code": "1", "id": "a"}}, ir.Code("1", "PYTHON", "a")),
    ({"executableCode": {"code": "1"}}, ir.Code("1")),
    ({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}}, ir.CodeResult("OUTCOME_OK", "1")),
    ({"toolCall": {"id": "1"}}, ir.Foreign("gemini", "toolCall", Raw(b'{"toolCall":{"id":"1"}}'))),
    ({"toolResponse": {}}, ir.Foreign("gemini", "toolResponse", Raw(b'{"toolResponse":{}}'))),
]


@pytest.mark.parametrize(("wire", "part"), PARTS)
def test_parts(wire: dict[str, Any], part: ir.Part) -> None:
    assert bare(read(request({"role": "user", "parts": [wire]})).messages[0].parts) == (part,)


def test_one_content_is_one_message_and_one_part_is_one_part() -> None:
    parts = [{"text": "a"}] * 6
    chat = read(request(USER, USER, {"role": "model", "parts": parts}, systemInstruction={"parts": [{"text": "s"}]}))
    assert [(message.role, len(message.parts)) for message in chat.messages] == [
        ("system", 1),
        ("user", 1),
        ("user", 1),
        ("model", 6),
    ]


def test_many_contents_have_places_too() -> None:
    report = Report()
    chat = read(request(*[USER] * 5000, {**USER, "x": 1}), report=report)
    assert len(chat.messages) == 5001
    report.settle("elsewhere")
    assert [loss.path for loss in report.losses] == ["$.contents[5000].x"]


FIELDS: list[tuple[dict[str, Any], str, Any]] = [
    ({"generationConfig": {"temperature": 0.5}}, "sampling", ir.Sampling(0.5)),
    ({"generationConfig": {"stopSequences": ["a"]}}, "sampling", ir.Sampling(stop=("a",))),
    ({"generationConfig": {"candidateCount": 2}}, "sampling", ir.Sampling(n=2)),
    ({"generationConfig": {"responseMimeType": "text/plain"}}, "output", ir.OutputFormat("text")),
    ({"generationConfig": {"responseMimeType": "application/json"}}, "output", ir.OutputFormat("json")),
    (
        {"generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}}},
        "output",
        ir.OutputFormat("schema", ir.JsonSchema(Raw(b'{"type":"object"}'))),
    ),
    (
        {"generationConfig": {"responseMimeType": "text/x.enum", "responseSchema": {"type": "STRING", "enum": ["a"]}}},
        "output",
        ir.OutputFormat("enum", ir.JsonSchema(Raw(b'{"type":"string","enum":["a"]}'))),
    ),
    ({"generationConfig": {"responseMimeType": "image/png"}}, "output", None),
    (
        {"generationConfig": {"thinkingConfig": {"thinkingLevel": "HIGH", "includeThoughts": True}}},
        "thinking",
        ir.ThinkingSetting(level="high", include=True),
    ),
    ({"generationConfig": {"thinkingConfig": {"thinkingBudget": 0}}}, "thinking", ir.ThinkingSetting(budget=0)),
    ({"generationConfig": {"responseModalities": ["TEXT", 2]}}, "modalities", ("text", "image")),
    ({"generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_LOW"}}, "media_detail", "low"),
    ({"generationConfig": {"imageConfig": {"aspectRatio": "1:1"}}}, "image", ir.ImageSetting("1:1")),
    (
        {"generationConfig": {"speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}}},
        "speech",
        ir.SpeechSetting("Kore"),
    ),
    ({"toolConfig": {"functionCallingConfig": {"mode": "AUTO"}}}, "tool_choice", ir.ToolChoice("auto")),
    ({"toolConfig": {"functionCallingConfig": {"mode": "none"}}}, "tool_choice", ir.ToolChoice("none")),
    (
        {"toolConfig": {"functionCallingConfig": {"mode": 2, "allowedFunctionNames": ["f"]}}},
        "tool_choice",
        ir.ToolChoice("required", ("f",)),
    ),
    ({"toolConfig": {"functionCallingConfig": {"mode": "VALIDATED"}}}, "tool_choice", ir.ToolChoice("validated")),
    ({"toolConfig": {"functionCallingConfig": {"mode": "MODE_UNSPECIFIED"}}}, "tool_choice", None),
    ({"safetySettings": [{"category": "A", "threshold": 2}]}, "safety", (ir.SafetySetting("A", 2),)),
    ({"cachedContent": "c"}, "cached_content", "c"),
    ({"serviceTier": "standard"}, "service_tier", "default"),
    ({"serviceTier": "priority"}, "service_tier", "priority"),
    ({"store": False}, "store", False),
    ({"labels": {"a": "b"}}, "labels", {"a": "b"}),
    ({}, "tools", UNSET),
    ({"tools": []}, "tools", ()),
]


@pytest.mark.parametrize(("members", "field", "value"), FIELDS)
def test_fields(members: dict[str, Any], field: str, value: Any) -> None:
    assert bare(getattr(read(request(**members)), field)) == value


def test_tools_keep_their_groups() -> None:
    chat = read(
        request(
            tools=[
                {"functionDeclarations": [{"name": "f", "description": "d", "parameters": {"type": "STRING"}}]},
                {"googleSearch": {"a": 1}, "exaAiSearch": {}, "mcpServers": []},
                {"functionDeclarations": [{"name": "g", "parametersJsonSchema": {}}]},
            ]
        )
    )
    assert bare(chat.tools) == (
        ir.Function("f", "d", ir.JsonSchema(Raw(b'{"type":"string"}'))),
        ir.Builtin("web_search", "gemini", Raw(b'{"a":1}'), 1),
        ir.Builtin("mcp", "gemini", Raw(b"[]"), 1),
        ir.Builtin("exaAiSearch", "gemini", Raw(b"{}"), 1),
        ir.Function("g", None, ir.JsonSchema(Raw(b"{}")), group=2),
    )


def test_a_plain_request_leaves_nothing_behind() -> None:
    body = request(systemInstruction={"parts": [{"text": "s"}]}, generationConfig={"temperature": 1})
    assert crossing(read, body) == []


@pytest.mark.parametrize(
    ("members", "losses"),
    [
        ({"contents": [{"role": "x", "parts": []}]}, [("approximated", "$.contents[0].role", "message.role")]),
        (
            {"contents": [{"role": "model", "parts": [{"functionResponse": {}}]}]},
            [("approximated", "$.contents[0].role", "message.role")],
        ),
        ({"contents": [{"role": "user", "parts": [{"text": "a", "thought": False}]}]}, []),
        (
            {"contents": [{"role": "user", "parts": [{"functionCall": {"name": "f"}, "thought": True}]}]},
            [("dropped", "$.contents[0].parts[0].thought", "gemini.contents.parts.thought")],
        ),
        (
            {
                "contents": [
                    {"role": "user", "parts": [{"inlineData": {"data": "", "odd": 1}, "partMetadata": {"a": 1}}]}
                ]
            },
            [
                ("dropped", "$.contents[0].parts[0].inlineData.odd", "gemini.contents.parts.inlineData.odd"),
                ("dropped", "$.contents[0].parts[0].partMetadata", "gemini.contents.parts.partMetadata"),
            ],
        ),
        ({"systemInstruction": {"role": "user", "parts": []}}, []),
        (
            {"systemInstruction": {"role": "model", "parts": []}},
            [("dropped", "$.systemInstruction.role", "gemini.systemInstruction.role")],
        ),
        ({"generationConfig": None, "tools": [{"codeExecution": None}]}, []),
        (
            {"generationConfig": {"thinkingConfig": {"thinkingLevel": 3}, "mediaResolution": 1, "odd": 1}},
            [
                ("dropped", "$.generationConfig.mediaResolution", "gemini.generationConfig.mediaResolution"),
                ("dropped", "$.generationConfig.odd", "gemini.generationConfig.odd"),
                (
                    "dropped",
                    "$.generationConfig.thinkingConfig.thinkingLevel",
                    "gemini.generationConfig.thinkingConfig.thinkingLevel",
                ),
            ],
        ),
        (
            {"generationConfig": {"speechConfig": {"voiceConfig": {"replicatedVoiceConfig": {"a": 1}}}}},
            [
                (
                    "dropped",
                    "$.generationConfig.speechConfig.voiceConfig.replicatedVoiceConfig",
                    "gemini.generationConfig.speechConfig.voiceConfig.replicatedVoiceConfig",
                )
            ],
        ),
        (
            {"toolConfig": {"functionCallingConfig": {"mode": "X", "allowedFunctionNames": ["f"]}}},
            [
                (
                    "dropped",
                    "$.toolConfig.functionCallingConfig.allowedFunctionNames",
                    "gemini.toolConfig.functionCallingConfig.allowedFunctionNames",
                ),
                ("dropped", "$.toolConfig.functionCallingConfig.mode", "gemini.toolConfig.functionCallingConfig.mode"),
            ],
        ),
        ({"model": "models/gemini-2.5-flash"}, []),
        ({"model": "other"}, [("dropped", "$.model", "gemini.model")]),
        (
            {"tools": [{"functionDeclarations": [{"name": "f", "parameters": {"type": "STRING", "odd": 1}}]}]},
            [("dropped", "$.tools[0].functionDeclarations[0].parameters.odd", "schema.unknown")],
        ),
    ],
)
def test_what_no_other_protocol_has_is_left_over(members: dict[str, Any], losses: list[Any]) -> None:
    assert crossing(read, request() | members) == losses


def test_paths_are_in_the_sources_own_spelling() -> None:
    body = {
        "contents": {"parts": {"function_call": {"name": "f", "odd_one": 1}}},
        "tool_config": {"retrieval_config": {"a": 1}},
    }
    assert [path for _, path, _ in crossing(read, body)] == [
        "$.contents.parts.function_call.odd_one",
        "$.tool_config.retrieval_config",
    ]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"[]", "$"),
        (b"{", "$"),
        (encode({"contents": 1}), "$.contents"),
        (encode(request({"role": 1})), "$.contents[0].role"),
        (
            encode(request({"parts": [{"functionCall": {"name": "f", "args": []}}]})),
            "$.contents[0].parts[0].functionCall.args",
        ),
        (
            encode(request({"parts": [{"functionResponse": {"response": "x"}}]})),
            "$.contents[0].parts[0].functionResponse.response",
        ),
        (encode(request(tools=[{"functionDeclarations": [{}]}])), "$.tools[0].functionDeclarations[0]"),
        (encode(request(generationConfig={"temperature": "hot"})), "$.generationConfig.temperature"),
        (b'{"generationConfig":{"temperature":1e400}}', "$.generationConfig.temperature"),
        (encode(request(model="../x")), "$.model"),
        (b'{"contents":[],"generation_config":{},"generationConfig":{}}', "$.generationConfig"),
    ],
)
def test_faults_name_their_place(body: bytes, path: str) -> None:
    with pytest.raises(ReadError) as caught:
        read(body)
    assert caught.value.path == path


def test_the_model_in_the_body_counts_where_the_path_has_none() -> None:
    assert read(request(model="models/x"), "").model == "x"
    assert read(request(model="projects/p/models/x"), "").model == "x"
    assert read(request(model="x"), "/v1beta/models/y:generateContent").model == "y"


def test_a_streamed_request_asks_for_its_usage() -> None:
    chat = read(request(), "/v1beta/models/x:streamGenerateContent?alt=sse")
    assert chat.stream
    assert chat.include_usage
