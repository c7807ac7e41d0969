"""The usual kind of a document, told from all others by a type that nothing else fits, at the cost of decoding it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from .proof import holds_raw, trusted

S = TypeVar("S", bound=Struct)

_PAUSE = 15


class Usual(Generic[S]):
    """Decodes documents that fit ``cls``, and proves what msgspec does not: raw JSON, if ``cls`` holds any.

    All others are left to a general reader. After one that does not fit, the next few are not tried: the same server
    will send more of its kind.
    """

    def __init__(self, cls: type[S]) -> None:
        self._decode: Callable[[bytes], S] = msgspec.json.Decoder(cls).decode
        self._raw = holds_raw(cls)
        self._pause = 0

    def read(self, body: bytes) -> S | None:
        """A document; None where a general reader must say what it is."""
        if self._pause > 0:
            self._pause -= 1
            return None
        try:
            found = self._decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._pause = _PAUSE
            return None
        return None if self._raw and not trusted(found, body) else found
