"""What can go wrong with a peer. The messages are fixed phrases: nothing that a peer sent is ever in them."""

from __future__ import annotations

from typing import ClassVar


class Refused(Exception):
    """A request that the server does not take. ``status`` is the answer, after which the connection is closed."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class ClientLeft(Exception):
    """The client went away. A handler rarely sees this: it is cancelled first."""


class FramingError(Exception):
    """A body that does not end, or is not cut up, as HTTP says."""


class BodyTooLarge(FramingError):
    """A body beyond its limit."""


class UpstreamError(Exception):
    """A call that got no whole answer. ``sent``: the upstream may have seen (and run) the request.

    ``retryable``: no byte of the request was accepted, so that it can be sent again without being run twice.
    """

    status: ClassVar[int] = 502

    def __init__(self, reason: str, *, sent: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent

    @property
    def retryable(self) -> bool:
        """Whether the same request may be sent again."""
        return not self.sent


class UpstreamUnreachable(UpstreamError):
    """No connection: the name, the port, or the certificate."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, sent=False)


class UpstreamTimeout(UpstreamError):
    """Too slow. ``phase``: "connect", "write", "first byte" or "idle"."""

    status = 504

    def __init__(self, phase: str) -> None:
        super().__init__(f"timeout: {phase}", sent=phase != "connect")
        self.phase = phase


class UpstreamBroken(UpstreamError):
    """The connection ended too early, or what came over it is no HTTP."""


class UpstreamTooLarge(UpstreamError):
    """An answer beyond its limit."""
