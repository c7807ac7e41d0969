"""What clients and upstreams of the two protocols say to one another in the benchmarks, as bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

Text = Callable[[bytes], bytes]
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_HEAD = (
    b"%b %b HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
    b"User-Agent: bench/1\r\nAuthorization: Bearer sk-0123456789\r\nX-Request-Id: 1\r\nContent-Length: %d\r\n\r\n%b"
)
UNARY_HEAD = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\nServer: mock\r\n\r\n"
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nServer: mock\r\n\r\n"
)
LAST = b"0\r\n\r\n"


class Form(NamedTuple):
    """One protocol. The texts must need no escape in JSON."""

    name: str
    target: Callable[[bytes, bool], bytes]  # (model, streams) -> the request's target
    body: Callable[[bytes, bytes, bool], bytes]  # (model, text, streams)
    answer: Text
    event: Text  # one chunk of a stream with this text
    ends: tuple[bytes, ...]  # the chunks that end a stream
    error: bytes  # the body of an error answer

    def request(self, model: bytes, text: bytes, *, streams: bool) -> bytes:
        """A client's request."""
        return post(self.target(model, streams), self.body(model, text, streams))

    def stream(self, texts: list[bytes]) -> list[bytes]:
        """The chunks of a stream that says these, the last piece of the framing not among them."""
        return [framed(event) for event in (*map(self.event, texts), *self.ends)]


def post(target: bytes, body: bytes) -> bytes:
    """A request."""
    return _HEAD % (b"POST", target, len(body), body)


def get(target: bytes) -> bytes:
    """A request without a body."""
    return _HEAD % (b"GET", target, 0, b"")


def framed(data: bytes) -> bytes:
    """One chunk of a body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def unary(body: bytes, status: bytes = b"200 OK") -> bytes:
    """A whole response."""
    return UNARY_HEAD % (status, len(body)) + body


def _openai_event(choice: bytes) -> bytes:
    return (
        b'data: {"id":"chatcmpl-Cx0123456789","object":"chat.completion.chunk","created":1795386062,"model":"m",'
        b'"choices":[{"index":0,%b}]}\n\n' % choice
    )


def _gemini_answer(text: bytes, more: bytes) -> bytes:
    return (
        b'{"candidates":[{"content":{"parts":[{"text":"%b"}],"role":"model"}%b,"index":0}],'
        b'"usageMetadata":{"promptTokenCount":40,"candidatesTokenCount":60,"totalTokenCount":100},'
        b'"modelVersion":"m","responseId":"Cx0123456789"}' % (text, more)
    )


OPENAI = Form(
    "openai",
    lambda _model, _streams: b"/v1/chat/completions",
    lambda model, text, streams: (
        b'{"model":"%b","messages":[{"role":"user","content":"%b"}]%b}'
        % (model, text, b',"stream":true' if streams else b"")
    ),
    lambda text: (
        b'{"id":"chatcmpl-Cx0123456789","object":"chat.completion","created":1795386062,"model":"m","choices":[{"index":0,'
        b'"message":{"role":"assistant","content":"%b"},"finish_reason":"stop"}],'
        b'"usage":{"prompt_tokens":40,"completion_tokens":60,"total_tokens":100}}' % text
    ),
    lambda text: _openai_event(b'"delta":{"content":"%b"},"finish_reason":null' % text),
    (_openai_event(b'"delta":{},"finish_reason":"stop"'), b"data: [DONE]\n\n"),
    b'{"error":{"message":"no","type":"server_error","param":null,"code":null}}',
)
GEMINI = Form(
    "gemini",
    lambda model, streams: (
        b"/v1beta/models/%b:%b" % (model, b"streamGenerateContent?alt=sse" if streams else b"generateContent")
    ),
    lambda _model, text, _streams: b'{"contents":[{"role":"user","parts":[{"text":"%b"}]}]}' % text,
    lambda text: _gemini_answer(text, b',"finishReason":"STOP"'),
    lambda text: b"data: %b\r\n\r\n" % _gemini_answer(text, b""),
    (b"data: %b\r\n\r\n" % _gemini_answer(b"", b',"finishReason":"STOP"'),),
    b'{"error":{"code":500,"message":"no","status":"INTERNAL"}}',
)
FORMS = {form.name: form for form in (OPENAI, GEMINI)}


def spoken(data: bytes) -> tuple[Form, bool]:
    """Which form a request has, and whether it asks for a stream."""
    if data.startswith((b"POST /v1beta/", b"GET /v1beta/")):
        return GEMINI, b":streamGenerateContent" in data[:200]
    return OPENAI, b'"stream":true' in data
