"""What becomes of what stands outside the documents: headers, queries, and the lines of a stream.

It is measured on whole calls: a client's request, and the upstream's answer to it. Nothing of it is in the loss record,
which speaks of documents: what does not cross here belongs to the one connection.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

import metaphrase as mp
from metaphrase.testing.values import encode

from .probe import NOW, Outcome
from .table import OTHER, Protocol, Row

ASKS: dict[Protocol, mp.Request] = {
    "openai": mp.Request(
        "POST",
        "/v1/chat/completions",
        (("authorization", "Bearer key"),),
        b'{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"Hi"}]}',
    ),
    "gemini": mp.Request(
        "POST",
        "/v1beta/models/gemini-2.5-flash:generateContent",
        (("x-goog-api-key", "key"),),
        b'{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}',
    ),
}
ERRORS: dict[Protocol, bytes] = {
    "openai": b'{"error":{"message":"no","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}',
    "gemini": b'{"error":{"code":429,"message":"no","status":"RESOURCE_EXHAUSTED"}}',
}
STREAMS: dict[Protocol, bytes] = {
    "openai": b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,'
    b'"delta":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}\n\n',
    "gemini": b'data: {"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP"}],'
    b'"modelVersion":"m","responseId":"r"}\r\n\r\n',
}
_MODELS = encode({"object": "list", "data": [{"id": f"m{n}", "object": "model"} for n in range(5)]})
_EVENTS = (("content-type", "text/event-stream"),)
_BROKEN = b'{"error":{"message":"no","type":"server_error","param":null,"code":null}}'

Seen = tuple[object, ...]
Call = Callable[[Protocol, str, object], Seen]
"""A protocol, a name and its value (None: it is missing), to everything that the other side sees."""


def measure(protocol: Protocol, row: Row) -> Outcome | None:
    """What becomes of what stands outside; None for fields of documents."""
    for prefix, call in CALLS.items():
        if row.path.startswith(prefix):
            return _outcome(protocol, row, call, row.path.removeprefix(prefix))
    return None


def _outcome(protocol: Protocol, row: Row, call: Call, name: str) -> Outcome:
    seen = [call(protocol, name, value) for value in row.values]
    bare = call(protocol, name, None)
    return Outcome(shows=any(one != seen[0] for one in seen[1:]), present=seen[0] != bare)


def _header(protocol: Protocol, name: str, value: object) -> Seen:
    """A header of a client's request, and of an upstream's error."""
    headers = () if value is None else ((name, str(value)),)
    ask = ASKS[protocol]
    others = () if name.lower() == "authorization" else ask.headers[name == ask.headers[0][0] :]
    sent = _exchange(protocol, OTHER[protocol]).request(msgspec.structs.replace(ask, headers=(*others, *headers)))
    back = _exchange(OTHER[protocol], protocol)
    back.request(ASKS[OTHER[protocol]])
    return sent, back.response(mp.Response(429, (("content-type", "application/json"), *headers), ERRORS[protocol]))


def _query(protocol: Protocol, name: str, value: object) -> Seen:
    """A parameter of a client's address, for a stream."""
    exchange = _exchange(protocol, OTHER[protocol])
    ask = ASKS[protocol]
    target = ask.target.replace(":generate", ":streamGenerate")
    query = "" if value is None else f"?{name}={value}"
    headers = () if name in ("key", "access_token") else ask.headers
    sent = exchange.request(msgspec.structs.replace(ask, target=target + query, headers=headers))
    return sent, *_streamed(exchange, STREAMS[OTHER[protocol]])


def _page(protocol: Protocol, name: str, value: object) -> Seen:
    """A parameter of a client's address, for the list of models."""
    exchange = _exchange(protocol, OTHER[protocol])
    query = "" if value is None else f"?{name}={value}"
    sent = exchange.request(mp.Request("GET", f"/v1beta/models{query}", ASKS[protocol].headers))
    return sent, exchange.response(mp.Response(200, (("content-type", "application/json"),), _MODELS))


def _verb(protocol: Protocol, name: str, value: object) -> Seen:
    """The verb in a client's address."""
    del name
    ask = ASKS[protocol]
    target = ask.target.replace("generateContent", str(value or "generateContent"))
    return (_exchange(protocol, OTHER[protocol]).request(msgspec.structs.replace(ask, target=target)),)


def _line(protocol: Protocol, name: str, value: object) -> Seen:
    """A line of an upstream's stream."""
    events = STREAMS[protocol]
    said = events.replace(b"Hello", str(value or "Hello").encode())
    done = b"data: [DONE]\n\n"
    body = {
        "comment": (f": {value}\n\n".encode() if value else b"") + events + done,
        "data": said + done,
        "done": events + (done if value else b""),
        "event": events + (f"event: {value}\n".encode() if value else b"") + b"data: " + _BROKEN + b"\n\n",
        ".chunk": said,
    }[name]
    exchange = _exchange(OTHER[protocol], protocol)
    ask = ASKS[OTHER[protocol]]
    streaming = {
        "openai": msgspec.structs.replace(ask, body=ask.body.replace(b'"messages"', b'"stream":true,"messages"')),
        "gemini": msgspec.structs.replace(ask, target=ask.target.replace(":generate", ":streamGenerate") + "?alt=sse"),
    }
    exchange.request(streaming[OTHER[protocol]])
    return _streamed(exchange, body)


def _streamed(exchange: mp.Exchange, body: bytes) -> Seen:
    head = exchange.head(mp.Response(200, _EVENTS))
    return head, exchange.feed(body) + exchange.close()


def _exchange(client: Protocol, upstream: Protocol) -> mp.Exchange:
    return mp.Exchange(client, upstream, now=NOW, seed="s")


CALLS: dict[str, Call] = {
    "header.": _header,
    "query.": _query,
    "models.list.query.": _page,
    "sse.": _line,
    "streamGenerateContent.request": _verb,
    "streamGenerateContent.response": _line,
}
