"""`GenerateContentResponse` to the IR."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import replace

from metaphrase import ir
from metaphrase.errors import NotAnAnswer
from metaphrase.http import Response
from metaphrase.ir import At, Spelling
from metaphrase.loss import Report
from metaphrase.usual import Usual
from metaphrase.wirejson import Document, encode, keep
from metaphrase_gemini.finish import BLOCKED, ended
from metaphrase_gemini.leftovers import NULL, residue, set_aside, spelling, with_numerals
from metaphrase_gemini.places import Place
from metaphrase_gemini.places import candidate as place_of
from metaphrase_gemini.wire import response as wire
from metaphrase_gemini.wire.content import Content
from metaphrase_gemini.wire.plain import PlainAnswer
from metaphrase_gemini.words import CODEC, TIERS

from .content import read_parts, whole
from .grounding import Answer, read_grounding, read_recitations, section
from .keys import RESPONSE
from .moment import unix_seconds
from .plain import plain_answer
from .usage import read_usage

_USUAL = Usual(PlainAnswer)
_DOCUMENT = Document(wire.GenerateContentResponse)
_LOGPROBS = Document(wire.LogprobsResult)
_FEEDBACK = At(None, "promptFeedback")
_HERE: Mapping[tuple[str, int], At] = {}


def read_response(http: Response, report: Report) -> ir.ChatResponse:
    """Read a whole answer."""
    usual = _USUAL.read(http.body)
    chat = None if usual is None else plain_answer(usual, report)
    return any_answer(http.body, report) if chat is None else chat


def any_answer(data: bytes, report: Report) -> ir.ChatResponse:
    """An answer of any kind."""
    body = _DOCUMENT.read(data)
    if body.respelt:
        report.respelt(data)
    if body.error is not UNSET and bytes(body.error) != bytes(NULL):
        raise NotAnAnswer
    report.keys = RESPONSE
    return read_envelope(body, _choices(body.candidates, report), report)


def read_envelope(
    body: wire.GenerateContentResponse, choices: tuple[ir.Choice, ...], report: Report
) -> ir.ChatResponse:
    """What stands beside the candidates, which have been read."""
    extra = body.extra
    if extra:
        keep(extra, None, CODEC, report)
    if body.error is not UNSET:
        extra = extra | {"error": body.error}
    spelt: dict[str, Spelling] = {}
    if not choices and body.candidates is not UNSET and not body.candidates:
        extra = extra | {"candidates": Raw(b"[]")}
    usage, tier = None, None
    if body.usage_metadata is not UNSET:
        usage = read_usage(body.usage_metadata, report)
        tier = _tier(body.usage_metadata.service_tier, spelt)
    blocked = None
    if body.prompt_feedback is not UNSET:
        blocked = _blocked(body.prompt_feedback, report)
        if blocked is None:
            _unblocked(body.prompt_feedback, report)
            extra = extra | {"promptFeedback": whole(body.prompt_feedback)}
        else:
            choices = tuple([one if one.finish is not None else _cut(one) for one in choices])
    created, extra = _created(body.create_time, spelt, extra, report)
    return ir.ChatResponse(
        choices,
        "" if body.response_id is UNSET else body.response_id,
        _model(body.model_version, spelt),
        created,
        CODEC,
        usage,
        blocked,
        tier,
        ext={CODEC: extra} if extra else None,
        spelt=with_numerals(spelt or None, body),
    )


def _cut(choice: ir.Choice) -> ir.Choice:
    """A candidate without a finish reason beside a block reason: that is why it ended."""
    return replace(choice, finish=BLOCKED, spelt={**(choice.spelt or {}), "finish": spelling(BLOCKED, {})})


def _model(given: str | UnsetType, spelt: dict[str, Spelling]) -> str:
    if given is UNSET:
        return ""
    name = given.removeprefix("models/")
    if name != given:
        spelt["model"] = spelling(name, {"modelVersion": Raw(encode(given))})
    return name


def _tier(given: str | UnsetType, spelt: dict[str, Spelling]) -> str | None:
    if given is UNSET:
        return None
    tier = TIERS.get(given)
    if tier is None:
        spelt["tier"] = spelling(given, {"serviceTier": Raw(encode(given))})
        return given
    return tier


def _created(
    raw: Raw | UnsetType, spelt: dict[str, Spelling], extra: dict[str, Raw], report: Report
) -> tuple[int | None, dict[str, Raw]]:
    """`createTime` in Unix seconds."""
    if raw is UNSET:
        return None, extra
    moment = unix_seconds(raw)
    if moment is None:
        return None, set_aside(extra, None, "createTime", raw, report)
    created, exact = moment
    if not exact:
        report.crossing("approximated", None, "createTime", "response.created", CODEC, "whole seconds")
    spelt["created"] = Spelling(CODEC, created, {"createTime": raw})
    return created, extra


def _choices(candidates: list[wire.Candidate] | UnsetType, report: Report) -> tuple[ir.Choice, ...]:
    if candidates is UNSET:
        return ()
    unnumbered = len(candidates) > 1 and all(candidate.index is UNSET for candidate in candidates)
    return tuple([read_choice(one, place_of(i), i if unnumbered else 0, report) for i, one in enumerate(candidates)])


def read_choice(
    candidate: wire.Candidate,
    place: Place,
    position: int,
    report: Report,
    told: tuple[ir.Part, ...] = (),
    cited: Mapping[tuple[str, int], At] = _HERE,
) -> ir.Choice:
    """One candidate; ``told``: its parts, where they came before it; ``cited``: places of sources, likewise."""
    at = place.at
    spelt: dict[str, Spelling] = {}
    content, finish, rated = candidate.content, candidate.finish_reason, candidate.safety_ratings
    parts = told if content is UNSET else _parts(content, place, spelt, report)
    extra = _beside(candidate, at, report)
    index = candidate.index
    if content is not UNSET and content.found is not UNSET:
        keep(content.extra, At(at, "content"), CODEC, report)
        extra = extra | {"content": Raw(encode(content.extra))}
    if index is UNSET:
        index = position
        spelt["index"] = spelling(index, {})
    return ir.Choice(
        index,
        parts,
        None if finish is UNSET else ended(finish, candidate.finish_message),
        _citations(candidate, parts, at, spelt, report, cited),
        read_logprobs(candidate.logprobs_result, at, spelt, report),
        () if rated is UNSET else _ratings(rated, At(at, "safetyRatings"), spelt, report),
        at=at,
        ext={CODEC: extra} if extra else None,
        spelt=spelt or None,
    )


def _beside(candidate: wire.Candidate, at: At, report: Report) -> dict[str, Raw]:
    """What has no place elsewhere."""
    extra = candidate.extra
    keep(extra, at, CODEC, report)
    if candidate.avg_logprobs is not UNSET:
        extra = set_aside(extra, at, "avgLogprobs", candidate.avg_logprobs, report)
    message = candidate.finish_message
    if message is not UNSET and candidate.finish_reason is UNSET:
        extra = set_aside(extra, at, "finishMessage", Raw(encode(message)), report)
    return extra


def _parts(content: Content, place: Place, spelt: dict[str, Spelling], report: Report) -> tuple[ir.Part, ...]:
    """The parts of an answer. Contents without any come in several forms."""
    parts, role = content.parts, content.role
    if role != "model" or parts is UNSET or not parts:
        if role is not UNSET and role != "model":
            report.crossing("dropped", place.at, ("content", "role"), "message.role", CODEC, "an answer is the model's")
        if parts is UNSET or not parts:
            spelt["content"] = spelling((), {"content": whole(content)})
            return ()
        spelt["role"] = spelling("model", {} if role is UNSET else {"role": Raw(encode(role))})
    return read_parts(parts, place, report)


def _citations(
    candidate: wire.Candidate,
    parts: tuple[ir.Part, ...],
    at: At,
    spelt: dict[str, Spelling],
    report: Report,
    cited: Mapping[tuple[str, int], At],
) -> tuple[ir.Citation, ...]:
    recited, grounded = candidate.citation_metadata, candidate.grounding_metadata
    if recited is UNSET and grounded is UNSET:
        return ()
    answer = Answer(parts)
    members: dict[str, Raw] = {}
    found: list[ir.Citation] = []
    if grounded is not UNSET:
        members["groundingMetadata"] = grounded
        found += read_grounding(grounded, answer, At(at, "groundingMetadata"), report)
    if recited is not UNSET:
        members["citationMetadata"] = recited
        found += read_recitations(recited, answer, At(at, "citationMetadata"), report, cited)
    citations = tuple(found)
    spelt["citations"] = spelling(citations, members)
    return citations


def read_logprobs(
    given: Raw | UnsetType, at: At, spelt: dict[str, Spelling], report: Report
) -> tuple[ir.TokenLogprob, ...] | None:
    """Tokens with their rivals, which stand in a list beside them."""
    if given is UNSET:
        return None
    at = At(at, "logprobsResult")
    result = section(_LOGPROBS, given, at, report)
    if result is None:
        spelt["logprobs"] = spelling(None, {"logprobsResult": given})
        return None
    chosen = [] if result.chosen_candidates is UNSET else result.chosen_candidates
    tops = [] if result.top_candidates is UNSET else result.top_candidates
    rest = wire.LogprobsResult()
    rest.found = result.found
    residue(rest, at, report)
    rivals = [_rivals(top, At(At(at, "topCandidates"), i), report) for i, top in enumerate(tops)]
    for i in range(len(chosen), len(tops)):
        report.crossing("dropped", At(at, "topCandidates"), i, "logprobs.top", CODEC, "no token was chosen here")
    found: list[ir.TokenLogprob] = []
    for i, one in enumerate(chosen):
        found.append(_token(one, At(At(at, "chosenCandidates"), i), report, rivals[i] if i < len(rivals) else ()))
    logprobs = tuple(found)
    spelt["logprobs"] = spelling(logprobs, {"logprobsResult": given})
    return logprobs


def _rivals(top: wire.TopCandidates, at: At, report: Report) -> tuple[ir.TokenLogprob, ...]:
    if top.extra:
        keep(top.extra, at, CODEC, report)
    found = [] if top.candidates is UNSET else top.candidates
    return tuple([_token(one, At(At(at, "candidates"), i), report) for i, one in enumerate(found)])


def _token(
    one: wire.LogprobCandidate, at: At, report: Report, top: tuple[ir.TokenLogprob, ...] = ()
) -> ir.TokenLogprob:
    ext = keep(one.extra, at, CODEC, report)
    return ir.TokenLogprob(
        "" if one.token is UNSET else one.token,
        0.0 if one.log_probability is UNSET else one.log_probability,
        None,
        top,
        None if one.token_id is UNSET else one.token_id,
        at=at,
        ext=ext,
    )


def _ratings(
    given: list[wire.SafetyRating], up: At, spelt: dict[str, Spelling], report: Report
) -> tuple[ir.SafetyRating, ...]:
    if not given:
        spelt["safety"] = spelling((), {"safetyRatings": Raw(b"[]")})
    return tuple([_rating(one, At(up, i), report) for i, one in enumerate(given)])


def _rating(one: wire.SafetyRating, at: At, report: Report) -> ir.SafetyRating:
    category, probability, blocked = one.category, one.probability, one.blocked
    return ir.SafetyRating(
        "" if category is UNSET else category,
        None if probability is UNSET else probability,
        None if blocked is UNSET else blocked,
        at=at,
        ext=None if one.found is UNSET else keep(one.extra, at, CODEC, report),
    )


def _blocked(feedback: wire.PromptFeedback, report: Report) -> ir.Blocked | None:
    spelt: dict[str, Spelling] = {}
    reason = feedback.block_reason
    if reason is UNSET:
        if not feedback.block_reason_message:
            return None
        reason = "BLOCK_REASON_UNSPECIFIED"  # which is 0, and proto3 JSON leaves that out
        spelt["reason"] = spelling(reason, {})
    ext = keep(feedback.extra, _FEEDBACK, CODEC, report)
    message = None if feedback.block_reason_message is UNSET else feedback.block_reason_message
    rated = feedback.safety_ratings
    safety = () if rated is UNSET else _ratings(rated, At(_FEEDBACK, "safetyRatings"), spelt, report)
    return ir.Blocked(reason, message, safety, at=_FEEDBACK, ext=ext, spelt=spelt or None)


def _unblocked(feedback: wire.PromptFeedback, report: Report) -> None:
    """Ratings of a prompt that was not refused: kept for Gemini, lost elsewhere."""
    keep(feedback.extra, _FEEDBACK, CODEC, report)
    if feedback.block_reason_message is not UNSET:
        report.leftover(_FEEDBACK, "blockReasonMessage", CODEC)
    if feedback.safety_ratings is not UNSET and feedback.safety_ratings:
        report.leftover(_FEEDBACK, "safetyRatings", CODEC)
