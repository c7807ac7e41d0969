"""Offsets: Gemini counts bytes of UTF-8, the IR code points."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate


class Offsets:
    """One text, and the way between its bytes and its code points."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] | None = None  # of each code point, and the end; None while they are the same
        if not text.isascii():
            widths = [1 if c < "\x80" else 2 if c < "\u0800" else 3 if c < "\U00010000" else 4 for c in text]
            self._starts = list(accumulate(widths, initial=0))

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return len(self.text) if self._starts is None else self._starts[-1]

    def points(self, byte: int) -> tuple[int, bool]:
        """The code point at a byte offset, and whether one begins there; offsets outside are drawn to its ends."""
        inside = min(max(byte, 0), self.size)
        if self._starts is None:
            return inside, inside == byte
        point = bisect_right(self._starts, inside) - 1
        return point, self._starts[point] == byte

    def bytes(self, point: int) -> tuple[int, bool]:
        """The byte offset of a code point, and whether the text reaches so far."""
        inside = min(max(point, 0), len(self.text))
        return (inside if self._starts is None else self._starts[inside]), inside == point
