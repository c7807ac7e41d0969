"""What stays with this codec only: unknown members of objects that have no node of their own, and other spellings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Raw
from msgspec.structs import astuple

from metaphrase.ir import At, Node, Spelling
from metaphrase.loss import Report
from metaphrase.numerals import respelt
from metaphrase.wirejson import Wire, encode, keep, members

from .words import CODEC

EMPTY = Raw(b"{}")
NULL = Raw(b"null")
FALSE = Raw(b"false")
TRUE = Raw(b"true")
_NOTHING = frozenset({b"null", b"[]", b"{}"})


def residue(wire: Wire, at: At | None, report: Report) -> Raw | None:
    """What an object and the objects below it hold besides their fields, as an object of the same shape; None: nothing.

    An object without any members leaves `{}`, so that it is there again when it is written back.
    """
    left: dict[str, Raw] = {}
    if wire.found is not UNSET:
        keep(wire.extra, at, CODEC, report)
        left.update(wire.extra)
    empty = not left
    for key, value in zip(wire.__struct_encode_fields__, astuple(wire), strict=True):
        if value is UNSET or value is wire.found:
            continue
        empty = False
        if isinstance(value, Wire):
            below = residue(value, At(at, key), report)
            if below is not None:
                left[key] = below
    if left:
        return Raw(encode(left))
    return EMPTY if empty else None


def with_residue(extra: dict[str, Raw], wire: Wire, at: At | None, key: str, report: Report) -> dict[str, Raw]:
    """The leftovers of a node, with those of the object at `key` below it."""
    left = residue(wire, At(at, key), report)
    return extra if left is None else extra | {key: left}


def graft(wire: Wire, extra: Mapping[str, Raw]) -> Any:
    """A wire value with leftovers beside its own members, at every depth; ready to encode. Its own members win."""
    if not extra:
        return wire
    out: dict[str, Any] = dict(extra)
    for key, value in zip(wire.__struct_encode_fields__, astuple(wire), strict=True):
        if value is not UNSET:
            rest = extra.get(key)
            out[key] = graft(value, members(rest)) if rest and isinstance(value, Wire) and is_object(rest) else value
    return out


def set_aside(extra: dict[str, Raw], at: At | None, key: str, raw: Raw, report: Report) -> dict[str, Raw]:
    """Leftovers with one more: a member that is known but means nothing to other protocols."""
    if len(memoryview(raw)) > 4 or bytes(raw) not in _NOTHING:
        report.leftover(at, key, CODEC)
    return extra | {key: raw}


def spelt(node: Node, key: str, value: object) -> dict[str, Raw] | None:
    """The members that stood for this value when it was read, if it is still the same."""
    if node.spelt is None:
        return None
    kept = node.spelt.get(key)
    return kept.members if kept is not None and kept.codec == CODEC and kept.value == value else None


def spelling(value: object, members: dict[str, Raw]) -> Spelling:
    """How this codec spelt a value."""
    return Spelling(CODEC, value, members)


def with_numerals(spelt: dict[str, Spelling] | None, wire: Wire) -> dict[str, Spelling] | None:
    """The spellings of a root node, with those of the document's numbers if there are any."""
    if wire.found is UNSET or not wire.found.numerals:
        return spelt
    return {**(spelt or {}), "numerals": spelling(None, dict(wire.found.numerals))}


def encoded(body: object, node: Node) -> bytes:
    """A document as bytes, its numbers in the spellings that they were read in."""
    kept = None if node.spelt is None else spelt(node, "numerals", None)
    return encode(body) if kept is None else respelt(encode(body), kept)


def is_object(raw: Raw) -> bool:
    """Whether raw JSON is an object."""
    return memoryview(raw)[0] == 0x7B
