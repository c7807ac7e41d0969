"""A document read object by object: unknown members and explicit nulls are set aside as raw JSON on the object where
they stood (``Wire.extra``), other spellings are accepted, and what is left must fit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET, DecodeError, Raw, Struct, ValidationError

from .errors import ReadError
from .faults import deeper, why
from .fieldtypes import held_by, hints
from .learned import Oddity
from .loss import render, snake
from .numerals import kind_of, number_of
from .untyped import raw_elements, raw_members
from .wiretype import Extra, Wire


class _Field(Struct, frozen=True):
    attribute: str
    key: str
    decode: Callable[[Raw], Any]
    item: type[Wire] | None  # the type of a list's elements, where they are objects
    object: type[Wire] | None
    number: str = ""  # "int", "float", or "ints" for a list; "" where a string may say something else


class Reading:
    """One tolerant pass over a document. ``met``: its oddities; ``learnable``: a type can have them all as fields."""

    def __init__(self, lenient: bool) -> None:
        self._lenient = lenient
        self._way: list[str] = []  # in the schema's own names, from the root to what is being read
        self.met: set[Oddity] = set()
        self.learnable = True
        self.respelt = False
        self.numerals: dict[str, Raw] = {}

    def read(self, raw: bytes | Raw, cls: type[Wire], steps: tuple[str | int, ...]) -> Any:
        """One object, its unknown members and nulls set aside."""
        try:
            found = raw_members(raw)
        except DecodeError as error:
            raise ReadError(why(error), render(steps)) from None
        fields = _fields(cls)
        values: dict[str, Any] = {}
        extra: dict[str, Raw] = {}
        given: set[str] = set()
        for key, value in found.items():
            field = fields.get(key) or (fields.get(snake(key)) if self._lenient else None)  # snake_case is listed too
            if field is None:
                extra[key] = value
                self.met.add(Oddity(cls, key))
                continue
            if field.attribute in given:
                raise ReadError("One field in two spellings", render((*steps, key)))
            given.add(field.attribute)
            self._way.append(field.key)
            read = self._field(field, value, (*steps, key))
            self._way.pop()
            if read is UNSET:
                extra[key] = value
            else:
                values[field.attribute] = read
            self._meet(cls, field, key, null=read is UNSET)
        wire = cls(**values)
        if extra:
            wire.found = Extra(dict(sorted(extra.items())))
        return wire

    def _meet(self, cls: type[Wire], field: _Field, key: str, *, null: bool) -> None:
        """What is odd about a member that is a field's."""
        if field.key != key:
            self.respelt = True
            self.learnable = self.learnable and not null
        if null or field.key != key:
            self.met.add(Oddity(cls, key, field.attribute, null))

    def _field(self, field: _Field, raw: Raw, steps: tuple[str | int, ...]) -> Any:
        """A member's value, UNSET for a null that the type does not admit."""
        try:
            return field.decode(raw)
        except ValidationError as error:
            first = memoryview(raw)[0]
            if first == 0x6E:  # null
                return UNSET
            if first == 0x5B and field.item is not None:  # [
                return [self._item(field.item, value, (*steps, i), i) for i, value in enumerate(raw_elements(raw))]
            if first == 0x7B and field.object is not None:  # {
                return self.read(raw, field.object, steps)
            if first == 0x7B and field.item is not None and self._lenient:
                self.respelt, self.learnable = True, False
                return [self._item(field.item, raw, steps, 0)]
            number = self._numeral(field.number, raw, first) if self._lenient else None
            if number is not None:
                self.learnable = False
                return number
            raise ReadError(why(error), deeper(error, steps)) from None
        except (DecodeError, UnicodeDecodeError) as error:
            raise ReadError(why(error), render(steps)) from None

    def _numeral(self, meant: str, raw: Raw, first: int) -> int | float | list[int] | None:
        """A number, or a list of them, in another of proto3's spellings; None if it is none."""
        if meant == "ints":
            return self._numbers(raw) if first == 0x5B else None
        return self._number(raw, whole=meant == "int") if meant else None

    def _number(self, raw: Raw, *, whole: bool) -> int | float | None:
        number = number_of(raw, whole=whole)
        if number is not None:
            self.numerals["/".join(self._way)] = raw
        return number

    def _numbers(self, raw: Raw) -> list[int] | None:
        found: list[Any] = []
        for i, one in enumerate(raw_elements(raw)):
            self._way.append(str(i))
            found.append(self._number(one, whole=True))
            self._way.pop()
        return None if None in found else found

    def _item(self, cls: type[Wire], raw: Raw, steps: tuple[str | int, ...], index: int) -> Any:
        try:
            return _decoder(cls)(raw)
        except ValidationError:
            self._way.append(str(index))
            read = self.read(raw, cls, steps)
            self._way.pop()
            return read
        except (DecodeError, UnicodeDecodeError) as error:
            raise ReadError(why(error), render(steps)) from None


@cache
def _decoder(tp: Any) -> Callable[[Raw], Any]:
    return msgspec.json.Decoder(tp).decode


@cache
def _fields(cls: type[Wire]) -> dict[str, _Field]:
    """The fields of a wire type by wire key, and by snake_case key where that is another."""
    out: dict[str, _Field] = {}
    for attribute, key in zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True):
        if attribute == "found":
            continue
        hint = hints(cls)[attribute]
        held, listed = held_by(hint)
        field = _Field(
            attribute, key, _decoder(hint), held if listed else None, None if listed else held, kind_of(hint)
        )
        out[key] = field
        if cls.lenient:
            out.setdefault(snake(key), field)
    return out
