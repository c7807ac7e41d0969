"""What Google's server refuses in a request, in its own words.

It is as strict as the server has been seen to be, and no stricter: other spellings, nulls, one object for a list, lower
case enums, url-safe base64, neighbours of one role, empty text and parts with nothing but a signature all pass. It
looks at plain JSON and shares no code with any codec, so that it can judge one.

Sources: recorded answers; error texts quoted in public issues; ai.google.dev/gemini-api/docs/thought-signatures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from .gemini_schema import ENUMS, MESSAGES, VERTEX
from .gemini_turns import turn_fault
from .objection import Objection, google, is_list, is_object, listed, members

ROOTS = {
    "generateContent": "GenerateContentRequest",
    "streamGenerateContent": "GenerateContentRequest",
    "embedContent": "EmbedContentRequest",
    "batchEmbedContents": "BatchEmbedContentsRequest",
    "countTokens": "CountTokensRequest",
}
_PATH = re.compile(
    r"/v1(?:alpha|beta|beta1)?/(?P<model>(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/google/)?"
    r"(?:models|tunedModels|endpoints)/[^/:?]+):(?P<verb>[A-Za-z]+)(?:\?.*)?\Z"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}\Z").match
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z").match
_INT = re.compile(r"-?[0-9]+(?:\.0+)?\Z").match
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}\Z").match
_DATA = (
    "text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult",
    "toolCall", "toolResponse",
)  # fmt: skip
_ALONE = {"thoughtSignature", "audioTranscription"}  # a part may hold these and no data


def objection(target: str, body: bytes) -> Objection | None:
    """Why the server would refuse this request; None if it would take it."""
    found = _PATH.search(target)
    if found is None or found["verb"] not in ROOTS:
        return google("The requested URL was not found on this server.", status=404)
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = None
    if not is_object(value):
        return google("Invalid JSON payload received. Unexpected token.")
    reading = _Reading("/projects/" in target or "/publishers/" in target)
    request = reading.value(value, ROOTS[found["verb"]], "")
    if reading.faults:
        return google("\n".join([text for _, text in reading.faults]), tuple(reading.faults))
    if ROOTS[found["verb"]] != "GenerateContentRequest":
        return None if request else google("* Request contains an invalid argument.")
    fault = next(_faults(request, found["model"]), None)
    return None if fault is None else google(fault)


def _faults(request: dict[str, Any], model: str) -> Iterator[str]:
    """What is wrong with a request whose fields are all known."""
    contents = listed(request.get("contents"))
    if not contents:
        yield "* GenerateContentRequest.contents: contents is not specified\n"
    for i, content in enumerate(contents):
        yield from _content_faults(content, f"contents[{i}]")
    for part in listed(members(request.get("systemInstruction")).get("parts")):
        yield from _part_faults(part, "system_instruction.parts[0]")
    yield from _tool_faults(request)
    thinking = members(members(request.get("generationConfig")).get("thinkingConfig"))
    if "thinkingBudget" in thinking and "thinkingLevel" in thinking:
        yield "You can only set only one of thinking budget and thinking level."
    fault = turn_fault(contents, model)
    if fault is not None:
        yield fault


def _content_faults(content: dict[str, Any], where: str) -> Iterator[str]:
    if str(content.get("role", "user")).lower() not in ("user", "model"):
        yield "Please use a valid role: user, model."
    parts = listed(content.get("parts"))
    if not parts:
        yield f"* GenerateContentRequest.{where}.parts: contents.parts must not be empty.\n"
    for i, part in enumerate(parts):
        yield from _part_faults(part, f"{where}.parts[{i}]")


def _part_faults(part: dict[str, Any], where: str) -> Iterator[str]:
    data = [name for name in _DATA if name in part]
    if len(data) > 1:
        yield f"Invalid value at '{where}' (oneof), oneof field 'data' is already set. Cannot set '{data[1]}'"
    if not data and not _ALONE & part.keys():
        yield f"* GenerateContentRequest.{where}.data: required oneof field 'data' must have one initialized field\n"
    for name in ("functionCall", "functionResponse"):
        if name in part and not part[name].get("name"):
            yield f"* GenerateContentRequest.{where}.{snake(name)}.name: Name cannot be empty.\n"


def _tool_faults(request: dict[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    for i, tool in enumerate(listed(request.get("tools"))):
        for j, function in enumerate(listed(tool.get("functionDeclarations"))):
            where = f"* GenerateContentRequest.tools[{i}].function_declarations[{j}]"
            name = function.get("name") or ""
            if not _NAME(name):
                yield (
                    f"{where}.name: [FIELD_INVALID] Invalid function name. Must start with a letter or an underscore. "
                    "Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with "
                    "a maximum length of 128.\n"
                )
            if name in seen:
                yield f"Duplicate function declaration found: {name}"
            if "parameters" in function and "parametersJsonSchema" in function:
                yield f"{where}: only one of parameters and parameters_json_schema may be set.\n"
            seen.add(name)


class _Reading:
    """Reads JSON by the table of messages, as proto3 JSON is read: gives camelCase keys and lists, notes faults."""

    def __init__(self, vertex: bool) -> None:
        self.faults: list[tuple[str, str]] = []
        self._tables: dict[str, dict[str, str]] = {}
        self._vertex = vertex

    def value(self, value: Any, kind: str, where: str) -> Any:
        """One value of this type, in canonical form."""
        if value is None:
            return None
        if kind.endswith("*"):
            items: list[Any] = value if is_list(value) else [value]
            if None in items:
                self._fault(where, f"Invalid value at '{where}', null is no element of a list")
            return [self.value(item, kind[:-1], f"{where}[{i}]") for i, item in enumerate(items)]
        if kind.startswith("{}"):
            if not is_object(value):
                self._fault(where, f"Invalid value at '{where}', a map was expected")
            return {
                key: self.value(item, kind[2:], f"{where}[{n}].value")
                for n, (key, item) in enumerate(members(value).items())
            }
        if kind in MESSAGES:
            return self._message(value, kind, where)
        if not _fits(value, kind):
            self._fault(
                where, f"Invalid value at '{where}' ({_called(kind)}), {msgspec.json.encode(value)[:80].decode()}"
            )
        return value

    def _message(self, value: Any, kind: str, where: str) -> dict[str, Any]:
        if not is_object(value):
            self._fault(where, f"Invalid value at '{where}' ({kind}), a message was expected")
            return {}
        table = self._table(kind)
        out: dict[str, Any] = {}
        for key, item in value.items():
            name = key if key in table else _camel(key)
            if name not in table or (name == key and "_" in key[1:]):
                at = f" at '{where}'" if where else ""
                self._fault(where, f'Invalid JSON payload received. Unknown name "{key}"{at}: Cannot find field.')
            elif name in out:
                self._fault(where, f"Invalid value at '{where}', field {snake(name)} is already set.")
            elif item is not None:
                out[name] = self.value(item, table[name], f"{where}.{snake(name)}".lstrip("."))
        return out

    def _table(self, kind: str) -> dict[str, str]:
        table = self._tables.get(kind)
        if table is None:
            fields = MESSAGES[kind].split() + (VERTEX.get(kind, "").split() if self._vertex else [])
            table = self._tables[kind] = {one.partition(":")[0]: one.partition(":")[2] for one in fields}
        return table

    def _fault(self, where: str, text: str) -> None:
        self.faults.append((where, text))


def _fits(value: Any, kind: str) -> bool:
    """Whether a JSON value can stand for a scalar of this type."""
    if kind.startswith("="):
        known = ENUMS[kind[1:]].split()
        return isinstance(value, int) or (isinstance(value, str) and (value in known or value.upper() in known))
    if isinstance(value, bool):
        return kind in ("bool", "any")
    kinds, spelt = _SCALARS[kind]
    return isinstance(value, kinds) and (spelt is None or spelt(str(value)) is not None)


_SCALARS: Mapping[str, tuple[Any, Any]] = {
    "any": (object, None),
    "bool": ((), None),
    "bytes": (str, _BASE64),
    "int32": ((int, float, str), _INT),
    "int64": ((int, float, str), _INT),
    "number": ((int, float, str), _NUMBER),
    "object": (dict, None),
    "string": (str, None),
}


def _called(kind: str) -> str:
    if kind.startswith("="):
        return "type.googleapis.com/google.ai.generativelanguage.v1beta." + kind[1:]
    return "TYPE_" + kind.upper()


def snake(name: str) -> str:
    """CamelCase as snake_case."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match[1].lower(), name)


def _camel(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])_([a-z0-9])", lambda match: match[1].upper(), name)
