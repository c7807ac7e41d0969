"""Where a `$ref` points: JSON pointers, anchors and embedded `$id`s, all inside one document.

Source: JSON Schema 2020-12 core, sections 8 (identifiers) and 9.2 (base URIs); RFC 6901 (pointers).
Nothing is ever fetched: a reference that leaves the document has no target.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urljoin

import msgspec

from .schema_base import HOLDS_LIST, HOLDS_MAP, HOLDS_ONE, Path, is_array, is_object

_ANCHORS = ("$anchor", "$dynamicAnchor")


class Target(msgspec.Struct, frozen=True):
    """A schema that a reference points to, with its place and its base URI."""

    value: Any
    path: Path
    base: str


class References:
    """The identifiers of one document, indexed once."""

    def __init__(self, root: object) -> None:
        self.anchors_used: set[Path] = set()
        self.uris_used = False
        self._resources: dict[str, Target] = {"": Target(root, (), "")}
        self._anchors: dict[tuple[str, str], tuple[Target, Path]] = {}
        stack = [Target(root, (), "")]
        while stack:
            stack.extend(self._index(stack.pop()))

    def _index(self, at: Target) -> list[Target]:
        schema = at.value
        if not is_object(schema):
            return []
        base = base_of(schema, at.base)
        here = Target(schema, at.path, base)
        if base != at.base:
            self._resources.setdefault(base, here)
        for keyword in _ANCHORS:
            if isinstance(schema.get(keyword), str):
                self._anchors.setdefault((base, schema[keyword]), (here, (*at.path, keyword)))
        return [
            Target(child, (*at.path, *keys), base)
            for key, value in schema.items()
            for keys, child in _schemas(key, value)
        ]

    def resolve(self, ref: str, base: str) -> Target | None:
        """Find what `ref` means in a schema whose base URI is `base`."""
        uri, _, fragment = ref.partition("#")
        if uri:
            self.uris_used = True
            base = _join(base, uri)
        resource = self._resources.get(base)
        if resource is None:
            return None
        fragment = unquote(fragment)
        if not fragment or fragment.startswith("/"):
            return _follow(resource, fragment)
        found = self._anchors.get((base, fragment))
        if found is None:
            return None
        self.anchors_used.add(found[1])
        return found[0]


def base_of(schema: dict[str, Any], base: str) -> str:
    """Return the base URI inside a schema: its own `$id`, read against the one outside."""
    own = schema.get("$id")
    # "$id": "#name" is how drafts before 2019 wrote an anchor; it starts no resource.
    if not isinstance(own, str) or own.startswith("#"):
        return base
    return _join(base, own.rstrip("#"))


def _join(base: str, uri: str) -> str:
    try:
        return urljoin(base, uri)
    except ValueError:  # "http://[": then it can only be met under its own spelling
        return uri


def _schemas(key: str, value: object) -> list[tuple[Path, Any]]:
    if key in HOLDS_MAP and is_object(value):
        return [((key, name), child) for name, child in value.items()]
    if key in HOLDS_LIST and is_array(value):
        return [((key, index), child) for index, child in enumerate(value)]
    return [((key,), value)] if key in HOLDS_ONE else []


def _follow(resource: Target, pointer: str) -> Target | None:
    value, path, base = resource.value, resource.path, resource.base
    for token in pointer.split("/")[1:]:
        key: str | int = token.replace("~1", "/").replace("~0", "~")
        if is_array(value) and re.fullmatch("0|[1-9][0-9]{0,8}", token) and int(token) < len(value):
            key = int(token)
            value = value[key]
        elif is_object(value) and key in value:
            value = value[str(key)]
        else:
            return None
        path = (*path, key)
        base = base_of(value, base) if is_object(value) else base
    return Target(value, path, base) if is_object(value) or isinstance(value, bool) else None
