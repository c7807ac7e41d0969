"""What may pass from one HTTP side to the other: headers by allow-list, names and values that cannot inject."""

from __future__ import annotations

import re

from .errors import ReadError, WriteError
from .http import Headers, Request, Response, header

CROSSING = ("traceparent", "tracestate", "x-request-id")
"""Request headers that go to any upstream: the W3C's trace context, and the caller's own id."""

RETURNING = ("retry-after", "retry-after-ms", "x-request-id")
"""Headers of an answer that go to any client."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z").match  # RFC 9110, section 5.1: a token
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*\Z").match  # section 5.5, without CR, LF, NUL and other controls
_KEY = re.compile(r"[\x21-\x7e]+\Z").match
_TARGET = re.compile(r"/[\x21-\x7e]*\Z").match
_UNSAFE_MODEL = re.compile(r"\.\.|[?&\x00-\x1f\x7f-\x9f]").search


def crossing(headers: Headers, own: tuple[str, ...] = ()) -> Headers:
    """The request headers that go on to the upstream: the general ones, and ``own`` where both speak one protocol."""
    return _allowed(headers, (*CROSSING, *own))


def _allowed(headers: Headers, names: tuple[str, ...]) -> Headers:
    found = [(name, header(headers, name)) for name in names]
    for name, value in found:
        if value is not None and not _VALUE(value):
            raise ReadError(f"The header {name} holds a control character")
    return tuple([(name, value) for name, value in found if value is not None])


def checked_key(key: str) -> str:
    """A key that can stand in a header; else a ReadError that does not repeat it."""
    if not _KEY(key):
        raise ReadError("The key holds characters that no key has")
    return key


def checked_model(model: str) -> str:
    """A model's name that cannot lead to another address; else a ReadError. Google's SDK refuses the same names."""
    if not model or _UNSAFE_MODEL(model):
        raise ReadError("The model's name is empty, or holds characters that could lead elsewhere", "$.model")
    return model


def outgoing(request: Request, more: Headers) -> Request:
    """The request with ``more`` headers beside its own, proven to be one request and no more."""
    headers = _joined(request.headers, more)
    if not _TARGET(request.target):
        raise WriteError("There is no address to send this request to")
    if any(not _NAME(name) or not _VALUE(value) for name, value in headers):
        raise WriteError("A header holds a control character")
    return Request(request.method, request.target, headers, request.body)


def returning(response: Response, upstream: Headers, more: Headers = ()) -> Response:
    """The client's answer with ``more`` headers and those of the upstream that go through. What could inject is left
    out rather than refused: an answer must come in any case.
    """
    kept = tuple([(name, value) for name in RETURNING if (value := header(upstream, name)) is not None])
    headers = _joined(_joined(response.headers, more), kept)
    safe = tuple([(name, value) for name, value in headers if _NAME(name) and _VALUE(value)])
    return Response(response.status, safe, response.body)


def _joined(own: Headers, more: Headers) -> Headers:
    known = {name.lower() for name, _ in own}
    return (*own, *[(name, value) for name, value in more if name.lower() not in known])
