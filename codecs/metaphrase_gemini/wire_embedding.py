"""Embeddings as data: https://ai.google.dev/api/embeddings, and Vertex AI's `:predict`. No logic."""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType, field

from .wire.content import Gemini
from .wire.response import ModalityTokenCount


class EmbedConfig(Gemini):
    """Where Vertex AI keeps the settings of `:embedContent`."""

    task_type: str | int | UnsetType = UNSET
    title: str | UnsetType = UNSET
    output_dimensionality: int | UnsetType = UNSET


class EmbedRequest(EmbedConfig):
    """`EmbedContentRequest`, and one element of a batch."""

    content: Raw | UnsetType = UNSET
    model: str | UnsetType = UNSET
    embed_content_config: EmbedConfig | UnsetType = UNSET


class BatchRequest(Gemini):
    """`BatchEmbedContentsRequest`."""

    requests: list[EmbedRequest] | UnsetType = UNSET
    model: str | UnsetType = UNSET


class Instance(Gemini):
    """A text of `:predict`; the names are Vertex AI's."""

    content: str | UnsetType = UNSET
    task_type: str | UnsetType = field(default=UNSET, name="task_type")
    title: str | UnsetType = UNSET


class Parameters(Gemini):
    """The settings of `:predict`."""

    output_dimensionality: int | UnsetType = UNSET


class PredictRequest(Gemini):
    """`:predict`."""

    instances: list[Instance] | UnsetType = UNSET
    parameters: Parameters | UnsetType = UNSET


class Values(Gemini):
    """`ContentEmbedding`."""

    values: Raw | UnsetType = UNSET


class EmbeddingUsage(Gemini):
    """`EmbeddingUsageMetadata`; Vertex AI spells the details `promptTokensDetails`."""

    prompt_token_count: int | UnsetType = UNSET
    total_token_count: int | UnsetType = UNSET
    prompt_token_details: list[ModalityTokenCount] | UnsetType = UNSET
    prompt_tokens_details: list[ModalityTokenCount] | UnsetType = UNSET


class EmbedResponse(Gemini):
    """`EmbedContentResponse` and `BatchEmbedContentsResponse`."""

    embedding: Values | UnsetType = UNSET
    embeddings: list[Values] | UnsetType = UNSET
    usage_metadata: EmbeddingUsage | UnsetType = UNSET


class Statistics(Gemini):
    """What `:predict` counted."""

    token_count: int | float | UnsetType = field(default=UNSET, name="token_count")
    truncated: bool | UnsetType = UNSET


class PredictedValues(Gemini):
    """A vector of `:predict`."""

    values: Raw | UnsetType = UNSET
    statistics: Statistics | UnsetType = UNSET


class Prediction(Gemini):
    """One answer of `:predict`."""

    embeddings: PredictedValues | UnsetType = UNSET


class PredictResponse(Gemini):
    """The answer of `:predict`."""

    predictions: list[Prediction] | UnsetType = UNSET
