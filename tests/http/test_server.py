"""Requests and responses as HTTP says."""

from __future__ import annotations

import errno
import logging

import anyio
import h11
import pytest
from anyio.abc import SocketStream

from metaphrase_http import Incoming, Limits, Refused, Respond, Server
from metaphrase_http.errors import ClientLeft
from metaphrase_http.workers import bind, listeners

from .loopback import ONE_LOOP, Raw, Seen, raw, serving, status, talk, until

pytestmark = pytest.mark.anyio

GET = b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
OLD = b"GET /old HTTP/1.0\r\n\r\n"


def read(data: bytes, method: str = "GET") -> tuple[h11.Response, bytes, bool]:
    """One response as h11 reads it: head, body, and whether it is whole."""
    peer = h11.Connection(h11.CLIENT)
    peer.send(h11.Request(method=method, target="/", headers=[("host", "a")]))
    peer.send(h11.EndOfMessage())
    peer.receive_data(data)
    peer.receive_data(b"")
    head = peer.next_event()
    assert isinstance(head, h11.Response)
    body = b""
    try:
        while isinstance(event := peer.next_event(), h11.Data):
            body += bytes(event.data)
    except h11.RemoteProtocolError:
        return head, body, False
    return head, body, isinstance(event, h11.EndOfMessage)


async def stream(request: Incoming, respond: Respond) -> None:
    """Three pieces; what the target names happens after the second."""
    respond.start(200, (("content-type", "text/event-stream"),))
    await respond.send(b"one ")
    await respond.send(b"two ")
    match request.target:
        case "/abort":
            respond.abort()
        case "/forget":
            pass
        case "/fault":
            raise ValueError("a secret")
        case _:
            await respond.finish(b"three")


async def test_requests_on_one_connection_are_answered_in_order() -> None:
    async with serving(seen := Seen()) as (_, port):
        answer = await talk(
            port, GET % b"1" + GET % b"2" + b"POST /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + LAST
        )
    assert seen.targets == ["/1", "/2", "/3", "/last"]
    assert seen.bodies == [b"", b"", b"abc", b""]
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 4
    assert answer.endswith(b"connection: close\r\n\r\nok")


async def test_a_second_request_waits_for_the_first() -> None:
    running: list[str] = []
    most: list[int] = []

    async def handle(request: Incoming, respond: Respond) -> None:
        running.append(request.target)
        most.append(len(running))
        await anyio.sleep(0.02)
        running.remove(request.target)
        await respond.whole(200)

    async with serving(handle) as (_, port):
        await talk(port, GET % b"1" + GET % b"2" + LAST)
    assert most == [1, 1, 1]


async def test_a_stream_goes_in_chunks_and_ends_with_the_last_one() -> None:
    async with serving(stream) as (_, port), raw(port) as client:
        await client.send(GET % b"")
        data = b""
        while not data.endswith(b"0\r\n\r\n"):
            data += await client.stream.receive()
    head, body, whole = read(data)
    assert (dict(head.headers)[b"transfer-encoding"], body, whole) == (b"chunked", b"one two three", True)
    assert b"date" in dict(head.headers)


@pytest.mark.parametrize("target", [b"abort", b"forget", b"fault"])
async def test_a_body_that_ended_too_early_never_looks_whole(target: bytes) -> None:
    async with serving(stream) as (_, port):
        answer = await talk(port, GET % target + GET % b"canary")
    assert read(answer)[1:] == (b"one two ", False)


async def drain(client: Raw) -> None:
    with anyio.fail_after(2):
        while True:
            await client.stream.receive()


async def test_to_an_old_client_the_end_of_the_connection_is_the_end() -> None:
    async with serving(stream) as (_, port):
        answer = await talk(port, OLD)
        assert read(answer)[1:] == (b"one two three", True)
        assert b"transfer-encoding" not in answer
        async with raw(port) as client:  # only a reset says that something is missing
            await client.send(OLD.replace(b"/old", b"/abort"))
            with pytest.raises(anyio.BrokenResourceError):
                await drain(client)


async def test_the_fault_of_a_handler_is_told_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    async def handle(_request: Incoming, _respond: Respond) -> None:
        raise ValueError("a secret")

    with caplog.at_level(logging.DEBUG):
        async with serving(handle) as (_, port):
            answer = await talk(port, GET % b"secret")
    assert status(answer) == 500
    assert "ValueError at " in caplog.text
    assert "secret" not in caplog.text.replace(__file__, "") + answer.decode()


async def test_a_handler_that_says_nothing_is_a_fault_too() -> None:
    async def handle(_request: Incoming, _respond: Respond) -> None:
        pass

    async with serving(handle) as (_, port):
        assert status(await talk(port, GET % b"")) == 500


async def test_head_has_the_headers_and_no_body() -> None:
    async def handle(request: Incoming, respond: Respond) -> None:
        if request.target == "/stream":
            await stream(request, respond)
        else:
            await respond.whole(200, (("content-length", "5"),), b"hello")

    async with serving(handle) as (_, port):
        answer = await talk(port, b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n" + LAST)
    heads = answer.split(b"\r\n\r\n")
    assert [head.startswith(b"HTTP/1.1 200") for head in heads] == [True, True, True, False]
    assert b"content-length: 5" in heads[0]
    assert heads[3] == b"hello"


@pytest.mark.parametrize("code", [204, 304])
async def test_some_statuses_have_no_body(code: int) -> None:
    async def handle(_request: Incoming, respond: Respond) -> None:
        await respond.whole(code)

    async with serving(handle) as (_, port):
        answer = await talk(port, GET % b"" + LAST)
    assert answer.count(b"HTTP/1.1 %d" % code) == 2
    assert b"content-length" not in answer
    assert b"transfer-encoding" not in answer


async def test_a_client_that_waits_to_be_asked_is_asked() -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    async with serving(Seen()) as (_, port), raw(port) as client:
        await client.send(head)
        assert await client.response() == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(b"abc")
        assert (await client.response()).endswith(b"abc")
        await client.send(head + b"abc")  # it did not wait
        assert (await client.response()).endswith(b"abc")
        await client.send(head.replace(b"3", b"99999999999"))
        assert status(await client.all()) == 413


async def test_a_body_that_nobody_wanted_ends_the_connection() -> None:
    async def handle(request: Incoming, respond: Respond) -> None:
        if request.header("Authorization") is None:
            await respond.whole(401)

    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
    async with serving(handle) as (_, port):
        answer = await talk(port, post % 100 + b"abc")
        assert (status(answer), b"connection: close" in answer) == (401, True)
        assert (await talk(port, post % 3 + b"abc" + post % 3 + b"abc" + LAST)).count(b" 401 ") == 3
        answer = await talk(port, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")
        assert (status(answer), b"connection: close" in answer) == (401, True)


async def test_a_handler_may_dress_the_refusal_of_a_body() -> None:
    async def handle(request: Incoming, respond: Respond) -> None:
        try:
            await request.whole()
        except Refused as error:
            await respond.whole(error.status, (), b'{"error": 1}')

    post = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with serving(handle, Limits(body=10, linger=0.5)) as (_, port):
        for body, code in ((b"B\r\n", 413), (b"x\r\n", 400)):
            answer = await talk(port, post + body + GET % b"canary")
            assert (status(answer), answer[-12:], b"connection: close" in answer) == (code, b'{"error": 1}', True)


async def test_refusals_are_dressed_by_whoever_knows_the_protocol() -> None:
    def dress(code: int, reason: str) -> tuple[tuple[tuple[str, str], ...], bytes]:
        return (("content-type", "application/json"),), b'{"code": %d, "message": "%b"}' % (code, reason.encode())

    async with serving(Seen(), dress=dress) as (_, port):
        answer = await talk(port, b"GET / HTTP/3.0\r\nHost: a\r\n\r\n")
    assert answer.endswith(b'\r\n\r\n{"code": 400, "message": "version not supported"}')


async def test_who_is_refused_in_the_middle_of_a_large_body_reads_the_answer() -> None:
    async with serving(Seen(), Limits(body=1000)) as (_, port), raw(port) as client:
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
        with anyio.fail_after(2):
            for _ in range(30):
                await client.send(bytes(100_000))
            await client.stream.send_eof()
            assert status(await client.all()) == 413


@ONE_LOOP
async def test_what_a_handler_does_wrong() -> None:
    wrong: list[str] = []

    async def attempt(name: str, call: object) -> None:
        try:
            await call  # type: ignore[misc]  # an awaitable
        except (ValueError, RuntimeError):
            wrong.append(name)

    async def handle(request: Incoming, respond: Respond) -> None:
        for name, headers in {
            "two lines": (("a", "b\r\nc: d"),),
            "framing": (("Transfer-Encoding", "chunked"),),
            "no length": (("content-length", "-1"),),
            "two lengths": (("content-length", "2"), ("Content-Length", "2")),
        }.items():
            try:
                respond.start(200, headers)
            except ValueError:
                wrong.append(name)
        await attempt("early", respond.send(b"x"))
        respond.start(200, (("content-length", "2"),))
        try:
            respond.start(200)
        except RuntimeError:
            wrong.append("twice")
        await attempt("late read", request.read()) if request.target == "/x" else None
        await respond.send(b"a")
        await attempt("too much", respond.send(b"bc"))

    async with serving(handle) as (_, port):
        answer = await talk(port, GET % b"")
    assert wrong == ["two lines", "framing", "no length", "two lengths", "early", "twice", "too much"]
    assert read(answer)[1:] == (b"a", False)


@ONE_LOOP
async def test_less_than_was_announced_is_not_whole() -> None:
    async def handle(_request: Incoming, respond: Respond) -> None:
        respond.start(200, (("content-length", "5"),))
        await respond.send(b"abc")
        await respond.finish()

    async with serving(handle) as (_, port):
        assert read(await talk(port, GET % b""))[1:] == (b"abc", False)


async def test_the_number_of_connections_has_a_limit() -> None:
    async with serving(Seen(), Limits(connections=3, linger=0.5)) as (server, port):
        async with raw(port) as one, raw(port) as two, raw(port) as three:
            for client in (one, two, three):
                await client.send(GET % b"")
                assert status(await client.response()) == 200
            assert server.connections == 3
            answer = await talk(port, GET % b"")
            assert (status(answer), b"\r\nretry-after: 1\r\n" in answer) == (503, True)
            await one.stream.aclose()
            await until(lambda: server.connections == 2)
            assert status(await talk(port, LAST)) == 200
        await until(lambda: server.connections == 0)


async def test_a_large_body_goes_both_ways() -> None:
    data = bytes(range(256)) * 8000
    async with serving(Seen()) as (_, port), raw(port) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(client.send, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(data), data))
        assert (await client.response()).endswith(data)


async def test_a_write_to_nobody_ends_the_handler() -> None:
    ends: list[str] = []

    async def handle(_request: Incoming, respond: Respond) -> None:
        respond.start(200)
        try:
            while True:
                await respond.send(bytes(1000))
        except ClientLeft:
            ends.append("told")
            raise
        except anyio.get_cancelled_exc_class():
            ends.append("cancelled")
            raise

    async with serving(handle) as (server, port):
        async with raw(port) as client:
            await client.send(GET % b"")
            await client.stream.receive(100)
        await until(lambda: server.connections == 0)
    assert ends in (["told"], ["cancelled"])


def test_a_server_starts_with_nobody() -> None:
    assert (Server(Seen()).connections, Server(Seen()).draining) == (0, False)


async def test_without_descriptors_it_waits_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metaphrase_http.server._PAUSE", 0.02)
    sockets = bind("127.0.0.1", 0)[0]
    (listener,) = await listeners(sockets)
    accept = listener.accept
    faults = [OSError(errno.EMFILE, "too many"), ConnectionAbortedError(), OSError(errno.ENFILE, "too many")]

    async def scarce() -> SocketStream:
        if faults:
            raise faults.pop()
        return await accept()

    monkeypatch.setattr(listener, "accept", scarce)
    server = Server(Seen())
    async with anyio.create_task_group() as tasks:
        port = sockets[0].getsockname()[1]
        await tasks.start(server.serve, [listener])
        assert status(await talk(port, LAST)) == 200
        server.stop()


async def test_a_fault_in_our_own_answers_costs_one_connection() -> None:
    def dress(_code: int, _reason: str) -> tuple[tuple[tuple[str, str], ...], bytes]:
        return (("a", "b\r\nc: d"),), b""

    async with serving(Seen(), Limits(connections=1), dress=dress) as (_, port):
        assert await talk(port, b"GET / HTTP/3.0\r\n\r\n") == b""
        async with raw(port) as client:
            await client.send(GET % b"")
            assert status(await client.response()) == 200
            assert await talk(port, GET % b"") == b""
        assert status(await talk(port, LAST)) in {0, 200}
