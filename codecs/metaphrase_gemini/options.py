"""What a caller can choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from .models import Family


class Choices(Struct, frozen=True, forbid_unknown_fields=True):
    """How Gemini is written, by plain values: see ``Options``."""

    schema: Literal["json", "openapi"] = "json"
    voices: dict[str, str] = {}


class Options(Struct, frozen=True):
    """``models``: rows that come before the built-in table. ``schema``: how schemas go out, as JSON Schema
    (``parametersJsonSchema``, ``responseJsonSchema``) or down-converted to Gemini's ``Schema``. ``references``: what
    becomes of a medium at a web address; ``pass``: its address goes out as ``fileData``; ``ask``: the caller of an
    exchange is asked for its bytes. ``voices``: Gemini's voices by the names that clients use.
    """

    models: tuple[Family, ...] = ()
    schema: Literal["json", "openapi"] = "json"
    references: Literal["pass", "ask"] = "pass"
    voices: Mapping[str, str] = {}
