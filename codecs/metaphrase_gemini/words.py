"""Gemini's words and the IR's, as tables. Enums come by name in any case, or by number (`$alt=json;enum-encoding=int`).

Numbers: google/ai/generativelanguage/v1beta/{content,generative_service}.proto.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

CODEC = "gemini"

ROLES: Mapping[str, Literal["user", "model"]] = {"user": "user", "model": "model"}
"""Roles that the server takes. `function` stands in old documentation and is read as the user's."""

MODES: Mapping[str | int, Literal["auto", "none", "required", "validated"]] = {
    "AUTO": "auto", "ANY": "required", "NONE": "none", "VALIDATED": "validated",
    1: "auto", 2: "required", 3: "none", 4: "validated",
}  # fmt: skip
MODE_WORDS: Mapping[str, str] = {"auto": "AUTO", "required": "ANY", "none": "NONE", "validated": "VALIDATED"}

TIERS: Mapping[str, str] = {"standard": "default", "flex": "flex", "priority": "priority"}
"""`serviceTier` (lower case on the wire) in OpenAI's words."""
TIER_WORDS: Mapping[str, str] = {"default": "standard", "flex": "flex", "priority": "priority", "fast": "priority"}

DETAILS: Mapping[str, str] = {
    "MEDIA_RESOLUTION_LOW": "low",
    "MEDIA_RESOLUTION_MEDIUM": "medium",
    "MEDIA_RESOLUTION_HIGH": "high",
    "MEDIA_RESOLUTION_ULTRA_HIGH": "ultra",
}
DETAIL_WORDS: Mapping[str, str] = {detail: word for word, detail in DETAILS.items()}

MODALITIES: Mapping[int, str] = {1: "text", 2: "image", 3: "video", 4: "audio", 5: "document"}
"""`Modality` of token counts."""
MODALITY_NAMES: Mapping[object, str] = {word.upper(): word for word in MODALITIES.values()}

INT32 = range(-(2**31), 2**31)
"""What an `int32` of a proto holds."""

OUTPUT_MODALITIES = ("text", "image", "audio")
"""`GenerationConfig.Modality`, from 1."""

LANGUAGES: Mapping[int, str] = {1: "PYTHON"}
OUTCOMES: Mapping[int, str] = {1: "OUTCOME_OK", 2: "OUTCOME_FAILED", 3: "OUTCOME_DEADLINE_EXCEEDED"}

MIMES: Mapping[str, Literal["text", "json", "enum"]] = {
    "text/plain": "text", "application/json": "json", "text/x.enum": "enum",
}  # fmt: skip
MIME_WORDS: Mapping[str, str] = {
    "text": "text/plain", "json": "application/json", "schema": "application/json", "enum": "text/x.enum",
}  # fmt: skip

BUILTINS: Mapping[str, str] = {
    "googleSearch": "web_search",
    "urlContext": "url_context",
    "codeExecution": "code_execution",
    "googleMaps": "maps",
    "fileSearch": "file_search",
    "computerUse": "computer_use",
    "mcpServers": "mcp",
    "retrieval": "retrieval",
}
"""Tools that Google runs, in neutral words; any other keeps Google's name."""
BUILTIN_WORDS: Mapping[str, str] = {kind: key for key, kind in BUILTINS.items()}
