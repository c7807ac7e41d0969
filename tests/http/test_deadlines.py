"""Waits for upstreams that one task looks after: they end as those do that look at the clock for themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketStream

from metaphrase.http import Request
from metaphrase_http import Client, Deadlines, Origin, Patience, UpstreamBroken, UpstreamTimeout

from .loopback import ONE_LOOP, SOON, Script, answering, until, upstream

pytestmark = pytest.mark.anyio

POST = Request("POST", "/", (), b"{}")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@asynccontextmanager
async def watched(patience: Patience) -> AsyncIterator[Client]:
    """A client whose deadlines are looked after; nothing is left of it at the end."""
    with anyio.fail_after(SOON):
        async with anyio.create_task_group() as tasks:
            async with Client(patience) as client:
                tasks.start_soon(client.deadlines.run)
                await until(lambda: client.deadlines.running)
                yield client
            assert len(client.deadlines) == 0
            tasks.cancel_scope.cancel()


async def call(client: Client, origin: Origin, request: Request = POST) -> bytes:
    async with await client.call(origin, request) as answer:
        return await answer.read()


async def silent(_stream: SocketStream, _request: bytes, _number: int) -> None:
    await anyio.sleep_forever()


async def stalling(stream: SocketStream, _request: bytes, _number: int) -> None:
    await stream.send(CHUNKED + b"2\r\nok\r\n")
    await anyio.sleep_forever()


async def dripping(stream: SocketStream, _request: bytes, _number: int) -> None:
    """A head without end: each byte is something, none is the last."""
    await stream.send(b"HTTP/1.1 200 OK\r\na: ")
    while True:
        await stream.send(b"b")
        await anyio.sleep(0.03)


@pytest.mark.parametrize("size", [2, 20_000, 300_000])
@pytest.mark.parametrize(
    ("script", "phase"),
    [(silent, "first byte"), (dripping, "first byte"), (stalling, "idle")],
    ids=["silent", "dripping", "stalling"],
)
async def test_an_upstream_that_stalls(script: Script, phase: str, size: int) -> None:
    patience = Patience(first_byte=0.15, idle=0.15, write=9)
    async with upstream(script) as up, watched(patience) as client:
        start = anyio.current_time()
        with pytest.raises(UpstreamTimeout) as caught:
            await call(client, up.origin, Request("POST", "/", (), bytes(size)))
        assert (caught.value.phase, caught.value.status, caught.value.retryable) == (phase, 504, False)
        assert 0.14 < anyio.current_time() - start < 3
        assert (len(client.pool), len(client.deadlines)) == (0, 0)
    assert up.connections == 1


async def test_an_upstream_that_does_not_read() -> None:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", backlog=1)
    origin = Origin("http", "127.0.0.1", listener.extra(anyio.abc.SocketAttribute.local_port))
    async with listener, watched(Patience(write=0.2)) as client:
        start = anyio.current_time()
        with pytest.raises(UpstreamTimeout) as caught:
            await call(client, origin, Request("POST", "/", (), bytes(30_000_000)))
        assert caught.value.phase == "write"
        assert 0.19 < anyio.current_time() - start < 3


async def test_only_the_wait_for_the_upstream_counts() -> None:
    """Neither a reader that takes its time, nor an idle connection, is late."""
    patience = Patience(first_byte=0.1, idle=0.1, write=0.1)

    async def script(stream: SocketStream, _request: bytes, _number: int) -> None:
        await stream.send(CHUNKED)
        for _ in range(3):
            await stream.send(b"2\r\nok\r\n")
            await anyio.sleep(0.03)
        await stream.send(b"0\r\n\r\n")

    async with upstream(script) as up, watched(patience) as client:
        for _ in range(2):
            async with await client.call(up.origin, POST) as answer:
                body = b""
                await anyio.sleep(0.25)
                async for piece in answer:
                    body += piece
                    await anyio.sleep(0.25)
            assert body == b"okokok"
            await anyio.sleep(0.25)
        assert (up.connections, len(client.pool), len(client.deadlines)) == (1, 1, 1)


async def test_one_that_is_late_ends_alone() -> None:
    async def script(stream: SocketStream, request: bytes, _number: int) -> None:
        await anyio.sleep(10 if request.startswith(b"POST /late") else 0.2)
        await stream.send(OK)

    ends: list[str] = []

    async def one(client: Client, origin: Origin, target: str) -> None:
        try:
            ends.append((await call(client, origin, Request("POST", target, (), b"{}"))).decode())
        except UpstreamTimeout as error:
            ends.append(error.phase)

    async with upstream(script) as up, watched(Patience(first_byte=0.5)) as client:
        async with anyio.create_task_group() as tasks:
            for number in range(40):
                tasks.start_soon(one, client, up.origin, "/late" if number % 2 else "/")
        assert sorted(ends) == ["first byte"] * 20 + ["ok"] * 20
        assert len(client.deadlines) == len(client.pool) == 20


async def test_what_came_at_the_last_moment_counts_but_its_connection_is_gone() -> None:
    async with upstream(answering(OK)) as up, watched(Patience()) as client:
        async with await client.call(up.origin, POST) as answer:
            (link,) = client.deadlines._all
            await link.late()
            assert await answer.read() == b"ok"
        assert len(client.pool) == 0
        assert await call(client, up.origin) == b"ok"
        assert (up.connections, len(client.pool)) == (2, 1)


async def test_a_break_is_not_a_timeout() -> None:
    async with upstream(answering(OK[:-1], hang_up=True)) as up, watched(Patience(idle=0.1)) as client:
        with pytest.raises(UpstreamBroken):
            await call(client, up.origin)


async def test_nobody_waits_unseen_when_the_looking_ends() -> None:
    """What waits then ends; what is called later looks at the clock for itself."""
    phases: list[str] = []

    async def one(client: Client, origin: Origin) -> None:
        with pytest.raises(UpstreamTimeout) as caught:
            await call(client, origin)
        phases.append(caught.value.phase)

    async with upstream(silent) as up, Client(Patience(first_byte=60)) as client, anyio.create_task_group() as tasks:
        with anyio.CancelScope() as looking:
            async with anyio.create_task_group() as inner:
                inner.start_soon(client.deadlines.run)
                for _ in range(3):
                    tasks.start_soon(one, client, up.origin)
                await until(lambda: len(up.requests) == 3)
                looking.cancel()
        await until(lambda: len(phases) == 3, within=2)
        assert (phases, client.deadlines.running, len(client.deadlines)) == (["first byte"] * 3, False, 0)
        other = Client(Patience(first_byte=0.1), deadlines=client.deadlines)
        with pytest.raises(UpstreamTimeout):
            await call(other, up.origin)


@ONE_LOOP
async def test_one_task_is_enough() -> None:
    deadlines = Deadlines()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deadlines.run)
        await until(lambda: deadlines.running)
        with pytest.raises(RuntimeError, match="runs already"):
            await deadlines.run()
        assert deadlines.running
        tasks.cancel_scope.cancel()
    assert not deadlines.running
