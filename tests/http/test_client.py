"""Calls to upstreams that behave, and to those that do not."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import anyio
import pytest
from anyio.abc import SocketStream

from metaphrase.http import Request
from metaphrase_http import (
    Answer,
    Client,
    Incoming,
    Origin,
    Patience,
    Respond,
    UpstreamBroken,
    UpstreamError,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
)

from .loopback import ONE_LOOP, Script, Seen, answering, serving, until, upstream

pytestmark = pytest.mark.anyio

POST = Request("POST", "/v1/x?a=b", (("content-type", "application/json"), ("authorization", "Bearer k")), b"{}")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


async def call(client: Client, origin: Origin, request: Request = POST) -> bytes:
    async with await client.call(origin, request) as answer:
        return await answer.read()


async def test_a_call() -> None:
    async with upstream(answering(OK)) as up, Client() as client:
        async with await client.call(up.origin, POST) as answer:
            assert (answer.status, answer.headers) == (200, (("content-length", "2"),))
            assert (await answer.whole()).body == b"ok"
            assert await answer.read() == b""
        assert len(client.pool) == 1
    assert up.requests == [
        b"POST /v1/x?a=b HTTP/1.1\r\nhost: 127.0.0.1:%d\r\n"
        b"content-type: application/json\r\nauthorization: Bearer k\r\n"
        b"accept-encoding: identity\r\ncontent-length: 2\r\n\r\n{}" % up.port
    ]


async def test_connections_are_used_again_within_an_origin_only() -> None:
    async with upstream(answering(OK)) as one, upstream(answering(OK)) as two, Client() as client:
        for _ in range(5):
            for up in (one, two):
                assert await call(client, up.origin) == b"ok"
        assert (one.connections, two.connections, len(client.pool)) == (1, 1, 2)


@pytest.mark.parametrize("hang_up_late", [False, True])
async def test_an_upstream_that_closes_after_each_answer(hang_up_late: bool) -> None:
    """No error, and none is sent twice, however often: a request that was sent cannot be sent again."""

    async def script(stream: SocketStream, _request: bytes, _number: int) -> None:
        await stream.send(OK)
        if hang_up_late:
            await anyio.sleep(0.003)
        await stream.aclose()

    async with upstream(script) as up, Client() as client:
        for number in range(220):
            assert await call(client, up.origin, Request("POST", f"/{number}", (), b"{}")) == b"ok"
        assert [request.split()[1] for request in up.requests] == [b"/%d" % number for number in range(220)]


async def test_an_upstream_that_gets_tired_of_waiting() -> None:
    async with upstream(answering(OK, hang_up=True)) as up, Client() as client:
        for _ in range(3):
            assert await call(client, up.origin) == b"ok"
            await anyio.sleep(0.02)
        assert (up.connections, len(up.requests)) == (3, 3)


async def test_an_old_connection_is_not_used() -> None:
    async with upstream(answering(OK)) as up, Client(Patience(keep_alive=0.05)) as client:
        await call(client, up.origin)
        await anyio.sleep(0.08)
        await call(client, up.origin)
        assert up.connections == 2
        await up.until_closed(1)


BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nConte",
    "less than the length": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
    "no last chunk": CHUNKED + b"2\r\nok\r\n",
    "half a last chunk": CHUNKED + b"2\r\nok\r\n0\r\n",
    "half a chunk": CHUNKED + b"5\r\nok",
    "a bad chunk": CHUNKED + b"zz\r\nok\r\n0\r\n\r\n",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "bare LF": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "only informational": b"HTTP/1.1 100 Continue\r\n\r\n" * 20,
    "headers without end": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 20_000,
    "too many headers": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300 + b"\r\n",
    "a coding that was not asked for": b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nok",
    "damaged gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n\x1f\x8b\xff\xff\xff",
    "half a gzip": CHUNKED[:-2] + b"Content-Encoding: gzip\r\n\r\n6\r\n" + gzip.compress(b"ok")[:6] + b"\r\n0\r\n\r\n",
}


async def test_a_broken_answer_raises_and_its_connection_is_not_used_again() -> None:
    for name, data in BROKEN.items():
        async with upstream(answering(data, hang_up=True)) as up, Client() as client:
            with pytest.raises(UpstreamBroken) as caught:
                await call(client, up.origin)
            assert caught.value.sent, name
            assert (len(client.pool), len(up.requests)) == (0, 1), name
            await up.until_closed(1)


async def test_what_is_no_answer_is_not_waited_for() -> None:
    async with upstream(answering(CHUNKED + b"zz\r\n")) as up, Client() as client:
        with anyio.fail_after(1), pytest.raises(UpstreamBroken):
            await call(client, up.origin)
        await up.until_closed(1)


@pytest.mark.parametrize(
    ("data", "body", "reused"),
    [
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", b"ok", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok", False),
        (b"HTTP/1.1 200 OK\r\n\r\nok", b"ok", False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, b"ok", True),
        (CHUNKED + b"1;x\r\no\r\n1\r\nk\r\n0\r\nTrailer: x\r\n\r\n", b"ok", True),
        (OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", b"ok", False),
        (CHUNKED + b"2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", b"ok", False),
    ],
)
async def test_how_an_answer_ends(data: bytes, body: bytes, reused: bool) -> None:
    async def script(stream: SocketStream, _request: bytes, _number: int) -> None:
        for at in range(0, len(data), 7):
            await stream.send(data[at : at + 7])
        if not reused:
            await stream.aclose()

    async with upstream(script) as up, Client() as client:
        for _ in range(3):
            assert await call(client, up.origin) == body
        assert up.connections == (1 if reused else 3)


async def test_what_comes_unasked_is_nobodys_answer() -> None:
    async def script(stream: SocketStream, _request: bytes, _number: int) -> None:
        await stream.send(OK)
        await anyio.sleep(0.01)
        await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")

    async with upstream(script) as up, Client() as client:
        for _ in range(3):
            assert await call(client, up.origin) == b"ok"
            await anyio.sleep(0.03)
        assert up.connections == 3


async def test_head_has_no_body() -> None:
    async with upstream(answering(OK[:-2])) as up, Client() as client:
        assert await call(client, up.origin, Request("HEAD", "/")) == b""
        assert len(client.pool) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_answers(status: int) -> None:
    async with upstream(answering(OK)) as other:
        moved = b"HTTP/1.1 %d Moved\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" % (
            status,
            other.port,
        )
        async with (
            upstream(answering(moved)) as up,
            Client() as client,
            await client.call(up.origin, POST) as answer,
        ):
            assert answer.status == status
        assert other.connections == 0


async def silent(_stream: SocketStream, _request: bytes, _number: int) -> None:
    await anyio.sleep_forever()


async def stalling(stream: SocketStream, _request: bytes, _number: int) -> None:
    await stream.send(CHUNKED + b"2\r\nok\r\n")
    await anyio.sleep_forever()


@pytest.mark.parametrize("size", [2, 20_000], ids=["small", "large"])  # a small request has one deadline only
@pytest.mark.parametrize(("script", "phase"), [(silent, "first byte"), (stalling, "idle")], ids=["first byte", "idle"])
async def test_an_upstream_that_stalls(script: Script, phase: str, size: int) -> None:
    patience = Patience(first_byte=0.15, idle=0.15, write=9)
    async with upstream(script) as up, Client(patience) as client:
        start = anyio.current_time()
        with pytest.raises(UpstreamTimeout) as caught:
            await call(client, up.origin, Request("POST", "/", (), bytes(size)))
        assert (caught.value.phase, caught.value.status, caught.value.retryable) == (phase, 504, False)
        assert 0.14 < anyio.current_time() - start < 3
        assert len(client.pool) == 0


async def test_an_upstream_that_does_not_read() -> None:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", backlog=1)
    origin = Origin("http", "127.0.0.1", listener.extra(anyio.abc.SocketAttribute.local_port))
    async with listener, Client(Patience(write=0.2)) as client:
        with pytest.raises(UpstreamTimeout) as caught:
            await call(client, origin, Request("POST", "/", (), bytes(30_000_000)))
        assert caught.value.phase == "write"


async def test_nobody_is_there() -> None:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    await listener.aclose()
    async with Client() as client:
        with pytest.raises(UpstreamUnreachable, match="connection refused") as caught:
            await call(client, Origin("http", "127.0.0.1", port))
        assert (caught.value.retryable, caught.value.status) == (True, 502)
        with pytest.raises(UpstreamUnreachable, match=r"no such host|cannot connect"):
            await call(client, Origin("http", "nowhere.invalid", 80))


async def test_an_early_answer_is_heard() -> None:
    """RFC 9112, 9.5: the upstream refuses a body without reading it."""

    async def refuse(stream: SocketStream) -> None:
        async with stream:
            await stream.receive(100)
            await stream.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
            await stream.send_eof()
            await anyio.sleep(0.3)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    origin = Origin("http", "127.0.0.1", listener.extra(anyio.abc.SocketAttribute.local_port))
    async with listener, anyio.create_task_group() as tasks, Client() as client:
        tasks.start_soon(listener.serve, refuse)
        async with await client.call(origin, Request("POST", "/", (), bytes(200_000))) as answer:
            assert (answer.status, await answer.read()) == (413, b"no")
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("coding", ["gzip", "X-GZIP", "deflate"])
async def test_a_coding_that_was_not_asked_for_is_undone(coding: str) -> None:
    data = gzip.compress(b"ok" * 1000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(data)}\r\n\r\n"
    async with upstream(answering(head.encode() + data)) as up, Client() as client:
        assert await call(client, up.origin) == b"ok" * 1000
        assert len(client.pool) == 1


async def test_a_bomb_does_not_go_off() -> None:
    data = gzip.compress(bytes(50_000_000))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(data)
    async with upstream(answering(head + data)) as up, Client() as client:
        with pytest.raises(UpstreamBroken, match="too far"):
            await call(client, up.origin)


async def test_an_answer_that_is_read_whole_has_a_limit() -> None:
    async with (
        upstream(answering(CHUNKED + b"2\r\nok\r\n" * 10 + b"0\r\n\r\n")) as up,
        Client(Patience(body=19)) as client,
    ):
        with pytest.raises(UpstreamTooLarge):
            await call(client, up.origin)
        async with await client.call(up.origin, POST) as answer:
            assert b"".join([piece async for piece in answer]) == b"ok" * 10


async def test_who_leaves_an_answer_closes_its_connection() -> None:
    async with upstream(stalling) as up, Client() as client:
        async with await client.call(up.origin, POST) as answer:
            assert await anext(answer) == b"ok"
        assert len(client.pool) == 0
        with anyio.move_on_after(0.05):
            await call(client, up.origin)
        assert (len(client.pool), up.connections) == (0, 2)


async def test_who_gives_up_before_the_answer_closes_its_connection() -> None:
    async with upstream(silent) as up, serving(Seen()) as (server, port), Client() as client:
        with anyio.move_on_after(0.05):
            await client.call(up.origin, POST)
        assert (len(client.pool), up.connections) == (0, 1)
        assert await call(client, Origin("http", "127.0.0.1", port)) == b"{}"
        await client.aclose()
        assert await until(lambda: server.connections == 0) < 0.1


@ONE_LOOP
@pytest.mark.parametrize(
    "request_",
    [
        Request("POST", "no slash"),
        Request("POST", "/a b"),
        Request("POST", "/\r\nX: y"),
        Request("PO ST", "/"),
        Request("POST", "/", (("a", "b\r\nc: d"),)),
        Request("POST", "/", (("Host", "elsewhere"),)),
        Request("POST", "/", (("Content-Length", "3"),)),
        Request("POST", "/", (("Transfer-Encoding", "chunked"),)),
        Request("POST", "/", (("a", "€"),)),
    ],
)
async def test_what_is_no_request_is_not_sent(request_: Request) -> None:
    async with upstream(answering(OK)) as up, Client() as client:
        with pytest.raises(ValueError, match=r"."):
            await client.call(up.origin, request_)
        assert up.connections == 0


async def test_no_answer_reaches_another_call() -> None:
    """Many calls at once, a fifth of which is given up somewhere: each whole answer is its own."""

    async def handle(request: Incoming, respond: Respond) -> None:
        body = await request.read()
        respond.start(200)
        for at in range(0, len(body), 8):
            await respond.send(body[at : at + 8])
        await respond.finish()

    right: list[bool] = []

    async def one(client: Client, origin: Origin, number: int) -> None:
        nonce = b"%08d" % number * (number % 7 + 1)
        with anyio.move_on_after(0.0002 * (number % 25) if number % 5 == 0 else 30):
            right.append(await call(client, origin, Request("POST", "/", (), nonce)) == nonce)

    async with serving(handle) as (server, port), Client() as client:
        origin = Origin("http", "127.0.0.1", port)
        for start in range(0, 400, 50):
            async with anyio.create_task_group() as tasks:
                for number in range(start, start + 50):
                    tasks.start_soon(one, client, origin, number)
        assert len(right) >= 320
        assert all(right)
        await client.aclose()
        await until(lambda: server.connections == 0)


def test_origins() -> None:
    assert Origin.of("https://api.example.com/v1") == Origin("https", "api.example.com", 443)
    assert Origin.of("http://[::1]:8080").authority == "[::1]:8080"
    assert Origin.of("https://a").authority == "a"
    for url in ("ftp://a", "//a", "https:///x", "https://user:key@a", "http://a:x"):
        with pytest.raises(ValueError, match=r"."):
            Origin.of(url)


def test_errors_say_what_a_gateway_needs() -> None:
    kinds: list[Callable[[str], UpstreamError]] = [UpstreamUnreachable, UpstreamTimeout, UpstreamBroken]
    assert [kind("connect").retryable for kind in kinds] == [True, True, False]
    assert [kind("idle").status for kind in kinds] == [502, 504, 502]
    assert Answer is not None
