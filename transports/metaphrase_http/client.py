"""The client: one call is one request to one origin. Redirects are not followed, nothing is sent twice."""

from __future__ import annotations

import re
import ssl
from types import TracebackType
from typing import Self

from metaphrase.http import Request

from .answer import Answer
from .deadlines import Deadlines
from .errors import Refused, UpstreamBroken
from .framing import Fixed
from .head import FRAMING, lines
from .limits import Patience
from .link import Link
from .origin import Origin
from .pool import Pool
from .reply import Reply, is_interim, read_reply
from .tls import context
from .watch import NEVER

_TARGET = re.compile(r"/[\x21-\x7e]*")
_METHOD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_MOST_INTERIM = 16  # heads of informational responses before the final one
_PIECE = 128 * 1024  # bytes handed to the socket at a time: each has `Patience.write` to be taken
_OURS = FRAMING | {"host", "content-length", "expect"}


class Client:
    """Calls upstreams over pooled connections.

    >>> async with Client() as client, await client.call(origin, request) as answer:
    ...     async for piece in answer: ...

    Calls cost less while ``client.deadlines.run()`` runs in a task. Clients may share their ``deadlines``.
    """

    def __init__(
        self,
        patience: Patience | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self.patience = patience or Patience()
        self.deadlines = Deadlines() if deadlines is None else deadlines
        self.pool = Pool(self.patience)
        self._tls = tls

    async def call(self, origin: Origin, request: Request) -> Answer:
        """Send the request and wait for the head of the answer. Raises UpstreamError; ValueError on a bad request.

        Host, Content-Length and Accept-Encoding are written here; what else is to be sent is in ``request.headers``.
        """
        head = _head(origin, request)
        link = await self.pool.take(origin)
        if link is None:
            link = await Link.open(origin, self._context(origin), self.patience, self.deadlines)
        try:
            reply = read_reply(await self._ask(link, head, request.body), request.method)
        except BaseException as error:  # whatever ended the call, its connection is half used: never to be used again
            if isinstance(error, UpstreamBroken):
                self.pool.failed(link)
            await link.close()
            raise
        if _streams(reply):
            link.narrow()
        return Answer(reply, link, self.patience, self._release)

    async def aclose(self) -> None:
        """Close the idle connections; those in use close when their answers end."""
        await self.pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _context(self, origin: Origin) -> ssl.SSLContext | None:
        if not origin.secure:
            return None
        if origin.tls is not None:
            return origin.tls
        if self._tls is None:
            self._tls = context()
        return self._tls

    async def _ask(self, link: Link, head: bytes, body: bytes) -> bytes:
        """Send everything, and wait for a final head."""
        patience = self.patience
        link.allow("write", patience.write)
        taken = await link.send(head + body[:_PIECE])
        for at in range(_PIECE, len(body), _PIECE):
            if not taken:
                break  # RFC 9112, 9.5: it may have answered before it hung up
            link.allow("write", patience.write)
            taken = await link.send(body[at : at + _PIECE])
        link.allow("first byte", patience.first_byte)
        raw = await _final_head(link)
        link.due = NEVER
        return raw

    async def _release(self, link: Link, clean: bool) -> None:
        if clean and not link.was_late:
            await self.pool.give(link)
        else:
            await link.close()


async def _final_head(link: Link) -> bytes:
    """Skips informational responses (RFC 9110, 15.2). Raises UpstreamBroken."""
    heads = link.heads
    try:
        for _ in range(_MOST_INTERIM):
            while not heads or (raw := heads.take()) is None:
                data = await link.receive()
                if not data:
                    raise UpstreamBroken("connection closed before the answer")
                heads.feed(data)
            if not is_interim(raw):
                return raw
    except Refused as error:
        raise UpstreamBroken(f"no HTTP: {error.reason}") from None
    raise UpstreamBroken("no final answer")


def _streams(reply: Reply) -> bool:
    """Whether somebody reads this at its own pace. Whole answers are JSON, in chunks or not: those may come fast."""
    kind = reply.known.get("content-type", "")
    return not isinstance(reply.body, Fixed) and not kind.startswith("application/json")


def _head(origin: Origin, request: Request) -> bytes:
    """Request line and headers (RFC 9112, 3)."""
    if not _TARGET.fullmatch(request.target) or not _METHOD.fullmatch(request.method):
        raise ValueError("no method and target of a request")
    names = [name.lower() for name, _ in request.headers]
    if not _OURS.isdisjoint(names):
        raise ValueError("framing is not the caller's")
    text = f"{request.method} {request.target} HTTP/1.1\r\nhost: {origin.authority}\r\n" + lines(request.headers)
    if "accept-encoding" not in names:
        text += "accept-encoding: identity\r\n"
    if request.body or request.method in {"POST", "PUT", "PATCH"}:  # RFC 9110, 8.6
        text += f"content-length: {len(request.body)}\r\n"
    return (text + "\r\n").encode("latin-1")
