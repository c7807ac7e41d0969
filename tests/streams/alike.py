"""Two whole answers of one protocol compared, one of them folded from a stream.

What a stream cannot show, or shows as well in another form, is levelled out: explicit nulls, the role, `object`, the
`index` of calls, and where a plain text was divided.
"""

from typing import Any

from tests.laws import canonical
from tests.laws.corpus import Protocol

from .chunks import DONE
from .fold_gemini import joined


def levelled(whole: Any, found: list[Any]) -> Any:
    """A folded answer with what its stream's end says: after `[DONE]`, a choice that gave no reason has stopped."""
    for one in whole.get("choices", ()):
        if DONE in found and one.get("finish_reason") is None:
            one["finish_reason"] = "tool_calls" if one["message"].get("tool_calls") else "stop"
    return whole


def difference(protocol: Protocol, whole: Any, streamed: Any, *, late: bool) -> tuple[str, str] | None:
    """The first place where they differ. ``late``: signatures stand behind their texts, which had gone out."""
    if protocol == "openai":
        return canonical.difference(_openai(whole), _openai(streamed))
    return canonical.difference(_gemini(whole, late), _gemini(streamed, late))


def _gemini(document: Any, late: bool) -> Any:
    found = _without_nulls(canonical.gemini(document))
    for one in found.get("candidates", []):
        content = one.get("content", {})
        content.pop("role", None)
        if "parts" in content:
            parts = _behind(content["parts"]) if late else content["parts"]
            content["parts"] = joined([part for part in parts if part not in _EMPTY])
        if not content.get("parts"):
            content.pop("parts", None)
        if not content:
            one.pop("content", None)
        one.setdefault("index", 0)
    return found


_EMPTY = ({"text": ""}, {"text": "", "thought": True})


def _behind(parts: list[Any]) -> list[Any]:
    """Each signature of a text on an empty text behind it."""
    found: list[Any] = []
    for part in parts:
        if part.get("text") and "thoughtSignature" in part:
            found.append({key: value for key, value in part.items() if key != "thoughtSignature"})
            part = {**part, "text": ""}  # noqa: PLW2901 - a copy of it
        found.append(part)
    return found


def _openai(document: Any) -> Any:
    found = _without_nulls(document)
    found.pop("object", None)
    for one in found.get("choices", []):
        one.setdefault("index", 0)
        message = one.get("message", {})
        message.pop("role", None)
        for call in [*message.get("tool_calls", []), *message.get("images", [])]:
            call.pop("index", None)
            if call.get("type") == "function":
                del call["type"]
        if isinstance(message.get("content"), list):
            message["content"] = [part for part in message["content"] if part.get("thinking") != []]
        for name in ("content", "refusal", "tool_calls", "reasoning_content", "reasoning"):
            if message.get(name) in ("", []):
                del message[name]
    return found


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        found = {key: _without_nulls(below) for key, below in value.items() if below is not None}
        return {key: below for key, below in found.items() if below != {} or key in ("args", "content")}
    if isinstance(value, list):
        return [_without_nulls(below) for below in value]
    return value
