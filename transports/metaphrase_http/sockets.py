"""What is asked of the operating system about one socket."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
from collections.abc import Callable, Iterator

from anyio.abc import SocketAttribute, SocketStream

# Bytes that the kernel takes beyond what is under way. What a slow reader has not asked for stays with its producer.
_UNSENT = 64 * 1024
_UNREAD = 32 * 1024  # bytes that may wait to be read of a stream; Linux takes twice as much, for what it adds itself
_AT_ONCE = 64  # connections accepted in one go
_RESET = struct.pack("ii", 1, 0)
_POLLABLE = hasattr(select, "poll")
_FILES = os.name == "posix"  # a socket can be written to as a file


def tune(stream: SocketStream) -> socket.socket:
    """Small pieces leave at once, and few wait in the kernel. Gives the socket."""
    raw = stream.extra(SocketAttribute.raw_socket)
    with contextlib.suppress(OSError):  # the peer may be gone already: the next read will say so
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
    return raw


def narrow(raw: socket.socket) -> None:
    """Let little arrive ahead: a stream's pace is its reader's. uvloop reads whatever the kernel holds, up to
    megabytes, before whoever reads can say that it is enough.
    """
    with contextlib.suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _UNREAD)


def write_now(raw: socket.socket, data: bytes) -> bytes:
    """Hand over what the kernel takes at once, nearly always all of it; gives back the rest, for the stream to send.

    A stream's own `send` goes round the event loop once more. Only where that has nothing waiting to be sent, and where
    the caller waits for something next: else others would never get their turn. Whatever is wrong, the stream will say.
    """
    if not _FILES:
        return data
    try:
        taken = os.write(raw.fileno(), data)
    except OSError:  # full, or closed: its number is -1 then
        return data
    return data[taken:]


def waiting(listener: socket.socket) -> Iterator[socket.socket]:
    """Connections that wait to be accepted, a few. An event loop accepts one each time round: where each round has a
    hundred other things to do, they would queue up for seconds, and clients that left would still be called for.
    """
    for _ in range(_AT_ONCE):
        try:
            one, _ = listener.accept()
        except OSError:  # none is left; or something is wrong, which the next accept of the event loop will tell
            return
        one.setblocking(False)
        yield one


def reset_on_close(raw: socket.socket) -> None:
    """Closing will be a reset: to a client of HTTP/1.0 nothing else says that a body did not end."""
    with contextlib.suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def quiet(raw: socket.socket) -> Callable[[], bool]:
    """Tells whether nothing arrived, neither bytes nor an end: what an idle connection must be to be used again."""
    number = raw.fileno()
    if number < 0:
        return lambda: False
    if not _POLLABLE:
        return lambda: not any(select.select([number], [], [number], 0))
    poll = select.poll()
    poll.register(number, select.POLLIN | select.POLLPRI)
    return lambda: raw.fileno() >= 0 and not poll.poll(0)
