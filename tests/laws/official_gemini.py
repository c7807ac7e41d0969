"""JSON Schemas for Gemini bodies, made of Google's discovery document and of the table of fields newer than it.

Every object is closed: the real server refuses unknown keys. Verbatim JSON (`any`) is open. What the descriptions call
required and the server enforces is in REQUIRED; roles are those that the server takes.
"""

import csv
import json
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

ROOTS = {"chat.request": "GenerateContentRequest", "chat.response": "GenerateContentResponse"}
PREFIX = {"chat.request": "generateContent.request.", "chat.response": "generateContent.response."}
NEWER = frozenset("SR")  # columns of the table that are newer than the discovery document
REQUIRED = {
    "GenerateContentRequest": ["contents"],
    "FunctionDeclaration": ["name"],
    "FunctionCall": ["name"],
    "FunctionResponse": ["name", "response"],
    "Blob": ["mimeType", "data"],
    "FileData": ["fileUri"],
}
# Enums that the server is recorded to take in lower case too.
ANY_CASE = {("Schema", "type"), ("ThinkingConfig", "thinkingLevel"), ("FunctionCallingConfig", "mode")}
INT32 = {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}
INT64 = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^-?\d+$"}]}
BASE64 = {"type": "string", "pattern": r"^[A-Za-z0-9+/_-]*={0,2}$"}
SIMPLE: dict[str, Schema] = {
    "string": {"type": "string"},
    "str": {"type": "string"},
    "datetime": {"type": "string"},
    "bytes": BASE64,
    "boolean": {"type": "boolean"},
    "bool": {"type": "boolean"},
    "number": {"type": "number"},
    "float": {"type": "number"},
    "integer": INT32,
    "int": {"type": "integer"},
    "any": {},
    "Any": {},
}


def build(discovery: Path, table: Path) -> dict[str, Schema]:
    """One schema a kind."""
    raw = json.loads(discovery.read_text("utf-8"))["schemas"]
    defs = {name: _object(name, schema) for name, schema in raw.items()}
    defs.setdefault("MediaResolution", _closed({}))  # the document refers to it and does not have it
    rows = _rows(table)
    for kind, root in ROOTS.items():
        for row in rows:
            if row["path"].startswith(PREFIX[kind]):
                _add(defs, root, row["path"].removeprefix(PREFIX[kind]), row)
    _contents(defs)
    return {
        kind: {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": f"#/$defs/{root}", "$defs": defs}
        for kind, root in ROOTS.items()
    }


def _closed(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _object(name: str, schema: Schema) -> Schema:
    if "properties" not in schema:
        return {"type": "object"} if schema.get("type") == "object" else {}
    properties = {key: _value(name, key, below) for key, below in schema["properties"].items()}
    return _closed(properties) | ({"required": REQUIRED[name]} if name in REQUIRED else {})


def _value(owner: str, key: str, schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kind, form = schema.get("type", "any"), schema.get("format", "")
    if kind == "array":
        return {"type": "array", "items": _value(owner, key, schema["items"])}
    if kind == "object":
        more = schema.get("additionalProperties")
        return {"type": "object"} | ({"additionalProperties": _value(owner, key, more)} if more else {})
    if "enum" in schema:
        return _enum(owner, key, schema["enum"])
    if form == "int64":
        return INT64
    return BASE64 if form == "byte" else SIMPLE[kind]


def _enum(owner: str, key: str, values: list[str]) -> Schema:
    lower = [value.lower() for value in values] if (owner, key) in ANY_CASE else []
    return {"type": "string", "enum": list(dict.fromkeys([*values, *lower]))}


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row for row in rows if NEWER & set((row["src"] or "").split("+")) or "+" in (row["enum"] or "")]


def _add(defs: dict[str, Schema], root: str, path: str, row: dict[str, str]) -> None:
    """Put one row of the table into the schema that its path leads to, where it is not there already."""
    node = defs[root]
    *above, last = path.split(".")
    for step in above:
        below = _below(defs, node, step)
        if below is None:  # a parent that is open, or Vertex only
            return
        node = below
    properties = node.get("properties")
    if properties is None:
        return
    key = last.removesuffix("[]")
    values = [value.removeprefix("+") for value in (row["enum"] or "").split("|") if value]
    known = properties.get(key)
    if known is None:
        leaf = _typed(defs, row["type"], values)
        properties[key] = {"type": "array", "items": leaf} if last.endswith("[]") else leaf
    elif values:
        holder = known.get("items", known)
        if "enum" in holder:
            holder["enum"] = list(dict.fromkeys([*holder["enum"], *values]))


def _below(defs: dict[str, Schema], node: Schema, step: str) -> Schema | None:
    """The object under one step of a table path: `key`, `key[]`, `{key}`."""
    if step == "{key}":
        found: Any = node.get("additionalProperties")
    else:
        found = node.get("properties", {}).get(step.removesuffix("[]"))
        if step.endswith("[]") and isinstance(found, dict):
            found = found.get("items")
    if not isinstance(found, dict):
        return None
    return defs.get(found["$ref"].removeprefix("#/$defs/")) if "$ref" in found else found


def _typed(defs: dict[str, Schema], kind: str, values: list[str]) -> Schema:
    if kind.startswith("object<"):
        name = kind.removeprefix("object<").split(">")[0]
        defs.setdefault(name, _closed({}))
        return {"$ref": f"#/$defs/{name}"}
    if values:
        return {"type": "string", "enum": values}
    name, _, form = kind.partition(":")
    if form == "int64":
        return INT64
    return dict(SIMPLE.get(name, {}))


def _contents(defs: dict[str, Schema]) -> None:
    """What the server demands of a content: a role that it knows and, in requests, at least one part."""
    defs["Content"]["properties"]["parts"] = {"type": "array", "items": {"$ref": "#/$defs/Part"}}
    spoken = {"role": {"enum": ["user", "model"]}, "parts": {"minItems": 1}}
    request = defs["GenerateContentRequest"]["properties"]
    request["contents"] = {
        "type": "array",
        "minItems": 1,
        "items": {"$ref": "#/$defs/Content", "properties": spoken, "required": ["parts"]},
    }
    _one_branch(defs["Part"])


def _one_branch(part: Schema) -> None:
    """A part's `data` is a union: at most one of its members may stand."""
    union = (
        "text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult",
        "toolCall", "toolResponse",
    )  # fmt: skip
    part["allOf"] = [{"not": {"required": [one, two]}} for index, one in enumerate(union) for two in union[index + 1 :]]
