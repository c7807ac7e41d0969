"""Gemini documents in which a field may stand; see `frames_openai` for how they are chosen and marked."""

from __future__ import annotations

from typing import Any

from .frame import Frame

FLASH = "/v1beta/models/gemini-2.5-flash:generateContent"
EMBED = "/v1beta/models/gemini-embedding-001:embedContent"
BATCH = "/v1beta/models/gemini-embedding-001:batchEmbedContents"
VERTEX = "/v1beta1/projects/p/locations/l/publishers/google/models/gemini-embedding-001"
COUNT = "/v1beta/models/gemini-2.5-flash:countTokens"
PNG = {"mimeType": "image/png", "data": "iVBORw0KGgo="}
ASK: dict[str, Any] = {"role": "user", "parts": [{"text": "Hi"}]}
CALL: dict[str, Any] = {"id": "c1", "name": "look", "args": {}}
RESULT: dict[str, Any] = {"id": "c1", "name": "look", "response": {"result": "ok"}}
LOOK: dict[str, Any] = {"name": "look", "parametersJsonSchema": {"type": "object"}}


def _request(*contents: dict[str, Any], **more: Any) -> Frame:
    return Frame("chat.request", {"contents": list(contents or (ASK,)), **more}, FLASH)


def _user(*parts: dict[str, Any]) -> Frame:
    """A request whose last part is probed."""
    return _request({"role": "user", "parts": [{"text": "Look"}, *parts]})


def _model(*parts: dict[str, Any]) -> Frame:
    """A request in which the last part of the model's turn is probed."""
    return _request(ASK, {"@": 1, "role": "model", "parts": list(parts)}, ASK)


def _step(**call: Any) -> Frame:
    """A request with a call, which is probed, and its result."""
    said = {"@": 1, "role": "model", "parts": [{"functionCall": {**CALL, **call}}]}
    return _request(ASK, said, {"role": "user", "parts": [{"functionResponse": RESULT}]})


def _result(**result: Any) -> Frame:
    """A request with a call and its result, which is probed."""
    return _request(
        ASK,
        {"role": "model", "parts": [{"functionCall": CALL}]},
        {"role": "user", "parts": [{"functionResponse": {**RESULT, **result}}]},
    )


def _config(**config: Any) -> Frame:
    return _request(ASK, generationConfig=config)


def _tool(**tool: Any) -> Frame:
    return _request(ASK, tools=[tool])


def _schema(**schema: Any) -> Frame:
    """A request whose answer is held to a schema, which is probed."""
    return _config(responseMimeType="application/json", responseSchema=schema)


def _parameters(**schema: Any) -> Frame:
    return _tool(functionDeclarations=[{"name": "look", "description": "Looks", "parameters": schema}])


def _answer(*parts: dict[str, Any], **candidate: Any) -> Frame:
    """An answer whose last part is probed."""
    said = {"role": "model", "parts": list(parts or ({"text": "Hello"},))}
    first = {"content": said, "finishReason": "STOP", "index": 0, **candidate}
    document = {"candidates": [first], "modelVersion": "gemini-2.5-flash", "responseId": "r1"}
    return Frame("chat.response", document)


def _served(**result: Any) -> Frame:
    """An answer with a call that the server answered itself; its result is probed."""
    return _answer({"functionCall": CALL}, {"functionResponse": {**RESULT, **result}})


def _count(*parts: dict[str, Any], **candidate: Any) -> dict[str, Any]:
    document: dict[str, Any] = _answer(*parts, **candidate).document
    return document


def _stream(*parts: dict[str, Any]) -> Frame:
    """A stream in which a call's arguments come in pieces; the last part of its second event is probed."""
    begin = _count({"functionCall": {"name": "look", "id": "c1", "willContinue": True}})
    middle = {"@": 1, **_count(*parts)}
    end = _count({"functionCall": {}})
    for event in (begin, middle):
        event["candidates"][0].pop("finishReason")
    return Frame("chat.stream", [begin, middle, end])


def _piece(**value: Any) -> Frame:
    return _stream({"functionCall": {"partialArgs": [{"jsonPath": "$.a", **value}], "willContinue": True}})


def _objects(kind: str) -> dict[str, Any]:
    """For each place where a Schema may stand: what some of its keywords need beside them."""
    return {
        "": {"type": kind},
        ".enum[]": {"type": "STRING"},
        ".items": {"type": "ARRAY"},
        ".maxItems": {"type": "ARRAY", "items": {"type": "STRING"}},
        ".minItems": {"type": "ARRAY", "items": {"type": "STRING"}},
        ".maximum": {"type": "NUMBER"},
        ".minimum": {"type": "NUMBER"},
        ".maxLength": {"type": "STRING"},
        ".minLength": {"type": "STRING"},
        ".pattern": {"type": "STRING"},
        ".format": {"type": "STRING"},
        ".default": {"type": "STRING"},
        ".example": {"type": "STRING"},
        ".propertyOrdering[]": {"type": "OBJECT", "properties": {"b": {"type": "STRING"}, "a": {"type": "STRING"}}},
        ".required[]": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "STRING"}}},
        ".ref": {"defs": {"a": {"type": "STRING"}, "b": {"type": "NUMBER"}}},
        ".defs": {"type": "OBJECT", "properties": {"a": {"ref": "#/defs/k"}}},
        ".anyOf[]": {"anyOf": [{"type": "BOOLEAN"}, {"type": "STRING"}]},
    }


def _schemas(path: str, make: Any) -> dict[str, Frame]:
    return {path + key: make(**schema) for key, schema in _objects("OBJECT").items()}


USAGE: dict[str, Any] = {"promptTokenCount": 40, "candidatesTokenCount": 50, "totalTokenCount": 90}
DETAIL: dict[str, Any] = {"modality": "TEXT", "tokenCount": 3}
WEB: dict[str, Any] = {"web": {"uri": "https://example.org/a", "title": "A"}}
SUPPORT: dict[str, Any] = {"segment": {"endIndex": 5, "text": "Hello"}, "groundingChunkIndices": [0]}
GROUNDED: dict[str, Any] = {"groundingChunks": [WEB], "groundingSupports": [SUPPORT]}
TOKEN: dict[str, Any] = {"token": "Hello", "logProbability": -0.25, "tokenId": 7}
RATING: dict[str, Any] = {"category": "HARM_CATEGORY_HARASSMENT", "probability": "NEGLIGIBLE"}
SETTING: dict[str, Any] = {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}
EMBEDDED: dict[str, Any] = {"content": {"parts": [{"text": "ash"}]}, "model": "models/gemini-embedding-001"}
MODEL: dict[str, Any] = {"name": "models/gemini-2.5-flash", "version": "001", "displayName": "Gemini 2.5 Flash"}
ERROR: dict[str, Any] = {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}
PDF: dict[str, Any] = {"mimeType": "application/pdf", "data": "QUJDRA=="}
SOUND: dict[str, Any] = {"mimeType": "audio/wav", "data": "QUJDRA=="}
VIDEO: dict[str, Any] = {"mimeType": "video/mp4", "fileUri": "https://example.org/a.mp4"}


def _grounded(chunk: dict[str, Any] | None = None, support: dict[str, Any] | None = None) -> Frame:
    return _answer(groundingMetadata={"groundingChunks": [chunk or WEB], "groundingSupports": [support or SUPPORT]})


def _parts(path: str, make: Any) -> dict[str, Frame]:
    """For each place where parts may stand: what is said about a medium needs one beside it."""
    media = {
        ".inlineData": {"inlineData": PNG},
        ".inlineData.displayName": {"inlineData": PDF},
        ".fileData": {"fileData": {"mimeType": "image/png", "fileUri": "https://example.org/a.png"}},
        ".fileData.displayName": {"fileData": {"mimeType": "application/pdf", "fileUri": "https://a.org/a.pdf"}},
        ".mediaResolution": {"inlineData": PNG},
        ".mediaProcessing": {"inlineData": PNG},
        ".videoMetadata": {"fileData": VIDEO},
        ".audioMetadata": {"inlineData": SOUND},
        ".audioTranscription": {"inlineData": SOUND},
        ".documentMetadata": {"inlineData": PDF},
        ".spreadsheetMetadata": {"inlineData": PDF},
    }
    return {path + key: make(part) for key, part in media.items()}


FRAMES: dict[str, Frame] = {
    "generateContent.request": _request(),
    "generateContent.request.contents[].parts[]": _user({}),
    **_parts("generateContent.request.contents[].parts[]", _user),
    "generateContent.request.contents[].parts[].text": _user({"text": "this"}),
    "generateContent.request.contents[].parts[].thought": _model({"text": "Hm"}),
    "generateContent.request.contents[].parts[].thoughtSignature": _model({"text": "Well"}),
    "generateContent.request.contents[].parts[].partMetadata": _user({"text": "this"}),
    "generateContent.request.contents[].parts[].speechMetadata": _user({"text": "this"}),
    "generateContent.request.contents[].parts[].codeExecutionResult": _model(
        {"executableCode": {"language": "PYTHON", "code": "1"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
    ),
    "generateContent.request.contents[].parts[].executableCode": _model(
        {"executableCode": {"language": "PYTHON", "code": "1"}}
    ),
    "generateContent.request.contents[].parts[].toolCall": _model({"toolCall": {"toolType": "URL_CONTEXT"}}),
    "generateContent.request.contents[].parts[].toolResponse": _model({"toolResponse": {"toolType": "URL_CONTEXT"}}),
    "generateContent.request.contents[].parts[].functionCall": _step(),
    "generateContent.request.contents[].parts[].functionResponse": _result(),
    "generateContent.request.contents[].parts[].functionResponse.parts[]": _result(parts=[{"inlineData": PNG}]),
    **_parts("generateContent.request.contents[].parts[].functionResponse.parts[]", lambda part: _result(parts=[part])),
    "generateContent.request.generationConfig.logprobs": _config(responseLogprobs=True),
    "generateContent.request.generationConfig._responseJsonSchema": _config(responseMimeType="application/json"),
    "generateContent.request.generationConfig.responseJsonSchema": _config(responseMimeType="application/json"),
    "generateContent.request.generationConfig.imageConfig": _config(imageConfig={}),
    "generateContent.request.generationConfig.mediaResolution": _request(
        {"role": "user", "parts": [{"text": "Look"}, {"inlineData": PNG}]}
    ),
    **_schemas("generateContent.request.generationConfig.responseSchema", _schema),
    **_schemas("generateContent.request.tools[].functionDeclarations[].parameters", _parameters),
    "generateContent.request.tools[].functionDeclarations[]": _tool(functionDeclarations=[LOOK]),
    "generateContent.request.tools[].functionDeclarations[].parametersJsonSchema": _tool(
        functionDeclarations=[{"name": "look"}]
    ),
    "generateContent.request.toolConfig": _tool(functionDeclarations=[LOOK, {**LOOK, "name": "find"}]),
    "generateContent.request.toolConfig.functionCallingConfig.allowedFunctionNames[]": _request(
        ASK,
        tools=[{"functionDeclarations": [LOOK, {**LOOK, "name": "find"}]}],
        toolConfig={"functionCallingConfig": {"mode": "ANY"}},
    ),
    "generateContent.request.tools[].googleSearch.searchTypes": _tool(googleSearch={}),
    "generateContent.request.tools[].computerUse": _tool(computerUse={"environment": "ENVIRONMENT_BROWSER"}),
    "generateContent.request.safetySettings[]": _request(ASK, safetySettings=[SETTING]),
    "generateContent.request.model": Frame("chat.request", {"contents": [ASK]}),
    "generateContent.request.systemInstruction": _request(ASK, systemInstruction={"parts": [{"text": "Be brief."}]}),
    "generateContent.response": _answer(),
    "generateContent.response.candidates[].content.parts[]": _answer({"text": "Hello"}, {}),
    **_parts("generateContent.response.candidates[].content.parts[]", lambda part: _answer({"text": "Hello"}, part)),
    "generateContent.response.candidates[].content.parts[].text": _answer(),
    "generateContent.response.candidates[].content.parts[].thought": _answer(),
    "generateContent.response.candidates[].content.parts[].thoughtSignature": _answer(),
    "generateContent.response.candidates[].content.parts[].partMetadata": _answer(),
    "generateContent.response.candidates[].content.parts[].speechMetadata": _answer(),
    "generateContent.response.candidates[].content.parts[].codeExecutionResult": _answer(
        {"executableCode": {"language": "PYTHON", "code": "1"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
    ),
    "generateContent.response.candidates[].content.parts[].executableCode": _answer(
        {"executableCode": {"language": "PYTHON", "code": "1"}}
    ),
    "generateContent.response.candidates[].content.parts[].toolCall": _answer(
        {"text": "Hello"}, {"toolCall": {"toolType": "URL_CONTEXT"}}
    ),
    "generateContent.response.candidates[].content.parts[].toolResponse": _answer(
        {"text": "Hello"}, {"toolResponse": {"toolType": "URL_CONTEXT"}}
    ),
    "generateContent.response.candidates[].content.parts[].functionCall": _answer({"functionCall": CALL}),
    "generateContent.response.candidates[].content.parts[].functionCall.partialArgs[]": _piece(stringValue="ash"),
    "generateContent.response.candidates[].content.parts[].functionCall.partialArgs[].boolValue": _piece(),
    "generateContent.response.candidates[].content.parts[].functionCall.partialArgs[].nullValue": _piece(),
    "generateContent.response.candidates[].content.parts[].functionCall.partialArgs[].numberValue": _piece(),
    "generateContent.response.candidates[].content.parts[].functionCall.partialArgs[].stringValue": _piece(),
    "generateContent.response.candidates[].content.parts[].functionCall.willContinue": _piece(stringValue="ash"),
    "generateContent.response.candidates[].content.parts[].functionResponse": _served(),
    "generateContent.response.candidates[].content.parts[].functionResponse.parts[]": _served(
        parts=[{"inlineData": PNG}]
    ),
    **_parts(
        "generateContent.response.candidates[].content.parts[].functionResponse.parts[]",
        lambda part: _served(parts=[part]),
    ),
    "generateContent.response.candidates[].citationMetadata.citationSources[]": _answer(
        citationMetadata={"citationSources": [{"startIndex": 0, "endIndex": 5, "uri": "https://example.org/a"}]}
    ),
    "generateContent.response.candidates[].citationMetadata.citations[]": _answer(
        citationMetadata={"citations": [{"startIndex": 0, "endIndex": 5, "uri": "https://example.org/a"}]}
    ),
    "generateContent.response.candidates[].groundingMetadata": _grounded(),
    "generateContent.response.candidates[].groundingMetadata.groundingSupports[].groundingChunkIndices[]": _answer(
        groundingMetadata={
            "groundingChunks": [WEB, {"web": {"uri": "https://example.org/b", "title": "B"}}],
            "groundingSupports": [SUPPORT],
        }
    ),
    "generateContent.response.candidates[].groundingMetadata.groundingSupports[].segment.partIndex": _answer(
        {"text": "Hello"},
        {"text": "World"},
        groundingMetadata={"groundingChunks": [WEB], "groundingSupports": [{**SUPPORT, "segment": {"endIndex": 5}}]},
    ),
    "generateContent.response.candidates[].groundingMetadata.groundingChunks[].image": _grounded(
        {"image": {"sourceUri": "https://example.org/a", "title": "A"}}
    ),
    "generateContent.response.candidates[].groundingMetadata.groundingChunks[].maps": _grounded(
        {"maps": {"uri": "https://example.org/a", "title": "A"}}
    ),
    "generateContent.response.candidates[].groundingMetadata.groundingChunks[].retrievedContext": _grounded(
        {"retrievedContext": {"uri": "https://example.org/a", "title": "A"}}
    ),
    "generateContent.response.candidates[].groundingMetadata.groundingChunks[].retrievedContext.customMetadata[]": (
        _grounded({"retrievedContext": {"uri": "https://a.org/a", "customMetadata": [{"key": "k"}]}})
    ),
    "generateContent.response.candidates[].groundingAttributions[].content.parts[]": _answer(
        groundingAttributions=[{"content": {"parts": [{}]}}]
    ),
    "generateContent.response.candidates[].logprobsResult": _answer(
        logprobsResult={"chosenCandidates": [TOKEN], "topCandidates": [{"candidates": [TOKEN]}]}
    ),
    "generateContent.response.candidates[].safetyRatings[]": _answer(safetyRatings=[RATING]),
    "generateContent.response.candidates[].finishMessage": _answer(finishReason="SAFETY"),
    "generateContent.response.promptFeedback": Frame(
        "chat.response", {"promptFeedback": {"blockReason": "SAFETY"}, "modelVersion": "gemini-2.5-flash"}
    ),
    "generateContent.response.promptFeedback.safetyRatings[]": Frame(
        "chat.response", {"promptFeedback": {"blockReason": "SAFETY", "safetyRatings": [RATING]}}
    ),
    "generateContent.response.usageMetadata": Frame("chat.response", {**_count(), "usageMetadata": USAGE}),
    **{
        f"generateContent.response.usageMetadata.{name}[]": Frame(
            "chat.response", {**_count(), "usageMetadata": {**USAGE, name: [DETAIL]}}
        )
        for name in (
            "promptTokensDetails",
            "candidatesTokensDetails",
            "cacheTokensDetails",
            "toolUsePromptTokensDetails",
        )
    },
    "embedContent.request": Frame("embedding.request", EMBEDDED, EMBED),
    "batchEmbedContents.request": Frame("embedding.request", {"requests": [EMBEDDED]}, BATCH),
    "embedContent.request.model": Frame("embedding.request", EMBEDDED),
    "batchEmbedContents.request.requests[].model": Frame("embedding.request", {"requests": [EMBEDDED]}),
    "embedContent.response": Frame(
        "embedding.response", {"embedding": {"values": [0.5, 0.25]}, "usageMetadata": {"promptTokenCount": 3}}
    ),
    "batchEmbedContents.response": Frame(
        "embedding.response", {"embeddings": [{"values": [0.5, 0.25]}], "usageMetadata": {"promptTokenCount": 3}}
    ),
    "embedContent.request.embedContentConfig": Frame("embedding.request", EMBEDDED, VERTEX + ":embedContent"),
    "batchEmbedContents.request.model": Frame("embedding.request", {"requests": [EMBEDDED]}),
    "predict.request": Frame("embedding.request", {"instances": [{"content": "ash"}]}, VERTEX + ":predict"),
    "predict.response": Frame("embedding.response", {"predictions": [{"embeddings": {"values": [0.5, 0.25]}}]}),
    "countTokens.request.contents[]": Frame("tokens.request", {"contents": [ASK]}, COUNT),
    "countTokens.request.generateContentRequest": Frame("tokens.request", {}, COUNT),
    "countTokens.response": Frame("tokens.response", {"totalTokens": 90}),
    "models.get.response": Frame("model.response", MODEL),
    "models.list.response": Frame("models.response", {"models": [MODEL]}),
    "error": Frame("failure", {"error": ERROR}, status=400),
    "error.code": Frame("failure", {"error": ERROR}),
    "error.details[]": Frame(
        "failure",
        {"error": {**ERROR, "details": [{"@type": "type.googleapis.com/google.rpc.Thing", "a": 1}]}},
        status=400,
    ),
}

EACH: dict[str, tuple[Frame, ...]] = {}
"""One frame for each value of a field that decides what stands beside it."""
