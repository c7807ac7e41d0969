"""Models as data: https://ai.google.dev/api/models. No logic."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from .wire.content import Gemini


class Model(Gemini):
    """`Model`."""

    name: str | UnsetType = UNSET
    display_name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    version: str | UnsetType = UNSET
    input_token_limit: int | UnsetType = UNSET
    output_token_limit: int | UnsetType = UNSET
    supported_generation_methods: list[str] | UnsetType = UNSET


class ModelList(Gemini):
    """`ListModelsResponse`."""

    models: list[Model] | UnsetType = UNSET
    next_page_token: str | UnsetType = UNSET
