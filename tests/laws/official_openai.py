"""JSON Schemas for OpenAI bodies, made of the vendor's OpenAPI document and of the table of widely used extensions.

Every object that names its properties is closed. OpenAPI's `nullable` becomes a type, `oneOf` becomes `anyOf` (closed
branches do not overlap by intent), `allOf` is merged so that it can be closed.
"""

import csv
from pathlib import Path
from typing import Any

import yaml

Schema = dict[str, Any]

ROOTS = {"chat.request": "CreateChatCompletionRequest", "chat.response": "CreateChatCompletionResponse"}
PREFIX = {"chat.request": "request.", "chat.response": "response."}
DROP = ("description", "example", "examples", "title", "summary", "default", "deprecated", "discriminator", "format")
EXTENSIONS = frozenset("XG")
# Content parts that only the table knows. `type` selects the branch.
MORE_PARTS: dict[str, Schema] = {
    "video_url": {"video_url": {"type": "object"}},
    "audio_url": {"audio_url": {"type": "object"}},
    "input_video": {"input_video": {"type": "object"}},
    "thinking": {"thinking": {}},
}
# Carriers of our own: several signatures of one message, each with the number of its part (docs/options.md).
OWN: tuple[dict[str, str], ...] = (
    {"path": "request.messages[].extra_content.google.thought_signatures", "type": "array", "enum": ""},
    {"path": "response.choices[].message.extra_content.google.thought_signatures", "type": "array", "enum": ""},
)
SIMPLE: dict[str, Schema] = {
    "string": {"type": "string"},
    "string|null": {"type": ["string", "null"]},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "array": {"type": "array"},
    "object": {"type": "object"},
}


def build(document: Path, table: Path) -> dict[str, Schema]:
    """One schema a kind. Each has definitions of its own: extensions of a request are none of a response."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with document.open("rb") as file:
        raw = yaml.load(file, Loader=loader)["components"]["schemas"]
    rows = _rows(table)
    built: dict[str, Schema] = {}
    for kind, root in ROOTS.items():
        defs: dict[str, Schema] = {}
        _collect(raw, root, defs)
        _more_parts(defs)
        for row in rows:
            if row["path"].startswith(PREFIX[kind]):
                _add(defs, [defs[root]], row["path"].removeprefix(PREFIX[kind]).split("."), row)
        schema = "https://json-schema.org/draft/2020-12/schema"
        built[kind] = {"$schema": schema, "$ref": f"#/$defs/{root}", "$defs": defs}
    return built


def _collect(raw: dict[str, Schema], name: str, defs: dict[str, Schema]) -> None:
    if name not in defs:
        defs[name] = {}
        defs[name] = _convert(raw, raw[name], defs)


def _convert(raw: dict[str, Schema], schema: Schema, defs: dict[str, Schema]) -> Schema:
    """One node of OpenAPI as JSON Schema."""
    if "$ref" in schema:
        name = schema["$ref"].split("/")[-1]
        _collect(raw, name, defs)
        node: Schema = {"$ref": f"#/$defs/{name}"}
        return {"anyOf": [node, {"type": "null"}]} if schema.get("nullable") else node
    if "allOf" in schema:
        schema = _merged(raw, schema)
    node = {key: value for key, value in schema.items() if key not in DROP and not key.startswith("x-")}
    nullable = node.pop("nullable", False)
    for union in ("oneOf", "anyOf"):
        if union in node:
            branches = [_convert(raw, branch, defs) for branch in node.pop(union)]
            node["anyOf"] = [*branches, {"type": "null"}] if nullable else branches
    if isinstance(node.get("items"), dict):
        node["items"] = _convert(raw, node["items"], defs)
    if isinstance(node.get("additionalProperties"), dict):
        node["additionalProperties"] = _convert(raw, node["additionalProperties"], defs)
    if "properties" in node:
        node["properties"] = {key: _convert(raw, value, defs) for key, value in node["properties"].items()}
        node.setdefault("additionalProperties", False)
    return _or_null(node) if nullable else node


def _or_null(node: Schema) -> Schema:
    if isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]
        if "enum" in node:
            node["enum"] = [*node["enum"], None]
    return node


def _merged(raw: dict[str, Schema], schema: Schema) -> Schema:
    """`allOf` of objects as one object."""
    merged: Schema = {key: value for key, value in schema.items() if key != "allOf"}
    merged["type"] = "object"
    for branch in schema["allOf"]:
        found = raw[branch["$ref"].split("/")[-1]] if "$ref" in branch else branch
        whole = _merged(raw, found) if "allOf" in found else found
        merged["properties"] = merged.get("properties", {}) | whole.get("properties", {})
        merged["required"] = [*merged.get("required", []), *whole.get("required", [])]
    return merged


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row for row in rows if EXTENSIONS & set((row["src"] or "").split("+"))] + list(OWN)


def _branches(defs: dict[str, Schema], node: Schema) -> list[Schema]:
    """The plain nodes behind references and unions."""
    if "$ref" in node:
        return _branches(defs, defs[node["$ref"].removeprefix("#/$defs/")])
    if "anyOf" in node:
        return [plain for branch in node["anyOf"] for plain in _branches(defs, branch)]
    return [node]


def _plain(defs: dict[str, Schema], nodes: list[Schema]) -> list[Schema]:
    return [plain for node in nodes for plain in _branches(defs, node)]


def _add(defs: dict[str, Schema], nodes: list[Schema], steps: list[str], row: dict[str, str]) -> None:
    """Put one row of the table into every object that its path leads to."""
    step, *rest = steps
    key = step.removesuffix("[]")
    for node in _plain(defs, nodes):
        if node.get("type") in ("object", ["object", "null"]) and "properties" in node:
            if rest:
                below = node["properties"].setdefault(key, _holder(step))
                _add(defs, _inside(defs, below, step), rest, row)
            else:
                _leaf(defs, node["properties"], step, row)


def _holder(step: str) -> Schema:
    closed: Schema = {"type": "object", "properties": {}, "additionalProperties": False}
    return {"type": "array", "items": closed} if step.endswith("[]") else closed


def _inside(defs: dict[str, Schema], node: Schema, step: str) -> list[Schema]:
    found = _plain(defs, [node])
    if not step.endswith("[]"):
        return found
    return [items for plain in found if isinstance(items := plain.get("items"), dict)]


def _leaf(defs: dict[str, Schema], properties: Schema, step: str, row: dict[str, str]) -> None:
    key = step.removesuffix("[]")
    values = [value for value in (row["enum"] or "").split("|") if value]
    known = properties.get(key)
    if known is None:
        kind = row["type"].split("(")[0]
        leaf = dict(SIMPLE.get(kind, {})) | ({"enum": values} if values else {})
        properties[key] = {"type": "array", "items": leaf} if step.endswith("[]") else leaf
        return
    for plain in _inside(defs, known, step):
        if "enum" in plain and len(plain["enum"]) > 1:  # a single value selects a branch and stays as it is
            plain["enum"] = list(dict.fromkeys([*plain["enum"], *values]))


def _more_parts(defs: dict[str, Schema]) -> None:
    for name in ("ChatCompletionRequestUserMessageContentPart", "ChatCompletionRequestAssistantMessageContentPart"):
        if name in defs:
            for kind, properties in MORE_PARTS.items():
                whole = {"type": {"const": kind}, **properties}
                branch = {"type": "object", "properties": whole, "required": list(whole), "additionalProperties": False}
                defs[name]["anyOf"].append(branch)
