"""Chunks of a streamed answer as data: openapi.yaml 2.3.0, and what is common beside it.

A delta is a message whose texts are pieces.
"""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from metaphrase.wirejson import Wire

from .wire import Message


class ChunkChoice(Wire):
    """One choice of a chunk. ``message``: the whole answer so far beside the delta (Perplexity)."""

    index: int | UnsetType = UNSET
    delta: Message | UnsetType = UNSET
    finish_reason: str | UnsetType | None = UNSET
    logprobs: Raw | UnsetType = UNSET
    native_finish_reason: Raw | UnsetType = UNSET
    message: Raw | UnsetType = UNSET
    content_filter_results: Raw | UnsetType = UNSET


class Chunk(Wire):
    """A chunk. ``obfuscation`` and Mistral's ``p`` are padding that hides how long the texts are."""

    id: str | UnsetType = UNSET
    object: str | UnsetType = UNSET
    created: int | UnsetType = UNSET
    model: str | UnsetType = UNSET
    choices: list[ChunkChoice] | UnsetType = UNSET
    usage: Raw | UnsetType = UNSET
    service_tier: str | UnsetType | None = UNSET
    system_fingerprint: Raw | UnsetType = UNSET
    error: Raw | UnsetType = UNSET
    obfuscation: Raw | UnsetType = UNSET
    p: Raw | UnsetType = UNSET
    provider: Raw | UnsetType = UNSET
