"""google.rpc: status codes and their HTTP statuses, durations, and the details of an error.

Sources: google/rpc/code.proto (the HTTP mapping stands in its comments), error_details.proto, and ProtoJSON for
durations. The codes are the IR's classes of failure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import DecodeError, Raw, Struct

from .untyped import is_array, is_object

HTTP_OF: Mapping[str, int] = {
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DATA_LOSS": 500,
    "UNAUTHENTICATED": 401,
}

_CODE_OF: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "RESOURCE_EXHAUSTED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
    529: "UNAVAILABLE",
}

TYPE = "type.googleapis.com/google.rpc."
CARRIER = "metaphrase"
"""The domain of an ``ErrorInfo`` in which this library carries what only another protocol has words for."""

_DURATION = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,9}))?s\Z")
_STATUS = re.compile(r"[45][0-9]{2}\Z")
_MOST_SECONDS = 10.0**9
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def code_of(status: int) -> str:
    """The class of failure that an HTTP status speaks of."""
    return _CODE_OF.get(status) or ("INVALID_ARGUMENT" if 400 <= status < 500 else "INTERNAL")


def details(raw: tuple[Raw, ...]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each detail that is an object: its place, the last part of its type (``ErrorInfo``), its members."""
    for place, one in enumerate(raw):
        try:
            found = _decode(one)
        except DecodeError:
            continue
        kind = found.get("@type")
        yield place, kind.removeprefix(TYPE) if isinstance(kind, str) else "", found


def detail(kind: str, **members: Any) -> dict[str, Any]:
    """A detail of google.rpc's own kind."""
    return {"@type": TYPE + kind, **members}


def seconds(duration: object) -> float | None:
    """Seconds of a protobuf Duration such as ``34.074824224s``."""
    match = _DURATION.match(duration) if isinstance(duration, str) else None
    return None if match is None else float(f"{match[1]}{match[2]}.{match[3] or 0}")


def duration(value: float) -> str:
    """Seconds as a protobuf Duration."""
    return f"{value:.9f}".rstrip("0").rstrip(".") + "s"


def sensible(value: float | None) -> float | None:
    """A delay that can be waited for, else None."""
    return value if value is not None and math.isfinite(value) and 0 <= value <= _MOST_SECONDS else None


class Said(Struct, frozen=True, gc=False):
    """What the details of an error say in words that others have too.

    ``carried``: the reason is another protocol's code; ``type`` and ``status`` came with it.
    """

    reason: str | None = None
    carried: bool = False
    type: str | None = None
    status: int | None = None
    delay: float | None = None
    daily: bool = False
    param: str | None = None
    request_id: str | None = None


def said(raw: tuple[Raw, ...]) -> Said:
    """What the details say; the first of a kind counts."""
    out: dict[str, Any] = {}
    for _, kind, members in details(raw):
        reader = _READERS.get(kind)
        if reader is not None:
            out = {key: value for key, value in reader(members).items() if value is not None} | out
    return Said(**out)


def reason_of(code: str) -> str:
    """A code as an ``ErrorInfo.reason``, which is UPPER_SNAKE_CASE; the way back is ``code_of_reason``."""
    return code.upper() if code == code.lower() else code


def code_of_reason(reason: str) -> str:
    """The code that ``reason_of`` made this reason of."""
    return reason.lower() if reason == reason.upper() else reason


def _error_info(members: dict[str, Any]) -> dict[str, Any]:
    reason, domain, metadata = members.get("reason"), members.get("domain"), members.get("metadata")
    more = metadata if is_object(metadata) else {}
    kind, status = more.get("type"), more.get("http_status")
    carried = domain == CARRIER
    number = int(status) if carried and isinstance(status, str) and _STATUS.match(status) else None
    return {
        "reason": code_of_reason(reason) if isinstance(reason, str) and reason else None,
        "carried": carried,
        "type": kind if isinstance(kind, str) else None,
        "status": number,
    }


def _retry_info(members: dict[str, Any]) -> dict[str, Any]:
    return {"delay": sensible(seconds(members.get("retryDelay")))}


def _quota_failure(members: dict[str, Any]) -> dict[str, Any]:
    violations = members.get("violations")
    ids = [one.get("quotaId") for one in violations if is_object(one)] if is_array(violations) else []
    return {"daily": any(isinstance(one, str) and "PerDay" in one for one in ids)}


def _bad_request(members: dict[str, Any]) -> dict[str, Any]:
    violations = members.get("fieldViolations")
    first = violations[0] if is_array(violations) and violations else None
    field = first.get("field") if is_object(first) else None
    return {"param": field if isinstance(field, str) and field else None}


def _request_info(members: dict[str, Any]) -> dict[str, Any]:
    found = members.get("requestId")
    return {"request_id": found if isinstance(found, str) and found else None}


_READERS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "ErrorInfo": _error_info,
    "RetryInfo": _retry_info,
    "QuotaFailure": _quota_failure,
    "BadRequest": _bad_request,
    "RequestInfo": _request_info,
}
