"""Tools and the choice among them."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.ir.node import At
from metaphrase.loss import Report, render, steps_of
from metaphrase.wirejson import elements, encode, members

from ..leftovers import (
    NULL,
    aside,
    elsewhere,
    ext_of,
    is_null,
    object_of,
    report_below,
    report_members,
    says_nothing,
    value_of,
)
from ..names import CODEC
from ..wire import CustomTool, FunctionTool, Tool

_TOOLS = At(None, "tools")
_BUILTINS = {
    "web_search": "web_search",
    "web_search_preview": "web_search",
    "openrouter:web_search": "web_search",
    "file_search": "file_search",
    "code_interpreter": "code_execution",
    "computer_use_preview": "computer_use",
    "mcp": "mcp",
    "image_generation": "image_generation",
}


def read_tools(tools: list[Tool], report: Report) -> tuple[ir.Tool, ...]:
    """Functions, custom tools, and tools that a server runs."""
    return tuple([_tool(tool, At(_TOOLS, i), report) for i, tool in enumerate(tools)])


def _tool(tool: Tool, at: At, report: Report) -> ir.Tool:
    function = tool.function
    if function is not UNSET:
        name, text, schema = function.name, function.description, function.parameters
        usual = tool == Tool("function", FunctionTool(name, text, schema))  # nearly all of them
        if usual and name is not UNSET and schema is not UNSET and schema != NULL:
            return ir.Function(name, None if text is UNSET else text, ir.JsonSchema(schema), at=at)
    if function is not UNSET and tool.custom is UNSET and (tool.type == "function" or tool.type is UNSET):
        spelt = _NO_TYPE if tool.type is UNSET else None
        if tool.found is UNSET and function.found is UNSET:
            return _function(function, at, spelt, None)
        left = dict(tool.extra)
        report_members(left, at, report)
        aside(left, "function", function, at, report)
        return _function(function, at, spelt, ext_of(left))
    if tool.custom is not UNSET and function is UNSET and tool.type == "custom":
        return _custom(tool, tool.custom, at, report)
    if function is not UNSET or tool.custom is not UNSET or tool.type is UNSET:
        raise ReadError("A tool that is not of its type", render(steps_of(at, "type")))
    return _builtin(tool, tool.type, at, report)


_NO_TYPE = {"type": ir.Spelling(CODEC, None, {})}  # Mistral's clients leave the type out


def _function(wire: FunctionTool, at: At, spelt: dict[str, ir.Spelling] | None, ext: ir.Ext | None) -> ir.Function:
    if wire.name is UNSET:
        raise ReadError("A function without a name", render(steps_of(at, ("function", "name"))))
    parameters = wire.parameters
    if wire.strict is None:
        spelt = {**(spelt or {}), "strict": ir.Spelling(CODEC, None, {"strict": NULL})}
    if parameters is not UNSET and is_null(parameters):
        spelt = {**(spelt or {}), "parameters": ir.Spelling(CODEC, None, {"parameters": NULL})}
        parameters = UNSET
    return ir.Function(
        wire.name,
        None if wire.description is UNSET else wire.description,
        None if parameters is UNSET else ir.JsonSchema(parameters),
        None if wire.strict is UNSET else wire.strict,
        at=at,
        ext=ext,
        spelt=spelt,
    )


def _custom(tool: Tool, wire: CustomTool, at: At, report: Report) -> ir.Custom:
    if wire.name is UNSET:
        raise ReadError("A tool without a name", render(steps_of(at, ("custom", "name"))))
    left = dict(tool.extra)
    report_members(left, at, report)
    aside(left, "custom", wire, at, report)
    description = None if wire.description is UNSET else wire.description
    return ir.Custom(wire.name, description, None if wire.format is UNSET else wire.format, at=at, ext=ext_of(left))


def _builtin(tool: Tool, kind: str, at: At, report: Report) -> ir.Builtin:
    """A tool that the server runs; a vendor's own (``openrouter:web_search``) among them."""
    left = dict(tool.extra)
    config = left.pop("parameters", None)
    report_members(left, at, report)
    neutral = _BUILTINS.get(kind, kind)
    spelt = {"kind": ir.Spelling(CODEC, neutral, {"type": Raw(encode(kind))})}
    if config is not None:
        spelt["config"] = ir.Spelling(CODEC, config, {"parameters": config})
    return ir.Builtin(neutral, CODEC, config, at=at, ext=ext_of(left), spelt=spelt)


def read_functions(raw: Raw, report: Report) -> list[ir.Tool]:
    """The legacy list of functions. Their places differ from those of tools, so each field brings its own."""
    at = At(None, "functions")
    found: list[ir.Tool] = []
    for i, one in enumerate(_list(raw, "functions")):
        here = At(at, i)
        inside = object_of(one, at, i)
        name = value_of(inside.get("name", NULL), str)
        if not isinstance(name, str):
            raise ReadError("A function without a name", render(steps_of(here, "name")))
        text = value_of(inside.get("description", NULL), str)
        description = text if isinstance(text, str) else None
        parameters = None if is_null(inside.get("parameters", NULL)) else ir.JsonSchema(inside["parameters"])
        spelt = {key: ir.Spelling(CODEC, None, {key: inside[key]}) for key in _FIELDS if key in inside}
        found.append(ir.Function(name, description, parameters, at=here, spelt=spelt))
        report_members({k: v for k, v in inside.items() if k not in _FIELDS}, here, report)
    return found


_FIELDS = ("name", "description", "parameters")


def _list(raw: Raw, key: str) -> list[Raw]:
    if memoryview(raw)[0] != 0x5B:
        raise ReadError("Expected a list", f"$.{key}")
    return elements(raw)


# --- the choice ---------------------------------------------------------------------------------------------------

Choice = tuple[ir.ToolChoice | None, bool]  # the choice, and whether this is its usual spelling
Mode = Literal["auto", "none", "required", "validated"]

_AUTO, _NONE, _REQUIRED = ir.ToolChoice("auto"), ir.ToolChoice("none"), ir.ToolChoice("required")
_WORDS: dict[bytes, Choice] = {
    b'"auto"': (_AUTO, True),
    b'"none"': (_NONE, True),
    b'"required"': (_REQUIRED, True),
    b'"any"': (_REQUIRED, False),  # Mistral
}


def read_choice(raw: Raw, key: str, report: Report) -> Choice:
    """``tool_choice``, or the legacy ``function_call``. None: nothing that we know, and it has been reported."""
    word = _WORDS.get(bytes(raw))
    if word is not None:
        return word
    if memoryview(raw)[0] != 0x7B:
        report_below(raw, None, key, report)
        return None, False
    inside = members(raw)
    kind = value_of(inside.get("type", NULL), str)
    if kind == "allowed_tools" or "allowed_tools" in inside:
        if kind != "allowed_tools" and "type" in inside:
            report.leftover(At(None, key), "type", CODEC)
        return _allowed(inside, At(None, key), report)
    holder = "custom" if kind == "custom" else "function"
    named = inside if key == "function_call" else _members(inside.get(holder))
    name = value_of(named.get("name", NULL), str)
    if not isinstance(name, str):
        report.leftover(None, key, CODEC)
        return None, False
    at = At(None, key)
    if named is not inside:
        report_members({k: v for k, v in inside.items() if k not in ("type", holder)}, at, report)
        if kind != holder and "type" in inside:
            report.leftover(at, "type", CODEC)
    beside = {k: v for k, v in named.items() if k != "name"}
    report_members(beside, at if named is inside else At(at, holder), report)
    usual = kind == holder and len(inside) == 2 and len(named) == 1
    return ir.ToolChoice("required", (name,), "custom" if holder == "custom" else "function"), usual


def _members(raw: Raw | None) -> dict[str, Raw]:
    if raw is None or memoryview(raw)[0] != 0x7B:
        return {}
    return members(raw)


def _allowed(inside: dict[str, Raw], at: At, report: Report) -> Choice:
    """``allowed_tools``: the model may, or must, take one of these."""
    allowed = _members(inside.get("allowed_tools"))
    below = At(at, "allowed_tools")
    mode = value_of(allowed.get("mode", NULL), str)
    names: list[str] = []
    kinds: set[str] = set()
    tools = allowed.get("tools", NULL)
    for i, one in enumerate(elements(tools) if memoryview(tools)[0] == 0x5B else ()):
        tool = _members(one)
        here = At(At(below, "tools"), i)
        kind = value_of(tool.get("type", NULL), str)
        holder = "custom" if kind == "custom" else "function"
        named = _members(tool.get(holder))
        name = value_of(named.get("name", NULL), str)
        if isinstance(name, str) and kind in ("function", "custom"):
            names.append(name)
            kinds.add(holder)
            report_members({k: v for k, v in named.items() if k != "name"}, At(here, holder), report)
            report_members({k: v for k, v in tool.items() if k not in ("type", holder)}, here, report)
        else:
            report.crossing("dropped", here, None, "openai.tool_choice.allowed_tools.tools", CODEC, "Not a function")
    report_members({k: v for k, v in allowed.items() if k not in ("mode", "tools")}, below, report)
    report_members({k: v for k, v in inside.items() if k not in ("type", "allowed_tools")}, at, report)
    wanted: Mode = "required" if mode == "required" else "auto"
    if mode not in ("auto", "required"):
        report.leftover(below, "mode", CODEC)
    return ir.ToolChoice(wanted, tuple(names), "custom" if kinds == {"custom"} else "function"), False


# --- web search, said beside the tools ---------------------------------------------------------------------------


def read_web_search(raw: Raw) -> ir.Builtin:
    """``web_search_options``: web search as OpenAI's search models take it."""
    return ir.Builtin("web_search", CODEC, None if says_nothing(raw) else raw, at=At(None, "web_search_options"))


def read_plugins(raw: Raw, report: Report) -> list[ir.Tool]:
    """OpenRouter's plugins: one of them is web search."""
    found: list[ir.Tool] = []
    at = At(None, "plugins")
    if memoryview(raw)[0] != 0x5B:
        report.leftover(None, "plugins", CODEC)
        return found
    for i, one in enumerate(elements(raw)):
        inside = _members(one)
        here = At(at, i)
        if value_of(inside.get("id", NULL), str) == "web" and not found:
            report_members({k: v for k, v in inside.items() if k != "id"}, here, report)
            found.append(ir.Builtin("web_search", CODEC, at=here, spelt=elsewhere("kind", "web_search")))
        elif inside:
            report_members(inside, here, report)
        else:
            report_below(one, at, i, report)
    return found
