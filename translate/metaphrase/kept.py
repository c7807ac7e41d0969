"""Values by number that are the same in every document: made once, as many as documents have asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

_FIRST, _MOST = 64, 4096


class Kept(Generic[T]):
    """``make`` gives the value of a number. Threads may share it: what is kept is replaced as a whole."""

    def __init__(self, make: Callable[[int], T]) -> None:
        self._make = make
        self._made = tuple([make(i) for i in range(_FIRST)])

    def upto(self, count: int) -> Sequence[T]:
        """The values from 0 on, at least so many. Those of a very long document are not kept."""
        made = self._made
        if count <= len(made):
            return made
        longer = (*made, *[self._make(i) for i in range(len(made), count)])
        if count <= _MOST:
            self._made = longer
        return longer
