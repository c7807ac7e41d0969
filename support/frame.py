"""What a frame is: a document around a field."""

from __future__ import annotations

from typing import Any, NamedTuple

MARK = "@"
"""A key that marks the element of an array that is probed."""
STREAM = "chat.stream"


class Frame(NamedTuple):
    """A document in which a field may stand, and how it is converted. A stream is a list of its events."""

    kind: str
    document: Any
    target: str | None = None
    status: int | None = None
