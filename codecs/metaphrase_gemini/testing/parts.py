"""Contents and parts: https://ai.google.dev/api/caching#Content."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from typing import Any

from hypothesis import strategies as st

from metaphrase.testing.strategies import json_values, mappings, names, texts
from metaphrase.testing.wire import Strategy, notes, objects, rarely, some, words


def blobs() -> st.SearchStrategy[str]:
    """Base64 in either alphabet."""
    raw = st.binary(min_size=6, max_size=24)
    return raw.map(lambda data: b64encode(data).decode()) | raw.map(lambda data: urlsafe_b64encode(data).decode())


def free_objects() -> st.SearchStrategy[dict[str, Any]]:
    """The user's own data, with keys that look like the protocol's."""
    keys = words("city", "snake_case", "camelCase", "result", "type", "") | texts()
    return mappings(keys, json_values(), 3)


def numerals(numbers: Strategy) -> Strategy:
    """Numbers, now and then in the other spellings that proto3 JSON takes: as strings, or with a fraction of zero."""
    return rarely(numbers, numbers.map(str) | numbers.map(float))


def ids() -> st.SearchStrategy[str]:
    """Ids of calls; few, so that results find their calls now and then."""
    return words("call_1", "call_2", "x" * 60)


def languages() -> Strategy:
    """Words or numbers, as all enums may be."""
    return words("PYTHON", "LANGUAGE_UNSPECIFIED", 1)


def resolutions() -> Strategy:
    """How closely to look."""
    levels = words(*(f"MEDIA_RESOLUTION_{level}" for level in ("LOW", "MEDIUM", "HIGH", "ULTRA_HIGH")))
    return objects({"level": levels})


def clips() -> Strategy:
    """Which piece of a video."""
    return objects({}, {"startOffset": words("1.5s", "2s"), "endOffset": words("9s"), "fps": numerals(words(1, 0.5))})


_TRANSCRIPT = {"text": texts(), "languageCode": words("de-DE"), "finished": st.booleans(), "startOffset": words("1s")}


def media() -> Strategy:
    """Bytes here or elsewhere, and what is said about them."""
    kinds = words("image/png", "image/jpeg", "audio/wav", "video/mp4", "application/pdf", "text/plain", "image/x-odd")
    inline = objects({"mimeType": kinds, "data": blobs()}, {"displayName": notes()})
    places = words(
        "https://example.org/a.png",
        "https://generativelanguage.googleapis.com/v1beta/files/abc",
        "gs://bucket/a.mp4",
        "https://www.youtube.com/watch?v=abc",
    )
    file = objects({"fileUri": places}, {"mimeType": kinds, "displayName": notes()})
    about = _about() | {
        "videoMetadata": clips(),
        "mediaResolution": resolutions(),
        "audioTranscription": objects({}, _TRANSCRIPT),
        "audioMetadata": free_objects(),
        "documentMetadata": objects({}, {"startPage": st.integers(1, 9), "endPage": st.integers(1, 9)}),
    }
    return objects({"inlineData": inline}, about, most=2) | objects({"fileData": file}, about, most=2)


def _about() -> dict[str, Strategy]:
    """What may stand beside any part."""
    return {"thoughtSignature": blobs(), "partMetadata": free_objects()}


def texts_said() -> Strategy:
    """Texts and thoughts."""
    plain = objects({"text": texts()}, _about(), most=2)
    return plain | objects({"text": texts(), "thought": st.booleans()}, _about(), most=1)


def calls() -> Strategy:
    """Calls of a client's functions."""
    call = objects({"name": names()}, {"args": free_objects(), "id": ids(), "willContinue": st.booleans()})
    return objects({"functionCall": call}, _about(), most=1)


def results() -> Strategy:
    """What functions answered; with media, from Gemini 3 on."""
    shown = free_objects() | st.fixed_dictionaries({"result": texts() | json_values()})
    inside = objects({"inlineData": objects({"mimeType": words("image/png"), "data": blobs()})})
    more = {
        "id": ids(),
        "parts": some(inside, 2),
        "willContinue": st.booleans(),
        "scheduling": words("SILENT", "WHEN_IDLE"),
    }
    result = objects({"name": names(), "response": shown}, more)
    return objects({"functionResponse": result}, {"partMetadata": free_objects()}, most=1)


def code() -> Strategy:
    """What the server ran, and what that printed; tools that it called."""
    ran = objects({"code": texts()}, {"language": languages(), "id": ids()})
    outcomes = words("OUTCOME_OK", "OUTCOME_FAILED", "OUTCOME_DEADLINE_EXCEEDED", 1)
    printed = objects({"outcome": outcomes}, {"output": texts(), "id": ids()})
    tool = objects({"id": ids()}, {"toolType": words("GOOGLE_SEARCH_WEB"), "args": free_objects()})
    return st.one_of(
        objects({"executableCode": ran}, _about(), most=1),
        objects({"codeExecutionResult": printed}, _about(), most=1),
        objects({"toolCall": tool}, _about(), most=1),
        objects({"toolResponse": tool}, _about(), most=1),
    )


def bare() -> Strategy:
    """Parts that say nothing but what may stand beside any part."""
    return objects({}, _about(), most=2)


def users() -> Strategy:
    """What a user's turn holds."""
    return rarely(texts_said() | media() | results(), bare() | code())


def models() -> Strategy:
    """What a model's turn holds."""
    return rarely(texts_said() | calls(), code() | media() | bare())


def contents() -> Strategy:
    """Turns, in any order; no role means the user's."""
    asked = objects({"parts": some(users(), 3, 1)}, {"role": words("user", "USER", "function")}, most=1)
    said = objects({"role": words("model", "MODEL"), "parts": some(models(), 3, 1)})
    return rarely(asked | said, objects({}, {"role": words("user", "model"), "parts": st.just([])}))
