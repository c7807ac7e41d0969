"""What a conversation says, taken from the raw JSON of either protocol without any codec: law 3 compares it.

A projection is a flat list of items in order. Message boundaries, empty texts and the place of the system prompt are
left out; each item knows its path in its own document, so that a loss can excuse it.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from metaphrase.testing.back import Item

from .corpus import Kind, Protocol

Anything = Any


_WORDS = {"assistant": "model", "model": "model", "developer": "system", "system": "system"}
_DATA_URL = re.compile(r"data:([^;,]*)[^,]*;base64,(.*)", re.DOTALL | re.IGNORECASE)


def project(protocol: Protocol, kind: Kind, document: Any) -> list[Item]:
    return list(_PROJECTIONS[protocol, kind](document))


# --- common ------------------------------------------------------------------------------------------------------


def snakeless(value: Any) -> dict[str, Any]:
    """An object with its own keys in camelCase; not deep."""
    if not isinstance(value, dict):
        return {}
    return {re.sub(r"_([a-z])", lambda match: match.group(1).upper(), key): below for key, below in value.items()}


def listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def meaning(text: Any) -> str:
    """JSON in a string and JSON as a value compare alike; what is no JSON stands for itself."""
    if isinstance(text, str):
        try:
            return meaning([json.loads(text)])[1:-1]
        except ValueError:
            return text
    return json.dumps(text, sort_keys=True, ensure_ascii=False)


def arguments(value: Any) -> str:
    """No arguments, null and the empty text mean `{}`."""
    found = meaning({} if value in (None, "") else value)
    return "{}" if found == "null" else found


def blob(data: str) -> str:
    """Base64 in either alphabet, with or without padding."""
    return data.translate(str.maketrans("-_", "+/")).rstrip("=")


def _text(role: str, what: str, text: Any, path: str) -> Iterator[Item]:
    if isinstance(text, str) and text:
        yield Item(role, what, (text,), path)


# --- OpenAI ------------------------------------------------------------------------------------------------------


def _openai_request(document: Any) -> Iterator[Item]:
    for index, message in enumerate(document.get("messages") or []):
        if isinstance(message, dict):
            role = str(message.get("role", "user"))
            yield from _openai_message(message, _WORDS.get(role, role), f"$.messages[{index}]")


def _openai_response(document: Any) -> Iterator[Item]:
    for index, choice in enumerate(document.get("choices") or []):
        message = choice.get("message")
        if isinstance(message, dict):
            yield from _openai_message(message, f"{choice.get('index', 0)}:model", f"$.choices[{index}].message")


def _openai_message(message: dict[str, Any], role: str, path: str) -> Iterator[Item]:
    if role in ("tool", "function"):
        given = message.get("tool_call_id") or None
        yield Item("tool", "result", (tool_text(message.get("content")),), path, given)
        yield from _openai_content([part for part in listed(message.get("content")) if _media_part(part)], "tool", path)
        return
    yield from _reasoning(message, role, path)
    yield from _openai_content(message.get("content"), role, f"{path}.content")
    yield from _text(role, "refusal", message.get("refusal"), f"{path}.refusal")
    for index, image in enumerate(message.get("images") or []):
        bare = {"type": "image_url", "image_url": f"data:image/;base64,{image}"} if isinstance(image, str) else image
        yield from _openai_part(bare, role, f"{path}.images[{index}]")
    audio = message.get("audio")
    if isinstance(audio, dict) and audio.get("data"):
        yield Item(role, "media", ("audio", blob(audio["data"])), f"{path}.audio")
    yield from _openai_calls(message, role, path)


def _reasoning(message: dict[str, Any], role: str, path: str) -> Iterator[Item]:
    """Thought text. The same text in several fields is one thought."""
    details = "".join(
        str(one.get("text") or one.get("summary") or "") for one in listed(message.get("reasoning_details")) if one
    )
    seen: list[str] = []
    for key, value in (
        ("reasoning_content", message.get("reasoning_content")),
        ("reasoning", message.get("reasoning")),
        ("reasoning_details", details),
    ):
        if isinstance(value, str) and value and value not in seen and "".join(seen) != value:
            seen.append(value)
            yield Item(role, "thought", (value,), f"{path}.{key}")


def _openai_content(content: Any, role: str, path: str) -> Iterator[Item]:
    if isinstance(content, str):
        yield from _text(role, "text", content, path)
    elif isinstance(content, list):
        for index, part in enumerate(content):
            yield from _openai_part(part, role, f"{path}[{index}]")


def _media_part(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") not in ("text", None)


def _openai_part(part: Any, role: str, path: str) -> Iterator[Item]:
    if isinstance(part, str):
        yield from _text(role, "text", part, path)
    if not isinstance(part, dict):
        return
    kind = part.get("type")
    if kind in ("text", "refusal"):
        yield from _text(role, str(kind), part.get(str(kind)), path)
    elif kind == "thinking":
        inner = part.get("thinking")
        texts = [one.get("text", "") if isinstance(one, dict) else str(one) for one in listed(inner)]
        yield from _text(role, "thought", "".join(texts), path)
    else:
        yield from _openai_media(part, str(kind), role, path)


def _openai_media(part: dict[str, Any], kind: str, role: str, path: str) -> Iterator[Item]:
    value = part.get(kind)
    source: Any = value
    if isinstance(value, dict):
        source = value.get("url") or value.get("data") or value.get("file_data") or value.get("file_id")
    if not isinstance(source, str) or not source:
        return
    match = _DATA_URL.match(source)
    major = kind.removeprefix("input_").split("_")[0]
    if match is not None:
        yield Item(role, "media", (match.group(1).split("/")[0] or major, blob(match.group(2))), path)
    elif kind == "input_audio":
        yield Item(role, "media", ("audio", blob(source)), path)
    else:
        yield Item(role, "media", ("uri", source), path)


def _openai_calls(message: dict[str, Any], role: str, path: str) -> Iterator[Item]:
    for index, call in enumerate(message.get("tool_calls") or []):
        inner = call.get("function") or call.get("custom") or {}
        args = (
            meaning({"input": inner.get("input")}) if inner is call.get("custom") else arguments(inner.get("arguments"))
        )
        yield Item(role, "call", (inner.get("name"), args), f"{path}.tool_calls[{index}]", call.get("id") or None)
    legacy = message.get("function_call")
    if isinstance(legacy, dict) and legacy.get("name"):
        yield Item(role, "call", (legacy["name"], arguments(legacy.get("arguments"))), f"{path}.function_call")


def tool_text(content: Any) -> str:
    """A tool's answer: its text, as JSON where it is JSON."""
    if isinstance(content, list):
        content = "".join(part.get("text", "") for part in content if isinstance(part, dict))
    return meaning("" if content is None else content)


# --- Gemini ------------------------------------------------------------------------------------------------------


def _gemini_request(document: Any) -> Iterator[Item]:
    body = snakeless(document)
    for index, content in enumerate(listed(body.get("systemInstruction"))):
        yield from _gemini_content(content, "system", f"$.systemInstruction[{index}]", bare=True)
    for index, content in enumerate(listed(body.get("contents"))):
        yield from _gemini_content(content, "", f"$.contents[{index}]")


def _gemini_response(document: Any) -> Iterator[Item]:
    for index, candidate in enumerate(document.get("candidates") or []):
        content = candidate.get("content")
        if isinstance(content, dict):
            role = f"{candidate.get('index', 0)}:model"
            yield from _gemini_content(content, role, f"$.candidates[{index}].content")


def _gemini_content(content: Any, role: str, path: str, *, bare: bool = False) -> Iterator[Item]:
    if isinstance(content, str):
        yield from _text(role or "user", "text", content, path)
        return
    spoken = str(snakeless(content).get("role") or "user").lower()
    path = path.replace("$.systemInstruction[0]", "$.systemInstruction") if bare else path
    for index, part in enumerate(listed(snakeless(content).get("parts"))):
        yield from _gemini_part(snakeless(part), role or _WORDS.get(spoken, spoken), f"{path}.parts[{index}]")


def _gemini_part(part: dict[str, Any], role: str, path: str) -> Iterator[Item]:
    if isinstance(part.get("text"), str):
        yield from _text(role, "thought" if part.get("thought") is True else "text", part["text"], path)
    inline, file = snakeless(part.get("inlineData")), snakeless(part.get("fileData"))
    if inline.get("data"):
        major = str(inline.get("mimeType", "")).split("/")[0]
        yield Item(role, "media", (major, blob(inline["data"])), path)
    if file.get("fileUri"):
        yield Item(role, "media", ("uri", file["fileUri"]), path)
    call, result = snakeless(part.get("functionCall")), snakeless(part.get("functionResponse"))
    if call.get("name"):
        yield Item(role, "call", (call["name"], arguments(call.get("args"))), path, call.get("id") or None)
    if result:
        # The calls's answer speaks for the tool, whichever role it stands under.
        prefix = role.partition(":")[0] + ":" if ":" in role else ""
        yield Item(f"{prefix}tool", "result", (meaning(result.get("response")),), path, result.get("id") or None)
        for index, inner in enumerate(listed(result.get("parts"))):
            yield from _gemini_part(snakeless(inner), f"{prefix}tool", f"{path}.functionResponse.parts[{index}]")


_PROJECTIONS: dict[tuple[Protocol, Kind], Callable[[Any], Iterator[Item]]] = {
    ("openai", "chat.request"): _openai_request,
    ("openai", "chat.response"): _openai_response,
    ("gemini", "chat.request"): _gemini_request,
    ("gemini", "chat.response"): _gemini_response,
}
