"""Positions of messages and their contents. They are the same in every request, so those in use are kept."""

from __future__ import annotations

from metaphrase.ir.node import At
from metaphrase.kept import Kept

_MESSAGES = At(None, "messages")

Place = tuple[At, At]
"""The position of a message, and that of its content."""


def _place(index: int) -> Place:
    at = At(_MESSAGES, index)
    return at, At(at, "content")


messages = Kept(_place).upto
"""At least the places of so many messages."""
