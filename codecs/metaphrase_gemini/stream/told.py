"""What a stream has said so far, as far as the offsets of citations need it: bounded, since an answer may be long."""

from __future__ import annotations

from metaphrase import ir

LONGEST = 12_288  # characters of an answer that are kept
_PART = 64  # what a part costs besides its text
_PIECES = 48  # small strings cost more than their characters: they are joined now and then
_STAND_IN: dict[type[ir.Part], ir.Part] = {
    ir.ToolCall: ir.ToolCall("", "", ""),
    ir.Refusal: ir.Refusal(""),
}
_OTHER = ir.Thinking("")


class Told:
    """The parts of one answer: visible texts, and stand-ins for the others.

    Once it has grown too long, only the kinds of its parts are known, and its citations have no offsets.
    """

    __slots__ = ("_kinds", "_parts", "_size", "_text")

    def __init__(self) -> None:
        self._parts: list[ir.Part] | None = []
        self._kinds: dict[type[ir.Part], None] = {}
        self._size = 0
        self._text: list[str] = []  # pieces of the open text

    def begin(self, kind: type[ir.Part]) -> None:
        """A part begins, and texts that follow belong to it."""
        self._kinds[kind] = None
        if self._parts is not None:
            self.end()
            self._parts.append(ir.Text("") if kind is ir.Text else _STAND_IN.get(kind, _OTHER))
            self._grow(_PART)

    def keep(self, text: str) -> None:
        """More of the visible text that has begun last."""
        if self._parts is not None:
            pieces = self._text
            pieces.append(text)
            if len(pieces) >= _PIECES:
                pieces[:] = ["".join(pieces)]
            self._grow(len(text) if text.isascii() else 2 * len(text))

    def end(self) -> None:
        """Put the open text together."""
        if self._parts is not None and self._text:
            self._parts[-1] = ir.Text("".join(self._text))
            self._text.clear()

    @property
    def long(self) -> bool:
        """Whether it has grown too long."""
        return self._parts is None

    def parts(self) -> tuple[ir.Part, ...]:
        """The parts so far; of a long answer one of each kind, without their texts."""
        self.end()
        if self._parts is not None:
            return tuple(self._parts)
        return tuple([ir.Text("") if kind is ir.Text else _STAND_IN.get(kind, _OTHER) for kind in self._kinds])

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > LONGEST:
            self._parts = None
            self._text.clear()
