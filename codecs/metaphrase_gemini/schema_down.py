"""JSON Schema 2020-12 -> Gemini's `Schema`, the OpenAPI subset that is closed to unknown keys.

A schema becomes a Node of its own keywords, then meets whatever else applies to the same value:
the target of `$ref`, the members of `allOf`, the union of `anyOf`. Sources: JSON Schema core
section 10 (applicators), validation section 6; https://ai.google.dev/api/caching#Schema.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from .schema_base import (
    INLINE_BUDGET,
    INLINE_COST,
    MAX_SCHEMA_DEPTH,
    TYPES,
    Losses,
    MalformedError,
    Path,
    is_array,
    is_number,
    is_object,
)
from .schema_keywords import CONSTRAINING, EXCLUSIVE, OF_TYPE, PLAIN, RULED, says
from .schema_node import Node, disown, leaf, meet
from .schema_refs import References, Target, base_of
from .schema_values import values_node


class Place(msgspec.Struct, frozen=True):
    """Where the conversion stands: in the source, in its resource, and within which references."""

    path: Path
    base: str = ""
    depth: int = 0
    inside: frozenset[Path] = frozenset()

    def child(self, *keys: str | int) -> Place:
        """Return the place of a schema inside this one."""
        return Place((*self.path, *keys), self.base, self.depth + 1, self.inside)


class Down:
    """One conversion: the source document, what was lost, and what references have cost so far."""

    def __init__(self, root: object) -> None:
        self.losses = Losses({})
        self._refs = References(root)
        self._spent = 0
        self._costs: dict[Path, int] = {}
        # Places that references led to, and keywords to be dropped unless a reference led into them.
        self._inlined: set[Path] = set()
        self._unsaid: list[tuple[Path, object, bool, str]] = []

    def convert(self, schema: object, at: Place) -> Node:
        """Convert one schema."""
        if schema is True or schema == {}:
            return Node()
        if not is_object(schema):
            self._not_a_schema(schema, at.path)
            return Node()
        if at.depth > MAX_SCHEMA_DEPTH:
            self.losses.add("approximated", at.path, f"nests deeper than {MAX_SCHEMA_DEPTH} schemas; cut to {{}}")
            return Node()
        at = Place(at.path, base_of(schema, at.base), at.depth, at.inside)
        node = self._own(schema, at)
        for keyword, apply in _APPLICATORS.items():
            if says(keyword, schema.get(keyword)):
                apply(self, node, schema[keyword], at)
        if schema.get("nullable") is True:
            node.null = True
            node.set("nullable", True, (*at.path, "nullable"))
        return node

    def _not_a_schema(self, schema: object, path: Path) -> None:
        if schema is False:
            self.losses.add("approximated", path, "false, which nothing satisfies, became {}")
        else:
            self._drop(path, schema, "not a schema")

    # --- a schema's own keywords

    def _own(self, schema: dict[str, Any], at: Place) -> Node:
        node = Node()
        for keyword, value in schema.items():
            if keyword in PLAIN:
                self._plain(node, keyword, value, at)
            elif keyword not in RULED and says(keyword, value):
                unused = keyword in ("$defs", "definitions")
                detail = "no $ref leads here" if unused else "Schema has no such keyword"
                self._unsaid.append(((*at.path, keyword), value, keyword not in CONSTRAINING, detail))
        self._example(node, schema, at)
        self._properties(node, schema, at)
        self._required(node, schema, at)
        self._array(node, schema, at)
        declared = self._declared(schema.get("type"), (*at.path, "type"))
        self._exclusive(node, schema, declared, at)
        if not self._values(node, schema, declared, at) and declared is not None:
            self._typed(node, schema, declared, at)
        if not isinstance(schema.get("nullable", False), bool | None):
            self._drop((*at.path, "nullable"), schema["nullable"], "not a boolean")
        return node

    def _plain(self, node: Node, keyword: str, value: object, at: Place) -> None:
        if not says(keyword, value):
            return
        path = (*at.path, keyword)
        try:
            checked = PLAIN[keyword](value)
        except MalformedError as error:
            self._drop(path, value, str(error))
        else:
            node.set(keyword, {checked: path} if keyword == "description" else checked, path)

    def _example(self, node: Node, schema: dict[str, Any], at: Place) -> None:
        examples, path = schema.get("examples"), (*at.path, "examples")
        if not is_array(examples):
            if says("examples", examples):
                self._drop(path, examples, "not a list")
            return
        taken = 0
        if examples and "example" not in node.fields:
            node.set("example", examples[0], path)
            taken = 1
        for index in range(taken, len(examples)):
            self._drop((*path, index), examples[index], "Schema has one example")

    def _properties(self, node: Node, schema: dict[str, Any], at: Place) -> None:
        properties = schema.get("properties")
        if not says("properties", properties):
            return
        if not is_object(properties):
            self._drop((*at.path, "properties"), properties, "not an object")
            return
        nodes = {name: self.convert(child, at.child("properties", name)) for name, child in properties.items()}
        node.set("properties", nodes, (*at.path, "properties"))

    def _required(self, node: Node, schema: dict[str, Any], at: Place) -> None:
        required, path = schema.get("required"), (*at.path, "required")
        if not says("required", required):
            return
        if not is_array(required):
            self._drop(path, required, "not a list")
            return
        names: dict[str, Path] = {}
        for index, name in enumerate(required):
            if isinstance(name, str):
                names.setdefault(name, (*path, index))
            else:
                self._drop((*path, index), name, "not a string")
        node.set("required", names, path)

    def _exclusive(self, node: Node, schema: dict[str, Any], declared: dict[str, Path] | None, at: Place) -> None:
        integral = declared is not None and "integer" in declared and "number" not in declared
        for keyword, (inclusive, inside) in EXCLUSIVE.items():
            value, path = schema.get(keyword), (*at.path, keyword)
            if not says(keyword, value):
                continue
            if not is_number(value):
                self._drop(path, value, "not a number")
                continue
            if integral and (isinstance(value, int) or abs(value) < 2**53):
                value = inside(value)
            else:
                self.losses.add("approximated", path, f"Schema has no exclusive bounds; it became {inclusive}")
            meet(node, leaf(inclusive, value, path), self.losses)

    # --- arrays: `items` after `prefixItems`, and as drafts before 2020 wrote it

    def _array(self, node: Node, schema: dict[str, Any], at: Place) -> None:
        old = is_array(schema.get("items")) and "prefixItems" not in schema
        first, after = ("items", "additionalItems") if old else ("prefixItems", "items")
        prefix, rest = schema.get(first), schema.get(after)
        if not old and says("additionalItems", schema.get("additionalItems")):
            self._drop((*at.path, "additionalItems"), schema["additionalItems"], "Schema has no such keyword")
        if not is_array(prefix):
            if says(first, prefix):
                self._drop((*at.path, first), prefix, "not a list")
            prefix = []
        if prefix:
            self._tuple(node, prefix, (rest, after), at.child(first))
        elif says(after, rest) and rest is not False:
            node.set("items", self.convert(rest, at.child(after)), (*at.path, after))
        if rest is False:
            meet(node, leaf("maxItems", len(prefix), (*at.path, after)), self.losses)

    def _tuple(self, node: Node, prefix: list[Any], rest: tuple[Any, str], at: Place) -> None:
        schema, keyword = rest
        branches = [
            self.convert(child, Place((*at.path, index), at.base, at.depth, at.inside))
            for index, child in enumerate(prefix)
        ]
        if says(keyword, schema) and schema is not False:
            place = Place((*at.path[:-1], keyword), at.base, at.depth, at.inside)
            branches.append(self.convert(schema, place))
        elif schema is not False and node.fields.get("maxItems", len(prefix) + 1) > len(prefix):
            branches.append(Node())
        self.losses.add("approximated", at.path, "Schema has one schema for all items, not one for each position")
        node.set("items", self._union(branches, at.path), at.path)

    # --- types and values

    def _declared(self, value: object, path: Path) -> dict[str, Path] | None:
        """Read `type`: the names it allows, in lower case, each with its place."""
        members = [(name, (*path, index)) for index, name in enumerate(value)] if is_array(value) else [(value, path)]
        declared: dict[str, Path] = {}
        for name, at in members:
            if isinstance(name, str) and name.lower() in TYPES:
                declared.setdefault(name.lower(), at)
            else:
                self._drop(at, name, "not the name of a type")
        return declared or None

    def _values(self, node: Node, schema: dict[str, Any], declared: dict[str, Path] | None, at: Place) -> bool:
        """Apply `enum` and `const`, which say more than `type` does. Return whether they could be."""
        said = False
        for keyword in ("enum", "const"):
            value, path = schema.get(keyword), (*at.path, keyword)
            if keyword not in schema or not says(keyword, value):
                continue
            if keyword == "enum" and not is_array(value):
                self._drop(path, value, "not a list")
                continue
            listed = (
                [(v, (*path, i)) for i, v in enumerate(value)]
                if is_array(value) and keyword == "enum"
                else [(value, path)]
            )
            branches = values_node(listed, declared, path, self.losses)
            if branches is not None:
                meet(node, self._union(branches, path), self.losses)
                said = True
        return said

    def _typed(self, node: Node, schema: dict[str, Any], declared: dict[str, Path], at: Place) -> None:
        names = [name for name in declared if name != "null"]
        if not names:
            node.set("type", "NULL", declared["null"])
            return
        if len(names) == 1:
            node.set("type", TYPES[names[0]], declared[names[0]])
        elif any(is_array(schema.get(keyword)) and schema[keyword] for keyword in ("anyOf", "oneOf")):
            # Two unions over one value cannot both be said, and the written one usually says more.
            self.losses.add("approximated", (*at.path, "type"), "several types beside anyOf or oneOf")
            return
        else:
            node.set("anyOf", [_branch(node, name, declared[name]) for name in names], (*at.path, "type"))
            for key in {key for name in names for key in OF_TYPE[name]} & node.fields.keys():
                del node.fields[key]
        node.null = "null" in declared
        if node.null:
            node.origin["nullable"] = declared["null"]

    # --- what else applies to the same value

    def reference(self, node: Node, ref: object, at: Place) -> None:
        """Meet the target of a reference."""
        path = (*at.path, "$ref")
        target = self._refs.resolve(ref, at.base) if isinstance(ref, str) else None
        if target is None:
            self._drop(path, ref, "points to no schema in this document")
        elif target.path in at.inside:
            self.losses.add("approximated", path, "recursion is cut after one level")
        elif self._afford(target):
            self._inlined.add(target.path)
            inside = Place(target.path, target.base, at.depth + 1, at.inside | {target.path})
            meet(node, self.convert(target.value, inside), self.losses)
        else:
            self.losses.add("approximated", path, "the schema would grow too large; cut")

    def _afford(self, target: Target) -> bool:
        cost = self._costs.get(target.path)
        if cost is None:
            cost = self._costs[target.path] = INLINE_COST + len(msgspec.json.encode(target.value))
        if self._spent + cost > INLINE_BUDGET:
            return False
        self._spent += cost
        return True

    def _members(self, keyword: str, members: object, at: Place) -> list[Node]:
        if not is_array(members):
            self._drop((*at.path, keyword), members, "not a list")
            return []
        return [self.convert(member, at.child(keyword, index)) for index, member in enumerate(members)]

    def all_of(self, node: Node, members: object, at: Place) -> None:
        """Meet every member."""
        for member in self._members("allOf", members, at):
            meet(node, member, self.losses)

    def any_of(self, node: Node, members: object, at: Place) -> None:
        """Meet the union of the members."""
        branches = self._members("anyOf", members, at)
        if branches:
            meet(node, self._union(branches, (*at.path, "anyOf")), self.losses)

    def one_of(self, node: Node, members: object, at: Place) -> None:
        """Meet the union of the members: Schema cannot say that only one may match."""
        branches, path = self._members("oneOf", members, at), (*at.path, "oneOf")
        if branches:
            if not _disjoint(branches):
                self.losses.add("approximated", path, "became anyOf, which also takes what matches several")
            meet(node, self._union(branches, path), self.losses)

    def _union(self, branches: list[Node], origin: Path) -> Node:
        """Return what is valid under any of the branches; null becomes `nullable`."""
        nulls = [branch for branch in branches if branch.fields.get("type") == "NULL"]
        others = [branch for branch in branches if branch.fields.get("type") != "NULL"]
        if not others:
            others, nulls = nulls[:1], nulls[1:]
        for null in nulls:
            # Only `nullable` stands for it now.
            disown(Node({k: v for k, v in null.fields.items() if k != "type"}, null.origin), self.losses)
        node = others[0]
        if len(others) > 1:
            node = leaf("anyOf", others, origin)
            node.null = any(branch.null for branch in others)
        if nulls:
            node.null = True
            node.set("nullable", True, nulls[0].origin["type"])
        return node

    # --- what cannot be said

    def _drop(self, path: Path, value: object, detail: str) -> None:
        if value not in (None, [], {}):
            self._unsaid.append((path, value, False, detail))

    def finish(self) -> None:
        """Report what has no counterpart, now that it is known what references led to."""
        roads = {path[:end] for path in self._inlined for end in range(len(path) + 1)}
        self._unsaid.reverse()  # a stack from here on, told in the order of the source
        while self._unsaid:
            path, value, stores, detail = self._unsaid.pop()
            if path in self._refs.anchors_used:
                continue
            if path not in roads:
                used = path[-1:] == ("$id",) and self._refs.uris_used
                self.losses.add("approximated" if used else "dropped", path, detail)
            elif not stores:
                self.losses.add("approximated", path, f"{detail}; but a $ref uses a part of it")
            elif path not in self._inlined:
                members = [((*path, key), child) for key, child in _children(value)]
                self._unsaid += [(at, child, True, detail) for at, child in members if child not in (None, [], {})]


def _branch(node: Node, name: str, origin: Path) -> Node:
    branch = Node({"type": TYPES[name]}, {"type": origin}, null=False)
    for key in OF_TYPE[name]:
        if key in node.fields:
            branch.set(key, node.fields[key], node.origin[key])
    return branch


def _disjoint(branches: list[Node]) -> bool:
    """Tell whether the branches differ in type, so that no value can match two of them."""
    if len(branches) == 1:
        return True
    seen: list[str] = []
    for branch in branches:
        kind = branch.fields.get("type")
        if kind is None:
            return False
        seen += ["NUMBER" if kind == "INTEGER" else kind, *(["NULL"] if branch.null and kind != "NULL" else [])]
    return len(seen) == len(set(seen))


def _children(value: object) -> list[tuple[str | int, Any]]:
    if is_object(value):
        return list(value.items())
    return list(enumerate(value)) if is_array(value) else []


_APPLICATORS: dict[str, Callable[[Down, Node, Any, Place], None]] = {
    "$ref": Down.reference,
    "allOf": Down.all_of,
    "anyOf": Down.any_of,
    "oneOf": Down.one_of,
}
