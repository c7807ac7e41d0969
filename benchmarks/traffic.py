"""An upstream and its clients for `benchmarks.gateway`: asyncio protocols with as little Python in them as will do."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple, cast

CHUNKS = 200
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ANSWER = b'{"choices":[{"index":0,"message":{"role":"assistant","content":"%b"},"finish_reason":"stop"}]}' % (
    b"word " * 60
)
_EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"a few words"},"finish_reason":null}],"id":"c-%06d"}\n\n'
_UNARY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nServer: mock\r\n\r\n" % len(
    _ANSWER
)
_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nServer: mock\r\n\r\n"
_AT_ONCE = 4  # chunks that go out together: else the upstream would be the slowest part
_EVENTS = [b"%x\r\n%b\r\n" % (len(event), event) for event in (_EVENT % n for n in range(CHUNKS))]
_BURSTS = [b"".join(_EVENTS[n : n + _AT_ONCE]) for n in range(0, CHUNKS, _AT_ONCE)]
_BODY = b'{"model":"m","messages":[{"role":"user","content":"%b"}]}' % (b"What is this about? " * 10)
_REQUEST = (
    b"POST /%b HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
    b"User-Agent: bench/1\r\nAuthorization: Bearer sk-0123456789\r\nX-Request-Id: 1\r\nContent-Length: %d\r\n\r\n%b"
)


class Sample(NamedTuple):
    """What one run gave."""

    rate: float  # requests or chunks a second
    median: float  # seconds for one request or stream
    processor: float = 0.0  # seconds that the proxy computed, for one request or chunk


class Upstream(asyncio.Protocol):
    """Answers at once; a stream goes out a few chunks at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._data = b""

    def data_received(self, data: bytes) -> None:
        self._data += data
        end = self._data.find(b"\r\n\r\n")
        found = _LENGTH.search(self._data)
        if end < 0 or found is None or len(self._data) < end + 4 + int(found[1]):
            return
        streams = self._data.startswith(b"POST /stream")
        self._data = b""
        self._transport.write(_STREAM if streams else _UNARY + _ANSWER)
        if streams:
            self._next(0)

    def _next(self, number: int) -> None:
        if number == len(_BURSTS):
            self._transport.write(b"0\r\n\r\n")
        elif not self._transport.is_closing():
            self._transport.write(_BURSTS[number])
            asyncio.get_running_loop().call_soon(self._next, number + 1)


class Client(asyncio.Protocol):
    """One connection, request after request."""

    def __init__(self, path: bytes, times: list[float], until: float, over: asyncio.Future[None]) -> None:
        self._request = _REQUEST % (path, len(_BODY), _BODY)
        self._mark = b"0\r\n\r\n" if path == b"stream" else _ANSWER[-32:]
        self._times = times
        self._until = until
        self._over = over

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._tail = b""
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._over.done():
            self._over.set_exception(exc or ConnectionError("closed in the middle of a run"))

    def data_received(self, data: bytes) -> None:
        self._tail = (self._tail + data)[-64:]
        if not self._tail.endswith(self._mark):
            return
        now = time.perf_counter()
        self._times.append(now - self._start)
        if now < self._until:
            self._ask()
        elif not self._over.done():
            self._over.set_result(None)
            self._transport.close()

    def _ask(self) -> None:
        self._tail = b""
        self._start = time.perf_counter()
        self._transport.write(self._request)


@asynccontextmanager
async def upstream() -> AsyncIterator[int]:
    """The upstream, on a free port."""
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def drive(port: int, path: bytes, connections: int, seconds: float) -> Sample:
    """So many connections for so long."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    start = time.perf_counter()
    ends = [loop.create_future() for _ in range(connections)]
    make: list[Callable[[], Client]] = [
        lambda over=over: Client(path, times, start + seconds, over)  # type: ignore[misc]
        for over in ends
    ]
    await asyncio.gather(*(loop.create_connection(one, "127.0.0.1", port) for one in make))
    await asyncio.gather(*ends)
    taken = time.perf_counter() - start
    each = CHUNKS if path == b"stream" else 1
    return Sample(len(times) * each / taken, statistics.median(times))
