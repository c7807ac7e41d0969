"""What two vendors say, each in its own words: the same answers and the same errors, written by hand in both protocols.

An SDK that is given one of them by its own vendor and the other through the gateway has to return, or raise, the same.
"""

from __future__ import annotations

import json
import struct
from base64 import b64encode
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

Protocol = Literal["openai", "gemini"]
PROTOCOLS: tuple[Protocol, ...] = ("openai", "gemini")
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # a PNG of 1 x 1
)
SIGNATURE = "c2lnbmVk"
MARK = "as the vendor put it"  # stands in the message of every error
_USED = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
_METERED = {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10}


class Said(NamedTuple):
    """One answer to a chat. ``pieces`` and ``parts``: its stream, as OpenAI's deltas and as Gemini's lists of parts."""

    message: dict[str, Any]
    pieces: tuple[dict[str, Any], ...]
    parts: tuple[list[dict[str, Any]], ...]
    finish: str = "stop"
    reason: str = "STOP"
    choices: int = 1


def _text(*pieces: str, finish: str = "stop", reason: str = "STOP", choices: int = 1) -> Said:
    deltas = tuple([{"content": piece} for piece in pieces])
    return Said(
        {"content": "".join(pieces)}, deltas, tuple([[{"text": piece}] for piece in pieces]), finish, reason, choices
    )


_CARRIED = {"extra_content": {"google": {"thought_signature": SIGNATURE}}}
_CALL = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": '{"city":"Paris"}'}, **_CARRIED}
_CALLED = {"functionCall": {"id": "call_1", "name": "find", "args": {"city": "Paris"}}, "thoughtSignature": SIGNATURE}
_SHOWN = {"images": [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}, "index": 0}]}

CHATS: dict[str, Said] = {
    "text": _text("Bonjour", ", le ", "monde \N{GRINNING FACE}", "."),
    "vision": _text("One ", "pixel"),
    "structured": _text('{"city":', '"Paris"}'),
    "length": _text("Once ", "upon", finish="length", reason="MAX_TOKENS"),
    "filtered": _text("Well", finish="content_filter", reason="SAFETY"),
    "two": _text("Heads ", "or tails", choices=2),
    "call": Said(
        {"content": None, "tool_calls": [_CALL]}, ({"tool_calls": [{"index": 0, **_CALL}]},), ([_CALLED],), "tool_calls"
    ),
    "returned": _text("It is ", "here"),
    "thinking": Said(
        {"content": "Yes.", "reasoning_content": "Let me see."},
        ({"reasoning_content": "Let me "}, {"reasoning_content": "see."}, {"content": "Yes."}),
        ([{"text": "Let me ", "thought": True}], [{"text": "see.", "thought": True}], [{"text": "Yes."}]),
    ),
    "drawing": Said(
        {"content": "Here:", **_SHOWN},
        ({"content": "Here:"}, _SHOWN),
        ([{"text": "Here:"}], [{"inlineData": {"mimeType": "image/png", "data": PIXEL}}]),
    ),
}


# --- answers ---------------------------------------------------------------------------------------------------------


def openai_whole(said: Said) -> dict[str, Any]:
    """A `chat.completion`."""
    message = {"role": "assistant", "refusal": None, **said.message}
    choices = [
        {"index": i, "message": message, "finish_reason": said.finish, "logprobs": None} for i in range(said.choices)
    ]
    return {**_openai_head("chat.completion"), "choices": choices, "usage": _USED}


def openai_stream(said: Said) -> list[bytes]:
    """Its `chat.completion.chunk`s, as the events of a stream."""
    everybody = range(said.choices)
    deltas = ({"role": "assistant", "content": ""}, *said.pieces)
    choices: list[dict[str, Any]] = [
        {"index": i, "delta": delta, "finish_reason": None} for delta in deltas for i in everybody
    ]
    choices += [{"index": i, "delta": {}, "finish_reason": said.finish} for i in everybody]
    head = _openai_head("chat.completion.chunk")
    chunks = [{**head, "choices": [each]} for each in choices] + [{**head, "choices": [], "usage": _USED}]
    return [*[event("openai", chunk) for chunk in chunks], b"data: [DONE]\n\n"]


def gemini_whole(said: Said) -> dict[str, Any]:
    """A `GenerateContentResponse`."""
    parts = [part for piece in said.parts for part in piece]
    if all(part.keys() == {"text"} for part in parts):  # Gemini sends such a text in one piece
        parts = [{"text": "".join([part["text"] for part in parts])}]
    content = {"role": "model", "parts": parts}
    candidates = [{"index": i, "content": content, "finishReason": said.reason} for i in range(said.choices)]
    return {"candidates": candidates, "usageMetadata": _METERED, **_GEMINI_TAIL}


def gemini_stream(said: Said) -> list[bytes]:
    """The same in pieces; the last one of each candidate says why it ends."""
    chunks: list[dict[str, Any]] = []
    for n, parts in enumerate(said.parts, 1):
        for i in range(said.choices):
            last = {"finishReason": said.reason} if n == len(said.parts) else {}
            candidate = {"index": i, "content": {"role": "model", "parts": parts}, **last}
            chunks.append({"candidates": [candidate], "usageMetadata": _METERED, **_GEMINI_TAIL})
    return [event("gemini", chunk) for chunk in chunks]


def _openai_head(kind: str) -> dict[str, Any]:
    return {"id": "resp-1", "object": kind, "created": 1700000000, "model": "gemini-2.5-flash"}


_GEMINI_TAIL = {"modelVersion": "gemini-2.5-flash", "responseId": "resp-1"}


def event(protocol: Protocol, value: Any) -> bytes:
    """One event of a stream, with the line ends that this vendor sends."""
    end = b"\n\n" if protocol == "openai" else b"\r\n\r\n"
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + end


def _vectors(vectors: Sequence[Any]) -> dict[str, Any]:
    data = [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(vectors)]
    usage = {"prompt_tokens": 2, "total_tokens": 2}
    return {"object": "list", "model": "gemini-embedding-001", "data": data, "usage": usage}


_VECTORS = ([0.25, -0.5, 1.0], [0.0, 0.125, -1.0])
_NAMES = ("echo-1", "gemini-2.5-flash")
_OPENAI_MODELS = [{"id": name, "object": "model", "created": 1700000000, "owned_by": "google"} for name in _NAMES]
_GEMINI_MODELS = [
    {"name": f"models/{name}", "version": "001", "displayName": name, "inputTokenLimit": 9, "outputTokenLimit": 9}
    for name in _NAMES
]

OTHERS: dict[str, dict[str, Any]] = {
    "embeddings": {
        "openai": _vectors(_VECTORS),
        "openai base64": _vectors([b64encode(struct.pack("<3f", *vector)).decode() for vector in _VECTORS]),
        "gemini": {
            "embeddings": [{"values": vector} for vector in _VECTORS],
            "usageMetadata": {"promptTokenCount": 2},
        },
    },
    "models": {
        "openai": {"object": "list", "data": _OPENAI_MODELS},
        "gemini": {"models": _GEMINI_MODELS},
    },
    "model": {"openai": _OPENAI_MODELS[1], "gemini": _GEMINI_MODELS[1]},
    "tokens": {
        "openai": {"object": "response.input_tokens", "input_tokens": 12},
        "gemini": {"totalTokens": 12, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 12}]},
    },
}


# --- errors ----------------------------------------------------------------------------------------------------------

_ERRORS: dict[int, tuple[str, str, str | None]] = {
    400: ("INVALID_ARGUMENT", "invalid_request_error", None),
    401: ("UNAUTHENTICATED", "authentication_error", None),
    403: ("PERMISSION_DENIED", "permission_error", "permission_denied"),
    404: ("NOT_FOUND", "invalid_request_error", "not_found"),
    409: ("ABORTED", "conflict_error", "aborted"),
    429: ("RESOURCE_EXHAUSTED", "rate_limit_error", "rate_limit_exceeded"),
    500: ("INTERNAL", "server_error", "internal"),
    502: ("UNAVAILABLE", "server_error", "bad_gateway"),
    503: ("UNAVAILABLE", "server_error", "service_unavailable"),
    504: ("DEADLINE_EXCEEDED", "server_error", "timeout"),
}
"""Google's class of each status, and OpenAI's type and code."""

STATUSES = (400, 401, 403, 404, 409, 429, 500, 503)
_BAD_KEY = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
}


def error(protocol: Protocol, status: int) -> dict[str, Any]:
    """An error of this status, in a body or in an event."""
    name, kind, code = _ERRORS[status]
    message = f"No, {MARK}"
    if protocol == "gemini":
        return {"error": {"code": status, "message": message, "status": name}}
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def bad_key(protocol: Protocol) -> tuple[int, dict[str, Any]]:
    """Status and body for a key that nobody knows: the one error for which the two vendors differ in their status."""
    if protocol == "openai":
        body = error(protocol, 401)
        body["error"]["code"] = "invalid_api_key"
        return 401, body
    body = error(protocol, 400)
    body["error"]["details"] = [_BAD_KEY]
    return 400, body
