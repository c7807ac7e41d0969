"""Parts. A part that Gemini cannot say gives None, and is reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from metaphrase import ir
from metaphrase.wirejson import encode
from metaphrase_gemini.leftovers import graft, spelt
from metaphrase_gemini.names import tool_name
from metaphrase_gemini.values import wrap_arguments, wrap_result
from metaphrase_gemini.wire import content as wire
from metaphrase_gemini.words import CODEC

from .media import write_media
from .scope import Scope, signature


def write_part(part: ir.Part, to: Scope) -> Any:
    """One part, ready to encode; None where it cannot be said."""
    return _WRITERS[type(part)](part, to)


def write_each(parts: Sequence[ir.Part], to: Scope) -> list[Any]:
    """Several parts, each as `write_part` has it."""
    return [_WRITERS[type(part)](part, to) for part in parts]


def write_parts(parts: Sequence[ir.Part], to: Scope) -> list[Any]:
    """What can be said of some parts, in order."""
    found = write_each(parts, to)
    return found if to.same else [part for part in found if part is not None]


def _text(part: ir.Text, to: Scope) -> Any:
    out = wire.Part(part.text) if part.state is None else wire.Part(part.text, UNSET, signature(part, to))
    if part.ext is None and part.spelt is None:
        return out
    if spelt(part, "text", part.text) is not None:
        out.text = UNSET
    return graft(out, part.leftovers(CODEC))


def _thinking(part: ir.Thinking, to: Scope) -> Any:
    out = wire.Part(part.text, True, UNSET if part.state is None else signature(part, to))
    if part.ext is None and part.spelt is None:
        return out
    if spelt(part, "text", part.text) is not None:
        out.text = UNSET
    return graft(out, part.leftovers(CODEC))


def _refusal(part: ir.Refusal, to: Scope) -> Any:
    to.lose("approximated", part, None, "message.refusal", "as text")
    return graft(wire.Part(part.text), part.leftovers(CODEC))


def _call(part: ir.ToolCall, to: Scope) -> Any:
    call = _restored(part) if to.same else _translated(part, to)
    out = wire.Part(UNSET, UNSET, UNSET if part.state is None else signature(part, to), call)
    return out if part.ext is None else graft(out, part.leftovers(CODEC))


def _restored(part: ir.ToolCall) -> wire.FunctionCall:
    args = wrap_arguments(part.arguments)[0] if part.arguments else UNSET
    return wire.FunctionCall(part.name, args, part.id or UNSET)


def _translated(part: ir.ToolCall, to: Scope) -> wire.FunctionCall:
    """A call of another protocol: arguments as an object; free text of a custom tool is its `input`."""
    name = tool_name(part.name)
    if name != part.name:
        to.lose("approximated", part, "name", "tools.name", "renamed")
    if part.kind == "custom":
        return wire.FunctionCall(name, Raw(encode({"input": part.arguments})), part.id or UNSET)
    args, exact = wrap_arguments(part.arguments)
    if not exact:
        to.lose("approximated", part, "arguments", "tools.arguments", "no JSON object: wrapped")
    return wire.FunctionCall(name, args, part.id or UNSET)


def _result(part: ir.ToolResult, to: Scope) -> Any:
    return write_result(part, part.name, to, part.parts)


def write_result(part: ir.ToolResult, name: str | None, to: Scope, media: Sequence[ir.Part]) -> Any:
    """A function's answer under the name it was called by; `media` go with it."""
    response: Raw | UnsetType
    output = part.output
    if output is None:
        response = UNSET if to.same else wrap_result(text_of(part))
    else:
        response = wrap_result(output) if isinstance(output, str) else output
    inner = write_parts(media, to) if media else UNSET
    found = wire.FunctionResponse(UNSET if name is None else name, response, part.call_id or UNSET, inner)
    out = wire.Part(UNSET, UNSET, UNSET, UNSET, found)
    return out if part.ext is None else graft(out, part.leftovers(CODEC))


def text_of(part: ir.ToolResult) -> str:
    """What a tool answered, as text."""
    if part.output is None:
        return "".join([inner.text for inner in part.parts if isinstance(inner, ir.Text)])
    return part.output if isinstance(part.output, str) else str(part.output, "utf-8")


def _set(value: str | None) -> str | UnsetType:
    return UNSET if value is None else value


def _code(part: ir.Code, to: Scope) -> Any:
    code = wire.ExecutableCode(part.language or UNSET, part.code, UNSET if part.id is None else part.id)
    number = spelt(part, "language", part.language)
    if number is not None:
        code.language = msgspec.json.decode(number["language"])
    out = wire.Part(thought_signature=signature(part, to), executable_code=code)
    return graft(out, part.leftovers(CODEC))


def _code_result(part: ir.CodeResult, to: Scope) -> Any:
    result = wire.CodeExecutionResult(part.outcome, _set(part.output), _set(part.id))
    number = spelt(part, "outcome", part.outcome)
    if number is not None:
        result.outcome = msgspec.json.decode(number["outcome"])
    out = wire.Part(thought_signature=signature(part, to), code_execution_result=result)
    return graft(out, part.leftovers(CODEC))


def _foreign(part: ir.Foreign, to: Scope) -> Any:
    if part.codec == CODEC:
        return part.raw
    to.lose("dropped", part, None, f"part.{part.kind or 'foreign'}", f"known to {part.codec} only")
    return None


_WRITERS: dict[type[Any], Callable[[Any, Scope], Any]] = {
    ir.Text: _text,
    ir.Thinking: _thinking,
    ir.Refusal: _refusal,
    ir.ToolCall: _call,
    ir.ToolResult: _result,
    ir.Media: write_media,
    ir.Code: _code,
    ir.CodeResult: _code_result,
    ir.Foreign: _foreign,
}
