"""The form of the answer that is asked for."""

from __future__ import annotations

from metaphrase import ir

from ..leftovers import Json


def response_format(output: ir.OutputFormat) -> Json:
    """``response_format`` for a schema, for any JSON, or for text."""
    if output.kind in ("text", "json"):
        return {"type": "text" if output.kind == "text" else "json_object"}
    schema: Json = {}
    if output.name is not None:
        schema["name"] = output.name
    if output.description is not None:
        schema["description"] = output.description
    if output.schema is not None:
        schema["schema"] = output.schema.raw
    if output.strict is not None:
        schema["strict"] = output.strict
    return {"type": "json_schema", "json_schema": schema}
