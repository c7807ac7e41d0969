"""Thoughts in tags within the visible text, cut anywhere: Google's ``<thought>``, and ``<think>`` by option."""

from __future__ import annotations

from typing import Literal

Piece = tuple[bool, str]  # whether it is a thought, and its text


class Tags:
    """Splits the pieces of one text that may begin with a thought in tags.

    Only what may still turn into a tag is held back. ``flagged`` pieces are marked as thoughts by the server: Google
    puts the closing tag before the answer, in the first piece that is not marked.
    """

    __slots__ = ("_closing", "_flagged", "_held", "_opening", "_state", "plain")

    def __init__(self, name: str, *, flagged: bool) -> None:
        self.plain = False  # there was no tag
        self._flagged = flagged  # whether the server marks thoughts; else only the closing tag ends one
        self._opening = f"<{name}>"
        self._closing = f"</{name}>"
        self._held: str = ""
        self._state: Literal["before", "inside", "after"] = "before"

    @property
    def over(self) -> bool:
        """Whether nothing more can be a thought."""
        return self._state == "after"

    def feed(self, text: str, *, flagged: bool) -> list[Piece]:
        """What this piece says for certain."""
        text = self._held + text
        self._held = ""
        if self._state == "before":
            start = text.lstrip()
            if not start.startswith(self._opening):
                if self._opening.startswith(start):
                    self._held = text
                    return []
                self._state = "after"
                self.plain = True
                return [(False, text)]
            self._state = "inside"
            text = start[len(self._opening) :]
        return self._inside(text, flagged or not self._flagged) if self._state == "inside" else _said(False, text)

    def close(self) -> list[Piece]:
        """Nothing follows: what was held back was no tag."""
        held, self._held = self._held, ""
        return _said(self._state == "inside", held)

    def _inside(self, text: str, flagged: bool) -> list[Piece]:
        thought, tag, answer = text.partition(self._closing)
        if tag:
            self._state = "after"
            return _said(True, thought) + _said(False, answer)
        if not flagged and not self._closing.startswith(text.lstrip()):
            self._state = "after"
            return [(False, text)]
        keep = _overlap(text, self._closing) if flagged else len(text)
        self._held = text[len(text) - keep :]
        return _said(True, text[: len(text) - keep])


def _said(thought: bool, text: str) -> list[Piece]:
    return [(thought, text)] if text else []


def _overlap(text: str, tag: str) -> int:
    """How many characters at the end of the text may begin the tag."""
    for size in range(min(len(tag) - 1, len(text)), 0, -1):
        if tag.startswith(text[-size:]):
            return size
    return 0
