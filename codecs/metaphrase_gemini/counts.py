"""Token counts by modality (`ModalityTokenCount`), for answers other than a chat's."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET, Raw, UnsetType

from metaphrase.ir import At
from metaphrase.loss import Report
from metaphrase.wirejson import encode, keep

from .read.content import whole
from .wire.response import ModalityTokenCount
from .words import CODEC, MODALITIES

Split = tuple[tuple[str, int], ...]
_NAMES: Mapping[int, str] = MODALITIES


def read_counts(given: list[ModalityTokenCount] | UnsetType, at: At, report: Report) -> tuple[Split, Raw | None]:
    """Counts by modality in lower case; and how they stood, where it was not in the usual way."""
    if given is UNSET:
        return (), None
    found: list[tuple[str, int]] = []
    plain = bool(given)
    for i, one in enumerate(given):
        word, count = one.modality, one.token_count
        name = word.lower() if isinstance(word, str) else "" if word is UNSET else _NAMES.get(word, str(word))
        found.append((name, 0 if count is UNSET else count))
        keep(one.extra, At(at, i), CODEC, report)
        plain = plain and count is not UNSET and one == ModalityTokenCount(modality=name.upper(), token_count=count)
    return tuple(found), None if plain else Raw(encode([whole(one) for one in given]))


def write_counts(split: Split) -> list[ModalityTokenCount]:
    """Counts by modality in Google's words."""
    return [ModalityTokenCount(modality=name.upper(), token_count=count) for name, count in split]
