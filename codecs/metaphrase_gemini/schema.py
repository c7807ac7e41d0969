"""JSON Schema <-> Gemini's `Schema`, where the verbatim fields (`responseJsonSchema`,
`parametersJsonSchema`) are not to be had.

Pure functions: the same bytes in give the same bytes out, time is linear and the output bounded.
They never raise: what cannot be read or said is in the losses.

Sources: https://ai.google.dev/api/caching#Schema (closed to unknown keys), and
https://json-schema.org/draft/2020-12/json-schema-validation.
"""

from __future__ import annotations

import msgspec

from .schema_base import SchemaLoss, decode, is_object
from .schema_down import Down, Place
from .schema_node import render
from .schema_up import Up

__all__ = ["SchemaLoss", "to_gemini", "to_json_schema"]

_UNUSABLE = msgspec.Raw(b"{}"), (SchemaLoss("dropped", (), "schema", "not a schema, or nested too deep"),)


def to_gemini(schema: bytes) -> tuple[msgspec.Raw, tuple[SchemaLoss, ...]]:
    """Convert a JSON Schema (draft 2020-12) to a `Schema`.

    Whatever is valid under the source is valid under the result. `$ref` is inlined, recursion cut
    after one level. Properties keep their order by `propertyOrdering`.

    >>> bytes(to_gemini(b'{"type": ["string", "null"], "minLength": 1}')[0])
    b'{"type":"STRING","nullable":true,"minLength":"1"}'
    """
    root = decode(schema)
    if not is_object(root) and not isinstance(root, bool):
        return _UNUSABLE
    down = Down(root)
    node = down.convert(root, Place(()))
    down.finish()
    out = render(node, down.losses)
    return msgspec.Raw(msgspec.json.encode(out)), down.losses.all()


def to_json_schema(schema: bytes) -> tuple[msgspec.Raw, tuple[SchemaLoss, ...]]:
    """Convert a `Schema`, in any spelling that ProtoJSON accepts, to a JSON Schema (draft 2020-12).

    Nothing is added that the source does not say: OpenAI's strict mode wants `additionalProperties:
    false` and every property required, and that is the caller's decision.

    >>> bytes(to_json_schema(b'{"type": "STRING", "nullable": true, "min_length": "1"}')[0])
    b'{"type":["string","null"],"minLength":1}'
    """
    root = decode(schema)
    if not is_object(root):
        return _UNUSABLE
    up = Up()
    out = up.convert(root, ())
    return msgspec.Raw(msgspec.json.encode(out)), up.losses.all()
