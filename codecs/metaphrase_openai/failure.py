"""OpenAI's errors: https://platform.openai.com/docs/guides/error-codes, and what others send in their place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET, UnsetType

from metaphrase.failure_words import words
from metaphrase.failures import read_failure, write_failure_answer
from metaphrase.http import Response
from metaphrase.ir import At, Failure
from metaphrase.loss import Report
from metaphrase.rpc import CARRIER, HTTP_OF, details, reason_of, seconds
from metaphrase.untyped import is_array, is_object
from metaphrase.wirejson import Wire, join

from .names import CODEC

_KEY_INVALID = "invalid_api_key"
_DOMAINS = (CARRIER, "googleapis.com")
_CARRIED = ("type", "http_status")  # what our own ErrorInfo brings along


class Error(Wire):
    """An error object. OpenAI always sends all four members."""

    message: str
    type: str | None
    param: str | None
    code: str | None


class ErrorBody(Wire):
    """The body of an error answer, or the data of an error event."""

    error: Any
    request_id: str | UnsetType = UNSET


class Failures:
    """Reads any error answer, and writes OpenAI's."""

    def read(self, wire: Response, report: Report) -> Failure:
        """An error answer of any shape."""
        return read_failure(wire, CODEC, report)

    def write(self, failure: Failure, report: Report) -> Response:
        """An error answer; what this codec has read stands in it as it was, but for keys and tokens."""
        return write_failure_answer(failure, CODEC, status_of(failure), lambda: error_body(failure, report))


def status_of(failure: Failure) -> int:
    """The HTTP status: a bad key is 401 here, whatever Google says (400)."""
    if failure.origin != CODEC and failure.reason == _KEY_INVALID:
        return 401
    return failure.status if 400 <= failure.status < 600 else HTTP_OF.get(failure.code, 500)


def error_body(failure: Failure, report: Report) -> ErrorBody:
    """The body, which is also the data of an error event in a stream."""
    kind, code = words(failure.code, failure.status)
    if failure.type is not None or failure.reason is not None:
        kind, code = failure.type or kind, failure.reason
    if failure.origin != CODEC:
        _report_details(failure, report)
    error = Error(message=failure.message, type=kind, param=failure.param, code=code)
    return ErrorBody(error=join(error, failure.leftovers(CODEC)))


def _report_details(failure: Failure, report: Report) -> None:
    """Name what the details say beyond the code, the parameter and the delay that the body and its headers hold."""
    up = At(failure.at, "details")
    seen: set[int] = set()
    for place, kind, members in details(failure.details):
        seen.add(place)
        at = At(up, place)
        if kind not in _SAID:
            report.add("dropped", at, None, "failure.details", CODEC)
            continue
        for steps in _unsaid(kind, members, failure):
            report.add("dropped", at, steps, "failure.details", CODEC)
    for place in range(len(failure.details)):
        if place not in seen:
            report.add("dropped", up, place, "failure.details", CODEC)


def _unsaid(kind: str, members: dict[str, Any], failure: Failure) -> Iterator[tuple[str | int, ...]]:
    said = _SAID[kind]
    for key, value in members.items():
        if key == "@type" or (key == said and _shows(kind, value, failure)):
            continue
        if key == said and is_array(value):
            yield from _unsaid_of_violations(kind, key, value, failure)
        elif kind == "ErrorInfo" and key == "metadata" and is_object(value):
            shown = (failure.type, str(failure.status))
            yield from ((key, name) for name in value if name not in _CARRIED or value[name] not in shown)
        elif kind == "ErrorInfo" and value in _DOMAINS:
            continue
        elif value not in (None, [], {}):
            yield (key,)


def _shows(kind: str, value: Any, failure: Failure) -> bool:
    if kind == "ErrorInfo":
        code = failure.reason
        return code is not None and value in (reason_of(code), "API_KEY_INVALID" if code == _KEY_INVALID else None)
    if kind == "RetryInfo":
        return failure.retry_after is not None and seconds(value) == failure.retry_after
    return bool(value == (failure.message if kind == "LocalizedMessage" else failure.request_id))


def _unsaid_of_violations(
    kind: str, key: str, violations: list[Any], failure: Failure
) -> Iterator[tuple[str | int, ...]]:
    """Of a broken quota only that it is a daily one shows, of a bad request only the first field."""
    for place, one in enumerate(violations):
        if not is_object(one):
            yield (key, place)
            continue
        for name, value in one.items():
            first = kind == "BadRequest" and place == 0 and name == "field" and value == failure.param
            if not first and (name, value) != ("description", failure.message):
                yield (key, place, name)


_SAID = {
    "ErrorInfo": "reason",
    "RetryInfo": "retryDelay",
    "LocalizedMessage": "message",
    "RequestInfo": "requestId",
    "QuotaFailure": "violations",
    "BadRequest": "fieldViolations",
}
"""The member of each kind of detail that an OpenAI error can repeat, at least in part."""

failures = Failures()
