"""What a model says in nearly all messages: a thought, a text and calls, in this order and with nothing beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from metaphrase import ir
from metaphrase.loss import Report

from ..leftovers import Json
from ..options import Options
from .call import write_call


def plainly(
    parts: Sequence[ir.Part], call_id: Callable[[ir.ToolCall, int], str], report: Report, options: Options
) -> Json | None:
    """Its fields; None for any other message, which ``Assistant`` sorts: its rules have no say in these, and sorting
    costs three times as much. ``call_id``: the id of a call and its number.
    """
    if options.thinking != "reasoning_content" or options.signatures != "extra_content":
        return None
    fields: Json = {}
    calls: list[ir.ToolCall] = []
    for part in parts:
        kind = type(part)
        if kind is ir.ToolCall:
            calls.append(part)  # type: ignore[arg-type]
        elif (
            calls
            or "content" in fields
            or not isinstance(part, (ir.Text, ir.Thinking))
            or not part.text
            or part.state is not None
            or part.ext is not None
        ):
            return None
        elif kind is ir.Text:
            fields["content"] = part.text
        elif not fields:
            fields["reasoning_content"] = part.text
        else:
            return None
    if calls:
        made = [write_call(one, call_id(one, n), report, options, same=False) for n, one in enumerate(calls)]
        fields["tool_calls"] = made
    return fields
