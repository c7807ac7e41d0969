"""The head of an upstream's answer, and what it says about the body (RFC 9112, sections 4 and 6.3).

One regular expression decides whether it is a head at all; that is a third of a gateway's time less than h11 takes, and
stricter. `tests/http/test_reply.py` holds the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from metaphrase.http import Headers

from .decoding import CODINGS, Inflate
from .errors import UpstreamBroken
from .framing import Chunked, Fixed, Reader, UntilClose
from .head import fields

_TEXT = r"[^\x00-\x08\x0a-\x1f\x7f]*"
_HEAD = re.compile(
    rf"HTTP/1\.([01]) ([2-9][0-9][0-9])(?: {_TEXT})?\r\n((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:{_TEXT}\r\n)*)\r\n"
)
_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9][0-9][ \r]")  # 101 would be another protocol: never asked for
_LENGTH = re.compile(r"[0-9]{1,18}")
_BODILESS = frozenset({204, 304})


class Reply(Struct, frozen=True):
    """An answer before its body."""

    status: int
    headers: Headers  # names in lower case
    known: Mapping[str, str]  # the first header of each name
    body: Reader
    inflate: Inflate | None
    reusable: bool  # the connection, after the body


def is_interim(raw: bytes) -> bool:
    """Whether this is an informational response, which nobody here waits for (RFC 9110, 15.2)."""
    return _INTERIM.match(raw) is not None


def read_reply(raw: bytes, method: str) -> Reply:
    """Parse one head, blank line included, of the answer to such a request. Raises UpstreamBroken."""
    match = _HEAD.fullmatch(raw.decode("latin-1"))
    if match is None:
        raise UpstreamBroken("no HTTP: malformed head")
    status = int(match[2])
    headers = fields(match[3])
    known = dict(reversed(headers))
    modern = match[1] == "1"
    body = _framing(headers, known, modern)
    if method == "HEAD" or status in _BODILESS:  # what the head says is then about another body, or none
        body = Fixed(0)
    closes = "connection" in known and "close" in _joined(headers, "connection").lower()
    return Reply(
        status,
        headers,
        known,
        body,
        _inflate(known.get("content-encoding", "")),
        modern and not closes and not isinstance(body, UntilClose),
    )


def _framing(headers: Headers, known: dict[str, str], modern: bool) -> Reader:
    if "transfer-encoding" in known:
        if "content-length" in known or not modern:
            raise UpstreamBroken("no HTTP: two ways to end the body")
        if _joined(headers, "transfer-encoding").lower() != "chunked":
            raise UpstreamBroken("no HTTP: unknown transfer coding")
        return Chunked()
    if "content-length" not in known:
        return UntilClose()
    length = known["content-length"]
    same = len(known) == len(headers) or all(value == length for name, value in headers if name == "content-length")
    if not (same and _LENGTH.fullmatch(length)):
        raise UpstreamBroken("no HTTP: malformed Content-Length")
    return Fixed(int(length))


def _inflate(coding: str) -> Inflate | None:
    coding = coding.lower()
    if coding in {"", "identity"}:
        return None
    if coding not in CODINGS:
        raise UpstreamBroken("a content coding that was not asked for")
    return Inflate()


def _joined(headers: Headers, name: str) -> str:
    """RFC 9110, 5.3: several of one name are one list."""
    return ",".join([value for key, value in headers if key == name])
