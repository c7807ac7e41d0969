"""Values that are the same in every document: made once, as many as documents have asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

_FIRST, _MOST = 64, 4096
_NAMES, _LONGEST = 1024, 64


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


class Names(dict[str, str]):
    """Names as a protocol allows them, by the source's; ``make`` gives one. Each call repeats the name of its tool."""

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> str:
        made = self._make(name)
        if len(name) <= _LONGEST:  # so that what is kept stays small
            if len(self) >= _NAMES:
                self.clear()
            self[name] = made
        return made
