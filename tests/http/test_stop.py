"""Stopping: nothing that runs is cut off before its time."""

from __future__ import annotations

import anyio
import pytest

from metaphrase_http import Incoming, Limits, Respond

from .loopback import GONE, Seen, raw, serving, status, until

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Slow:
    """Streams until it is told to finish."""

    def __init__(self) -> None:
        self.go = anyio.Event()
        self.begun = 0
        self.cancelled = 0

    async def __call__(self, _request: Incoming, respond: Respond) -> None:
        respond.start(200)
        await respond.send(b"one")
        self.begun += 1
        try:
            await self.go.wait()
        except anyio.get_cancelled_exc_class():
            self.cancelled += 1
            raise
        await respond.finish(b"two")


async def test_streams_end_in_their_own_time_and_nothing_new_is_taken() -> None:
    slow = Slow()
    answers: list[bytes] = []
    async with serving(slow) as (server, port), anyio.create_task_group() as tasks:

        async def one() -> None:
            async with raw(port) as client:
                await client.send(GET)
                answers.append(await client.all())

        for _ in range(50):
            tasks.start_soon(one)
        await until(lambda: slow.begun == 50)
        server.stop()
        assert server.draining
        await anyio.sleep(0.02)
        with pytest.raises(OSError, match=r"."):
            await anyio.connect_tcp("127.0.0.1", port)
        slow.go.set()
    assert [answer.endswith(b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n") for answer in answers] == [True] * 50
    assert slow.cancelled == 0


async def test_the_time_to_drain_is_limited() -> None:
    slow = Slow()
    async with serving(slow, Limits(drain=0.2)) as (server, port), raw(port) as client:
        await client.send(GET)
        await until(lambda: slow.begun == 1)
        server.stop()
        start = anyio.current_time()
        answer = await client.all()
        assert 0.15 < anyio.current_time() - start < 3
    assert answer.endswith(b"3\r\none\r\n")
    assert slow.cancelled == 1


async def test_a_second_stop_is_now() -> None:
    slow = Slow()
    async with serving(slow) as (server, port), raw(port) as client:
        await client.send(GET)
        await until(lambda: slow.begun == 1)
        server.stop()
        await anyio.sleep(0.05)
        assert slow.cancelled == 0
        server.stop(now=server.draining)
        await until(lambda: slow.cancelled == 1, within=0.5)


async def test_an_idle_connection_ends_at_once_and_a_busy_one_after_its_response() -> None:
    seen = Seen()
    slow = Slow()

    async def handle(request: Incoming, respond: Respond) -> None:
        await (slow if request.target == "/slow" else seen)(request, respond)

    async with serving(handle) as (server, port), raw(port) as idle, raw(port) as busy, raw(port) as late:
        await idle.send(GET)
        assert status(await idle.response()) == 200
        await busy.send(GET.replace(b"/", b"/slow", 1) + GET)
        await until(lambda: slow.begun == 1)
        await late.send(GET[:10])
        await anyio.sleep(0.02)
        server.stop()
        with anyio.fail_after(1), pytest.raises(GONE):
            await idle.stream.receive()
        await late.send(GET[10:])
        answer = await late.all()
        assert (status(answer), b"connection: close" in answer) == (200, True)
        slow.go.set()
        assert (await busy.all()).count(b"HTTP/1.1 ") == 1
