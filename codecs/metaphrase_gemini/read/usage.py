"""Token counts. Source: https://ai.google.dev/api/generate-content#UsageMetadata."""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from metaphrase import ir
from metaphrase.ir import At, Spelling
from metaphrase.loss import Report
from metaphrase.wirejson import encode, keep
from metaphrase_gemini.leftovers import set_aside, spelling
from metaphrase_gemini.wire.response import ModalityTokenCount, UsageMetadata
from metaphrase_gemini.words import CODEC, MODALITIES

from .content import whole

_AT = At(None, "usageMetadata")
Split = tuple[tuple[str, int], ...]


def read_usage(usage: UsageMetadata, report: Report) -> ir.Usage:
    """Counts as they are; thoughts that some servers count twice, as part of the candidates, are taken out there."""
    extra = usage.extra
    if extra:
        keep(extra, _AT, CODEC, report)
    if usage.cache_tokens_details is not UNSET:
        extra = set_aside(extra, _AT, "cacheTokensDetails", usage.cache_tokens_details, report)
    if usage.tool_use_prompt_tokens_details is not UNSET:
        extra = set_aside(extra, _AT, "toolUsePromptTokensDetails", usage.tool_use_prompt_tokens_details, report)
    if usage.traffic_type is not UNSET:
        extra = set_aside(extra, _AT, "trafficType", usage.traffic_type, report)
    spelt: dict[str, Spelling] = {}
    output = _count(usage.candidates_token_count)
    thoughts = _count(usage.thoughts_token_count)
    if output and thoughts and _inclusive(usage, output):
        said = "with its thoughts, by the sum"
        report.crossing("repaired", _AT, "candidatesTokenCount", "usage.output", CODEC, said)
        spelt["output"] = spelling(output - thoughts, {"candidatesTokenCount": Raw(encode(output))})
        output -= thoughts
    read, spoken = usage.prompt_tokens_details, usage.candidates_tokens_details
    return ir.Usage(
        _count(usage.prompt_token_count),
        _count(usage.cached_content_token_count),
        None,
        _count(usage.tool_use_prompt_token_count),
        output,
        thoughts,
        _count(usage.total_token_count),
        () if read is UNSET else _split(read, "input_by", "promptTokensDetails", spelt, report),
        () if spoken is UNSET else _split(spoken, "output_by", "candidatesTokensDetails", spelt, report),
        at=_AT,
        ext={CODEC: extra} if extra else None,
        spelt=spelt or None,
    )


def _count(given: int | UnsetType) -> int | None:
    return None if given is UNSET else given


def _inclusive(usage: UsageMetadata, output: int) -> bool:
    """Whether the candidates' tokens include the thoughts: only then is the total reached without them."""
    tool = usage.tool_use_prompt_token_count
    prompt, total = usage.prompt_token_count, usage.total_token_count
    if prompt is UNSET or total is UNSET or output < (usage.thoughts_token_count or 0):
        return False
    return prompt + output + (0 if tool is UNSET else tool) == total


def _split(given: list[ModalityTokenCount], field: str, key: str, spelt: dict[str, Spelling], report: Report) -> Split:
    """Counts by modality, in lower case."""
    found: list[tuple[str, int]] = []
    plain = bool(given)
    for i, one in enumerate(given):
        word, count = one.modality, one.token_count
        name = word.lower() if isinstance(word, str) else "" if word is UNSET else MODALITIES.get(word, str(word))
        found.append((name, 0 if count is UNSET else count))
        if one.found is not UNSET:
            keep(one.extra, At(At(_AT, key), i), CODEC, report)
        plain = plain and one == ModalityTokenCount(name.upper(), count) and count is not UNSET
    split = tuple(found)
    if not plain:
        spelt[field] = spelling(split, {key: Raw(encode([whole_count(one) for one in given]))})
    return split


def whole_count(count: ModalityTokenCount) -> Raw:
    """A count as it stood."""
    return whole(count)
