"""Positions of messages and their contents. They are the same in every request, so those in use are kept."""

from __future__ import annotations

from collections.abc import Sequence

from metaphrase.ir.node import At

_MESSAGES = At(None, "messages")
_KEPT = 4096

Place = tuple[At, At]
"""The position of a message, and that of its content."""


def _place(index: int) -> Place:
    at = At(_MESSAGES, index)
    return at, At(at, "content")


_kept = [tuple([_place(i) for i in range(64)])]  # replaced as a whole by a longer one, where one is needed


def messages(count: int) -> Sequence[Place]:
    """At least the places of so many messages."""
    known = _kept[0]
    if count <= len(known):
        return known
    longer = (*known, *[_place(i) for i in range(len(known), count)])
    if count <= _KEPT:
        _kept[0] = longer
    return longer
