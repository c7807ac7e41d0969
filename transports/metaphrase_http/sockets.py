"""What is asked of the operating system about one socket."""

from __future__ import annotations

import contextlib
import select
import socket
import struct

from anyio.abc import SocketAttribute, SocketStream

# Bytes that the kernel takes beyond what is under way. What a slow reader has not asked for stays with its producer.
_UNSENT = 64 * 1024
_RESET = struct.pack("ii", 1, 0)
_POLLABLE = hasattr(select, "poll")


def tune(stream: SocketStream) -> socket.socket:
    """Small pieces leave at once, and few wait in the kernel. Gives the socket."""
    raw = stream.extra(SocketAttribute.raw_socket)
    with contextlib.suppress(OSError):  # the peer may be gone already: the next read will say so
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
    return raw


def reset_on_close(raw: socket.socket) -> None:
    """Closing will be a reset: to a client of HTTP/1.0 nothing else says that a body did not end."""
    with contextlib.suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def is_quiet(raw: socket.socket) -> bool:
    """Whether nothing arrived, neither bytes nor an end: what an idle connection must be to be used again."""
    number = raw.fileno()
    if number < 0:
        return False
    if not _POLLABLE:
        return not any(select.select([number], [], [number], 0))
    poll = select.poll()
    poll.register(number, select.POLLIN | select.POLLPRI)
    return not poll.poll(0)
