"""Gemini's `Schema` -> JSON Schema 2020-12.

Source: https://ai.google.dev/api/caching#Schema. Requests are ProtoJSON, so keys may be spelt in
snake_case, enums by number and int64 as strings (https://protobuf.dev/programming-guides/json/).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from .schema_base import (
    COUNTS,
    GEMINI_KEYS,
    MAX_SCHEMA_DEPTH,
    TYPES,
    Losses,
    MalformedError,
    Path,
    anything,
    count,
    is_array,
    is_number,
    is_object,
    number,
    text,
)

_TYPE_NAMES = list(TYPES)
# `additionalProperties` is in Vertex AI's Schema only, and means there what it means here.
_SPELLINGS = {re.sub("[A-Z]", lambda m: "_" + m[0].lower(), key): key for key in (*GEMINI_KEYS, "additionalProperties")}
_MEANS_NULL = frozenset({"default", "example"})


def _int64(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        return count(int(value))
    return count(value)


def _double(value: object) -> int | float:
    return number(_literal(value, is_number) if isinstance(value, str) else value)


def _literal(value: object, fits: Callable[[object], bool]) -> object:
    """Read a string that spells a JSON value of the wanted type; anything else is left as it is."""
    if not isinstance(value, str):
        return value
    try:
        spelt = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return value
    return spelt if fits(spelt) else value


# JSON Schema type -> how to recognise its values among an enum's strings.
_LITERALS: dict[str, Callable[[object], bool]] = {
    "integer": is_number,
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
}

_PLAIN: dict[str, Callable[[Any], Any]] = {
    "title": text,
    "description": text,
    "format": text,
    "pattern": text,
    "minimum": _double,
    "maximum": _double,
    "default": anything,
    **dict.fromkeys(COUNTS, _int64),
}


class Up:
    """One conversion and what it lost."""

    def __init__(self) -> None:
        self.losses = Losses(_SPELLINGS)

    def convert(self, schema: object, path: Path, depth: int = 0) -> dict[str, Any]:
        """Convert one Schema object."""
        if not is_object(schema):
            self._drop(path, schema, "not a Schema object")
            return {}
        if schema and depth > MAX_SCHEMA_DEPTH:
            self.losses.add("approximated", path, f"nests deeper than {MAX_SCHEMA_DEPTH} schemas; cut to {{}}")
            return {}
        out: dict[str, Any] = {}
        spelt = self._spellings(schema, path)
        for key, spelling in spelt.items():
            value, at = schema[spelling], (*path, spelling)
            if key in _PLAIN:
                self._guard(out, key, _PLAIN[key], value, at)
            elif key in _STRUCTURE:
                _STRUCTURE[key](self, out, value, at, depth)
        self._literals(out)
        if "propertyOrdering" in spelt:
            spelling = spelt["propertyOrdering"]
            self._order(out, schema[spelling], (*path, spelling))
        if "nullable" in spelt:
            self._nullable(out, schema[spelt["nullable"]], (*path, spelt["nullable"]))
        return out

    def _spellings(self, schema: dict[str, Any], path: Path) -> dict[str, str]:
        """Map each key of Schema that says something to its spelling here; report the others."""
        found: dict[str, str] = {}
        for spelling, value in schema.items():
            key = spelling if spelling in _NAMES else _SPELLINGS.get(spelling)
            if key is None:
                self._drop((*path, spelling), value, "not a keyword of Schema")
            elif key != spelling and key in schema:
                self._drop((*path, spelling), value, f"{key} is given as well")
            elif value is not None or key in _MEANS_NULL:
                found[key] = spelling
        return found

    def _guard(self, out: dict[str, Any], key: str, read: Callable[[Any], Any], value: object, at: Path) -> None:
        try:
            out[key] = read(value)
        except MalformedError as error:
            self._drop(at, value, str(error))

    def _drop(self, path: Path, value: object, detail: str) -> None:
        if value not in (None, [], {}):
            self.losses.add("dropped", path, detail)

    # --- keywords: each takes (self, out, value, at, depth)

    def on_type(self, out: dict[str, Any], value: object, at: Path, _depth: int) -> None:
        name = value.lower() if isinstance(value, str) else value
        if isinstance(name, int) and not isinstance(name, bool) and 0 <= name <= len(_TYPE_NAMES):
            name = _TYPE_NAMES[name - 1] if name else "type_unspecified"
        if isinstance(name, str) and name in TYPES:
            out["type"] = name
        elif name != "type_unspecified":
            self._drop(at, value, "not a type")

    def on_example(self, out: dict[str, Any], value: object, _at: Path, _depth: int) -> None:
        out["examples"] = [value]

    def on_enum(self, out: dict[str, Any], value: object, at: Path, _depth: int) -> None:
        if not is_array(value):
            self._drop(at, value, "not a list")
        elif value:
            out["enum"] = list(value)

    def on_required(self, out: dict[str, Any], value: object, at: Path, _depth: int) -> None:
        names = self._strings(value, at)
        if names:
            out["required"] = list(names)

    def on_properties(self, out: dict[str, Any], value: object, at: Path, depth: int) -> None:
        if not is_object(value):
            self._drop(at, value, "not an object")
        elif value:
            out["properties"] = {name: self.convert(child, (*at, name), depth + 1) for name, child in value.items()}

    def on_items(self, out: dict[str, Any], value: object, at: Path, depth: int) -> None:
        out["items"] = self.convert(value, at, depth + 1)

    def on_any_of(self, out: dict[str, Any], value: object, at: Path, depth: int) -> None:
        if not is_array(value):
            self._drop(at, value, "not a list")
        elif value:
            out["anyOf"] = [self.convert(child, (*at, index), depth + 1) for index, child in enumerate(value)]

    def on_additional(self, out: dict[str, Any], value: object, at: Path, depth: int) -> None:
        out["additionalProperties"] = value if isinstance(value, bool) else self.convert(value, at, depth + 1)

    # --- what needs the other keywords

    def _strings(self, value: object, at: Path) -> dict[str, Path]:
        if not is_array(value):
            self._drop(at, value, "not a list")
            return {}
        names: dict[str, Path] = {}
        for index, name in enumerate(value):
            if isinstance(name, str) and name in names:
                self._drop((*at, index), name, "said before")
            elif isinstance(name, str):
                names[name] = (*at, index)
            else:
                self._drop((*at, index), name, "not a string")
        return names

    def _literals(self, out: dict[str, Any]) -> None:
        # Schema's enum holds strings whatever the type; JSON Schema compares values with types.
        fits = _LITERALS.get(out.get("type", ""))
        if fits is not None and "enum" in out:
            out["enum"] = [_literal(value, fits) for value in out["enum"]]

    def _order(self, out: dict[str, Any], value: object, at: Path) -> None:
        """Put the properties in their order, which is all that JSON Schema has for it."""
        properties: dict[str, Any] = out.get("properties", {})
        names = self._strings(value, at)
        for name, place in names.items():
            if name not in properties:
                self.losses.add("approximated", place, "orders a property that is not defined")
        if properties:
            out["properties"] = {name: properties[name] for name in (*names, *properties) if name in properties}

    def _nullable(self, out: dict[str, Any], value: object, at: Path) -> None:
        if value is not True:
            if value is not False:
                self._drop(at, value, "not a boolean")
            return
        if not {"type", "enum", "anyOf"} & out.keys() or ("type" in out and out["type"] == "null"):
            self.losses.add("dropped", at, "null is valid here in any case")
            return
        if "type" in out:
            out["type"] = [out["type"], "null"]
        if "enum" in out:
            out["enum"].append(None)
        if "anyOf" in out:
            out["anyOf"].append({"type": "null"})


_STRUCTURE: dict[str, Callable[[Up, dict[str, Any], Any, Path, int], None]] = {
    "type": Up.on_type,
    "example": Up.on_example,
    "enum": Up.on_enum,
    "required": Up.on_required,
    "properties": Up.on_properties,
    "items": Up.on_items,
    "anyOf": Up.on_any_of,
    "additionalProperties": Up.on_additional,
}
_NAMES = frozenset({*GEMINI_KEYS, "additionalProperties"})
