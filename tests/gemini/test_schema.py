"""The schema conversion by hand-written cases: what becomes of each keyword, and what is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from metaphrase_gemini.schema import to_gemini


def down(schema: object) -> tuple[Any, dict[tuple[str | int, ...], str]]:
    out, losses = to_gemini(json.dumps(schema).encode())
    return json.loads(bytes(out)), {loss.keys: loss.kind for loss in losses}


S: dict[str, Any] = {"type": "STRING"}
N: dict[str, Any] = {"type": "NUMBER"}
I: dict[str, Any] = {"type": "INTEGER"}  # noqa: E741 - as schemas are short

# (JSON Schema, Schema or None for the same), nothing lost
EXACT: list[tuple[object, object]] = [
    (True, {}),
    ({}, {}),
    *(({"type": name}, {"type": name.upper()}) for name in ("string", "number", "integer", "boolean", "null")),
    ({"type": "object"}, {"type": "OBJECT"}),
    ({"type": "array"}, {"type": "ARRAY", "items": {}}),  # the server wants items; {} says nothing
    ({"type": "STRING"}, S),
    ({"type": ["string"]}, S),
    ({"type": ["string", "null"]}, {**S, "nullable": True}),
    ({"type": []}, {}),
    ({"type": ["null"]}, {"type": "NULL"}),
    (
        {"type": ["string", "integer", "array", "null"], "minLength": 1, "minimum": 2, "items": {}, "title": "t"},
        {
            "title": "t",
            "nullable": True,
            "anyOf": [{**S, "minLength": "1"}, {**I, "minimum": 2}, {"type": "ARRAY", "items": {}}],
        },
    ),
    (
        {"type": ["object", "boolean"], "properties": {"a": {}}, "required": ["a"], "minLength": 1},
        {
            "minLength": "1",
            "anyOf": [{"type": "OBJECT", "properties": {"a": {}}, "required": ["a"]}, {"type": "BOOLEAN"}],
        },
    ),
    ({"nullable": True}, {"nullable": True}),
    ({"type": "string", "nullable": True}, {**S, "nullable": True}),
    ({"type": "string", "nullable": False}, S),
    ({"type": "string", "nullable": None}, S),
    # unions
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {**S, "nullable": True}),
    ({"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]}, {"nullable": True, "anyOf": [S, N]}),
    ({"anyOf": [{"type": "null"}]}, {"type": "NULL"}),
    ({"anyOf": [{"type": "string"}], "default": None}, {**S, "default": None}),
    ({"anyOf": [{"type": ["string", "null"]}, {"type": "number"}]}, {"anyOf": [{**S, "nullable": True}, N]}),
    ({"anyOf": []}, {}),
    ({"anyOf": [{"required": ["a"]}], "properties": {"a": {}}}, {"properties": {"a": {}}, "required": ["a"]}),
    ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"anyOf": [S, I]}),
    ({"oneOf": [{"minLength": 1}]}, {"minLength": "1"}),
    # values
    ({"const": "a"}, {**S, "enum": ["a"]}),
    ({"const": None}, {"type": "NULL"}),
    ({"type": ["string", "null"], "enum": ["a", None]}, {**S, "nullable": True, "enum": ["a"]}),
    ({"enum": ["a", None]}, {**S, "nullable": True, "enum": ["a"]}),
    ({"enum": [True, False]}, {"type": "BOOLEAN"}),
    ({"enum": []}, {}),
    ({"$comment": None, "title": None}, {}),
    # numbers
    ({"minimum": 1.0, "maximum": 12345678901234567890123}, {"minimum": 1.0, "maximum": 12345678901234567890123}),
    ({"minLength": 2.0, "maxLength": 3}, {"minLength": "2", "maxLength": "3"}),
    ({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 9}, {**I, "minimum": 4, "maximum": 8}),
    ({"type": ["integer", "null"], "exclusiveMinimum": 3.5}, {**I, "nullable": True, "minimum": 4}),
    ({"exclusiveMinimum": False, "minimum": 1}, {"minimum": 1}),
    # objects: names of properties are not keywords
    (
        {"type": "object", "properties": {"title": {"type": "string"}, "const": True, "$ref": {"enum": ["x"]}}},
        {
            "type": "OBJECT",
            "properties": {"title": S, "const": {}, "$ref": {**S, "enum": ["x"]}},
            "propertyOrdering": ["title", "const", "$ref"],
        },
    ),
    ({"properties": {"b": {}, "a": {}}, "propertyOrdering": ["a", "b"]}, None),
    ({"properties": {}, "required": [], "additionalProperties": True, "additionalItems": True}, {}),
    ({"properties": {"a": {}}, "required": ["a", "a"]}, {"properties": {"a": {}}, "required": ["a"]}),
    # arrays
    ({"items": {"type": "string"}}, {"items": S}),
    ({"items": False}, {"maxItems": "0"}),
    ({"items": False, "maxItems": 0}, {"maxItems": "0"}),
    ({"prefixItems": [], "items": True}, {}),
    # annotations
    ({"examples": [1]}, {"example": 1}),
    ({"title": "t", "description": "d", "format": "foreign", "pattern": "^a", "default": []}, None),
    # allOf
    ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, {"minimum": 1, "maximum": 2}),
    ({"type": "object", "allOf": [{"type": "object"}, {"title": "t"}]}, {"type": "OBJECT", "title": "t"}),
    ({"type": "number", "allOf": [{"type": "integer"}]}, I),
    ({"type": "integer", "allOf": [{"type": "number"}]}, I),
    (
        {"properties": {"a": {"minimum": 1}}, "allOf": [{"properties": {"a": {"maximum": 2}}, "required": ["a"]}]},
        {"properties": {"a": {"minimum": 1, "maximum": 2}}, "required": ["a"]},
    ),
    (
        {"allOf": [{"properties": {"b": {}}}, {"properties": {"a": {}}}]},
        {"properties": {"b": {}, "a": {}}, "propertyOrdering": ["b", "a"]},
    ),
    ({"items": {"minimum": 1}, "allOf": [{"items": {"maximum": 2}}]}, {"items": {"minimum": 1, "maximum": 2}}),
    ({"description": "a", "allOf": [{"description": "b"}, {"description": "a"}]}, {"description": "a\n\nb"}),
    ({"enum": ["a", "b"], "allOf": [{"enum": ["b", "a"]}]}, {**S, "enum": ["a", "b"]}),
    ({"default": 1, "allOf": [{"default": 1}]}, {"default": 1}),
    ({"allOf": [{"type": ["string", "null"]}, {"type": ["string", "null"]}]}, {**S, "nullable": True}),
    ({"allOf": [{"nullable": True}, {"nullable": True}]}, {"nullable": True}),
]


@pytest.mark.parametrize(("source", "target"), EXACT)
def test_exact(source: object, target: object) -> None:
    assert down(source) == (source if target is None else target, {})


# (JSON Schema, Schema, losses)
LOSSY: list[tuple[object, object, dict[tuple[str | int, ...], str]]] = [
    (False, {}, {(): "approximated"}),
    ({"not": {}}, {}, {("not",): "dropped"}),
    ({"not": False, "contains": {}}, {}, {("contains",): "dropped"}),
    ({"type": "object", "additionalProperties": False}, {"type": "OBJECT"}, {("additionalProperties",): "dropped"}),
    (
        {"$schema": "s", "x-a": 1, "uniqueItems": True},
        {},
        dict.fromkeys([("$schema",), ("x-a",), ("uniqueItems",)], "dropped"),
    ),
    ({"properties": {"a": False}}, {"properties": {"a": {}}}, {("properties", "a"): "approximated"}),
    ({"properties": {"a": {"title": 5}}}, {"properties": {"a": {}}}, {("properties", "a", "title"): "dropped"}),
    ({"exclusiveMinimum": 3}, {"minimum": 3}, {("exclusiveMinimum",): "approximated"}),
    ({"type": "integer", "exclusiveMinimum": 1e300}, {**I, "minimum": 1e300}, {("exclusiveMinimum",): "approximated"}),
    (
        {"type": "integer", "minimum": 9, "exclusiveMinimum": 3},
        {**I, "minimum": 9},
        {("exclusiveMinimum",): "approximated"},
    ),
    ({"type": "integer", "maximum": 9, "exclusiveMaximum": 3}, {**I, "maximum": 2}, {("maximum",): "approximated"}),
    # unions
    (
        {"type": ["string", "number"], "oneOf": [{}, {}]},
        {"anyOf": [{}, {}]},
        dict.fromkeys([("type",), ("oneOf",)], "approximated"),
    ),
    ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, {"anyOf": [I, N]}, {("oneOf",): "approximated"}),
    (
        {"oneOf": [{"type": ["string", "null"]}, {"type": ["number", "null"]}]},
        {"anyOf": [{**S, "nullable": True}, {**N, "nullable": True}]},
        {("oneOf",): "approximated"},
    ),
    (
        {"anyOf": [S, N], "oneOf": [S, I]},
        {"anyOf": [S, N]},
        dict.fromkeys([("oneOf",), ("oneOf", 0, "type"), ("oneOf", 1, "type")], "approximated"),
    ),
    (
        {"anyOf": [{"type": "null", "title": "nothing"}, {"type": "string"}]},
        {**S, "nullable": True},
        {("anyOf", 0, "title"): "approximated"},
    ),
    (
        {"type": "string", "anyOf": [{"minLength": 1}, {"type": "null"}]},
        {**S, "minLength": "1"},
        {("anyOf", 1, "type"): "approximated"},
    ),
    (
        {"type": "string", "anyOf": [{"type": "string"}, {"type": "null"}]},
        S,
        {("anyOf", 1, "type"): "approximated"},
    ),
    ({"type": ["string", "null"], "allOf": [{"type": "string"}]}, S, {("type", 1): "approximated"}),
    # values
    (
        {"const": 5, "description": "d"},
        {**I, "description": "d\n\nAllowed value: 5.", "minimum": 5, "maximum": 5},
        {("const",): "approximated"},
    ),
    ({"const": {}}, {"type": "OBJECT", "description": "Allowed value: {}."}, {("const",): "approximated"}),
    (
        {"const": [1]},
        {"type": "ARRAY", "description": "Allowed value: [1].", "items": {}},
        {("const",): "approximated"},
    ),
    ({"const": True}, {"type": "BOOLEAN", "description": "Allowed value: true."}, {("const",): "approximated"}),
    ({"const": ""}, {**S, "description": 'Allowed value: "".'}, {("const",): "approximated"}),
    (
        {"type": "number", "enum": [1, 2.5]},
        {**N, "description": "Allowed values: 1, 2.5.", "minimum": 1, "maximum": 2.5},
        {("enum",): "approximated"},
    ),
    (
        {"enum": ["a", 1, None]},
        {
            "nullable": True,
            "anyOf": [{**S, "enum": ["a"]}, {**I, "description": "Allowed value: 1.", "minimum": 1, "maximum": 1}],
        },
        {("enum",): "approximated"},
    ),
    ({"type": "string", "enum": ["a", 1]}, {**S, "enum": ["a"]}, {("enum", 1): "approximated"}),
    ({"type": ["string", "null"], "enum": ["a"]}, {**S, "enum": ["a"]}, {("type", 1): "approximated"}),
    ({"type": "string", "const": 1}, S, {("const",): "approximated"}),
    (
        {"enum": ["a", "b"], "const": "a"},
        {**S, "enum": ["a"]},
        dict.fromkeys([("enum",), ("const",)], "approximated"),
    ),
    (
        {"enum": ["a"], "const": "b"},
        {**S, "enum": ["a"]},
        dict.fromkeys([("enum",), ("const",)], "approximated"),
    ),
    # meeting
    ({"title": "a", "allOf": [{"title": "b"}]}, {"title": "a"}, {("allOf", 0, "title"): "approximated"}),
    ({"default": 1, "allOf": [{"default": True}]}, {"default": 1}, {("allOf", 0, "default"): "approximated"}),
    ({"type": "string", "allOf": [{"type": "number"}]}, S, {("allOf", 0, "type"): "approximated"}),
    ({"minimum": 2, "allOf": [{"minimum": 1}]}, {"minimum": 2}, {("allOf", 0, "minimum"): "approximated"}),
    ({"maxLength": 2, "allOf": [{"maxLength": 1}]}, {"maxLength": "1"}, {("maxLength",): "approximated"}),
    ({"nullable": True, "type": "string", "allOf": [{"type": "string"}]}, {**S, "nullable": True}, {}),
    ({"allOf": [{"nullable": True}, {"type": "string"}]}, S, {("allOf", 0, "nullable"): "approximated"}),
    # what nothing satisfies: the first stays whole, of the second only the annotations
    (
        {"const": None, "allOf": [{"type": "object", "properties": {"a": {}}, "required": ["a"], "description": "d"}]},
        {"type": "NULL", "description": "d"},
        dict.fromkeys(
            [("allOf", 0, "type"), ("allOf", 0, "properties"), ("allOf", 0, "required"), ("allOf", 0, "required", 0)],
            "approximated",
        ),
    ),
    # arrays
    (
        {"prefixItems": [S, N], "items": False},
        {"maxItems": "2", "items": {"anyOf": [S, N]}},
        {("prefixItems",): "approximated"},
    ),
    (
        {"prefixItems": [S, N], "maxItems": 2},
        {"maxItems": "2", "items": {"anyOf": [S, N]}},
        {("prefixItems",): "approximated"},
    ),
    ({"prefixItems": [S]}, {"items": {"anyOf": [S, {}]}}, {("prefixItems",): "approximated"}),
    ({"prefixItems": [S], "items": N}, {"items": {"anyOf": [S, N]}}, {("prefixItems",): "approximated"}),
    ({"items": [S], "additionalItems": N}, {"items": {"anyOf": [S, N]}}, {("items",): "approximated"}),
    ({"items": [S], "additionalItems": False}, {"maxItems": "1", "items": S}, {("items",): "approximated"}),
    ({"items": S, "additionalItems": False}, {"items": S}, {("additionalItems",): "dropped"}),
    # objects
    ({"required": ["a"]}, {}, {("required", 0): "approximated"}),
    ({"required": ["a"], "properties": {"b": {}}}, {"properties": {"b": {}}}, {("required", 0): "approximated"}),
    ({"examples": [1, 2, 3]}, {"example": 1}, {("examples", 1): "dropped", ("examples", 2): "dropped"}),
    ({"example": 1, "examples": [2]}, {"example": 1}, {("examples", 0): "dropped"}),
]


@pytest.mark.parametrize(("source", "target", "losses"), LOSSY)
def test_lossy(source: object, target: object, losses: dict[tuple[str | int, ...], str]) -> None:
    assert down(source) == (target, losses)
