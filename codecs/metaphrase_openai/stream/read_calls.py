"""Tool calls in pieces: which call a piece belongs to, and when enough of it is known to begin.

Servers leave out the index, use one index for several calls, repeat id and name or set them to "" or null, cut names
into pieces, or send whole calls. A new id with a name is a new call; a new id without one is taken for a server that
makes up an id for each piece. A call begins with its first arguments, since more of its name may come before them.
"""

from __future__ import annotations

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.ir.node import At
from metaphrase.loss import render, steps_of

from ..leftovers import NULL, ext_of, object_of, report_filled, report_members, says_nothing, value_of, verbatim
from ..names import CODEC
from ..read.calls import read_extra, read_id
from ..read.draft import Draft
from ..read.signatures import of_call, opaque
from ..wire import Message, ToolCall
from .scene import Numbered, Scene

_LEGACY = -1  # the slot of `function_call`


class Slot:
    """One call."""

    __slots__ = ("at", "closed", "custom", "held", "id", "left", "legacy", "name", "part", "state")

    def __init__(self, at: At, call_id: str) -> None:
        self.at = at
        self.id = call_id
        self.name = ""
        self.custom = False
        self.legacy = False
        self.part = -1  # not begun
        self.held: list[str] = []  # arguments that came before the name
        self.closed = False  # its last piece ended with a brace
        self.state: ir.Opaque | None = None
        self.left: dict[str, Raw] = {}

    def call(self, name: str) -> None:
        """A name, a piece of one, the same once more, or all of it so far."""
        if self.part < 0 and name != self.name:
            self.name = name if name.startswith(self.name) else self.name + name

    def head(self) -> ir.ToolCall:
        """The part as it begins."""
        spelt = None
        if self.legacy:  # as the reader of a whole answer marks it
            spelt = {
                "name": ir.Spelling(CODEC, self.name, {"name": NULL}),
                "arguments": ir.Spelling(CODEC, "", {"arguments": NULL}),
            }
        left = ext_of(self.left)
        if self.custom:
            return ir.ToolCall(self.id, self.name, "", self.state, "custom", at=self.at, ext=left)
        return ir.ToolCall(self.id, self.name, "", self.state, at=self.at, ext=left, spelt=spelt)


class Calls:
    """The calls of one choice, in order of their appearance."""

    __slots__ = ("_by_index", "_choice", "_pending", "_scene", "slots")

    def __init__(self, choice: Numbered, scene: Scene) -> None:
        self._choice = choice
        self._scene = scene
        self._by_index: dict[int, Slot] = {}
        self._pending: Slot | None = None  # its header is complete at the first arguments
        self.slots: list[Slot] = []

    def take(self, pieces: list[ToolCall], wire: Message, at: At) -> None:
        """The pieces of one delta."""
        above = At(at, "tool_calls")
        for i, piece in enumerate(pieces):
            slot = self._plainly(piece)
            if slot is None:
                self._piece(piece, Draft(wire, At(above, i), self._scene.report), i - len(pieces))
            elif piece.function.arguments:  # type: ignore[union-attr]  # a plain piece has one
                self.argue(slot, piece.function.arguments)  # type: ignore[union-attr]  # as above

    def _plainly(self, piece: ToolCall) -> Slot | None:
        """The call of a piece that holds nothing but an index and arguments."""
        function = piece.function
        if piece.index is UNSET or function is UNSET or piece.id is not UNSET or function.name is not UNSET:
            return None
        if piece.found is not UNSET or piece.extra_content is not UNSET or piece.custom is not UNSET:
            return None
        return None if function.found is not UNSET else self._by_index.get(piece.index)

    def take_legacy(self, raw: Raw, at: At) -> None:
        """``function_call``: one call, without an id."""
        if says_nothing(raw):
            return
        inside = object_of(raw, at, "function_call")
        below = At(at, "function_call")
        name = value_of(inside.pop("name", NULL), str)
        arguments = value_of(inside.pop("arguments", NULL), str)
        report_members(inside, below, self._scene.report)
        slot = self._by_index.get(_LEGACY)
        if slot is None:
            if not name:
                return
            slot = self._new(below, "", _LEGACY)
            slot.legacy = True
        if isinstance(name, str):
            slot.call(name)
        if isinstance(arguments, str) and arguments:
            self.argue(slot, arguments)

    def flush(self) -> None:
        """Something else begins: so does the call that waits for more of its name."""
        slot = self._pending
        if slot is None or not slot.name:
            return
        self._pending = None
        slot.part = self._choice.number()
        self._scene.events.append(ir.Begin(self._choice.index, slot.part, slot.head()))
        for text in slot.held:
            self._scene.events.append(ir.Delta(self._choice.index, slot.part, text))
        slot.held.clear()

    def close(self) -> None:
        """The choice ends: a call that never got a name cannot be told."""
        self.flush()
        for slot in self.slots:
            if slot.part < 0:
                raise ReadError("A tool call without its name", render(steps_of(At(slot.at, "function"), "name")))

    def argue(self, slot: Slot, text: str) -> None:
        """More arguments."""
        if slot is self._pending:
            self.flush()
        slot.closed = text.endswith("}")
        if slot.part < 0:
            slot.held.append(text)
        else:
            self._scene.events.append(ir.Delta(self._choice.index, slot.part, text))

    def _piece(self, piece: ToolCall, draft: Draft, place: int) -> None:
        """One piece; ``place`` is its own in the delta, from the end (-1 is the last)."""
        at, report = draft.at, self._scene.report
        call_id, hidden = read_id(piece, draft)
        body = piece.function if piece.custom is UNSET or piece.type != "custom" else piece.custom
        name = "" if body is UNSET or body.name is UNSET else body.name
        text = _arguments(piece)
        slot = self._find(piece, call_id, name, text, place)
        if slot is None:
            if not (call_id or name or text):
                return
            slot = self._new(at, call_id, len(self.slots) if piece.index is UNSET else piece.index)
            slot.custom = piece.type == "custom" or (piece.function is UNSET and piece.custom is not UNSET)
            if piece.index is not UNSET and piece.index != len(self.slots) - 1:
                report.leftover(at, "index", CODEC)
        elif not slot.id and slot.part < 0:
            slot.id = call_id
        elif call_id and call_id != slot.id:
            self._scene.leftover("call", at, "id")
        if name:
            if slot.part >= 0 and name != slot.name:
                self._scene.leftover("call", At(at, "function"), "name")
            slot.call(name)
        self._aside(piece, slot, hidden, draft)
        if text:
            self.argue(slot, text)

    def _find(self, piece: ToolCall, call_id: str, name: str, text: str, place: int) -> Slot | None:
        """The call that a piece belongs to; None if it is the first piece of a new one.

        Bare pieces belong to the last calls, as many as the delta has pieces, in their order.
        """
        if piece.index is not UNSET:
            slot = self._by_index.get(piece.index)
            if slot is None or not name:
                return slot
            if call_id and slot.id:
                return slot if call_id == slot.id else None
            return None if self._another(slot, name, text) else slot
        if call_id:
            return next((slot for slot in self.slots if slot.id == call_id), None)
        if not name and -place <= len(self.slots):
            return self.slots[place]
        last = self.slots[-1] if self.slots else None
        if last is not None and name and (name != last.name or self._another(last, name, text)):
            return None
        return last

    @staticmethod
    def _another(slot: Slot, name: str, text: str) -> bool:
        """Whether a name without an id begins another call: another name, or arguments all over again."""
        if not slot.name or (slot.part < 0 and not slot.held):
            return False
        return name != slot.name or (slot.closed and text.startswith("{"))

    def _new(self, at: At, call_id: str, index: int) -> Slot:
        self.flush()
        slot = self._by_index[index] = self._pending = Slot(at, call_id)
        self.slots.append(slot)
        return slot

    def _aside(self, piece: ToolCall, slot: Slot, hidden: str | None, draft: Draft) -> None:
        """The signature, and what has no place in the IR."""
        at, report = draft.at, self._scene.report
        left: dict[str, Raw] = {}
        state = None if hidden is None else opaque(hidden)
        if piece.found is not UNSET:
            state = read_extra(piece, left, at, draft) or state
        if piece.extra_content is not UNSET:
            state = of_call(piece.extra_content, at, left, draft) or state
        if piece.type is not UNSET and piece.type not in ("function", "custom", ""):
            self._scene.lost("tools.type", at, "type", "Neither function nor custom")
        other = piece.function if slot.custom else piece.custom
        if other is not UNSET:  # Snowflake sends both, one of them empty
            key = "function" if slot.custom else "custom"
            report_filled(object_of(verbatim(other), at, key), At(at, key), report)
        elif (body := piece.custom if slot.custom else piece.function) is not UNSET and body.found is not UNSET:
            report_members(body.extra, At(at, "custom" if slot.custom else "function"), report)
        slot.state = state or slot.state
        if slot.part < 0:
            slot.left |= {key: raw for key, raw in left.items() if not says_nothing(raw)}


def _arguments(piece: ToolCall) -> str:
    """The arguments, or the input of a custom tool."""
    if piece.custom is not UNSET and piece.custom.input:
        return piece.custom.input
    return piece.function.arguments or "" if piece.function is not UNSET else ""
