"""Numbers in the other spellings of proto3 JSON: in a string, or whole ones with a fraction of zero.

Source: https://protobuf.dev/programming-guides/json/, on int32, int64, float and double. They are read as numbers; how
they were spelt is kept beside the document, by the way that leads to them, for a writer of the same protocol.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, get_args

import msgspec
from msgspec import Raw, UnsetType

from .untyped import raw_elements, raw_members

Numerals = Mapping[str, Raw]
"""Spellings by place: ``{"generationConfig/seed": Raw(b'"5"')}``. Keys of a schema hold no slash."""

_NUMERAL = re.compile(rb"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
_DIGITS = 20  # of an int64, and its sign
_EXACT = 2.0**53  # up to here every whole number is a float
encode = msgspec.json.Encoder().encode


def kind_of(hint: Any) -> str:
    """What kind of number a field of this type holds, if it holds nothing else: int, float, ints or ""."""
    return _KINDS.get(frozenset(get_args(hint)) - {UnsetType}, "")


_KINDS: dict[frozenset[Any], str] = {
    frozenset({int}): "int", frozenset({int, float}): "float", frozenset({list[int]}): "ints",
}  # fmt: skip


def number_of(raw: Raw | bytes, *, whole: bool) -> int | float | None:
    """The number that a string or a number says; None if it says none. ``whole``: only whole ones will do."""
    text = bytes(raw)
    if text[:1] == b'"':
        text = text[1:-1]
    found = _NUMERAL.match(text)
    if found is None:
        return None
    if found[1] is None and found[2] is None and len(text) <= _DIGITS:
        return int(text)
    value = float(text)
    if not isfinite(value):
        return None
    if value.is_integer() and abs(value) <= _EXACT:
        return int(value) if whole else value
    return None if whole else value


def respelt(body: bytes, numerals: Numerals) -> bytes:
    """A JSON document with its numbers as they were spelt, where they are still the same."""
    tree: dict[str, Any] = {}
    for place, raw in numerals.items():
        *steps, last = place.split("/")
        node = tree
        for step in steps:
            node = node.setdefault(step, {})
        node[last] = raw
    return encode(_put(Raw(body), tree))


def _put(raw: Raw, spelt: Any) -> Any:
    first = memoryview(raw)[0]
    if isinstance(spelt, Raw):
        same = first not in b'"{[' and number_of(spelt, whole=False) == number_of(raw, whole=False)
        return spelt if same else raw
    if first == 0x7B:
        found: dict[str, Any] = dict(raw_members(raw))
        return found | {key: _put(found[key], below) for key, below in spelt.items() if key in found}
    if first == 0x5B:
        return [_put(one, spelt[str(i)]) if str(i) in spelt else one for i, one in enumerate(raw_elements(raw))]
    return raw
