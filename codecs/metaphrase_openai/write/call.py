"""Calls of tools."""

from __future__ import annotations

from collections.abc import Sequence

from metaphrase import ir
from metaphrase.loss import Report

from ..leftovers import Json, put_back
from ..names import CODEC, tool_name
from ..options import Options
from .signatures import sign_call


def write_calls(
    calls: Sequence[ir.ToolCall], ids: Sequence[str], report: Report, options: Options, *, same: bool
) -> list[Json]:
    """Calls in order, under the ids that they get."""
    written: list[Json] = []
    for call, call_id in zip(calls, ids, strict=True):
        name = call.name
        if not same and (name := tool_name(name)) != call.name:
            report.lose("approximated", call, "name", "tools.name", CODEC, f"as {name}")
        out: Json
        if call.kind == "custom":
            out = {"id": call_id, "type": "custom", "custom": {"name": name, "input": call.arguments}}
        else:
            arguments = call.arguments if same else call.arguments or "{}"
            out = {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
        if call.state is not None:
            sign_call(out, call, options, report)
        if call.ext is not None:
            out = put_back(out, call.leftovers(CODEC), ("function", "custom", "extra_content"))
        written.append(out)
    return written
