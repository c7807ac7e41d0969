"""An upstream's answer: its head, and its body as it arrives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from metaphrase.http import Headers, Response

from .errors import FramingError, UpstreamBroken, UpstreamTooLarge
from .limits import Patience
from .link import Link
from .reply import Reply
from .watch import NEVER

# What becomes of the connection: told once, whether the next call may use it.
Release = Callable[[Link, bool], Awaitable[None]]


class Answer:
    """One answer. Use it in ``async with``: leaving it before its end closes the connection.

    ``async for`` gives the body in pieces, `read` all of it. Both raise UpstreamError if it ends too early.
    """

    __slots__ = ("_first", "_link", "_patience", "_release", "_reply", "headers", "status")

    def __init__(self, reply: Reply, link: Link, patience: Patience, release: Release) -> None:
        self.status = reply.status
        self.headers: Headers = reply.headers
        self._reply = reply
        self._link: Link | None = link
        self._patience = patience
        self._release = release
        self._first = link.heads.rest()

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return self._reply.known.get(name.lower())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        while (piece := await self._next()) is not None:
            if piece:
                return piece
        raise StopAsyncIteration

    async def read(self) -> bytes:
        """The whole body. Raises UpstreamTooLarge beyond `Patience.body`."""
        pieces: list[bytes] = []
        size = 0
        while (piece := await self._next()) is not None:
            size += len(piece)
            if size > self._patience.body:
                await self.aclose()
                raise UpstreamTooLarge("answer too large")
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def whole(self) -> Response:
        """Head and body as one value."""
        return Response(self.status, self.headers, await self.read())

    async def aclose(self) -> None:
        """No more is wanted. Also the end of it all when the body was read."""
        await self._part(clean=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._link is not None:
            await self._part(clean=False)

    async def _next(self) -> bytes | None:
        """The next piece, which may be empty; None at the end."""
        if self._link is None:
            return None
        try:
            return await self._advance(self._link)
        except FramingError as error:
            await self._part(clean=False)
            raise UpstreamBroken(str(error)) from None
        except BaseException:  # cancelled, or the upstream broke: never to be used again
            await self._part(clean=False)
            raise

    async def _advance(self, link: Link) -> bytes | None:
        body, inflate = self._reply.body, self._reply.inflate
        if self._first or body.done:
            data, self._first = self._first, b""
        else:
            data = await self._receive(link)
            if not data:
                body.eof()
        piece = body.feed(data) if data else b""
        if inflate is not None:
            piece = inflate.feed(piece)
        if body.done:
            if inflate is not None:
                inflate.close()
            await self._part(clean=self._reply.reusable and not body.rest)
        return piece

    async def _receive(self, link: Link) -> bytes:
        link.allow("idle", self._patience.idle)
        data = await link.receive()
        link.due = NEVER  # whoever reads this may take its time
        return data

    async def _part(self, *, clean: bool) -> None:
        link, self._link = self._link, None
        if link is not None:
            await self._release(link, clean)
