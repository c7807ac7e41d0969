"""The usual whole answer, read without the questions that any other raises: `response` reads those."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec import UNSET

from metaphrase import ir
from metaphrase.ir import At, Opaque
from metaphrase.ir.node import NOTHING
from metaphrase.kept import Kept
from metaphrase.loss import Report
from metaphrase_gemini.finish import ended
from metaphrase_gemini.leftovers import set_aside, spelling
from metaphrase_gemini.places import candidate as place_of
from metaphrase_gemini.values import BROKEN
from metaphrase_gemini.wire.plain import PlainAnswer, PlainCandidate, PlainCount, PlainPart, PlainUsage
from metaphrase_gemini.words import CODEC, MODALITY_NAMES, TIERS

from .keys import RESPONSE
from .moment import unix_seconds

_PLACE = place_of(0)
_AT = _PLACE.at
_RATED = Kept(partial(At, At(_AT, "safetyRatings"))).upto
_USAGE = At(None, "usageMetadata")


def plain_answer(body: PlainAnswer, report: Report) -> ir.ChatResponse | None:
    """The answer. None, with nothing reported, where it is less usual than its types could say."""
    candidate, counts, raw = body.candidates[0], body.usage_metadata, body.create_time
    parts = _parts(candidate.content.parts)
    if not parts or (counts.thoughts_token_count and _twice(counts)) or body.model_version.startswith("models/"):
        return None
    created, spelt = None, None
    if raw is not UNSET:
        moment = unix_seconds(raw)
        if moment is None:
            return None
        created, exact = moment
        spelt = {"created": spelling(created, {"createTime": raw})}
        if not exact:
            report.crossing("approximated", None, "createTime", "response.created", CODEC, "whole seconds")
    report.keys = RESPONSE
    return ir.ChatResponse(
        (_choice(candidate, parts, report),),
        body.response_id,
        body.model_version,
        created,
        CODEC,
        _usage(counts, report),
        None,
        TIERS.get(counts.service_tier),
        spelt=spelt,
    )


def _parts(parts: list[PlainPart]) -> tuple[ir.Part, ...]:
    """The parts; none at all where one of them is less usual than its type says."""
    found: list[ir.Part] = []
    places = _PLACE.first
    if len(parts) > len(places):
        return ()
    for part, at in zip(parts, places):  # noqa: B905 - more places than parts
        call, text, signature = part.function_call, part.text, part.thought_signature
        state = None if signature is UNSET else Opaque(CODEC, signature)
        if call is UNSET:
            if text is UNSET:
                return ()
            if part.thought is UNSET:
                found.append(ir.Text(text, state, at=at))
            elif part.thought and text:
                found.append(ir.Thinking(text, state, at=at))
            else:
                return ()
        else:
            arguments = str(call.args, "utf-8")
            if text is not UNSET or part.thought is not UNSET or arguments[0] != "{" or BROKEN in arguments:
                return ()
            found.append(ir.ToolCall(call.id, call.name, arguments, state, at=at))
    return tuple(found)


def _choice(candidate: PlainCandidate, parts: tuple[ir.Part, ...], report: Report) -> ir.Choice:
    extra = NOTHING
    if candidate.avg_logprobs is not UNSET:
        extra = set_aside(extra, _AT, "avgLogprobs", candidate.avg_logprobs, report)
    index, spelt = candidate.index, None
    if index is UNSET:
        index, spelt = 0, _NO_INDEX
    rated: list[ir.SafetyRating] = []
    for one, at in zip(candidate.safety_ratings, _RATED(len(candidate.safety_ratings))):  # noqa: B905 - more places
        rated.append(ir.SafetyRating(one.category, one.probability, at=at))
    return ir.Choice(
        index,
        parts,
        ended(candidate.finish_reason, candidate.finish_message),
        (),
        None,
        tuple(rated),
        at=_AT,
        ext={CODEC: extra} if extra else None,
        spelt=spelt,
    )


_NO_INDEX = {"index": spelling(0, {})}


def _twice(counts: PlainUsage) -> bool:
    """Whether the thoughts may be among the candidates' tokens as well."""
    return (counts.prompt_token_count or 0) + (counts.candidates_token_count or 0) == counts.total_token_count


def _usage(counts: PlainUsage, report: Report) -> ir.Usage:
    extra = NOTHING
    if counts.cache_tokens_details is not UNSET:
        extra = set_aside(extra, _USAGE, "cacheTokensDetails", counts.cache_tokens_details, report)
    if counts.traffic_type is not UNSET:
        extra = set_aside(extra, _USAGE, "trafficType", counts.traffic_type, report)
    return ir.Usage(
        counts.prompt_token_count,
        counts.cached_content_token_count,
        None,
        None,
        counts.candidates_token_count,
        counts.thoughts_token_count,
        counts.total_token_count,
        _split(counts.prompt_tokens_details) if counts.prompt_tokens_details else (),
        _split(counts.candidates_tokens_details) if counts.candidates_tokens_details else (),
        at=_USAGE,
        ext={CODEC: extra} if extra else None,
    )


def _split(counts: Sequence[PlainCount]) -> tuple[tuple[str, int], ...]:
    """Counts by modality, in lower case."""
    if len(counts) == 1:
        return ((MODALITY_NAMES[counts[0].modality], counts[0].token_count),)
    return tuple([(MODALITY_NAMES[one.modality], one.token_count) for one in counts])
