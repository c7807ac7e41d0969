"""Raw PCM sound in a WAV container: http://soundfile.sapp.org/doc/WaveFormat/."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Sequence
from contextlib import suppress
from struct import pack
from typing import NamedTuple

from msgspec import Raw

from metaphrase.ir.content import Inline, Media

_PCM = re.compile(r"audio/(?:l16|pcm)((?:\s*;\s*(?:codec=pcm|rate=\d{1,6}|channels=[12]))*)\s*\Z", re.IGNORECASE)
_BYTES = 2  # of a sample: Gemini's L16 is little-endian, as WAV wants it
_HEADER = 44
_ENDLESS = 0xFFFFFFFF  # the length of a sound that is not over yet


class Pcm(NamedTuple):
    """How raw sound is to be played."""

    rate: int = 24000
    channels: int = 1


def goes_on(first: Media, then: Media) -> bool:
    """Whether the second is another piece of the same sound: only raw sound can be continued."""
    pcm = pcm_of(first.mime)
    return pcm is not None and pcm == pcm_of(then.mime)


def pcm_of(mime: str | None) -> Pcm | None:
    """What a MIME type such as ``audio/L16;codec=pcm;rate=24000`` says; None if it names no raw sound."""
    found = _PCM.match(mime or "")
    if found is None:
        return None
    said = dict(part.strip().lower().split("=") for part in found[1].split(";") if part.strip())
    return Pcm(int(said.get("rate", 24000)), int(said.get("channels", 1)))


def joined(pieces: Sequence[Inline]) -> Inline:
    """Pieces of one sound, each base64 of its own, as one. What is no base64 is strung together as it is."""
    if len(pieces) == 1:
        return pieces[0]
    texts = [bytes(memoryview(piece.raw)[1:-1]) for piece in pieces]
    if any(len(text) % 4 or text.endswith(b"=") for text in texts[:-1]):
        with suppress(Error):
            texts = [b64encode(b"".join([b64decode(text, validate=True) for text in texts]))]
    return Inline(Raw(b"".join((b'"', *texts, b'"'))))


def wav(inline: Inline, pcm: Pcm, *, whole: bool = True) -> Inline | None:
    """The same sound behind a WAV header; None if the data is no base64. ``whole``: this is all of it.

    The header's 44 bytes are no multiple of three: what follows is encoded anew.
    """
    try:
        data = b64decode(memoryview(inline.raw)[1:-1], validate=True)
    except Error:
        return None
    size = len(data) if whole else _ENDLESS - _HEADER
    step = pcm.channels * _BYTES
    head = pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", size + _HEADER - 8, b"WAVE", b"fmt ", 16, 1, pcm.channels, pcm.rate, pcm.rate * step, step, 8 * _BYTES,
        b"data", size,
    )  # fmt: skip
    return Inline(Raw(b"".join((b'"', b64encode(head + data), b'"'))))
