"""Embeddings as data: https://platform.openai.com/docs/api-reference/embeddings. No logic."""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from metaphrase.wirejson import Wire


class EmbeddingRequest(Wire):
    """``input`` is a text, a list of texts, a list of tokens, or a list of lists of tokens. The last two members are
    other servers'.
    """

    input: Raw | UnsetType = UNSET
    model: str | UnsetType = UNSET
    encoding_format: str | UnsetType = UNSET
    dimensions: int | UnsetType = UNSET
    user: Raw | UnsetType = UNSET
    input_type: str | UnsetType = UNSET
    output_dimension: int | UnsetType = UNSET


class Embedding(Wire):
    """One vector: an array of numbers, or base64."""

    object: str | UnsetType = UNSET
    index: int | UnsetType = UNSET
    embedding: Raw | UnsetType = UNSET


class EmbeddingUsage(Wire):
    """Tokens. Servers other than OpenAI's add ``completion_tokens``, which is 0."""

    prompt_tokens: int | UnsetType = UNSET
    total_tokens: int | UnsetType = UNSET
    completion_tokens: int | UnsetType = UNSET


class EmbeddingList(Wire):
    """The answer."""

    object: str | UnsetType = UNSET
    data: list[Embedding] | UnsetType = UNSET
    model: str | UnsetType = UNSET
    usage: EmbeddingUsage | UnsetType = UNSET
