"""The answers that the server gives itself: each ends its connection."""

from __future__ import annotations

from collections.abc import Callable

from metaphrase.http import Headers

from .errors import Refused
from .head import lines, status_line

# Status and reason to headers and body: a gateway dresses the refusal in the protocol that its clients speak.
Dress = Callable[[int, str], tuple[Headers, bytes]]

# RFC 9110: 15.6.4 (when to come back), 15.5.16 with 12.5.3 (which codings would do)
_WITH: dict[int, Headers] = {503: (("retry-after", "1"),), 415: (("accept-encoding", "identity"),)}


def plain(status: int, reason: str) -> tuple[Headers, bytes]:  # noqa: ARG001 - the shape of a Dress
    """One line of text."""
    return (("content-type", "text/plain; charset=utf-8"),), f"{reason}\n".encode()


def refusal(error: Refused, dress: Dress) -> bytes:
    """A whole response (RFC 9112, 9.6: with the announcement that this is the last one)."""
    headers, body = dress(error.status, error.reason)
    length = ("content-length", str(len(body)))
    every = (*headers, *_WITH.get(error.status, ()), length, ("connection", "close"))
    return (status_line(error.status) + lines(every) + "\r\n").encode("latin-1") + body
