"""JSON Schema's keywords, sorted by what becomes of them on the way to Gemini's `Schema`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .schema_base import COUNTS, MalformedError, anything, count, is_array, number, text


def _names(value: object) -> list[Any]:
    if not is_array(value) or not all(isinstance(name, str) for name in value):
        raise MalformedError("not a list of strings")
    return value


# Both sides know these, and they hold no schema: name -> check.
PLAIN: dict[str, Callable[[Any], Any]] = {
    "title": text,
    "description": text,
    "format": text,
    "pattern": text,
    "minimum": number,
    "maximum": number,
    "default": anything,
    "example": anything,
    "propertyOrdering": _names,
    **dict.fromkeys(COUNTS, count),
}

# exclusive bound -> inclusive bound, and the nearest integer inside it.
EXCLUSIVE: dict[str, tuple[str, Callable[[float], int]]] = {
    "exclusiveMinimum": ("minimum", lambda value: math.floor(value) + 1),
    "exclusiveMaximum": ("maximum", lambda value: math.ceil(value) - 1),
}

# Keywords with a rule of their own.
RULED = frozenset(
    {"type", "enum", "const", "properties", "required", "items", "prefixItems", "additionalItems", "examples"}
    | {"nullable", "$ref", "allOf", "anyOf", "oneOf", *EXCLUSIVE}
)

# Keywords that constrain by the schemas they hold: a `$ref` into one does not make it said. All
# others that hold schemas, `$defs` and private ones, only store them.
CONSTRAINING = frozenset(
    {"not", "if", "then", "else", "contains", "additionalProperties", "patternProperties", "propertyNames"}
    | {"unevaluatedItems", "unevaluatedProperties", "dependentSchemas", "dependencies", "contentSchema"}
)

# Which keywords speak of values of one type only; with `type` a list each goes to its own branch.
OF_TYPE: dict[str, tuple[str, ...]] = {
    "string": ("minLength", "maxLength", "pattern"),
    "number": ("minimum", "maximum"),
    "integer": ("minimum", "maximum"),
    "boolean": (),
    "array": ("items", "minItems", "maxItems"),
    "object": ("properties", "required", "minProperties", "maxProperties", "propertyOrdering"),
}

# Keywords for which null, [] and {} are values like any other.
_ANY_VALUE = frozenset({"default", "example", "const", "contains"})

# The value that says the same as the keyword's absence. `required` as a boolean is from draft 3,
# exclusive bounds as booleans from draft 4.
_NEUTRAL = {
    **dict.fromkeys(("additionalProperties", "unevaluatedProperties", "unevaluatedItems"), True),
    **dict.fromkeys(("additionalItems", "propertyNames", "items"), True),
    **dict.fromkeys(("nullable", "uniqueItems", "readOnly", "writeOnly", "deprecated", "not", "required"), False),
    **dict.fromkeys(EXCLUSIVE, False),
}


def says(keyword: str, value: object) -> bool:
    """Tell whether a keyword's value says anything that its absence does not."""
    if keyword in _ANY_VALUE or (keyword == "not" and value == {}):  # `not: {}` refuses everything
        return True
    return value not in (None, [], {}) and value is not _NEUTRAL.get(keyword, ...)
