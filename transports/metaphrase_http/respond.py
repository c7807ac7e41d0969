"""The response to one request: framing, and the promise that a body that ended too early never looks whole."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from functools import lru_cache
from typing import Protocol

from metaphrase.http import Headers

from .framing import chunk, last_chunk
from .head import FRAMING, lines, status_line
from .policy import Head

_BODILESS = frozenset({204, 304})  # RFC 9112, 6.3, rule 1


class Send(Protocol):
    """Where it goes. ``last``: nothing follows."""

    def __call__(self, data: bytes, *, last: bool = False) -> Awaitable[None]: ...


class Respond:
    """Writes one response: `start`, then `send` as often as needed, then `finish` or `abort`.

    Without a Content-Length, a body that is given to `finish` alone gets one, and one that is sent in pieces goes in
    chunks (to a client of HTTP/1.0: up to the end of the connection). Nothing is written before the first `send` or
    `finish`; ``send(b"")`` writes the head.
    """

    __slots__ = ("_ends", "_left", "_lines", "_request", "_settle", "_status", "_write", "aborted", "finished", "keep")

    def __init__(self, request: Head, write: Send, settle: Callable[[], bool]) -> None:
        self.finished = False
        self.aborted = False
        self.keep = request.keep_alive  # whether the connection goes on; decided when the head is written
        self._request = request
        self._write = write
        self._settle = settle
        self._lines: str | None = None  # the head, until it is written
        self._status = 0  # the status, once started
        self._left: int | None = None  # bytes still to come, of those that Content-Length announced
        self._ends = False  # the end of the connection is the end of the body

    @property
    def status(self) -> int:
        """What was answered; 0 before `start`."""
        return self._status

    @property
    def ends_with_connection(self) -> bool:
        """Whether only the end of the connection ends the body."""
        return self._ends

    @property
    def written(self) -> bool:
        """Whether the head, at least, is on its way."""
        return self._status != 0 and self._lines is None

    def start(self, status: int, headers: Headers = ()) -> None:
        """Status and headers. Raises ValueError on a header that is not one line, or that is framing."""
        if self._status:
            raise RuntimeError("the response was started before")
        if not 200 <= status <= 999:
            raise ValueError("no status of a final response")
        text = lines(headers)
        names = [name.lower() for name, _ in headers]
        if not FRAMING.isdisjoint(names):
            raise ValueError("framing is not the handler's")
        if "content-length" in names:
            length = headers[names.index("content-length")][1]
            if names.count("content-length") > 1 or not (length.isascii() and length.isdigit()):
                raise ValueError("no Content-Length")
            self._left = int(length)
        if "date" not in names:  # RFC 9110, 6.6.1
            text += _date_line(int(time.time()))
        self._lines = status_line(status) + text
        self._status = status

    async def send(self, data: bytes) -> None:
        """A piece of the body. Returns once the client's side took it: that is what holds a producer back."""
        head = self._begin(None) if self._lines is not None else b""
        out = head + self._framed(data)
        if out:
            await self._write(out)

    async def finish(self, data: bytes = b"") -> None:
        """The last piece, and the end."""
        head = self._begin(len(data)) if self._lines is not None else b""
        out = head + self._framed(data, last=True)
        if self._left:
            raise ValueError("less than Content-Length said")
        if out:
            await self._write(out, last=True)
        self.finished = True

    async def whole(self, status: int, headers: Headers = (), body: bytes = b"") -> None:
        """A response that is all there."""
        self.start(status, headers)
        await self.finish(body)

    def abort(self) -> None:
        """Leave it unfinished: no last chunk will follow, and the connection ends when the handler returns."""
        self.aborted = True
        self.keep = False

    @property
    def _bodiless(self) -> bool:
        return self._request.method == "HEAD" or self._status in _BODILESS

    def _begin(self, whole: int | None) -> bytes:
        """The head. ``whole``: the length of the body, where all of it is known."""
        text = self._lines or ""
        self._lines = None
        if self._left is None and not self._bodiless:
            if whole is not None:
                text += f"content-length: {whole}\r\n"
                self._left = whole
            elif self._request.modern:
                text += "transfer-encoding: chunked\r\n"
            else:
                self._ends = True
                self.keep = False
        if not (self._settle() and self.keep):
            self.keep = False
            text += "connection: close\r\n"
        return (text + "\r\n").encode("latin-1")

    def _framed(self, data: bytes, *, last: bool = False) -> bytes:
        if not self._status or self.finished or self.aborted:
            raise RuntimeError("no response is under way")
        if self._request.method == "HEAD":
            self._left = None
            return b""
        if self._bodiless and data:
            raise ValueError("this status has no body")
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise ValueError("more than Content-Length said")
            return data
        if self._ends or self._bodiless:
            return data
        return last_chunk(data) if last else chunk(data)


@lru_cache(maxsize=1)
def _date_line(second: int) -> str:
    return f"date: {formatdate(second, usegmt=True)}\r\n"
