"""What a strict server says to a request that it refuses."""

from __future__ import annotations

from typing import Any, TypeGuard

from msgspec import Struct


class Objection(Struct, frozen=True):
    """A refusal: the HTTP status, and the vendor's own error body."""

    status: int
    body: dict[str, Any]

    @property
    def message(self) -> str:
        """What the vendor says."""
        return str(self.body["error"]["message"])


def google(message: str, violations: tuple[tuple[str, str], ...] = (), status: int = 400) -> Objection:
    """In Google's shape; ``violations`` are fields with what is wrong with each."""
    error: dict[str, Any] = {"code": status, "message": message, "status": _GOOGLE.get(status, "INVALID_ARGUMENT")}
    if violations:
        listed = [{"field": field, "description": text} for field, text in violations]
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": listed}]
    return Objection(status, {"error": error})


def openai(message: str, param: str | None = None, code: str | None = None, status: int = 400) -> Objection:
    """In OpenAI's shape."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return Objection(status, {"error": error})


_GOOGLE = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value is an array."""
    return isinstance(value, list)


def listed(value: object) -> list[Any]:
    """The array, or an empty one where there is none."""
    return value if is_list(value) else []


def members(value: object) -> dict[str, Any]:
    """The object, or an empty one where there is none."""
    return value if is_object(value) else {}


def names(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())
