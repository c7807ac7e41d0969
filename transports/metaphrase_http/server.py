"""The server: accepts connections up to a limit, and stops without cutting off what runs."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from typing import cast

import anyio
from anyio.abc import SocketAttribute, SocketListener, SocketStream, TaskGroup, TaskStatus

from .connection import Connection, Handler, House, dismiss, log, log_fault
from .errors import Refused
from .limits import Limits
from .refusal import Dress, plain, refusal
from .sockets import waiting
from .watch import Watch

_PAUSE = 0.1  # until the next try, when there is no descriptor or no memory left
_MOST_TURNED_AWAY = 128  # connections beyond the limit that are told so, at one time; more are closed without a word


class Server:
    """HTTP/1.1 for one handler, on listeners that somebody else opened.

    >>> server = Server(handler)
    >>> await server.serve(listeners)  # until server.stop()
    """

    def __init__(self, handler: Handler, limits: Limits | None = None, *, dress: Dress = plain) -> None:
        self.limits = limits or Limits()
        self._dress = dress
        self._house = House(handler, self.limits, dress, Watch(self.limits.tick))
        self._stopping = anyio.Event()
        self._empty = anyio.Event()
        self._turned_away = 0
        self._tasks: TaskGroup | None = None

    @property
    def draining(self) -> bool:
        """Whether it was told to stop."""
        return self._house.draining

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._house.watch)

    async def serve(
        self, listeners: Sequence[SocketListener], *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Until `stop` was called and all connections are closed. The listeners are closed at the end."""
        async with anyio.create_task_group() as house:
            house.start_soon(self._house.watch.run)
            async with anyio.create_task_group() as self._tasks:
                for listener in listeners:
                    self._tasks.start_soon(self._accept, listener, self._tasks)
                task_status.started()
                await self._stopping.wait()
                with anyio.move_on_after(self.limits.drain):
                    await self._until_empty()
                self._tasks.cancel_scope.cancel()
            house.cancel_scope.cancel()

    def stop(self, *, now: bool = False) -> None:
        """Accept nothing more; end after the responses that run, at most `limits.drain` seconds later, or ``now``."""
        self._house.draining = True
        self._stopping.set()
        for one in self._house.watch:
            cast(Connection, one).drain()
        if now and self._tasks is not None:
            self._tasks.cancel_scope.cancel()

    async def _until_empty(self) -> None:
        while self.connections:
            self._empty = anyio.Event()
            await self._empty.wait()

    async def _accept(self, listener: SocketListener, tasks: TaskGroup) -> None:
        async with listener:
            with anyio.CancelScope() as scope:
                tasks.start_soon(self._close_when_stopping, scope)
                while True:
                    try:
                        stream = await listener.accept()
                    except OSError as error:
                        if not isinstance(error, ConnectionError):  # those are of a client that is gone again
                            log.warning("cannot accept: %s", errno.errorcode.get(error.errno or 0, "?"))
                            await anyio.sleep(_PAUSE)
                        continue
                    self._admit(stream, tasks)
                    for one in waiting(listener.extra(SocketAttribute.raw_socket)):
                        tasks.start_soon(self._enter, one, tasks)

    async def _enter(self, one: socket.socket, tasks: TaskGroup) -> None:
        """A connection that was accepted beside another."""
        try:
            stream = await SocketStream.from_socket(one)
        except (OSError, ValueError):  # gone again: it has no peer
            one.close()
            return
        self._admit(stream, tasks)

    async def _close_when_stopping(self, scope: anyio.CancelScope) -> None:
        await self._stopping.wait()
        scope.cancel()

    def _admit(self, stream: SocketStream, tasks: TaskGroup) -> None:
        if self.connections < self.limits.connections:
            connection = Connection(stream, self._house)
            self._house.watch.add(connection)
            tasks.start_soon(self._run, connection)
        else:
            tasks.start_soon(self._turn_away, stream)

    async def _run(self, connection: Connection) -> None:
        try:
            await connection.run()
        except Exception as error:  # noqa: BLE001 - ours, or a dress's: it costs one connection, not all
            log_fault(error)
        finally:
            self._empty.set()

    async def _turn_away(self, stream: SocketStream) -> None:
        """RFC 9110, 15.6.4."""
        self._turned_away += 1
        try:
            if self._turned_away <= _MOST_TURNED_AWAY:
                answer = refusal(Refused(503, "too many connections"), self._dress)
                await dismiss(stream, answer, self.limits.linger)
        except Exception as error:  # noqa: BLE001 - who is turned away must not stop the server
            log_fault(error)
        finally:
            self._turned_away -= 1
            await anyio.aclose_forcefully(stream)
