"""JSON without a type: taken apart one level deep, and told apart in words that type checkers follow."""

from __future__ import annotations

from typing import Any, TypeGuard

import msgspec
from msgspec import Raw

raw_members = msgspec.json.Decoder(dict[str, Raw]).decode
"""The members of an object, each verbatim. Raises msgspec's own errors."""

raw_elements = msgspec.json.Decoder(list[Raw]).decode
"""The elements of an array, each verbatim. Raises msgspec's own errors."""


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether it is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether it is a JSON array."""
    return isinstance(value, list)
