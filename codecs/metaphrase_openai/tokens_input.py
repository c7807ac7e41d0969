"""The input of OpenAI's Responses API as chat messages, as far as counting tokens needs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from msgspec import UNSET, Raw

from metaphrase.errors import ReadError
from metaphrase.ir import (
    At,
    Builtin,
    ChatRequest,
    Foreign,
    Function,
    Media,
    Message,
    Part,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Uri,
)
from metaphrase.ir.chat import JsonSchema, Role
from metaphrase.loss import Report, render, steps_of
from metaphrase.wirejson import Document, elements, keep, parse

from .leftovers import verbatim
from .media import kind_of, parse_data_url
from .names import CODEC
from .wire_tokens import InputItem, InputPart, InputTokens, InputTool

_ROLES: Mapping[str, Role] = {"user": "user", "assistant": "model", "system": "system", "developer": "system"}
_TEXTS = ("input_text", "output_text", "text")
_QUOTE, _BRACKET, _BRACE = b'"[{'
_INPUT = At(None, "input")
_TOOLS = At(None, "tools")
_document = Document(InputTokens)
_item = Document(InputItem)
_part = Document(InputPart)


def read_input(body: bytes, report: Report) -> ChatRequest:
    """The request as a chat request. Items that no chat knows are foreign parts."""
    given = _document.decode(body)
    messages: list[Message] = []
    if given.instructions is not UNSET:
        at = At(None, "instructions")
        messages.append(Message("system", (Text(given.instructions, at=at),), at=at))
    if given.input is not UNSET:
        messages.extend(_messages(given.input, report))
    tools = UNSET if given.tools is UNSET else tuple(
        [_tool(one, At(_TOOLS, i), report) for i, one in enumerate(given.tools)]
    )  # fmt: skip
    return ChatRequest(
        tuple(messages),
        None if given.model is UNSET else given.model,
        CODEC,
        tools=tools,
        ext=keep(given.extra, None, CODEC, report),
    )


def _messages(raw: Raw, report: Report) -> list[Message]:
    first = memoryview(raw)[0]
    if first == _QUOTE:
        return [Message("user", (Text(parse(raw, "$.input"), at=_INPUT),), at=_INPUT)]
    if first != _BRACKET:
        raise ReadError("Expected a text or a list", "$.input")
    return [_message(one, At(_INPUT, i), report) for i, one in enumerate(elements(raw))]


def _message(raw: Raw, at: At, report: Report) -> Message:
    item = _decoded(_item, raw, at)
    kind = item.type
    if kind == "function_call" and item.call_id is not UNSET and item.name is not UNSET:
        arguments = "" if item.arguments is UNSET else item.arguments
        call = ToolCall(item.call_id, item.name, arguments, at=at, ext=keep(item.extra, at, CODEC, report))
        return Message("model", (call,), at=at)
    if kind == "function_call_output" and item.call_id is not UNSET and _is_text(item.output):
        output = parse(item.output, render(steps_of(at, "output")))
        result = ToolResult(item.call_id, None, output, at=at, ext=keep(item.extra, at, CODEC, report))
        return Message("tool", (result,), at=at)
    role = _ROLES.get(item.role) if isinstance(item.role, str) else None
    if kind not in (UNSET, "message") or role is None or item.content is UNSET:
        return Message("user", (Foreign(CODEC, str(kind), raw, at=at),), at=at)
    keep(item.extra, at, CODEC, report)
    up = At(at, "content")
    if _is_text(item.content):
        return Message(role, (Text(parse(item.content, render(steps_of(up))), at=up),), at=at)
    try:
        given = elements(item.content)
    except ReadError:
        raise ReadError("Expected a text or a list", render(steps_of(up))) from None
    return Message(role, tuple([_read_part(one, At(up, i), report) for i, one in enumerate(given)]), at=at)


def _read_part(raw: Raw, at: At, report: Report) -> Part:
    part = _decoded(_part, raw, at)
    ext = keep(part.extra, at, CODEC, report)
    if part.type in _TEXTS and part.text is not UNSET:
        return Text(part.text, at=at, ext=ext)
    url = part.image_url if part.type == "input_image" else part.file_data if part.type == "input_file" else UNSET
    name = None if part.filename is UNSET else part.filename
    detail = None if part.detail is UNSET or part.detail == "auto" else part.detail
    if _is_text(url):
        found = parse_data_url(url)
        if found is not None:
            kind = kind_of(found.mime, "image" if part.type == "input_image" else "document")
            return Media(kind, found.inline, found.mime, name, detail, at=at, ext=ext)
        address = parse(url, render(steps_of(at)))
        return Media("image" if part.type == "input_image" else "document", Uri(address), None, name, detail, at=at)
    if part.type == "input_file" and part.file_url is not UNSET:
        return Media("document", Uri(part.file_url), None, name, at=at, ext=ext)
    return Foreign(CODEC, str(part.type), raw, at=at)


def _tool(given: InputTool, at: At, report: Report) -> Tool:
    if given.type == "function" and given.name is not UNSET:
        schema = None
        if given.parameters is not UNSET and memoryview(given.parameters)[0] == _BRACE:
            schema = JsonSchema(given.parameters)
        elif given.parameters is not UNSET:
            report.leftover(at, "parameters", CODEC)
        return Function(
            given.name,
            None if given.description is UNSET else given.description,
            schema,
            None if given.strict is UNSET else given.strict,
            at=at,
            ext=keep(given.extra, at, CODEC, report),
        )
    return Builtin(str(given.type), CODEC, verbatim(given), at=at)


def _is_text(value: object) -> TypeGuard[Raw]:
    return isinstance(value, Raw) and memoryview(value)[0] == _QUOTE


def _decoded(document: Document[Any], raw: Raw, at: At) -> Any:
    try:
        return document.decode(raw)
    except ReadError as error:
        raise ReadError(error.message, render(steps_of(at)) + error.path[1:]) from None
