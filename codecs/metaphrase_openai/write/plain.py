"""What a model says in nearly all messages: a thought, a text and calls, in this order and with nothing beside them."""

from __future__ import annotations

from collections.abc import Sequence

from metaphrase import ir

from ..leftovers import Json
from ..options import Options


def plainly(parts: Sequence[ir.Part], out: Json, options: Options) -> list[ir.ToolCall] | None:
    """Its calls, and its texts in their fields of ``out``. None for any other message, for a new ``out``: ``Assistant``
    sorts that. Its rules have no say in the usual ones, and sorting costs three times as much.
    """
    if options.thinking != "reasoning_content" or options.signatures != "extra_content":
        return None
    calls: list[ir.ToolCall] = []
    said = thought = False
    for part in parts:
        if isinstance(part, ir.ToolCall):
            calls.append(part)
            continue
        if isinstance(part, ir.Text):
            out["content"], before, said = part.text, said, True
        elif isinstance(part, ir.Thinking):
            out["reasoning_content"], before, thought = part.text, said or thought, True
        else:
            return None
        if before or calls or not part.text or part.state is not None or part.ext is not None:
            return None
    return calls
