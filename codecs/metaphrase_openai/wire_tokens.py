"""`/v1/responses/input_tokens` as data: https://platform.openai.com/docs/api-reference/responses. No logic."""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from metaphrase.wirejson import Wire


class InputTool(Wire):
    """A tool; a function's members stand beside its type."""

    type: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    parameters: Raw | UnsetType = UNSET
    strict: bool | UnsetType = UNSET


class InputPart(Wire):
    """A piece of a message."""

    type: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    image_url: Raw | UnsetType = UNSET
    detail: str | UnsetType = UNSET
    file_data: Raw | UnsetType = UNSET
    file_url: str | UnsetType = UNSET
    filename: str | UnsetType = UNSET


class InputItem(Wire):
    """A message (the type may be missing), a call of a function, or its output."""

    type: str | UnsetType = UNSET
    role: str | UnsetType = UNSET
    content: Raw | UnsetType = UNSET
    call_id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    arguments: str | UnsetType = UNSET
    output: Raw | UnsetType = UNSET


class InputTokens(Wire):
    """The request."""

    model: str | UnsetType = UNSET
    instructions: str | UnsetType = UNSET
    input: Raw | UnsetType = UNSET
    tools: list[InputTool] | UnsetType = UNSET


class TokenCountBody(Wire):
    """The answer."""

    object: str | UnsetType = UNSET
    input_tokens: int | UnsetType = UNSET
