"""Why an answer ended: https://ai.google.dev/api/generate-content#FinishReason, as neutral classes and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import UNSET, UnsetType

from metaphrase.ir import Finish

from .words import CODEC

Reason = Literal["stop", "length", "tool_calls", "filter", "error", "other"]

REASONS: Mapping[str, Reason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "CONTINUATION": "length",
    "SAFETY": "filter",
    "RECITATION": "filter",
    "LANGUAGE": "filter",
    "BLOCKLIST": "filter",
    "PROHIBITED_CONTENT": "filter",
    "SPII": "filter",
    "IMAGE_SAFETY": "filter",
    "IMAGE_PROHIBITED_CONTENT": "filter",
    "IMAGE_RECITATION": "filter",
    "ESCALATION": "filter",
    "PUP_LIMITED_DISABLED": "filter",
    "MODEL_ARMOR": "filter",
    "MALFORMED_FUNCTION_CALL": "error",
    "MALFORMED_RESPONSE": "error",
    "UNEXPECTED_TOOL_CALL": "error",
    "TOO_MANY_TOOL_CALLS": "error",
    "MISSING_THOUGHT_SIGNATURE": "error",
    "FINISH_REASON_UNSPECIFIED": "other",
    "IMAGE_OTHER": "other",
    "NO_IMAGE": "other",
    "OTHER": "other",
}

NUMBERS: Mapping[int, str] = {
    0: "FINISH_REASON_UNSPECIFIED",
    1: "STOP",
    2: "MAX_TOKENS",
    3: "SAFETY",
    4: "RECITATION",
    5: "OTHER",
    6: "LANGUAGE",
    7: "BLOCKLIST",
    8: "PROHIBITED_CONTENT",
    9: "SPII",
    10: "MALFORMED_FUNCTION_CALL",
    11: "IMAGE_SAFETY",
    12: "UNEXPECTED_TOOL_CALL",
    13: "TOO_MANY_TOOL_CALLS",
    14: "IMAGE_PROHIBITED_CONTENT",
    15: "IMAGE_OTHER",
    16: "NO_IMAGE",
    17: "IMAGE_RECITATION",
    18: "MISSING_THOUGHT_SIGNATURE",
    19: "MALFORMED_RESPONSE",
}

WORDS: Mapping[str, str] = {
    "stop": "STOP",
    "tool_calls": "STOP",
    "length": "MAX_TOKENS",
    "filter": "SAFETY",
    "error": "OTHER",
    "other": "OTHER",
}
"""The word for an answer of another protocol."""

PLAIN: Mapping[str, str] = {"stop": "stop", "length": "length", "tool_calls": "tool_calls", "filter": "content_filter"}
"""Other protocols' usual word for a class: where they said just that, the class says it all."""


BLOCKED = Finish("filter")
"""How a candidate ended that gave no reason, where the prompt's feedback gives one for a block."""


def reason_of(native: str | int) -> Reason:
    """The class of a finish reason; unknown words and numbers are `other`."""
    name = NUMBERS.get(native, "") if isinstance(native, int) else native.upper()
    return REASONS.get(name, "other")


_ENDED: Mapping[str | int, Finish] = {word: Finish(reason_of(word), word, CODEC) for word in REASONS}


def ended(native: str | int, message: str | UnsetType = UNSET) -> Finish:
    """How an answer ended that gave this reason, and perhaps a message."""
    if message is not UNSET:
        return Finish(reason_of(native), native, CODEC, message)
    return _ENDED.get(native) or Finish(reason_of(native), native, CODEC)
