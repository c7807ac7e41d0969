"""Short ways to read and write one document with the OpenAI codec."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Raw, Struct
from msgspec.structs import astuple

import metaphrase as mp
from metaphrase import ir
from metaphrase.http import Request, Response
from metaphrase.loss import Loss, Report
from metaphrase_openai import openai

USER = {"role": "user", "content": "hi"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def request(*messages: Any, **members: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages) or [USER], **members}


def assistant(content: Any = None, **members: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **members}


def response(message: Any = None, **members: Any) -> dict[str, Any]:
    """An answer of OpenAI's own form; ``choice`` adds to its choice."""
    said = {"role": "assistant", "content": "ok", "refusal": None} if message is None else message
    choice = {"index": 0, "message": said, "finish_reason": "stop", "logprobs": None, **members.pop("choice", {})}
    whole = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return {key: value for key, value in (whole | members).items() if value is not ...}


STOPPED = ir.Finish("stop", "STOP", "gemini")


def encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def read(document: Any, **options: Any) -> ir.ChatRequest:
    chat = openai(**options).chat
    assert chat is not None
    return chat.read_request(Request("POST", "/v1/chat/completions", (), encode(document)), Report())


def read_answer(document: Any, **options: Any) -> ir.ChatResponse:
    chat = openai(**options).chat
    assert chat is not None
    return chat.read_response(Response(200, (), encode(document)), Report())


def dropped(document: Any, kind: str = "chat.request") -> set[str]:
    """What another protocol is told about leftovers when it reads nothing but the report."""
    report = Report()
    chat = openai().chat
    assert chat is not None
    if kind == "chat.request":
        chat.read_request(Request("POST", "", (), encode(document)), report)
    else:
        chat.read_response(Response(200, (), encode(document)), report)
    report.settle("other")
    return {loss.path for loss in report.losses}


def again(document: Any, kind: str = "chat.request") -> Any:
    """Through the IR and back; nothing may be lost on this way."""
    done = mp.convert(encode(document), source="openai", target="openai", kind=kind, path="/v1/chat/completions?a=b")
    assert done.losses == ()
    if kind == "chat.request":
        assert done.path == "/v1/chat/completions?a=b"
    return json.loads(done.body)


def write(chat: ir.ChatRequest, **options: Any) -> tuple[Any, list[Loss]]:
    """A request of another protocol, and its losses."""
    report = Report()
    codec = openai(**options).chat
    assert codec is not None
    out = codec.write_request(chat, report)
    return json.loads(out.body), list(report.losses)


def write_answer(chat: ir.ChatResponse, asked: ir.ChatRequest | None = None, **options: Any) -> tuple[Any, list[Loss]]:
    report = Report()
    codec = openai(**options).chat
    assert codec is not None
    out = codec.write_response(chat, asked, report)
    return json.loads(out.body), list(report.losses)


def user(*parts: ir.Part) -> ir.Message:
    return ir.Message("user", parts)


def model(*parts: ir.Part) -> ir.Message:
    return ir.Message("model", parts)


def talk(*messages: ir.Message, **fields: Any) -> ir.ChatRequest:
    return ir.ChatRequest(messages or (user(ir.Text("hi")),), model="m", **fields)


def answer(*parts: ir.Part, finish: ir.Finish | None = STOPPED, **fields: Any) -> ir.ChatResponse:
    choice = ir.Choice(0, parts, finish, **fields.pop("choice", {}))
    return ir.ChatResponse((choice,), **{"id": "r", "model": "m", "created": 1, **fields})


def said(losses: list[Loss]) -> set[tuple[str, str]]:
    return {(loss.kind, loss.feature) for loss in losses}


def sign(value: str = "s") -> ir.Opaque:
    return ir.Opaque("gemini", value)


def bare(value: Any) -> Any:
    """IR by its content alone: without places, leftovers and spellings, raw JSON as bytes."""
    if isinstance(value, Struct):
        own = zip(value.__struct_fields__, astuple(value), strict=True)
        fields = {key: bare(one) for key, one in own if key not in ("at", "ext", "spelt")}
        return (type(value).__name__, fields)
    if isinstance(value, tuple):
        return tuple([bare(one) for one in value])
    return bytes(value) if isinstance(value, Raw) else value
