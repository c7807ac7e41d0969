"""Streams: 1,000 chunks of text in either protocol, some of them calls in OpenAI's; fed event by event, and whole.

| name | what it is |
|---|---|
| stream | 1,000 chunks |
| stranger | the same with a field in each chunk that no schema knows |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

import metaphrase as mp

from .measure import Call
from .workloads import MODEL, Maker, dump

CHUNKS = 1000
CALLS = 3
NOW = 1_795_341_600

# Time as a multiple of untyped msgspec decode + encode of the chunks, one by one.
LIMITS = {"stream": 2.5, "stranger": 4.0}


class StreamLoad(msgspec.Struct, frozen=True):
    """The events of one stream."""

    name: str
    source: str
    target: str
    events: list[bytes]

    @property
    def limit(self) -> float:
        """The most that it may cost."""
        return LIMITS[self.name]


def streams() -> list[StreamLoad]:
    """All of them, in the order in which they are shown."""
    found: list[StreamLoad] = []
    for name in LIMITS:
        more = {"provider_trace": {"region": "eu-3", "hops": [1, 2]}} if name == "stranger" else {}
        found.append(StreamLoad(name, "gemini", "openai", gemini(more)))
        found.append(StreamLoad(name, "openai", "gemini", openai(more)))
    return found


def gemini(more: dict[str, Any]) -> list[bytes]:
    """Pieces of text, and counters in each chunk."""
    maker = Maker(6)

    def chunk(number: int, text: str, **end: str) -> bytes:
        content = {"parts": [{"text": text}], "role": "model"}
        usage = {"promptTokenCount": 812, "candidatesTokenCount": 4 * number, "totalTokenCount": 812 + 4 * number}
        details = [{"modality": "TEXT", "tokenCount": 812}]
        names = {"modelVersion": MODEL, "responseId": "q9ZlT0aXbM", **more}
        value = {
            "candidates": [{"content": content, **end, "index": 0}],
            "usageMetadata": {**usage, "promptTokensDetails": details},
            **names,
        }
        return b"data: " + dump(value) + b"\r\n\r\n"

    texts = [chunk(number, maker.text(20) + " ") for number in range(CHUNKS - 1)]
    return [*texts, chunk(CHUNKS, "", finishReason="STOP")]


def openai(more: dict[str, Any]) -> list[bytes]:
    """Pieces of text, then calls with their arguments in pieces."""
    maker = Maker(7)
    shared = {
        "id": "chatcmpl-0123456789abcdefghij",
        "object": "chat.completion.chunk",
        "created": NOW,
        "model": "gpt-x",
    }

    def chunk(delta: dict[str, Any], end: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}
        return b"data: " + dump({**shared, "system_fingerprint": "fp_1", "choices": [choice], **more}) + b"\n\n"

    events = [chunk({"role": "assistant", "content": ""})]
    for index in range(CALLS):
        arguments = dump(maker.call(index)[1]).decode()
        call = {"index": index, "id": f"call_{index:020d}", "type": "function"}
        events.append(chunk({"tool_calls": [{**call, "function": {"name": "search", "arguments": ""}}]}))
        pieces = [arguments[i : i + 6] for i in range(0, len(arguments), 6)]
        events += [chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}) for piece in pieces]
    texts = [chunk({"content": maker.text(20) + " "}) for _ in range(CHUNKS - len(events) - 2)]
    usage = {"prompt_tokens": 812, "completion_tokens": 4000, "total_tokens": 4812}
    last = b"data: " + dump({**shared, "choices": [], "usage": usage, **more}) + b"\n\n"
    return [events[0], *texts, *events[1:], chunk({}, "tool_calls"), last, b"data: [DONE]\n\n"]


def reencoding(load: StreamLoad, *, whole: bool) -> Call:
    """What is measured."""
    pieces = [b"".join(load.events)] if whole else load.events

    def run() -> list[bytes]:
        again = mp.Reencoder(load.source, load.target, include_usage=True, now=NOW, seed="s")
        out = [again.feed(piece) for piece in pieces]
        return [*out, again.close()]

    return run


def untyped_chunks(load: StreamLoad) -> Call:
    """What it is measured against."""
    chunks = [event[6:].strip() for event in load.events if event.startswith(b"data: {")]
    decode: Callable[[bytes], object] = msgspec.json.decode
    encode = msgspec.json.encode
    return lambda: [encode(decode(chunk)) for chunk in chunks]
