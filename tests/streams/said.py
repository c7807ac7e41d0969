"""What one chunk adds to the visible text and to the thoughts of each choice: for tests that watch a stream grow."""

from collections import defaultdict
from typing import Any

from tests.laws.corpus import Protocol

from .chunks import DONE

Texts = dict[tuple[int, str], str]
THOUGHTS = ("reasoning_content", "reasoning", "reasoning_details")


def grow(texts: Texts, protocol: Protocol, found: list[Any]) -> None:
    """Add what these chunks say."""
    for chunk in found:
        if chunk == DONE:
            continue
        for place, one in enumerate(chunk.get("candidates" if protocol == "gemini" else "choices") or ()):
            index = one.get("index", place)
            for kind, text in _gemini(one) if protocol == "gemini" else _openai(one.get("delta") or {}):
                if kind in THOUGHTS:
                    _think(texts, index, kind, text)
                elif text:
                    texts[index, kind] += text


def _think(texts: Texts, index: int, field: str, text: str) -> None:
    """The same thought may stand in several fields: the first one that is used counts."""
    first = next((kind for of, kind in texts if of == index and kind in THOUGHTS), None)
    if text and first in (None, field):
        texts[index, field] += text


def plain(texts: Texts) -> Texts:
    """Without the names of fields."""
    return {(index, "thought" if kind in THOUGHTS else kind): text for (index, kind), text in texts.items()}


def nothing() -> Texts:
    return defaultdict(str)


def _gemini(candidate: Any) -> list[tuple[str, str]]:
    parts = candidate.get("content", {}).get("parts", [])
    return [("thought" if part.get("thought") else "text", part["text"]) for part in parts if "text" in part]


def _openai(delta: Any) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    content = delta.get("content")
    parts: list[Any] = content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
    for part in parts:
        if part.get("type") == "thinking":
            found += [("thought", one["text"]) for one in part["thinking"]]
        elif part.get("type") == "text":
            found.append(("text", part["text"]))
    details = "".join(
        one.get("text") or one.get("summary") or "" for one in delta.get("reasoning_details") or () if one
    )
    thoughts = [(key, delta.get(key) or "") for key in THOUGHTS[:2]]
    return [*found, *thoughts, (THOUGHTS[2], details), ("text", delta.get("refusal") or "")]
