"""What nearly all models say: thoughts, a text, calls of functions. Read at once, without a draft."""

from __future__ import annotations

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.ir.node import At

from ..leftovers import NULL, says_nothing
from ..options import Options
from ..wire import Message
from .calls import plain_calls
from .pictures import MARK


def plain_parts(wire: Message, at: At, options: Options) -> tuple[ir.Part, ...]:
    """The parts of a message of a model that says no more than that; none at all if it does, or says nothing."""
    content, thought, calls = wire.content, wire.reasoning_content, wire.tool_calls
    refusal, notes = wire.refusal, wire.annotations
    if wire != Message("assistant", content, calls, UNSET, UNSET, refusal, thought, annotations=notes):
        return ()
    if isinstance(refusal, str) or options.read_think_tags or not (notes is UNSET or says_nothing(notes)):
        return ()
    parts: list[ir.Part] = []
    if thought:
        parts.append(ir.Thinking(thought, at=At(at, "reasoning_content")))
    elif thought is not UNSET:
        return ()
    if content is not None:
        if not isinstance(content, str) or content == "" or MARK in content:
            return ()
        parts.append(ir.Text(content, at=At(at, "content")))
    if calls is not UNSET:
        found = plain_calls(calls, at) if options.store is None else ()
        if not found:
            return ()
        parts += found
    return tuple(parts)


def plain_rest(wire: Message) -> dict[str, Raw]:
    """What such a message holds besides its parts: it says nothing."""
    rest: dict[str, Raw] = {}
    if wire.content is None:
        rest["content"] = NULL
    if wire.refusal is not UNSET:
        rest["refusal"] = NULL
    if wire.annotations is not UNSET:
        rest["annotations"] = wire.annotations
    return rest
