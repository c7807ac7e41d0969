"""Where a body ends (RFC 9112, sections 6 and 7), read strictly and in both directions.

A reader takes what arrived and gives the payload that was in it; once it is `done`, `rest` holds the bytes behind the
body. h11 has such readers too, but accepts sizes up to 2^80 and white space round them, and makes an object of each
chunk.
"""

from __future__ import annotations

import re
from typing import Protocol

from .errors import BodyTooLarge, FramingError

_LAST = b"0\r\n\r\n"
_MOST_LINE = 256  # bytes of a chunk's size with its extensions
_MOST_TRAILERS = 8192
_MOST_WASTE = 16 * 1024  # bytes of framing beyond what the payload explains: RFC 9112, 7.1.1 asks for such a limit
_FAIR_WASTE = 16  # a chunk may cost so much

# chunk-size, then extensions, which are ignored. Fifteen digits are 2^60: no overflow, in whatever language.
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]{0,8};[^\x00-\x08\x0a-\x1f\x7f]{0,200})?\r\n")
_TRAILER = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\x00-\x08\x0a-\x1f\x7f]*")


class Reader(Protocol):
    """What every framing can do."""

    done: bool
    rest: bytes

    def feed(self, data: bytes) -> bytes:
        """The payload in these bytes."""
        ...

    def eof(self) -> None:
        """The peer will send no more. Raises FramingError unless that ends the body."""
        ...


class Fixed:
    """So many bytes: Content-Length, or no body at all."""

    __slots__ = ("_left", "done", "rest")

    def __init__(self, length: int) -> None:
        self._left = length
        self.done = length == 0
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """The payload in these bytes."""
        size = len(data)
        if size < self._left:
            self._left -= size
            return data
        payload, self.rest = (data, b"") if size == self._left else (data[: self._left], data[self._left :])
        self._left = 0
        self.done = True
        return payload

    def eof(self) -> None:
        """Too early."""
        raise FramingError("the body ended too early")


class UntilClose:
    """Everything up to the end of the connection: responses only (RFC 9112, 6.3, rule 8)."""

    __slots__ = ("done", "rest")

    def __init__(self) -> None:
        self.done = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """The payload in these bytes."""
        return data

    def eof(self) -> None:
        """The end."""
        self.done = True


class Chunked:
    """Chunks (RFC 9112, 7.1). Extensions are ignored, trailers are checked and dropped."""

    __slots__ = ("_held", "_left", "_most", "_size", "_trailing", "_waste", "done", "rest")

    def __init__(self, most: int | None = None) -> None:
        self.done = False
        self.rest = b""
        self._most = most
        self._size = 0  # bytes of payload that were announced
        self._left = 0  # bytes of the open chunk still to come, the CRLF behind it counted
        self._held = b""  # the beginning of a line
        self._trailing = False
        self._waste = 0

    def feed(self, data: bytes) -> bytes:
        """The payload in these bytes. Raises FramingError, BodyTooLarge."""
        if self._held:
            data, self._held = self._held + data, b""
        payload: list[bytes] = []
        at = 0
        while not self._trailing:
            if self._left:
                at = self._inside(data, at, payload)
                if self._left:
                    break
            match = _SIZE.match(data, at)
            if match is None:
                self._hold(data, at, _MOST_LINE)
                break
            self._open(int(match[1], 16), match.end() - at)
            at = match.end()
            stop = at + self._left
            if self._left and data[stop - 2 : stop] == b"\r\n":  # all of it is here: the way most chunks go
                payload.append(data[at : stop - 2])
                self._left, at = 0, stop
        if self._trailing:
            self._trailers(data[at:])
        return payload[0] if len(payload) == 1 else b"".join(payload)

    def eof(self) -> None:
        """Too early: only the last chunk ends this body."""
        raise FramingError("the chunks ended too early")

    def _inside(self, data: bytes, at: int, payload: list[bytes]) -> int:
        """Go on in the open chunk."""
        stop = at + self._left
        end = stop - 2  # of its payload; `at` may stand behind that, in the CRLF
        if at < end:
            payload.append(data[at:end])
        mark = data[max(at, end) : stop]
        if mark != b"\r\n"[max(at - end, 0) :][: len(mark)]:
            raise FramingError("no CRLF behind a chunk")
        seen = min(len(data), stop)
        self._left = stop - seen
        return seen

    def _open(self, size: int, line: int) -> None:
        self._size += size
        if self._most is not None and self._size > self._most:
            raise BodyTooLarge("body too large")
        self._waste = max(self._waste + line - _FAIR_WASTE - size, 0)
        if self._waste > _MOST_WASTE:
            raise FramingError("chunks with too little in them")
        self._left = size + 2 if size else 0
        self._trailing = size == 0

    def _hold(self, data: bytes, at: int, most: int) -> None:
        """Wait for the rest of a line, if it can still become one."""
        if data.find(b"\n", at) >= 0 or len(data) - at > most:
            raise FramingError("no size of a chunk")
        self._held = data[at:]

    def _trailers(self, data: bytes) -> None:
        """RFC 9112, 7.1.2: they may be discarded, and are. They are still checked: what follows is the next message."""
        if data.startswith(b"\r\n"):
            self.done, self.rest = True, data[2:]
            return
        end = data.find(b"\r\n\r\n", 0, _MOST_TRAILERS)
        if end < 0:
            if len(data) > _MOST_TRAILERS:
                raise FramingError("trailers too large")
            self._held = data
            return
        if not all(map(_TRAILER.fullmatch, data[:end].split(b"\r\n"))):
            raise FramingError("a trailer is no header")
        self.done, self.rest = True, data[end + 4 :]


def chunk(data: bytes) -> bytes:
    """One chunk. An empty one would end the body, and is nothing."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def last_chunk(data: bytes = b"") -> bytes:
    """One chunk and the end of the body."""
    return chunk(data) + _LAST
