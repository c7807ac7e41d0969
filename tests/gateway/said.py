"""What an SDK's objects say, in one form: of a whole answer and of a stream, of either vendor, in either language."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from .answers import Protocol
from .drivers import Outcome


def summary(client: Protocol, op: str, outcome: Outcome) -> Any:
    """Everything that a caller acts upon."""
    if op in _OTHERS:
        return [_OTHERS[op](client, item) for item in outcome.items]
    return _chat(_openai(outcome.items) if client == "openai" else _gemini(outcome.items))


# A chat, as triples: a choice's index (None: of all), what is said ("text", or ("name", 0) of the first call), and it.
_Key = str | tuple[str, int]
_Pieces = Iterator[tuple[int | None, _Key, Any]]
_CALL = ("name", "arguments")


def _chat(pieces: _Pieces) -> dict[int | None, dict[_Key, Any]]:
    """Whatever is text runs together, so that what comes twice shows; of the counts of tokens the last one counts."""
    out: dict[int | None, dict[_Key, Any]] = {}
    for choice, key, value in pieces:
        said = out.setdefault(choice, {})
        said[key] = said.get(key, "") + value if isinstance(value, str) else value
    for said in out.values():
        said.update({key: json.loads(value) for key, value in said.items() if key[0] == "arguments"})
    return out


def _openai(items: list[Any]) -> _Pieces:
    for item in items:
        if item.get("usage"):
            used = item["usage"]
            yield None, "usage", (used["prompt_tokens"], used["completion_tokens"], used["total_tokens"])
        for choice in item["choices"]:
            message = choice.get("message") or choice.get("delta") or {}
            yield from ((choice["index"], key, value) for key, value in _message(message))
            yield choice["index"], "finish", choice.get("finish_reason") or ""


def _message(message: dict[str, Any]) -> Iterator[tuple[_Key, str]]:
    yield "text", message.get("content") or ""
    yield "thought", message.get("reasoning_content") or ""
    for place, call in enumerate(message.get("tool_calls") or ()):
        n = call.get("index", place)
        yield ("id", n), call.get("id") or ""
        yield from (((key, n), call["function"].get(key) or "") for key in _CALL)
        google = call.get("extra_content", {}).get("google", {})
        yield ("signature", n), google.get("thought_signature", "")
    for image in message.get("images") or ():
        yield "images", image["image_url"]["url"]


def _gemini(items: list[Any]) -> _Pieces:
    for item in items:
        if item.get("usageMetadata"):
            used = item["usageMetadata"]
            yield None, "usage", tuple([used.get(name) for name in _COUNTS])
        for candidate in item.get("candidates", ()):
            index = candidate.get("index") or 0
            calls = count()
            for part in candidate.get("content", {}).get("parts") or ():
                yield from ((index, key, value) for key, value in _part(part, calls))
            yield index, "finish", candidate.get("finishReason") or ""


_COUNTS = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount")


def _part(part: dict[str, Any], calls: Iterator[int]) -> Iterator[tuple[_Key, str]]:
    if "functionCall" in part:
        call, n = part["functionCall"], next(calls)
        yield ("id", n), call["id"]
        yield ("name", n), call["name"]
        yield ("arguments", n), json.dumps(call["args"])
        yield ("signature", n), _standard(part.get("thoughtSignature", ""))
    if "inlineData" in part:
        yield "images", f"data:{part['inlineData']['mimeType']};base64,{_standard(part['inlineData']['data'])}"
    yield "thought" if part.get("thought") else "text", part.get("text") or ""


def _standard(base64: str) -> str:
    """pydantic writes bytes in the alphabet for URLs."""
    return base64.replace("-", "+").replace("_", "/")


# --- the other operations --------------------------------------------------------------------------------------------


def _vectors(client: Protocol, item: Any) -> Any:
    if client == "gemini":
        return [one["values"] for one in item["embeddings"]]
    used = item["usage"]
    return [(one["index"], one["embedding"]) for one in item["data"]], used["prompt_tokens"], used["total_tokens"]


def _model(client: Protocol, item: Any) -> Any:
    return item["name"] if client == "gemini" else (item["id"], item["object"])


def _count(client: Protocol, item: Any) -> Any:
    return item["totalTokens"] if client == "gemini" else (item["object"], item["input_tokens"])


_OTHERS = {"embeddings": _vectors, "models": _model, "model": _model, "tokens": _count}
