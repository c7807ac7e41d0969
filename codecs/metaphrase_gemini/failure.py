"""Gemini's errors: google.rpc.Status as JSON, https://cloud.google.com/apis/design/errors#http_mapping.

A key that nobody knows is a bad argument here (400, with the reason `API_KEY_INVALID`), and 401 at OpenAI: each client
is told what its own vendor would have said. Any other 401 stays one, since Google has those as well.

What has no place of its own in a Status rides in an ErrorInfo whose `domain` is `metaphrase`: `reason` is the code in
UPPER_SNAKE_CASE, `metadata.type` the type, `metadata.http_status` a status that Google does not use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Raw

from metaphrase.failure_words import words
from metaphrase.failures import read_failure, write_failure_answer
from metaphrase.http import Response
from metaphrase.ir import At, Failure
from metaphrase.loss import Report
from metaphrase.rpc import CARRIER, HTTP_OF, TYPE, detail, details, duration, reason_of, sensible
from metaphrase.untyped import is_array, is_object
from metaphrase.wirejson import join

from .wire_failure import Status, StatusBody
from .words import CODEC

_STATUS: Mapping[int, int] = {402: 429, 408: 504, 413: 400, 415: 400, 422: 400, 529: 503}
"""Statuses that Google does not use, and those that its clients know in their place."""

_KEY_INVALID = ("invalid_api_key", "API_KEY_INVALID")
"""OpenAI's word for a key that nobody knows, and Google's."""

_GOOGLE = "googleapis.com"


class Failures:
    """Reads any error answer, and writes Google's."""

    def read(self, wire: Response, report: Report) -> Failure:
        """An error answer of any shape."""
        return read_failure(wire, CODEC, report)

    def write(self, failure: Failure, report: Report) -> Response:
        """An error answer; what this codec has read stands in it as it was, but for keys and tokens."""
        return write_failure_answer(failure, CODEC, status_of(failure), lambda: error_body(failure, report))


def status_of(failure: Failure) -> int:
    """The HTTP status, one that Google sends."""
    if _is_bad_key(failure):
        return 400
    status = _plain_status(failure)
    return _STATUS.get(status, status)


def _plain_status(failure: Failure) -> int:
    return failure.status if 400 <= failure.status < 600 else HTTP_OF.get(failure.code, 500)


def _is_bad_key(failure: Failure) -> bool:
    """Whether another protocol says that nobody knows the key. Where its status says something else, that counts."""
    return failure.origin != CODEC and failure.reason in _KEY_INVALID and _plain_status(failure) in (400, 401)


def error_body(failure: Failure, report: Report) -> StatusBody:
    """The body, which is also the data of an error event in a stream."""
    written = _details(failure, report)
    name = "INVALID_ARGUMENT" if _is_bad_key(failure) else failure.code if failure.code in HTTP_OF else "UNKNOWN"
    status = Status(code=status_of(failure), message=failure.message, status=name)
    if written:
        status.details = written
    return StatusBody(error=join(status, failure.leftovers(CODEC)))


def _details(failure: Failure, report: Report) -> list[Raw | dict[str, Any]]:
    """Google's own details as they are, and what the failure says besides."""
    out: list[Raw | dict[str, Any]] = []
    known: dict[str, dict[str, Any]] = {}
    dropped = set(range(len(failure.details)))
    for place, kind, members in details(failure.details):
        if failure.origin == CODEC or str(members.get("@type", "")).startswith(TYPE):
            dropped.remove(place)
            known[kind] = members
            out.append(failure.details[place])
    for place in sorted(dropped):
        report.add("dropped", At(failure.at, "details"), place, "failure.details", CODEC, "no detail of Google's form")
    info = _error_info(failure)
    if info is not None:
        if "ErrorInfo" not in known:
            out.append(info)
        else:
            _report_unsaid(failure, info, known["ErrorInfo"], report)
    if failure.param is not None and "BadRequest" in known and not _names(known["BadRequest"], failure.param):
        report.add("dropped", failure.at, "param", "failure.param", CODEC, "the details name other fields")
    if failure.reason == "insufficient_quota" and "QuotaFailure" not in known:
        out.append(detail("QuotaFailure", violations=[{"description": failure.message}]))
    if failure.param is not None and "BadRequest" not in known:
        violation = {"field": failure.param, "description": failure.message}
        out.append(detail("BadRequest", fieldViolations=[violation]))
    delay = sensible(failure.retry_after)
    if delay is not None and "RetryInfo" not in known:
        out.append(detail("RetryInfo", retryDelay=duration(delay)))
    return out


def _names(request: dict[str, Any], param: str) -> bool:
    """Whether a BadRequest speaks of this parameter."""
    violations = request.get("fieldViolations")
    return is_array(violations) and any(is_object(one) and one.get("field") == param for one in violations)


def _report_unsaid(failure: Failure, info: dict[str, Any], given: dict[str, Any], report: Report) -> None:
    """A status has room for one ErrorInfo: what the one that was given does not say is lost."""
    metadata = given.get("metadata")
    told = metadata.get("type") if is_object(metadata) else None
    if failure.reason is not None and info.get("reason") != given.get("reason"):
        report.add("dropped", failure.at, "code", "failure.code", CODEC, "the details name another reason")
    if failure.type is not None and info.get("metadata", {}).get("type") != told:
        report.add("dropped", failure.at, "type", "failure.type", CODEC, "the details have an ErrorInfo of their own")


def _error_info(failure: Failure) -> dict[str, Any] | None:
    """Type, code and status, as far as the class does not say them already."""
    kind, code = words(failure.code, failure.status)
    metadata: dict[str, str] = {}
    if failure.type is not None and failure.type != kind:
        metadata["type"] = failure.type
    if failure.status in _STATUS:
        metadata["http_status"] = str(failure.status)
    more: dict[str, Any] = {"metadata": metadata} if metadata else {}
    if failure.reason in _KEY_INVALID:
        return detail("ErrorInfo", reason=_KEY_INVALID[1], domain=_GOOGLE, **more)
    if failure.reason in (None, code) and not metadata:
        return None
    named: dict[str, Any] = {} if failure.reason is None else {"reason": reason_of(failure.reason)}
    return detail("ErrorInfo", **named, domain=CARRIER, **more)


failures = Failures()
