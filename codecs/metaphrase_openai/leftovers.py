"""What a reader sets aside, and how a writer puts it back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import msgspec
from msgspec import UNSET, DecodeError, Raw, ValidationError

from metaphrase.errors import ReadError
from metaphrase.ir.node import At, Ext, Spelling
from metaphrase.loss import Key, Report, render, steps_of
from metaphrase.wirejson import Wire, encode, members

from .names import CODEC

NULL = Raw(b"null")
_NOTHING = frozenset({b"null", b"[]", b"{}"})
_BLANK = frozenset({b'""', b"0"})
Json = dict[str, Any]


def says_nothing(raw: Raw) -> bool:
    """null, [] and {} carry nothing that could be lost."""
    return len(memoryview(raw)) <= 4 and bytes(raw) in _NOTHING


def is_null(raw: Raw) -> bool:
    """Whether it is null."""
    return memoryview(raw)[0] == 0x6E  # n


def report_members(found: dict[str, Raw], at: At | None, report: Report) -> None:
    """Report each member unless it says nothing."""
    for key, raw in found.items():
        if not says_nothing(raw):
            report.leftover(at, key, CODEC)


def report_filled(found: dict[str, Raw], at: At | None, report: Report) -> None:
    """The same of an object that some servers send empty: "" and 0 say nothing there."""
    report_members({key: raw for key, raw in found.items() if bytes(memoryview(raw)[:3]) not in _BLANK}, at, report)


def report_below(raw: Raw, at: At | None, key: str | int, report: Report) -> None:
    """Report a value by its members, elements, or as a whole, whichever is the smallest that can be named."""
    if says_nothing(raw):
        return
    first = memoryview(raw)[0]
    if first == 0x7B:
        report_members(members(raw), At(at, key), report)
    elif isinstance(key, int):
        report.crossing("dropped", at, key, f"{CODEC}.element", CODEC)
    else:
        report.leftover(at, key, CODEC)


def aside(left: dict[str, Raw], key: str, wire: Wire, at: At | None, report: Report) -> None:
    """Set aside what an object without a node of its own held besides its fields, under its key."""
    extra = wire.extra
    if extra:
        report_members(extra, At(at, key), report)
        left[key] = Raw(encode(extra))


def ext_of(left: dict[str, Raw]) -> Ext | None:
    """The leftovers of a node."""
    return {CODEC: left} if left else None


def restored(value: object) -> object:
    """A wire value as plain objects, with what the tolerant path had set aside, ready to encode."""
    if isinstance(value, Wire):
        own = zip(value.__struct_encode_fields__, msgspec.structs.astuple(value), strict=True)
        known: Json = {key: restored(one) for key, one in own if one is not UNSET and key != "(found)"}
        return known | value.extra
    if isinstance(value, list):
        return [restored(one) for one in cast("list[object]", value)]
    return value


def verbatim(value: object) -> Raw:
    """A wire value as JSON again."""
    return value if isinstance(value, Raw) else Raw(encode(restored(value)))


def put_back(out: Json, left: dict[str, Raw], nested: Iterable[str] = ()) -> Json:
    """An object to write with the leftovers of its node; those under ``nested`` keys belong inside those objects."""
    if not left:
        return out
    for key in nested:
        if key in left and key in out:
            out[key] = members(left[key]) | out[key]
    return left | out


def text_of(raw: Raw, at: At | None, key: Key) -> str:
    """A raw JSON string, decoded."""
    try:
        return msgspec.json.decode(raw, type=str)
    except (ValidationError, DecodeError, UnicodeDecodeError):
        raise ReadError("Expected a string", render(steps_of(at, key))) from None


def object_of(raw: Raw, at: At | None, key: str | int) -> dict[str, Raw]:
    """The members of a raw object; a ReadError with its place if it is none."""
    try:
        return members(raw)
    except ReadError:
        raise ReadError("Expected an object", render(steps_of(at, key))) from None


def value_of(raw: Raw, kind: type | tuple[type, ...]) -> object | None:
    """A raw scalar if it is of this kind, else None. true is not a number."""
    try:
        value: object = msgspec.json.decode(raw)
    except (DecodeError, UnicodeDecodeError):  # a number out of range, half a surrogate pair
        return None
    if isinstance(value, bool) and kind is not bool:
        return None
    return value if isinstance(value, kind) else None


def elsewhere(field: str, value: object) -> dict[str, Spelling]:
    """The spelling of a field that is written with the leftovers it stood among, and not by itself."""
    return {field: Spelling(CODEC, value, {})}
