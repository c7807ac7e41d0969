"""The headers of an error answer: how long to wait, whether to try again at all, and the id to ask the vendor about.

`retry-after` is seconds or a date (RFC 9110 section 10.2.3); OpenAI's SDKs prefer `retry-after-ms` and obey
`x-should-retry`.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from .http import Headers, Response
from .ir import Failure
from .rpc import sensible

_REQUEST_IDS = ("x-request-id", "request-id", "x-goog-request-id", "apim-request-id")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{0,9})?\Z")
_DATE = re.compile(r"[A-Za-z]{3}, ([0-9]{2}) ([A-Za-z]{3}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT\Z")
_TOKEN = re.compile(r"[\x21-\x7e]{1,256}\Z")


def read_retry_after(wire: Response) -> float | None:
    """Seconds to wait. A date counts from the answer's own `date`: there is no clock here."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        value = (wire.header(name) or "").strip()
        if _NUMBER.match(value):
            return sensible(float(value) / unit)
    then, now = _date(wire.header("retry-after")), _date(wire.header("date"))
    if then is None or now is None:
        return None
    return sensible(max(0.0, (then - now).total_seconds()))


def read_request_id(wire: Response) -> str | None:
    """The upstream's id of the call."""
    return next((value for name in _REQUEST_IDS if (value := wire.header(name))), None)


def is_request_id(value: object) -> bool:
    """Whether a value can stand in a header as the id of a call."""
    return isinstance(value, str) and _TOKEN.match(value) is not None


def read_retryable(wire: Response) -> bool | None:
    """Whether the server said that the client should try again."""
    return {"true": True, "false": False}.get((wire.header("x-should-retry") or "").strip().lower())


def write_headers(failure: Failure, content_type: str = "application/json") -> Headers:
    """The headers of an error answer. What could break a header apart is left out."""
    headers = [("content-type", content_type if content_type.isprintable() else "text/plain")]
    if failure.retry_after is not None and sensible(failure.retry_after) is not None:
        headers.append(("retry-after", str(math.ceil(failure.retry_after))))
        headers.append(("retry-after-ms", str(math.ceil(failure.retry_after * 1000))))
    if failure.retryable is not None:
        headers.append(("x-should-retry", "true" if failure.retryable else "false"))
    if failure.request_id is not None and is_request_id(failure.request_id):
        headers.append(("x-request-id", failure.request_id))
    return tuple(headers)


def _date(value: str | None) -> datetime | None:
    match = _DATE.match((value or "").strip())
    if match is None or match[2].lower() not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(match[n]) for n in (1, 3, 4, 5, 6))
    try:
        return datetime(year, _MONTHS.index(match[2].lower()) + 1, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
