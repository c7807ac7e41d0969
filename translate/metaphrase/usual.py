"""The usual kind of a document, told from all others by a type that nothing else fits, at the cost of decoding it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

S = TypeVar("S", bound=Struct)

_REST = 15


class Usual(Generic[S]):
    """Decodes documents that fit ``cls``; all others are left to a general reader. What is raw JSON in it is unproven.

    After one that does not fit, the next few are not tried: the same server will send more of its kind.
    """

    def __init__(self, cls: type[S]) -> None:
        self._decode: Callable[[bytes], S] = msgspec.json.Decoder(cls).decode
        self._rest = 0

    def read(self, body: bytes) -> S | None:
        """A document; None where a general reader must say what it is."""
        if self._rest:
            self._rest -= 1
            return None
        try:
            return self._decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._rest = _REST
            return None
