"""The same bytes in other pieces."""

from __future__ import annotations

from random import Random
from typing import Any


def cuts(data: bytes, seed: Any) -> list[bytes]:
    """Cut at random places."""
    chance: Random = seed
    places = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randrange(8)))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]
