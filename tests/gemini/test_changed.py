"""What was changed after it was read is written as it is now, whatever its spelling was."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from metaphrase import ir
from tests.gemini.helpers import (
    config,
    read,
    read_answer,
    request,
    write,
    write_answer,
)

ENVELOPE: dict[str, Any] = {
    "modelVersion": "models/x",
    "responseId": "r",
    "createTime": "2026-01-02T03:04:05.6Z",
    "turnToken": "t",
}


def test_what_was_changed_is_written_as_it_is_now() -> None:
    body = config(
        responseMimeType="application/json",
        responseSchema={"type": "OBJECT"},
        thinkingConfig={"thinkingLevel": "low"},
        responseModalities=["text"],
    )
    chat = read(body)
    assert chat.output is not None
    output = msgspec.structs.replace(chat.output, schema=None)
    thinking = msgspec.structs.replace(chat.thinking, level="high")  # type: ignore[type-var]  # it is set
    changed = msgspec.structs.replace(chat, output=output, thinking=thinking, modalities=("image",))
    assert write(changed)["generationConfig"] == {
        "responseMimeType": "application/json",
        "thinkingConfig": {"thinkingLevel": "HIGH"},
        "responseModalities": ["IMAGE"],
    }


def test_a_null_that_stood_there_gives_way_to_a_value() -> None:
    chat = msgspec.structs.replace(read(request(generationConfig=None)), cached_content="c")
    sampled = msgspec.structs.replace(chat, sampling=msgspec.structs.replace(chat.sampling, seed=1))
    assert write(sampled) == request(generationConfig={"seed": 1}, cachedContent="c")


def test_a_second_system_message_joins_the_instruction() -> None:
    chat = read(request(systemInstruction={"parts": [{"text": "a"}]}))
    doubled = msgspec.structs.replace(chat, messages=(*chat.messages, chat.messages[0]))
    assert write(doubled)["systemInstruction"] == {"parts": [{"text": "a"}, {"text": "a"}]}


def test_tools_that_were_added_are_written() -> None:
    chat = read(request(tools=[{"functionDeclarations": [{"name": "f"}]}, {"googleSearch": {}}]))
    assert isinstance(chat.tools, tuple)
    more = (*chat.tools, ir.Custom("c"), ir.Function("g", group=7), ir.Builtin("maps", "gemini", None, 9))
    assert write(msgspec.structs.replace(chat, tools=more))["tools"] == [
        {
            "functionDeclarations": [
                {"name": "f"},
                {
                    "name": "c",
                    "parametersJsonSchema": {
                        "type": "object",
                        "properties": {"input": {"type": "string"}},
                        "required": ["input"],
                    },
                },
            ]
        },
        {"googleSearch": {}},
        {"functionDeclarations": [{"name": "g"}]},
        {"googleMaps": {}},
    ]


def test_a_choice_that_was_changed_is_written_as_it_is_now() -> None:
    chat = read(request(toolConfig={"functionCallingConfig": {"mode": "any", "allowedFunctionNames": ["f"]}}))
    changed = msgspec.structs.replace(chat, tool_choice=ir.ToolChoice("none"))
    assert write(changed)["toolConfig"] == {"functionCallingConfig": {"mode": "NONE"}}


def test_an_answer_that_was_changed_is_written_as_it_is_now() -> None:
    body = ENVELOPE | {
        "candidates": [
            {
                "content": {"parts": []},
                "groundingMetadata": {"groundingChunks": [{"web": {"uri": "u"}}]},
                "logprobsResult": {"chosenCandidates": [{"token": "a"}]},
                "safetyRatings": [],
            }
        ],
        "usageMetadata": {"serviceTier": "odd", "promptTokensDetails": [{"modality": 1}]},
    }
    chat = read_answer(body)
    choice = msgspec.structs.replace(
        chat.choices[0],
        index=3,
        parts=(ir.Text("a"),),
        citations=(),
        logprobs=None,
        safety=(ir.SafetyRating("A"),),
    )
    usage = msgspec.structs.replace(chat.usage, input_by=(("text", 1),))  # type: ignore[type-var]  # it is set
    changed = msgspec.structs.replace(
        chat, choices=(choice,), usage=usage, model="m", created=0, service_tier="flex", id=""
    )
    assert write_answer(changed) == {
        "candidates": [
            {
                "content": {"parts": [{"text": "a"}], "role": "model"},
                "index": 3,
                "safetyRatings": [{"category": "A"}],
            }
        ],
        "usageMetadata": {"promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1}], "serviceTier": "flex"},
        "modelVersion": "m",
        "createTime": "1970-01-01T00:00:00Z",
        "turnToken": "t",
    }


@pytest.mark.parametrize("stood", [None, []], ids=["null", "nothing"])
def test_a_function_can_join_a_group_that_had_none(stood: Any) -> None:
    chat = read(request(tools=[{"functionDeclarations": stood, "codeExecution": {}}]))
    assert write(chat)["tools"] == [{"functionDeclarations": stood, "codeExecution": {}}]
    assert chat.tools is not msgspec.UNSET
    changed = msgspec.structs.replace(chat, tools=(*chat.tools, ir.Function("f")))
    assert write(changed)["tools"] == [{"functionDeclarations": [{"name": "f"}], "codeExecution": {}}]
