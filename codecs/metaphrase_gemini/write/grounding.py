"""Citations of another protocol as grounding metadata; those with a licence are recitations."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.wirejson import encode
from metaphrase_gemini.spans import Offsets
from metaphrase_gemini.wire import response as wire

from .scope import Scope


class Spans:
    """Where each visible text stands among the parts that were written."""

    def __init__(self, texts: Sequence[tuple[int, str]]) -> None:
        self._indexes = [index for index, _ in texts]
        self._offsets = [Offsets(text) for _, text in texts]
        self._starts = list(accumulate([len(text) for _, text in texts], initial=0))[:-1]
        self.whole = Offsets("".join([text for _, text in texts]))

    def segment(self, start: int, end: int) -> tuple[wire.Segment, bool, bool]:
        """A span in bytes of the part that it begins in, and whether its start and its end fit there."""
        place = bisect_right(self._starts, start) - 1
        if place < 0:
            return wire.Segment(end_index=0), False, False
        offsets, first = self._offsets[place], self._starts[place]
        low, fits = offsets.bytes(start - first)
        high, ends = offsets.bytes(end - first)
        text = offsets.text[max(start - first, 0) : max(end - first, 0)]
        return wire.Segment(self._indexes[place] or UNSET, low or UNSET, high, text), fits, ends and start <= end


def write_citations(citations: Sequence[ir.Citation], spans: Spans, to: Scope) -> tuple[Any, Any]:
    """`groundingMetadata` and `citationMetadata`, each as raw JSON or unset."""
    chunks: dict[tuple[str, str | None], int] = {}
    supports: list[wire.GroundingSupport] = []
    recited: list[wire.CitationSource] = []
    for citation in citations:
        if citation.license is not None:
            recited.append(_recitation(citation, spans, to))
            continue
        source = (citation.url, citation.title)
        index = chunks.setdefault(source, len(chunks))
        if citation.start is None or citation.end is None:
            for field in ("start", "end"):
                if getattr(citation, field) is not None:
                    to.lose("dropped", citation, field, "citations.offset", "half of a span")
            continue
        segment, *fit = spans.segment(citation.start, citation.end)
        _report(citation, fit, to)
        supports.append(wire.GroundingSupport(segment, [index]))
    grounding: Raw | Any = UNSET
    if chunks:
        listed = [wire.GroundingChunk(wire.Source(url, UNSET if title is None else title)) for url, title in chunks]
        grounding = Raw(encode(wire.GroundingMetadata(listed, supports or UNSET)))
    return grounding, Raw(encode(wire.CitationMetadata(recited))) if recited else UNSET


def _recitation(citation: ir.Citation, spans: Spans, to: Scope) -> wire.CitationSource:
    found = wire.CitationSource(uri=citation.url, license=UNSET if citation.license is None else citation.license)
    starts = ends = True
    if citation.start is not None:
        found.start_index, starts = spans.whole.bytes(citation.start)
    if citation.end is not None:
        found.end_index, ends = spans.whole.bytes(citation.end)
    _report(citation, (starts, ends), to)
    return found


def _report(citation: ir.Citation, fit: Sequence[bool], to: Scope) -> None:
    """Name the ends of a span that had to be drawn to where there is text."""
    for fits, field in zip(fit, ("start", "end"), strict=True):
        if not fits:
            to.lose("approximated", citation, field, "citations.offset", "outside of the text, or over several parts")
