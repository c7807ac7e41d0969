"""What ends a wait for an upstream: one look at all connections, where a scope with a deadline round each call would
cost a gateway 5 % of what it can do.
"""

from __future__ import annotations

import math
from typing import Protocol

import anyio

from .watch import NEVER, clock

_LOOK = 0.05  # seconds between two looks: nothing is ended later than that, and nothing earlier than it should be


class Timed(Protocol):
    """A connection, as it is seen here."""

    due: float  # when it is late, on `clock`

    async def late(self) -> None:
        """It is past `due`: to be closed, which ends what waits for it."""
        ...


class Deadlines:
    """Ends what is late among the connections of one client or several, while `run` runs.

    While it does not, whoever waits has to look at the clock for itself.
    """

    __slots__ = ("_all", "running")

    def __init__(self) -> None:
        self.running = False
        self._all: set[Timed] = set()

    def __len__(self) -> int:
        return len(self._all)

    def add(self, one: Timed) -> None:
        """Look at it."""
        self._all.add(one)

    def remove(self, one: Timed) -> None:
        """No longer, if it was looked at."""
        self._all.discard(one)

    async def run(self) -> None:
        """Until cancelled, and then at once: what waits by then is ended as if it were late."""
        if self.running:
            raise RuntimeError("it runs already")
        self.running = True
        try:
            while True:
                await anyio.sleep(_LOOK)
                await self._end(clock())
        finally:
            self.running = False
            with anyio.CancelScope(shield=True):
                await self._end(math.nextafter(NEVER, 0))

    async def _end(self, now: float) -> None:
        for one in tuple(self._all):
            if one.due <= now:
                one.due = NEVER
                await one.late()
