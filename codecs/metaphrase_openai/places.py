"""Positions of messages and their contents. They are the same in every request, so the first ones are kept."""

from __future__ import annotations

from collections.abc import Sequence

from metaphrase.ir.node import At

_MESSAGES = At(None, "messages")
_KEPT = 256

Place = tuple[At, At]
"""The position of a message, and that of its content."""


def _place(index: int) -> Place:
    at = At(_MESSAGES, index)
    return at, At(at, "content")


_PLACES = tuple([_place(i) for i in range(_KEPT)])


def messages(count: int) -> Sequence[Place]:
    """At least the places of so many messages."""
    return _PLACES if count <= _KEPT else [*_PLACES, *[_place(i) for i in range(_KEPT, count)]]
