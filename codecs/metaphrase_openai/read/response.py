"""A whole answer."""

from __future__ import annotations

from msgspec import UNSET, Raw
from msgspec.structs import replace

from metaphrase import ir
from metaphrase.errors import NotAnAnswer, ReadError
from metaphrase.http import Response
from metaphrase.ir.node import At
from metaphrase.loss import Report
from metaphrase.wirejson import Document, encode

from .. import keys, wire
from ..leftovers import NULL, ext_of, is_null, report_members, says_nothing
from ..names import CODEC
from ..options import Options
from .answer import read_annotations, read_citations, read_logprobs
from .draft import Draft
from .finish import read_finish
from .message import read_parts
from .plain import plain_parts, plain_rest
from .usage import counts, read_usage

_document = Document(wire.Response)
_CHOICES = At(None, "choices")


def read_response(http: Response, report: Report, options: Options) -> ir.ChatResponse:
    """Read an answer."""
    doc = _document.read(http.body)
    if doc.choices is UNSET:
        if doc.error is not UNSET:
            raise NotAnAnswer
        raise ReadError("An answer without choices", "$.choices")
    report.keys = keys.RESPONSE
    left: dict[str, Raw] = {} if doc.found is UNSET else dict(doc.found.members)
    choices = tuple([_choice(one, i, report, options) for i, one in enumerate(doc.choices)])
    if doc.found is not UNSET:
        choices = _further(choices, left, report)
    spelt: dict[str, ir.Spelling] = {}
    if doc.object != "chat.completion":
        spelt["origin"] = _object(doc.object, report)
    usage = None
    if doc.usage is not UNSET:
        if says_nothing(doc.usage):
            left["usage"] = doc.usage
        else:
            usage = read_usage(doc.usage, report)
            spelt["usage"] = ir.Spelling(CODEC, usage, {"usage": doc.usage})
    usage = _counted(doc.choices, usage, spelt, report)
    if doc.system_fingerprint is not UNSET:
        _beside("system_fingerprint", doc.system_fingerprint, left, report)
    if doc.error is not UNSET:
        _beside("error", doc.error, left, report)
    if doc.service_tier is None:
        left["service_tier"] = NULL
    if doc.id is UNSET or doc.model is UNSET:
        spelt |= {key: ir.Spelling(CODEC, "", {}) for key in ("id", "model") if getattr(doc, key) is UNSET}
    return ir.ChatResponse(
        choices,
        "" if doc.id is UNSET else doc.id,
        "" if doc.model is UNSET else doc.model,
        None if doc.created is UNSET else doc.created,
        CODEC,
        usage,
        service_tier=None if doc.service_tier is UNSET else doc.service_tier,
        ext=ext_of(left),
        spelt=spelt or None,
    )


def _counted(
    choices: list[wire.Choice], usage: ir.Usage | None, spelt: dict[str, ir.Spelling], report: Report
) -> ir.Usage | None:
    """The usage, also where only choices say it (Moonshot); of several the last."""
    for i in range(len(choices) - 1, -1, -1):
        if choices[i].found is UNSET or not counts(raw := choices[i].extra.get("usage")):
            continue
        at = At(_CHOICES, i)
        if usage is None:
            usage = read_usage(raw, report, At(at, "usage"))
            spelt["usage"] = ir.Spelling(CODEC, usage, {})  # it stands among the leftovers of its choice
        else:
            report.leftover(at, "usage", CODEC)
    return usage


def _beside(key: str, raw: Raw, left: dict[str, Raw], report: Report) -> None:
    """A member that OpenAI knows and that means nothing elsewhere."""
    left[key] = raw
    report_members({key: raw}, None, report)


def _object(said: object, report: Report) -> ir.Spelling:
    """``object`` is a constant; another value is kept, and reported."""
    if said is UNSET:
        return ir.Spelling(CODEC, CODEC, {})
    report.leftover(None, "object", CODEC)
    return ir.Spelling(CODEC, CODEC, {"object": Raw(encode(said))})


def _further(choices: tuple[ir.Choice, ...], left: dict[str, Raw], report: Report) -> tuple[ir.Choice, ...]:
    """Members that OpenAI does not know. Addresses that the whole answer cites go to its first choice."""
    cited = left.get("citations", NULL)
    if says_nothing(cited):
        report_members(left, None, report)
        return choices
    report_members({key: raw for key, raw in left.items() if key != "citations"}, None, report)
    if not choices:
        report.leftover(None, "citations", CODEC)
        return choices
    first = choices[0]
    found = first.citations + read_citations(cited, report)
    kept = (first.spelt or {}).get("citations")
    spelling = ir.Spelling(CODEC, found, {} if kept is None else kept.members)
    return (replace(first, citations=found, spelt={**(first.spelt or {}), "citations": spelling}), *choices[1:])


def _choice(doc: wire.Choice, place: int, report: Report, options: Options) -> ir.Choice:
    at = At(_CHOICES, place)
    left: dict[str, Raw] = {}
    spelt: dict[str, ir.Spelling] = {}
    if doc.message is UNSET:
        parts: tuple[ir.Part, ...] = ()
        citations: tuple[ir.Citation, ...] = ()
        spelt["parts"] = ir.Spelling(CODEC, parts, {"message": NULL})
    else:
        parts, citations = _message(doc.message, At(at, "message"), left, spelt, report, options)
    logprobs = None
    if doc.logprobs is not UNSET:
        logprobs = None if is_null(doc.logprobs) else read_logprobs(doc.logprobs, at, report)
        if logprobs is None:
            left["logprobs"] = doc.logprobs
        else:
            spelt["logprobs"] = ir.Spelling(CODEC, logprobs, {"logprobs": doc.logprobs})
    if doc.found is not UNSET:
        left |= doc.extra
        others = {key: raw for key, raw in doc.extra.items() if key != "usage" or not counts(raw)}
        report_members(others, at, report)
    word, quoted = doc.finish_reason, doc.native_finish_reason
    if word is None:
        left["finish_reason"] = NULL
    done = None if word is UNSET or word is None else read_finish(word, quoted)
    if quoted is not UNSET:
        left["native_finish_reason"] = quoted
        if done is None or done.codec == CODEC:
            report_members({"native_finish_reason": quoted}, at, report)
    if doc.index is UNSET:
        spelt["index"] = ir.Spelling(CODEC, place, {})
    index = place if doc.index is UNSET else doc.index
    return ir.Choice(index, parts, done, citations, logprobs, at=at, ext=ext_of(left), spelt=spelt or None)


def _message(
    doc: wire.Message, at: At, left: dict[str, Raw], spelt: dict[str, ir.Spelling], report: Report, options: Options
) -> tuple[tuple[ir.Part, ...], tuple[ir.Citation, ...]]:
    plain = plain_parts(doc, at, options)
    if plain:
        rest = plain_rest(doc)
        if rest:
            left["message"] = Raw(encode(rest))
        return plain, ()
    draft = Draft(doc, at, report, options)
    read_parts(draft)
    inside = draft.left
    if doc.role != "assistant":
        draft.plain = False
        if doc.role is not UNSET and doc.role != "model":
            report.leftover(at, "role", CODEC)
    elif isinstance(doc.content, list):  # a request's way; an answer has one text
        draft.plain = False
    if doc.name is not UNSET:
        inside["name"] = Raw(encode(doc.name))
        report.leftover(at, "name", CODEC)
    citations: tuple[ir.Citation, ...] = ()
    if doc.annotations is not UNSET:
        citations = read_annotations(doc.annotations, at, report)
        if citations:
            spelt["citations"] = ir.Spelling(CODEC, citations, {"annotations": doc.annotations})
        else:
            inside["annotations"] = doc.annotations
    parts = tuple(draft.parts)
    layout = draft.spelling(parts)
    if layout is not None:
        if doc.role is not UNSET:
            layout.members["role"] = Raw(encode(doc.role))
        spelt["parts"] = layout
    if inside:
        left["message"] = Raw(encode(inside))
    return parts, citations
