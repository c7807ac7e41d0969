"""One line of JSON for each request: what was asked and how it went, and nothing of what was said."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from metaphrase import Exchange, Loss

log = logging.getLogger("metaphrase.gateway")


class Entry(Struct, omit_defaults=True):
    """One request. Every text in it is ours, but for the cleaned ids."""

    time: float
    id: str
    client: str = ""
    upstream: str = ""
    operation: str = ""
    status: int = 0
    outcome: str = "left"  # until something else is known, the client went away
    stream: bool = False
    failure: str = ""  # the class of the error
    reason: str = ""  # what happened to the upstream's connection
    ms: float = 0
    first_ms: float = 0  # to the head of the upstream's answer
    received: int = 0
    sent: int = 0
    losses: dict[str, int] = {}
    upstream_id: str = ""

    def lost(self, losses: Iterable[Loss]) -> int:
        """What was lost so far; how much that is."""
        self.losses = {}
        for loss in losses:
            self.losses[loss.feature] = self.losses.get(loss.feature, 0) + loss.count
        return sum(self.losses.values())

    def tell(self, exchange: Exchange) -> None:
        """What the exchange knows at its end."""
        self.operation = exchange.operation or ""
        if self.stream or not self.status:  # else the head of the answer was written last, and counted them
            self.lost(exchange.losses)
        if exchange.failure is not None:
            self.failure = exchange.failure.code


def write(entry: Entry) -> None:
    """To the log."""
    if log.isEnabledFor(logging.INFO):
        log.info("%s", msgspec.json.encode(entry).decode())


def print_line(entry: Entry) -> None:
    """To stderr. A record of `logging` would cost more than all else that the gateway does beside the engine."""
    with contextlib.suppress(OSError):  # whoever read it is gone, which is no reason to fail a call
        sys.stderr.write(msgspec.json.encode(entry).decode() + "\n")
        sys.stderr.flush()


class JsonLines(logging.Formatter):
    """Every record as one line of JSON; those of requests are that already."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        said = record.getMessage()
        if record.name == log.name and said.startswith("{"):
            return said
        line = {"time": round(time.time(), 3), "level": record.levelname.lower(), "message": said}
        return msgspec.json.encode(line).decode()


def to_stderr() -> None:
    """All that this package has to say goes to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger("metaphrase")
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    root.propagate = False
