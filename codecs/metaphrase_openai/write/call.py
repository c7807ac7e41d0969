"""One call of a tool."""

from __future__ import annotations

from metaphrase import ir
from metaphrase.loss import Report

from ..leftovers import Json, put_back
from ..names import CODEC, tool_name
from ..options import Options
from .signatures import sign_call


def write_call(call: ir.ToolCall, call_id: str, report: Report, options: Options, *, same: bool) -> Json:
    """One call, under the id that it gets."""
    name = call.name
    if not same:
        name = tool_name(name)
        if name != call.name:
            report.lose("approximated", call, "name", "tools.name", CODEC, f"as {name}")
    out: Json
    if call.kind == "custom":
        out = {"id": call_id, "type": "custom", "custom": {"name": name, "input": call.arguments}}
    else:
        arguments = call.arguments if same else call.arguments or "{}"
        out = {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
    if call.state is not None:
        sign_call(out, call, options, report)
    if call.ext is None:
        return out
    return put_back(out, call.leftovers(CODEC), ("function", "custom", "extra_content"))
