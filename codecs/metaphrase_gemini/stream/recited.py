"""The sources that a candidate recites. Some servers name new ones in each chunk, and some all of them again."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Raw

from metaphrase.ir import At
from metaphrase.loss import Report
from metaphrase.wirejson import Document, elements, encode, members
from metaphrase_gemini.read.grounding import section
from metaphrase_gemini.wire import response
from metaphrase_gemini.words import CODEC

_CITATIONS = Document(response.CitationMetadata)
_LISTS = ("citationSources", "citations")
_MOST = 1024  # sources of one candidate


class Recited:
    """Each source once, in the order in which they were named, and where it stood first."""

    __slots__ = ("_last", "_report", "_rest", "_sources", "at", "places")

    def __init__(self, report: Report) -> None:
        self.at: At | None = None  # of the candidate that said something besides sources last, or else anything first
        self.places: dict[tuple[str, int], At] = {}
        self._report = report
        self._last: Raw | None = None
        self._rest: dict[str, tuple[Raw, At]] = {}
        self._sources: dict[str, dict[bytes, Raw]] = {}

    def take(self, raw: Raw, up: At) -> None:
        """What a chunk says of them."""
        if raw == self._last:
            return
        at = At(up, "citationMetadata")
        self._last, self.at = raw.copy(), self.at or up
        if section(_CITATIONS, raw, at, self._report) is None:
            return
        for key, value in members(self._last).items():
            if key in _LISTS:
                self._more(key, elements(value), At(at, key))
                continue
            said, place = self._rest.get(key, (value, at))
            if said != value:
                self._report.add("dropped", place, key, "stream.replaced", CODEC, "a later chunk says otherwise")
            self._rest[key] = (value, at)
            self.at = up

    def _more(self, key: str, found: list[Raw], at: At) -> None:
        sources = self._sources.setdefault(key, {})
        for i, raw in enumerate(found):
            if bytes(raw) in sources:
                continue
            if len(sources) >= _MOST:
                self._report.add("dropped", at, i, "stream.citations", CODEC, f"more than {_MOST} sources")
                continue
            self.places[key, len(sources)] = At(at, i)
            sources[bytes(raw)] = raw.copy()

    def said(self) -> response.Candidate:
        """A candidate that says all of them, and nothing else."""
        if self._last is None:
            return response.Candidate()
        if not (self._sources or self._rest):
            return response.Candidate(citation_metadata=self._last)
        whole: dict[str, Any] = {key: list(sources.values()) for key, sources in self._sources.items()}
        whole |= {key: value for key, (value, _) in self._rest.items()}
        return response.Candidate(citation_metadata=Raw(encode(whole)), index=UNSET)
