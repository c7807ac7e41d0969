"""What must hold of any document before it is read: UTF-8, and not nested too deeply."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from .errors import ReadError

DEPTH = 128  # of arrays and objects, whatever the stack allows
_BOM = b"\xef\xbb\xbf"
TOO_DEEP = f"Nested more than {DEPTH} deep"
_NOT_BRACES = bytes(sorted(set(range(256)) - set(b"[]{}")))
_MOST_PIECES = 4096
_LEVELS = 4
_object = msgspec.json.Decoder(dict[str, Raw]).decode
_array = msgspec.json.Decoder(list[Raw]).decode


def opened(body: bytes) -> bytes:
    """The document without its byte order mark; for ``Document.read``, which checks the rest."""
    return body[3:] if body.startswith(_BOM) else body


def checked(body: bytes) -> bytes:
    """The document without its byte order mark, proven to be UTF-8 and at most ``DEPTH`` deep; else a ReadError."""
    body = opened(body)
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise ReadError(f"Invalid UTF-8 (byte {error.start})") from None
    return shallow(body)


def shallow(body: bytes) -> bytes:
    """The document, which is known to be UTF-8, proven to be at most ``DEPTH`` deep; else a ReadError."""
    if len(body) > 2 * DEPTH and brackets(body) > DEPTH and too_deep(body):
        raise ReadError(TOO_DEEP)
    return body


def brackets(body: bytes) -> int:
    """How many arrays and objects it opens at most, of either kind counted up to one more than DEPTH.

    ``replace`` looks for a byte with memchr, ten times as fast as ``count`` does.
    """
    return 2 * len(body) - len(body.replace(b"{", b"", DEPTH + 1)) - len(body.replace(b"[", b"", DEPTH + 1))


def too_deep(body: bytes) -> bool:
    """Whether arrays and objects nest deeper than DEPTH, in JSON that is valid otherwise."""
    return not _in_pieces(body, DEPTH) and _counted(body)


def _in_pieces(text: bytes, depth: int) -> bool:
    """Whether elements, and theirs in turn, have too few brackets each to nest deeper; if not, they may be fine still.

    No bracket may stand elsewhere: in a key, or in a member that a later one of its name has replaced.
    """
    opened = _opened(text)
    if opened <= depth:
        return True
    if opened > _MOST_PIECES or depth < DEPTH - _LEVELS:
        return False
    try:
        pieces = [*map(bytes, _object(text).values() if text.startswith(b"{") else _array(text))]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return opened == 1 + sum(map(_opened, pieces)) and all(_in_pieces(piece, depth - 1) for piece in pieces)


def _opened(text: bytes) -> int:
    """How many arrays and objects it opens at most."""
    return 2 * len(text) - len(text.replace(b"{", b"")) - len(text.replace(b"[", b""))


def _counted(body: bytes) -> bool:
    """The same in general.

    What stands in strings is cut out first. Then matched pairs are struck out round by round: each round takes the
    innermost ones, so what vanishes in a few rounds is no deeper than that. The rest is counted.
    """
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    braces = b"".join(body.split(b'"')[::2]).translate(None, _NOT_BRACES)
    fewer = braces
    for _ in range(24):
        before = len(fewer)
        fewer = fewer.replace(b"{}", b"").replace(b"[]", b"")  # at most two layers
        if not fewer:
            return False
        if len(fewer) == before:
            break
    return _deepest(braces) > DEPTH


def _deepest(braces: bytes) -> int:
    """How deep these brackets nest; counting ends once it is too deep."""
    depth = deepest = 0
    for byte in braces:
        depth += 1 if byte in b"[{" else -1
        if depth > deepest:
            deepest = depth
            if deepest > DEPTH:
                break
    return deepest
