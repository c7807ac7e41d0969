"""Token counts. Source: https://ai.google.dev/api/generate-content#UsageMetadata."""

from __future__ import annotations

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.ir import At, Spelling
from metaphrase.ir.node import NOTHING
from metaphrase.loss import Report
from metaphrase.wirejson import encode, keep
from metaphrase_gemini.leftovers import set_aside, spelling
from metaphrase_gemini.wire.response import ModalityTokenCount, UsageMetadata
from metaphrase_gemini.words import CODEC, MODALITIES, MODALITY_NAMES

from .content import whole

_AT = At(None, "usageMetadata")
Split = tuple[tuple[str, int], ...]


def read_usage(usage: UsageMetadata, report: Report) -> ir.Usage:
    """Counts as they are; thoughts that some servers count twice, as part of the candidates, are taken out there."""
    extra = _aside(usage, report)
    spelt: dict[str, Spelling] = {}
    output, thoughts = usage.candidates_token_count, usage.thoughts_token_count
    if output and thoughts and _inclusive(usage, output, thoughts):
        said = "with its thoughts, by the sum"
        report.crossing("repaired", _AT, "candidatesTokenCount", "usage.output", CODEC, said)
        spelt["output"] = spelling(output - thoughts, {"candidatesTokenCount": Raw(encode(output))})
        output -= thoughts
    prompt, cached, total = usage.prompt_token_count, usage.cached_content_token_count, usage.total_token_count
    tool = usage.tool_use_prompt_token_count
    read, spoken = usage.prompt_tokens_details, usage.candidates_tokens_details
    return ir.Usage(
        None if prompt is UNSET else prompt,
        None if cached is UNSET else cached,
        None,
        None if tool is UNSET else tool,
        None if output is UNSET else output,
        None if thoughts is UNSET else thoughts,
        None if total is UNSET else total,
        () if read is UNSET else _split(read, "input_by", "promptTokensDetails", spelt, report),
        () if spoken is UNSET else _split(spoken, "output_by", "candidatesTokensDetails", spelt, report),
        at=_AT,
        ext={CODEC: extra} if extra else None,
        spelt=spelt or None,
    )


def _aside(usage: UsageMetadata, report: Report) -> dict[str, Raw]:
    """What has no place elsewhere."""
    extra = NOTHING
    if usage.found is not UNSET:
        extra = usage.extra
        keep(extra, _AT, CODEC, report)
    if usage.cache_tokens_details is not UNSET:
        extra = set_aside(extra, _AT, "cacheTokensDetails", usage.cache_tokens_details, report)
    if usage.tool_use_prompt_tokens_details is not UNSET:
        extra = set_aside(extra, _AT, "toolUsePromptTokensDetails", usage.tool_use_prompt_tokens_details, report)
    if usage.traffic_type is not UNSET:
        extra = set_aside(extra, _AT, "trafficType", usage.traffic_type, report)
    return extra


def _inclusive(usage: UsageMetadata, output: int, thoughts: int) -> bool:
    """Whether the candidates' tokens include the thoughts: only then is the total reached without them."""
    tool = usage.tool_use_prompt_token_count
    prompt, total = usage.prompt_token_count, usage.total_token_count
    if prompt is UNSET or total is UNSET or output < thoughts:
        return False
    return prompt + output + (0 if tool is UNSET else tool) == total


def _split(given: list[ModalityTokenCount], field: str, key: str, spelt: dict[str, Spelling], report: Report) -> Split:
    """Counts by modality, in lower case."""
    found: list[tuple[str, int]] = []
    plain = bool(given)
    for i, one in enumerate(given):
        word, count = one.modality, one.token_count
        name = MODALITY_NAMES.get(word)
        if name is None or count is UNSET or one.found is not UNSET:
            plain = False
            name = word.lower() if isinstance(word, str) else "" if word is UNSET else MODALITIES.get(word, str(word))
            count = 0 if count is UNSET else count
            keep(one.extra, At(At(_AT, key), i), CODEC, report)
        found.append((name, count))
    split = tuple(found)
    if not plain:
        spelt[field] = spelling(split, {key: Raw(encode([whole_count(one) for one in given]))})
    return split


def whole_count(count: ModalityTokenCount) -> Raw:
    """A count as it stood."""
    return whole(count)
