"""The floor: a pass-through proxy of anyio and h11 with nothing in it. No limits, no timeouts, no policy, no watch.

Run by `benchmarks.gateway` as ``python -m benchmarks.bare_proxy UPSTREAM_PORT``; prints its port.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any

import anyio
import h11
from anyio.abc import SocketStream

from metaphrase_http.workers import backend

_HOP = {b"host", b"connection", b"content-length", b"transfer-encoding", b"keep-alive"}
_GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, h11.RemoteProtocolError)

Upstream = tuple[SocketStream, h11.Connection]


async def event(stream: SocketStream, connection: h11.Connection) -> Any:
    while (one := connection.next_event()) is h11.NEED_DATA:
        await more(stream, connection)
    return one


async def more(stream: SocketStream, connection: h11.Connection) -> None:
    try:
        data = await stream.receive(65536)
    except anyio.EndOfStream:
        data = b""
    connection.receive_data(data)


async def body(stream: SocketStream, connection: h11.Connection) -> bytes:
    pieces: list[bytes] = []
    while type(one := await event(stream, connection)) is h11.Data:
        pieces.append(bytes(one.data))
    return b"".join(pieces)


class Proxy:
    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[Upstream] = []

    async def handle(self, stream: SocketStream) -> None:
        with contextlib.suppress(*_GONE):
            async with stream:
                client = h11.Connection(h11.SERVER)
                while type(request := await event(stream, client)) is h11.Request:
                    await self._exchange(stream, client, request)
                    client.start_next_cycle()

    async def _exchange(self, stream: SocketStream, client: h11.Connection, request: h11.Request) -> None:
        data = await body(stream, client)
        headers = [(k, v) for k, v in request.headers if k not in _HOP]
        headers += [(b"host", b"127.0.0.1"), (b"content-length", b"%d" % len(data))]
        up, server = await self._take()
        out = server.send(h11.Request(method=request.method, target=request.target, headers=headers))
        out += server.send(h11.Data(data=data))
        server.send(h11.EndOfMessage())
        await up.send(out)
        answer = await event(up, server)
        kept = [(k, v) for k, v in answer.headers if k not in _HOP]
        if any(k == b"content-length" for k, _ in answer.headers):
            await self._unary(stream, client, up, server, answer.status_code, kept)
        else:
            await self._stream(stream, client, up, server, answer.status_code, kept)
        server.start_next_cycle()
        self._idle.append((up, server))

    async def _unary(
        self,
        stream: SocketStream,
        client: h11.Connection,
        up: SocketStream,
        server: h11.Connection,
        status: int,
        headers: Any,
    ) -> None:
        data = await body(up, server)
        headers.append((b"content-length", b"%d" % len(data)))
        out = client.send(h11.Response(status_code=status, headers=headers)) + client.send(h11.Data(data=data))
        client.send(h11.EndOfMessage())
        await stream.send(out)

    async def _stream(
        self,
        stream: SocketStream,
        client: h11.Connection,
        up: SocketStream,
        server: h11.Connection,
        status: int,
        headers: Any,
    ) -> None:
        headers.append((b"transfer-encoding", b"chunked"))
        out = [client.send(h11.Response(status_code=status, headers=headers))]
        while True:
            one: Any = server.next_event()
            if type(one) is h11.Data:
                out.append(client.send(h11.Data(data=bytes(one.data))))
            elif one is h11.NEED_DATA:
                if out:
                    await stream.send(b"".join(out))
                    out.clear()
                await more(up, server)
            else:
                break
        out.append(client.send(h11.EndOfMessage()))
        await stream.send(b"".join(out))

    async def _take(self) -> Upstream:
        if self._idle:
            return self._idle.pop()
        return await anyio.connect_tcp("127.0.0.1", self._port), h11.Connection(h11.CLIENT)


async def main() -> None:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", backlog=1024)
    print(listener.extra(anyio.abc.SocketAttribute.local_port), flush=True)
    await listener.serve(Proxy(int(sys.argv[1])).handle)


if __name__ == "__main__":
    anyio.run(main, **backend())
