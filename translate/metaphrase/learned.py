"""Unknown members that were met before: decoded in one pass with all the others.

A server that adds a member of its own adds it to each of its documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType
from msgspec.structs import astuple

S = TypeVar("S", bound=Struct)

MOST = 16
"""Names that are learned: each makes one more type, and whoever sends documents chooses the names."""

SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}\Z").match
"""Whether a name is one that servers use; others are not worth a type."""


class Learned(Generic[S]):
    """Decodes documents of one type together with the unknown members that it has learned, each as raw JSON.

    ``aside``: the type's one keyword-only field, which no document fills. A type with another is not learned.
    """

    def __init__(self, cls: type[S], aside: str) -> None:
        self._cls, self._fields = cls, len(cls.__match_args__)
        self._most = MOST if cls.__struct_fields__ == (*cls.__match_args__, aside) else 0
        self._known: tuple[tuple[str, ...], Callable[[bytes | Raw], Struct]] = (), msgspec.json.Decoder(cls).decode

    def learn(self, met: Iterable[str]) -> bool:
        """Know these from now on as well; False where they are too many, or odd."""
        known = self._known[0]
        names = tuple(sorted({*known, *met}))
        if len(names) > self._most or not all(map(SIMPLE, names)):
            return False
        if names != known:
            self._known = names, _decoder(self._cls, names)
        return True

    def decode(self, body: bytes | Raw) -> tuple[S, dict[str, Raw]]:
        """A document, and those of its members that were learned, by name. Raises msgspec's own errors."""
        names, decode = self._known
        values = astuple(decode(body))
        found: dict[str, Raw] = {}
        place = -len(names)
        for name in names:
            raw = values[place]
            place += 1
            if raw is not UNSET:
                found[name] = raw
        return self._cls(*values[: self._fields]), found


def _decoder(cls: type[Struct], names: tuple[str, ...]) -> Callable[[bytes | Raw], Struct]:
    fields = [
        (f"stranger_{i}", Raw | UnsetType, msgspec.field(default=UNSET, name=name)) for i, name in enumerate(names)
    ]
    return msgspec.json.Decoder(msgspec.defstruct(cls.__name__, fields, bases=(cls,), kw_only=True)).decode
