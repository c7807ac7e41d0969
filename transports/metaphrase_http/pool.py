"""Idle connections, kept for the next call (RFC 9112, 9.3)."""

from __future__ import annotations

import time
from collections import deque
from enum import Enum, auto

import anyio

from .limits import Patience
from .link import Link
from .origin import Origin

_SETTLE = 0.01  # an upstream that closes after each answer has done so by then
_AT_ONCE = 1.0  # closed within this time, it did not get tired of waiting: it does not keep connections
_DISTRUST = 60.0  # for so long its connections are then used once


class Trust(Enum):
    """Whether an upstream keeps its connections open."""

    UNKNOWN = auto()
    KEEPS = auto()
    CLOSES = auto()


class _Shelf:
    """The idle connections of one origin, the last one used first."""

    __slots__ = ("links", "since", "trust")

    def __init__(self) -> None:
        self.links: deque[Link] = deque()
        self.trust = Trust.UNKNOWN
        self.since = 0.0


class Pool:
    """Gives a connection that is alive as far as one can see, or none.

    A request that was sent cannot be sent again: a model would run twice. So a connection that the upstream is about
    to close must not be used, though nothing shows on it yet. Until an origin has shown that it keeps connections,
    the first reuse waits a moment; an origin that closes after each answer is not pooled at all for a while.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._shelves: dict[Origin, _Shelf] = {}
        self._closed = False

    def __len__(self) -> int:
        return sum(len(shelf.links) for shelf in self._shelves.values())

    async def take(self, origin: Origin) -> Link | None:
        """An idle connection that may be used, if there is one."""
        shelf = self._shelves.get(origin)
        while shelf is not None and shelf.links:
            link = shelf.links.pop()
            idle = time.monotonic() - link.idle_since
            if shelf.trust is not Trust.KEEPS and idle < _AT_ONCE:
                await _settle(link)
            if idle < self._patience.keep_alive:
                if link.alive():
                    shelf.trust = Trust.KEEPS
                    return link
                if idle < _AT_ONCE:
                    self._distrust(shelf)
            await link.close()
        return None

    async def give(self, link: Link) -> None:
        """Back, after an answer that was read to its end."""
        shelf = self._shelves.get(link.origin)
        if shelf is None:
            shelf = self._shelves[link.origin] = _Shelf()
        now = time.monotonic()
        if shelf.trust is Trust.CLOSES and now - shelf.since > _DISTRUST:
            shelf.trust = Trust.UNKNOWN
        if self._closed or shelf.trust is Trust.CLOSES:
            await link.close()
            return
        link.rest_now()
        shelf.links.append(link)
        oldest = shelf.links[0]
        if len(shelf.links) > self._patience.idle_links or now - oldest.idle_since > self._patience.keep_alive:
            await shelf.links.popleft().close()

    def failed(self, link: Link) -> None:
        """A connection that was used again ended before the answer began: its upstream did not keep it."""
        if link.used and (shelf := self._shelves.get(link.origin)) is not None:
            self._distrust(shelf)

    async def close(self) -> None:
        """Close what is idle, and what is given back later."""
        self._closed = True
        for shelf in self._shelves.values():
            while shelf.links:
                await shelf.links.pop().close()

    def _distrust(self, shelf: _Shelf) -> None:
        shelf.trust = Trust.CLOSES
        shelf.since = time.monotonic()


async def _settle(link: Link) -> None:
    """Wait, however long it was idle on our clock: a busy machine may have stopped the upstream as well as us."""
    try:
        await anyio.sleep(_SETTLE)
        await anyio.lowlevel.checkpoint()
    except BaseException:
        await link.close()
        raise
