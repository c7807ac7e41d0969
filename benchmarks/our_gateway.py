"""The gateway as `metaphrase serve` runs it, its log included, before one upstream that speaks both protocols.

Run as ``python -m benchmarks.our_gateway UPSTREAM_PORT [CONFIGURATION]``; prints its port. A line on its standard
input is answered with what the process holds at that moment, as a line of JSON; the end of the input ends it.

Two models, ``openai`` and ``gemini``: each goes to the upstream in the protocol of its name, whoever asks for it.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Sequence
from socket import socket

import anyio
import msgspec

from metaphrase_http import log, workers
from metaphrase_http.config import parse_config
from metaphrase_http.gateway import Gateway, dress
from metaphrase_http.server import Server
from metaphrase_http.settings import Settings, settle

CONFIG = """
[server]
upstream = "openai"
[upstreams.openai]
url = "http://127.0.0.1:{port}/v1"
[upstreams.gemini]
url = "http://127.0.0.1:{port}"
[models]
openai = {{ model = "m", upstream = "openai" }}
gemini = {{ model = "m", upstream = "gemini" }}
{more}
"""


class Held(msgspec.Struct):
    """What the process holds."""

    tasks: int
    connections: int  # of clients
    pooled: int  # idle connections to upstreams
    files: int
    resident: int  # bytes


def settings(port: int, more: str = "") -> Settings:
    """Those of the benchmarks. ``more``: further tables of the file."""
    return settle(parse_config(CONFIG.format(port=port, more=more)), "127.0.0.1", {})


class Told:
    """The gateway, and what is said on standard input."""

    def __init__(self, gateway: Gateway, server: Server) -> None:
        self._gateway = gateway
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(sys.stdin.fileno(), self._hear)

    def _hear(self) -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            self._loop.remove_reader(sys.stdin.fileno())
            os.kill(os.getpid(), signal.SIGTERM)
            return
        gc.collect()
        held = Held(
            len(asyncio.all_tasks(self._loop)),
            self._server.connections,
            len(self._gateway.client.pool),
            len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - names will do
            resident(),
        )
        print(msgspec.json.encode(held).decode(), flush=True)


def resident() -> int:
    """Bytes of memory that the process has."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no file of ours
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def main(sockets: Sequence[socket], found: Settings) -> None:
    gateway = Gateway(found, write=log.print_line)
    server = Server(gateway, found.limits, dress=dress)
    workers.rarely_collect()
    Told(gateway, server)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(gateway.deadlines.run)
        await tasks.start(workers.obey, server)
        print(sockets[0].getsockname()[1], flush=True)
        await server.serve(await workers.listeners(sockets))
        tasks.cancel_scope.cancel()
    await gateway.aclose()


if __name__ == "__main__":
    log.to_stderr()
    taken = workers.bind("127.0.0.1", 0)[0]
    anyio.run(main, taken, settings(int(sys.argv[1]), *sys.argv[2:]), **workers.backend())
