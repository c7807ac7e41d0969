"""Oddities that were met before - unknown members, explicit nulls, other spellings - decoded with all the rest at once.

A client or a server that has one in a document has it in each of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, DecodeError, Raw, UnsetType, ValidationError
from msgspec.structs import astuple

from .fieldtypes import held_by, hints, options
from .wiretype import Extra, Wire

W = TypeVar("W", bound=Wire)

MOST, FORMS = 32, 4
"""How many oddities a form has, and how many forms there are."""

PAUSE = 16
"""How many odd documents after a learned one are not learned; twice as many each time, up to ``_LONGEST``. For learning
takes up to 5 ms, and whoever sends them chooses the names.
"""

SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}\Z").match
"""Whether a name is one that servers use; others are not worth a type."""

_LONGEST = 4096
_TRIED = 2  # forms; the others must have been of use once to be tried again
_TWICE = 2  # how often a type may stand inside itself
_NULL = Raw(b"null")
_MORE, _RESPELT = "more", "respelt"
_Seen = set[str]
"""What the objects of one document tell about it: that there was more than fields, or another spelling of one."""


class Oddity(NamedTuple):
    """A member of an object of a wire type: an unknown one, or one that is a field's (``attribute``) - null where the
    field is not, or under another name.
    """

    cls: type[Wire]
    key: str
    attribute: str = ""
    null: bool = False


class Learned(Generic[W]):
    """Decodes documents of one type with the oddities that it has learned, to what they are without learning.

    Each kind of client has a form of its own, told by the oddities that it shares with its other documents: what one
    sends in every part of a message must not slow down another.
    """

    def __init__(self, cls: type[W]) -> None:
        self._cls = cls
        self._forms: tuple[_Known, ...] = ()  # the last that was of use first; replaced as a whole, as threads share it
        self._pause, self._next_pause = 0, PAUSE

    def learn(self, met: frozenset[Oddity]) -> None:
        """Know these, which stood in one document, from now on as well; unless they are too many, or not worth it."""
        like = max(self._forms, key=lambda known: len(met & known.odd), default=None)
        if like is not None and met <= like.odd:
            self._prefer(like)
            return
        if self._pause > 0:
            self._pause -= 1
            return
        if like is not None and (met.isdisjoint(like.odd) or len(met | like.odd) > MOST):
            like = None
        odd = met if like is None else met | like.odd
        if len(odd) > MOST or not all(SIMPLE(one.key) for one in odd):
            return
        form = _form(self._cls, odd, ())
        if form is not None:
            self._pause, self._next_pause = self._next_pause, min(2 * self._next_pause, _LONGEST)
            known = _Known(odd, msgspec.json.Decoder(form.twin).decode, form)
            self._prefer(known, instead=like)

    def decode(self, body: bytes | Raw) -> tuple[W, bool] | None:
        """A document, and whether it is odd. None where it fits no form of late."""
        for known in self._forms[:_TRIED]:
            seen: _Seen = set()
            try:
                root = known.form.plain(known.decode(body), seen)
            except (DecodeError, UnicodeDecodeError, RecursionError):
                continue
            if known is not self._forms[0]:
                self._prefer(known)
            if _RESPELT in seen:
                root.found = Extra(root.extra, respelt=True)
            return root, bool(seen)
        return None

    def _prefer(self, known: _Known, instead: _Known | None = None) -> None:
        others = [one for one in self._forms if one is not known and one is not instead]
        self._forms = (known, *others)[:FORMS]


class _Known(NamedTuple):
    """A set of oddities, and how to decode documents that have some of them."""

    odd: frozenset[Oddity]
    decode: Callable[[bytes | Raw], Any]
    form: _Form


class _Form:
    """A type of the same objects with their oddities as fields (``twin``), and how to make plain ones of them."""

    def __init__(self, cls: type[Wire], odd: list[Oddity], below: dict[str, tuple[Any, _Form]]) -> None:
        self._cls = cls
        types = hints(cls) | {name: hint for name, (hint, _) in below.items()}
        nullable = {one.attribute: types[one.attribute] | None for one in odd if one.null}
        keys = dict(zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True))
        usual = dict(zip(cls.__struct_fields__, cls.__struct_defaults__, strict=True))
        more = {f"odd_{i}": one for i, one in enumerate(odd) if not one.null}
        fields = [
            (name, nullable.get(name, types[name]), msgspec.field(default=usual[name], name=keys[name]))
            for name in {**below, **nullable}
        ] + [
            (
                name,
                types[one.attribute] if one.attribute else Raw | UnsetType,
                msgspec.field(default=UNSET, name=one.key),
            )
            for name, one in more.items()
        ]
        self.twin: type[Any] = msgspec.defstruct(cls.__name__, fields, bases=(cls,), kw_only=True)
        place = {name: i for i, name in enumerate(self.twin.__struct_fields__)}
        index: dict[str, int] = {name: i for i, name in enumerate(cls.__match_args__)}
        self._own = [place[name] for name in index]
        self._in_order = self._own == [*range(len(index))]
        self._respelt = [(place[name], index[one.attribute]) for name, one in more.items() if one.attribute]
        self._unknown = [(place[name], one.key) for name, one in more.items() if not one.attribute]
        self._nulls = [(index[one.attribute], one.key) for one in odd if one.null]
        self._below = [(index[name], form) for name, (_, form) in below.items()]

    def plain(self, wire: Any, seen: _Seen) -> Any:
        """The object as its type has it, its oddities beside it. A ValidationError where a field is there twice."""
        values = astuple(wire)
        own: list[Any] = [*values[: len(self._own)]] if self._in_order else [values[place] for place in self._own]
        extra: dict[str, Raw] = {}
        for place, index in self._respelt:
            if values[place] is not UNSET:
                if own[index] is not UNSET:
                    raise ValidationError("One field in two spellings")
                own[index] = values[place]
                seen.add(_RESPELT)
        for index, key in self._nulls:
            if own[index] is None:
                own[index], extra[key] = UNSET, _NULL
        for place, key in self._unknown:
            if values[place] is not UNSET:
                extra[key] = values[place]
        for index, form in self._below:
            value = own[index]
            if value.__class__ is list:
                own[index] = [form.plain(one, seen) for one in value]
            elif value.__class__ is form.twin:
                own[index] = form.plain(value, seen)
        out = self._cls(*own)
        if extra:
            out.found = Extra(dict(sorted(extra.items())) if self._nulls else extra)
            seen.add(_MORE)
        return out


def _form(cls: type[Wire], known: frozenset[Oddity], inside: tuple[type[Wire], ...]) -> _Form | None:
    """The form of a type, None where neither it nor a type below it has an oddity."""
    if inside.count(cls) == _TWICE or cls.__struct_fields__ != (*cls.__match_args__, "found"):
        return None
    below: dict[str, tuple[Any, _Form]] = {}
    for name in cls.__match_args__:
        held, _ = held_by(hints(cls)[name])
        form = None if held is None else _form(held, known, (*inside, cls))
        if held is not None and form is not None:
            below[name] = _replaced(hints(cls)[name], held, form.twin), form
    odd = sorted([one for one in known if one.cls is cls], key=lambda one: one.key)
    return _Form(cls, odd, below) if odd or below else None


def _replaced(hint: Any, held: type[Wire], twin: type[Any]) -> Any:
    """The same type of a field, with another type of object."""
    swap = {held: twin, list.__class_getitem__(held): list.__class_getitem__(twin)}
    swapped: list[Any] = [swap.get(option, option) for option in options(hint)]
    return reduce(lambda found, option: found | option, swapped)
