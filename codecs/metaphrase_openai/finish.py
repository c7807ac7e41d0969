"""Finish reasons: OpenAI's words and ours."""

from __future__ import annotations

from typing import Literal

Reason = Literal["stop", "length", "tool_calls", "filter", "error", "other"]

READ: dict[str, Reason] = {
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
# Other vendors' words that say no more than OpenAI's; any other goes to `native_finish_reason`.
PLAIN: dict[str, Reason] = {"stop": "stop", "max_tokens": "length", "length": "length", "end_turn": "stop"}
