"""Servers, upstreams and raw clients on 127.0.0.1, for the length of a block."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketListener, SocketStream

from metaphrase_http import Handler, Incoming, Limits, Origin, Respond, Server
from metaphrase_http.refusal import Dress, plain
from metaphrase_http.workers import bind, listeners

GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream)
SOON = 5.0  # no test waits longer for what should happen at once
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ONE_LOOP = pytest.mark.parametrize("anyio_backend", [pytest.param(("asyncio", {}), id="asyncio")])


@dataclass
class Seen:
    """What a handler was given. Answers 200 with the body that came."""

    targets: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def __call__(self, request: Incoming, respond: Respond) -> None:
        self.targets.append(request.target)
        self.bodies.append(await request.read())
        await respond.whole(200, (), self.bodies[-1] or b"ok")


@asynccontextmanager
async def serving(
    handler: Handler, limits: Limits | None = None, dress: Dress = plain
) -> AsyncIterator[tuple[Server, int]]:
    """A server and its port; stopped at the end."""
    sockets = bind("127.0.0.1", 0)[0]
    port = sockets[0].getsockname()[1]
    server = Server(handler, limits or Limits(linger=0.5), dress=dress)
    async with anyio.create_task_group() as tasks:
        await tasks.start(server.serve, await listeners(sockets))
        try:
            yield server, port
        finally:
            server.stop(now=True)


class Raw:
    """A client that writes bytes and reads bytes."""

    def __init__(self, stream: SocketStream) -> None:
        self.stream = stream
        self._data = b""

    async def send(self, data: bytes) -> None:
        await self.stream.send(data)

    async def all(self) -> bytes:
        """Everything up to the end of the stream."""
        with anyio.fail_after(SOON):
            data, self._data = self._data, b""
            try:
                while True:
                    data += await self.stream.receive()
            except GONE:
                return data

    async def response(self) -> bytes:
        """One response that says how long it is."""
        with anyio.fail_after(SOON):
            while (end := self._data.find(b"\r\n\r\n")) < 0:
                self._data += await self.stream.receive()
            length = _LENGTH.search(self._data[:end])
            stop = end + 4 + (int(length[1]) if length else 0)
            while len(self._data) < stop:
                self._data += await self.stream.receive()
            whole, self._data = self._data[:stop], self._data[stop:]
            return whole


@asynccontextmanager
async def raw(port: int) -> AsyncIterator[Raw]:
    """A connection to a port of ours."""
    async with await anyio.connect_tcp("127.0.0.1", port) as stream:
        yield Raw(stream)


async def talk(port: int, data: bytes, *, byte_by_byte: bool = False) -> bytes:
    """Send it all, and read until the server hangs up."""
    async with raw(port) as client:
        try:
            for at in range(0, len(data), 1 if byte_by_byte else len(data)):
                await client.send(data[at : at + 1] if byte_by_byte else data)
        except GONE:  # refused in the middle
            pass
        return await client.all()


def status(response: bytes) -> int:
    """Of the first response; 0 if there is none."""
    return int(response[9:12]) if response.startswith(b"HTTP/1.1 ") else 0


# What an upstream does with one request: its bytes, and which one it is on this upstream, from 0.
Script = Callable[[SocketStream, bytes, int], Awaitable[None]]


@dataclass
class Upstream:
    """What a scripted upstream has seen."""

    port: int
    origin: Origin
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    closed: int = 0

    async def until_closed(self, number: int) -> float:
        """Wait for so many connections to end; how long that took."""
        return await until(lambda: self.closed == number)


@asynccontextmanager
async def upstream(script: Script) -> AsyncIterator[Upstream]:
    """Reads requests, whole, and plays the script for each."""
    multi = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = multi.extra(SocketAttribute.local_port)
    seen = Upstream(port, Origin("http", "127.0.0.1", port))

    async def serve(stream: SocketStream) -> None:
        seen.connections += 1
        data = b""
        async with stream:
            try:
                while True:
                    while (end := data.find(b"\r\n\r\n")) < 0:
                        data += await stream.receive()
                    length = _LENGTH.search(data)
                    stop = end + 4 + (int(length[1]) if length else 0)
                    while len(data) < stop:
                        data += await stream.receive()
                    seen.requests.append(data[:stop])
                    data = data[stop:]
                    await script(stream, seen.requests[-1], len(seen.requests) - 1)
            except GONE:
                pass
        seen.closed += 1

    async with anyio.create_task_group() as tasks:
        listener: SocketListener = multi.listeners[0]  # type: ignore[assignment]  # the only one
        tasks.start_soon(listener.serve, serve)
        yield seen
        tasks.cancel_scope.cancel()
    await multi.aclose()


def answering(data: bytes, *, hang_up: bool = False) -> Script:
    """Always the same answer."""

    async def script(stream: SocketStream, _request: bytes, _number: int) -> None:
        await stream.send(data)
        if hang_up:
            await stream.aclose()

    return script


async def until(true: Callable[[], bool], within: float = SOON) -> float:
    """Wait for it; how long it took."""
    start = anyio.current_time()
    with anyio.fail_after(within):
        while not true():  # noqa: ASYNC110 - the test looks on from outside
            await anyio.sleep(0.002)
    return anyio.current_time() - start
