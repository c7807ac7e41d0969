"""What the fields of a type may hold, told from their annotations."""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from msgspec import Struct


@cache
def hints(cls: type[Struct]) -> dict[str, Any]:
    """The annotations of a type's fields, by field."""
    return get_type_hints(cls)


def options(hint: Any) -> tuple[Any, ...]:
    """The members of a union, or the one type that it is."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def held_by(hint: Any) -> tuple[type[Any] | None, bool]:
    """The type of which a field holds an object or a list of objects, and whether it is the list."""
    for option in options(hint):
        listed = get_origin(option) is list
        one = get_args(option)[0] if listed else option
        if isinstance(one, type) and issubclass(one, Struct):
            return one, listed
    return None, False
