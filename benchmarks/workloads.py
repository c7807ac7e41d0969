"""The documents that are measured: made here, in memory, the same bytes on every machine.

| name | what it is |
|---|---|
| small | a request of a system prompt and one question |
| turns | a conversation of 40 turns, 64 KB |
| tools | 20 tools with nested schemas and 10 rounds of calls |
| image | a request with one inline image of 5 MB |
| response | an answer with thinking, text and three tool calls |
| full | the Gemini answer with its time, safety ratings and details of its cache as well |
| unknown | the OpenAI answer with a field that no schema knows |
| vectors | 100 embeddings of 3,072 numbers, asked for as numbers |
| base64 | the same, asked for as base64 |
"""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import msgspec

MODEL = "gemini-2.5-flash"
PATH = f"/v1beta/models/{MODEL}:generateContent"
IMAGE_BYTES = 5_000_000
VECTORS, NUMBERS = 100, 3072

_TEXT = (
    "a gateway reads each message of the conversation and writes it again in another protocol while tokens are "
    'counted cached and paid for "quoted text" café 東京 rivière 🚀 line\nbreak schema arguments model region'
)
WORDS = _TEXT.split(" ")

# The limits of the project: time as a multiple of untyped msgspec decode + encode of the same bytes.
LIMITS = {
    "small": 6.0,
    "turns": 2.5,
    "tools": 1.5,
    "image": 0.8,
    "response": 2.5,
    "full": 2.5,
    "unknown": 4.0,
    "vectors": 0.4,
    "base64": 1.0,
}


class Workload(msgspec.Struct, frozen=True):
    """One document and what is done with it."""

    name: str
    source: str
    target: str
    kind: str
    body: bytes
    path: str | None = None
    asked: bytes | None = None

    @property
    def limit(self) -> float | None:
        """The most that it may cost. For an OpenAI answer whose members are all known, none is set."""
        return None if (self.name, self.source) == ("response", "openai") else LIMITS.get(self.name)


class Maker:
    """Text and values from a seeded generator of its own."""

    def __init__(self, seed: int = 7) -> None:
        self.random = random.Random(seed)

    def text(self, size: int) -> str:
        """About so many bytes of words."""
        words: list[str] = []
        length = 0
        while length < size:
            words.append(self.random.choice(WORDS))
            length += len(words[-1].encode()) + 1
        return " ".join(words)

    def schema(self, index: int) -> dict[str, Any]:
        """A tool's schema: nested objects, enums, a nullable property."""
        span = {"type": "object", "properties": {"from": {"type": "number"}, "to": {"type": "number"}}}
        row = {"type": "object", "properties": {"id": {"type": "string"}, "count": {"type": "integer"}}}
        return {
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": self.text(90)},
                "limit": {"type": "integer", "minimum": 1, "maximum": 50, "description": self.text(30)},
                "sort": {"type": "string", "enum": ["newest", "best", f"by_{index}"], "description": self.text(40)},
                "where": {
                    "type": "object",
                    "properties": {
                        "after": {"type": "string", "format": "date-time"},
                        "labels": {"type": "array", "items": {"type": "string"}},
                        "owner": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": self.text(40)},
                        "span": span,
                    },
                    "required": ["labels"],
                },
                "rows": {"type": "array", "items": {**row, "required": ["id"]}},
            },
            "required": ["query", "sort"],
        }

    def call(self, index: int) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Name, arguments and result of one tool call."""
        arguments: dict[str, Any] = {
            "query": self.text(70),
            "limit": index % 50 + 1,
            "sort": "best",
            "where": {"labels": ["red", "blue", self.text(10)], "after": "2026-01-01T00:00:00Z"},
            "rows": [{"id": f"row-{index}", "count": index}],
        }
        found = [{"id": f"hit-{index}-{n}", "score": n / 7, "body": self.text(180)} for n in range(4)]
        return f"search_{index % 20:02d}", arguments, {"found": found, "total": 4}


def workloads() -> list[Workload]:
    """All of them, in the order in which they are shown."""
    pairs = [
        ("small", "chat.request", small()),
        ("turns", "chat.request", turns()),
        ("tools", "chat.request", tools()),
        ("image", "chat.request", image()),
        ("response", "chat.response", response()),
    ]
    found: list[Workload] = []
    for name, kind, (openai, gemini) in pairs:
        path = PATH if kind == "chat.request" else None
        found.append(Workload(name, "openai", "gemini", kind, dump(openai)))
        found.append(Workload(name, "gemini", "openai", kind, dump(gemini), path))
    found.append(Workload("full", "gemini", "openai", "chat.response", dump(full())))
    strange = {**response()[0], "provider_trace": {"region": "eu-3", "hops": [1, 2]}}
    found.append(Workload("unknown", "openai", "gemini", "chat.response", dump(strange)))
    body, texts = dump(vectors()), {"model": MODEL, "input": ["a"] * VECTORS}
    for name, form in (("vectors", "float"), ("base64", "base64")):
        asked = dump({**texts, "encoding_format": form})
        found.append(Workload(name, "gemini", "openai", "embedding.response", body, asked=asked))
    return found


def small() -> tuple[dict[str, Any], dict[str, Any]]:
    """Two messages."""
    system, user = "You answer in one sentence.", "Which river flows through Zürich?"
    return _openai([("system", system), ("user", user)], temperature=0.3, max_tokens=200), _gemini(
        [("user", user)], system, temperature=0.3, maxOutputTokens=200
    )


def turns() -> tuple[dict[str, Any], dict[str, Any]]:
    """Forty questions and answers."""
    maker = Maker(2)
    system = maker.text(4000)
    said: list[tuple[str, str]] = []
    for _ in range(40):
        said += [("user", maker.text(400)), ("assistant", maker.text(1000))]
    said.append(("user", maker.text(400)))
    return _openai([("system", system), *said], temperature=0.2, top_p=0.9, stop=["END"]), _gemini(
        said, system, temperature=0.2, topP=0.9, stopSequences=["END"]
    )


def tools(rounds: int = 10, count: int = 20) -> tuple[dict[str, Any], dict[str, Any]]:
    """So many tools, called so many times."""
    maker = Maker(3)
    system, user = maker.text(600), maker.text(200)
    declared = [{"name": f"search_{n:02d}", "description": maker.text(200)} for n in range(count)]
    schemas = [maker.schema(n) for n in range(count)]
    openai = _openai([("system", system), ("user", user)], temperature=0, tool_choice="auto")
    openai["tools"] = [
        {"type": "function", "function": {**tool, "parameters": schema}}
        for tool, schema in zip(declared, schemas, strict=True)
    ]
    gemini = _gemini([("user", user)], system, temperature=0)
    gemini["tools"] = [
        {
            "functionDeclarations": [
                {**tool, "parametersJsonSchema": schema} for tool, schema in zip(declared, schemas, strict=True)
            ]
        }
    ]
    for index in range(rounds):
        name, arguments, result = maker.call(index)
        openai["messages"] += _openai_round(index, name, arguments, result)
        gemini["contents"] += _gemini_round(name, arguments, result)
    return openai, gemini


def image() -> tuple[dict[str, Any], dict[str, Any]]:
    """One inline image of 5 MB of base64."""
    raw = b"\x89PNG\r\n\x1a\n" + Maker(4).random.randbytes(IMAGE_BYTES * 3 // 4 - 8)
    data = base64.b64encode(raw).decode()
    url = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    text = "What is in this picture?"
    openai = {"model": MODEL, "messages": [{"role": "user", "content": [{"type": "text", "text": text}, url]}]}
    parts = [{"text": text}, {"inlineData": {"mimeType": "image/png", "data": data}}]
    return openai, {"contents": [{"role": "user", "parts": parts}]}


def response() -> tuple[dict[str, Any], dict[str, Any]]:
    """Thinking, text and three calls."""
    maker = Maker(5)
    thought, text = maker.text(1500), maker.text(1200)
    calls = [maker.call(n)[:2] for n in range(3)]
    signature = base64.b64encode(maker.random.randbytes(700)).decode()
    return _openai_response(thought, text, calls), _gemini_response(thought, text, calls, signature)


def full() -> dict[str, Any]:
    """The Gemini answer, with what servers may say besides."""
    answer = response()[1]
    harms = ("HARM_CATEGORY_HATE_SPEECH", "HARM_CATEGORY_HARASSMENT")
    answer["candidates"][0]["safetyRatings"] = [{"category": harm, "probability": "NEGLIGIBLE"} for harm in harms]
    answer["usageMetadata"]["cacheTokensDetails"] = [{"modality": "TEXT", "tokenCount": 512}]
    answer["createTime"] = "2026-11-22T10:00:00.000000Z"
    return answer


def vectors() -> dict[str, Any]:
    """Embeddings, their numbers with as many digits as servers send."""
    draw = Maker(6).random.uniform
    return {"embeddings": [{"values": [round(draw(-0.1, 0.1), 9) for _ in range(NUMBERS)]} for _ in range(VECTORS)]}


def dump(value: object) -> bytes:
    """Compact JSON, characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _openai(said: list[tuple[str, str]], **parameters: object) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": role, "content": text} for role, text in said], **parameters}


def _gemini(said: list[tuple[str, str]], system: str, **parameters: object) -> dict[str, Any]:
    roles = {"user": "user", "assistant": "model"}
    return {
        "contents": [{"role": roles[role], "parts": [{"text": text}]} for role, text in said],
        "systemInstruction": {"parts": [{"text": system}]},
        "generationConfig": parameters,
    }


def _openai_round(index: int, name: str, arguments: object, result: object) -> list[dict[str, Any]]:
    call = {
        "id": f"call_{index:020d}",
        "type": "function",
        "function": {"name": name, "arguments": dump(arguments).decode()},
    }
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": dump(result).decode()},
    ]


def _gemini_round(name: str, arguments: object, result: object) -> list[dict[str, Any]]:
    return [
        {"role": "model", "parts": [{"functionCall": {"name": name, "args": arguments}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": name, "response": result}}]},
    ]


def _openai_response(thought: str, text: str, calls: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": text,
        "reasoning_content": thought,
        "tool_calls": [
            {
                "id": f"call_{n:020d}",
                "type": "function",
                "function": {"name": name, "arguments": dump(arguments).decode()},
            }
            for n, (name, arguments) in enumerate(calls)
        ],
    }
    return {
        "id": "chatcmpl-0123456789abcdefghij",
        "object": "chat.completion",
        "created": 1_795_341_600,
        "model": "gpt-x",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {
            "prompt_tokens": 800,
            "completion_tokens": 700,
            "total_tokens": 1500,
            "completion_tokens_details": {"reasoning_tokens": 400},
            "prompt_tokens_details": {"cached_tokens": 512},
        },
    }


def _gemini_response(
    thought: str, text: str, calls: list[tuple[str, dict[str, Any]]], signature: str
) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": thought, "thought": True}, {"text": text}]
    parts += [{"functionCall": {"name": name, "args": arguments}} for name, arguments in calls]
    parts[2]["thoughtSignature"] = signature
    return {
        "candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 800,
            "candidatesTokenCount": 300,
            "thoughtsTokenCount": 400,
            "cachedContentTokenCount": 512,
            "totalTokenCount": 1500,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 800}],
        },
        "modelVersion": MODEL,
        "responseId": "q9ZlT0aXbM",
    }
