"""How much and how long: the bounds of a server and of a client. Sizes are bytes, times are seconds."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one server allows its clients."""

    head: int = 32 * KIB  # request line, headers and the blank line
    headers: int = 100
    target: int = 8 * KIB
    body: int = 64 * MIB
    connections: int = 4096

    header_timeout: float = 10  # from the first byte (from the start, for a new connection) to the blank line
    body_timeout: float = 30  # between two pieces of a body
    body_rate: float = KIB  # bytes a second that a body must hold on average, beyond its first `body_timeout`
    write_timeout: float = 60  # until the client has taken the next piece, of 128 KiB at most
    keep_alive: float = 75  # between two requests
    drain: float = 30  # what runs when the server is told to stop has so long to end
    linger: float = 2  # how long a client that was refused is listened to, so that it reads why

    @property
    def tick(self) -> float:
        """How often the deadlines are looked at: none is late by more than a twentieth."""
        least = min(self.header_timeout, self.body_timeout, self.write_timeout, self.keep_alive)
        return min(max(least / 20, 0.005), 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """What one client allows its upstreams."""

    connect: float = 10  # name, TCP and TLS together
    write: float = 60  # until the upstream has taken the next piece, of 128 KiB at most
    first_byte: float = 300  # from then to the head of the answer
    idle: float = 120  # between two pieces of a body

    head: int = 64 * KIB
    headers: int = 256
    body: int = 256 * MIB  # of an answer that is read whole; a stream may be longer

    keep_alive: float = 50  # an idle connection that is older is not used again
    idle_links: int = 64  # idle connections for each origin
