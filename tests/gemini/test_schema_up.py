"""Gemini's Schema to JSON Schema by hand-written cases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from metaphrase_gemini.schema import to_json_schema


def up(schema: object) -> tuple[Any, dict[tuple[str | int, ...], str]]:
    out, losses = to_json_schema(json.dumps(schema).encode())
    return json.loads(bytes(out)), {loss.keys: loss.kind for loss in losses}


S: dict[str, Any] = {"type": "STRING"}
N: dict[str, Any] = {"type": "NUMBER"}

UP_EXACT: list[tuple[object, object]] = [
    ({}, {}),
    *(
        ({"type": number}, {"type": name})
        for number, name in enumerate(("string", "number", "integer", "boolean", "array", "object", "null"), 1)
    ),
    ({"type": 0}, {}),
    ({"type": "TYPE_UNSPECIFIED"}, {}),
    ({"type": "string"}, {"type": "string"}),
    ({"type": None, "enum": [], "properties": {}, "anyOf": [], "required": [], "unheard_of": None}, {}),
    ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
    ({"type": "STRING", "nullable": False}, {"type": "string"}),
    ({"type": "STRING", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
    ({"enum": ["a"], "nullable": True}, {"enum": ["a", None]}),
    ({"anyOf": [S, N], "nullable": True}, {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]}),
    (
        {"min_length": "1", "maxLength": 2, "min_items": 3.0, "max_items": "9223372036854775807"},
        {"minLength": 1, "maxLength": 2, "minItems": 3, "maxItems": 9223372036854775807},
    ),
    ({"minProperties": "1", "max_properties": "2"}, {"minProperties": 1, "maxProperties": 2}),
    ({"minimum": 1, "maximum": "2.5"}, {"minimum": 1, "maximum": 2.5}),
    ({"title": "t", "description": "d", "format": "int32", "pattern": "a"}, None),
    ({"default": None, "example": None}, {"default": None, "examples": [None]}),
    ({"type": "INTEGER", "enum": ["1", "2", "x"]}, {"type": "integer", "enum": [1, 2, "x"]}),
    ({"type": "BOOLEAN", "enum": ["true", 1]}, {"type": "boolean", "enum": [True, 1]}),
    ({"items": S, "any_of": [S]}, {"items": {"type": "string"}, "anyOf": [{"type": "string"}]}),
    ({"additional_properties": False}, {"additionalProperties": False}),
    ({"additionalProperties": S}, {"additionalProperties": {"type": "string"}}),
    # snake_case is for keywords, not for names
    (
        {"properties": {"any_of": S, "min_items": S}, "required": ["any_of"]},
        {"properties": {"any_of": {"type": "string"}, "min_items": {"type": "string"}}, "required": ["any_of"]},
    ),
]


@pytest.mark.parametrize(("source", "target"), UP_EXACT)
def test_up_exact(source: object, target: object) -> None:
    assert up(source) == (source if target is None else target, {})


def test_properties_are_put_in_order() -> None:
    source = {"properties": {"a": {}, "b": {}, "c": {}}, "property_ordering": ["c", "b", "gone", "c"]}
    out, losses = to_json_schema(json.dumps(source).encode())
    assert bytes(out) == b'{"properties":{"c":{},"b":{},"a":{}}}'
    assert {loss.keys: (loss.kind, loss.feature) for loss in losses} == {
        ("property_ordering", 2): ("approximated", "schema.propertyOrdering"),
        ("property_ordering", 3): ("dropped", "schema.propertyOrdering"),
    }
    assert up({"propertyOrdering": ["a"]}) == ({}, {("propertyOrdering", 0): "approximated"})


UP_LOSSY: list[tuple[dict[str, Any], object, tuple[str | int, ...]]] = [
    ({"unknown": 1}, {}, ("unknown",)),
    ({"const": "a"}, {}, ("const",)),
    ({"minItems": 1, "min_items": 2}, {"minItems": 1}, ("min_items",)),
    ({"nullable": True}, {}, ("nullable",)),
    ({"type": "NULL", "nullable": True}, {"type": "null"}, ("nullable",)),
    ({"nullable": "yes"}, {}, ("nullable",)),
    ({"type": 8}, {}, ("type",)),
    ({"type": True}, {}, ("type",)),
    ({"type": ["STRING"]}, {}, ("type",)),
    ({"type": "DATE"}, {}, ("type",)),
    ({"title": 1}, {}, ("title",)),
    ({"minimum": "x"}, {}, ("minimum",)),
    ({"minimum": '"1"'}, {}, ("minimum",)),
    ({"minLength": "-1"}, {}, ("minLength",)),
    ({"minLength": "9" * 19}, {}, ("minLength",)),
    ({"enum": "a"}, {}, ("enum",)),
    ({"required": "a"}, {}, ("required",)),
    ({"required": ["a", 1]}, {"required": ["a"]}, ("required", 1)),
    ({"properties": 5}, {}, ("properties",)),
    ({"properties": {"a": 5}}, {"properties": {"a": {}}}, ("properties", "a")),
    ({"items": True}, {"items": {}}, ("items",)),
    ({"anyOf": 5}, {}, ("anyOf",)),
    ({"any_of": [{"x": 1}]}, {"anyOf": [{}]}, ("any_of", 0, "x")),
    ({"additionalProperties": 5}, {"additionalProperties": {}}, ("additionalProperties",)),
]


@pytest.mark.parametrize(("source", "target", "keys"), UP_LOSSY)
def test_up_lossy(source: dict[str, Any], target: object, keys: tuple[str | int, ...]) -> None:
    assert up(source) == (target, {keys: "dropped"})
