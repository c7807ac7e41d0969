"""What ends a connection from outside: time, and its peer.

A scope with a deadline round each read and write costs 7 us, a task that listens beside the handler 26, and reading
ahead to see the end of the stream would need a place for what was read. So one watch looks after all connections of a
server: it compares their deadlines every few milliseconds, and lets the kernel say who hung up (epoll, edge-triggered,
with no interest in data).
"""

from __future__ import annotations

import contextlib
import math
import select
import socket
import time
from collections.abc import Iterator
from typing import Protocol

import anyio

NEVER = math.inf
_LOOK = 0.03  # how often to ask for peers that left, where the kernel does not tell

clock = time.monotonic


class Watched(Protocol):
    """A connection, as the watch sees it."""

    due: float  # when it is late, on `clock`

    @property
    def socket(self) -> socket.socket:
        """What to look at."""
        ...

    def late(self) -> None:
        """It is past `due`."""
        ...

    def left(self) -> None:
        """The peer hung up, or will send nothing more."""
        ...


class Peers(Protocol):
    """Who hung up."""

    def add(self, number: int, one: Watched) -> None:
        """Look after it."""
        ...

    def remove(self, number: int, one: Watched) -> None:
        """No longer."""
        ...

    async def run(self) -> None:
        """Tell each that its peer left."""
        ...

    def close(self) -> None:
        """Give back what the kernel gave."""
        ...


class Watch:
    """Looks after the connections of one server."""

    def __init__(self, tick: float, peers: Peers | None = None) -> None:
        self._tick = tick
        self._all: dict[Watched, int] = {}
        self._asked = peers

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Watched]:
        return iter(tuple(self._all))

    @property
    def _peers(self) -> Peers:
        """Made when it is first needed: in the process that serves, not in the one that forks it."""
        if self._asked is None:
            self._asked = _Told() if hasattr(select, "epoll") else Asked()
        return self._asked

    def add(self, one: Watched) -> None:
        """Look after it."""
        number = self._all[one] = one.socket.fileno()
        if number >= 0:
            self._peers.add(number, one)

    def remove(self, one: Watched) -> None:
        """No longer; before its socket is closed."""
        self._peers.remove(self._all.pop(one), one)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._peers.run)
                while True:
                    await anyio.sleep(self._tick)
                    self._look()
        finally:
            self._peers.close()

    def _look(self) -> None:
        now = clock()
        for one in [one for one in self._all if one.due <= now]:
            one.due = NEVER
            one.late()


class _Told:
    """The kernel tells: an event arrives once for each end of a stream."""

    def __init__(self) -> None:
        self._by_number: dict[int, Watched] = {}
        self._epoll = select.epoll()

    def add(self, number: int, one: Watched) -> None:
        self._by_number[number] = one
        mask = select.EPOLLRDHUP | select.EPOLLET
        try:
            self._epoll.register(number, mask)
        except FileExistsError:  # the last owner of this number is not quite gone
            self._epoll.modify(number, mask)
        except OSError:  # closed between its arrival and now
            del self._by_number[number]
            one.left()
            return
        self._tell()  # it may be gone already: then nothing is to be begun for it

    def remove(self, number: int, one: Watched) -> None:
        if self._by_number.get(number) is one:  # else the number has a new owner by now
            del self._by_number[number]
            with contextlib.suppress(OSError, ValueError):
                self._epoll.unregister(number)

    async def run(self) -> None:
        while True:
            await anyio.wait_readable(self._epoll.fileno())
            self._tell()

    def _tell(self) -> None:
        for number, _ in self._epoll.poll(0):
            if (one := self._by_number.get(number)) is not None:
                one.left()

    def close(self) -> None:
        self._epoll.close()


class Asked:
    """Every socket is asked, thirty times a second: where there is no epoll."""

    def __init__(self) -> None:
        self._by_number: dict[int, Watched] = {}

    def add(self, number: int, one: Watched) -> None:
        """Look after it."""
        self._by_number[number] = one

    def remove(self, number: int, one: Watched) -> None:
        """No longer."""
        if self._by_number.get(number) is one:
            del self._by_number[number]

    async def run(self) -> None:
        """Tell each that its peer left."""
        while True:
            await anyio.sleep(_LOOK)
            for number, one in tuple(self._by_number.items()):
                if _ended(number):
                    self.remove(number, one)
                    one.left()

    def close(self) -> None:
        """Nothing was taken."""


def _ended(number: int) -> bool:
    """Whether a read would give the end of the stream, or an error. Data that waits hides the end behind it."""
    try:
        with socket.socket(fileno=socket.dup(number)) as double:
            double.setblocking(False)
            return not double.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
