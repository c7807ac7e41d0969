"""Enums of an answer as numbers, for clients that ask for `$alt=json;enum-encoding=int`.

Google's gapic clients (Go, and Vertex AI's for Python) always do, and break on names. Values without a number stay.
Sources: docs.cloud.google.com/apis/docs/system-parameters; google/ai/generativelanguage/v1beta/*.proto.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import Raw

from metaphrase.ir import ChatRequest
from metaphrase.wirejson import elements, encode, members

from .finish import NUMBERS

_FINISH = {name: number for number, name in NUMBERS.items()}
_MODALITY = {"TEXT": 1, "IMAGE": 2, "VIDEO": 3, "AUDIO": 4, "DOCUMENT": 5}
_HARM = {f"HARM_CATEGORY_{name}": number for number, name in enumerate(
    ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT", "CIVIC_INTEGRITY"), 7
)}  # fmt: skip
_RATINGS = [{"category": _HARM, "probability": {"NEGLIGIBLE": 1, "LOW": 2, "MEDIUM": 3, "HIGH": 4}}]
_PART = {
    "executableCode": {"language": {"PYTHON": 1}},
    "codeExecutionResult": {"outcome": {"OUTCOME_OK": 1, "OUTCOME_FAILED": 2, "OUTCOME_DEADLINE_EXCEEDED": 3}},
}
_BLOCK = {"SAFETY": 1, "OTHER": 2, "BLOCKLIST": 3, "PROHIBITED_CONTENT": 4, "IMAGE_SAFETY": 5}
_DETAILS = ("promptTokensDetails", "cacheTokensDetails", "candidatesTokensDetails", "toolUsePromptTokensDetails")

_ANSWER: Mapping[str, Any] = {
    "candidates": [{"finishReason": _FINISH, "safetyRatings": _RATINGS, "content": {"parts": [_PART]}}],
    "promptFeedback": {"blockReason": _BLOCK, "safetyRatings": _RATINGS},
    "usageMetadata": {name: [{"modality": _MODALITY}] for name in _DETAILS},
}
"""Where an answer has enums: objects, lists of one kind of object, and at the ends the numbers of names."""


def wants_numbers(asked: ChatRequest | None) -> bool:
    """Whether the client's address asks for enums by number."""
    return asked is not None and "enum-encoding=int" in unquote(asked.target.partition("?")[2])


def numbered(answer: bytes | Raw, rule: Mapping[str, Any] = _ANSWER) -> bytes:
    """The same JSON object with numbers in the place of names; everything else stays as it is written."""
    found: dict[str, Any] = dict(members(answer))
    for key, below in rule.items():
        if key in found:
            found[key] = _value(found[key], below)
    return encode(found)


def _value(raw: Raw, rule: Any) -> Any:
    first = bytes(memoryview(raw)[:1])
    if first == b"[" and isinstance(rule, list):
        return [_value(one, rule[0]) for one in elements(raw)]
    if isinstance(rule, list):
        return raw
    table: Mapping[str, Any] = rule
    names = isinstance(next(iter(table.values())), int)
    if first == b'"' and names:
        return table.get(msgspec.json.decode(raw), raw)
    return Raw(numbered(raw, table)) if first == b"{" and not names else raw
