"""Client and server together, as a gateway uses them: a handler that passes everything through."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from metaphrase.http import Request
from metaphrase_http import Client, Handler, Incoming, Origin, Respond, Server, UpstreamError

from .loopback import Script, Upstream, answering, raw, serving, status, talk, until, upstream

pytestmark = pytest.mark.anyio

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def passing(client: Client, origin: Origin, read: list[int]) -> Handler:
    async def handle(request: Incoming, respond: Respond) -> None:
        body = await request.read()
        try:
            async with await client.call(origin, Request(request.method, request.target, (), body)) as answer:
                respond.start(answer.status)
                async for piece in answer:
                    read[0] += len(piece)
                    await respond.send(piece)
        except UpstreamError as error:
            if not respond.written:
                await respond.whole(error.status)
            else:
                respond.abort()
        else:
            await respond.finish()

    return handle


@asynccontextmanager
async def gateway(script: Script) -> AsyncIterator[tuple[Server, int, Upstream, list[int]]]:
    read = [0]
    async with (
        upstream(script) as up,
        Client() as client,
        serving(passing(client, up.origin, read)) as (server, port),
    ):
        yield server, port, up, read


async def flood(stream: SocketStream, _request: bytes, _number: int) -> None:
    await stream.send(CHUNKED)
    piece = b"4000\r\n" + bytes(0x4000) + b"\r\n"
    while True:
        await stream.send(piece)


async def trickle(stream: SocketStream, _request: bytes, _number: int) -> None:
    await stream.send(CHUNKED)
    while True:
        await stream.send(b"2\r\nok\r\n")
        await anyio.sleep(0.01)


async def silence(stream: SocketStream, _request: bytes, _number: int) -> None:
    await stream.receive()


async def test_a_slow_reader_holds_back_the_upstream() -> None:
    async with gateway(flood) as (_, port, _up, read):
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        slow.connect(("127.0.0.1", port))
        slow.sendall(GET)
        await anyio.sleep(0.15)
        taken = 0
        for _ in range(5):
            before = read[0]
            assert before - taken < 256 * 1024
            taken += len(slow.recv(16 * 1024))
            await anyio.sleep(0.02)
        slow.close()


async def test_only_a_stream_is_held_to_a_small_buffer() -> None:
    sizes: list[int] = []
    for head in (CHUNKED, CHUNKED[:-2] + b"Content-Type: application/json\r\n\r\n"):
        async with upstream(answering(head + b"2\r\nok\r\n0\r\n\r\n")) as up, Client() as client:
            async with await client.call(up.origin, Request("GET", "/")) as answer:
                assert await answer.read() == b"ok"
            link = await client.pool.take(up.origin)
            assert link is not None
            sizes.append(link._raw.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))
            await link.close()
    assert sizes[0] <= 64 * 1024 < sizes[1]


@pytest.mark.parametrize("script", [silence, trickle, flood])
async def test_who_leaves_frees_the_upstream_at_once(script: Script) -> None:
    async with gateway(script) as (server, port, up, _):
        for number in range(1, 9):
            async with raw(port) as client:
                await client.send(GET)
                if script is silence:
                    await anyio.sleep(0.02)
                else:
                    await client.stream.receive()
                if number % 2:
                    await client.stream.send_eof()
                    assert await up.until_closed(number) < 0.1
            assert await up.until_closed(number) < 0.1
        assert len(up.requests) == 8
        await until(lambda: server.connections == 0)


@pytest.mark.parametrize("reset", [False, True])
async def test_a_stream_that_breaks_off_breaks_off(reset: bool) -> None:
    async def script(stream: SocketStream, _request: bytes, _number: int) -> None:
        await stream.send(CHUNKED + b"2\r\nok\r\n")
        await anyio.sleep(0.02)
        if reset:
            plain = stream.extra(SocketAttribute.raw_socket)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        await stream.aclose()

    async with gateway(script) as (_, port, _up, _read):
        answer = await talk(port, GET + GET)
        assert answer.endswith(b"\r\n\r\n2\r\nok\r\n")
        assert answer.count(b"HTTP/1.1 ") == 1


async def test_an_upstream_that_dies_before_its_answer_is_asked_once() -> None:
    async def script(stream: SocketStream, _request: bytes, _number: int) -> None:
        await stream.aclose()

    async with gateway(script) as (_, port, up, _):
        for _ in range(5):
            async with raw(port) as client:
                await client.send(GET)
                assert status(await client.response()) == 502
        assert len(up.requests) == 5
