"""Chunks as bytes. What all chunks of a stream share is encoded once, and so is what stands around a piece of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Raw

from metaphrase.errors import WriteError
from metaphrase.sse import one_line
from metaphrase.wirejson import encode

from ..leftovers import NULL, Json

Encode = Callable[[object], bytes]
DONE = b"data: [DONE]\n\n"


def event(value: object) -> bytes:
    """Any JSON as an event of one line."""
    try:
        return b"data: " + one_line(encode(value)) + b"\n\n"
    except (OverflowError, UnicodeEncodeError):
        raise WriteError("A number or a text that JSON cannot hold here") from None


Frame = Callable[[str], bytes]
"""Makes the chunk that holds a piece of text."""


def _frame(before: bytes, after: bytes) -> Frame:
    def around(text: str, before: bytes = before, after: bytes = after, encode: Encode = encode) -> bytes:
        try:
            return before + encode(text) + after
        except UnicodeEncodeError:
            raise WriteError("A text that JSON cannot hold") from None

    return around


class Envelope:
    """The members that all chunks of one stream share."""

    __slots__ = ("_shared",)

    def __init__(self, shared: Json) -> None:
        self._shared = shared

    def share(self, key: str, value: str | Raw) -> None:
        """From now on every chunk says this too."""
        self._shared[key] = value

    def chunk(self, choices: list[Json], more: Json | None = None) -> bytes:
        """A whole chunk."""
        return event({**self._shared, "choices": choices, **(more or {})})

    def frame(self, index: int, *keys: str | int) -> Frame:
        """The chunks of one text: ``keys`` lead to it in the delta; a number leads to the call of that index."""
        delta: Any = _HOLE
        for key in reversed(keys):
            delta = {key: delta} if isinstance(key, str) else [{"index": key, **delta}]
        choice: Json = {"index": index, "delta": delta, "finish_reason": NULL}
        before, _, after = self.chunk([choice]).rpartition(encode(_HOLE))
        return _frame(before, after)


_HOLE = "\x00the text\x00"
