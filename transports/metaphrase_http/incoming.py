"""A request on the server's side: its head, and its body when the handler asks for it."""

from __future__ import annotations

from typing import Protocol

from metaphrase.http import Headers, Request

from .errors import BodyTooLarge, ClientLeft, FramingError, Refused
from .framing import Chunked, Fixed, Reader
from .policy import Head

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Source(Protocol):
    """Where the body comes from."""

    def buffered(self) -> bytes:
        """What has arrived; it is given away."""
        ...

    def give_back(self, data: bytes) -> None:
        """What follows the body."""
        ...

    async def receive(self, received: int) -> bytes:
        """More of the body, of which so much has arrived; b"" at the end of the stream."""
        ...

    async def send(self, data: bytes) -> None:
        """To the client, at once."""
        ...


class Incoming:
    """One request. Its body is read (and asked for, where the client waits to be asked) by `read`, and never before."""

    __slots__ = ("_body", "_dropped", "_head", "_reader", "_source", "headers", "method", "target")

    def __init__(self, head: Head, source: Source, most: int) -> None:
        self.method = head.method
        self.target = head.target
        self.headers: Headers = head.headers
        self._head = head
        self._source = source
        self._reader: Reader = Chunked(most) if head.length is None else Fixed(head.length)
        self._body: bytes | None = None if head.length != 0 else b""
        self._dropped = False

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return self._head.known.get(name.lower())

    async def read(self) -> bytes:
        """The whole body. Raises Refused (400, 413): let it pass, or answer it; the connection ends either way.

        To be called before the response is started: what was not read by then is dropped.
        """
        if self._body is None:
            if self._dropped:
                raise RuntimeError("the body was dropped when the response was started")
            try:
                self._body = await self._read()
            except BodyTooLarge as error:
                raise Refused(413, str(error)) from None
            except FramingError as error:
                raise Refused(400, str(error)) from None
        return self._body

    async def whole(self) -> Request:
        """Head and body as one value."""
        return Request(self.method, self.target, self.headers, await self.read())

    def settle(self) -> bool:
        """Whether the next request follows: the body was read, or has arrived and is dropped here."""
        reader = self._reader
        if not reader.done:
            try:
                reader.feed(self._source.buffered())
            except FramingError:
                return False
            if reader.done:
                self._source.give_back(reader.rest)
        self._dropped = self._body is None
        return reader.done

    async def _read(self) -> bytes:
        reader, source = self._reader, self._source
        first = reader.feed(source.buffered())
        if reader.done:  # nearly always: it came with the head
            source.give_back(reader.rest)
            return first
        if self._head.expects and not first:
            await source.send(CONTINUE)
        pieces = [first]
        received = len(first)
        while not reader.done:
            data = await source.receive(received)
            if not data:
                raise ClientLeft
            piece = reader.feed(data)
            received += len(piece)
            pieces.append(piece)
        source.give_back(reader.rest)
        return b"".join(pieces)
