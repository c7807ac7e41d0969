"""Proof that the raw JSON in a decoded document is UTF-8 and not too deep: msgspec checks it for syntax only."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import chain
from operator import attrgetter
from types import NoneType
from typing import Any, Literal, cast, get_args

from msgspec import Raw, Struct, UnsetType

from .body import DEPTH, brackets
from .fieldtypes import held_by, hints, options

_STATIC = 16  # no wire type nests deeper, unless it is recursive; each adds an object, and a list that it stands in
_RAW_DEPTH = DEPTH - 2 * _STATIC
_MOST = _RAW_DEPTH + 1
_FLAT = 2 * _RAW_DEPTH  # bytes that are too few to be deep: every bracket has its partner
_SMALL = 8_192  # bytes: below it, checking the whole costs less than looking for the pieces
_LARGE = 500_000  # bytes
_QUOTE = 0x22


def is_utf8(body: bytes) -> bool:
    """Whether these bytes are UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def trusted(wire: Struct, body: bytes) -> bool:
    """Whether the raw JSON in a decoded document is proven: of a small one as a whole, of a large one piece by piece.

    The pieces are what was decoded: a member that a later one of its name has replaced is not among them.
    """
    size = len(body)
    if size >= _SMALL:
        return proven(wire, size, body.isascii())
    if size > 2 * DEPTH and brackets(body) > DEPTH:  # every bracket has its partner
        return False
    return body.isascii() or is_utf8(body)


def proven(root: Struct, size: int, ascii_only: bool) -> bool:
    """Whether the raw JSON in a wire value, of so many bytes in all, is proven to be UTF-8 and not too deep.

    msgspec has checked all the rest: strings are UTF-8, and types bound the depth, but for types inside themselves.
    Looked through layer by layer, one field of all objects of a type at once, since most are unset (which is false).
    """
    raws: list[Raw] = []
    layer: dict[type[Struct], list[Struct]] = {type(root): [root]}
    for _ in range(_STATIC):
        below: dict[type[Struct], list[Struct]] = {}
        for cls, wires in layer.items():
            single = wires[0] if len(wires) == 1 else None
            for get, form, held in _carry(cls):
                if single is None:
                    found = [*filter(None, map(get, wires))]
                else:
                    found = [value] if (value := get(single)) else []
                if not found:
                    continue
                if form == "raw":
                    raws += found
                elif form == "mixed":
                    _sort(found, raws, below)
                else:
                    known = below.setdefault(held, [])
                    known += found if form == "object" else chain.from_iterable(found)
        if not below:
            return _sound_raws(raws, size, ascii_only)
        layer = below
    return False


def _sort(found: list[Any], raws: list[Raw], below: dict[type[Struct], list[Struct]]) -> None:
    """Values of several types: raw JSON, and objects by type."""
    for value in found:  # grows on the way
        if type(value) is str:
            continue
        if type(value) is Raw:
            raws.append(value)
        elif isinstance(value, Struct):
            below.setdefault(type(value), []).append(value)
        elif isinstance(value, (list, tuple)):
            found += cast("list[Any]", value)
        elif isinstance(value, dict):
            found += cast("dict[str, Any]", value).values()


def _sound_raws(raws: list[Raw], size: int, ascii_only: bool) -> bool:
    if not ascii_only:
        text = b"".join(raws)
        if not text.isascii() and not is_utf8(text):  # each begins and ends with ASCII: valid together means each
            return False
    if size > _LARGE:  # as a rule because of a string, which need not be copied
        raws = [raw for raw in raws if memoryview(raw)[0] != _QUOTE]
    for text in map(bytes, raws):
        length = len(text)
        if length > _FLAT and text[0] != _QUOTE:
            opened = 2 * length - len(text.replace(b"{", b"", _MOST)) - len(text.replace(b"[", b"", _MOST))
            if opened > _RAW_DEPTH:
                return False
    return True


_Form = Literal["raw", "object", "list", "mixed"]
"""What the values of one field are: raw JSON, an object of one type, a list of such objects, or any of these."""


@cache
def _carry(cls: type[Struct]) -> list[tuple[Callable[[Struct], Any], _Form, type[Struct]]]:
    """How to take each field that may hold raw JSON, at any depth, and what its values are."""
    found = hints(cls)
    names = [name for name in cls.__struct_fields__ if name != "found" and _holds(found[name], (cls,))]
    return [(attrgetter(name), *_form(found[name])) for name in names]


def _form(hint: Any) -> tuple[_Form, type[Struct]]:
    kinds = [one for one in options(hint) if one not in (UnsetType, NoneType)]
    if kinds == [Raw]:
        return "raw", Struct
    held, listed = held_by(hint)
    if len(kinds) > 1 or held is None:
        return "mixed", Struct
    return "list" if listed else "object", held


def holds_raw(cls: type[Struct]) -> bool:
    """Whether values of a type may hold raw JSON, at any depth."""
    return _holds(cls, ())


def _holds(hint: Any, inside: tuple[Any, ...]) -> bool:
    """Whether values of a type may hold raw JSON, or hold themselves."""
    if hint is Raw or hint in inside:
        return True
    if isinstance(hint, type) and issubclass(hint, Struct):
        found = hints(hint)
        return any(_holds(found[name], (*inside, hint)) for name in hint.__struct_fields__ if name != "found")
    return any(_holds(option, inside) for option in get_args(hint))
