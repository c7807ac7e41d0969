"""How much to think, in the words of the model's family: https://ai.google.dev/gemini-api/docs/openai#thinking.

Whatever is asked for becomes something that the family takes. Where two wishes give the same request, the one that is
not the family's own word is reported.
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from metaphrase import ir
from metaphrase.loss import LossKind
from metaphrase_gemini.models import LEVELS, Family
from metaphrase_gemini.wire.request import ThinkingConfig

from .scope import Scope

_BUDGETS = {"none": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 24576, "max": 24576}
_EXACT = frozenset({"none", "low", "medium", "high"})
_ORDER = ("none", *LEVELS, "xhigh", "max")


def write_thinking(chat: ir.ChatRequest, setting: ir.ThinkingSetting, to: Scope) -> ThinkingConfig | UnsetType:
    """The setting as the family takes it."""
    if to.family.thinking == "none":
        _unsupported(chat, setting, to)
        return UNSET
    field = _chosen(chat, setting, to)
    out = ThinkingConfig(_include(setting))
    if field is not None:
        if to.family.thinking == "level":
            out.thinking_level = _level(chat, setting, field, to)
        else:
            out.thinking_budget = _budget(chat, setting, field, to)
    return UNSET if out == ThinkingConfig() else out


def _include(setting: ir.ThinkingSetting) -> bool | UnsetType:
    """Whether to show the thoughts. The vendors whose knob switches thinking on show them as soon as it is on."""
    if setting.include is not None:
        return setting.include
    return True if setting.enabled else UNSET


def _unsupported(chat: ir.ChatRequest, setting: ir.ThinkingSetting, to: Scope) -> None:
    """A model that does not think: only the wish for none is granted."""
    granted = (None, "none", 0, False)
    for field in ("effort", "level", "budget", "enabled", "include"):
        if getattr(setting, field) not in granted:
            to.lose("dropped", chat, f"thinking.{field}", f"thinking.{field}", "this model does not think")


def _chosen(chat: ir.ChatRequest, setting: ir.ThinkingSetting, to: Scope) -> str | None:
    """The wish that counts where several are given; the others are reported."""
    order = ("level", "budget", "effort", "enabled")
    given = [field for field in order if getattr(setting, field) is not None]
    for field in given[1:]:
        shows = field == "enabled" and setting.include is None  # whether to include the thoughts
        if not (shows and setting.enabled):
            kind: LossKind = "approximated" if shows else "dropped"
            to.lose(kind, chat, f"thinking.{field}", f"thinking.{field}", f"{given[0]} is given as well")
    return given[0] if given else None


def _level(chat: ir.ChatRequest, setting: ir.ThinkingSetting, field: str, to: Scope) -> str | UnsetType:
    if field == "budget":
        budget = setting.budget or 0
        if budget < 0:
            return UNSET
        word = "none" if budget == 0 else "low" if budget <= 1024 else "medium" if budget <= 8192 else "high"
        to.lose("approximated", chat, "thinking.budget", "thinking.budget", "as a level")
        return _nearest(word, to.family).upper()
    if field == "enabled":
        if setting.enabled:
            return UNSET
        word = "none"
    else:
        word = str(getattr(setting, field)).lower()
    if word not in _ORDER:
        to.lose("dropped", chat, f"thinking.{field}", f"thinking.{field}", "not a level")
        return UNSET
    level = _nearest(word, to.family)
    if level != word:
        to.lose("approximated", chat, f"thinking.{field}", f"thinking.{field}", f"{level} is what this model takes")
    return level.upper()


def _nearest(word: str, family: Family) -> str:
    """The level itself, else the next higher one that the family has, else its highest."""
    wanted = _ORDER.index(word)
    higher = [level for level in family.levels if _ORDER.index(level) >= wanted]
    return higher[0] if higher else family.levels[-1]


def _budget(chat: ir.ChatRequest, setting: ir.ThinkingSetting, field: str, to: Scope) -> int | UnsetType:
    family = to.family
    word = ""
    if field == "budget":
        wanted = setting.budget or 0
    elif field == "enabled":
        if setting.enabled:
            return -1
        wanted = 0
    else:
        word = str(getattr(setting, field)).lower()
        if word not in _BUDGETS:
            to.lose("dropped", chat, f"thinking.{field}", f"thinking.{field}", "not a level")
            return UNSET
        wanted = _BUDGETS[word]
    if wanted == -1:
        return -1
    budget = wanted if wanted == 0 and family.off else min(max(wanted, family.least), family.most)
    if budget != wanted or (word and word not in _EXACT):
        to.lose("approximated", chat, f"thinking.{field}", f"thinking.{field}", f"{budget} tokens")
    return budget
