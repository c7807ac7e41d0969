"""A gateway as a program: its listeners, its workers, and a configuration that can be read again."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
from msgspec.structs import replace

from . import log, workers
from .config import Config, read_config
from .environment import from_environment
from .errors import UpstreamError
from .gateway import Gateway, dress
from .keys import ConfigError
from .limits import Patience
from .link import Link
from .server import Server
from .settings import Settings, settle
from .tls import context
from .upstreams import Remote

_SOON = 5.0


class CannotListen(Exception):
    """The address is taken, or none of ours. The message is one line."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to serve: a file and what the command line says against it, or the environment."""

    file: Path | None = None
    upstream: str | None = None
    host: str | None = None
    port: int | None = None
    workers: int | None = None

    def read(self) -> Config:
        """The configuration. Raises ConfigError."""
        config = from_environment(self.upstream, os.environ) if self.file is None else read_config(self.file)
        server = config.server
        return replace(
            config,
            server=replace(
                server,
                upstream=self.upstream or server.upstream,
                host=server.host if self.host is None else self.host,
                port=server.port if self.port is None else self.port,
                workers=server.workers if self.workers is None else self.workers,
            ),
        )


def serve(plan: Plan, announce: Callable[[str, Settings], None], *, loop: str = "asyncio") -> int:
    """Serve until told to stop; the exit code. Raises ConfigError, CannotListen."""
    config = plan.read()
    host = config.server.host
    settings = settle(config, host)
    try:
        taken = workers.bind(host, config.server.port, config.server.workers)
    except OSError as error:
        raise CannotListen(_why(error, host, config.server.port)) from None
    log.to_stderr()
    for warning in settings.warnings:
        log.log.warning("%s", warning)
    announce(_address(taken[0][0]), settings)

    async def main(sockets: Sequence[socket.socket]) -> None:
        await run(settings, sockets, lambda: settle(plan.read(), host))

    return workers.run(main, taken, loop=loop)


async def run(settings: Settings, sockets: Sequence[socket.socket], again: Callable[[], Settings]) -> None:
    """One worker."""
    gateway = Gateway(settings, write=log.print_line)
    server = Server(gateway, settings.limits, dress=dress)
    workers.rarely_collect()
    gateway.draining = lambda: server.draining

    async def reload() -> None:
        try:
            found = again()
        except ConfigError as error:
            log.log.error("not reloaded: %s", error)
            return
        await gateway.change(found)
        log.log.info("reloaded")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(gateway.deadlines.run)
        await tasks.start(workers.obey, server, reload)
        await server.serve(await workers.listeners(sockets))
        tasks.cancel_scope.cancel()
    await gateway.aclose()


def unreachable(settings: Settings) -> list[str]:
    """Which upstreams cannot be connected to, and why: a line for each."""
    return anyio.run(_unreachable, settings)


async def _unreachable(settings: Settings) -> list[str]:
    patience = Patience(connect=min(settings.patience.connect, _SOON))
    found: list[str] = []
    for upstream in settings.upstreams:
        if isinstance(upstream, Remote):
            tls = (upstream.origin.tls or context()) if upstream.origin.secure else None
            try:
                link = await Link.open(upstream.origin, tls, patience)
            except UpstreamError as error:
                found.append(f"upstreams.{upstream.name}: {upstream.origin.authority}: {error.reason}")
            else:
                await link.close()
    return found


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{host}:{port} is taken by another program"
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"{host}:{port}: not allowed to listen there"
    return f"cannot listen on {host}:{port}: {error.strerror or 'no such address'}"


def _address(one: socket.socket) -> str:
    name = one.getsockname()
    host = f"[{name[0]}]" if one.family == socket.AF_INET6 else name[0]
    return f"http://{host}:{name[1]}"
