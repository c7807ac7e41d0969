"""`enum` and `const` toward Gemini, whose `enum` takes non-empty strings only.

Other values keep what can be said of them: their type, the range of numbers, and the values
themselves in the description, which is where a model reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from .schema_base import Losses, Path, is_array, is_integral, is_number, is_object
from .schema_node import Node, leaf

# JSON Schema type name -> whether a value is of that type.
_IS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "integer": is_integral,
    "boolean": lambda value: isinstance(value, bool),
    "array": is_array,
    "object": is_object,
    "null": lambda value: value is None,
}


def values_node(
    values: list[tuple[Any, Path]], declared: dict[str, Path] | None, keyword: Path, losses: Losses
) -> list[Node] | None:
    """Return one Node for each JSON type among the values, or None when none of them can occur.

    `declared` is what `type` allows; values of other types never validate, and go.
    """
    if declared is not None:
        values = _possible(values, declared, losses)
    groups: dict[str, list[Any]] = {}
    for value, _ in values:
        kind = next(kind for kind in _GROUPS if _IS[kind](value))
        groups.setdefault(kind, []).append(value)
    return [_GROUPS[kind](found, keyword, losses) for kind, found in groups.items()] or None


def _possible(values: list[tuple[Any, Path]], declared: dict[str, Path], losses: Losses) -> list[tuple[Any, Path]]:
    possible = [(value, at) for value, at in values if _any_of(declared, value)]
    for value, at in values:
        if not _any_of(declared, value):
            losses.add("approximated", at, "no value of the declared type")
    for name, at in declared.items():
        if possible and not any(_IS[name](value) for value, _ in possible):
            losses.add("approximated", at, "excluded by the values that are allowed")
    return possible


def _any_of(names: Iterable[str], value: object) -> bool:
    return any(_IS[name](value) for name in names)


def _strings(values: list[Any], keyword: Path, losses: Losses) -> Node:
    if "" in values:  # "enum[0]: cannot be empty"; without it the enum would refuse what was valid
        return _described("STRING", values, keyword, losses)
    node = leaf("type", "STRING", keyword)
    node.set("enum", dict.fromkeys(values), keyword)
    node.null = False
    return node


def _numbers(values: list[Any], keyword: Path, losses: Losses) -> Node:
    kind = "INTEGER" if all(is_integral(value) for value in values) else "NUMBER"
    node = _described(kind, values, keyword, losses)
    node.set("minimum", min(values), keyword)
    node.set("maximum", max(values), keyword)
    return node


def _booleans(values: list[Any], keyword: Path, losses: Losses) -> Node:
    if len(set(values)) == 1:
        return _described("BOOLEAN", values, keyword, losses)
    return Node({"type": "BOOLEAN"}, {"type": keyword}, null=False)


def _arrays(values: list[Any], keyword: Path, losses: Losses) -> Node:
    return _described("ARRAY", values, keyword, losses)


def _objects(values: list[Any], keyword: Path, losses: Losses) -> Node:
    return _described("OBJECT", values, keyword, losses)


def _null(_values: list[Any], keyword: Path, _losses: Losses) -> Node:
    return leaf("type", "NULL", keyword)


def _described(kind: str, values: list[Any], keyword: Path, losses: Losses) -> Node:
    losses.add("approximated", keyword, "enum takes non-empty strings only; the values are in the description")
    said = ", ".join(msgspec.json.encode(value).decode() for value in values)
    paragraph = f"Allowed values: {said}." if len(values) > 1 else f"Allowed value: {said}."
    node = leaf("type", kind, keyword)
    node.set("description", {paragraph: keyword}, keyword)
    node.null = False
    return node


_GROUPS: dict[str, Callable[[list[Any], Path, Losses], Node]] = {
    "string": _strings,
    "number": _numbers,
    "boolean": _booleans,
    "array": _arrays,
    "object": _objects,
    "null": _null,
}
