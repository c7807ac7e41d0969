"""Processes, listeners and signals.

Each worker has a listener of its own on the same port (SO_REUSEPORT): the kernel deals the connections out, and no
worker waits for another. The parent opens them all, so that a port that is taken is known before anything starts.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import logging
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from types import FrameType
from typing import Any

import anyio
from anyio.abc import SocketListener, TaskStatus

from .server import Server

log = logging.getLogger("metaphrase.http")

BACKLOG = 1024
_STOPPING = (signal.SIGTERM, signal.SIGINT)
_RELOADING = getattr(signal, "SIGHUP", None)
_COLLECT = (20_000, 20, 20)  # new objects until it looks, of which the default is 700; and how often at the older ones
_SOON = 1.0  # a worker that ends sooner than this after its start is not started again at once

# Of a socket: family, and address with port (two members or, for IPv6, four).
Place = tuple[int, tuple[Any, ...]]

Main = Callable[[Sequence[socket.socket]], Awaitable[None]]


def backend(name: str = "asyncio") -> dict[str, Any]:
    """What to give to `anyio.run`: asyncio on uvloop where that is installed, or trio."""
    if name == "asyncio" and importlib.util.find_spec("uvloop") is not None:
        return {"backend": name, "backend_options": {"use_uvloop": True}}
    return {"backend": name}


def bind(host: str, port: int, workers: int = 1) -> list[list[socket.socket]]:
    """The listening sockets of each worker: one for each address of the host. Raises OSError if the port is taken."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    places: list[Place] = list(dict.fromkeys((family, place) for family, _, _, _, place in found))
    taken: list[list[socket.socket]] = [[] for _ in range(workers)]
    try:
        for family, (address, _, *more) in places:
            if workers > 1:  # with SO_REUSEPORT a second server on the same port would not be noticed
                with _listener(family, (address, port, *more), shared=False) as probe:
                    port = probe.getsockname()[1]
            for sockets in taken:
                sockets.append(_listener(family, (address, port, *more), shared=workers > 1))
                port = sockets[-1].getsockname()[1]  # where any would do, all take the same
    except BaseException:
        close(taken)
        raise
    return taken


def _listener(family: int, place: tuple[Any, ...], *, shared: bool) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(place)
        one.listen(BACKLOG)
        one.setblocking(False)
    except BaseException:
        one.close()
        raise
    return one


def close(taken: Sequence[Sequence[socket.socket]]) -> None:
    """Close listening sockets."""
    for sockets in taken:
        for one in sockets:
            one.close()


def rarely_collect() -> None:
    """Let the garbage collector of this process run seldom. A call leaves next to nothing that only it would find, but
    what many calls at once hold makes it look again and again: 8 us a call, where 64 are under way.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)


async def listeners(sockets: Sequence[socket.socket]) -> list[SocketListener]:
    """For `Server.serve`, which closes them."""
    return [await SocketListener.from_socket(one) for one in sockets]


async def obey(
    server: Server,
    reload: Callable[[], Awaitable[None]] | None = None,
    *,
    task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
) -> None:
    """Run beside `Server.serve`, in the main thread: SIGTERM or SIGINT drains, the second stops, SIGHUP reloads."""
    wanted = [*_STOPPING, *([_RELOADING] if _RELOADING is not None and reload is not None else [])]
    with anyio.open_signal_receiver(*wanted) as signals:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)  # a worker starts with them blocked: see _Parent
        task_status.started()
        async for number in signals:
            if number == _RELOADING and reload is not None:
                await reload()
            else:
                server.stop(now=server.draining)


def run(main: Main, sockets: Sequence[Sequence[socket.socket]], *, loop: str = "asyncio") -> int:
    """Run ``main`` with each worker's sockets: here if there is one worker, else in child processes. The exit code.

    ``main`` has to run `obey`: until then a worker does not hear SIGTERM.
    """
    if len(sockets) == 1:
        anyio.run(main, sockets[0], **backend(loop))
        return 0
    return _Parent(main, sockets, loop).run()


class _Parent:
    """Starts workers, starts those anew that die, and passes signals on."""

    def __init__(self, main: Main, sockets: Sequence[Sequence[socket.socket]], loop: str) -> None:
        self._main = main
        self._sockets = sockets
        self._loop = loop
        self._workers: dict[int, tuple[int, float]] = {}  # process id -> (index, start)
        self._stopping = False
        self._there, self._here = os.pipe()  # reading gives the end once this process is gone

    def run(self) -> int:
        """Until all workers have ended."""
        before = {number: signal.signal(number, self._pass_on) for number in (*_STOPPING, _RELOADING) if number}
        try:
            for index in range(len(self._sockets)):
                self._start(index)
            while self._workers:
                self._reap()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(self._there)
            os.close(self._here)
        return 0

    def _start(self, index: int) -> None:
        # The child unblocks them once it has handlers of its own: what comes in between is neither lost nor deadly.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        try:
            process = os.fork()
            if process == 0:
                os._exit(self._child(index))
            self._workers[process] = (index, time.monotonic())
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)

    def _child(self, index: int) -> int:
        try:
            for number in (*_STOPPING, _RELOADING):
                if number:
                    signal.signal(number, signal.SIG_DFL)
            close([sockets for at, sockets in enumerate(self._sockets) if at != index])
            os.close(self._here)
            anyio.run(self._work, self._sockets[index], **backend(self._loop))
        except KeyboardInterrupt:
            return 0
        except BaseException as error:  # noqa: BLE001 - the end of the process: say which error, not what was in it
            log.error("worker %d failed: %s", index, type(error).__name__)  # noqa: TRY400 - a trace could quote a request
            return 1
        finally:
            logging.shutdown()
        return 0

    async def _work(self, sockets: Sequence[socket.socket]) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._stop_when_alone)
            await self._main(sockets)
            tasks.cancel_scope.cancel()

    async def _stop_when_alone(self) -> None:
        await anyio.wait_readable(self._there)
        os.kill(os.getpid(), signal.SIGTERM)

    def _reap(self) -> None:
        process, status = os.wait()
        index, start = self._workers.pop(process, (-1, 0.0))
        if index < 0 or self._stopping:
            return
        log.warning("worker %d ended with %d; starting another", index, os.waitstatus_to_exitcode(status))
        if time.monotonic() - start < _SOON:
            time.sleep(_SOON)
        if not self._stopping:
            self._start(index)

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        if number in _STOPPING:
            self._stopping = True
            close(self._sockets)  # a listener that the parent held would go on taking connections that nobody accepts
        for process in tuple(self._workers):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)
