"""What msgspec says of a fault, in words and places of ours. It names types and byte offsets, never values."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import ValidationError

from .loss import render

_CUT_SHORT = "JSON is malformed: input ends early or a surrogate stands alone"
_WHERE = re.compile(r" - at `(key )?(\$.*)`\Z", re.DOTALL)


def why(error: Exception) -> str:
    """Its words without the place."""
    if isinstance(error, UnicodeDecodeError):
        return "Invalid UTF-8"
    text = _WHERE.sub("", str(error))
    return _CUT_SHORT if text == "Input data was truncated" else text


def deeper(error: ValidationError, steps: Iterable[str | int]) -> str:
    """The path of a fault inside a member that was decoded on its own."""
    inner = _WHERE.search(str(error))
    return render(steps) + (inner[2][1:] if inner else "")
