"""What was read from Gemini is written back as it was, whatever its spelling."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from metaphrase.http import Request
from metaphrase.loss import Report
from metaphrase_gemini import codec
from tests.gemini.helpers import (
    PATH,
    PNG,
    TOOL,
    USER,
    again,
    answer_again,
    config,
    encode,
    model,
    read,
    request,
    user,
)

REQUESTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no contents": {"contents": []},
    "no parts": request({"role": "user"}),
    "empty parts": request({"role": "user", "parts": []}),
    "empty part": request(user({})),
    "no role": request({"parts": [{"text": "x"}]}),
    "upper case role": request({"role": "MODEL", "parts": [{"text": "x"}]}),
    "role function": request({"role": "function", "parts": [{"functionResponse": {"name": "f", "response": {}}}]}),
    "strange role": request({"role": "weird", "parts": [{"text": "x"}]}),
    "unknown keys": request({**USER, "x": 1}, y={"z": [None]}, null=None),
    "thought flags": request(model({"text": "a", "thought": True}, {"text": "b", "thought": False}, {"thought": True})),
    "signatures": request(model({"text": "", "thoughtSignature": "c2ln"}, {"thoughtSignature": "x"})),
    "thought and signature": request(model({"text": "a", "thought": True, "thoughtSignature": "x", "odd": 1})),
    "calls": request(model({"functionCall": {"name": "f"}}, {"functionCall": {"name": "f", "args": {}, "id": "i"}})),
    "odd calls": request(model({"functionCall": {"id": "", "name": "f", "args": None}}, {"functionCall": {}})),
    "call with more": request(
        model(
            {
                "functionCall": {"name": "f", "partialArgs": [{"jsonPath": "$.a"}], "willContinue": True, "args": None},
                "thought": False,
                "videoMetadata": {"fps": 1},
            }
        )
    ),
    "call with a flag": request(model({"functionCall": {"name": "f", "args": {"a": 1}}, "thought": False})),
    "wrapped arguments": request(model({"functionCall": {"name": "f", "args": {"__raw_arguments": "{} {}"}}})),
    "not so wrapped": request(model({"functionCall": {"name": "f", "args": {"__raw_arguments": "{}"}}})),
    "results": request(
        user(
            {"functionResponse": {"name": "f", "response": {"result": "x"}, "id": "1", "scheduling": "SILENT"}},
            {"functionResponse": {"response": {"result": "{}"}, "willContinue": False}},
            {"functionResponse": {"name": "f", "response": None, "id": "", "parts": []}},
            {"functionResponse": {"name": "f"}, "thoughtSignature": "x"},
            {"functionResponse": {"name": "f", "response": {}, "parts": [{"inlineData": PNG}]}, "partMetadata": {}},
        )
    ),
    "results of the model": request(model({"functionResponse": {"name": "f", "response": {}}})),
    "upper case results": request({"role": "Model", "parts": [{"functionResponse": {"name": "f", "response": {}}}]}),
    "media": request(
        user(
            {"inlineData": {**PNG, "displayName": "a"}, "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"}},
            {"inlineData": PNG, "mediaResolution": {"level": "NEW"}},
            {"inlineData": PNG, "mediaResolution": {"numTokens": 3}},
            {"inlineData": PNG, "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW", "numTokens": 3}},
            {"inlineData": {"data": "", "odd": 1}, "thoughtSignature": "x", "thought": True},
            {"inlineData": {"mimeType": "a/b"}},
            {"inlineData": {"mimeType": "a/b", "data": None}},
            {"fileData": {"fileUri": "gs://a", "odd": 1}, "videoMetadata": {"startOffset": "1s", "endOffset": "2s"}},
            {"fileData": {"mimeType": "video/mp4", "fileUri": "https://a"}, "videoMetadata": {"fps": 1.5, "odd": 1}},
            {"fileData": {"mimeType": "a/b"}},
            {"inlineData": {"mimeType": "audio/wav", "data": "UklG"}, "audioTranscription": {"text": "a", "odd": 1}},
            {"text": "a", "mediaResolution": {}, "audioTranscription": {"text": "b"}, "videoMetadata": {"fps": 1}},
        )
    ),
    "code": request(
        model(
            {"executableCode": {"language": "PYTHON", "code": "1", "id": "a"}, "thoughtSignature": "x"},
            {"executableCode": {"language": 1, "code": "1", "odd": 1}},
            {"executableCode": {"language": 77, "code": ""}},
            {"executableCode": {"code": "1"}},
            {"executableCode": {}},
            {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1", "id": "a"}},
            {"codeExecutionResult": {"outcome": 2, "odd": 1}},
            {"codeExecutionResult": {"output": "1"}},
        )
    ),
    "foreign": request(
        model(
            {"toolCall": {"toolType": "X", "args": {"a_b": 1}}, "thoughtSignature": "x", "odd": 1},
            {"toolResponse": {"toolType": "X", "response": {}}},
            {"somethingNew": {"a": 1}},
            {"text": "a", "functionCall": {"name": "f", "odd": 1}},
            {"onlyNull": None},
        )
    ),
    "system": request(systemInstruction={"parts": [{"text": "a"}, {"text": "b"}]}),
    "system with role": request(systemInstruction={"role": "user", "parts": [{"text": "a"}]}),
    "system with odd role": request(systemInstruction={"role": "system", "parts": [{"text": "a", "thought": False}]}),
    "system without parts": request(systemInstruction={"odd": 1}),
    "system with empty parts": request(systemInstruction={"parts": []}),
    "null sections": request(systemInstruction=None, generationConfig=None, tools=None, toolConfig=None),
    "tools": request(
        tools=[
            {
                "functionDeclarations": [
                    {"name": "f", "description": "d", "parameters": {"type": "OBJECT"}, "behavior": "BLOCKING"},
                    {"name": "g", "parametersJsonSchema": {"type": "object"}, "response": {"type": "STRING"}},
                    {"name": "h", "parametersJsonSchema": True, "parameters": {"type": "OBJECT"}},
                    {"name": "i", "parametersJsonSchema": None, "parameters": None},
                ],
                "googleSearch": {"excludeDomains": ["a"]},
                "codeExecution": None,
            },
            {"urlContext": {}, "somethingNew": {"a_b": 1}},
            {"googleSearchRetrieval": {"dynamicRetrievalConfig": {}}},
            {"functionDeclarations": [{"name": "k"}]},
        ]
    ),
    "empty tools": request(tools=[{}, {"functionDeclarations": []}, {"googleSearch": None}]),
    "no tools": request(tools=[]),
    "tool config": request(
        tools=[TOOL],
        toolConfig={
            "functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"], "odd": 1},
            "retrievalConfig": {"languageCode": "en"},
            "includeServerSideToolInvocations": True,
        },
    ),
    "empty tool config": request(toolConfig={}),
    "empty calling config": request(toolConfig={"functionCallingConfig": {}, "odd": 1}),
    "mode in lower case": request(toolConfig={"functionCallingConfig": {"mode": "any", "allowedFunctionNames": []}}),
    "mode as a number": request(toolConfig={"functionCallingConfig": {"mode": 4, "allowedFunctionNames": ["f"]}}),
    "unknown mode": request(toolConfig={"functionCallingConfig": {"mode": "X", "allowedFunctionNames": ["f"]}}),
    "parameters": config(
        temperature=1,
        topP=0.5,
        topK=3.5,
        maxOutputTokens=10,
        stopSequences=["a"],
        candidateCount=2,
        seed=1,
        presencePenalty=0.1,
        frequencyPenalty=0.2,
        responseLogprobs=True,
        logprobs=3,
    ),
    "empty config": config(),
    "empty sections": config(thinkingConfig={}, imageConfig={}, speechConfig={"voiceConfig": {}}),
    "thinking": config(thinkingConfig={"includeThoughts": True, "thinkingBudget": 0, "thinkingLevel": "HIGH"}),
    "level in lower case": config(thinkingConfig={"thinkingLevel": "high", "odd": 1}),
    "level as a number": config(thinkingConfig={"thinkingLevel": 3, "thinkingBudget": 5, "odd": 1}),
    "unspecified level": config(thinkingConfig={"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}),
    "null level": config(thinkingConfig={"thinkingLevel": None}),
    "json": config(responseMimeType="application/json"),
    "text": config(responseMimeType="text/plain"),
    "schema": config(responseMimeType="application/json", responseSchema={"type": "OBJECT"}),
    "json schema": config(responseMimeType="application/json", responseJsonSchema={"type": "object"}),
    "documented schema": config(responseMimeType="application/json", _responseJsonSchema={"type": "object"}),
    "three schemas": config(responseSchema={"type": "X"}, responseJsonSchema=False, _responseJsonSchema={}),
    "null schema": config(responseMimeType="application/json", responseJsonSchema=None),
    "schema without a type": config(responseJsonSchema={}),
    "enum": config(responseMimeType="text/x.enum", responseSchema={"type": "STRING", "enum": ["a"]}),
    "another type": config(responseMimeType="image/png"),
    "modalities": config(responseModalities=["TEXT", "IMAGE"]),
    "modalities in other words": config(responseModalities=["text", 2, 9]),
    "detail": config(mediaResolution="MEDIA_RESOLUTION_HIGH"),
    "other detail": config(mediaResolution=2),
    "images": config(imageConfig={"aspectRatio": "1:1", "imageSize": "2K", "odd": 1}),
    "speech": config(
        speechConfig={
            "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore", "odd": 1}, "odd": 1},
            "languageCode": "en",
            "multiSpeakerVoiceConfig": {},
        }
    ),
    "unknown in config": config(audioTimestamp=True, routingConfig=None),
    "safety": request(
        safetySettings=[
            {"category": "A", "threshold": "B", "method": "C", "odd": 1},
            {"category": 1, "threshold": 2},
            {},
        ]
    ),
    "no safety": request(safetySettings=[]),
    "envelope": request(cachedContent="c", serviceTier="flex", store=False, labels={"a_b": "c"}, model="models/x"),
    "same model": request(model="gemini-2.5-flash"),
    "tier default": request(serviceTier="default"),
    "tier standard": request(serviceTier="standard"),
    "tier unspecified": request(serviceTier="unspecified"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_come_back(name: str) -> None:
    assert again(REQUESTS[name]) == REQUESTS[name]


ANSWERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no candidates": {"candidates": []},
    "null error": {"error": None},
    "no content": {"candidates": [{"finishReason": "SAFETY"}]},
    "empty content": {"candidates": [{"content": {}, "index": 0}, {"content": {"role": "model"}, "index": 1}]},
    "empty parts": {"candidates": [{"content": {"parts": [], "role": "user", "odd": 1}}]},
    "no role": {"candidates": [{"content": {"parts": [{"text": "a"}], "odd": 1}, "index": 0}]},
    "other role": {"candidates": [{"content": {"parts": [{"text": "a"}], "role": "user"}, "index": 0}]},
    "two without index": {"candidates": [{"finishReason": "STOP"}, {"finishReason": "STOP"}]},
    "index of the second": {"candidates": [{"index": 1}, {}]},
    "finish": {"candidates": [{"finishReason": "NEW", "finishMessage": "m"}, {"finishReason": 2, "index": 1}]},
    "only a message": {"candidates": [{"finishMessage": "m"}]},
    "ratings": {
        "candidates": [{"safetyRatings": [{"category": 7, "probability": "LOW", "blocked": True, "x": 1}, {}]}]
    },
    "no ratings": {"candidates": [{"safetyRatings": [], "avgLogprobs": -1, "tokenCount": 3}]},
    "grounding": {"candidates": [{"groundingMetadata": {"webSearchQueries": ["a"]}, "citationMetadata": {}}]},
    "nulls": {"candidates": [{"groundingMetadata": None, "citationMetadata": None, "logprobsResult": None}]},
    "probabilities": {
        "candidates": [
            {
                "logprobsResult": {
                    "chosenCandidates": [{"token": "a", "logProbability": -1, "tokenId": 2, "x": 1}, {}],
                    "topCandidates": [{"candidates": [{"token": "b"}], "x": 1}, {}, {"candidates": []}],
                    "x": 1,
                }
            }
        ]
    },
    "blocked": {"promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "m", "safetyRatings": [], "x": 1}},
    "blocked by number": {"promptFeedback": {"blockReason": 1, "safetyRatings": [{"category": "A"}]}},
    "not blocked": {"promptFeedback": {"safetyRatings": [{"category": "A"}], "blockReasonMessage": "m", "x": 1}},
    "empty feedback": {"promptFeedback": {}},
    "usage": {
        "usageMetadata": {
            "promptTokenCount": 1,
            "candidatesTokenCount": 2,
            "totalTokenCount": 6,
            "thoughtsTokenCount": 3,
            "cachedContentTokenCount": 0,
            "toolUsePromptTokenCount": 0,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1}],
            "candidatesTokensDetails": [],
            "cacheTokensDetails": [{"modality": "TEXT"}],
            "toolUsePromptTokensDetails": None,
            "serviceTier": "standard",
            "trafficType": 1,
            "x": {"y": 1},
        }
    },
    "inclusive usage": {
        "usageMetadata": {
            "promptTokenCount": 5,
            "candidatesTokenCount": 9,
            "thoughtsTokenCount": 4,
            "totalTokenCount": 14,
            "promptTokensDetails": [{"modality": 1, "tokenCount": 1}, {"modality": "TEXT"}, {"tokenCount": 1, "x": 1}],
            "serviceTier": "odd",
        }
    },
    "empty usage": {"usageMetadata": {}},
    "empty details": {"usageMetadata": {"promptTokensDetails": [], "candidatesTokensDetails": []}},
    "envelope": {
        "modelVersion": "models/x",
        "responseId": "r",
        "createTime": "2026-01-02T03:04:05.6Z",
        "turnToken": "t",
    },
    "local time": {"createTime": "2026-01-02T03:04:05"},
    "strange time": {"createTime": "yesterday"},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_come_back(name: str) -> None:
    assert answer_again(ANSWERS[name]) == ANSWERS[name]


SPELT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"contents": {"parts": {"text": "a"}}, "system_instruction": {"parts": {"text": "b"}}},
        {"contents": [{"parts": [{"text": "a"}]}], "systemInstruction": {"parts": [{"text": "b"}]}},
    ),
    (
        request(tools={"function_declarations": {"name": "f", "parameters_json_schema": {"a_b": 1}}}),
        request(tools=[{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"a_b": 1}}]}]),
    ),
    (
        request({"role": "model", "parts": [{"function_call": {"name": "f", "args": {"a_b": 1}}}]}),
        request({"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"a_b": 1}}}]}),
    ),
    (
        config(max_output_tokens=1, thinking_config={"thinking_budget": 1, "includeThoughts": True}),
        config(maxOutputTokens=1, thinkingConfig={"thinkingBudget": 1, "includeThoughts": True}),
    ),
]


@pytest.mark.parametrize(("given", "written"), SPELT)
def test_snake_case_and_single_objects_come_back_in_the_one_spelling(given: Any, written: Any) -> None:
    assert again(given) == written


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/v1beta/models/gemini-2.5-flash:generateContent",
        "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
        "/v1beta/models/gemini-2.5-flash:generateContent?%24alt=json%3Benum-encoding%3Dint&key=x",
        "/v1beta1/projects/p/locations/l/publishers/google/models/gemini-2.0-flash:generateContent",
        "/v1beta/tunedModels/mine:generateContent",
        "/v1/projects/p/locations/l/endpoints/123:streamGenerateContent",
        "/v1beta/models/a%2Fb%3Ac:generateContent",
        "/somewhere/else",
    ],
)
def test_the_path_comes_back(path: str) -> None:
    wire = Request("POST", path, (), encode(request()))
    chat = codec.chatting().read_request(wire, Report())
    assert codec.chatting().write_request(chat, Report()).target == path


def test_a_request_whose_path_was_taken_away_gets_one_from_its_model() -> None:
    chat = msgspec.structs.replace(read(request()), target="")
    assert codec.chatting().write_request(chat, Report()).target == PATH


def test_another_model_makes_another_path() -> None:
    chat = msgspec.structs.replace(read(request()), model="gemini-3-flash", stream=True)
    out = codec.chatting().write_request(chat, Report())
    assert out.target == "/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse"
