"""Failures as values: what went wrong, in HTTP's and the vendors' words."""

from __future__ import annotations

from msgspec import Raw

from .node import Node


class Failure(Node, frozen=True):
    """An error answer. ``status`` is the HTTP status; ``code`` the google.rpc name of its class (``UNAVAILABLE``).

    ``type``, ``reason`` and ``param`` are OpenAI's type, code and param; ``retry_after`` is seconds. ``details`` are
    the vendor's own, verbatim. ``message`` has been masked: no key or token is in it. ``retryable``: whether the
    server said that it is worth while to try again. ``at`` is where the error object stood.
    """

    status: int
    code: str
    message: str
    type: str | None = None
    reason: str | None = None
    param: str | None = None
    retry_after: float | None = None
    details: tuple[Raw, ...] = ()
    request_id: str | None = None
    origin: str = ""
    retryable: bool | None = None
