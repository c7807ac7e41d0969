"""Base64 in JSON, judged by its length, its ends and a few scans: megabytes are not looked at letter by letter."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from msgspec import DecodeError, Raw

from .ir.content import Inline

EMPTY = "nothing in it"
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_STANDARD, _EITHER = _LETTERS + b"+/", _LETTERS + b"+/-_"
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_SPACES = b" \t\r\n\x0b\x0c"
_LOOK = 4096  # bytes whose alphabet is verified; more than enough for line breaks, escapes and the alphabet to show
_SCANNED = 1 << 20  # up to this size the rest is searched for what must not stand there


class Judged(NamedTuple):
    """The data as it can be sent, and what is wrong with it if nothing can be done about it: then it is as it was."""

    inline: Inline
    fault: str = ""


def judged(inline: Inline, *, standard: bool = False) -> Judged:
    """Inline data in a plain spelling: padded, without white space, JSON and percent escapes. ``standard``: not in the
    URL-safe alphabet either.
    """
    return Judged(inline) if _plain(inline.raw, standard=standard) else _respelt(inline)


def _plain(raw: Raw, *, standard: bool) -> bool:
    view = memoryview(raw)[1:-1]
    size = len(view)
    if size == 0 or size % 4:
        return False
    known = _STANDARD if standard else _EITHER
    if size <= _LOOK:
        data = bytes(view)
        body = data.rstrip(b"=")
        return len(body) >= size - 2 and not body.translate(None, known)
    head = bytes(view[:_LOOK])
    if bytes(view[-4:]).rstrip(b"=").translate(None, known) or head.translate(None, known):
        return False
    if size > _SCANNED and not (standard and not head.translate(None, _LETTERS)):
        return True
    data = bytes(view)
    if standard and (b"-" in data or b"_" in data):
        return False
    return b"\\" not in data and data.find(b"=", 0, -2) < 0


def _respelt(inline: Inline) -> Judged:
    """The same data in the plain spelling, if it is base64 at all."""
    try:
        data = inline.data.encode()
    except (DecodeError, UnicodeDecodeError):  # half a surrogate pair
        return Judged(inline, "not base64")
    if b"%" in data:
        data = unquote_to_bytes(data)
    data = data.translate(_TO_STANDARD, _SPACES)
    body = data.rstrip(b"=")
    if not body:
        return Judged(inline, EMPTY)
    if len(data) - len(body) > 2 or body.translate(None, _STANDARD):
        return Judged(inline, "not base64")
    if len(body) % 4 == 1:
        return Judged(inline, "base64 of a length that cannot be")
    return Judged(Inline(Raw(b"".join((b'"', body, b"=" * (-len(body) % 4), b'"')))))


def fault_of(address: str) -> str:
    """What is wrong with an address; "" if it has a scheme."""
    return EMPTY if not address.strip() else "" if "://" in address[:64] else "not an address"
