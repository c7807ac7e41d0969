"""The same pass-through proxy on `metaphrase_http`, with everything that the layer does: what is measured.

Run by `benchmarks.gateway` as ``python -m benchmarks.our_proxy UPSTREAM_PORT``; prints its port.
"""

from __future__ import annotations

import sys

import anyio

from metaphrase.http import Headers, Request
from metaphrase_http import Client, Incoming, Origin, Respond, Server
from metaphrase_http.workers import backend, bind, listeners

_HOP = frozenset({"host", "connection", "content-length", "transfer-encoding", "keep-alive", "date"})


def kept(headers: Headers) -> Headers:
    return tuple([pair for pair in headers if pair[0] not in _HOP])


async def main() -> None:
    origin = Origin("http", "127.0.0.1", int(sys.argv[1]))

    async def handle(request: Incoming, respond: Respond) -> None:
        call = Request(request.method, request.target, kept(request.headers), await request.read())
        async with await client.call(origin, call) as answer:
            respond.start(answer.status, kept(answer.headers))
            if answer.header("content-length") is not None:
                await respond.finish(await answer.read())
                return
            async for piece in answer:
                await respond.send(piece)
            await respond.finish()

    sockets = bind("127.0.0.1", 0)[0]
    print(sockets[0].getsockname()[1], flush=True)
    async with Client() as client, anyio.create_task_group() as tasks:
        tasks.start_soon(client.deadlines.run)
        await Server(handle).serve(await listeners(sockets))
        tasks.cancel_scope.cancel()


if __name__ == "__main__":
    anyio.run(main, **backend())
