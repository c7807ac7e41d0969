"""`google.rpc.Status` as JSON. No logic."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Raw, UnsetType

from metaphrase.wirejson import Wire


class Status(Wire):
    """An error object; `code` is the HTTP status, `status` the name of the google.rpc code."""

    code: int
    message: str
    status: str
    details: list[Raw | dict[str, Any]] | UnsetType = UNSET


class StatusBody(Wire):
    """The body of an error answer, or the data of an error event."""

    error: Any
