"""Heartbeats: a blank line into each stream that is silent, the only form that every client takes for nothing."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import anyio
from anyio.abc import TaskGroup

from .errors import ClientLeft
from .respond import Respond
from .watch import clock

BEAT = b"\n"


class Pulse:
    """A stream to a client, which never is silent for longer than ``every`` seconds while this is open."""

    __slots__ = ("_beat", "_busy", "_every", "_last", "_respond", "_tasks")

    def __init__(self, respond: Respond, every: float) -> None:
        self._respond = respond
        self._every = every
        self._last = clock()
        self._busy = False  # something is being sent
        self._beat: anyio.Event | None = None  # a heartbeat is being sent, until then
        self._tasks: TaskGroup = anyio.create_task_group()

    async def send(self, data: bytes) -> None:
        """A piece of the stream."""
        if self._beat is not None:
            await self._beat.wait()
        self._busy = True
        try:
            await self._respond.send(data)
        finally:
            self._busy = False
            self._last = clock()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._tasks.start_soon(self._run)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._beat is not None:  # half a heartbeat would spoil the framing
            await self._beat.wait()
        self._tasks.cancel_scope.cancel()
        if isinstance(error, Exception):  # it is not the group's affair: it would come out in a group of its own
            await self._tasks.__aexit__(None, None, None)
        else:
            await self._tasks.__aexit__(kind, error, trace)

    async def _run(self) -> None:
        while True:
            await anyio.sleep(max(self._last + self._every - clock(), 0.001))
            if self._busy or clock() < self._last + self._every:
                continue
            self._last = clock()
            self._beat = anyio.Event()
            try:
                await self._respond.send(BEAT)
            except ClientLeft:
                return
            finally:
                self._beat.set()
                self._beat = None
