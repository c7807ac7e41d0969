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
        _set(usage.input),
        _set(usage.output),
        _set(usage.total),
        _set(usage.reasoning),
        _set(usage.cached),
        _set(usage.tool_input),
        _split(usage, "input_by", usage.input_by, to),
        _split(usage, "output_by", usage.output_by, to),
    )
    kept = spelt(usage, "output", usage.output)
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
    return _set(word)


def _set(value: Any) -> Any:
    return UNSET if value is None else value


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
