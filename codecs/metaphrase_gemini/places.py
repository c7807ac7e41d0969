"""Positions of contents and their parts. They are the same in every document, so those in use are kept."""

from __future__ import annotations

from metaphrase.ir import At
from metaphrase.kept import Kept

CONTENTS = At(None, "contents")
SYSTEM = At(None, "systemInstruction")
CANDIDATES = At(None, "candidates")

_PARTS, _ANSWERED = 2, 16


class Place:
    """One content or candidate: its position, that of its parts, and those of the first parts."""

    __slots__ = ("at", "first", "parts")

    def __init__(self, at: At, parts: At, known: int = _PARTS) -> None:
        self.at, self.parts = at, parts
        self.first = tuple([At(parts, i) for i in range(known)])


def _content(index: int) -> Place:
    at = At(CONTENTS, index)
    return Place(at, At(at, "parts"))


def _candidate(index: int) -> Place:
    at = At(CANDIDATES, index)
    return Place(at, At(At(at, "content"), "parts"), _ANSWERED)


_CANDIDATE = tuple([_candidate(i) for i in range(2)])
SYSTEM_PLACE = Place(SYSTEM, At(SYSTEM, "parts"))


contents = Kept(_content).upto
"""At least the places of so many contents of a request."""


def candidate(index: int) -> Place:
    """The place of a candidate of an answer."""
    return _CANDIDATE[index] if index < len(_CANDIDATE) else _candidate(index)


def chunk_candidate(chunk: int, index: int) -> Place:
    """The place of a candidate of a chunk of a stream."""
    at = At(At(At(None, chunk), "candidates"), index)
    return Place(at, At(At(at, "content"), "parts"))


def within(chunk: int, at: At | None) -> At:
    """A place of an answer, in a chunk of a stream."""
    return At(None, chunk) if at is None else At(within(chunk, at.up), at.key)
