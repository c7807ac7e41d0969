"""One client's connection: request after request, each answered before the next is read (RFC 9112, 9.3)."""

from __future__ import annotations

import logging
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto

import anyio
from anyio.abc import SocketStream

from .errors import ClientLeft, Refused
from .head import Heads
from .incoming import Incoming
from .limits import MIB, Limits
from .policy import Head, read_head
from .refusal import Dress, refusal
from .respond import Respond
from .sockets import reset_on_close, tune, write_now
from .watch import NEVER, Watch, clock

Handler = Callable[[Incoming, Respond], Awaitable[None]]

log = logging.getLogger("metaphrase.http")

_AT_ONCE = 64 * 1024  # bytes read at a time
_PIECE = 128 * 1024  # bytes handed to the socket at a time: each has `write_timeout` to be taken
_MOST_LINGER = 32 * MIB
_GRACE = 1.0  # seconds for a request that is on its way when the server stops

_GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError)


class Phase(Enum):
    """What a connection waits for."""

    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    HANDLER = auto()
    WRITE = auto()


# Answered with 408 (RFC 9110, 15.5.9). Nothing is sent where nothing was asked: a client could take it for the answer
# to its next request.
_TOO_SLOW = {
    Phase.HEAD: "the head of the request took too long",
    Phase.BODY: "the body of the request took too long",
}


@dataclass(slots=True)
class House:
    """What all connections of a server share."""

    handler: Handler
    limits: Limits
    dress: Dress
    watch: Watch
    draining: bool = False


class Connection:
    """Reads requests, calls the handler, and ends in one of few ways: see `run`."""

    __slots__ = (
        "_gone",
        "_heads",
        "_house",
        "_phase",
        "_refused",
        "_respond",
        "_scope",
        "_since",
        "_stream",
        "due",
        "socket",
    )

    def __init__(self, stream: SocketStream, house: House) -> None:
        limits = house.limits
        self.due = NEVER
        self.socket: socket.socket = tune(stream)
        self._stream = stream
        self._house = house
        self._heads = Heads(limits.head, limits.headers, limits.target)
        self._phase = Phase.HEAD
        self._scope = anyio.CancelScope()  # the connection and all that it runs
        self._respond: Respond | None = None
        self._refused: Refused | None = None
        self._gone = False
        self._since = 0.0  # when the body began to be waited for

    async def run(self) -> None:
        """Until the client leaves, is refused, is too slow, asks to close, or the server drains.

        The watch looks after it from before this until its end.
        """
        try:
            with self._scope:
                await self._serve()
            self.due = NEVER
            if self._refused is not None and not (self._respond and self._respond.written):
                await self._refuse(self._refused)
        finally:
            self._house.watch.remove(self)
            if self._respond and not self._respond.finished and self._respond.ends_with_connection:
                reset_on_close(self.socket)
            await anyio.aclose_forcefully(self._stream)

    def late(self) -> None:
        """From the watch: `due` has passed."""
        if self._phase in _TOO_SLOW and (self._heads or self._phase is Phase.BODY):
            self._refused = Refused(408, _TOO_SLOW[self._phase])
        self._scope.cancel()

    def left(self) -> None:
        """From the watch: the client hung up. Half-closed counts too: who waits for an answer keeps its side open."""
        self._gone = True
        if self._respond is None or not self._respond.finished:  # else the next read will find the end
            self._scope.cancel()

    def drain(self) -> None:
        """The server stops: a connection between two requests ends now, another after its response."""
        if self._phase is Phase.IDLE:
            self._scope.cancel()
        elif self._phase is Phase.HEAD:
            self.due = min(self.due, clock() + _GRACE)

    async def _serve(self) -> None:
        try:
            while (head := await self._next_head()) is not None:
                if not await self._exchange(head):
                    return
                self._phase = Phase.IDLE
        except Refused as error:
            self._refused = error
        except ClientLeft:
            pass

    async def _next_head(self) -> Head | None:
        """None at the end of the stream."""
        heads, limits = self._heads, self._house.limits
        if heads:
            self._phase = Phase.HEAD
        elif self._phase is Phase.IDLE and self._house.draining:
            return None
        if self._gone:
            return None
        self.due = clock() + (limits.keep_alive if self._phase is Phase.IDLE else limits.header_timeout)
        while not heads or (raw := heads.take()) is None:
            data = await self._receive()
            if not data:
                return None
            heads.feed(data)
            if self._phase is Phase.IDLE:
                self._phase = Phase.HEAD
                self.due = clock() + limits.header_timeout
        self.due = NEVER
        self._phase = Phase.HANDLER
        self._respond = None
        return read_head(raw, limits)

    async def _exchange(self, head: Head) -> bool:
        """One request. Whether another may follow."""
        incoming = Incoming(head, self, self._house.limits.body)
        self._since = 0.0
        respond = self._respond = Respond(head, self.send, incoming.settle)
        respond.keep = respond.keep and not self._house.draining
        try:
            await self._house.handler(incoming, respond)
        except (Refused, ClientLeft):
            raise
        except Exception as error:  # noqa: BLE001 - a handler's fault ends its connection, not the server
            log_fault(error)
            if not respond.written:
                raise Refused(500, "internal error") from None
            return False
        if not (respond.written or respond.aborted):
            raise Refused(500, "internal error")
        return respond.finished and respond.keep and not self._house.draining

    # What an Incoming reads from.

    def buffered(self) -> bytes:
        """What has arrived behind the head."""
        return self._heads.rest()

    def give_back(self, data: bytes) -> None:
        """The beginning of the next request."""
        if data:
            self._heads.feed(data)

    async def receive(self, received: int) -> bytes:
        """More of a body. Late if nothing comes, or if too little comes for too long."""
        limits, now = self._house.limits, clock()
        self._since = self._since or now
        self._phase = Phase.BODY
        self.due = min(now, self._since + received / limits.body_rate) + limits.body_timeout
        data = await self._receive()
        self.due = NEVER
        self._phase = Phase.HANDLER
        return data

    async def send(self, data: bytes, *, last: bool = False) -> None:
        """To the client; returns when the kernel has taken it, which holds little that the client has not. ``last``: of
        this response.
        """
        alone = self._phase is Phase.HANDLER and not self._heads  # nothing is left of a send, no request has come yet
        if last and alone and len(data) <= _PIECE:
            data = write_now(self.socket, data)
            if not data:
                return
        self._phase = Phase.WRITE
        timeout = self._house.limits.write_timeout
        self.due = clock() + timeout
        try:
            if len(data) <= _PIECE:
                await self._stream.send(data)
            else:
                for at in range(0, len(data), _PIECE):
                    self.due = clock() + timeout
                    await self._stream.send(data[at : at + _PIECE])
        except _GONE:
            self._scope.cancel()
            raise ClientLeft from None
        self.due = NEVER
        self._phase = Phase.HANDLER

    async def _receive(self) -> bytes:
        """b"" at the end of the stream."""
        try:
            return await self._stream.receive(_AT_ONCE)
        except anyio.EndOfStream:
            return b""
        except _GONE:
            raise ClientLeft from None

    async def _refuse(self, error: Refused) -> None:
        """Say why, and stay until it is read: closing over unread bytes resets the connection, and the answer is lost
        (RFC 9112, 9.6).
        """
        log.debug("refused: %d %s", error.status, error.reason)
        await dismiss(self._stream, refusal(error, self._house.dress), self._house.limits.linger)


async def dismiss(stream: SocketStream, answer: bytes, linger: float) -> None:
    """Answer, end our side, and drop what still arrives."""
    try:
        with anyio.move_on_after(linger):
            await stream.send(answer)
            await stream.send_eof()
            dropped = 0
            while dropped < _MOST_LINGER:
                dropped += len(await stream.receive(_AT_ONCE))
    except (anyio.EndOfStream, *_GONE, OSError):
        pass


def log_fault(error: Exception) -> None:
    """Which error, and where: its message may hold what the client sent."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
    log.error("fault: %s at %s", type(error).__name__, where)
