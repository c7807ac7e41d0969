"""Token counts. Vendors disagree on what is inside what; the vendor's own object is kept for the way back."""

from __future__ import annotations

from typing import TypeGuard

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.ir.node import At
from metaphrase.loss import Report, render, steps_of
from metaphrase.wirejson import Document

from ..leftovers import says_nothing, value_of
from ..names import CODEC
from ..wire import CompletionDetails, PromptDetails, Usage

_document = Document(Usage)
_AT = At(None, "usage")
# Other vendors' names for a count, in the order in which they are asked.
_CACHED = ("cache_read_input_tokens", "prompt_cache_hit_tokens", "num_cached_tokens", "cached_tokens")
_WRITTEN = ("cache_creation_input_tokens",)
_REASONING = ("reasoning_tokens",)


def read_usage(raw: Raw, report: Report, at: At = _AT) -> ir.Usage:
    """The counts in our terms: output without reasoning, the vendor's own total."""
    try:
        wire = _document.decode(raw)
    except ReadError as error:
        raise ReadError(error.message, render(steps_of(at)) + error.path[1:]) from None
    prompt = wire.prompt_tokens_details or _NO_PROMPT
    completion = wire.completion_tokens_details or _NO_COMPLETION
    cached, written, reasoning = prompt.cached_tokens, prompt.cache_write_tokens, completion.reasoning_tokens
    spelt: dict[str, ir.Spelling] = {}
    if wire.found is not UNSET:
        extra = dict(wire.extra)
        cached = _or_other("cached", cached, _CACHED, extra, spelt)
        written = _or_other("cache_write", written, _WRITTEN, extra, spelt)
        reasoning = _or_other("reasoning", reasoning, _REASONING, extra, spelt)
        _report_all(extra, at, report)
    output = wire.completion_tokens
    if output is not None and reasoning and _excludes(wire.prompt_tokens, output, reasoning, wire.total_tokens):
        report.crossing("repaired", at, "completion_tokens", "usage.output", CODEC, "Without its reasoning, by the sum")
    elif output is not None and reasoning:
        if output < reasoning:
            report.crossing("approximated", at, "completion_tokens", "usage.output", CODEC, "Less than its reasoning")
        output = max(0, output - reasoning)
    if prompt.found is not UNSET:
        _report_all(prompt.found.members, At(at, "prompt_tokens_details"), report)
    if completion.found is not UNSET:
        _report_all(completion.found.members, At(at, "completion_tokens_details"), report)
    if completion.accepted_prediction_tokens:
        report.leftover(At(at, "completion_tokens_details"), "accepted_prediction_tokens", CODEC)
    if completion.rejected_prediction_tokens:
        report.leftover(At(at, "completion_tokens_details"), "rejected_prediction_tokens", CODEC)
    return ir.Usage(
        wire.prompt_tokens,
        cached,
        written,
        None,
        output,
        reasoning,
        wire.total_tokens,
        _split(prompt.text_tokens, prompt.audio_tokens, prompt.image_tokens, prompt.video_tokens),
        _split(completion.text_tokens, completion.audio_tokens, completion.image_tokens),
        at=at,
        spelt=spelt or None,
    )


_NO_PROMPT = PromptDetails()
_NO_COMPLETION = CompletionDetails()


def counts(raw: Raw | None) -> TypeGuard[Raw]:
    """Whether a member says the usage: of a choice too, where Moonshot puts it."""
    return raw is not None and memoryview(raw)[0] == 0x7B and not says_nothing(raw)


def _excludes(prompt: int | None, completion: int, reasoning: int, total: int | None) -> bool:
    """XAI counts reasoning beside the completion: the sum tells."""
    return prompt is not None and total is not None and prompt + completion + reasoning == total


def _or_other(
    field: str,
    found: int | None,
    names: tuple[str, ...],
    extra: dict[str, Raw],
    spelt: dict[str, ir.Spelling],
) -> int | None:
    """A count, or another vendor's name for it. The same number under a second name says nothing more."""
    for name in names:
        raw = extra.get(name)
        value = None if raw is None else value_of(raw, int)
        if isinstance(value, int) and (found is None or value == found):
            if found is None and raw is not None:
                spelt[field] = ir.Spelling(CODEC, value, {name: raw})
            found = value
            del extra[name]
    return found


def _report_all(found: dict[str, Raw], at: At, report: Report) -> None:
    """Zero is what absence means."""
    for key, raw in found.items():
        if bytes(memoryview(raw)[:4]) not in (b"null", b"0", b"0.0", b"{}", b"[]"):
            report.leftover(at, key, CODEC)


def _split(
    text: int | None, audio: int | None, image: int | None, video: int | None = None
) -> tuple[tuple[str, int], ...]:
    """The split by modality, where there is any."""
    if not (text or audio or image or video):
        return ()
    counts = (("text", text), ("audio", audio), ("image", image), ("video", video))
    return tuple([(kind, count) for kind, count in counts if count])
