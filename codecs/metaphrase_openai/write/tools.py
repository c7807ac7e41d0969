"""Tools and the choice among them."""

from __future__ import annotations

from metaphrase import ir
from metaphrase.ir.node import NOTHING
from metaphrase.loss import Report
from metaphrase.wirejson import members

from ..leftovers import Json, put_back
from ..names import CODEC, tool_name


def restore_tools(chat: ir.ChatRequest, out: Json) -> None:
    """Tools as they were read."""
    spelt = None if chat.spelt is None else chat.spelling(CODEC, "tools")
    if spelt is not None:
        out |= spelt
        return
    listed: list[Json] = []
    for tool in chat.tools or ():
        if isinstance(tool, ir.Function):
            listed.append(_restored(tool))
        elif isinstance(tool, ir.Custom):
            listed.append(_custom(tool, tool.name))
        else:
            _restore_builtin(tool, listed, out)
    if listed or not chat.tools:
        out["tools"] = listed


def _restore_builtin(tool: ir.Builtin, listed: list[Json], out: Json) -> None:
    kind = None if tool.spelt is None else tool.spelling(CODEC, "kind")
    if kind is None:
        out["web_search_options"] = {} if tool.config is None else tool.config
    elif kind:
        made: Json = dict(kind)
        if tool.config is not None:
            made["parameters"] = tool.config
        listed.append(put_back(made, tool.leftovers(CODEC)))


def _restored(tool: ir.Function) -> Json:
    """A function as it was read."""
    out = _function(tool, tool.name)
    if tool.spelt is not None:
        for field in ("parameters", "strict"):
            out["function"] |= tool.spelling(CODEC, field) or NOTHING
        if "type" in tool.spelt:
            del out["type"]
    left = tool.leftovers(CODEC)
    return out if left is NOTHING else put_back(out, left, ("function",))


def _function(tool: ir.Function, name: str) -> Json:
    function: Json = {"name": name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.parameters is not None:
        function["parameters"] = tool.parameters.raw
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _custom(tool: ir.Custom, name: str) -> Json:
    custom: Json = {"name": name}
    if tool.description is not None:
        custom["description"] = tool.description
    if tool.format is not None:
        custom["format"] = tool.format
    left = tool.leftovers(CODEC)
    out: Json = {"type": "custom", "custom": custom}
    return out if left is NOTHING else put_back(out, left, ("custom",))


def write_tools(chat: ir.ChatRequest, out: Json, report: Report) -> None:
    """Tools of another protocol. Of those that a server runs, OpenAI's chat has web search only."""
    listed: list[Json] = []
    for tool in chat.tools or ():
        if isinstance(tool, ir.Builtin):
            _write_builtin(tool, out, report)
            continue
        name = tool_name(tool.name)
        if name != tool.name:
            report.lose("approximated", tool, "name", "tools.name", CODEC, f"as {name}")
        if isinstance(tool, ir.Custom):
            made = _custom(tool, name)
        else:
            if tool.parameters is not None and tool.parameters.dialect != "json":
                report.lose("approximated", tool, "parameters", "tools.schema", CODEC, "Passed on as JSON Schema")
            made = _function(tool, name)
        listed.append(made)
    if listed:
        out["tools"] = listed


def _write_builtin(tool: ir.Builtin, out: Json, report: Report) -> None:
    if tool.kind != "web_search":
        report.lose("dropped", tool, None, f"tools.{tool.kind}", CODEC)
        return
    if "web_search_options" in out:
        report.lose("dropped", tool, None, "tools.web_search", CODEC, "Said before")
    else:
        out["web_search_options"] = {}
        if tool.config is not None and members(tool.config):
            report.lose("dropped", tool, "config", "tools.web_search", CODEC)


def write_choice(chat: ir.ChatRequest, out: Json, report: Report) -> None:
    """``tool_choice``. Without tools it is an error at OpenAI."""
    choice = chat.tool_choice
    if choice is None:
        return
    if "tools" not in out:
        report.lose("dropped", chat, "tool_choice", "tool_choice.without_tools", CODEC)
        return
    names = choice.names
    mode = choice.mode
    if mode == "none":
        if names:
            report.lose("dropped", chat, "tool_choice.names", "tool_choice.names", CODEC)
        out["tool_choice"] = "none"
        return
    if mode == "validated":
        report.lose("approximated", chat, "tool_choice.mode", "tool_choice.validated", CODEC, "as auto")
        mode = "auto"
    written = [tool_name(name) for name in names]
    if not names:
        out["tool_choice"] = mode
    elif len(names) == 1 and mode == "required":
        out["tool_choice"] = {"type": choice.kind, choice.kind: {"name": written[0]}}
    else:
        tools: list[Json] = [{"type": choice.kind, choice.kind: {"name": name}} for name in written]
        out["tool_choice"] = {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}


def restore_choice(chat: ir.ChatRequest, out: Json) -> None:
    """The choice as it was read."""
    choice = chat.tool_choice
    if choice is None:
        return
    spelt = None if chat.spelt is None else chat.spelling(CODEC, "tool_choice")
    if spelt is not None:
        out |= spelt
    elif choice.names:
        out["tool_choice"] = {"type": choice.kind, choice.kind: {"name": choice.names[0]}}
    else:
        out["tool_choice"] = choice.mode
