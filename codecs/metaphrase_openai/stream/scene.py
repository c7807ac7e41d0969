"""What the reader of a stream shares with the readers of its choices."""

from __future__ import annotations

from msgspec import Raw

from metaphrase import ir
from metaphrase.ir.node import At
from metaphrase.loss import LossKind, Report

from ..leftovers import says_nothing
from ..names import CODEC
from .pattern import Idle

_MOST = 64  # kinds of unknown members that are kept; a hostile stream can name any number of them
_MOST_SEEN = 64
_ENOUGH = 2  # reports of one kind: two show that it stood in several chunks


class Scene:
    """The events so far, the report, and the number of the chunk that is being read."""

    __slots__ = ("_seen", "changed", "counted", "events", "number", "quiet", "report")

    def __init__(self, report: Report) -> None:
        self.report = report
        self.events: list[ir.Event] = []
        self.number = -1
        self.changed: list[Idle] = []  # what this chunk has set aside with another value than the last
        self.quiet = True  # this chunk has left over nothing that was not reported already
        self.counted: dict[int, tuple[Raw, At]] = {}  # the usage that a choice says, and where its choice stood
        self._seen: dict[tuple[str, str], int] = {}

    def leftover(self, place: str, at: At | None, key: str) -> None:
        """Report a member that is set aside; ``place`` names the kind of object it stood in."""
        kind = (place, key)
        seen = self._seen.get(kind, 0)
        if seen < _ENOUGH:
            if seen or len(self._seen) < _MOST_SEEN:
                self._seen[kind] = seen + 1
            self.quiet = False
            self.report.leftover(at, key, CODEC)

    def lost(self, feature: str, at: At | None, key: str, detail: str, kind: LossKind = "dropped") -> None:
        """Report what no stream of this codec can say again."""
        seen = self._seen.get((feature, key), 0)
        if seen < _ENOUGH:
            self._seen[feature, key] = seen + 1
            self.quiet = False
            self.report.add(kind, at, key, feature, CODEC, detail)

    def keep(self, kept: dict[str, Raw], found: dict[str, Raw], place: str, at: At) -> None:
        """Set unknown members aside; the last value of each is kept for a writer of this protocol."""
        for key, raw in found.items():
            if says_nothing(raw):
                if key in kept and bytes(raw) != b"null":
                    kept[key] = raw.copy()
                continue
            if kept.get(key) != raw and (key in kept or len(kept) < _MOST):
                kept[key] = raw.copy()
                self.changed.append(Idle(key, raw, kept))
            self.leftover(place, at, key)


class Numbered:
    """Gives the parts of one choice their numbers."""

    __slots__ = ("index", "parts")

    def __init__(self, index: int) -> None:
        self.index = index
        self.parts = 0

    def number(self) -> int:
        """The number of the next part."""
        self.parts += 1
        return self.parts - 1
