"""Messages of another protocol's request."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Raw

from metaphrase import ir
from metaphrase.loss import Report

from ..leftovers import NULL, Json
from ..names import CODEC
from ..options import Options
from ..roles import WRITE
from .assistant import Assistant
from .call import write_calls
from .content import content_list, output_text
from .plain import plainly
from .waiting import Calls


def plain_messages(messages: Sequence[ir.Message]) -> list[Json]:
    """Messages that are one text each; none at all where one is more than that, and needs a ``Conversation``."""
    found: list[Json] = []
    for message in messages:
        parts = message.parts
        if len(parts) != 1 or message.name is not None:
            return []
        part = parts[0]
        if not isinstance(part, ir.Text) or part.state is not None:
            return []
        found.append({"role": WRITE[message.role], "content": part.text})
    return found


class Conversation:
    """Writes messages one after another; a message of another protocol may become several."""

    __slots__ = ("_calls", "_detail", "_options", "_report", "out")

    def __init__(self, report: Report, options: Options, detail: str | None) -> None:
        self._report = report
        self._options = options
        self._detail = detail
        self._calls = Calls(report)
        self.out: list[Json] = []

    def write(self, messages: tuple[ir.Message, ...]) -> list[Json]:
        """All messages, in order."""
        step: list[ir.Message] = []  # messages of the model in a row, while each of them calls tools
        for message in messages:
            if step:
                if message.role == "model":
                    step.append(message)
                    if not _calls(message):
                        self._model(step)
                        step = []
                    continue
                self._model(step)
                step = []
            if message.role == "model" and _calls(message):
                self._close()
                step.append(message)
            elif message.parts and isinstance(message.parts[0], ir.ToolResult) and message.role != "model":
                self._user(message)
            else:
                self._other(message)
        if step:
            self._model(step)
        return self.out

    def _other(self, message: ir.Message) -> None:
        """A message that calls no tools."""
        parts = message.parts
        if len(parts) == 1 and isinstance(text := parts[0], ir.Text) and text.state is None:
            self._close()
            self._add({"role": WRITE[message.role], "content": text.text}, message)
        elif message.role == "model":
            self._close()
            self._model([message])
        elif message.role == "system":
            self._close()
            self._system(message)
        else:
            self._user(message)

    def _add(self, out: Json, message: ir.Message) -> None:
        if message.name is not None:
            out["name"] = message.name
        self.out.append(out)

    def _list(self, parts: list[ir.Part]) -> list[Json | Raw]:
        for part in parts:
            if isinstance(part, (ir.Text, ir.Media)) and part.state is not None:
                self._report.lose("dropped", part, "state", "thinking.signature", CODEC, "Not on a user's message")
        return content_list(tuple(parts), self._report, same=False, detail=self._detail)

    def _close(self) -> None:
        """Calls that nobody answered, before the conversation goes on."""
        if self._calls.open:
            self.out.extend(self._calls.missing(len(self.out)))

    def _system(self, message: ir.Message) -> None:
        texts = [part for part in message.parts if isinstance(part, ir.Text)]
        for part in message.parts:
            if not isinstance(part, ir.Text):
                self._report.lose("dropped", part, None, "system.content", CODEC, "A system message holds text only")
            elif part.state is not None:
                self._report.lose("dropped", part, "state", "thinking.signature", CODEC)
        content: object = "" if not texts else [{"type": "text", "text": part.text} for part in texts]
        self._add({"role": "system", "content": texts[0].text if len(texts) == 1 else content}, message)

    def _user(self, message: ir.Message) -> None:
        """Results of tools become messages of their own, before whatever else the user said."""
        parts = message.parts
        if len(parts) == 1 and isinstance(result := parts[0], ir.ToolResult) and not result.parts:
            self._answer(result)
            return
        results: list[ir.ToolResult] = []
        others: list[ir.Part] = []
        for part in parts:
            if isinstance(part, ir.ToolResult):
                results.append(part)
            else:
                others.append(part)
        if results and others and not isinstance(parts[0], ir.ToolResult):
            self._report.lose("moved", others[0], None, "message.order", CODEC, "After the results of tools")
        media: list[ir.Part] = []
        for result in results:
            media += self._answer(result)
        others = media + others
        if results and not others:
            return
        self._close()
        content: object = self._list(others)
        if len(others) == 1 and isinstance(text := others[0], ir.Text):
            content = text.text
        self._add({"role": "user", "content": content or ""}, message)

    def _answer(self, result: ir.ToolResult) -> list[ir.Part]:
        """One tool message; the media of the result, which OpenAI takes from users only."""
        written, asked = self._calls.result(result)
        self.out += asked
        if result.output is not None and not result.parts:
            self.out.append({"role": "tool", "tool_call_id": written, "content": output_text(result.output)})
            return []
        texts = [part for part in result.parts if isinstance(part, ir.Text)]
        media: list[ir.Part] = [part for part in result.parts if not isinstance(part, ir.Text)]
        content: object
        if result.output is not None:
            content = output_text(result.output)
            if texts:
                content = [{"type": "text", "text": content}, *[{"type": "text", "text": one.text} for one in texts]]
        else:
            content = [{"type": "text", "text": one.text} for one in texts]
        if result.output is None and len(texts) == 1:
            content = texts[0].text
        self.out.append({"role": "tool", "tool_call_id": written, "content": content or ""})
        for part in media:
            self._report.lose("moved", part, None, "media.tool_result", CODEC, "To a user's message")
        return media

    def _model(self, messages: list[ir.Message]) -> None:
        """Messages of the model in a row: one, or the several over which the calls of a step are spread.

        Results in it (a server ran the calls) follow as tool messages.
        """
        parts: Sequence[ir.Part] = messages[0].parts
        if len(messages) > 1:
            parts = [part for message in messages for part in message.parts]
        place = str(len(self.out))
        fields: Json = {"role": "assistant"}
        calls = plainly(parts, fields, self._options)
        if calls is not None:
            if calls:
                fields["tool_calls"] = written = write_calls(calls, place, self._report, self._options)
                self._calls.ask(calls, written)
            self.out.append(_spoken(fields))
            return
        said = Assistant(self._report, self._options, same=False, answer=False)
        results = [part for part in parts if isinstance(part, ir.ToolResult)]
        for part in parts:
            if not isinstance(part, ir.ToolResult):
                said.take(part)
        fields = {"role": "assistant", **said.write(place)}
        self._calls.ask(said.calls, fields.get("tool_calls", ()))
        self.out.append(_spoken(fields))
        rest: list[ir.Part] = []
        for message in messages:
            if any(isinstance(part, ir.ToolResult) for part in message.parts):
                said_by = "Results stand in messages of their own"
                self._report.lose("approximated", message, "role", "message.role", CODEC, said_by)
        for result in results:
            rest += self._answer(result)
        if rest:
            self.out.append({"role": "user", "content": self._list(rest)})


def _spoken(out: Json) -> Json:
    """A message of the model's. Content is never missing; null needs something else beside it."""
    if "content" not in out:
        out["content"] = NULL if "tool_calls" in out or "refusal" in out else ""
    return out


def _calls(message: ir.Message) -> bool:
    for part in message.parts:  # noqa: SIM110 - a generator takes three times as long
        if isinstance(part, ir.ToolCall):
            return True
    return False
