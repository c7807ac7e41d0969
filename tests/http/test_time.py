"""What is too slow ends, who leaves is noticed, and a slow reader holds back the producer."""

from __future__ import annotations

import socket
import time

import anyio
import pytest
from anyio.abc import SocketAttribute

from metaphrase_http import Incoming, Limits, Respond
from metaphrase_http.connection import House
from metaphrase_http.limits import KIB, MIB
from metaphrase_http.watch import Asked, Watch

from .loopback import ONE_LOOP, Seen, raw, serving, status, talk, until

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
SHORT = Limits(header_timeout=0.15, body_timeout=0.15, write_timeout=0.15, keep_alive=0.15, linger=0.15)


async def drip(port: int, data: bytes, pause: float) -> tuple[bytes, float]:
    """Byte after byte with a pause between, until the server answers; the answer and when it came."""
    start = anyio.current_time()
    async with raw(port) as client, anyio.create_task_group() as tasks:

        async def write() -> None:
            for at in range(len(data)):
                await client.send(data[at : at + 1])
                await anyio.sleep(pause)

        tasks.start_soon(write)
        answer = await client.stream.receive()
        taken = anyio.current_time() - start
        tasks.cancel_scope.cancel()
    return answer, taken


async def test_a_head_has_so_long_in_all() -> None:
    async with serving(seen := Seen(), SHORT) as (_, port):
        answer, taken = await drip(port, GET + bytes(100), 0.02)
        assert (status(answer), 0.14 < taken < 3) == (408, True)
    assert seen.targets == []


async def test_a_body_may_not_stall() -> None:
    async with serving(seen := Seen(), SHORT) as (_, port):
        start = anyio.current_time()
        answer = await talk(port, POST % 10 + b"abc")
        assert status(answer) == 408
        assert anyio.current_time() - start < 5
    assert seen.bodies == []


async def test_a_body_may_not_drip() -> None:
    async with serving(Seen(), SHORT) as (_, port):
        answer, taken = await drip(port, POST % 100 + bytes(100), 0.01)
        assert (status(answer), taken < 5) == (408, True)


async def test_between_requests_there_is_nothing_to_say() -> None:
    async with serving(Seen(), SHORT) as (_, port), raw(port) as client:
        await client.send(GET)
        assert status(await client.response()) == 200
        start = anyio.current_time()
        assert await client.all() == b""
        assert 0.13 < anyio.current_time() - start < 3


@ONE_LOOP
async def test_who_says_nothing_is_told_nothing() -> None:
    async with serving(Seen(), SHORT) as (_, port):
        assert await talk(port, b"\r\n") == b""


async def test_who_does_not_read_is_not_waited_for() -> None:
    ended = anyio.Event()

    async def handle(_request: Incoming, respond: Respond) -> None:
        respond.start(200)
        try:
            while True:
                await respond.send(bytes(64 * 1024))
        finally:
            ended.set()

    async with serving(handle, SHORT) as (_, port), raw(port) as client:
        await client.send(GET)
        with anyio.fail_after(3):
            await ended.wait()


async def test_a_slow_reader_holds_back_the_producer() -> None:
    given = [0]

    async def handle(_request: Incoming, respond: Respond) -> None:
        respond.start(200)
        while True:
            await respond.send(bytes(16 * 1024))
            given[0] += 16 * 1024

    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    async with serving(handle) as (_, port):
        small.connect(("127.0.0.1", port))
        small.sendall(GET)
        await anyio.sleep(0.1)
        taken = given[0]
        await anyio.sleep(0.1)
        assert given[0] == taken
        assert taken < 256 * 1024
        small.close()


@pytest.mark.parametrize("how", ["close", "half-close", "reset"])
@pytest.mark.parametrize("when", ["waiting", "streaming", "reading", "pipelining"])
async def test_who_leaves_ends_the_handler_at_once(when: str, how: str) -> None:
    begun, ended = anyio.Event(), anyio.Event()

    async def handle(request: Incoming, respond: Respond) -> None:
        begun.set()
        try:
            await request.read()
            if when == "streaming":
                respond.start(200)
                await respond.send(b"data: 1\n\n")
            await anyio.sleep_forever()
        finally:
            ended.set()

    async with serving(handle) as (server, port), raw(port) as client:
        await client.send({"reading": POST % 10 + b"abc", "pipelining": GET * 3}.get(when, GET))
        await begun.wait()
        if when == "streaming":
            await client.stream.receive()
        await anyio.sleep(0.01)
        start = anyio.current_time()
        if how == "half-close":
            await client.stream.send_eof()
        else:
            if how == "reset":
                plain = client.stream.extra(SocketAttribute.raw_socket)
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            await client.stream.aclose()
        with anyio.fail_after(2):
            await ended.wait()
        assert anyio.current_time() - start < 2
        await until(lambda: server.connections == 0)


@ONE_LOOP
async def test_where_the_kernel_does_not_tell_it_is_asked() -> None:
    ended = anyio.Event()

    async def handle(_request: Incoming, _respond: Respond) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    async with serving(handle) as (server, port):
        house: House = server._house
        asked = Watch(0.1, Asked())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(asked.run)
            house.watch = asked
            async with raw(port) as client:
                await client.send(GET)
                await until(lambda: len(asked) == 1)
                await anyio.sleep(0.1)
                assert not ended.is_set()
            assert await until(ended.is_set) < 2
            await until(lambda: len(asked) == 0)
            tasks.cancel_scope.cancel()


async def test_a_handler_that_is_done_is_not_disturbed() -> None:
    after: list[bool] = []

    async def handle(_request: Incoming, respond: Respond) -> None:
        await respond.whole(200)
        await anyio.sleep(0.05)
        after.append(True)

    async with serving(handle) as (server, port):
        async with raw(port) as client:
            await client.send(GET)
            await client.response()
        await until(lambda: server.connections == 0)
    assert after == [True]


async def test_many_deadlines_are_looked_after() -> None:
    async with serving(Seen(), SHORT) as (server, port):
        async with anyio.create_task_group() as tasks:
            answers: list[int] = []

            async def one() -> None:
                answers.append(status(await talk(port, b"GET / HT")))

            for _ in range(50):
                tasks.start_soon(one)
        assert answers == [408] * 50
        await until(lambda: server.connections == 0)


@ONE_LOOP
async def test_what_was_left_of_a_piece_goes_before_the_end() -> None:
    """A handler that gives up waiting for a slow reader may still end its response: the loop sends what it kept."""
    size, given, got = 100 * KIB, [0], bytearray()
    ended = anyio.Event()

    def read() -> bool:
        """What is there; whether it is the end."""
        while True:
            try:
                piece = plain.recv(MIB)
            except BlockingIOError:
                return False
            if not piece:
                return True
            got.extend(piece)

    async def handle(_request: Incoming, respond: Respond) -> None:
        respond.start(200)
        given_up = False
        while not given_up:
            given[0] += size
            with anyio.move_on_after(0.1) as scope:
                await respond.send(bytes(size))
            given_up = scope.cancelled_caught
        for _ in range(20):  # now there is room, and the loop has not yet seen that
            read()
            time.sleep(0.001)  # noqa: ASYNC251 - it is not to see it
        ended.set()
        await respond.finish(b"end")

    async with serving(handle) as (_, port):
        with socket.create_connection(("127.0.0.1", port)) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            plain.setblocking(False)
            await ended.wait()
            await until(read)
    assert got.count(0) == given[0]
    assert got.endswith(b"\r\n3\r\nend\r\n0\r\n\r\n")


async def test_who_asks_much_at_once_does_not_keep_others_waiting() -> None:
    turns, longest, row = [0], [0], [0]

    async def handle(_request: Incoming, respond: Respond) -> None:
        row[0] += 1
        longest[0] = max(longest[0], row[0])
        await respond.whole(200)

    async def other() -> None:
        while True:
            await anyio.lowlevel.checkpoint()
            turns[0] += 1
            row[0] = 0

    async with serving(handle) as (_, port), anyio.create_task_group() as tasks, raw(port) as client:
        tasks.start_soon(other)
        await client.send(GET * 1000)
        for _ in range(1000):
            assert status(await client.response()) == 200
        tasks.cancel_scope.cancel()
    assert longest[0] <= 3
