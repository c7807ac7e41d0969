"""What a chat says, as a flat list of items in order, taken from the intermediate representation.

Message boundaries, empty texts and the place of the system prompt are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from metaphrase import Codec, Report, Request, Response, ir
from metaphrase.ir.node import At
from metaphrase.loss import render, steps_of
from metaphrase.wirejson import checked

from .back import Item
from .document import Document
from .paths import Steps, parse
from .values import encode

Chat = ir.ChatRequest | ir.ChatResponse


def read(codec: Codec, kind: str, body: bytes, path: str | None) -> Chat | None:
    """The chat in a document, read without a report; None for other kinds of documents."""
    if kind == "chat.request":
        return codec.chatting().read_request(Request("POST", path or "", (), checked(body)), Report())
    if kind == "chat.response":
        return codec.chatting().read_response(Response(200, (), checked(body)), Report())
    return None


def write(codec: Codec, chat: Chat) -> Document:
    """The document that a codec writes for a chat."""
    if isinstance(chat, ir.ChatRequest):
        out = codec.chatting().write_request(chat, Report())
        return Document(out.body, out.target or None)
    return Document(codec.chatting().write_response(chat, None, Report()).body)


def said(chat: Chat) -> list[Item]:
    """What a conversation or an answer says."""
    return [item for role, parts, at in _turns(chat) for item in _parts(parts, role, at)]


_JOINS = {"text": "text", "refusal": "text", "thought": "thought"}


def joined(found: list[Item]) -> list[Item]:
    """The items with neighbouring texts of one role as one, refusals among them."""
    out: list[Item] = []
    for item in found:
        last = out[-1] if out else None
        if (
            last is not None
            and item.what in _JOINS
            and (last.role, _JOINS.get(last.what)) == (item.role, _JOINS[item.what])
        ):
            out[-1] = last._replace(value=(last.value[0] + item.value[0],))
        else:
            out.append(item)
    return out


def _turns(chat: Chat) -> Iterator[tuple[str, tuple[ir.Part, ...], At | None]]:
    if isinstance(chat, ir.ChatRequest):
        yield from [(message.role, message.parts, message.at) for message in chat.messages]
    else:
        yield from [(f"{choice.index}:model", choice.parts, choice.at) for choice in chat.choices]


def wholes(chat: Chat) -> set[Steps]:
    """Places whose loss as a whole excuses nothing inside them: messages, answers, and what they or tools stand in."""
    found: set[Steps] = set()
    for _, parts, at in _turns(chat):
        found |= {steps_of(at), *_above(at)}
        found |= {steps for part in parts for steps in _above(part.at)}
    if isinstance(chat, ir.ChatRequest) and chat.tools is not UNSET:
        found |= {steps for tool in chat.tools for steps in _above(tool.at)}
    return found


def pieces(chat: Chat) -> set[Steps]:
    """The places of parts, which may be dropped as a whole."""
    return {steps_of(part.at) for _, parts, _ in _turns(chat) for part in parts if part.at is not None}


def _above(at: At | None) -> list[Steps]:
    steps = steps_of(at)
    return [steps[:count] for count in range(len(steps))]


def _parts(parts: tuple[ir.Part, ...], role: str, up: At | None) -> Iterator[Item]:
    for part in parts:
        yield from _ITEMS[type(part)](part, role, part.at or up)


def _path(at: At | None) -> str:
    return render(steps_of(at))


def _text(part: ir.Text | ir.Refusal | ir.Thinking, role: str, at: At | None) -> Iterator[Item]:
    if part.text:
        yield Item(role, _WORD[type(part)], (part.text,), _path(at))


_WORD: dict[type[ir.Part], str] = {ir.Text: "text", ir.Refusal: "refusal", ir.Thinking: "thought"}


def _media(part: ir.Media, role: str, at: At | None) -> Iterator[Item]:
    source = part.source
    if isinstance(source, ir.Inline):
        # Base64 in either alphabet, with or without padding and line breaks.
        data = "".join(source.data.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
        yield Item(role, "media", (part.kind, data), _path(at))
    else:
        value = ("uri", source.uri) if isinstance(source, ir.Uri) else ("file", source.id)
        yield Item(role, "media", value, _path(at))


def _call(part: ir.ToolCall, role: str, at: At | None) -> Iterator[Item]:
    # Where there is no free text for a tool, it is the one member of an object.
    said = meaning(Raw(encode({"input": part.arguments}))) if part.kind == "custom" else arguments(part.arguments)
    yield Item(role, "call", (part.name, said), _path(at), part.id or None)


def _result(part: ir.ToolResult, role: str, at: At | None) -> Iterator[Item]:
    tool = f"{role.rpartition(':')[0]}:tool" if ":" in role else "tool"
    texts = "".join([one.text for one in part.parts if isinstance(one, ir.Text)])
    output = texts if part.output is None else part.output
    yield Item(tool, "result", (meaning(output),), _path(at), part.call_id or None)
    yield from _parts(tuple([one for one in part.parts if not isinstance(one, ir.Text)]), tool, at)


def _code(part: ir.Code, role: str, at: At | None) -> Iterator[Item]:
    yield Item(role, "code", (part.code,), _path(at))


def _code_result(part: ir.CodeResult, role: str, at: At | None) -> Iterator[Item]:
    yield Item(role, "code result", (part.output or "",), _path(at))


def _foreign(part: ir.Foreign, role: str, at: At | None) -> Iterator[Item]:
    yield Item(role, "foreign", (part.codec, part.kind, meaning(part.raw)), _path(at))


_ITEMS: dict[type[ir.Part], Callable[[Any, str, At | None], Iterator[Item]]] = {
    ir.Text: _text,
    ir.Refusal: _text,
    ir.Thinking: _text,
    ir.Media: _media,
    ir.ToolCall: _call,
    ir.ToolResult: _result,
    ir.Code: _code,
    ir.CodeResult: _code_result,
    ir.Foreign: _foreign,
}


def meaning(value: str | Raw) -> str:
    """JSON in a string and JSON as a value compare alike; what is no JSON stands for itself."""
    try:
        found: object = msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError):
        return value if isinstance(value, str) else bytes(value).decode()
    return meaning(found) if isinstance(found, str) else encode(_sorted(found)).decode()


def _sorted(value: object) -> object:
    return msgspec.to_builtins(value, order="deterministic")


def arguments(text: str) -> str:
    """No arguments, null and the empty text mean `{}`."""
    found = meaning(text.strip() or "{}")
    return "{}" if found == "null" else found


def spelt(path: str, body: bytes) -> str:
    """A path in the document's own spelling: what a loss at the same place says."""
    steps = parse(path)
    return path if not steps else spelt_steps(steps, body)


def spelt_steps(steps: Steps, body: bytes) -> str:
    """The same from steps."""
    report = Report()
    report.respelt(body)
    report.add("dropped", None, steps, "", "")
    return report.losses[0].path
