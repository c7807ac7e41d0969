"""One connection to an upstream."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Awaitable
from typing import TypeVar

import anyio
from anyio.abc import ByteStream, SocketStream
from anyio.streams.tls import TLSStream

from .deadlines import Deadlines
from .errors import UpstreamBroken, UpstreamTimeout, UpstreamUnreachable
from .head import Heads
from .limits import Patience
from .origin import Origin
from .sockets import narrow, quiet, tune, write_now
from .tls import complaint
from .watch import NEVER, clock

_AT_ONCE = 64 * 1024
_SMALL = 64 * 1024  # less than a piece of a long body: an answer is waited for next
_GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError)
_BROKEN = (*_GONE, ssl.SSLError)
_T = TypeVar("_T")


class Link:
    """Bytes to and from one upstream. Whoever holds it either gives it back to the pool, clean, or closes it."""

    __slots__ = (
        "_deadlines",
        "_phase",
        "_plain",
        "_raw",
        "_stream",
        "_wire",
        "alive",
        "due",
        "heads",
        "idle_since",
        "origin",
        "used",
        "was_late",
    )

    def __init__(
        self, origin: Origin, wire: SocketStream, stream: ByteStream, patience: Patience, deadlines: Deadlines
    ) -> None:
        self.origin = origin
        self.due = NEVER  # when `send` or `receive` gives up, on `clock`
        self.was_late = False  # it was closed because of that
        self.heads = Heads(patience.head, patience.headers)
        self.used = False  # it has carried a call before
        self.idle_since = 0.0
        self._phase = ""
        self._plain = stream is wire
        self._deadlines = deadlines
        self._wire = wire
        self._stream = stream
        self._raw: socket.socket = tune(wire)
        self.alive = quiet(self._raw)  # whether nothing happened on it while it was idle
        deadlines.add(self)

    @classmethod
    async def open(
        cls, origin: Origin, tls: ssl.SSLContext | None, patience: Patience, deadlines: Deadlines | None = None
    ) -> Link:
        """Connect. Raises UpstreamUnreachable, UpstreamTimeout."""
        try:
            with anyio.fail_after(patience.connect):
                wire = await anyio.connect_tcp(origin.host, origin.port)
                stream = wire if tls is None else await _secured(wire, origin, tls)
        except TimeoutError:
            raise UpstreamTimeout("connect") from None
        except socket.gaierror:
            raise UpstreamUnreachable("no such host") from None
        except (OSError, UnicodeError, *_GONE, anyio.EndOfStream) as error:
            raise UpstreamUnreachable(_why(error)) from None
        return cls(origin, wire, stream, patience, Deadlines() if deadlines is None else deadlines)

    def allow(self, phase: str, seconds: float) -> None:
        """So long, from now, for what is sent and received next, all of it together. `due` ends that."""
        self._phase = phase
        self.due = clock() + seconds

    async def send(self, data: bytes) -> bool:
        """Whether the kernel has taken all of it; else the upstream hung up. Raises UpstreamTimeout."""
        if self._plain and len(data) <= _SMALL:
            data = write_now(self._raw, data)
            if not data:
                return True
        step = self._stream.send(data)
        try:
            await (step if self._deadlines.running else self._in_time(step))
        except _BROKEN:
            if self.was_late:
                raise UpstreamTimeout(self._phase) from None
            return False
        return True

    async def receive(self) -> bytes:
        """What arrived; b"" at the end of the stream. Raises UpstreamBroken, UpstreamTimeout."""
        step = self._stream.receive(_AT_ONCE)
        try:
            return await (step if self._deadlines.running else self._in_time(step))
        except anyio.EndOfStream:
            return b""
        except _BROKEN:
            if self.was_late:
                raise UpstreamTimeout(self._phase) from None
            raise UpstreamBroken("connection reset") from None

    async def late(self) -> None:
        """From the deadlines: `due` has passed. Closing it wakes whoever waits for it."""
        self.was_late = True
        await self.close()

    def narrow(self) -> None:
        """A stream comes now: see `sockets.narrow`."""
        narrow(self._raw)

    def rest_now(self) -> None:
        """It is idle from now on."""
        self.used = True
        self.idle_since = clock()

    async def close(self) -> None:
        """At once, also in a task that is cancelled. No farewell in TLS: the framing says where messages end."""
        self._deadlines.remove(self)
        await anyio.aclose_forcefully(self._wire)

    async def _in_time(self, step: Awaitable[_T]) -> _T:
        """Where nobody else looks at the clock."""
        with anyio.move_on_after(self.due - clock()):
            return await step
        raise UpstreamTimeout(self._phase)


async def _secured(wire: SocketStream, origin: Origin, tls: ssl.SSLContext) -> TLSStream:
    try:
        return await TLSStream.wrap(wire, hostname=origin.host, ssl_context=tls)
    except BaseException:
        await anyio.aclose_forcefully(wire)
        raise


def _why(error: BaseException | None) -> str:
    """What was behind it; of several addresses that were tried, the first one counts."""
    while error is not None:
        if isinstance(error, ConnectionRefusedError):
            return "connection refused"
        if isinstance(error, ssl.SSLError):
            return complaint(error)
        group: tuple[BaseException, ...] = getattr(error, "exceptions", ())
        error = group[0] if group else error.__cause__
    return "cannot connect"
