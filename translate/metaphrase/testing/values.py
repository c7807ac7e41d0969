"""JSON as plain Python values: to and from bytes, equality, and the first difference of two documents."""

from __future__ import annotations

import json
from typing import Any, TypeGuard

import msgspec


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether it is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether it is a JSON array."""
    return isinstance(value, list)


def encode(value: object) -> bytes:
    """Compact JSON. msgspec is some ten times faster, but refuses integers over 64 bits and lone surrogates."""
    try:
        return msgspec.json.encode(value)
    except (OverflowError, TypeError, UnicodeEncodeError):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def decode(body: bytes) -> Any:
    """The document as plain objects."""
    return msgspec.json.decode(body)


def equal(one: object, two: object) -> bool:
    """Equality of JSON: 1 and 1.0 are the same number, true and 1 are not the same value."""
    if is_object(one) and is_object(two):
        return one.keys() == two.keys() and all(equal(value, two[key]) for key, value in one.items())
    if is_array(one) and is_array(two):
        return len(one) == len(two) and all(map(equal, one, two))
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    return bool(one == two)


def difference(one: object, two: object, path: str = "$") -> tuple[str, str] | None:
    """The first place where two documents differ, and how; None if they do not."""
    if is_object(one) and is_object(two):
        return _in_object(one, two, path)
    if is_array(one) and is_array(two):
        if len(one) != len(two):
            return path, f"{len(one)} elements became {len(two)}"
        pairs = enumerate(zip(one, two, strict=True))
        return next((found for n, (a, b) in pairs if (found := difference(a, b, f"{path}[{n}]"))), None)
    return None if equal(one, two) else (path, f"{short(one)} became {short(two)}")


def _in_object(one: dict[str, Any], two: dict[str, Any], path: str) -> tuple[str, str] | None:
    for key, value in one.items():
        below = f"{path}.{key}"
        if key not in two:
            return below, f"{short(value)} vanished"
        found = difference(value, two[key], below)
        if found is not None:
            return found
    added = next((key for key in two if key not in one), None)
    return None if added is None else (f"{path}.{added}", f"{short(two[added])} was added")


def short(value: object, most: int = 60) -> str:
    """A value for a message, its middle left out where it is long."""
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 20]}...{text[-12:]}"
