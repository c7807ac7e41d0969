"""What a model says in nearly all messages: a thought, a text and calls, in this order and with nothing beside them."""

from __future__ import annotations

from collections.abc import Sequence

from metaphrase import ir

from ..leftovers import Json
from ..options import Options


def plainly(parts: Sequence[ir.Part], options: Options) -> tuple[Json, list[ir.ToolCall]] | None:
    """Its fields, and its calls; None for any other message, which ``Assistant`` sorts: its rules have no say in these,
    and sorting costs three times as much.
    """
    if options.thinking != "reasoning_content" or options.signatures != "extra_content":
        return None
    fields: Json = {}
    calls: list[ir.ToolCall] = []
    for part in parts:
        if isinstance(part, ir.ToolCall):
            calls.append(part)
            continue
        if calls or not isinstance(part, (ir.Text, ir.Thinking)):
            return None
        if not part.text or part.state is not None or part.ext is not None or "content" in fields:
            return None
        if isinstance(part, ir.Text):
            fields["content"] = part.text
        elif not fields:
            fields["reasoning_content"] = part.text
        else:
            return None
    return fields, calls
