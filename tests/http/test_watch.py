"""Sockets as the kernel has them: who hung up, and who waits."""

from __future__ import annotations

import os
import select
import socket
from dataclasses import dataclass, field

import pytest

from metaphrase_http.sockets import waiting, write_now
from metaphrase_http.watch import NEVER, Watch

pytestmark = pytest.mark.anyio
EPOLL = pytest.mark.skipif(not hasattr(select, "epoll"), reason="without epoll sockets are asked in turn")


@dataclass(eq=False)
class One:
    """A connection, for the watch."""

    socket: socket.socket
    due: float = NEVER
    told: list[str] = field(default_factory=list)

    def late(self) -> None:
        self.told.append("late")

    def left(self) -> None:
        self.told.append("left")


class Stale(socket.socket):
    """One whose descriptor was closed by somebody who did not say so."""

    number = -1

    def fileno(self) -> int:
        return self.number


@EPOLL
async def test_who_is_gone_before_anything_began_is_told_at_once() -> None:
    watch = Watch(1)
    here, there = socket.socketpair()
    with here:
        there.close()
        one = One(here)
        watch.add(one)
        assert one.told == ["left"]
        watch.remove(one)


@EPOLL
async def test_a_descriptor_that_is_no_more_is_a_client_that_left() -> None:
    watch = Watch(1)
    with Stale() as stale:
        stale.number = os.dup(stale.detach())
        os.close(stale.number)
        one = One(stale)
        watch.add(one)
        assert one.told == ["left"]
        watch.remove(one)
        stale.number = -1
    assert len(watch) == 0


async def test_connections_that_wait_are_taken_in_one_go() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        listener.setblocking(False)
        clients = [socket.create_connection(listener.getsockname()) for _ in range(9)]
        taken = list(waiting(listener))
        assert {one.getpeername() for one in taken} == {one.getsockname() for one in clients}
        assert [one.getblocking() for one in taken] == [False] * 9
        for one in (*clients, *taken):
            one.close()
        assert list(waiting(listener)) == []
    assert list(waiting(listener)) == []


def test_what_the_kernel_does_not_take_is_given_back() -> None:
    here, there = socket.socketpair()
    with here, there:
        here.setblocking(False)
        assert write_now(here, b"small") == b""
        data = bytes(range(256)) * 40_000
        rest = write_now(here, data)
        assert data.endswith(rest)
        assert 0 < len(rest) < len(data)
        assert write_now(here, rest) == rest  # full
        assert there.recv(5) == b"small"
    assert write_now(here, b"closed") == b"closed"
