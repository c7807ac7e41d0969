"""Tool calls of a streamed answer: at once where they are certainly the client's, else when that is known.

A server may run a call itself and show call and result in its answer (Gemini with MCP); a client that saw such a call
would run it again. So a call of another protocol goes out at once only if the client has declared that tool; others
wait until the choice ends, together with those that follow them, so that the order stays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from metaphrase import ir

from ..leftovers import Json
from ..names import CODEC
from ..write.assistant import Assistant
from ..write.response import RESULT, report_served
from ..write.signatures import gather, sign_call
from .write_chunk import Frame
from .write_scene import Scene
from .write_signs import Signs

Say = Callable[[Json], bytes]


class Written(NamedTuple):
    """A call that has been told: the number and the id that it got, and the chunk."""

    number: int
    id: str
    out: bytes


class Calls:
    """The calls of one choice. ``say`` makes a chunk of a delta."""

    __slots__ = ("_answers", "_assistant", "_held", "_index", "_say", "_signs", "_written", "scene")

    def __init__(self, scene: Scene, index: int, say: Say, signs: Signs) -> None:
        self.scene = scene
        self._signs = signs
        self._answers: dict[str | None, ir.ToolResult] = {}  # of tools that the server has run itself, by name
        self._index = index
        self._say = say
        self._held: list[Held] = []
        self._assistant = Assistant(scene.report, scene.options, same=scene.same, answer=True)
        self._written = 0

    @property
    def any(self) -> bool:
        """Whether the client was asked to run something."""
        return self._written > 0

    def begin(self, head: ir.ToolCall) -> tuple[Live | Held | Legacy, bytes]:
        """A call begins."""
        if self.scene.same:
            legacy = head.spelt is not None and "arguments" in head.spelt
            call = Legacy(self, head) if legacy else Live(self, head)
            return call, call.open()
        if self._held or head.name not in self.scene.declared:
            held = Held(head)
            self._held.append(held)
            return held, b""
        live = Live(self, head)
        return live, live.open()

    def write(self, call: ir.ToolCall, *, live: bool = False) -> Written:
        """A whole call, or only the header of one."""
        index = self._written
        self._written += 1
        if call.state is not None and self._signs.repeats(call.state):
            call = replace(call, state=None)
        (made,) = self._assistant.tool_calls([call], f"{self.scene.answer_id}_{self._index}", index)
        if live and not call.arguments:
            key, text = ("custom", "input") if call.kind == "custom" else ("function", "arguments")
            made[key][text] = ""
        delta: Json = {"tool_calls": [{"index": index, **made}]}
        gather(delta, delta["tool_calls"])
        return Written(index, made["id"], self._say(delta))

    def legacy(self, call: ir.ToolCall) -> bytes:
        """The header of a call of old."""
        return self._say({"function_call": {"name": call.name, "arguments": call.arguments}})

    def frame(self, *keys: str | int) -> Frame:
        """What stands around a piece of text in a delta."""
        return self.scene.envelope.frame(self._index, *keys)

    def late(self, call: ir.ToolCall, index: int) -> bytes:
        """A signature that came after the header."""
        if call.state is not None and self._signs.repeats(call.state):
            return b""
        signed: Json = {"id": call.id}
        sign_call(signed, call, self.scene.options, self.scene.report)
        delta: Json = {"tool_calls": [signed]}
        gather(delta, [signed])
        del signed["id"]
        if signed:
            body: Json = {"custom": {"input": ""}} if call.kind == "custom" else {"function": {"arguments": ""}}
            delta["tool_calls"] = [{"index": index, **body, **signed}]
        else:
            del delta["tool_calls"]
        return self._say(delta) if delta else b""

    def answer(self, result: ir.ToolResult) -> None:
        """The server has answered a call itself."""
        report_served(result, RESULT, self.scene.report)
        self._answers.setdefault(result.name, replace(result, output=None, parts=()))

    def close(self) -> bytes:
        """The choice ends: what the server has not answered is for the client."""
        out: list[bytes] = []
        called = {held.head.name for held in self._held}
        for name, result in self._answers.items():
            if name not in called:
                report_served(result, ("name",), self.scene.report)
        for held in self._held:
            if held.head.name in self._answers:
                report_served(held.head, ("arguments", "id", "state"), self.scene.report)
            else:
                out.append(self.write(held.head).out)
        self._held.clear()
        return b"".join(out)


class Live:
    """A call that goes out piece by piece."""

    __slots__ = ("_calls", "_frame", "_head", "_index", "_said")

    def __init__(self, calls: Calls, head: ir.ToolCall) -> None:
        self._calls = calls
        self._head = head
        self._index = 0
        self._said = bool(head.arguments) or calls.scene.same or head.kind == "custom"
        self._frame: Frame | None = None

    def open(self) -> bytes:
        """The header."""
        written = self._calls.write(self._head, live=True)
        self._index, self._head = written.number, replace(self._head, id=written.id)
        keys = ("custom", "input") if self._head.kind == "custom" else ("function", "arguments")
        self._frame = self._calls.frame("tool_calls", self._index, *keys)
        return written.out

    def delta(self, text: str) -> bytes:
        """More arguments."""
        self._said = True
        assert self._frame is not None  # noqa: S101 - it has been opened
        return self._frame(text)

    def end(self, state: ir.Opaque | None) -> bytes:
        """No arguments at all are an empty object."""
        out = b"" if self._said else self.delta("{}")
        if state is None or state == self._head.state:
            return out
        return out + self._calls.late(replace(self._head, state=state), self._index)


class Held:
    """A call that waits for the end of the choice."""

    __slots__ = ("_texts", "head")

    def __init__(self, head: ir.ToolCall) -> None:
        self._texts = [head.arguments]
        self.head = head

    def delta(self, text: str) -> bytes:
        """More arguments."""
        self._texts.append(text)
        return b""

    def end(self, state: ir.Opaque | None) -> bytes:
        """It is whole now."""
        self.head = replace(self.head, arguments="".join(self._texts), state=state or self.head.state)
        return b""


class Legacy:
    """The ``function_call`` of old, as this codec's own reader found it."""

    __slots__ = ("_calls", "_frame", "_head")

    def __init__(self, calls: Calls, head: ir.ToolCall) -> None:
        self._calls = calls
        self._head = head
        self._frame = calls.frame("function_call", "arguments")

    def open(self) -> bytes:
        """The header."""
        return self._calls.legacy(self._head)

    def delta(self, text: str) -> bytes:
        """More arguments."""
        return self._frame(text)

    def end(self, state: ir.Opaque | None) -> bytes:
        """It cannot carry a signature."""
        if state is not None:
            self._calls.scene.report.lose("dropped", self._head, "state", "thinking.signature", CODEC)
        return b""
