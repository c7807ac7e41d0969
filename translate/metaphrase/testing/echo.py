"""A behaviour of simulated upstreams: it says again what the user said last, and has an answer to every operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from zlib import crc32

import msgspec
from msgspec import UNSET, Raw

from ..codec import Operation
from ..errors import MetaphraseError
from ..ir import (
    Catalog,
    ChatRequest,
    ChatResponse,
    Choice,
    EmbeddingResponse,
    Failure,
    Finish,
    Message,
    Model,
    Text,
    TokenCount,
    ToolResult,
    Usage,
    Vector,
)
from ..loss import Report
from .simulate import Asked, Reply, failure_reply, say, whole

MODELS = (
    Model("echo-1", "Echo 1", "Says again what you said last", input_limit=65_536, output_limit=8_192),
    Model("echo-2", "Echo 2", "The same, with another name", input_limit=65_536, output_limit=8_192),
)
DIMENSIONS = 8
NOTHING = "Nothing was said"


def echo(asked: Asked) -> Reply:
    """The answer to any operation; what a codec does not have is 501."""
    try:
        return _ANSWERS[asked.operation](asked)
    except MetaphraseError as error:
        return failure_reply(asked.codec, Failure(400, "INVALID_ARGUMENT", error.message))


def echoed(chat: ChatRequest) -> ChatResponse:
    """What ``echo`` answers to a chat request: as many times as it asks for."""
    text = next((said for said in map(_said, reversed(chat.messages)) if said), NOTHING)
    spoken = sum(len(_said(message).split()) for message in chat.messages)
    count = chat.sampling.n
    choices = 1 if count is UNSET else max(1, min(count, 8))
    words = len(text.split())
    return ChatResponse(
        tuple([Choice(i, (Text(text),), Finish("stop")) for i in range(choices)]),
        id=f"echo-{crc32(text.encode()):08x}",
        model=chat.model or "echo-1",
        usage=Usage(input=spoken, output=words * choices, total=spoken + words * choices),
    )


def _said(message: Message) -> str:
    if message.role not in ("user", "tool"):
        return ""
    texts: list[str] = []
    for part in message.parts:
        if isinstance(part, Text):
            texts.append(part.text)
        elif isinstance(part, ToolResult):
            texts.append(part.output if isinstance(part.output, str) else bytes(part.output or b"").decode())
    return "".join(texts)


def _chat(asked: Asked) -> Reply:
    return say(asked, echoed(asked.chat()))


def _embedding(asked: Asked) -> Reply:
    codec = asked.codec.embedding
    if codec is None:
        return _lacking(asked)
    request = codec.read_request(asked.request, Report())
    size = request.dimensions or DIMENSIONS
    vectors = tuple(
        [Vector(_vector(msgspec.json.encode(one.parts), size), False, i) for i, one in enumerate(request.inputs)]
    )
    usage = Usage(input=len(vectors), total=len(vectors))
    return whole(codec.write_response(EmbeddingResponse(vectors, request.model or "", usage), request, Report()))


def _vector(said: bytes, size: int) -> Raw:
    """Numbers between -1 and 1 that depend on what was said, each exactly a float32."""
    seeds = [crc32(said, i) for i in range(size)]
    return Raw(msgspec.json.encode([(seed % 4096 - 2048) / 2048 for seed in seeds]))


def _models(asked: Asked) -> Reply:
    codec = asked.codec.catalog
    return _lacking(asked) if codec is None else whole(codec.write_response(Catalog(MODELS), Report()))


def _model(asked: Asked) -> Reply:
    codec, routes = asked.codec.catalog, asked.codec.routes
    if codec is None or routes is None:
        return _lacking(asked)
    name = routes.model(asked.request)
    found = next((model for model in MODELS if model.id == name), None)
    if found is None:
        return failure_reply(asked.codec, Failure(404, "NOT_FOUND", "There is no model of this name"))
    return whole(codec.write_model(found, Report()))


def _tokens(asked: Asked) -> Reply:
    codec = asked.codec.tokens
    if codec is None:
        return _lacking(asked)
    chat = codec.read_request(asked.request, Report()).chat
    words = sum(len(_said(message).split()) for message in chat.messages)
    return whole(codec.write_response(TokenCount(words), Report()))


def _lacking(asked: Asked) -> Reply:
    return failure_reply(asked.codec, Failure(501, "UNIMPLEMENTED", "This protocol has no such operation"))


_ANSWERS: Mapping[Operation, Callable[[Asked], Reply]] = {
    "chat": _chat,
    "chat.stream": _chat,
    "embedding": _embedding,
    "models": _models,
    "model": _model,
    "tokens": _tokens,
}
