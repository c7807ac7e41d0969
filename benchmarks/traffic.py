"""An upstream and its clients for `benchmarks.gateway`: asyncio protocols with as little Python in them as will do."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple, cast

from .forms import FORMS, LAST, LENGTH, STREAM_HEAD, Form, spoken, unary

CHUNKS = 200
_AT_ONCE = 4  # chunks that go out together: else the upstream would be the slowest part
_QUESTION = b"What is this about? " * 10
_UNARY = {form.name: unary(form.answer(b"word " * 60)) for form in FORMS.values()}


def _bursts(form: Form) -> list[bytes]:
    chunks = form.stream([b"a few words, %03d" % n for n in range(CHUNKS - len(form.ends))])
    return [b"".join(chunks[n : n + _AT_ONCE]) for n in range(0, CHUNKS, _AT_ONCE)]


_BURSTS = {form.name: _bursts(form) for form in FORMS.values()}


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
        self._bursts: list[bytes] = []

    def data_received(self, data: bytes) -> None:
        self._data += data
        end = self._data.find(b"\r\n\r\n")
        found = LENGTH.search(self._data)
        if end < 0 or found is None or len(self._data) < end + 4 + int(found[1]):
            return
        form, streams = spoken(self._data)
        self._data = b""
        if streams:
            self._transport.write(STREAM_HEAD)
            self._bursts = _BURSTS[form.name]
            self._next(0)
        else:
            self._transport.write(_UNARY[form.name])

    def _next(self, number: int) -> None:
        if number == len(self._bursts):
            self._transport.write(LAST)
        elif not self._transport.is_closing():
            self._transport.write(self._bursts[number])
            asyncio.get_running_loop().call_soon(self._next, number + 1)


class Client(asyncio.Protocol):
    """One connection, request after request."""

    def __init__(self, request: bytes, times: list[float], until: float, over: asyncio.Future[None]) -> None:
        self._request = request
        self._streams = spoken(request)[1]
        self._times = times
        self._until = until
        self._over = over
        self._first: bytes | None = None  # how the answer begins
        self._tail = b""
        self._start = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._over.done():
            self._over.set_exception(exc or ConnectionError("closed in the middle of a run"))

    def data_received(self, data: bytes) -> None:
        if self._first is None:
            self._first = data[:13]
        self._tail = (self._tail + data)[-2048:]
        if not (self._tail.endswith(LAST) if self._streams else self._whole()):
            return
        if self._first != b"HTTP/1.1 200 ":
            self._over.set_exception(ConnectionError(f"answered {self._tail!r}"))
            return
        now = time.perf_counter()
        self._times.append(now - self._start)
        if now < self._until:
            self._ask()
        elif not self._over.done():
            self._over.set_result(None)
            self._transport.close()

    def _whole(self) -> bool:
        """Answers are small: all of one is in the tail."""
        end = self._tail.find(b"\r\n\r\n")
        found = LENGTH.search(self._tail)
        return end >= 0 and found is not None and len(self._tail) >= end + 4 + int(found[1])

    def _ask(self) -> None:
        self._tail = b""
        self._first = None
        self._start = time.perf_counter()
        self._transport.write(self._request)


@asynccontextmanager
async def upstream() -> AsyncIterator[int]:
    """The upstream, on a free port."""
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def drive(port: int, form: Form, model: bytes, connections: int, seconds: float, *, streams: bool) -> Sample:
    """So many connections for so long."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    request = form.request(model, _QUESTION, streams=streams)
    start = time.perf_counter()
    ends = [loop.create_future() for _ in range(connections)]
    make: list[Callable[[], Client]] = [
        lambda over=over: Client(request, times, start + seconds, over)  # type: ignore[misc]  # bound early
        for over in ends
    ]
    await asyncio.gather(*(loop.create_connection(one, "127.0.0.1", port) for one in make))
    await asyncio.gather(*ends)
    taken = time.perf_counter() - start
    return Sample(len(times) * (CHUNKS if streams else 1) / taken, statistics.median(times))
