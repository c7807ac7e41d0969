"""Content codings of answers, undone with a bound (RFC 9110, 8.4.1).

We ask for `identity`. Some servers compress all the same, and a few kilobytes can become gigabytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from .errors import FramingError

_AT_ONCE = 64 * 1024
_FREE = 1024 * 1024  # so much may come out of anything
_MOST_RATIO = 100  # beyond that: JSON shrinks to a tenth, a bomb to a thousandth

CODINGS = frozenset({"gzip", "x-gzip", "deflate"})

# "deflate" is zlib's format, but some servers send the bare stream (8.4.1.2): the first two bytes tell.
_EITHER, _BARE = zlib.MAX_WBITS | 32, -zlib.MAX_WBITS
_GZIP = b"\x1f\x8b"


class Inflate:
    """Bytes in, more bytes out. Raises FramingError on what is damaged, cut off or a bomb."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_EITHER)
        self._begin: bytes = b""
        self._taken = 0
        self._given = 0

    def feed(self, data: bytes) -> bytes:
        """What these bytes expand to."""
        if self._taken < 2:
            data = self._begin + data
            if len(data) < 2:
                self._begin = data
                return b""
            if data[:2] != _GZIP and not _is_zlib(data):
                self._inflate = zlib.decompressobj(_BARE)
        self._taken += len(data)
        try:
            return b"".join(self._expand(data))
        except zlib.error:
            raise FramingError("damaged compression") from None

    def close(self) -> None:
        """The body has ended; so must the compression."""
        if (self._taken or self._begin) and not self._inflate.eof:
            raise FramingError("the compression ended too early")

    def _expand(self, data: bytes) -> Iterator[bytes]:
        piece = b""
        while data or len(piece) == _AT_ONCE:  # a full piece: zlib may hold more, though it took everything
            if self._inflate.eof:  # gzip: another member follows (RFC 1952, 2.2)
                self._inflate = zlib.decompressobj(_EITHER)
            piece = self._inflate.decompress(data, _AT_ONCE)
            self._given += len(piece)
            if self._given > max(_FREE, self._taken * _MOST_RATIO):
                raise FramingError("expands too far")
            yield piece
            data = self._inflate.unconsumed_tail or self._inflate.unused_data


def _is_zlib(data: bytes) -> bool:
    """RFC 1950, 2.2."""
    return data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
