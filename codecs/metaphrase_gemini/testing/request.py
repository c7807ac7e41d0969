"""`GenerateContentRequest` and the paths it is sent to: https://ai.google.dev/api/generate-content#request-body."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from metaphrase.testing.strategies import mappings, names, texts
from metaphrase.testing.wire import Strategy, notes, objects, rarely, some, words

from .parts import contents, free_objects, numerals

_MODELS = ("gemini-2.5-flash", "gemini-2.5-pro", "gemini-3-pro-preview", "gemini-3.5-flash", "some-model")


def paths() -> st.SearchStrategy[str | None]:
    """Where requests go, in the Developer API and in Vertex AI; None where nobody said."""
    method = words(":generateContent", ":streamGenerateContent?alt=sse", ":streamGenerateContent")
    home = words("/v1beta/models/", "/v1/projects/p/locations/l/publishers/google/models/", "/v1beta/tunedModels/")
    return rarely(st.builds(lambda *steps: "".join(steps), home, words(*_MODELS), method), st.none())


def json_schemas() -> Strategy:
    """JSON Schema, as it passes verbatim."""
    one = words(
        {"type": "string"},
        {"type": ["integer", "null"], "minimum": 1},
        {"$ref": "#/$defs/x"},
        {"const": 1},
        {"enum": ["a", 2]},
        {"type": "array", "items": {"type": "number"}},
    )
    members = mappings(words("city", "title", "const", "snake_case"), one)
    more = {"required": st.just(["city"]), "additionalProperties": st.booleans(), "description": texts()}
    return objects({"type": words("object"), "properties": members}, more)


def schemas() -> Strategy:
    """Gemini's Schema, a part of OpenAPI's."""
    leaf = objects(
        {"type": words("STRING", "INTEGER", "string", "NUMBER")},
        {
            "description": texts(),
            "nullable": st.booleans(),
            "format": words("int32", "date-time", "enum"),
            "enum": some(names(), 2, 1),
            "minimum": words(0, 1.5),
            "maxLength": words("5", 5),
            "pattern": words("^a"),
            "title": texts(),
            "default": words("x", 1, {}),
            "example": words("x", [1]),
        },
    )
    inner = leaf | objects({"type": words("ARRAY"), "items": leaf}, {"minItems": words("1", 1), "maxItems": words(3)})
    inner |= st.fixed_dictionaries({"anyOf": some(leaf, 2, 1)})
    members = mappings(words("city", "title", "snake_case"), inner)
    more = {"required": st.just(["city"]), "propertyOrdering": st.just(["city"]), "description": texts()}
    return objects({"type": words("OBJECT"), "properties": members}, more)


def declarations() -> Strategy:
    """Functions; the two kinds of parameters exclude one another."""
    plain = {"description": texts(), "behavior": words("BLOCKING", "NON_BLOCKING"), "response": schemas()}
    return objects({"name": names()}, plain | {"parametersJsonSchema": json_schemas()}) | objects(
        {"name": names()}, plain | {"parameters": schemas()}
    )


def tools() -> Strategy:
    """Functions, and the tools that Google runs; several of them may stand in one object."""
    search = objects({}, {"excludeDomains": some(notes(), 2), "timeRangeFilter": free_objects()})
    optional: dict[str, Strategy] = {
        "functionDeclarations": some(declarations(), 2, 1),
        "googleSearch": search,
        "urlContext": st.just({}),
        "codeExecution": st.just({}),
        "googleMaps": objects({}, {"enableWidget": st.booleans()}),
        "fileSearch": objects({"fileSearchStoreNames": some(notes(), 2)}, {"topK": words(3)}),
        "computerUse": objects({"environment": words("ENVIRONMENT_BROWSER")}),
        "mcpServers": some(objects({"name": notes()}, {"streamableHttpTransport": free_objects()}), 2),
        "googleSearchRetrieval": objects({}, {"dynamicRetrievalConfig": free_objects()}),
        "retrieval": free_objects(),
        "enterpriseWebSearch": st.just({}),
    }
    return objects({"functionDeclarations": some(declarations(), 2, 1)}) | objects({}, optional, most=2)


def tool_configs() -> Strategy:
    """Whether and what to call."""
    modes = words("AUTO", "NONE", "ANY", "VALIDATED", "MODE_UNSPECIFIED", 2)
    calling = objects({"mode": modes}, {"allowedFunctionNames": some(names(), 2, 1)})
    place = objects({}, {"latLng": st.just({"latitude": 1.5, "longitude": -2}), "languageCode": words("de")})
    return objects(
        {},
        {
            "functionCallingConfig": calling,
            "retrievalConfig": place,
            "includeServerSideToolInvocations": st.booleans(),
        },
    )


def voices() -> Strategy:
    """Generated speech, by one voice or two."""
    voice = objects({"prebuiltVoiceConfig": objects({"voiceName": words("Kore", "Puck")})})
    speaker = objects({"speaker": notes(), "voiceConfig": voice})
    several = objects({"speakerVoiceConfigs": some(speaker, 2, 1)})
    return objects({}, {"voiceConfig": voice, "languageCode": words("de-DE"), "multiSpeakerVoiceConfig": several})


def generation_configs() -> Strategy:
    """Parameters. Only one of the schemas at a time."""
    unit = words(0.5, 0, 1, 0.25, 1.0)
    parameters: dict[str, Strategy] = {
        "temperature": numerals(words(0.5, 0, 2, 1.0)),
        "topP": unit,
        "topK": numerals(words(40, 1, 2.0)),
        "maxOutputTokens": numerals(st.integers(1, 65_536)),
        "stopSequences": some(notes(), 5),
        "seed": numerals(st.integers(-(2**31), 2**31 - 1)),
        "presencePenalty": unit,
        "frequencyPenalty": unit,
        "candidateCount": numerals(st.integers(1, 8)),
        "responseLogprobs": st.booleans(),
        "logprobs": numerals(st.integers(0, 20)),
        "responseMimeType": words("text/plain", "application/json", "text/x.enum"),
        "thinkingConfig": objects(
            {},
            {
                "includeThoughts": st.booleans(),
                "thinkingBudget": numerals(words(-1, 0, 1024, 24_576)),
                "thinkingLevel": words("LOW", "HIGH", "low", "MINIMAL", 2),
            },
        ),
        "responseModalities": some(words("TEXT", "IMAGE", "AUDIO", 1), 2, 1),
        "mediaResolution": words("MEDIA_RESOLUTION_LOW", "MEDIA_RESOLUTION_HIGH", 2),
        "imageConfig": objects({}, {"aspectRatio": words("16:9", "1:1"), "imageSize": words("1K", "4K")}),
        "speechConfig": voices(),
        "enableEnhancedCivicAnswers": st.booleans(),
        "audioTimestamp": st.booleans(),
        "routingConfig": free_objects(),
    }
    shaped = [
        objects({"responseMimeType": words("application/json"), key: schema}, parameters)
        for key, schema in (
            ("responseSchema", schemas()),
            ("responseJsonSchema", json_schemas()),
            ("_responseJsonSchema", json_schemas()),
        )
    ]
    picked = objects({"responseMimeType": words("text/x.enum"), "responseSchema": st.just(_ENUM)})
    return rarely(objects({}, parameters, most=5), st.one_of(*shaped, picked))


_ENUM = {"type": "STRING", "enum": ["a", "b"]}


def safety_settings() -> Strategy:
    """A threshold for one category of harm."""
    harms = words("HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_DANGEROUS_CONTENT", 7)
    levels = words("BLOCK_NONE", "OFF", "BLOCK_ONLY_HIGH", 3)
    return objects({"category": harms, "threshold": levels}, {"method": words("SEVERITY")})


def systems() -> Strategy:
    """The system prompt."""
    return objects({"parts": some(objects({"text": texts()}), 2, 1)}, {"role": words("system", "user")})


def requests() -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of generateContent and streamGenerateContent."""
    optional: dict[str, Strategy] = {
        "systemInstruction": systems(),
        "generationConfig": generation_configs(),
        "tools": some(tools(), 2),
        "toolConfig": tool_configs(),
        "safetySettings": some(safety_settings(), 2),
        "cachedContent": words("cachedContents/abc"),
        "serviceTier": words("standard", "flex", "priority", "unspecified"),
        "store": st.booleans(),
        "labels": mappings(words("team", "aB", "snake_case"), notes()),
        "model": words("models/gemini-2.5-flash"),
        "continuationToken": notes(),
        "modelArmorConfig": free_objects(),
    }
    return objects({"contents": some(contents(), 4, 1)}, optional, most=4)
