"""Documents in, plain values out; and requests as another codec would have read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from metaphrase import Codec, ir
from metaphrase.http import Request, Response
from metaphrase.ir import At
from metaphrase.loss import Loss, Report
from metaphrase.wirejson import checked
from metaphrase_gemini import codec as codec

PATH = "/v1beta/models/gemini-2.5-flash:generateContent"
MESSAGES = At(None, "messages")
USER = {"role": "user", "parts": [{"text": "hi"}]}
ELSEWHERE = "elsewhere"
"""The name of a codec that is not ours."""


def encode(value: object) -> bytes:
    return msgspec.json.encode(value)


def request(*contents: Any, **members: Any) -> dict[str, Any]:
    """A request body."""
    return {"contents": list(contents) or [USER], **members}


def read(body: object, path: str = PATH, report: Report | None = None) -> ir.ChatRequest:
    wire = Request("POST", path, (), checked(body if isinstance(body, bytes) else encode(body)))
    return codec.chatting().read_request(wire, report or Report())


def write(chat: ir.ChatRequest, using: Codec = codec, report: Report | None = None) -> Any:
    return msgspec.json.decode(using.chatting().write_request(chat, report or Report()).body)


def again(body: object, path: str = PATH) -> Any:
    """The same document after a pass through the IR."""
    return write(read(body, path))


def read_answer(body: object, report: Report | None = None) -> ir.ChatResponse:
    return codec.chatting().read_response(Response(200, (), checked(encode(body))), report or Report())


def write_answer(chat: ir.ChatResponse, report: Report | None = None) -> Any:
    return msgspec.json.decode(codec.chatting().write_response(chat, None, report or Report()).body)


def answer_again(body: object) -> Any:
    return write_answer(read_answer(body))


def crossing(read_it: Any, body: object) -> list[tuple[str, str, str]]:
    """What reading a document leaves behind when another codec writes: kind, path, feature."""
    report = Report()
    read_it(body, report=report)
    report.settle(ELSEWHERE)
    return told(report.losses)


def told(losses: Sequence[Loss]) -> list[tuple[str, str, str]]:
    return [(loss.kind, loss.path, loss.feature) for loss in losses]


def bare(value: Any) -> Any:
    """A node without its places and spellings, to compare with one made by hand."""
    if isinstance(value, tuple):
        return tuple([bare(item) for item in value])
    if not isinstance(value, ir.Node):
        return value
    fields = {name: bare(getattr(value, name)) for name in value.__struct_fields__}
    return type(value)(**fields | {"at": None, "ext": None, "spelt": None})


def text(value: str, i: int = 0) -> ir.Text:
    return ir.Text(value, at=At(At(MESSAGES, i), "content"))


def says(role: ir.chat.Role, *parts: ir.Part | str, i: int = 0, name: str | None = None) -> ir.Message:
    """A message as another codec would have read it."""
    made = tuple([text(part, i) if isinstance(part, str) else part for part in parts])
    return ir.Message(role, made, name, at=At(MESSAGES, i))


def call(identity: str, name: str, arguments: str = "{}", **more: Any) -> ir.ToolCall:
    return ir.ToolCall(identity, name, arguments, at=At(MESSAGES, 90), **more)


def result(identity: str, output: Any = "ok", name: str | None = None, parts: tuple[ir.Part, ...] = ()) -> ir.Message:
    """A tool's message."""
    at = At(MESSAGES, 91)
    return ir.Message("tool", (ir.ToolResult(identity, name, output, parts, at=at),), at=at)


def chat(*messages: ir.Message, model: str | None = "gemini-2.5-flash", **fields: Any) -> ir.ChatRequest:
    return ir.ChatRequest(messages or (says("user", "hi"),), model, ELSEWHERE, **fields)


def translated(request: ir.ChatRequest, using: Codec = codec) -> tuple[Any, list[tuple[str, str, str]]]:
    """The body for a request of another protocol, and what was lost."""
    report = Report()
    body = write(request, using, report)
    report.settle("gemini")
    return body, told(report.losses)


def contents(*messages: ir.Message, **fields: Any) -> list[Any]:
    """The contents that a conversation becomes, roles and parts only."""
    body, _ = translated(chat(*messages, **fields))
    return [(content["role"], content["parts"]) for content in body["contents"]]


TOOL = {"functionDeclarations": [{"name": "f"}]}
PNG = {"mimeType": "image/png", "data": "iVBORw0KGgo="}


def user(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "parts": list(parts)}


def model(*parts: Any) -> dict[str, Any]:
    return {"role": "model", "parts": list(parts)}


def config(**members: Any) -> dict[str, Any]:
    return request(generationConfig=members)
