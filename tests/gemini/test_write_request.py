"""Requests of other protocols as Gemini takes them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw

from metaphrase import Report, ir
from metaphrase.ir import At, Opaque
from metaphrase_gemini import Family, codec, gemini
from metaphrase_gemini.names import tool_name
from tests.gemini.helpers import MESSAGES, chat, says, text, translated

SCHEMA = ir.JsonSchema(Raw(b'{"type":"object","properties":{"a":{"const":1}}}'))
USER = [{"role": "user", "parts": [{"text": "hi"}]}]
PNG = ir.Inline.of("iVBORw0KGgo=")
THIRD = "gemini-3-flash-preview"


def config(**fields: Any) -> tuple[Any, list[tuple[str, str, str]]]:
    """The generation parameters for a request, and what was lost."""
    body, losses = translated(chat(**fields))
    return body.get("generationConfig"), losses


def sampling(**fields: Any) -> dict[str, Any]:
    return {"sampling": ir.Sampling(**fields)}


def test_a_plain_request_loses_nothing() -> None:
    body, losses = translated(chat(says("system", "s"), says("user", "hi"), **sampling(temperature=0.5)))
    assert body == {
        "contents": USER,
        "systemInstruction": {"parts": [{"text": "s"}]},
        "generationConfig": {"temperature": 0.5},
    }
    assert losses == []


SAMPLING: list[tuple[dict[str, Any], Any]] = [
    ({"temperature": 1, "top_p": 0.5, "max_tokens": 10}, {"temperature": 1, "topP": 0.5, "maxOutputTokens": 10}),
    ({"top_k": 40.0}, {"topK": 40}),
    ({"stop": ("a", "b"), "seed": -5}, {"stopSequences": ["a", "b"], "seed": -5}),
    ({"stop": ()}, None),
    ({"n": 8}, {"candidateCount": 8}),
    ({"presence_penalty": 1, "frequency_penalty": -1}, {"presencePenalty": 1, "frequencyPenalty": -1}),
    ({"logprobs": True, "top_logprobs": 5}, {"responseLogprobs": True, "logprobs": 5}),
]


@pytest.mark.parametrize(("given", "written"), SAMPLING)
def test_parameters(given: dict[str, Any], written: Any) -> None:
    assert config(**sampling(**given)) == (written, [])


CLAMPED: list[tuple[dict[str, Any], Any, tuple[str, str, str]]] = [
    ({"top_k": 1.5}, {"topK": 1}, ("approximated", '$["sampling.top_k"]', "sampling.top_k")),
    ({"n": 9}, {"candidateCount": 8}, ("approximated", '$["sampling.n"]', "sampling.n")),
    (
        {"max_tokens": 2**40},
        {"maxOutputTokens": 2**31 - 1},
        ("approximated", '$["sampling.max_tokens"]', "sampling.max_tokens"),
    ),
    ({"seed": 2**31}, None, ("dropped", '$["sampling.seed"]', "sampling.seed")),
    (
        {"stop": ("1", "2", "3", "4", "5", "6")},
        {"stopSequences": ["1", "2", "3", "4", "5"]},
        ("dropped", '$["sampling.stop"][5]', "sampling.stop"),
    ),
]


@pytest.mark.parametrize(("given", "written", "loss"), CLAMPED)
def test_what_is_out_of_range_is_brought_into_it(given: dict[str, Any], written: Any, loss: Any) -> None:
    assert config(**sampling(**given)) == (written, [loss])


def test_trap_85_newer_models_ignore_sampling() -> None:
    given = sampling(temperature=1, top_p=0.5, top_k=3, max_tokens=5)
    written, losses = config(model="gemini-3.8-flash", **given)
    assert written == {"maxOutputTokens": 5}
    assert [feature for _, _, feature in losses] == ["sampling.temperature", "sampling.top_k", "sampling.top_p"]
    assert config(model=THIRD, **sampling(temperature=1)) == ({"temperature": 1}, [])


def test_trap_86_what_a_model_refuses_is_in_a_table() -> None:
    given = sampling(presence_penalty=1, frequency_penalty=1, logprobs=True, top_logprobs=2, n=2)
    written, losses = config(model=THIRD, **given)
    assert written == {"candidateCount": 1}
    assert len(losses) == 5
    assert config(model=THIRD, **sampling(logprobs=False)) == ({"responseLogprobs": False}, [])
    own = gemini(models=[Family("gemini-3", penalties=True)])
    body, losses = translated(chat(model=THIRD, **sampling(presence_penalty=1)), own)
    assert body["generationConfig"] == {"presencePenalty": 1}
    assert losses == []


OUTPUTS: list[tuple[ir.OutputFormat, Any, list[Any]]] = [
    (ir.OutputFormat("text"), {"responseMimeType": "text/plain"}, []),
    (ir.OutputFormat("json"), {"responseMimeType": "application/json"}, []),
    (
        ir.OutputFormat("schema", SCHEMA, strict=True),
        {
            "responseMimeType": "application/json",
            "responseJsonSchema": {"type": "object", "properties": {"a": {"const": 1}}},
        },
        [],
    ),
    (
        ir.OutputFormat("json", name="n", description="d", strict=False),
        {"responseMimeType": "application/json"},
        [
            ("dropped", '$["output.description"]', "output.description"),
            ("dropped", '$["output.name"]', "output.name"),
            ("dropped", '$["output.strict"]', "output.strict"),
        ],
    ),
]


@pytest.mark.parametrize(("output", "written", "losses"), OUTPUTS)
def test_output_formats(output: ir.OutputFormat, written: Any, losses: list[Any]) -> None:
    assert config(output=output) == (written, losses)


def test_schemas_go_out_as_geminis_own_where_that_is_wanted() -> None:
    own = gemini(schema="openapi")
    function = ir.Function("f", parameters=SCHEMA, at=At(At(None, "tools"), 0))
    body, losses = translated(chat(output=ir.OutputFormat("schema", SCHEMA), tools=(function,)), own)
    assert body["generationConfig"]["responseSchema"]["type"] == "OBJECT"
    assert body["tools"][0]["functionDeclarations"][0]["parameters"]["type"] == "OBJECT"
    assert [path for _, path, _ in losses] == [
        "$.tools[0].parameters.properties.a.const",
        '$["output.schema"].properties.a.const',
    ]


FIELDS: list[tuple[dict[str, Any], dict[str, Any], list[Any]]] = [
    ({"modalities": ("text", "image")}, {"generationConfig": {"responseModalities": ["TEXT", "IMAGE"]}}, []),
    ({"modalities": ("smell",)}, {}, [("dropped", "$.modalities[0]", "output.modalities")]),
    ({"media_detail": "high"}, {"generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_HIGH"}}, []),
    ({"media_detail": "ultra"}, {"generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_HIGH"}}, []),
    ({"media_detail": "odd"}, {}, [("dropped", "$.media_detail", "media.detail")]),
    (
        {"image": ir.ImageSetting("16:9", "2K")},
        {"generationConfig": {"imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}}},
        [],
    ),
    (
        {"speech": ir.SpeechSetting("Kore", "wav", "en")},
        {
            "generationConfig": {
                "speechConfig": {
                    "languageCode": "en",
                    "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}},
                }
            }
        },
        [("dropped", '$["speech.format"]', "output.audio.format")],
    ),
    ({"speech": ir.SpeechSetting()}, {}, []),
    (
        {"safety": (ir.SafetySetting("A", "B", "C"), ir.SafetySetting("A", 1))},
        {"safetySettings": [{"category": "A", "threshold": "B", "method": "C"}, {"category": "A", "threshold": 1}]},
        [],
    ),
    ({"safety": ()}, {}, []),
    ({"cached_content": "c", "store": False}, {"cachedContent": "c", "store": False}, []),
    ({"labels": {"a": "b"}}, {"labels": {"a": "b"}}, []),
    ({"labels": {}}, {}, []),
    ({"service_tier": "default"}, {"serviceTier": "standard"}, []),
    ({"service_tier": "fast"}, {"serviceTier": "priority"}, []),
    ({"service_tier": "auto"}, {}, []),
    ({"service_tier": "scale"}, {}, [("dropped", "$.service_tier", "request.service_tier")]),
    ({"parallel_tool_calls": False}, {}, [("dropped", "$.parallel_tool_calls", "tool_choice.parallel")]),
    ({"parallel_tool_calls": True}, {}, []),
    (
        {"stream": True, "include_usage": True},
        {},
        [("dropped", "$.include_usage", "request.include_usage")],
    ),
    ({"stream": True}, {}, []),
]


@pytest.mark.parametrize(("fields", "written", "losses"), FIELDS)
def test_fields(fields: dict[str, Any], written: dict[str, Any], losses: list[Any]) -> None:
    assert translated(chat(**fields)) == ({"contents": USER} | written, losses)


def tool(tools: tuple[ir.Tool, ...], **fields: Any) -> tuple[Any, Any, list[str]]:
    body, losses = translated(chat(tools=tools, **fields))
    return body.get("tools"), body.get("toolConfig"), [f"{kind} {feature}" for kind, _, feature in losses]


F = ir.Function("f", "d", ir.JsonSchema(Raw(b"{}")), at=At(None, "tools"))


def test_functions_go_into_one_group() -> None:
    custom = ir.Custom("c", "free", Raw(b'{"type":"grammar"}'), at=At(None, "tools"))
    bare = ir.Function("1 x", strict=True, at=At(None, "tools"), group=4)
    tools, config_, losses = tool((F, custom, bare))
    assert tools == [
        {
            "functionDeclarations": [
                {"name": "f", "description": "d", "parametersJsonSchema": {}},
                {
                    "name": "c",
                    "description": "free",
                    "parametersJsonSchema": {
                        "type": "object",
                        "properties": {"input": {"type": "string"}},
                        "required": ["input"],
                    },
                },
                {"name": tool_name("1 x")},
            ]
        }
    ]
    assert config_ is None
    assert losses == [
        "approximated tools.custom",
        "dropped tools.custom.format",
        "approximated tools.name",
        "dropped tools.strict",
    ]


def test_tools_that_google_runs_too() -> None:
    tools, config_, losses = tool(
        (
            ir.Builtin("web_search", "openai", Raw(b'{"user_location":1}')),
            ir.Builtin("code_execution", "openai", Raw(b"{}")),
            ir.Builtin("file_search", "openai"),
            ir.Builtin("advisor", "openai"),
            ir.Builtin("maps", "gemini", Raw(b'{"enableWidget":true}')),
            ir.Builtin("exaAiSearch", "gemini"),
        )
    )
    assert tools == [
        {"googleSearch": {}},
        {"codeExecution": {}},
        {"googleMaps": {"enableWidget": True}},
        {"exaAiSearch": {}},
    ]
    assert config_ is None
    assert losses == ["dropped tools.advisor", "dropped tools.file_search", "dropped tools.web_search.config"]


def test_functions_beside_googles_tools() -> None:
    search = ir.Builtin("web_search", "openai", at=At(None, "web_search_options"))
    assert tool((F, search))[0] == [
        {"functionDeclarations": [{"name": "f", "description": "d", "parametersJsonSchema": {}}]}
    ]
    assert tool((F, search))[2] == ["dropped tools.web_search"]
    tools, config_, losses = tool((F, search), model=THIRD)
    assert tools[1] == {"googleSearch": {}}
    assert config_ == {"includeServerSideToolInvocations": True}
    assert losses == ["synthesised tools.mixed"]


CHOICES: list[tuple[ir.ToolChoice, Any, list[str]]] = [
    (ir.ToolChoice("auto"), {"mode": "AUTO"}, []),
    (ir.ToolChoice("none"), {"mode": "NONE"}, []),
    (ir.ToolChoice("required"), {"mode": "ANY"}, []),
    (ir.ToolChoice("required", ("f",)), {"mode": "ANY", "allowedFunctionNames": ["f"]}, []),
    (ir.ToolChoice("auto", ("f",)), {"mode": "VALIDATED", "allowedFunctionNames": ["f"]}, []),
    (ir.ToolChoice("validated"), {"mode": "VALIDATED"}, []),
    (
        ir.ToolChoice("required", ("f",), "custom"),
        {"mode": "ANY", "allowedFunctionNames": ["f"]},
        ["approximated tool_choice.custom"],
    ),
]


@pytest.mark.parametrize(("choice", "calling", "losses"), CHOICES)
def test_tool_choices(choice: ir.ToolChoice, calling: Any, losses: list[str]) -> None:
    """Trap 50: a list is valid with ANY or VALIDATED only, and `none` keeps the tools."""
    tools, config_, lost = tool((F,), tool_choice=choice)
    assert tools
    assert config_ == {"functionCallingConfig": calling}
    assert lost == losses


def test_a_choice_without_functions_is_dropped() -> None:
    assert tool((), tool_choice=ir.ToolChoice("auto")) == (None, None, ["dropped tool_choice"])


def test_names_in_a_choice_are_renamed_as_well() -> None:
    named = ir.Function("1", at=At(None, "tools"))
    tools, config_, losses = tool((named,), tool_choice=ir.ToolChoice("required", ("1",)))
    assert config_["functionCallingConfig"]["allowedFunctionNames"] == [tools[0]["functionDeclarations"][0]["name"]]
    assert losses == ["approximated tools.name", "approximated tools.name"]


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
    (ir.Media("other", ir.FileId("files/x", "gemini"), at=AT), {"fileData": {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/x"}}, []),
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
