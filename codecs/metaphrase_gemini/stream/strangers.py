"""Members that no schema knows and that stand in every usual chunk of a stream: looked at, not read again each time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.ir import At, Event
from metaphrase.loss import Report
from metaphrase_gemini.places import chunk_candidate
from metaphrase_gemini.words import CODEC

from .candidate import Candidate
from .plain import NONE, Names, field

_EMPTY = (Raw(b"null"), Raw(b"[]"), Raw(b"{}"))
_MOST = 4  # each time costs as much as many chunks
_CHUNK, _CANDIDATE, _CONTENT, _PART = range(4)


class _Stranger:
    """One of them: where it stands and what it said last."""

    __slots__ = ("count", "field", "last", "level", "name", "says")

    def __init__(self, level: int, number: int, name: str) -> None:
        self.level, self.field, self.name = level, field(number), name
        self.last: Raw | None = None
        self.says = False  # anything at all
        self.count = 0  # chunks in which it said something, since the last report


class Strangers:
    """Which of them are known, and how often they stood where."""

    def __init__(self, report: Report) -> None:
        self.names: tuple[Names, Names, Names, Names] = NONE
        self.known: list[_Stranger] = []
        self._inner: list[_Stranger] = []  # those of the content and the part
        self.room = _MOST  # how often more of them may become known
        self.said: dict[str, Raw] = {}  # those of chunks, as last said
        self._report = report
        self._number = 0

    def know(self, names: tuple[Names, Names, Names, Names]) -> None:
        """More of them are known."""
        self.report()
        self.room -= 1
        self.names = names
        self.known = [_Stranger(level, i, name) for level in range(4) for i, name in enumerate(names[level])]
        self._inner = [stranger for stranger in self.known if stranger.level >= _CONTENT]

    def cover(self, names: Iterable[str]) -> bool:
        """Whether all of these, which stood on a part, are known there."""
        return all(name in self.names[_PART] for name in names)

    def same(self, chunk: Any, one: Any, candidate: Candidate, number: int, events: list[Event]) -> bool:
        """Take them from a usual chunk; False where they make another part of its text, or change its content."""
        content = one.content
        nodes = (chunk, one, content, content.parts[0])
        held = (self.said, candidate.said, candidate.beside, candidate.open)
        for stranger in self._inner:
            raw, before = getattr(nodes[stranger.level], stranger.field), held[stranger.level].get(stranger.name)
            if raw != before if raw is not UNSET else before is not None and stranger.level == _PART:
                return False
        for stranger in self.known:
            raw = getattr(nodes[stranger.level], stranger.field)
            if raw is not UNSET:
                if raw != stranger.last:
                    stranger.last, stranger.says = raw.copy(), raw not in _EMPTY
                if stranger.level <= _CANDIDATE and raw != held[stranger.level].get(stranger.name):
                    self._news(stranger, candidate, events)
                stranger.count += stranger.says
        self._number = number
        return True

    def _news(self, stranger: _Stranger, candidate: Candidate, events: list[Event]) -> None:
        """It says something else than before."""
        news = {stranger.name: cast("Raw", stranger.last)}
        if stranger.level == _CHUNK:
            self.said |= news
            events.append(ir.Extra(ext={CODEC: news}))
        else:
            candidate.said |= news
            events.append(ir.Extra(candidate.index, ext={CODEC: news}))

    def report(self) -> None:
        """Tell the report how often they stood where."""
        place = chunk_candidate(self._number, 0)
        places = (At(None, self._number), place.at, At(place.at, "content"), place.first[0])
        for stranger in self.known:
            if stranger.count:
                self._report.leftover(places[stranger.level], stranger.name, CODEC, stranger.count)
                stranger.count = 0
