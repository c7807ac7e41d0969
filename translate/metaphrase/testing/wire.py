"""Help with strategies for wire documents: few of many members, unknown ones, nulls, other spellings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from hypothesis import strategies as st

from metaphrase.fieldtypes import held_by, hints
from metaphrase.loss import snake
from metaphrase.wirejson import Wire

from .document import Document
from .paths import look
from .paths import nodes as path_nodes
from .strategies import json_values, texts
from .values import encode, is_array, is_object

T = TypeVar("T")
Strategy = st.SearchStrategy[Any]
Members = Mapping[str, Strategy]

_CHANCE = st.integers(0, 15)
_RARE = 14  # of 16: what is drawn below this is the usual case, and the simplest

STRANGERS = ("zz_unknown", "x-vendor", "debug")
"""Names that no schema knows."""


def objects(
    required: Members, optional: Members | None = None, *, most: int = 3, open_: bool = True
) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with all of the ``required`` members and at most ``most`` of the ``optional`` ones.

    ``open_``: now and then a member that no schema knows is among them, or a null where an optional one might be.
    """
    names = list(optional or {})
    picks = st.lists(st.sampled_from(names), max_size=most, unique=True) if names else st.just([])
    return _objects(required, optional or {}, picks, open_)


@st.composite
def _objects(draw: st.DrawFn, required: Members, optional: Members, picks: Strategy, open_: bool) -> dict[str, Any]:
    found = {key: draw(value) for key, value in required.items()}
    for key in draw(picks):
        found[key] = draw(optional[key])
    rare = draw(_CHANCE) if open_ else 0
    if rare == _RARE and optional:
        found.setdefault(draw(st.sampled_from(list(optional))), None)
    elif rare > _RARE:
        found[draw(st.sampled_from(STRANGERS))] = draw(json_values())
    return found


def rarely(usual: st.SearchStrategy[T], other: st.SearchStrategy[Any]) -> Strategy:
    """Mostly ``usual``, now and then ``other``."""
    return _rarely(usual, other)


@st.composite
def _rarely(draw: st.DrawFn, usual: Strategy, other: Strategy) -> Any:
    return draw(other if draw(_CHANCE) >= _RARE else usual)


def some(values: st.SearchStrategy[T], most: int = 3, least: int = 0) -> st.SearchStrategy[list[T]]:
    """A list of few."""
    return st.lists(values, min_size=least, max_size=most)


def words(*found: Any) -> Strategy:
    """One of these values; the first is the simplest."""
    return st.sampled_from(found)


def documents(
    bodies: st.SearchStrategy[Any], paths: st.SearchStrategy[str | None] | None = None
) -> st.SearchStrategy[Document]:
    """Values as documents; ``paths``: the HTTP targets of requests."""
    targets = st.none() if paths is None else paths
    return st.builds(_document, bodies, targets)


def _document(value: object, path: str | None) -> Document:
    return Document(encode(value), path)


def notes() -> st.SearchStrategy[str]:
    """Text that is not empty."""
    return texts().map(lambda text: text or "x")


# --- other spellings of one document -------------------------------------------------------------------------


def respelt(value: Any, wire: type[Wire], *, keys: bool, lists: bool) -> Any:
    """The same document as lenient servers take it: ``keys`` in snake_case, ``lists`` of one object as that object.

    Only what the wire type declares is spelt in another way; what stands below a raw field is the user's own. A list is
    given as an object only where no list of that name in the document is longer.
    """
    return _respelt(value, wire, keys, _single(value) if lists else frozenset())


def _single(value: Any) -> frozenset[str]:
    """The names under which all lists of the document have one element."""
    found: dict[str, bool] = {}
    for steps in path_nodes(value):
        held = look(value, steps)
        if is_array(held) and isinstance(steps[-1], str):
            found[steps[-1]] = found.get(steps[-1], True) and len(held) == 1
    return frozenset([name for name, single in found.items() if single])


def _respelt(value: Any, wire: type[Wire], keys: bool, single: frozenset[str]) -> Any:
    if not is_object(value):
        return value
    fields = {
        key: hints(wire)[name] for name, key in zip(wire.__struct_fields__, wire.__struct_encode_fields__, strict=True)
    }
    found: dict[str, Any] = {}
    for key, below in value.items():
        hint = fields.get(key)
        name = snake(key) if keys and hint is not None and below is not None else key
        found[name] = below if hint is None else _below(below, hint, keys, single, key in single)
    return found


def _below(value: Any, hint: Any, keys: bool, single: frozenset[str], unwraps: bool) -> Any:
    held, listed = held_by(hint)
    if held is None or not listed:
        return value if held is None else _respelt(value, held, keys, single)
    if not is_array(value):
        return value
    many = [_respelt(one, held, keys, single) for one in value]
    return many[0] if unwraps and is_object(many[0]) else many
