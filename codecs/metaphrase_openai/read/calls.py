"""Tool calls of a message, and the legacy function call."""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.ir.node import At
from metaphrase.loss import render, steps_of
from metaphrase.wirejson import encode, members

from ..leftovers import NULL, aside, ext_of, object_of, report_filled, report_members, says_nothing, value_of, verbatim
from ..names import CODEC
from ..wire import FunctionCall, ToolCall
from .draft import Draft
from .signatures import LITELLM, of_call, opaque

_NO_CALLS = Raw(b"[]")
_INDEXES = tuple([Raw(b"%d" % n) for n in range(64)])


def plain_calls(calls: list[ToolCall] | UnsetType | None, message: At) -> tuple[ir.Part, ...]:
    """Calls of functions that say nothing unusual; none at all if one of them does."""
    found: list[ir.Part] = []
    at = At(message, "tool_calls")
    for call in calls or ():
        call_id, function = call.id, call.function
        if call_id is UNSET or function is UNSET or LITELLM in call_id:
            return ()
        name, arguments = function.name, function.arguments
        if name is UNSET or arguments is UNSET or call != ToolCall(call_id, "function", FunctionCall(name, arguments)):
            return ()
        found.append(ir.ToolCall(call_id, name, arguments, at=At(at, len(found))))
    return tuple(found)


def read_calls(calls: list[ToolCall] | None, draft: Draft) -> None:
    """The calls in order."""
    if not calls:
        draft.left["tool_calls"] = NULL if calls is None else _NO_CALLS
        return
    plain = plain_calls(calls, draft.at) if draft.options.store is None else ()
    if plain:
        draft.parts += plain
        return
    at = At(draft.at, "tool_calls")
    for i, call in enumerate(calls):
        draft.parts.append(_call(call, At(at, i), i, draft))


def _call(call: ToolCall, at: At, place: int, draft: Draft) -> ir.ToolCall:
    left: dict[str, Raw] = {}
    state = None if call.found is UNSET else read_extra(call, left, at, draft)
    if call.index is not UNSET:  # clients echo what a stream said; it says nothing that the order does not
        left["index"] = _INDEXES[call.index] if 0 <= call.index < len(_INDEXES) else Raw(encode(call.index))
        if call.index != place:
            draft.report.leftover(at, "index", CODEC)
    if call.extra_content is not UNSET:
        state = of_call(call.extra_content, at, left, draft) or state
    call_id, hidden = read_id(call, draft)
    if state is None:
        state = hidden_state(call_id, hidden, draft)
    function = call.function
    if function is UNSET or call.type == "custom":
        return _custom(call, call_id, state, at, left, draft)
    if call.type != "function" or call.custom is not UNSET or function.found is not UNSET:
        _odd(call, function, at, left, draft)
    name = function.name
    if name is UNSET:
        raise ReadError("A tool call without its name", render(steps_of(At(at, "function"), "name")))
    arguments = function.arguments
    if arguments is UNSET:
        draft.plain = False
        arguments = ""
    if left:
        return ir.ToolCall(call_id, name, arguments, state, at=at, ext={CODEC: left})
    return ir.ToolCall(call_id, name, arguments, state, at=at)


def _odd(call: ToolCall, function: FunctionCall, at: At, left: dict[str, Raw], draft: Draft) -> None:
    """A call that is not quite of the usual form: no type (Mistral), or an empty custom call beside it (Snowflake)."""
    if call.type != "function":
        draft.plain = False
        if call.type is not UNSET:
            draft.report.leftover(at, "type", CODEC)
    if call.custom is not UNSET:
        left["custom"] = verbatim(call.custom)
        report_filled(members(left["custom"]), At(at, "custom"), draft.report)
    aside(left, "function", function, at, draft.report)


def _custom(
    call: ToolCall, call_id: str, state: ir.Opaque | None, at: At, left: dict[str, Raw], draft: Draft
) -> ir.ToolCall:
    """A call of a tool that takes free text."""
    custom = call.custom
    if custom is UNSET or custom.name is UNSET:
        raise ReadError("A tool call without its function", render(steps_of(at, "function")))
    if call.function is not UNSET:
        left["function"] = verbatim(call.function)
        report_filled(members(left["function"]), At(at, "function"), draft.report)
    else:
        aside(left, "custom", custom, at, draft.report)
    if call.type != "custom" or custom.input is UNSET:
        draft.plain = False
    if call.type != "custom" and call.type is not UNSET:
        draft.report.leftover(at, "type", CODEC)
    text = "" if custom.input is UNSET else custom.input
    return ir.ToolCall(call_id, custom.name, text, state, "custom", at=at, ext=ext_of(left))


_PROVIDER = "provider_specific_fields"


def read_extra(call: ToolCall, left: dict[str, Raw], at: At, draft: Draft) -> ir.Opaque | None:
    """Members that OpenAI does not know. One holds a signature: LiteLLM's ``provider_specific_fields``."""
    left |= call.extra
    raw = left.get(_PROVIDER, NULL)
    inside = object_of(raw, at, _PROVIDER) if memoryview(raw)[0] == 0x7B else {}
    sign = value_of(inside.pop("thought_signature", NULL), str)
    if not isinstance(sign, str):
        report_members(left, at, draft.report)
        return None
    report_members(inside, At(at, _PROVIDER), draft.report)
    draft.plain = False
    del left[_PROVIDER]
    report_members(left, at, draft.report)
    return opaque(sign)


def read_id(call: ToolCall, draft: Draft) -> tuple[str, str | None]:
    """The id, and the signature that LiteLLM hides in it."""
    if call.id is UNSET:
        draft.plain = False
        return "", None
    if LITELLM in call.id:
        draft.plain = False
        own, _, sign = call.id.partition(LITELLM)
        return own, sign or None
    return call.id, None


def hidden_state(call_id: str, hidden: str | None, draft: Draft) -> ir.Opaque | None:
    """The signature that stood in the id, or that the caller has kept under it."""
    store = draft.options.store
    if hidden is None and store is not None:
        hidden = store.get(call_id)
    return None if hidden is None else opaque(hidden)


def read_function_call(raw: Raw, draft: Draft) -> None:
    """The legacy form: one call, without an id."""
    if says_nothing(raw):
        draft.left["function_call"] = raw
        return
    inside = object_of(raw, draft.at, "function_call")
    at = At(draft.at, "function_call")
    name = value_of(inside.get("name", NULL), str)
    arguments = value_of(inside.get("arguments", Raw(b'""')), str)
    if not isinstance(name, str) or not name or not isinstance(arguments, str):
        draft.left["function_call"] = raw
        report_filled(inside, at, draft.report)
        return
    report_members({k: v for k, v in inside.items() if k not in ("name", "arguments")}, at, draft.report)
    spelt = {
        "name": ir.Spelling(CODEC, name, {"name": inside["name"]}),
        "arguments": ir.Spelling(CODEC, arguments, {"arguments": raw}),
    }
    draft.plain = False
    draft.parts.append(ir.ToolCall("", name, arguments, at=at, spelt=spelt))
