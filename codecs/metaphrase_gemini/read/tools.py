"""Tools: functions of the client, and tools that Google runs. A Tool object is a group, and groups are kept."""

from __future__ import annotations

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.ir import At, Spelling
from metaphrase.ir.node import NOTHING
from metaphrase.loss import Report, render, steps_of
from metaphrase.wirejson import encode, keep
from metaphrase_gemini import schemas
from metaphrase_gemini.leftovers import residue, set_aside, spelling
from metaphrase_gemini.wire import request as wire
from metaphrase_gemini.words import BUILTINS, CODEC, MODES

_TOOLS = At(None, "tools")
_DECLARATIONS = "functionDeclarations"


def read_tools(tools: list[wire.Tool], report: Report) -> tuple[tuple[ir.Tool, ...], Raw | None]:
    """The tools in order, and what is left of their groups: nulls and empty groups say nothing, but were there."""
    found: list[ir.Function | ir.Builtin] = []
    left: list[dict[str, Raw]] = []
    empty = False
    for group, tool in enumerate(tools):
        at = At(_TOOLS, group)
        rest: dict[str, Raw] = {}
        before = len(found)
        declared = tool.function_declarations
        if declared is not UNSET:
            up = At(at, _DECLARATIONS)
            for i, declaration in enumerate(declared):
                found.append(_function(declaration, At(up, i), group, report))
            if not declared:
                rest[_DECLARATIONS] = Raw(b"[]")
        if declared is UNSET or tool != wire.Tool(declared):
            _builtins(tool, at, group, found, rest)
        left.append(rest)
        empty = empty or len(found) == before
    kept = empty or any(left)
    return tuple(found), Raw(encode(left)) if kept else None


def _builtins(tool: wire.Tool, at: At, group: int, found: list[ir.Function | ir.Builtin], rest: dict[str, Raw]) -> None:
    """Every other member is a tool of its own."""
    own = zip(tool.__struct_encode_fields__, tool.__struct_fields__, strict=True)
    members = {key: getattr(tool, name) for key, name in own if name not in ("function_declarations", "found")}
    for key, raw in (members | tool.extra).items():
        if raw is UNSET:
            continue
        if bytes(raw) == b"null":
            rest[key] = raw
        else:
            found.append(ir.Builtin(BUILTINS.get(key, key), CODEC, raw, group, at=At(at, key)))


def _function(declaration: wire.FunctionDeclaration, at: At, group: int, report: Report) -> ir.Function:
    name, description = declaration.name, declaration.description
    raw, old = declaration.parameters_json_schema, declaration.parameters
    if name is UNSET:
        raise ReadError("Object missing required field `name`", render(steps_of(at)))
    extra: dict[str, Raw] = NOTHING
    if declaration.found is not UNSET:
        extra = declaration.extra
        keep(extra, at, CODEC, report)
    parameters: ir.JsonSchema | None = None
    spellings: dict[str, Spelling] | None = None
    if raw is not UNSET:
        if memoryview(raw)[0] in b"{tf":  # an object or a boolean
            parameters = ir.JsonSchema(raw)
        else:
            extra = set_aside(extra, at, "parametersJsonSchema", raw, report)
    if old is not UNSET:
        data = bytes(old)
        if parameters is None and data[0] == 0x7B:  # {
            parameters = schemas.up(data, at, "parameters", report)
            spellings = {"parameters": Spelling(CODEC, parameters, {"parameters": old})}
        else:
            extra = set_aside(extra, at, "parameters", old, report)
    ext = {CODEC: extra} if extra else None
    said = None if description is UNSET else description
    return ir.Function(name, said, parameters, None, group, at=at, ext=ext, spelt=spellings)


def read_choice(
    config: wire.ToolConfig, report: Report
) -> tuple[ir.ToolChoice | None, Raw | None, dict[str, Spelling] | None]:
    """Which tools may be called, what else stood there, and how it was spelt."""
    at = At(None, "toolConfig")
    calling = config.function_calling_config
    if calling is UNSET:
        return None, residue(config, at, report), None
    word = calling.mode
    mode = None if word is UNSET else MODES.get(word.upper() if isinstance(word, str) else word)
    names = calling.allowed_function_names
    if mode is None:
        return None, _whole(config, calling, at, report), None
    choice = ir.ToolChoice(mode, () if names is UNSET else tuple(names))
    spellings: dict[str, Spelling] = {}
    if not isinstance(word, str) or not word.isupper():
        spellings["mode"] = spelling(mode, {"mode": Raw(encode(word))})
    if names is not UNSET and not names:
        spellings["names"] = spelling((), {"allowedFunctionNames": Raw(b"[]")})
    return choice, residue(config, at, report), spellings or None


def _whole(config: wire.ToolConfig, calling: wire.FunctionCallingConfig, at: At, report: Report) -> Raw | None:
    """A mode that is absent or unknown: what stood there is left over."""
    below = At(at, "functionCallingConfig")
    rest = dict(calling.extra)
    keep(rest, below, CODEC, report)
    if calling.mode is not UNSET:
        rest = set_aside(rest, below, "mode", Raw(encode(calling.mode)), report)
    if calling.allowed_function_names is not UNSET:
        raw = Raw(encode(calling.allowed_function_names))
        rest = set_aside(rest, below, "allowedFunctionNames", raw, report)
    keep(config.extra, at, CODEC, report)
    return Raw(encode(config.extra | {"functionCallingConfig": rest}))
