"""Requests of other protocols as Gemini takes them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw

from metaphrase import ir
from metaphrase.ir import At
from metaphrase_gemini import Family, gemini
from metaphrase_gemini.names import tool_name
from tests.gemini.helpers import chat, says, translated

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
    ({"stream": True, "include_usage": True}, {}, []),  # Gemini always tells it: the answer obeys the wish
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
