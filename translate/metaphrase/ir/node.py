"""What every node of the intermediate representation shares: where it stood, what was left over, how it was spelt."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from msgspec import Raw, Struct

Ext = dict[str, dict[str, Raw]]
"""Leftovers by codec: ``{"openai": {"cache_control": Raw(...)}}``. Only that codec writes them again."""


class At(Struct, frozen=True, eq=False, gc=False):
    """Where a node stood in its source document: a link to its parent and its own key or index.

    Rendered to text only when a loss is recorded. All positions are equal, so that two documents compare by content.
    """

    up: At | None
    key: str | int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, At)

    def __hash__(self) -> int:
        return 0


class Opaque(Struct, frozen=True, gc=False):
    """State that goes back to its issuer byte for byte (a thought signature): never decoded, never sent elsewhere."""

    issuer: str  # the codec whose server made it
    value: str
    kind: str = "signature"
    synthetic: bool = False  # a documented dummy: never to be stored as real


class Spelling(Struct, frozen=True, gc=False):
    """How one codec wrote a value that has several spellings; it holds while the value is the one that was read."""

    codec: str
    value: Any
    members: dict[str, Raw]


class Node(Struct, frozen=True, kw_only=True, gc=False):
    """Base of all nodes. ``spelt`` maps a field of this node (dotted: ``sampling.stop``) to its spelling.

    Neither it nor ``ext`` crosses codecs.
    """

    at: At | None = None
    ext: Ext | None = None
    spelt: dict[str, Spelling] | None = None

    def leftovers(self, codec: str) -> dict[str, Raw]:
        """The unknown members that ``codec`` left on this node, by wire key (do not change the dictionary)."""
        return NOTHING if self.ext is None else self.ext.get(codec, NOTHING)

    def spelling(self, codec: str, field: str) -> dict[str, Raw] | None:
        """How ``codec`` spelt this field, or None if it did not say or the field has been changed since."""
        if self.spelt is None:
            return None
        kept = self.spelt.get(field)
        if kept is None or kept.codec != codec or kept.value != attrgetter(field)(self):
            return None
        return kept.members


NOTHING: dict[str, Raw] = {}
