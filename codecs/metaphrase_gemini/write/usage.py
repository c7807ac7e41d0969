"""Token counts."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from metaphrase import ir
from metaphrase_gemini.leftovers import graft, spelt
from metaphrase_gemini.wire.response import ModalityTokenCount, UsageMetadata
from metaphrase_gemini.words import CODEC, MODALITIES, TIER_WORDS

from .scope import Scope

_WORDS = frozenset(MODALITIES.values())


def write_usage(chat: ir.ChatResponse, usage: ir.Usage, to: Scope) -> Any:
    """Counts as the IR has them: None is left out, 0 is said."""
    out = UsageMetadata(
        UNSET if usage.input is None else usage.input,
        UNSET if usage.output is None else usage.output,
        UNSET if usage.total is None else usage.total,
        UNSET if usage.reasoning is None else usage.reasoning,
        UNSET if usage.cached is None else usage.cached,
        UNSET if usage.tool_input is None else usage.tool_input,
    )
    if usage.input_by or usage.output_by or usage.spelt is not None:
        out.prompt_tokens_details = _split(usage, "input_by", usage.input_by, to)
        out.candidates_tokens_details = _split(usage, "output_by", usage.output_by, to)
    kept = None if usage.spelt is None else spelt(usage, "output", usage.output)
    if kept is not None:
        out.candidates_token_count = msgspec.json.decode(kept["candidatesTokenCount"])
    if usage.cache_write:
        to.lose("dropped", usage, "cache_write", "usage.cache_write")
    if chat.service_tier is not None:
        out.service_tier = _tier(chat, chat.service_tier, to)
    return out if usage.ext is None else graft(out, usage.leftovers(CODEC))


def _tier(chat: ir.ChatResponse, tier: str, to: Scope) -> Any:
    if spelt(chat, "tier", tier) is not None:
        return tier
    word = TIER_WORDS.get(tier)
    if word is None:
        to.lose("dropped", chat, "service_tier", "response.service_tier", "unknown here")
    return UNSET if word is None else word


def _split(usage: ir.Usage, field: str, split: tuple[tuple[str, int], ...], to: Scope) -> Any:
    kept = spelt(usage, field, split)
    if kept is not None:
        return next(iter(msgspec.json.decode(raw) for raw in kept.values()))
    if not split:
        return UNSET
    found: list[ModalityTokenCount] = []
    for word, count in split:
        if to.same or word in _WORDS:
            found.append(ModalityTokenCount(word.upper(), count))
        else:
            to.lose("dropped", usage, field, f"usage.{field}.{word}", "no such modality")
    return found or UNSET
