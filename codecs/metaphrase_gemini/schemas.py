"""Schemas on their way in and out. A conversation repeats its schemas in every request, so conversions are kept."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Raw

from metaphrase.ir import At, JsonSchema
from metaphrase.loss import Report

from .schema import SchemaLoss, to_gemini, to_json_schema
from .words import CODEC

_KEPT = 512
_LONGEST = 1 << 16  # a longer schema is converted each time, so that the kept ones stay small


@lru_cache(_KEPT)
def _up(schema: bytes) -> tuple[JsonSchema, tuple[SchemaLoss, ...]]:
    raw, losses = to_json_schema(schema)
    return JsonSchema(raw), losses


@lru_cache(_KEPT)
def down(schema: bytes) -> tuple[Raw, tuple[SchemaLoss, ...]]:
    """A JSON Schema as Gemini's `Schema`, and what that cannot say."""
    return to_gemini(schema)


def up(schema: bytes, at: At | None, key: str, report: Report) -> JsonSchema:
    """Gemini's `Schema` as a JSON Schema; what it loses counts if another codec writes."""
    found, losses = _up(schema) if len(schema) <= _LONGEST else _up.__wrapped__(schema)
    for loss in losses:
        report.crossing(loss.kind, at, (key, *loss.keys), loss.feature, CODEC, loss.detail)
    return found
