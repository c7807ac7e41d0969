"""References in schemas: where they lead, what they cost, and what none of them reaches."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from metaphrase_gemini.schema import to_gemini


def down(schema: object) -> tuple[Any, dict[tuple[str | int, ...], str]]:
    out, losses = to_gemini(json.dumps(schema).encode())
    return json.loads(bytes(out)), {loss.keys: loss.kind for loss in losses}


S: dict[str, Any] = {"type": "STRING"}
N: dict[str, Any] = {"type": "NUMBER"}
I: dict[str, Any] = {"type": "INTEGER"}  # noqa: E741 - as schemas are short

A = {"type": "string", "minLength": 1}
GA = {**S, "minLength": "1"}
REFS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"$ref": "#/$defs/a", "$defs": {"a": A}}, GA),
    ({"$ref": "#/definitions/a", "definitions": {"a": A}}, GA),
    ({"$ref": "#/%24defs/a~1b~0c%20d", "$defs": {"a/b~c d": A}}, GA),
    ({"$ref": "#/components/schemas/a", "components": {"schemas": {"a": A}}}, GA),
    ({"properties": {"a": A}, "items": {"$ref": "#/properties/a"}}, {"items": GA, "properties": {"a": GA}}),
    ({"anyOf": [A, {"$ref": "#/anyOf/0"}]}, {"anyOf": [GA, GA]}),
    ({"$ref": "#x", "$defs": {"a": {**A, "$anchor": "x"}}}, GA),
    ({"$ref": "#x", "$defs": {"a": {**A, "$dynamicAnchor": "x"}}}, GA),
    ({"$ref": "#/$defs/a", "title": "t", "$defs": {"a": A}}, {**GA, "title": "t"}),
    ({"$ref": "#/$defs/a", "$defs": {"a": True}}, {}),
]


@pytest.mark.parametrize(("source", "target"), REFS)
def test_references_are_inlined(source: dict[str, Any], target: dict[str, Any]) -> None:
    assert down(source) == (target, {})


def test_references_by_uri() -> None:
    source = {
        "$id": "http://h/root",
        "properties": {
            "a": {"$ref": "leaf"},
            "b": {"$ref": "http://h/root#/$defs/x"},
            "c": {"$ref": "leaf#deep"},
            "d": {"$ref": "urn:u:1#/$defs/y"},
            "e": {"$ref": "leaf#/$defs/z"},
        },
        "$defs": {
            "x": {"$id": "leaf", "type": "string", "$defs": {"z": {"$anchor": "deep", "type": "number"}}},
            "u": {"$id": "urn:u:1", "$defs": {"y": {"type": "integer"}}},
        },
    }
    out, losses = down(source)
    assert out["properties"] == {"a": S, "b": S, "c": N, "d": I, "e": N}
    # An $id that references use has an influence, though Schema cannot carry it.
    assert losses == {
        ("$id",): "approximated",
        ("$defs", "x", "$id"): "approximated",
        ("$defs", "u", "$id"): "approximated",
    }


def test_a_pointer_is_read_in_its_own_resource() -> None:
    inner = {"$id": "http://h/in", "items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"type": "string"}}}
    source = {"properties": {"p": inner}, "$defs": {"a": {"type": "number"}}}
    out, losses = down(source)
    assert out["properties"]["p"] == {"items": S}
    assert losses == {("properties", "p", "$id"): "dropped", ("$defs",): "dropped"}


@pytest.mark.parametrize(
    "ref",
    [
        "#/$defs/none",
        "#none",
        "other.json",
        "http://[",
        "#/enum/0",
        "#/enum/9",
        "#/enum/00",
        "#/enum/-1",
        "#/enum/x",
        "#/title/x",
    ],
)
def test_a_reference_to_nothing_is_dropped(ref: str) -> None:
    out, losses = down({"properties": {"a": {"$ref": ref}}, "enum": ["v"], "title": "t"})
    assert out["properties"] == {"a": {}}
    assert losses == {("properties", "a", "$ref"): "dropped"}


def test_a_reference_that_is_no_uri_is_dropped() -> None:
    source = {"$id": "http://h/", "items": {"$ref": "http://["}}
    assert down(source) == ({"items": {}}, {("items", "$ref"): "dropped", ("$id",): "approximated"})


def test_names_and_values_are_no_identifiers() -> None:
    source = {
        "properties": {"$id": {"type": "string"}, "$anchor": {"type": "string"}},
        "default": {"$id": "x", "$anchor": "y"},
    }
    out, losses = down({**source, "items": {"$ref": "#/properties/$id"}})
    assert (out["items"], losses) == (S, {})


def test_old_anchor_spelling_starts_no_resource() -> None:
    source = {"$id": "#root", "items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"type": "string"}}}
    assert down(source) == ({"items": S}, {("$id",): "dropped"})


def test_recursion_is_cut_after_one_level() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}}}
    once = {"type": "OBJECT", "properties": {"next": {}}}
    assert down({"$ref": "#/$defs/n", "$defs": {"n": node}}) == (
        once,
        {("$defs", "n", "properties", "next", "$ref"): "approximated"},
    )
    out, losses = down({"type": "object", "properties": {"self": {"$ref": "#"}}})
    assert out == {"type": "OBJECT", "properties": {"self": {"type": "OBJECT", "properties": {"self": {}}}}}
    assert losses == {("properties", "self", "$ref"): "approximated"}
    assert down({"$ref": "#"}) == ({}, {("$ref",): "approximated"})


def test_what_no_reference_reaches_is_reported() -> None:
    source = {
        "items": {"$ref": "#/$defs/a"},
        "$defs": {"a": {"type": "string"}, "b": {"type": "number"}, "c": {}, "d": {"$defs": {"e": 1}}},
    }
    assert down(source)[1] == {("$defs", "b"): "dropped", ("$defs", "d"): "dropped"}
    partly = {"items": {"$ref": "#/$defs/a/items"}, "$defs": {"a": {"items": {"type": "string"}, "title": "t"}}}
    assert down(partly)[1] == {("$defs", "a", "title"): "dropped"}
    assert down({"items": {"$ref": "#/$defs/l/0"}, "$defs": {"l": [{"type": "string"}, 5]}})[1] == {
        ("$defs", "l", 1): "dropped"
    }


def test_a_keyword_that_a_reference_looks_into_is_not_wholly_dropped() -> None:
    source = {"not": {"type": "string"}, "items": {"$ref": "#/not"}}
    assert down(source) == ({"items": S}, {("not",): "approximated"})


def test_what_is_left_out_is_reported_where_it_was_defined() -> None:
    source = {
        "anyOf": [{"type": "string"}, {"type": "number"}],
        "oneOf": [{"$ref": "#/$defs/a"}, {"items": {"$ref": "#/$defs/b"}}],
        "$defs": {"a": {"type": "string"}, "b": {"description": "d", "minLength": 1}},
    }
    assert set(down(source)[1]) == {
        ("oneOf",),
        ("$defs", "a", "type"),
        ("oneOf", 1, "items"),
        ("$defs", "b", "description"),
        ("$defs", "b", "minLength"),
    }


def test_an_unused_anchor_is_dropped() -> None:
    assert down({"$anchor": "a"}) == ({}, {("$anchor",): "dropped"})


def test_a_loss_seen_twice_is_told_once_and_in_its_weaker_form() -> None:
    part = {"minLength": 2, "not": {"a": 1}}
    source = {
        "properties": {"a": {"$ref": "#/$defs/p"}, "b": {"minLength": 3, "$ref": "#/$defs/p"}},
        "$defs": {"p": part},
    }
    out, losses = down(source)
    assert losses == {("$defs", "p", "minLength"): "approximated", ("$defs", "p", "not"): "dropped"}
    assert out["properties"] == {"a": {"minLength": "2"}, "b": {"minLength": "3"}}


BOMBS: dict[str, Any] = {
    "doubling": {
        "$ref": "#/$defs/0",
        "$defs": {str(i): {"properties": {p: {"$ref": f"#/$defs/{i + 1}"} for p in "xy"}} for i in range(50)},
    },
    "mutual": {
        "$ref": "#/$defs/0",
        "$defs": {str(i): {"properties": {str(j): {"$ref": f"#/$defs/{j}"} for j in range(12)}} for i in range(12)},
    },
    "allOf": {
        "$ref": "#/$defs/0",
        "$defs": {str(i): {"allOf": [{"$ref": f"#/$defs/{i + 1}"}] * 10} for i in range(20)} | {"20": {"minLength": 1}},
    },
    "long text": {
        "properties": {str(i): {"$ref": "#/$defs/t"} for i in range(2000)},
        "$defs": {"t": {"title": "t" * 20_000}},
    },
    "chain": {"$ref": "#/$defs/0", "$defs": {str(i): {"$ref": f"#/$defs/{i + 1}"} for i in range(3000)}},
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_bounded(name: str) -> None:
    text = json.dumps(BOMBS[name]).encode()
    start = time.process_time()
    out, losses = to_gemini(text)
    assert time.process_time() - start < 1  # 50 ms on a quiet machine
    assert len(bytes(out)) < 2_000_000
    assert any(loss.keys[-1] == "$ref" and loss.kind == "approximated" for loss in losses) or name == "chain"
