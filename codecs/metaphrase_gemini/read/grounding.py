"""Grounding and recitation metadata to citations.

A support ties a span to sources; every pair of both is one citation, and a source that no support names is one
without a span. Offsets are bytes of the part named, and of the whole answer in recitations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.ir import At
from metaphrase.loss import Report
from metaphrase.wirejson import Document, Wire
from metaphrase_gemini.leftovers import residue
from metaphrase_gemini.spans import Offsets
from metaphrase_gemini.wire import response as wire
from metaphrase_gemini.words import CODEC

_GROUNDING = Document(wire.GroundingMetadata)
_CITATIONS = Document(wire.CitationMetadata)
W = TypeVar("W", bound=Wire)


def section(document: Document[W], raw: Raw, at: At, report: Report) -> W | None:
    """An object that the candidate keeps as raw JSON; None for null."""
    if bytes(raw) == b"null":
        return None
    try:
        return document.decode_tolerantly(raw)
    except ReadError as error:
        raise ReadError(error.message, report.place(at) + error.path[1:]) from None


class Answer:
    """The visible text of an answer, part by part and joined."""

    def __init__(self, parts: Sequence[ir.Part]) -> None:
        self._parts = parts
        self._starts: list[int] = []
        start = 0
        for part in parts:
            self._starts.append(start)
            start += len(part.text) if isinstance(part, ir.Text) else 0
        self._joined: Offsets | None = None
        self._one: dict[int, Offsets] = {}

    def joined(self) -> Offsets:
        """The whole text."""
        if self._joined is None:
            self._joined = Offsets("".join([part.text for part in self._parts if isinstance(part, ir.Text)]))
        return self._joined

    def part(self, index: int) -> tuple[Offsets, int] | None:
        """The text of one part and where it begins in the whole; None where no visible text is."""
        if not 0 <= index < len(self._parts):
            return None
        part = self._parts[index]
        if not isinstance(part, ir.Text):
            return None
        if index not in self._one:
            self._one[index] = Offsets(part.text)
        return self._one[index], self._starts[index]


def read_grounding(raw: Raw, answer: Answer, at: At, report: Report) -> list[ir.Citation]:
    """What `groundingMetadata` says as citations; what they do not express is left over."""
    grounding = section(_GROUNDING, raw, at, report)
    if grounding is None:
        return []
    chunks = [] if grounding.grounding_chunks is UNSET else grounding.grounding_chunks
    supports = [] if grounding.grounding_supports is UNSET else grounding.grounding_supports
    residue(_without(grounding), at, report)
    sources = [_source(chunk, At(At(at, "groundingChunks"), i), report) for i, chunk in enumerate(chunks)]
    cited: set[int] = set()
    found: list[ir.Citation] = []
    for i, support in enumerate(supports):
        found += _support(support, sources, cited, answer, At(At(at, "groundingSupports"), i), report)
    for i, source in enumerate(sources):
        if source is not None and i not in cited:
            found.append(ir.Citation(*source, at=At(At(at, "groundingChunks"), i)))
    return found


def _without(grounding: wire.GroundingMetadata) -> wire.GroundingMetadata:
    """The same without what is read: its leftovers remain."""
    rest = wire.GroundingMetadata()
    rest.found = grounding.found
    return rest


def _source(chunk: wire.GroundingChunk, at: At, report: Report) -> tuple[str, str | None] | None:
    """The address and title of a source; None where it has no address."""
    residue(chunk, at, report)
    for kind in (chunk.web, chunk.retrieved_context, chunk.maps):
        if kind is not UNSET and kind.uri is not UNSET:
            return kind.uri, None if kind.title is UNSET else kind.title
    if chunk.image is not UNSET and chunk.image.source_uri is not UNSET:
        return chunk.image.source_uri, None if chunk.image.title is UNSET else chunk.image.title
    for key in ("web", "retrievedContext", "maps", "image"):
        held = getattr(chunk, "retrieved_context" if key == "retrievedContext" else key)
        if held is not UNSET and held.title is not UNSET:
            report.leftover(At(at, key), "title", CODEC)
    return None


def _support(
    support: wire.GroundingSupport,
    sources: Sequence[tuple[str, str | None] | None],
    cited: set[int],
    answer: Answer,
    at: At,
    report: Report,
) -> list[ir.Citation]:
    residue(support, at, report)
    indices = [] if support.grounding_chunk_indices is UNSET else support.grounding_chunk_indices
    named: list[int] = []
    for n, index in enumerate(indices):
        if 0 <= index < len(sources) and sources[index] is not None:
            named.append(index)
        else:
            key = ("groundingChunkIndices", n)
            report.crossing("dropped", at, key, "citations.source", CODEC, "no such source, or one without an address")
    segment = support.segment
    if not named:
        if segment is not UNSET:
            report.leftover(at, "segment", CODEC)
        return []
    start, end = (None, None) if segment is UNSET else _span(segment, answer, At(at, "segment"), report)
    cited.update(named)
    pairs = [sources[i] for i in named]
    return [ir.Citation(*pair, start, end, at=at) for pair in pairs if pair is not None]


def _span(segment: wire.Segment, answer: Answer, at: At, report: Report) -> tuple[int, int]:
    """A span in code points of the whole answer.

    Older models count from the beginning of the answer, not of the part: the segment's own text tells which.
    """
    first = 0 if segment.start_index is UNSET else segment.start_index
    last = first if segment.end_index is UNSET else segment.end_index
    index = 0 if segment.part_index is UNSET else segment.part_index
    own = answer.part(index)
    joined = answer.joined()
    text = None if segment.text is UNSET else segment.text
    if own is not None and (text is None or _slice(own[0], first, last) == text or _slice(joined, first, last) != text):
        offsets, base = own
    else:
        offsets, base = joined, 0
        if segment.part_index is not UNSET:
            report.leftover(at, "partIndex", CODEC)
    start, exact = offsets.points(first)
    end, fits = offsets.points(last)
    _inexact(exact, fits or segment.end_index is UNSET, at, report)
    if text is not None and offsets.text[start:end] != text:
        report.leftover(at, "text", CODEC)
    return base + start, base + end


def _inexact(start: bool, end: bool, at: At, report: Report) -> None:
    """Report the offsets that are no boundary of a character."""
    for exact, key in ((start, "startIndex"), (end, "endIndex")):
        if not exact:
            report.crossing("approximated", at, key, "citations.offset", CODEC, "within a character, or outside")


def _slice(offsets: Offsets, first: int, last: int) -> str | None:
    start, exact = offsets.points(first)
    end, fits = offsets.points(last)
    return offsets.text[start:end] if exact and fits else None


def read_recitations(
    raw: Raw, answer: Answer, at: At, report: Report, places: Mapping[tuple[str, int], At]
) -> list[ir.Citation]:
    """`citationMetadata` as citations; ``places``: of the sources that stood elsewhere."""
    metadata = section(_CITATIONS, raw, at, report)
    if metadata is None:
        return []
    rest = wire.CitationMetadata()
    rest.found = metadata.found
    residue(rest, at, report)
    found: list[ir.Citation] = []
    for key, sources in (("citationSources", metadata.citation_sources), ("citations", metadata.citations)):
        if sources is not UNSET:
            for i, source in enumerate(sources):
                place = places.get((key, i)) or At(At(at, key), i)
                found += _recitation(source, answer.joined(), place, report)
    return found


def _recitation(source: wire.CitationSource, offsets: Offsets, at: At, report: Report) -> list[ir.Citation]:
    residue(source, at, report)
    if source.uri is UNSET and source.license is UNSET and source.title is UNSET:
        for key, value in (("startIndex", source.start_index), ("endIndex", source.end_index)):
            if value is not UNSET:
                report.leftover(at, key, CODEC)
        return []
    start: int | None = None
    end: int | None = None
    if source.start_index is not UNSET or source.end_index is not UNSET:
        start, exact = offsets.points(0 if source.start_index is UNSET else source.start_index)
        end, fits = (None, True) if source.end_index is UNSET else offsets.points(source.end_index)
        _inexact(exact, fits, at, report)
    title = None if source.title is UNSET else source.title
    rights = None if source.license is UNSET else source.license
    uri = "" if source.uri is UNSET else source.uri
    return [ir.Citation(uri, title, start, end, rights, at=at)]
