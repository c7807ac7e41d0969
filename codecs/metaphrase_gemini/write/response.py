"""Chat responses to `GenerateContentResponse`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.http import Headers, Response
from metaphrase.loss import Report
from metaphrase.wirejson import encode
from metaphrase_gemini.finish import PLAIN, REASONS, WORDS
from metaphrase_gemini.leftovers import encoded, graft, spelt
from metaphrase_gemini.models import FAMILIES
from metaphrase_gemini.options import Options
from metaphrase_gemini.wire import response as wire
from metaphrase_gemini.wire.content import Content
from metaphrase_gemini.words import CODEC

from .content import write_each
from .grounding import Spans, write_citations
from .scope import Scope
from .usage import write_usage

JSON: Headers = (("content-type", "application/json; charset=UTF-8"),)


def write_response(chat: ir.ChatResponse, report: Report, options: Options) -> Response:
    """A whole answer."""
    to = Scope(report, chat.origin == CODEC, FAMILIES[-1], options, answer=True)
    body = write_envelope(chat, to)
    if chat.choices:
        body.candidates = [write_candidate(choice, to) for choice in chat.choices]
    left = chat.leftovers(CODEC)
    return Response(200, JSON, encoded(graft(body, left) if left else body, chat))


def write_envelope(chat: ir.ChatResponse, to: Scope) -> wire.GenerateContentResponse:
    """What stands beside the candidates."""
    body = wire.GenerateContentResponse()
    if chat.usage is not None:
        body.usage_metadata = write_usage(chat, chat.usage, to)
    elif chat.service_tier is not None:
        body.usage_metadata = write_usage(chat, ir.Usage(), to)
    if chat.model:
        kept = spelt(chat, "model", chat.model)
        body.model_version = chat.model if kept is None else msgspec.json.decode(kept["modelVersion"])
    if chat.id:
        body.response_id = chat.id
    if chat.created is not None:
        _created(chat, chat.created, body, to)
    if chat.blocked is not None:
        body.prompt_feedback = _blocked(chat.blocked)
    return body


def _created(chat: ir.ChatResponse, seconds: int, body: wire.GenerateContentResponse, to: Scope) -> None:
    kept = spelt(chat, "created", seconds)
    if kept is not None:
        body.create_time = kept["createTime"]
        return
    try:
        body.create_time = Raw(encode(datetime.fromtimestamp(seconds, UTC)))
    except (ValueError, OverflowError, OSError):
        to.lose("dropped", chat, "created", "response.created", "out of range")


def write_candidate(choice: ir.Choice, to: Scope, told: bool = False) -> Any:
    """One candidate; ``told``: its parts have gone out before."""
    written = choice.parts if told else write_each(choice.parts, to)
    parts = [] if told else [part for part in written if part is not None]
    out = wire.Candidate(index=choice.index)
    left = choice.leftovers(CODEC)
    if choice.spelt is not None and spelt(choice, "index", choice.index) is not None:
        out.index = UNSET
    if parts:
        out.content = _content(choice, parts)
    elif (kept := spelt(choice, "content", choice.parts)) is not None:
        left = {key: raw for key, raw in left.items() if key != "content"} | kept
    if choice.finish is not None and (choice.spelt is None or spelt(choice, "finish", choice.finish) is None):
        _finish(choice, choice.finish, out, to)
    if choice.spelt is not None or choice.citations or choice.logprobs is not None:
        _annotations(choice, out, written, to)
    if choice.safety or (choice.spelt is not None and spelt(choice, "safety", choice.safety) is not None):
        out.safety_ratings = [_rating(one) for one in choice.safety]
    return out if not left else graft(out, left)


def _content(choice: ir.Choice, parts: list[Any]) -> Content:
    kept = None if choice.spelt is None else spelt(choice, "role", "model")
    if kept is None:
        return Content(parts, "model")
    return Content(parts, msgspec.json.decode(kept["role"]) if kept else UNSET)


def _finish(choice: ir.Choice, finish: ir.Finish, out: wire.Candidate, to: Scope) -> None:
    """Gemini's own word, whoever said it, else the one for the class. That there are calls is not said again."""
    if finish.native is not None and (finish.codec == CODEC or REASONS.get(str(finish.native)) == finish.reason):
        out.finish_reason = finish.native
    else:
        out.finish_reason = WORDS[finish.reason]
        kinds = {*map(type, choice.parts)}
        implied = "tool_calls" if ir.ToolCall in kinds else "stop"
        told = finish.reason == implied or finish.reason not in ("stop", "tool_calls")
        if finish.reason == "stop" and ir.Refusal in kinds:
            out.finish_reason = WORDS["filter"]  # the model's own refusal is nearest to a safety stop
            told = False
        if not told or (finish.native is not None and finish.native != PLAIN.get(finish.reason)):
            to.lose("approximated", choice, "finish", "finish.reason", str(out.finish_reason))
    if finish.message is not None:
        out.finish_message = finish.message


def _annotations(choice: ir.Choice, out: wire.Candidate, written: Sequence[Any], to: Scope) -> None:
    """Citations and probabilities, which stand beside the content. ``written``: what became of each part."""
    kept = spelt(choice, "citations", choice.citations)
    if kept is not None:
        out.grounding_metadata = kept.get("groundingMetadata", UNSET)
        out.citation_metadata = kept.get("citationMetadata", UNSET)
    elif choice.citations:
        shown = [part for part, one in zip(choice.parts, written, strict=True) if one is not None]
        texts = [(index, part.text) for index, part in enumerate(shown) if isinstance(part, ir.Text)]
        out.grounding_metadata, out.citation_metadata = write_citations(choice.citations, Spans(texts), to)
    probable = spelt(choice, "logprobs", choice.logprobs)
    if probable is not None:
        out.logprobs_result = probable["logprobsResult"]
    elif choice.logprobs is not None:
        out.logprobs_result = _logprobs(choice.logprobs, to)


def _logprobs(tokens: tuple[ir.TokenLogprob, ...], to: Scope) -> Raw:
    chosen = [_token(token, to) for token in tokens]
    found = wire.LogprobsResult(chosen)
    if any(token.top for token in tokens):
        found.top_candidates = [wire.TopCandidates([_token(one, to) for one in token.top]) for token in tokens]
    return Raw(encode(found))


def _token(token: ir.TokenLogprob, to: Scope) -> wire.LogprobCandidate:
    if token.bytes is not None and bytes_of(token.token) != token.bytes:
        to.lose("dropped", token, "bytes", "logprobs.bytes", "not the token's own")
    return wire.LogprobCandidate(token.token, token.logprob, UNSET if token.id is None else token.id)


def bytes_of(token: str) -> tuple[int, ...]:
    """A token's UTF-8."""
    return tuple(token.encode("utf-8", "surrogatepass"))


def _rating(one: ir.SafetyRating) -> Any:
    out = wire.SafetyRating(
        UNSET if one.category == "" else one.category,
        UNSET if one.probability is None else one.probability,
        UNSET if one.blocked is None else one.blocked,
    )
    return out if one.ext is None else graft(out, one.leftovers(CODEC))


def _blocked(blocked: ir.Blocked) -> Any:
    out = wire.PromptFeedback(blocked.reason, UNSET if blocked.message is None else blocked.message)
    if spelt(blocked, "reason", blocked.reason) is not None:
        out.block_reason = UNSET
    if blocked.safety or spelt(blocked, "safety", blocked.safety) is not None:
        out.safety_ratings = [_rating(one) for one in blocked.safety]
    return out if blocked.ext is None else graft(out, blocked.leftovers(CODEC))
