"""Tools of another protocol: functions in one group, and the tools that Google runs too."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase_gemini import schemas
from metaphrase_gemini.leftovers import EMPTY, TRUE, graft
from metaphrase_gemini.names import tool_name
from metaphrase_gemini.wire import request as wire
from metaphrase_gemini.words import BUILTIN_WORDS, CODEC, MODE_WORDS

from .scope import Scope

_RUNS_BARE = frozenset({"web_search", "url_context", "code_execution", "maps"})
"""Tools that need no settings."""
_TAKES_TEXT = Raw(b'{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}')


def write_tools(tools: tuple[ir.Tool, ...], to: Scope) -> list[Any]:
    """All functions in one Tool object, and one for each tool that Google runs."""
    as_schema = wants_schema(to)
    declared = [declaration(tool, to, as_schema) for tool in tools if not isinstance(tool, ir.Builtin)]
    out: list[Any] = [{"functionDeclarations": declared}] if declared else []
    if len(declared) < len(tools):
        builtins = [_builtin(tool, bool(declared), to) for tool in tools if isinstance(tool, ir.Builtin)]
        out += [found for found in builtins if found is not None]
    return out


def declaration(tool: ir.Function | ir.Custom, to: Scope, as_schema: bool = False) -> Any:
    """One function; a tool that takes free text becomes a function of one text. ``as_schema``: see `wants_schema`."""
    name = tool_name(tool.name)
    if name != tool.name:
        to.lose("approximated", tool, "name", "tools.name", "renamed")
    out = wire.FunctionDeclaration(name, UNSET if tool.description is None else tool.description)
    if isinstance(tool, ir.Custom):
        to.lose("approximated", tool, None, "tools.custom", "as a function of one text")
        if tool.format is not None:
            to.lose("dropped", tool, "format", "tools.custom.format")
        out.parameters_json_schema = _TAKES_TEXT
        return out
    if tool.strict:
        to.lose("dropped", tool, "strict", "tools.strict")
    schema = tool.parameters
    if schema is not None and as_schema:
        out.parameters = _schema(tool, schema, to)
    elif schema is not None:
        out.parameters_json_schema = schema.raw
    return graft(out, tool.leftovers(CODEC)) if tool.ext is not None else out


def _schema(tool: ir.Function, schema: ir.JsonSchema, to: Scope) -> Raw:
    found, losses = schemas.down(bytes(schema.raw))
    for loss in losses:
        to.lose(loss.kind, tool, "parameters", loss.feature, loss.detail, below=loss.keys)
    return found


def wants_schema(to: Scope) -> bool:
    """Whether schemas go out as Gemini's own `Schema`."""
    return "openapi" in (to.options.schema, to.family.schema)


def _builtin(tool: ir.Builtin, beside_functions: bool, to: Scope) -> Any:
    key = BUILTIN_WORDS.get(tool.kind)
    if tool.codec == CODEC:
        return {key or tool.kind: tool.config or EMPTY}
    if key is None or tool.kind not in _RUNS_BARE:
        to.lose("dropped", tool, None, f"tools.{tool.kind}", "a tool of another vendor")
        return None
    if beside_functions and not to.family.mixed_tools:
        to.lose("dropped", tool, None, f"tools.{tool.kind}", "this model takes it only without functions")
        return None
    if tool.config is not None and bytes(tool.config) != b"{}":
        to.lose("dropped", tool, "config", f"tools.{tool.kind}.config")
    return {key: EMPTY}


def write_choice(chat: ir.ChatRequest, tools: list[Any], to: Scope) -> Any:
    """Which tools may be called. Functions beside Google's tools need a switch of their own."""
    out = wire.ToolConfig()
    choice = chat.tool_choice
    declared = any("functionDeclarations" in tool for tool in tools)
    if choice is not None:
        if not declared:
            to.lose("dropped", chat, "tool_choice", "tool_choice", "there are no functions to choose from")
        else:
            out.function_calling_config = _calling(chat, choice, to)
    if declared and len(tools) > 1 and to.family.mixed_tools:
        to.add("synthesised", "tools.mixed", "functions beside Google's tools", "$.toolConfig")
        return graft(out, {"includeServerSideToolInvocations": TRUE})
    return UNSET if out == wire.ToolConfig() else out


def _calling(chat: ir.ChatRequest, choice: ir.ToolChoice, to: Scope) -> wire.FunctionCallingConfig:
    mode = choice.mode
    if mode == "auto" and choice.names:
        mode = "validated"  # the only mode besides ANY that takes a list
    out = wire.FunctionCallingConfig(MODE_WORDS[mode])
    if choice.names:
        out.allowed_function_names = [tool_name(name) for name in choice.names]
        if out.allowed_function_names != list(choice.names):
            to.lose("approximated", chat, "tool_choice.names", "tools.name", "renamed")
    if choice.kind == "custom":
        to.lose("approximated", chat, "tool_choice", "tool_choice.custom", "as a function")
    return out
