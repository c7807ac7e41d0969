"""A Gemini Schema in the making: how two of them meet (`allOf`, `$ref` with siblings), how one is written.

Each field remembers the place in the source that it came from, so that the loser of a conflict can
be reported there. Every rule here may accept more than the source did, never less: all of Schema's
keywords only ever narrow, so a part that is widened widens the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from .schema_base import COUNTS, GEMINI_KEYS, Losses, Path


class Node(msgspec.Struct, eq=False):
    """One Schema. `null` says whether null is valid here, whatever keyword would have to say so.

    `description` is held as paragraph -> place and `required` as name -> place, `enum` as the key set
    of a dict; `properties`, `items` and `anyOf` hold Nodes.
    """

    fields: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    origin: dict[str, Path] = msgspec.field(default_factory=dict[str, Path])
    null: bool = True

    def set(self, key: str, value: Any, origin: Path) -> None:
        """Set a field and where it came from."""
        self.fields[key] = value
        self.origin[key] = origin


def leaf(key: str, value: Any, origin: Path) -> Node:
    """Return a Node that says one thing."""
    return Node({key: value}, {key: origin})


# --- meeting ---------------------------------------------------------------------------------


def meet(a: Node, b: Node, losses: Losses) -> None:
    """Narrow `a` by `b`. What cannot be said of both is kept from `a` and reported at `b`'s place."""
    types = {node.fields["type"] for node in (a, b) if "type" in node.fields}
    if len(types) > 1 and types != _NUMERIC:
        # Nothing satisfies both, which Schema cannot say: of the second only the annotations stay.
        disown(Node({k: v for k, v in b.fields.items() if k not in _ANNOTATIONS}, b.origin), losses)
        b = Node({k: v for k, v in b.fields.items() if k in _ANNOTATIONS}, b.origin, b.null)
    for key, value in b.fields.items():
        if key not in a.fields:
            a.set(key, value, b.origin[key])
        else:
            _MEET.get(key, _first)(a, b, key, losses)
    _meet_null(a, b, losses)


def _meet_null(a: Node, b: Node, losses: Losses) -> None:
    if a.null != b.null:
        wide = a if a.null else b
        if "nullable" in wide.origin:
            losses.add("approximated", wide.origin["nullable"], "another keyword excludes null")
        a.null = False
        a.fields.pop("nullable", None)
    elif "nullable" in b.origin:
        a.origin.setdefault("nullable", b.origin["nullable"])


def disown(node: Node, losses: Losses) -> None:
    """Report every place that a Node came from: it is left out, and references scatter its parts."""
    detail = "contradicts, or cannot be said together with, another keyword"
    for key, value in node.fields.items():
        places = [node.origin[key], *(value.values() if key in ("required", "description") else ())]
        for place in places:
            losses.add("approximated", place, detail)
        for child in _children(key, value):
            disown(child, losses)


def _children(key: str, value: Any) -> list[Node]:
    if key == "properties":
        return list(value.values())
    return [value] if key == "items" else value if key == "anyOf" else []


def _first(a: Node, b: Node, key: str, losses: Losses) -> None:
    mine, yours = a.fields[key], b.fields[key]
    # Only what is equal to Python is worth encoding: 1, 1.0 and true are, and differ as JSON.
    if mine != yours or msgspec.json.encode(mine) != msgspec.json.encode(yours):
        losses.add("approximated", b.origin[key], f"another {key} applies to the same value")


def _other(_a: Node, b: Node, key: str, losses: Losses) -> None:
    disown(leaf(key, b.fields[key], b.origin[key]), losses)


def _bound(tightest: Callable[[Any, Any], Any]) -> Callable[[Node, Node, str, Losses], None]:
    def bound(a: Node, b: Node, key: str, losses: Losses) -> None:
        if a.fields[key] == b.fields[key]:
            return
        loser = a if tightest(a.fields[key], b.fields[key]) == b.fields[key] else b
        losses.add("approximated", loser.origin[key], f"a stricter {key} applies to the same value")
        if loser is a:
            a.set(key, b.fields[key], b.origin[key])

    return bound


def _type(a: Node, b: Node, key: str, _losses: Losses) -> None:
    if b.fields[key] == "INTEGER":  # the same as a's, or narrower: what clashes never comes here
        a.set(key, "INTEGER", b.origin[key])


def _enum(a: Node, b: Node, key: str, losses: Losses) -> None:
    mine, yours = a.fields[key], b.fields[key]
    if mine.keys() == yours.keys():
        return
    losses.add("approximated", a.origin[key], "another enum applies to the same value")
    losses.add("approximated", b.origin[key], "another enum applies to the same value")
    # Nothing in common means that nothing is valid, which Schema cannot say: the first one stays.
    common = {value: None for value in yours if value in mine}
    if common:
        a.fields[key] = {value: None for value in mine if value in common}


def _union(a: Node, b: Node, key: str, _losses: Losses) -> None:
    for item, origin in b.fields[key].items():
        a.fields[key].setdefault(item, origin)


def _properties(a: Node, b: Node, key: str, losses: Losses) -> None:
    for name, node in b.fields[key].items():
        if name in a.fields[key]:
            meet(a.fields[key][name], node, losses)
        else:
            a.fields[key][name] = node


def _items(a: Node, b: Node, key: str, losses: Losses) -> None:
    meet(a.fields[key], b.fields[key], losses)


_NUMERIC = {"INTEGER", "NUMBER"}
_ANNOTATIONS = frozenset({"title", "description", "default", "example"})
_MEET: dict[str, Callable[[Node, Node, str, Losses], None]] = {
    "type": _type,
    "enum": _enum,
    "description": _union,
    "required": _union,
    "properties": _properties,
    "items": _items,
    "anyOf": _other,
    **{key: _bound(max) for key in ("minimum", "minLength", "minItems", "minProperties")},
    **{key: _bound(min) for key in ("maximum", "maxLength", "maxItems", "maxProperties")},
}


# --- writing ---------------------------------------------------------------------------------


def render(node: Node, losses: Losses) -> dict[str, Any]:
    """Write a Node as a Schema object, in the proto's spelling."""
    fields = dict(node.fields)
    if fields.get("type") == "ARRAY":
        # {} says what absence says, and the server answers absence with "items: missing field".
        fields.setdefault("items", Node())
    if len(fields.get("properties", ())) > 1:
        fields.setdefault("propertyOrdering", list(fields["properties"]))
    if node.null and not _admits_null(fields):
        fields["nullable"] = True
    if "required" in fields:
        fields["required"] = _required(fields, losses)
    return {
        key: _RENDER[key](fields[key], losses) if key in _RENDER else fields[key]
        for key in GEMINI_KEYS
        if key in fields and not (key == "required" and not fields[key])
    }


def _admits_null(fields: dict[str, Any]) -> bool:
    if "enum" in fields or fields.get("type", "NULL") != "NULL":
        return False
    return "anyOf" not in fields or any(branch.null for branch in fields["anyOf"])


def _required(fields: dict[str, Any], losses: Losses) -> list[str]:
    # The server: "required[0]: property is not defined", and the whole request is refused.
    known = fields.get("properties", {})
    for name, origin in fields["required"].items():
        if name not in known:
            losses.add("approximated", origin, "required names a property that is not defined beside it")
    return [name for name in fields["required"] if name in known]


def _render_map(value: dict[str, Node], losses: Losses) -> dict[str, Any]:
    return {name: render(node, losses) for name, node in value.items()}


def _render_list(value: list[Node], losses: Losses) -> list[Any]:
    return [render(node, losses) for node in value]


_RENDER: dict[str, Callable[[Any, Losses], Any]] = {
    "description": lambda paragraphs, _: "\n\n".join(paragraphs),
    "enum": lambda values, _: list(values),
    "items": render,
    "properties": _render_map,
    "anyOf": _render_list,
    # int64 is a string in the proto's JSON, and in the discovery document.
    **{key: lambda value, _: str(value) for key in COUNTS},
}
