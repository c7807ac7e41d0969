"""What a failure is called: OpenAI's type and code for each google.rpc class, and the status that a word speaks of.

Sources: google/rpc/code.proto; https://platform.openai.com/docs/guides/error-codes; the types that OpenAI's and
compatible servers send.
"""

from __future__ import annotations

from collections.abc import Mapping

from .rpc import HTTP_OF, code_of

Words = tuple[str, str | None]
"""Type and code."""

_OF_CODE: Mapping[str, Words] = {
    "INVALID_ARGUMENT": ("invalid_request_error", None),
    "FAILED_PRECONDITION": ("invalid_request_error", "failed_precondition"),
    "OUT_OF_RANGE": ("invalid_request_error", "out_of_range"),
    "UNAUTHENTICATED": ("authentication_error", None),  # not a bad key, which Google calls a bad argument
    "PERMISSION_DENIED": ("permission_error", "permission_denied"),
    "NOT_FOUND": ("invalid_request_error", "not_found"),
    "ALREADY_EXISTS": ("conflict_error", "already_exists"),
    "ABORTED": ("conflict_error", "aborted"),
    "RESOURCE_EXHAUSTED": ("rate_limit_error", "rate_limit_exceeded"),
    "CANCELLED": ("server_error", "cancelled"),
    "UNKNOWN": ("server_error", "unknown"),
    "INTERNAL": ("server_error", "internal"),
    "DATA_LOSS": ("server_error", "data_loss"),
    "UNIMPLEMENTED": ("server_error", "unimplemented"),
    "UNAVAILABLE": ("server_error", "service_unavailable"),
    "DEADLINE_EXCEEDED": ("server_error", "timeout"),
}

_OF_STATUS: Mapping[int, Words] = {
    413: ("invalid_request_error", "request_too_large"),
    502: ("server_error", "bad_gateway"),
}

_CODE_OF_REASON: Mapping[str, str] = {reason: code for code, (_, reason) in _OF_CODE.items() if reason}

_STATUS_OF_WORD: tuple[tuple[str, int], ...] = (  # the first that a type or code begins with
    ("rate_limit", 429),
    ("insufficient_quota", 429),
    ("too_many_requests", 429),
    ("invalid_api_key", 401),
    ("authentication", 401),
    ("permission", 403),
    ("model_not_found", 404),
    ("not_found", 404),
    ("conflict", 409),
    ("request_too_large", 413),
    ("context_length", 400),
    ("invalid_request", 400),
    ("overloaded", 503),
    ("service_unavailable", 503),
    ("timeout", 504),
)


def words(code: str, status: int) -> Words:
    """The type and code of a failure that says nothing more of itself. An unknown class is its own code."""
    found = _OF_STATUS.get(status) or _OF_CODE.get(code)
    if found is None:
        found = ("invalid_request_error" if status < 500 else "server_error", code.lower() or None)
    return found


def class_of(status: int, reason: str | None) -> str:
    """The google.rpc class of an HTTP status, made finer by a code that names one of the same status."""
    found = _CODE_OF_REASON.get(reason or "")
    return found if found is not None and HTTP_OF[found] == status else code_of(status)


def status_of(*said: str | None) -> int:
    """The HTTP status that a type or a code speaks of, where the server gave none; 500 if nothing does."""
    for word in said:
        for start, status in _STATUS_OF_WORD:
            if word is not None and word.lower().startswith(start):
                return status
    return 500
