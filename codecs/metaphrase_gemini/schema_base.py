"""What both directions of the schema conversion share: losses, limits, decoding, names.

Sources: the `Schema` object of https://ai.google.dev/api/caching#Schema, and JSON Schema 2020-12
(https://json-schema.org/draft/2020-12/json-schema-core, .../json-schema-validation).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeGuard

import msgspec

Path = tuple[str | int, ...]
Kind = Literal["dropped", "approximated"]

# The engine refuses bodies that nest deeper than 128; a schema level takes two levels of JSON.
MAX_JSON_DEPTH = 128
MAX_SCHEMA_DEPTH = 60
# JSON text that `$ref` may add to one schema. Eight small definitions that name one another can
# ask for gigabytes, so what lies beyond is cut and reported.
INLINE_BUDGET = 256 * 1024
INLINE_COST = 128

INT64_MAX = 2**63 - 1

# JSON Schema type name -> Schema type, in the order of the proto's numbers from 1.
TYPES = {
    "string": "STRING",
    "number": "NUMBER",
    "integer": "INTEGER",
    "boolean": "BOOLEAN",
    "array": "ARRAY",
    "object": "OBJECT",
    "null": "NULL",
}

COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")

# Schema's keys, in the order in which they are written.
GEMINI_KEYS = (
    "type", "format", "title", "description", "nullable", "enum", "pattern", "minimum", "maximum",
    *COUNTS, "items", "properties", "required", "propertyOrdering", "anyOf", "default", "example",
)  # fmt: skip

# Loss features come from this closed list; a keyword outside it is `schema.unknown`.
KNOWN = frozenset(
    {"$schema", "$id", "$ref", "$defs", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor"}
    | {"$vocabulary", "$comment", "definitions", "const", "allOf", "oneOf", "not", "if", "then", "else"}
    | {"exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems", "contains", "minContains", "maxContains"}
    | {"prefixItems", "additionalItems", "unevaluatedItems", "additionalProperties", "patternProperties"}
    | {"propertyNames", "unevaluatedProperties", "dependentRequired", "dependentSchemas", "dependencies", "examples"}
    | {"readOnly", "writeOnly", "deprecated", "contentEncoding", "contentMediaType", "contentSchema", "discriminator"}
    | set(GEMINI_KEYS)
)


# Keywords whose value is a schema, a list of schemas, or a map of schemas. Identifiers and keywords
# count only there: `$id` in an `enum` value or as a property's name is plain data.
HOLDS_ONE = frozenset(
    {"items", "additionalItems", "unevaluatedItems", "contains", "additionalProperties", "unevaluatedProperties"}
    | {"propertyNames", "not", "if", "then", "else", "contentSchema"}
)
HOLDS_LIST = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", "items"})
HOLDS_MAP = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"})


class SchemaLoss(msgspec.Struct, frozen=True):
    """One thing that the other schema language cannot say.

    `keys` is its place inside the schema, in the source's own spelling. What is `dropped` has no
    influence on the output at all; what is `approximated` left a trace there.
    """

    kind: Kind
    keys: Path
    feature: str
    detail: str


class Losses:
    """Collects losses, once per place: a definition inlined ten times lost its keyword once."""

    def __init__(self, spellings: Mapping[str, str]) -> None:
        self._found: dict[Path, SchemaLoss] = {}
        self._spellings = spellings

    def add(self, kind: Kind, keys: Path, detail: str) -> None:
        """Record a loss. Of two kinds at one place the weaker claim, `approximated`, is true."""
        known = self._found.get(keys)
        if known is None or (known.kind, kind) == ("dropped", "approximated"):
            self._found[keys] = SchemaLoss(kind, keys, _feature(keys, self._spellings), detail)

    def all(self) -> tuple[SchemaLoss, ...]:
        """Return what was lost, in the order of discovery."""
        return tuple(self._found.values())


def _feature(keys: Path, spellings: Mapping[str, str]) -> str:
    """Name the keyword at the end of a path; a property called `title` is not a keyword."""
    feature, rest = "schema", keys
    while rest:
        keyword = str(rest[0])
        keyword = spellings.get(keyword, keyword)
        feature = f"schema.{keyword}" if keyword in KNOWN else "schema.unknown"
        if keyword in HOLDS_MAP or (keyword in HOLDS_LIST and isinstance(rest[1] if rest[1:] else "", int)):
            rest = rest[2:]
        elif keyword in HOLDS_ONE:
            rest = rest[1:]
        else:
            break
    return feature


def decode(schema: bytes) -> object:
    """Decode JSON text; text that is not JSON, or nests too deep, decodes to None."""
    try:
        value = msgspec.json.decode(schema)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return None if _too_deep(value) else value


def _too_deep(value: object) -> bool:
    """Walk level by level, without recursion."""
    level = [value]
    for _ in range(MAX_JSON_DEPTH + 1):
        level = [child for node in level for child in _members(node)]
        if not level:
            return False
    return True


def _members(value: object) -> list[Any]:
    if is_object(value):
        return list(value.values())
    return value if is_array(value) else []


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Tell a JSON array."""
    return isinstance(value, list)


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell a JSON number; Python counts booleans as integers, JSON does not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integral(value: object) -> bool:
    """Tell an integer as JSON Schema does: 1.0 is one."""
    return is_number(value) and (isinstance(value, int) or value.is_integer())


class MalformedError(Exception):
    """The value of a keyword has the wrong type: the keyword is dropped with a loss."""


def text(value: object) -> str:
    """Accept a string."""
    if not isinstance(value, str):
        raise MalformedError("not a string")
    return value


def number(value: object) -> int | float:
    """Accept a number."""
    if not is_number(value):
        raise MalformedError("not a number")
    return value


def count(value: object) -> int:
    """Accept what fits an int64 and is not negative."""
    if not is_number(value) or not is_integral(value) or not 0 <= value <= INT64_MAX:
        raise MalformedError("not a count")
    return int(value)


def anything(value: object) -> object:
    """Accept any JSON value."""
    return value
