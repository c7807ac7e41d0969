"""Texts of a streamed answer, and how the dialects show thoughts in them."""

from __future__ import annotations

from collections.abc import Callable

from metaphrase import ir

from ..leftovers import Json

_FLAG: Json = {"google": {"thought": True}}


Say = Callable[[str], bytes]
End = Callable[[ir.Opaque | None, bool], bytes]  # the signature, and whether nothing was said


class Text:
    """One text. ``first`` makes the chunk of its first piece, ``rest`` those of the others."""

    __slots__ = ("_deltas", "_end", "_first", "_number", "_rest", "_said")

    def __init__(self, first: Say, rest: Say, end: End, deltas: dict[int, Say], number: int) -> None:
        self._first = first
        self._rest = rest
        self._end = end
        self._deltas = deltas  # what the writer calls for a piece, by part: from the second one on without detour
        self._number = number
        self._said = False

    def delta(self, text: str) -> bytes:
        """A piece."""
        self._said = True
        self._deltas[self._number] = self._rest
        return self._first(text)

    def end(self, state: ir.Opaque | None) -> bytes:
        """Nothing more of it."""
        return self._end(state, not self._said)


def detailed(text: str) -> Json:
    """A piece of a thought as OpenRouter sends it."""
    detail = {"type": "reasoning.text", "text": text, "format": "unknown", "index": 0}
    return {"reasoning": text, "reasoning_details": [detail]}


def flagged(text: str) -> Json:
    """A piece of a thought as Google's compatible endpoint sends it."""
    return {"content": text, "extra_content": _FLAG}
