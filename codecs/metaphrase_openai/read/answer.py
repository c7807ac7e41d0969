"""What stands beside the text of an answer: citations and logprobs."""

from __future__ import annotations

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.ir.node import At
from metaphrase.loss import Report, render, steps_of
from metaphrase.wirejson import Document, W, elements

from .. import wire
from ..leftovers import report_below, report_members, says_nothing, value_of
from ..names import CODEC

_annotation = Document(wire.Annotation)
_logprobs = Document(wire.Logprobs)


def read_annotations(raw: Raw, at: At, report: Report) -> tuple[ir.Citation, ...]:
    """``url_citation`` annotations; other kinds are reported. A span of 0 to 0 is none (OpenRouter)."""
    if says_nothing(raw):
        return ()
    if memoryview(raw)[0] != 0x5B:
        report.leftover(at, "annotations", CODEC)
        return ()
    found: list[ir.Citation] = []
    above = At(at, "annotations")
    for i, one in enumerate(elements(raw)):
        here = At(above, i)
        if memoryview(one)[0] != 0x7B:
            report_below(one, above, i, report)
            continue
        known = _decoded(_annotation, one, here)
        url = known.url_citation
        if url is UNSET or url.url is UNSET:
            report_below(one, above, i, report)
            continue
        report_members(known.extra, here, report)
        report_members(url.extra, At(here, "url_citation"), report)
        if known.type != "url_citation" and known.type is not UNSET:
            report.leftover(here, "type", CODEC)
        start = None if url.start_index is UNSET else url.start_index
        end = None if url.end_index is UNSET else url.end_index
        if not start and not end:
            start = end = None
        found.append(ir.Citation(url.url, None if url.title is UNSET else url.title, start, end, at=here))
    return tuple(found)


def read_citations(raw: Raw, report: Report) -> tuple[ir.Citation, ...]:
    """A list of addresses (Perplexity, xAI): sources of the answer as a whole."""
    at = At(None, "citations")
    found: list[ir.Citation] = []
    for i, one in enumerate(elements(raw) if memoryview(raw)[0] == 0x5B else ()):
        url = value_of(one, str)
        if isinstance(url, str):
            found.append(ir.Citation(url, at=At(at, i)))
        else:
            report_below(one, at, i, report)
    return tuple(found)


def read_logprobs(raw: Raw, at: At, report: Report) -> tuple[ir.TokenLogprob, ...] | None:
    """Logprobs of the content; those of a refusal have no other home."""
    here = At(at, "logprobs")
    if memoryview(raw)[0] != 0x7B:
        report_below(raw, at, "logprobs", report)
        return None
    known = _decoded(_logprobs, raw, here)
    report_members(known.extra, here, report)
    if known.refusal is not UNSET and not says_nothing(known.refusal):
        report.leftover(here, "refusal", CODEC)
    if known.content is UNSET or known.content is None:
        return None
    above = At(here, "content")
    return tuple([_token(one, At(above, i), report, deep=True) for i, one in enumerate(known.content)])


def _token(one: wire.TokenLogprob, at: At, report: Report, *, deep: bool) -> ir.TokenLogprob:
    if one.token is UNSET or one.logprob is UNSET:
        raise ReadError("A logprob without token or value", render(steps_of(at)))
    report_members(one.extra, at, report)
    top: tuple[ir.TokenLogprob, ...] = ()
    if one.top_logprobs is not UNSET and one.top_logprobs:
        if deep:
            above = At(at, "top_logprobs")
            top = tuple([_token(other, At(above, i), report, deep=False) for i, other in enumerate(one.top_logprobs)])
        else:
            report.leftover(at, "top_logprobs", CODEC)
    data = None if one.bytes is UNSET or one.bytes is None else tuple(one.bytes)
    return ir.TokenLogprob(one.token, one.logprob, data, top, None if one.id is UNSET else one.id, at=at)


def _decoded(document: Document[W], raw: Raw, at: At) -> W:
    """A value that stands in raw JSON; faults name their place in the whole."""
    try:
        return document.decode(raw)
    except ReadError as error:
        raise ReadError(error.message, render(steps_of(at)) + error.path[1:]) from None
