"""Oddities that were met before - unknown members, explicit nulls, other spellings - decoded with all the rest at once.

A client or a server that has one in a document has it in each of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, reduce
from typing import Any, Generic, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Raw, UnsetType, ValidationError
from msgspec.structs import astuple

from .wiretype import Extra, Wire

W = TypeVar("W", bound=Wire)

MOST = 48
"""Oddities that are learned: each makes more types, and whoever sends documents chooses the names."""

SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}\Z").match
"""Whether a name is one that servers use; others are not worth a type."""

_TWICE = 2  # how often a type may stand inside itself
_NULL = Raw(b"null")
_NEW = -1  # where an unknown member stands among the fields


class Oddity(NamedTuple):
    """A member of an object of a wire type: an unknown one, or one that is a field's (``attribute``) - null where the
    field is not, or under another name.
    """

    cls: type[Wire]
    key: str
    attribute: str = ""
    null: bool = False


class Learned(Generic[W]):
    """Decodes documents of one type with the oddities that it has learned, to what they are without learning."""

    def __init__(self, cls: type[W]) -> None:
        self._cls = cls
        self._known: frozenset[Oddity] = frozenset()
        self._way: tuple[Callable[[bytes | Raw], Any], _Form] | None = None  # replaced as a whole: threads share it

    def learn(self, met: Iterable[Oddity]) -> bool:
        """Know these from now on as well; False where they are too many, or odd even so."""
        known = self._known.union(met)
        if len(known) > MOST or not all(SIMPLE(one.key) for one in known):
            return False
        if known != self._known:
            form = _form(self._cls, known, ())
            if form is None:
                return False
            self._known, self._way = known, (msgspec.json.Decoder(form.twin).decode, form)
        return self._way is not None

    def decode(self, body: bytes | Raw) -> tuple[W, bool]:
        """A document, and whether it is odd. Raises msgspec's own errors where it has other oddities than these."""
        assert self._way is not None  # noqa: S101 - tells the type checker what `learn` has said
        decode, form = self._way
        seen = _Seen()
        root = form.plain(decode(body), seen)
        if seen.respelt:
            root.found = Extra(root.extra, respelt=True)
        return root, seen.odd


class _Seen:
    """What the objects of one document tell about it."""

    odd = respelt = False


class _Form:
    """A type of the same objects with their oddities as fields (``twin``), and how to make plain ones of them."""

    def __init__(self, cls: type[Wire], odd: list[Oddity], below: dict[str, tuple[Any, _Form]]) -> None:
        self._cls = cls
        hints = _hints(cls)
        keys = dict(zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True))
        types = {name: hint for name, (hint, _) in below.items()}
        nullable = {one.attribute: types.get(one.attribute, hints[one.attribute]) | None for one in odd if one.null}
        fields = [
            (name, hint, msgspec.field(default=UNSET, name=keys[name])) for name, hint in (types | nullable).items()
        ]
        for i, one in enumerate(odd):
            if not one.null:
                hint = types.get(one.attribute, hints[one.attribute]) if one.attribute else Raw | UnsetType
                fields.append((f"odd_{i}", hint, msgspec.field(default=UNSET, name=one.key)))
        self.twin: type[Any] = msgspec.defstruct(cls.__name__, fields, bases=(cls,), kw_only=True)
        place = {name: i for i, name in enumerate(self.twin.__struct_fields__)}.__getitem__
        own = cls.__match_args__
        self._own = [place(name) for name in own]
        self._in_order = self._own == [*range(len(own))]
        self._aside = [
            (one.key, place(one.attribute if one.null else f"odd_{i}"), own.index(one.attribute) if one.null else _NEW)
            for i, one in enumerate(odd)
            if one.null or not one.attribute
        ]
        self._respelt = [
            (own.index(one.attribute), place(f"odd_{i}")) for i, one in enumerate(odd) if one.attribute and not one.null
        ]
        self._below = [(own.index(name), form) for name, (_, form) in below.items()]

    def plain(self, wire: Any, seen: _Seen) -> Any:
        """The object as its type has it, its oddities beside it. A ValidationError where a field is there twice."""
        values = astuple(wire)
        own: list[Any] = [*values[: len(self._own)]] if self._in_order else [values[place] for place in self._own]
        extra: dict[str, Raw] = {}
        for key, place, index in self._aside:
            value = values[place]
            if index == _NEW:
                if value is not UNSET:
                    extra[key] = value
            elif value is None:
                own[index], extra[key] = UNSET, _NULL
        for index, place in self._respelt:
            if values[place] is not UNSET:
                if own[index] is not UNSET:
                    raise ValidationError("One field in two spellings")
                own[index] = values[place]
                seen.odd = seen.respelt = True
        for index, form in self._below:
            value = own[index]
            if value.__class__ is list:
                own[index] = [form.plain(one, seen) for one in value]
            elif value.__class__ is form.twin:
                own[index] = form.plain(value, seen)
        out = self._cls(*own)
        if extra:
            out.found = Extra(extra)
            seen.odd = True
        return out


def _form(cls: type[Wire], known: frozenset[Oddity], inside: tuple[type[Wire], ...]) -> _Form | None:
    """The form of a type, None where neither it nor a type below it has an oddity."""
    if inside.count(cls) == _TWICE or cls.__struct_fields__ != (*cls.__match_args__, "found"):
        return None
    hints = _hints(cls)
    below: dict[str, tuple[Any, _Form]] = {}
    for name in cls.__match_args__:
        held = held_by(hints[name])
        form = None if held is None else _form(held, known, (*inside, cls))
        if held is not None and form is not None:
            below[name] = _replaced(hints[name], held, form.twin), form
    odd = sorted([one for one in known if one.cls is cls], key=lambda one: one.key)
    return _Form(cls, odd, below) if odd or below else None


@cache
def _hints(cls: type[Wire]) -> dict[str, Any]:
    return get_type_hints(cls)


def held_by(hint: Any) -> type[Wire] | None:
    """The wire type of which a field holds an object, or a list of objects."""
    for option in get_args(hint) or (hint,):
        one = get_args(option)[0] if get_origin(option) is list else option
        if isinstance(one, type) and issubclass(one, Wire):
            return one
    return None


def _replaced(hint: Any, held: type[Wire], twin: type[Any]) -> Any:
    """The same type of a field, with another type of object."""
    swap = {held: twin, list.__class_getitem__(held): list.__class_getitem__(twin)}
    options: list[Any] = [swap.get(option, option) for option in get_args(hint) or (hint,)]
    return reduce(lambda found, option: found | option, options)
