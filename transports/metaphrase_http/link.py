"""One connection to an upstream."""

from __future__ import annotations

import socket
import ssl
import time

import anyio
from anyio.abc import ByteStream, SocketStream
from anyio.streams.tls import TLSStream

from .errors import UpstreamBroken, UpstreamTimeout, UpstreamUnreachable
from .head import Heads
from .limits import Patience
from .origin import Origin
from .sockets import narrow, quiet, tune
from .tls import complaint

_AT_ONCE = 64 * 1024
_GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError)


class Link:
    """Bytes to and from one upstream. Whoever holds it either gives it back to the pool, clean, or closes it."""

    __slots__ = ("_raw", "_stream", "_wire", "alive", "heads", "idle_since", "origin", "used")

    def __init__(self, origin: Origin, wire: SocketStream, stream: ByteStream, patience: Patience) -> None:
        self.origin = origin
        self.heads = Heads(patience.head, patience.headers)
        self.used = False  # it has carried a call before
        self.idle_since = 0.0
        self._wire = wire
        self._stream = stream
        self._raw: socket.socket = tune(wire)
        self.alive = quiet(self._raw)  # whether nothing happened on it while it was idle

    @classmethod
    async def open(cls, origin: Origin, tls: ssl.SSLContext | None, patience: Patience) -> Link:
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
        return cls(origin, wire, stream, patience)

    async def send(self, data: bytes) -> None:
        """Returns once the kernel has taken all of it."""
        await self._stream.send(data)

    async def receive(self) -> bytes:
        """What arrived; b"" at the end of the stream. Raises UpstreamBroken."""
        try:
            return await self._stream.receive(_AT_ONCE)
        except anyio.EndOfStream:
            return b""
        except (*_GONE, ssl.SSLError):
            raise UpstreamBroken("connection reset") from None

    def narrow(self) -> None:
        """A stream comes now: see `sockets.narrow`."""
        narrow(self._raw)

    def rest_now(self) -> None:
        """It is idle from now on."""
        self.used = True
        self.idle_since = time.monotonic()

    async def close(self) -> None:
        """At once, also in a task that is cancelled. No farewell in TLS: the framing says where messages end."""
        await anyio.aclose_forcefully(self._wire)


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
