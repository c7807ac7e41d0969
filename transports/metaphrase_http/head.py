"""Heads of messages: found in what arrives, and written (RFC 9112, sections 2 to 5).

h11 parses heads, but it accepts bare LF for CRLF and joins folded lines, and after that nobody can tell. So a head is
cut out of the stream here, with its limits, before h11 sees it. What is written is not parsed by anybody: one regular
expression over the lines and one count decide that each header is one line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from operator import methodcaller

from metaphrase.http import Headers

from .errors import Refused

_FIRST_PRINTABLE = 0x21
_METHOD_AND_VERSION = 64  # what a request line holds beyond its target

# RFC 9110, 5.6.2 (token) and 5.5 (field-value, without control characters other than HTAB).
_LINES = re.compile(r"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+: [^\x00-\x08\x0a-\x1f\x7f]*\r\n)*")
_UNPRINTABLE = re.compile(r"[^\t\x20-\x7e\xa0-\xff]+")

# Framing is decided here and nowhere else: RFC 9112, 6, and the hop-by-hop headers of RFC 9110, 7.6.1.
FRAMING = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"},
)
_cut = methodcaller("partition", ":")
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}


class Heads:
    """Bytes that have arrived, from which one head after the other is taken.

    The same bytes give the same answer however they are cut.
    """

    __slots__ = ("_data", "_lines", "_most", "_most_lines", "_most_target", "_seen", "_skip")

    def __init__(self, most: int, headers: int, target: int = 0) -> None:
        self._data = bytearray()
        self._most = most
        self._most_lines = headers + 1
        self._most_target = target
        self._seen = 0  # so many bytes have been searched
        self._lines = 0  # so many ends of lines were in them
        self._skip = True  # empty lines may stand before a request: RFC 9112, 2.2

    def __len__(self) -> int:
        return len(self._data)

    def feed(self, data: bytes) -> None:
        """What arrived."""
        self._data += data

    def take(self) -> bytes | None:
        """The next head with its blank line, None while it is incomplete. Raises Refused."""
        data, seen, most = self._data, self._seen, self._most
        if self._skip:
            if not data or (data[0] < _FIRST_PRINTABLE and not self._skip_empty_line()):
                return None
            self._skip = False
        found = data.find(b"\r\n\r\n", seen - 3 if seen > 3 else 0)
        end = found + 4 if found >= 0 else len(data)
        stop = min(end, most)
        ends = data.count(b"\r\n", seen - 1 if seen else 0, stop)
        if data.count(b"\n", seen, stop) != ends:
            raise Refused(400, "bare LF")
        self._seen = stop
        self._lines += ends
        if end > most:
            raise self._too_large()
        if found < 0:
            return None
        if self._lines - 1 > self._most_lines:
            raise Refused(431, "too many headers")
        head = bytes(data[:stop])
        del data[:stop]
        self._seen, self._lines, self._skip = 0, 0, True
        return head

    def rest(self) -> bytes:
        """What follows the last head; it is given away."""
        data = bytes(self._data)
        self._data.clear()
        self._seen = self._lines = 0
        return data

    def _skip_empty_line(self) -> bool:
        """False while it is not clear whether one is there."""
        data = self._data
        while data.startswith(b"\r\n"):
            del data[:2]
        if not data or (len(data) == 1 and data.startswith(b"\r")):
            return False
        if data[0] < _FIRST_PRINTABLE:  # TLS, or nothing that will ever become a head
            raise Refused(400, "not HTTP")
        return True

    def _too_large(self) -> Refused:
        line = self._data.find(b"\r\n", 0, self._most_target + _METHOD_AND_VERSION)
        if self._most_target and line < 0:
            return Refused(414, "target too long")
        return Refused(431, "headers too large")


def fields(block: str) -> Headers:
    """The headers in these lines, which are known to be well formed; the names in lower case."""
    return tuple([(name.lower(), value.strip(" \t")) for name, _, value in map(_cut, block.split("\r\n")[:-1])])


def status_line(status: int) -> str:
    """The first line of a response (RFC 9112, 4)."""
    return _STATUS_LINES.get(status) or f"HTTP/1.1 {status} \r\n"


def lines(headers: Sequence[tuple[str, str]]) -> str:
    """The header lines. Raises ValueError on what is no name or would be more than one line."""
    text = "".join([f"{name}: {value}\r\n" for name, value in headers])
    if text.count("\n") != len(headers) or not _LINES.fullmatch(text):
        raise ValueError("a header is not one line")
    return text


def clean(value: str, most: int = 256) -> str:
    """A value for a header that comes from elsewhere (a model's name, a request id): one line of Latin-1, bounded."""
    return _UNPRINTABLE.sub("?", value[:most]).strip() if value else value
