"""Models as data: https://platform.openai.com/docs/api-reference/models. No logic."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from metaphrase.wirejson import Wire


class Model(Wire):
    """A model. All but the first four are what compatible servers add, each with words of its own."""

    id: str | UnsetType = UNSET
    object: str | UnsetType = UNSET
    created: int | UnsetType = UNSET
    owned_by: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    display_name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    context_length: int | UnsetType = UNSET
    max_model_len: int | UnsetType = UNSET
    max_context_length: int | UnsetType = UNSET
    context_window: int | UnsetType = UNSET
    max_completion_tokens: int | UnsetType = UNSET
    max_output_length: int | UnsetType = UNSET


class ModelList(Wire):
    """A list of models, in one page."""

    object: str | UnsetType = UNSET
    data: list[Model] | UnsetType = UNSET
