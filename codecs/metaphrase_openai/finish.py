"""Finish reasons: OpenAI's words and ours."""

from __future__ import annotations

from typing import Literal

Reason = Literal["stop", "length", "tool_calls", "filter", "error", "other"]

_OWN: dict[str, Reason] = {
    "stop": "stop",
    "": "stop",  # Snowflake never gives one
    "end_turn": "stop",
    "eos": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "filter",
    "error": "error",
}
WRITE: dict[str, str] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "filter": "content_filter",
    "error": "stop",
    "other": "stop",
}
# Google's own words, which we and others quote in `native_finish_reason`: with OpenAI's word for the same class beside
# them they say the reason. (https://ai.google.dev/api/generate-content#FinishReason)
QUOTED: dict[str, Reason] = {
    "SAFETY": "filter",
    "RECITATION": "filter",
    "LANGUAGE": "filter",
    "BLOCKLIST": "filter",
    "PROHIBITED_CONTENT": "filter",
    "SPII": "filter",
    "IMAGE_SAFETY": "filter",
    "IMAGE_PROHIBITED_CONTENT": "filter",
    "IMAGE_RECITATION": "filter",
    "MODEL_ARMOR": "filter",
    "MALFORMED_FUNCTION_CALL": "error",
    "MALFORMED_RESPONSE": "error",
    "UNEXPECTED_TOOL_CALL": "error",
    "TOO_MANY_TOOL_CALLS": "error",
    "MISSING_THOUGHT_SIGNATURE": "error",
    "OTHER": "other",
    "IMAGE_OTHER": "other",
    "NO_IMAGE": "other",
}
# What a finish reason may be: the family's words, and Google's, which some proxies put in OpenAI's field as they are.
READ: dict[str, Reason] = {**_OWN, **QUOTED, "STOP": "stop", "MAX_TOKENS": "length"}
# Other vendors' words that say no more than OpenAI's; any other goes to `native_finish_reason`.
PLAIN: dict[str, Reason] = {"stop": "stop", "max_tokens": "length", "length": "length", "end_turn": "stop"}
