"""Decoding with one error type, a depth limit, leftovers and key spellings.

A wire type is a Struct that forbids unknown fields, so a document that the schema knows is decoded in one pass of
msgspec. Only when that fails is it read again, object by object: unknown members and explicit nulls are set aside as
raw JSON on the object where they stood (``extra``), other spellings are accepted, and what is left must fit. Those
on the root are learned, so that the next document that has them is decoded in one pass as well.

Duplicate keys: the last one wins (RFC 8259 section 4 leaves it open). A byte order mark is dropped (section 8.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, ValidationError

from .body import DEPTH as DEPTH
from .body import TOO_DEEP, brackets, too_deep
from .body import checked as checked
from .body import opened as opened
from .body import shallow as shallow
from .errors import ReadError
from .ir.node import NOTHING, At, Ext
from .learned import Learned
from .loss import Report, render, snake
from .numerals import Numerals, kind_of, number_of
from .proof import trusted

encode = msgspec.json.Encoder().encode
_object = msgspec.json.Decoder(dict[str, Raw]).decode
_array = msgspec.json.Decoder(list[Raw]).decode
_raw = msgspec.json.Decoder(Raw).decode

_EMPTY = frozenset({b"null", b"[]", b"{}"})
_CUT_SHORT = "JSON is malformed: input ends early or a surrogate stands alone"
_WHERE = re.compile(r" - at `(key )?(\$.*)`\Z", re.DOTALL)


class Extra:
    """What tolerant reading found on an object besides its fields: unknown members, and nulls where none is meant."""

    __slots__ = ("members", "numerals", "respelt")

    def __init__(self, members: dict[str, Raw], numerals: Numerals = NOTHING) -> None:
        self.members = members
        self.respelt = False  # on the root: another spelling was accepted somewhere
        self.numerals = numerals  # on the root: numbers in other spellings


_OWN = "(found)"  # the key of the field below; no document can fill it, since Extra does not decode


class Wire(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False, kw_only=True):
    """Base of wire types: a vendor's schema as data, no logic. ``lenient``: read proto3 JSON's other spellings."""

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

W = TypeVar("W", bound=Wire)


class Document(Generic[W]):
    """Decodes one kind of document. A fault is a ReadError with its JSON path."""

    def __init__(self, cls: type[W]) -> None:
        self._cls = cls
        self._strange = False  # the last document was; the next one from the same server will be, too
        self._learned = Learned(cls, "found")
        self._met = False  # what was unknown of the last document is learned
        self.strict: Callable[[bytes | Raw], W] = msgspec.json.Decoder(cls).decode  # raises msgspec's own errors

    def decode(self, body: bytes) -> W:
        """Decode a whole document that ``checked`` has let through."""
        if self._strange:
            return self.decode_tolerantly(body)
        try:
            return self.strict(body)
        except ValidationError:
            return self.decode_tolerantly(body)
        except (DecodeError, UnicodeDecodeError) as error:
            raise ReadError(_why(error)) from None

    def read(self, body: bytes) -> W:
        """Decode a whole document of unknown origin, and check what msgspec does not."""
        if self._strange:
            return self.decode_tolerantly(checked(body))
        try:
            wire = self.strict(body)
        except ValidationError:
            return self.decode_tolerantly(checked(body))
        except (DecodeError, UnicodeDecodeError) as error:
            whole = opened(body)
            if whole is body or opened(whole) is not whole:  # no byte order mark, or several
                raise ReadError(_why(error)) from None
            return self.read(whole)
        except RecursionError:
            raise ReadError(TOO_DEEP) from None
        if not trusted(wire, body):
            checked(body)
        return wire

    def decode_tolerantly(self, body: bytes | Raw) -> W:
        """Decode without the strict attempt first, where an unknown field is expected."""
        if self._met:
            try:
                root, extra = self._learned.decode(body)
            except (DecodeError, UnicodeDecodeError):
                self._met = False  # read in the general way, which also tells what is wrong
            else:
                self._strange = bool(extra)
                root.found = Extra(extra) if extra else UNSET
                return root
        reading = _Reading(self._cls.lenient)
        root = reading.read(body, self._cls, ())
        self._strange = reading.strange
        self._met = reading.simple and self._learned.learn(root.extra)
        if reading.numerals:
            root.found = Extra(root.extra, reading.numerals)
        if reading.respelt:
            root.found = Extra(root.extra, reading.numerals)
            root.found.respelt = True
        return root


def parse(text: str | bytes | Raw, path: str = "$") -> Any:
    """Any JSON as plain objects; for small documents of any shape."""
    try:
        return msgspec.json.decode(text)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReadError(_why(error), path) from None


def raw_object(text: str) -> Raw | None:
    """JSON text as a raw object, verbatim; None if it is not valid JSON or no object, or too deep."""
    if text[:1] != "{" and not text.lstrip(" \t\r\n").startswith("{"):
        return None
    try:
        body = text.encode()
        raw = _raw(body)
    except (DecodeError, UnicodeEncodeError, RecursionError):
        return None
    if len(body) > 2 * DEPTH and brackets(body) > DEPTH and too_deep(body):
        return None
    return raw


def members(raw: Raw | bytes) -> dict[str, Raw]:
    """The members of a raw object, each verbatim; a ReadError if it is none."""
    try:
        return _object(raw)
    except DecodeError as error:
        raise ReadError(_why(error)) from None


def elements(raw: Raw | bytes) -> list[Raw]:
    """The elements of a raw array, each verbatim; a ReadError if it is none."""
    try:
        return _array(raw)
    except DecodeError as error:
        raise ReadError(_why(error)) from None


def keep(extra: dict[str, Raw], at: At | None, codec: str, report: Report) -> Ext | None:
    """What a reader sets aside on a node: leftovers of ``codec``, reported unless they say nothing (null, [], {})."""
    if not extra:
        return None
    for key, raw in extra.items():
        if len(memoryview(raw)) > 4 or bytes(raw) not in _EMPTY:
            report.leftover(at, key, codec)
    return {codec: extra}


def join(wire: Wire, extra: dict[str, Raw]) -> Any:
    """A wire value with leftovers beside its own members, ready to encode. Its own members win."""
    if not extra:
        return wire
    own = zip(wire.__struct_encode_fields__, msgspec.structs.astuple(wire), strict=True)
    return extra | {key: value for key, value in own if value is not UNSET}


class _Field(Struct, frozen=True):
    attribute: str
    key: str
    decode: Callable[[Raw], Any]
    item: type[Wire] | None  # the type of a list's elements, where they are objects
    object: type[Wire] | None
    number: str = ""  # "int", "float", or "ints" for a list; "" where a string may say something else


class _Reading:
    """One tolerant pass over a document."""

    def __init__(self, lenient: bool) -> None:
        self._lenient = lenient
        self._way: list[str] = []  # in the schema's own names, from the root to what is being read
        self.respelt = self.strange = False
        self.simple = False  # nothing but members of the root was unknown
        self.numerals: dict[str, Raw] = {}

    def read(self, raw: bytes | Raw, cls: type[Any], steps: tuple[str | int, ...]) -> Any:
        """One object, its unknown members and nulls set aside."""
        try:
            found = _object(raw)
        except DecodeError as error:
            raise ReadError(_why(error), render(steps)) from None
        fields = _fields(cls)
        if not steps:
            wire = self._known(found, fields, cls)
            if wire is not None:
                return wire
        values: dict[str, Any] = {}
        extra: dict[str, Raw] = {}
        for key, value in found.items():
            field = fields.get(key)
            if field is None:
                field = self._respelt(fields, key) if self._lenient else None
            elif field.key != key:
                self.respelt = True
            if field is None:
                extra[key] = value
                continue
            if field.attribute in values:
                raise ReadError("One field in two spellings", render((*steps, key)))
            self._way.append(field.key)
            read = self._field(field, value, (*steps, key))
            self._way.pop()
            if read is UNSET:
                extra[key] = value
            else:
                values[field.attribute] = read
        wire = cls(**values)
        if extra:
            self.strange = True
            wire.found = Extra(extra)
        return wire

    def _known(self, found: dict[str, Raw], fields: dict[str, _Field], cls: type[Wire]) -> Any:
        """The root without its unknown members, decoded at once, where that is all it takes; else None."""
        unknown = [key for key in found if key not in fields]
        if not unknown or (self._lenient and any("_" in key for key in found)):
            return None
        extra = {key: found.pop(key) for key in sorted(unknown)}  # as `Learned` has them
        try:
            wire = _decoder(cls)(Raw(encode(found)))
        except (DecodeError, UnicodeDecodeError):
            found |= extra
            return None
        self.strange = self.simple = True
        wire.found = Extra(extra)
        return wire

    def _respelt(self, fields: dict[str, _Field], key: str) -> _Field | None:
        field = fields.get(snake(key))  # the table lists each field under its snake_case name too
        if field is None or "_" not in key:
            return None
        self.respelt = True
        return field

    def _field(self, field: _Field, raw: Raw, steps: tuple[str | int, ...]) -> Any:
        """A member's value, UNSET for a null that the type does not admit."""
        try:
            return field.decode(raw)
        except ValidationError as error:
            first = memoryview(raw)[0]
            if first == 0x6E:  # null
                return UNSET
            if first == 0x5B and field.item is not None:  # [
                return [self._item(field.item, value, (*steps, i), i) for i, value in enumerate(_array(raw))]
            if first == 0x7B and field.object is not None:  # {
                return self.read(raw, field.object, steps)
            if first == 0x7B and field.item is not None and self._lenient:
                self.respelt = True
                return [self._item(field.item, raw, steps, 0)]
            number = self._numeral(field.number, raw, first) if self._lenient else None
            if number is not None:
                return number
            raise ReadError(_why(error), _deeper(error, steps)) from None
        except (DecodeError, UnicodeDecodeError) as error:
            raise ReadError(_why(error), render(steps)) from None

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
        for i, one in enumerate(_array(raw)):
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
            raise ReadError(_why(error), render(steps)) from None


@cache
def _decoder(tp: Any) -> Callable[[Raw], Any]:
    return msgspec.json.Decoder(tp).decode


_tables: dict[type[Wire], dict[str, _Field]] = {}


def _fields(cls: type[Wire]) -> dict[str, _Field]:
    """The fields of a wire type by wire key, and by snake_case key where that is another; made once a type."""
    table = _tables.get(cls)
    if table is None:
        table = _tables[cls] = _table(cls)
    return table


def _table(cls: type[Wire]) -> dict[str, _Field]:
    hints = get_type_hints(cls)
    out: dict[str, _Field] = {}
    for attribute, key in zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True):
        if key == _OWN:
            continue
        item, structure = _shapes(hints[attribute])
        field = _Field(attribute, key, _decoder(hints[attribute]), item, structure, kind_of(hints[attribute]))
        out[key] = field
        if cls.lenient:
            out.setdefault(snake(key), field)
    return out


def _shapes(hint: Any) -> tuple[type[Wire] | None, type[Wire] | None]:
    """Which wire types a field's type may hold: as elements of a list, and as the object itself."""
    item: type[Wire] | None = None
    structure: type[Wire] | None = None
    for option in get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,):
        if get_origin(option) is list:
            item = _shapes(get_args(option)[0])[1]
        elif isinstance(option, type) and issubclass(option, Wire):
            structure = option
    return item, structure


def _why(error: Exception) -> str:
    """Msgspec's words without the place; they name types and byte offsets, never values."""
    if isinstance(error, UnicodeDecodeError):
        return "Invalid UTF-8"
    text = _WHERE.sub("", str(error))
    return _CUT_SHORT if text == "Input data was truncated" else text


def _deeper(error: ValidationError, steps: tuple[str | int, ...]) -> str:
    """The path of a fault inside a member that was decoded on its own."""
    inner = _WHERE.search(str(error))
    return render(steps) + (inner[2][1:] if inner else "")
