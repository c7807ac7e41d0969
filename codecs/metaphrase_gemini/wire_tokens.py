"""Token counts as data: https://ai.google.dev/api/tokens. No logic."""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from .wire.content import Gemini
from .wire.response import ModalityTokenCount


class CountRequest(Gemini):
    """`CountTokensRequest`; Vertex AI takes what stands in `generateContentRequest` at the top level."""

    generate_content_request: Raw | UnsetType = UNSET
    contents: Raw | UnsetType = UNSET


class CountResponse(Gemini):
    """`CountTokensResponse`."""

    total_tokens: int | UnsetType = UNSET
    cached_content_token_count: int | UnsetType = UNSET
    prompt_tokens_details: list[ModalityTokenCount] | UnsetType = UNSET
