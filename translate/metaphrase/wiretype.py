"""What wire types are made of: a vendor's schema as data, and what was found beside it."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from .ir.node import NOTHING
from .numerals import Numerals


class Extra:
    """What tolerant reading found on an object besides its fields: unknown members, and nulls where none is meant."""

    __slots__ = ("members", "numerals", "respelt")

    def __init__(self, members: dict[str, Raw], numerals: Numerals = NOTHING, *, respelt: bool = False) -> None:
        self.members = members  # in the order of their names
        self.respelt = respelt  # on the root: another spelling was accepted somewhere
        self.numerals = numerals  # on the root: numbers in other spellings


_OWN = "(found)"  # the key of the field below; no document can fill it, since Extra does not decode


class Wire(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False, kw_only=True):
    """Base of wire types. ``lenient``: read proto3 JSON's other spellings. Nothing is required: what may be left out is
    UNSET then, and what stands there and should not comes out as ``extra``.
    """

    lenient: ClassVar[bool] = False
    found: Extra | UnsetType = msgspec.field(default=UNSET, name=_OWN)

    @property
    def extra(self) -> dict[str, Raw]:
        """Unknown members and explicit nulls."""
        return NOTHING if self.found is UNSET else self.found.members

    @property
    def respelt(self) -> bool:
        """Whether another spelling was accepted, on the root of a document."""
        return self.found is not UNSET and self.found.respelt


class Only(Struct, forbid_unknown_fields=True, gc=False):
    """Base of types that nothing else fits (``Usual``): there is no second, tolerant reading."""


ABSENT: Any = None
"""The default of what may be left out but never be null, in such a type: a null does not decode, and does not fit."""
