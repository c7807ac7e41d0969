"""Malformed, unusable and overdeep schemas: never an exception, always a loss."""

from __future__ import annotations

import json
from typing import Any

import pytest

from metaphrase_gemini.schema import SchemaLoss, to_gemini, to_json_schema


def down(schema: object) -> tuple[Any, dict[tuple[str | int, ...], str]]:
    out, losses = to_gemini(json.dumps(schema).encode())
    return json.loads(bytes(out)), {loss.keys: loss.kind for loss in losses}


def up(schema: object) -> tuple[Any, dict[tuple[str | int, ...], str]]:
    out, losses = to_json_schema(json.dumps(schema).encode())
    return json.loads(bytes(out)), {loss.keys: loss.kind for loss in losses}


S: dict[str, Any] = {"type": "STRING"}

MALFORMED = {
    "type": 7.5,
    "title": 1,
    "description": [1],
    "format": {"a": 1},
    "pattern": 5,
    "minimum": "1",
    "maximum": True,
    "minLength": -1,
    "maxLength": 1.5,
    "minItems": 2**63,
    "exclusiveMinimum": True,
    "properties": 5,
    "required": "x",
    "items": "u",
    "prefixItems": 3,
    "propertyOrdering": [1],
    "enum": "z",
    "examples": {"a": 1},
    "nullable": "yes",
    "$ref": 5,
    "allOf": {"a": 1},
    "anyOf": 3,
    "oneOf": "x",
}


@pytest.mark.parametrize("keyword", MALFORMED)
def test_a_malformed_keyword_is_dropped(keyword: str) -> None:
    out, losses = down({keyword: MALFORMED[keyword]})
    assert out in ({}, {"items": {}})
    assert losses == {(keyword,): "dropped"}


def test_malformed_members_are_dropped() -> None:
    source = {
        "type": ["string", 5, "foo"],
        "required": ["a", 1],
        "properties": {"a": 7},
        "allOf": [3],
        "prefixItems": 0,
    }
    out, losses = down(source)
    assert out == {**S, "properties": {"a": {}}, "required": ["a"]}
    assert losses == dict.fromkeys(
        [("type", 1), ("type", 2), ("required", 1), ("properties", "a"), ("allOf", 0)], "dropped"
    ) | {("prefixItems",): "dropped"}


@pytest.mark.parametrize(
    "text", [b"", b"3", b"null", b'"x"', b"[]", b"{", b'{"a":"\xff"}', b"[" * 10**6, b'{"a":' * 200 + b"1" + b"}" * 200]
)
def test_unusable(text: bytes) -> None:
    for convert in (to_gemini, to_json_schema):
        out, losses = convert(text)
        assert bytes(out) == b"{}"
        assert losses == (SchemaLoss("dropped", (), "schema", losses[0].detail),)


def test_features_are_keywords_and_never_names() -> None:
    source = {
        "properties": {"title": {"minLength": -1, "not": {"type": "string"}}, "x": False},
        "$defs": {"title": {"a": 1}},
        "anyOf": [{"not": {"a": 1}}],
        "my-own": 1,
    }
    features = {loss.keys: loss.feature for loss in to_gemini(json.dumps(source).encode())[1]}
    assert features == {
        ("properties", "title", "minLength"): "schema.minLength",
        ("properties", "title", "not"): "schema.not",
        ("properties", "x"): "schema.properties",
        ("anyOf", 0, "not"): "schema.not",
        ("$defs",): "schema.$defs",
        ("my-own",): "schema.unknown",
    }
    assert to_gemini(b'{"items":{"x":1}}')[1][0].feature == "schema.unknown"
    assert to_json_schema(b'{"any_of":[{"min_items":-1}]}')[1][0].feature == "schema.minItems"


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "STRING", "title": "t"}
    for _ in range(levels):
        schema = {"items": schema}
    return schema


def test_deep_schemas_are_cut_and_reported() -> None:
    for convert in (down, up):
        assert convert(nested(60))[1] == {}
        out, losses = convert(nested(61))
        assert losses == {("items",) * 61: "approximated"}
        assert str(out).count("items") == 61
