"""What each family of models takes, as data. A caller's rows come before these; the first that fits counts.

Sources: https://ai.google.dev/gemini-api/docs/thinking, .../thought-signatures, .../media-resolution, .../openai and
the error texts that users report. Levels and limits change with releases: look here first when the server says 400.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from msgspec import Struct

LEVELS = ("minimal", "low", "medium", "high")
_IMAGES = ("image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain")


class Family(Struct, frozen=True):
    """One family. ``models``: a regular expression that matches the start of the model's name.

    ``thinking``: by ``level`` (one of ``levels``), by ``budget`` (``least`` to ``most`` tokens; ``off``: 0 ends it;
    -1 lets the model decide), or not at all. ``sampling``: temperature, top_p and top_k count. ``penalties`` and
    ``logprobs`` are taken. ``candidates``: the most per request. ``system``: takes a system instruction.
    ``result_media``: MIME types inside a function's response. ``resolution``: detail for each medium. ``signatures``:
    refuses function calls of the current turn without one. ``mixed_tools``: functions beside Google's own tools.
    """

    models: str
    thinking: Literal["level", "budget", "none"] = "level"
    levels: tuple[str, ...] = ("low", "medium", "high")
    least: int = 0
    most: int = 24576
    off: bool = False
    sampling: bool = True
    penalties: bool = True
    logprobs: bool = True
    candidates: int = 8
    system: bool = True
    result_media: tuple[str, ...] = ()
    resolution: bool = False
    signatures: bool = False
    mixed_tools: bool = False
    schema: Literal["json", "openapi"] = "json"


def _third(models: str, levels: tuple[str, ...] = ("low", "medium", "high"), *, sampling: bool = True) -> Family:
    """A family of Gemini 3 or later."""
    return Family(
        models,
        levels=levels,
        sampling=sampling,
        penalties=False,
        logprobs=False,
        candidates=1,
        result_media=_IMAGES,
        resolution=True,
        signatures=True,
        mixed_tools=True,
    )


FAMILIES: tuple[Family, ...] = (
    Family("gemma", "none", system=False),
    Family(r"gemini-(1|2\.0)(\D|$)", "none"),
    Family(r"gemini-2\.5-(flash|pro)-(image|preview-tts|tts|native-audio|preview-native-audio)", "none"),
    Family(r"gemini-2\.5-flash-lite", "budget", least=512, off=True),
    Family(r"gemini-2\.5-flash", "budget", least=1, off=True),
    Family(r"gemini-2\.5-pro", "budget", least=128, most=32768),
    Family(r"gemini-2(\D|$)", "budget", least=128),
    _third(r"gemini-3-pro", ("low", "high")),
    _third(r"gemini-3\.1-flash-lite", LEVELS),
    _third(r"gemini-3\.1-pro"),
    _third(r"gemini-3-flash", LEVELS),
    _third(r"gemini-3\.(5-flash-lite|5-flash|6-flash)", LEVELS, sampling=False),
    _third(r"gemini-3\.([7-9]|\d\d)", sampling=False),
    _third(r"gemini-3"),
    _third(r"gemini-([4-9]|\d\d)", sampling=False),
    _third(r"gemini-"),  # `gemini-flash-latest` and its like
    Family(""),
)


@lru_cache(256)
def family_of(model: str, own: tuple[Family, ...] = ()) -> Family:
    """The row for a model's name or resource name; the last row fits all."""
    name = model.rpartition("/")[2].lower()
    rows: Iterable[Family] = (*own, *FAMILIES)
    return next((row for row in rows if re.match(row.models, name)), FAMILIES[-1])
