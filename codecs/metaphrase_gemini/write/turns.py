"""A conversation of another protocol as contents that the server accepts.

Rules (https://ai.google.dev/gemini-api/docs/function-calling, .../thought-signatures, and recorded answers):
the user begins; the results of one step stand together, in the order of their calls, in one content right after it;
as many results as calls; no content is empty; from Gemini 3 on, the first call of each step of the current turn carries
a signature. Neighbours of one role become one content; parts are never joined, and signed parts stay where they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, Raw, Struct

from metaphrase import ir
from metaphrase_gemini.media import plain_mime, sniffed
from metaphrase_gemini.names import tool_name
from metaphrase_gemini.wire import content as wire

from .content import text_of, write_part, write_result
from .scope import Scope
from .waiting import Waiting

DUMMY = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="
"""`skip_thought_signature_validator` in base64: the documented stand-in for a signature that never was."""


class Turn(Struct, gc=False):
    """One content in the making. ``signed``: a part of it is. ``call``: what the first call in it became.

    ``spoken``: it holds what a user said, not only results.
    """

    role: str
    signed: bool = False
    parts: list[Any] = []
    call: Any = None
    spoken: bool = False


class Turns:
    """The contents of a conversation, message by message."""

    def __init__(self, to: Scope) -> None:
        self.to = to
        self.done: list[Turn] = []
        self.system: list[Any] = []
        self._waiting = Waiting()  # calls of the step that is waiting for its results
        self._answers: dict[int, tuple[ir.ToolResult, int]] = {}  # by the call's place: what is not yet written
        self._after: list[Any] = []  # media of results, and orphans: they follow the results
        self._place = 0  # where the results of the step go
        self._results: Turn | None = None  # the content that stands there, once there is one

    def add(self, message: ir.Message) -> None:
        """One more message."""
        if message.name is not None:
            self.to.lose("dropped", message, "name", "message.name")
        parts, role = message.parts, message.role
        if role == "model":
            self._model(message)
        elif len(parts) == 1 and isinstance(result := parts[0], ir.ToolResult):
            self._answer(result)
        elif role == "system":
            self._system(message)
        else:
            self._user(message)

    def _system(self, message: ir.Message) -> None:
        if self.done and message.parts:
            self.to.lose("moved", message, None, "system.position", "to the front", "$.systemInstruction")
        for part in message.parts:
            if isinstance(part, ir.Text):
                self.system.append(write_part(part, self.to))
            else:
                self.to.lose("dropped", part, None, "system.media", "a system instruction is text")

    def _model(self, message: ir.Message) -> None:
        if self._results is not None:
            self.close()
        to, calls = self.to, self._waiting.calls
        written: list[Any] = []
        signed, first = False, None
        for part in message.parts:
            if isinstance(part, ir.ToolResult):
                self._orphan(part, written)
                continue
            signed = signed or getattr(part, "state", None) is not None
            out = write_part(part, to)
            if out is None:
                continue
            written.append(out)
            if isinstance(part, ir.ToolCall):
                calls.append(part)
                first = first or out
        turn = self._turn("model", signed)
        if turn.call is None:
            turn.call = first
        turn.parts += written if len(written) == 1 else _without_blanks(written)

    def _user(self, message: ir.Message) -> None:
        results = [part for part in message.parts if isinstance(part, ir.ToolResult)]
        if self._waiting.calls and self._results is None:
            self._wait()
        for result in results:
            self._answer(result)
        rest = [part for part in message.parts if not isinstance(part, ir.ToolResult)]
        if not rest and results:
            return
        turn = self._turn("user", False)
        written = [out for part in rest if (out := write_part(part, self.to)) is not None]
        turn.parts += _without_blanks(written) if written or not results else ()
        turn.spoken = True

    def _turn(self, role: str, signed: bool) -> Turn:
        """The content that the next parts of a role go into."""
        last = self.done[-1] if self.done else None
        if last is not None and last.role == role and not (signed or last.signed) and last is not self._results:
            return last
        turn = Turn(role, signed)
        self.done.append(turn)
        return turn

    def _wait(self) -> Turn:
        """Make the content that the results of the last step go into, right after its calls."""
        self._place = len(self.done)
        self._results = turn = Turn("user")
        self.done.append(turn)
        return turn

    def _answer(self, result: ir.ToolResult) -> None:
        """Find the call that a result belongs to. What comes in the order of the calls is written at once."""
        turn = self._results or self._wait()
        place = self._waiting.answered_by(result)
        if place is None:
            self._orphan(result, self._after)
            return
        if place == len(turn.parts) and not (result.parts or self._answers):
            turn.parts.append(self._result(result, self._waiting.calls[place]))
        else:
            self._answers[place] = (result, len(self._answers))
        if turn is not self.done[-1]:
            self.to.lose("moved", result, None, "message.order", "results come before what the user says")

    def _orphan(self, result: ir.ToolResult, parts: list[Any]) -> None:
        """A result without a call would be refused, or answered with nothing: it is said as text."""
        self.to.lose("repaired", result, None, "tools.result", "no such call before it: as text")
        parts.append(wire.Part(text_of(result)))
        others = [part for part in result.parts if not isinstance(part, ir.Text)]
        parts += [out for part in others if (out := write_part(part, self.to))]

    def close(self) -> None:
        """The step is over: its results are written in the order of its calls, missing ones made up."""
        turn = self._results
        if turn is None:
            return
        newest = 0
        calls = self._waiting.calls
        for place in range(len(turn.parts), len(calls)):
            call = calls[place]
            if place not in self._answers:
                turn.parts.append(self._missing(call))
                continue
            result, seen = self._answers[place]
            if seen < newest:
                self.to.lose("moved", result, None, "message.order", "in the order of the calls")
            newest = max(newest, seen)
            turn.parts.append(self._result(result, call))
        if self._after:
            self._insert_after(self._place)
        self._waiting, self._results = Waiting(), None
        if self._answers:
            self._answers = {}

    def _insert_after(self, place: int) -> None:
        """What belongs to results but cannot stand in them goes before what the user said next."""
        spoken = self.done[place + 1] if place + 1 < len(self.done) else None
        if spoken is None:
            spoken = Turn("user")
            self.done.append(spoken)
        spoken.spoken = True
        spoken.parts[:0] = self._after
        self._after = []
        if not self.done[place].parts:
            del self.done[place]

    def _missing(self, call: ir.ToolCall) -> Any:
        self.to.add("synthesised", "tools.result", "a call without a result", f"$.contents[{self._place}]")
        found = wire.FunctionResponse(tool_name(call.name), _NO_RESULT, call.id or UNSET)
        return wire.Part(function_response=found)

    def _result(self, result: ir.ToolResult, call: ir.ToolCall) -> Any:
        """One result, under the name that the call went out by."""
        name = tool_name(call.name)
        if result.name is not None and result.name != call.name:
            self.to.lose("dropped", result, "name", "tools.result.name", "the call has another name")
        return write_result(result, name, self.to, self._media(result.parts) if result.parts else ())

    def _media(self, parts: Sequence[ir.Part]) -> list[ir.Part]:
        """Those that the model takes inside a result; the others follow."""
        inside: list[ir.Part] = []
        for part in parts:
            if _takes(part, self.to):
                inside.append(part)
            elif not isinstance(part, ir.Text):
                self.to.lose("moved", part, None, "tools.result.media", "into the next content of the user")
                out = write_part(part, self.to)
                if out is not None:
                    self._after.append(out)
        return inside

    def contents(self) -> list[Any]:
        """All contents, once the conversation is over."""
        self.close()
        to = self.to
        turns = [turn for turn in self.done if turn.parts]
        if not turns:
            to.add("synthesised", "message.user", "contents must not be empty", "$.contents[0]")
        elif turns[0].role == "model":
            to.add("synthesised", "message.user", "the user must begin", "$.contents[0]")
        if not turns or turns[0].role == "model":
            first = Turn("user")
            first.parts, first.spoken = [wire.Part(" ")], True
            turns.insert(0, first)
        if to.family.signatures:
            _sign(turns, to)
        return [wire.Content(turn.parts, turn.role) for turn in turns]


_BLANK = wire.Part("")
_NO_RESULT = Raw(b'{"error":"no result"}')


def _without_blanks(parts: list[Any]) -> list[Any]:
    """Empty texts say nothing beside other parts; a message without any part has one, so that it is not lost."""
    return [part for part in parts if part != _BLANK] or [_BLANK]


def _takes(part: ir.Part, to: Scope) -> bool:
    if not isinstance(part, ir.Media) or not isinstance(part.source, ir.Inline):
        return False
    mime = part.mime or sniffed(part.source.raw)
    return mime is not None and plain_mime(mime) in to.family.result_media


def _sign(turns: list[Turn], to: Scope) -> None:
    """The first call of each step since the user last spoke must be signed (or the request is refused)."""
    start = max((i for i, turn in enumerate(turns) if turn.spoken), default=0)
    for index in range(start, len(turns)):
        turn = turns[index]
        out = turn.call
        if out is None:
            continue
        place = next(n for n, part in enumerate(turn.parts) if part is out)
        if isinstance(out, wire.Part):
            if out.thought_signature is not UNSET:
                continue
            out.thought_signature = DUMMY
        elif "thoughtSignature" in out:
            continue
        else:
            out["thoughtSignature"] = DUMMY
        target = f"$.contents[{index}].parts[{place}].thoughtSignature"
        to.add("synthesised", "thinking.signature", "calls made elsewhere have none", target)
