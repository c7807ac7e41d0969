"""The schema conversion by laws: nothing valid is refused, nothing is lost in silence, there and back."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from hypothesis import given, settings
from hypothesis import strategies as st

from metaphrase_gemini.schema import SchemaLoss, to_gemini, to_json_schema

Path = tuple[str | int, ...]
Losses = tuple[SchemaLoss, ...]
timeless = settings(deadline=None)  # other tests measure time

# --- JSON Schemas ----------------------------------------------------------------------------

NAMES = ("a", "b", "title", "$ref", "enum")
DEFS = ("x", "y", "a/b~c")
COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
small = st.integers(-2, 4)
values = st.one_of(
    st.none(), st.booleans(), small, st.sampled_from([1.0, 2.5]), st.sampled_from(["", "a", "ab", "abc"]),
    st.lists(small, max_size=2), st.dictionaries(st.sampled_from(NAMES), small, max_size=2),
)  # fmt: skip
counts = st.integers(0, 3)
refs = st.sampled_from(
    [
        "#",
        "#/$defs/x",
        "#/$defs/y",
        "#/$defs/a~1b~0c",
        "#/$defs/none",
        "#/properties/a",
        "#anchor",
        "#/anyOf/0",
        "other",
    ]
)


def schemas(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Small on purpose: a handful of names and numbers, so that constraints meet and instances fit."""
    named = st.dictionaries(st.sampled_from(NAMES), children, min_size=1, max_size=3)
    several = st.lists(children, min_size=1, max_size=3)
    optional: dict[str, st.SearchStrategy[Any]] = {
        "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True),
        "enum": st.lists(values, min_size=1, max_size=3, unique_by=repr),
        "const": values,
        "title": st.sampled_from("tu"),
        "description": st.sampled_from("de"),
        "format": st.sampled_from(["date-time", "mine"]),
        "default": values,
        "examples": st.lists(values, max_size=2),
        "pattern": st.just("^a"),
        "required": st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
        "properties": named,
        "items": children,
        "prefixItems": several,
        "allOf": several,
        "anyOf": several,
        "oneOf": several,
        "not": children,
        "if": children,
        "additionalProperties": children,
        "multipleOf": st.integers(1, 3),
        "uniqueItems": st.booleans(),
        "$comment": st.just("c"),
        "$ref": refs,
        **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), small | st.just(1.5)),
        **dict.fromkeys(COUNTS, counts),
    }
    return st.lists(st.sampled_from(sorted(optional)), max_size=4, unique=True).flatmap(
        lambda keys: st.fixed_dictionaries({key: optional[key] for key in keys})
    )


nodes: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.builds(dict) | schemas(st.builds(dict)), schemas, max_leaves=6
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    defs = draw(st.dictionaries(st.sampled_from(DEFS), nodes, max_size=3))
    if isinstance(defs.get("x"), dict) and draw(st.booleans()):
        defs["x"] = {**defs["x"], "$anchor": "anchor"}
    return {**draw(nodes.filter(lambda node: isinstance(node, dict))), "$defs": defs}


INSTANCES: list[Any] = [
    None, True, False, -3, -2, -1, 0, 1, 2, 3, 4, 5, 1.0, 1.5, "", "a", "ab", "abc", "abcd", "z", [], [1], [1, 2],
    [1, 1], [None], ["a"], ["a", 1], [1, "a", True], [{}], [[]], {}, {"a": 1}, {"a": "a"}, {"a": None}, {"a": {}},
    {"a": []}, {"a": {"a": 1}}, {"b": 1}, {"a": 1, "b": 2}, {"a": "ab", "b": True}, {"title": 1}, {"title": "a"},
    {"$ref": 1}, {"enum": "a"}, {"z": 1}, {"a": 1, "b": 1, "title": 1, "$ref": 1, "enum": 1},
    {"a": {"b": 3}, "b": {"a": "a"}},
]  # fmt: skip
instances = st.lists(
    st.recursive(
        values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_size=5,
)


def convert(schema: object) -> tuple[Any, str, Losses]:
    out, losses = to_gemini(json.dumps(schema).encode())
    text = bytes(out).decode()
    return json.loads(text), text, losses


def back(schema: object) -> Any:
    out, _ = to_json_schema(json.dumps(schema).encode())
    return json.loads(bytes(out))


def validator(schema: Any) -> Any:
    return jsonschema_rs.Draft202012Validator(schema)


def usable(schema: dict[str, Any]) -> Any:
    """The source's own validator, or None where it points to nothing or runs in circles."""
    try:
        return validator(schema)
    except (jsonschema_rs.ReferencingError, jsonschema_rs.ValidationError, ValueError):
        return None


def valid(check: Any, instance: object) -> bool | None:
    try:
        return bool(check.is_valid(instance))
    except (RecursionError, ValueError):
        return None


# --- Gemini's Schema, closed to unknown keys, after its discovery document -------------------

INT64: dict[str, Any] = {"type": "string", "pattern": "^[0-9]{1,19}$"}
STRINGS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
OFFICIAL = validator(
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "type": {"enum": [*(name.upper() for name in TYPES), "TYPE_UNSPECIFIED"]},
            **{key: {"type": "string"} for key in ("format", "title", "description", "pattern")},
            "nullable": {"type": "boolean"},
            "enum": {"type": "array", "items": {"type": "string", "minLength": 1}},
            **{key: {"type": "number"} for key in ("minimum", "maximum")},
            **dict.fromkeys(
                ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), INT64
            ),
            "items": {"$ref": "#"},
            "properties": {"type": "object", "additionalProperties": {"$ref": "#"}},
            "required": STRINGS,
            "propertyOrdering": STRINGS,
            "anyOf": {"type": "array", "items": {"$ref": "#"}},
            **dict.fromkeys(("default", "example"), True),
        },
    }
)


@given(documents(), instances)
@timeless
def test_what_was_valid_stays_valid(schema: dict[str, Any], more: list[Any]) -> None:
    target, _, losses = convert(schema)
    OFFICIAL.validate(target)
    source, again = usable(schema), validator(back(target))
    if source is None:
        return
    for instance in (*INSTANCES, *more):
        before = valid(source, instance)
        if before:
            assert again.is_valid(instance), (instance, target)
        # And where no loss is told, none happened.
        if before is False and not losses:
            assert not again.is_valid(instance), (instance, target)


# --- nothing in silence ----------------------------------------------------------------------


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from leaves(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from leaves(child, (*path, index))
    else:
        yield path, value


def changed(document: Any, path: Path, value: Any) -> Any:
    document = copy.deepcopy(document)
    node = document
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return document


def other_values(path: Path, value: Any) -> list[Any]:
    """Other values of the same JSON type, that are well formed where the type of the value is a name."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, str):
        return [*TYPES] if value in TYPES and "type" in path[-2:] else [value + "x"]
    return [value + 1, value + 7] if value is not None else []


def covers(losses: Losses, path: Path) -> list[str]:
    return [loss.kind for loss in losses if path[: len(loss.keys)] == loss.keys]


def neutral(path: Path, value: Any) -> bool:
    """A value that says what absence says; and true, which is a schema that says nothing."""
    return value is None or isinstance(value, bool) or path[-1:] == ("$ref",)


@given(documents())
@timeless
def test_nothing_is_lost_in_silence(schema: dict[str, Any]) -> None:
    _, text, losses = convert(schema)
    for path, value in leaves(schema):
        kinds = covers(losses, path)
        mutants = [convert(changed(schema, path, other)) for other in other_values(path, value)]
        if "dropped" in kinds and not neutral(path, value):
            assert all(mutant == text for _, mutant, _ in mutants), (path, text)
        # (So does `items: false` beside `maxItems: 0`.)
        if not kinds and mutants and not (path[-1] == "items" and isinstance(value, bool)):
            # A keyword that merely repeats another shows its influence only when it no longer does.
            assert any(mutant != text or covers(now, path) for _, mutant, now in mutants), (path, text)


# --- any bytes -------------------------------------------------------------------------------

OTHERS = (
    "const",
    "properties",
    "required",
    "items",
    "prefixItems",
    "allOf",
    "anyOf",
    "oneOf",
    "$id",
    "type",
    "$anchor",
)
MORE = ("$defs", "not", "nullable", "minimum", "exclusiveMinimum", "minLength", "examples", "default", "description")
keywords = st.sampled_from([*TYPES, *NAMES, *OTHERS, *MORE, "propertyOrdering", "min_items", "any_of"])
anything = st.recursive(
    values | refs | st.sampled_from(TYPES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keywords, inner, max_size=4),
    max_leaves=12,
)


@given(anything)
@timeless
def test_malformed_schemas_never_raise(schema: object) -> None:
    target, text, losses = convert(schema)
    OFFICIAL.validate(target)
    assert convert(schema) == (target, text, losses)
    validator_or_error = back(schema)
    assert isinstance(validator_or_error, dict)


@given(st.binary(max_size=40))
@timeless
def test_bytes_never_raise(text: bytes) -> None:
    to_gemini(text)
    to_json_schema(text)


# --- there and back --------------------------------------------------------------------------


@st.composite
def gemini(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """A Schema in normal form: typed, arrays with items, properties in their order, unions of several."""
    shared: dict[str, Any] = {"title": st.text(max_size=3), "description": st.text(min_size=1, max_size=3)}
    shared |= {"default": values, "example": values, "nullable": st.just(True)}
    out: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=shared))
    kinds = ["STRING", "NUMBER", "INTEGER", "BOOLEAN"] + (["ARRAY", "OBJECT", "UNION"] if depth else [])
    kind = draw(st.sampled_from(kinds))
    nested = gemini(depth - 1)
    count = st.integers(0, 2**63 - 1).map(str)
    floats = st.floats(allow_nan=False, allow_infinity=False)
    enum = st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=3, unique=True)
    texts = {key: st.text(max_size=3) for key in ("pattern", "format")}
    own: dict[str, dict[str, Any]] = {
        "STRING": {"minLength": count, "maxLength": count, "enum": enum, **texts},
        "NUMBER": {"minimum": st.integers() | floats, "maximum": st.integers() | floats},
        "INTEGER": {"minimum": st.integers(), "maximum": st.integers()},
        "ARRAY": {"minItems": count, "maxItems": count},
        "OBJECT": {"minProperties": count, "maxProperties": count},
    }
    out |= draw(st.fixed_dictionaries({}, optional=own.get(kind, {})))
    if kind == "UNION":
        return out | {"anyOf": draw(st.lists(nested, min_size=2, max_size=3))}
    if kind == "ARRAY":
        out["items"] = draw(nested)
    if kind == "OBJECT":
        properties = draw(
            st.dictionaries(st.text(max_size=3) | st.sampled_from(["any_of", "type"]), nested, max_size=3)
        )
        names = list(properties)
        required = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
        out |= {"properties": properties} if names else {}
        out |= {"required": required} if required else {}
        out |= {"propertyOrdering": names} if len(names) > 1 else {}
    return out | {"type": kind}


@given(gemini())
@timeless
def test_there_and_back(schema: dict[str, Any]) -> None:
    there, losses = to_json_schema(json.dumps(schema).encode())
    again, more = to_gemini(bytes(there))
    assert losses == more == ()
    assert json.loads(bytes(again)) == schema


def plain(schema: Any) -> Any:
    """Leave out `items: {}`, which says nothing and stands only where Gemini insists."""
    if isinstance(schema, dict):
        return {key: plain(value) for key, value in schema.items() if (key, value) != ("items", {})}
    return [plain(value) for value in schema] if isinstance(schema, list) else schema


@given(documents())
@timeless
def test_a_second_conversion_changes_nothing(schema: dict[str, Any]) -> None:
    """What came out of one conversion can be said in both languages."""
    target, _, _ = convert(schema)
    first = back(target)
    second, _, _ = convert(first)
    assert plain(back(second)) == plain(first)
