"""Messages that an OpenAI client sent, as they were."""

from __future__ import annotations

from metaphrase import ir
from metaphrase.ir.node import NOTHING
from metaphrase.loss import Report

from ..leftovers import Json, put_back
from ..names import CODEC
from ..options import Options
from ..roles import WRITE
from .assistant import Assistant
from .content import content_list, output_text
from .media import spoken


class Restored:
    """Writes messages of this protocol's own."""

    __slots__ = ("_options", "_report")

    def __init__(self, report: Report, options: Options) -> None:
        self._report = report
        self._options = options

    def message(self, message: ir.Message) -> Json:
        """The message as it was read; what has been changed since is laid out anew."""
        parts = message.parts
        if len(parts) == 1 and message.spelt is None and message.ext is None and message.name is None:
            text = parts[0]
            if isinstance(text, ir.Text) and text.ext is None and text.state is None:
                return {"role": WRITE[message.role], "content": text.text}
        role = None if message.spelt is None else message.spelling(CODEC, "role")
        out: Json = {"role": WRITE[message.role]} if role is None else dict(role)
        layout = None if message.spelt is None else message.spelling(CODEC, "parts")
        if layout is not None:
            out |= layout
        elif len(parts) == 1 and isinstance(text := parts[0], ir.Text) and text.ext is None and text.state is None:
            out["content"] = text.text
        elif len(parts) == 1 and isinstance(result := parts[0], ir.ToolResult):
            self._result(result, out)
        elif parts:
            restore_parts(parts, out, self._report, self._options, answer=False)
        if message.name is not None:
            out["name"] = message.name
        left = message.leftovers(CODEC)
        return out if left is NOTHING else put_back(out, left)

    def _result(self, result: ir.ToolResult, out: Json) -> None:
        """A tool's answer in its own message."""
        spelt = None if result.spelt is None else result.spelling(CODEC, "call_id")
        if spelt is None:
            out["tool_call_id"] = result.call_id
        else:
            out |= spelt
        if result.name is not None:
            out["name"] = result.name
        said = None if result.spelt is None else result.spelling(CODEC, "output")
        if said is not None:
            out |= said
        elif result.output is not None:
            out["content"] = output_text(result.output)
        elif result.parts:
            out["content"] = content_list(result.parts, self._report, same=True)


def restore_parts(parts: tuple[ir.Part, ...], out: Json, report: Report, options: Options, *, answer: bool) -> None:
    """Parts in their usual fields."""
    if _plainly(parts, out):
        return
    said = Assistant(report, options, same=True, answer=answer)
    for part in parts:
        said.take(part)
    out |= said.write()
    if said.sounds:
        out["audio"] = spoken(said.sounds)


def _plainly(parts: tuple[ir.Part, ...], out: Json) -> bool:
    """A thought, a text and calls with nothing beside them: nearly all messages. False: nothing has been written."""
    calls: list[Json] = []
    fields: Json = {}
    for part in parts:
        if part.ext is not None or isinstance(part, _OTHERS) or part.state is not None:
            return False
        if isinstance(part, ir.ToolCall):
            if part.kind == "custom":
                return False
            function = {"name": part.name, "arguments": part.arguments}
            calls.append({"id": part.id, "type": "function", "function": function})
            continue
        key = "content" if isinstance(part, ir.Text) else "reasoning_content"
        if key in fields or calls:
            return False
        fields[key] = part.text
    out |= fields
    if calls:
        out["tool_calls"] = calls
    return True


_OTHERS = (ir.ToolResult, ir.Refusal, ir.Foreign, ir.Media, ir.Code, ir.CodeResult)
