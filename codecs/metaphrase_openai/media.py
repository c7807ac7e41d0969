"""MIME types, and data URLs taken apart and put together without decoding what they hold (RFC 2397)."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import Raw

from metaphrase.ir.content import Inline, MediaKind
from metaphrase.wirejson import encode

AUDIO = {"wav": "audio/wav", "mp3": "audio/mp3"}  # `input_audio.format`, openapi.yaml
SOUNDS = {  # what others say there
    "pcm16": "audio/L16;codec=pcm;rate=24000",
    "x-wav": "audio/wav",
    "mpeg": "audio/mp3",
    "mpga": "audio/mp3",
    "m4a": "audio/mp4",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
}
FORMATS = {"audio/wav": "wav", "audio/mp3": "mp3", "audio/mpeg": "mp3", "audio/x-wav": "wav", "audio/wave": "wav"}
ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
DETAIL = {"low": "low", "medium": "medium", "high": "high", "original": "ultra"}
DETAIL_OUT = {"low": "low", "medium": "auto", "high": "high", "ultra": "high"}

SUFFIXES = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "html": "text/html",
    "csv": "text/csv",
    "json": "application/json",
    "xml": "text/xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "heic": "image/heic",
    "wav": "audio/wav",
    "mp3": "audio/mp3",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
}
# How base64 of well-known formats begins; for data that nobody named.
_MAGIC = {
    b"iVBORw0KGgo": "image/png",
    b"/9j/": "image/jpeg",
    b"R0lGOD": "image/gif",
    b"JVBERi": "application/pdf",
    b"SUQz": "audio/mp3",
    b"T2dnUw": "audio/ogg",
    b"ZkxhQ": "audio/flac",
}
_MP3_FRAME = re.compile(rb"//[I-Po-v]")  # the frame header's sync bits, FF and then F2, F3, FA or FB
_HEAD = 256  # a data URL's own words end within


class DataUrl(NamedTuple):
    """A data URL: its data as Inline, its MIME type, and whether ``data_url`` would spell it in the same way."""

    inline: Inline
    mime: str | None
    plain: bool


def data_url(mime: str | None, inline: Inline) -> Raw:
    """A data URL as a raw JSON string; the base64 text is copied once and not looked at."""
    head = encode(f"data:{mime or ''};base64,")[:-1]
    return Raw(b"".join((head, memoryview(inline.raw)[1:])))


def parse_data_url(raw: Raw) -> DataUrl | None:
    """A data URL in any legal spelling; None if the raw JSON string is none."""
    view = memoryview(raw)
    head = bytes(view[:_HEAD])
    if head[1:6].lower() != b"data:":
        return _escaped(raw) if head[1:2] in (b" ", b"\\") else None
    comma = head.find(b",")
    if comma < 0:
        head = bytes(view)
        comma = head.find(b",")
        if comma < 0:
            return None
    words: str = msgspec.json.decode(head[6:comma].join((b'"', b'"')), type=str)
    mime, *parameters = words.split(";")
    named = mime.strip() or None
    if parameters and parameters[-1].strip().lower() == "base64":
        inline = Inline(Raw(b"".join((b'"', view[comma + 1 :]))))
        return DataUrl(inline, named, head[1:6] == b"data:" and words == f"{mime.strip()};base64")
    text: str = msgspec.json.decode(raw, type=str)
    data = unquote_to_bytes(text[text.index(",") + 1 :])
    return DataUrl(Inline.of(b64encode(data).decode()), named or "text/plain", False)  # RFC 2397, section 2


def _escaped(raw: Raw) -> DataUrl | None:
    """A data URL behind white space or JSON escapes."""
    text: str = msgspec.json.decode(raw, type=str).strip()
    found = parse_data_url(Raw(encode(text))) if text[:5].lower() == "data:" else None
    return None if found is None else found._replace(plain=False)


def kind_of(mime: str | None, fallback: MediaKind) -> MediaKind:
    """What a MIME type says that a thing is."""
    major = "" if mime is None else mime.split("/")[0].lower()
    if major == "image":
        return "image"
    if major == "audio":
        return "audio"
    if major == "video":
        return "video"
    return fallback if mime is None else "document"


def sniffed(inline: Inline) -> str | None:
    """The MIME type that the first bytes of the data give away."""
    head = bytes(memoryview(inline.raw)[1:21])
    if head.startswith(b"UklGR"):  # RIFF, then four bytes of length, then the kind
        return "image/webp" if b"V0VCUA" in head or b"XRUJQ" in head else "audio/wav"
    if _MP3_FRAME.match(head):
        return "audio/mp3"
    return next((mime for magic, mime in _MAGIC.items() if head.startswith(magic)), None)


def mime_of(name: str | None) -> str | None:
    """The MIME type that a file name or the path of an address suggests."""
    if not name:
        return None
    path = name.split("?", 1)[0].split("#", 1)[0]
    return SUFFIXES.get(path.rpartition(".")[2].lower()) if "." in path.rpartition("/")[2] else None
