"""Embedding vectors as JSON: an array of numbers, or a string of base64 that holds float32 in little-endian order.

Number text is looked at and handed on, never parsed for nothing. JSON has neither NaN nor infinity; a number whose
exponent float32 cannot hold counts as infinite. Numbers made of base64 are written as the exact double, so that they
are the same float32 again wherever they are read.
"""

from __future__ import annotations

import math
import struct
from binascii import Error, a2b_base64, b2a_base64

import msgspec
from msgspec import DecodeError, Raw

from .wirejson import encode

_numbers = msgspec.json.Decoder(list[float]).decode
_text = msgspec.json.Decoder(str).decode
_QUOTE, _MINUS = b'"-'
_DIGITS = b"0123456789.,- \t\r\n"
_URL_SAFE = str.maketrans("-_", "+/")
_NOT_NUMBERS = "Expected an array of finite numbers"
_NOT_FLOAT32 = "Expected base64 of float32 values"


def is_base64(raw: Raw) -> bool:
    """Whether a raw vector is a string. Which string shows when it is converted."""
    return memoryview(raw)[0] == _QUOTE


def check_numbers(raw: Raw) -> Raw:
    """The same raw value; a ValueError unless it is an array of numbers, each of them finite."""
    body = bytes(raw)
    rest = body.translate(None, _DIGITS)  # JSON's grammar has been checked: what is left says what was there
    if rest != b"[]" and not _only_small(rest, body):
        _packed(_decoded(raw))
    return raw


def to_base64(raw: Raw) -> Raw:
    """An array of numbers as base64 of float32, little-endian on any machine (openapi.yaml, `encoding_format`)."""
    return Raw(b'"%b"' % b2a_base64(_packed(_decoded(raw)), newline=False))


def to_numbers(raw: Raw) -> Raw:
    """Base64 of float32 as an array of numbers, bit for bit. Both alphabets, with or without padding."""
    try:
        text = _text(raw).translate(_URL_SAFE)
        data = a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
        values = struct.unpack(f"<{len(data) // 4}f", data)
    except (DecodeError, UnicodeError, ValueError, Error, struct.error):
        raise ValueError(_NOT_FLOAT32) from None
    if not math.isfinite(sum(values)):
        raise ValueError(_NOT_NUMBERS)
    return Raw(encode(values))


def _only_small(rest: bytes, body: bytes) -> bool:
    """Whether all that is left of an array of numbers are the signs of negative exponents."""
    if rest != b"[" + b"e" * (len(rest) - 2) + b"]":
        return False
    at = body.find(b"e")  # for few of them faster than counting pairs of bytes
    while at >= 0 and body[at + 1] == _MINUS:
        at = body.find(b"e", at + 1)
    return at < 0


def _decoded(raw: Raw) -> list[float]:
    try:
        return _numbers(raw)
    except DecodeError:
        raise ValueError(_NOT_NUMBERS) from None


def _packed(values: list[float]) -> bytes:
    try:
        return struct.pack(f"<{len(values)}f", *values)
    except OverflowError:
        raise ValueError(_NOT_NUMBERS) from None
