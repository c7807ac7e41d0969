"""Bytes of one event to a chunk, the cheap way while the schema knows all of it."""

from __future__ import annotations

from msgspec import DecodeError, ValidationError
from msgspec.json import Decoder

from metaphrase.wirejson import Document

from ..wire_stream import Chunk

_document = Document(Chunk)
_strict = Decoder(Chunk).decode


class Chunks:
    """Decodes the chunks of one stream. After an unknown member the strict attempt is not made any more."""

    __slots__ = ("_tolerant",)

    def __init__(self) -> None:
        self._tolerant = False

    def decode(self, data: bytes) -> Chunk:
        """A chunk; a ReadError if it is none."""
        if not self._tolerant:
            try:
                return _strict(data)
            except ValidationError:
                self._tolerant = True
            except (DecodeError, UnicodeDecodeError):
                pass  # the document says why
        return _document.decode(data) if not self._tolerant else _document.decode_tolerantly(data)
