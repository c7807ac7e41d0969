"""Calls of tools. OpenAI wants an id on every call, of at most 40 characters."""

from __future__ import annotations

from collections.abc import Sequence

from metaphrase import ir
from metaphrase.loss import Report

from ..leftovers import Json, put_back
from ..names import CODEC, LONGEST_ID, call_prefix, made_id, tool_name
from ..options import Options
from .signatures import sign_call

_IDS = "$.messages[*].tool_calls[*].id"


def write_calls(
    calls: Sequence[ir.ToolCall], place: str | None, report: Report, options: Options, first: int = 0
) -> list[Json]:
    """Calls in order, from number ``first`` of their message on. Where one has no id, it is made of ``place``, that of
    the message, and its number. None: they go back to their own protocol, as they are.
    """
    written: list[Json] = []
    missing, prefix = 0, ""
    for number, call in enumerate(calls, first):
        call_id, name, text = call.id, call.name, call.arguments
        if place is not None:
            if not call_id:
                missing += 1
                prefix = prefix or call_prefix(place)
                call_id = f"{prefix}{number}"
            elif len(call_id) > LONGEST_ID:
                call_id = _short(call, report)
            if (name := tool_name(name)) != call.name:
                report.lose("approximated", call, "name", "tools.name", CODEC, f"as {name}")
            if not text and call.kind == "function":
                text = "{}"
        out: Json
        if call.kind == "function":
            out = {"id": call_id, "type": "function", "function": {"name": name, "arguments": text}}
        else:
            out = {"id": call_id, "type": "custom", "custom": {"name": name, "input": text}}
        if call.state is not None:
            sign_call(out, call, options, report)
        if call.ext is not None:
            out = put_back(out, call.leftovers(CODEC), ("function", "custom", "extra_content"))
        written.append(out)
    if missing:
        report.add("synthesised", None, None, "tools.id", CODEC, "The call has no id", _IDS, missing)
    return written


def _short(call: ir.ToolCall, report: Report) -> str:
    """An id made of one that is too long."""
    report.lose("approximated", call, "id", "tools.id", CODEC, f"Longer than {LONGEST_ID} characters")
    return made_id("call_", call.id)
