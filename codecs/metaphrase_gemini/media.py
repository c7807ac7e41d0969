"""What a medium is, by its MIME type or the end of its address."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping

from msgspec import Raw

from metaphrase.ir.content import MediaKind

_MAJOR: Mapping[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video", "text": "document"}
_DOCUMENTS = ("application/pdf", "application/json", "application/rtf", "application/xml", "application/x-javascript")
_ENDINGS: Mapping[str, str] = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
    "heic": "image/heic", "heif": "image/heif", "mp3": "audio/mp3", "wav": "audio/wav", "ogg": "audio/ogg",
    "flac": "audio/flac", "aac": "audio/aac", "mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime",
    "mpeg": "video/mpeg", "pdf": "application/pdf", "txt": "text/plain", "md": "text/markdown", "csv": "text/csv",
    "html": "text/html",
}  # fmt: skip
_YOUTUBE = ("youtube.com/", "youtu.be/")
ALIASES: Mapping[str, str] = {
    "image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png", "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav", "audio/vnd.wave": "audio/wav", "audio/x-flac": "audio/flac", "audio/x-aac": "audio/aac",
    "audio/x-aiff": "audio/aiff", "application/x-pdf": "application/pdf", "video/x-mp4": "video/mp4",
}  # fmt: skip
"""MIME types that the server refuses, and what it takes instead."""
REFUSED = frozenset({"image/gif", "image/svg+xml", "image/bmp", "image/tiff"})
"""Types of no use to any model: https://ai.google.dev/gemini-api/docs/image-understanding lists those that are."""
SPEECH = "audio/L16;codec=pcm;rate=24000"
"""What Gemini's voices speak in, and OpenAI's `pcm16`: a model's sound is taken for this where nobody says."""
_FILES = "https://generativelanguage.googleapis.com/v1beta/"
USUAL: Mapping[MediaKind, str] = {
    "image": "image/png", "audio": "audio/wav", "video": "video/mp4", "document": "application/pdf",
    "other": "application/octet-stream",
}  # fmt: skip
"""What inline data is taken for where nobody says."""
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG", "image/png"), (0, b"\xff\xd8\xff", "image/jpeg"), (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"), (8, b"WAVE", "audio/wav"), (0, b"ID3", "audio/mp3"), (0, b"\xff\xfb", "audio/mp3"),
    (0, b"\xff\xf3", "audio/mp3"), (0, b"OggS", "audio/ogg"), (0, b"fLaC", "audio/flac"), (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"), (0, b"%PDF", "application/pdf"),
)  # fmt: skip


def sniffed(data: Raw) -> str | None:
    """The MIME type that the first bytes of base64 data speak for, if any."""
    try:
        head = urlsafe_b64decode(bytes(memoryview(data)[1:17]).replace(b"+", b"-").replace(b"/", b"_"))
    except ValueError:
        return None
    return next((mime for at, magic, mime in _MAGIC if head.startswith(magic, at)), None)


def kind_of(mime: str | None, uri: str = "") -> MediaKind:
    """The kind of a medium. YouTube addresses have no type and are videos."""
    if mime is None:
        mime = mime_of(uri)
        if mime is None:
            return "video" if any(host in uri for host in _YOUTUBE) else "other"
    major = mime.partition("/")[0].lower()
    return "document" if mime.lower().startswith(_DOCUMENTS) else _MAJOR.get(major, "other")


def mime_of(uri: str) -> str | None:
    """The MIME type that the end of an address or file name speaks for, if any."""
    name = uri.partition("?")[0].partition("#")[0].rpartition("/")[2]
    return _ENDINGS.get(name.rpartition(".")[2].lower())


def plain_mime(mime: str) -> str:
    """A type as the server spells it: lower case, an image's without parameters."""
    kind, mark, rest = mime.partition(";")
    name = kind.strip().lower()
    name = ALIASES.get(name, kind.strip() if name.startswith("audio/l") else name)
    return name if name.startswith("image/") else name + mark + rest


def address_of(file: str) -> str:
    """The address of a file of the Files API, which clients also call by its name alone."""
    return _FILES + file if file.startswith("files/") else file


def fetched_by_server(uri: str) -> bool:
    """Whether only Google itself can open this address: Cloud Storage, the Files API, YouTube."""
    return not uri.startswith(("https://", "http://")) or uri.startswith(_HOSTED) or any(it in uri for it in _YOUTUBE)


_HOSTED = "https://generativelanguage.googleapis.com/"
