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

    def segment(self, start: int, end: int) -> tuple[wire.Segment, bool]:
        """A span in bytes of the part that it begins in, and whether it fits there."""
        place = bisect_right(self._starts, start) - 1
        if place < 0:
            return wire.Segment(end_index=0), False
        offsets, first = self._offsets[place], self._starts[place]
        low, fits = offsets.bytes(start - first)
        high, ends = offsets.bytes(end - first)
        text = offsets.text[max(start - first, 0) : max(end - first, 0)]
        return wire.Segment(self._indexes[place] or UNSET, low or UNSET, high, text), fits and ends and start <= end


def write_citations(citations: Sequence[ir.Citation], spans: Spans, to: Scope) -> tuple[Any, Any]:
    """`groundingMetadata` and `citationMetadata`, each as raw JSON or unset."""
    chunks: dict[tuple[str, str | None], int] = {}
    supports: list[wire.GroundingSupport] = []
    recited: list[wire.CitationSource] = []
    for citation in citations:
        if citation.license is not None:
            recited.append(_recitation(citation, spans))
            continue
        source = (citation.url, citation.title)
        index = chunks.setdefault(source, len(chunks))
        if citation.start is None or citation.end is None:
            continue
        segment, fits = spans.segment(citation.start, citation.end)
        if not fits:
            to.lose("approximated", citation, None, "citations.offset", "outside of the text, or over several parts")
        supports.append(wire.GroundingSupport(segment, [index]))
    grounding: Raw | Any = UNSET
    if chunks:
        listed = [wire.GroundingChunk(wire.Source(url, UNSET if title is None else title)) for url, title in chunks]
        grounding = Raw(encode(wire.GroundingMetadata(listed, supports or UNSET)))
    return grounding, Raw(encode(wire.CitationMetadata(recited))) if recited else UNSET


def _recitation(citation: ir.Citation, spans: Spans) -> wire.CitationSource:
    found = wire.CitationSource(uri=citation.url, license=UNSET if citation.license is None else citation.license)
    if citation.start is not None:
        found.start_index = spans.whole.bytes(citation.start)[0]
    if citation.end is not None:
        found.end_index = spans.whole.bytes(citation.end)[0]
    return found
