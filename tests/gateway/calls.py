"""What clients ask for, as the arguments of each vendor's SDK: the same in Python and in JavaScript."""

from __future__ import annotations

from typing import Any, NamedTuple

from .answers import PIXEL, SIGNATURE

MODEL = "gemini-2.5-flash"
_SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
_QUESTION = "Where is Paris?"


class Call(NamedTuple):
    """One call. ``needles``: what the upstream must have been told, whatever it speaks."""

    openai: dict[str, Any]
    google: dict[str, Any]
    needles: tuple[str, ...] = ()


def _chat(
    openai: dict[str, Any], google: dict[str, Any], *needles: str, parts: Any = None, content: Any = None
) -> Call:
    messages = [{"role": "user", "content": content or _QUESTION}]
    contents = [{"role": "user", "parts": parts or [{"text": _QUESTION}]}]
    return Call(
        {"model": MODEL, "messages": messages, **openai},
        {"model": MODEL, "contents": contents, "config": google},
        (*needles, _QUESTION) if content is None else needles,
    )


_TOOLS = [{"type": "function", "function": {"name": "find", "description": "Finds it", "parameters": _SCHEMA}}]
_GOOGLE_TOOLS = [
    {"functionDeclarations": [{"name": "find", "description": "Finds it", "parametersJsonSchema": _SCHEMA}]}
]
_BY_HAND = {"tools": _GOOGLE_TOOLS, "automaticFunctionCalling": {"disable": True}}
_ASSISTANT = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {
            "id": "call_1",
            "type": "function",
            "function": {"name": "find", "arguments": '{"city":"Paris"}'},
            "extra_content": {"google": {"thought_signature": SIGNATURE}},
        }
    ],
}
_MODEL_TURN = {
    "role": "model",
    "parts": [
        {"functionCall": {"id": "call_1", "name": "find", "args": {"city": "Paris"}}, "thoughtSignature": SIGNATURE}
    ],
}
_RETURNED = {"functionResponse": {"id": "call_1", "name": "find", "response": {"at": "48.85 north"}}}

CHATS: dict[str, Call] = {
    "text": Call(
        {
            "model": MODEL,
            "messages": [{"role": "system", "content": "Be brief"}, {"role": "user", "content": _QUESTION}],
            "temperature": 0.5,
        },
        {
            "model": MODEL,
            "contents": [{"role": "user", "parts": [{"text": _QUESTION}]}],
            "config": {"systemInstruction": {"parts": [{"text": "Be brief"}]}, "temperature": 0.5},
        },
        (_QUESTION, "Be brief", "0.5"),
    ),
    "vision": _chat(
        {},
        {},
        PIXEL,
        "What is this?",
        content=[
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
        ],
        parts=[{"text": "What is this?"}, {"inlineData": {"mimeType": "image/png", "data": PIXEL}}],
    ),
    "structured": _chat(
        {"response_format": {"type": "json_schema", "json_schema": {"name": "place", "schema": _SCHEMA}}},
        {"responseMimeType": "application/json", "responseJsonSchema": _SCHEMA},
        '"city"',
    ),
    "length": _chat({"max_tokens": 77}, {"maxOutputTokens": 77}, ":77"),
    "filtered": _chat({}, {}),
    "two": _chat({"n": 2}, {"candidateCount": 2}, ":2"),
    "call": _chat({"tools": _TOOLS}, _BY_HAND, "find", "Finds it"),
    "returned": Call(
        {
            "model": MODEL,
            "tools": _TOOLS,
            "messages": [
                {"role": "user", "content": _QUESTION},
                _ASSISTANT,
                {"role": "tool", "tool_call_id": "call_1", "content": '{"at":"48.85 north"}'},
            ],
        },
        {
            "model": MODEL,
            "contents": [
                {"role": "user", "parts": [{"text": _QUESTION}]},
                _MODEL_TURN,
                {"role": "user", "parts": [_RETURNED]},
            ],
            "config": _BY_HAND,
        },
        (_QUESTION, SIGNATURE, "48.85 north", "Paris"),
    ),
    "thinking": _chat(
        {"reasoning_effort": "high"}, {"thinkingConfig": {"includeThoughts": True, "thinkingBudget": 9000}}
    ),
    "drawing": _chat({"modalities": ["text", "image"]}, {"responseModalities": ["TEXT", "IMAGE"]}),
}

FOUND = "48.85 north"  # what the tool says
OTHERS: dict[str, Call] = {
    "agent": Call(CHATS["call"].openai, CHATS["call"].google, (_QUESTION, SIGNATURE, FOUND)),
    "embeddings": Call(
        {"model": "gemini-embedding-001", "input": ["one", "two"]},
        {"model": "gemini-embedding-001", "contents": ["one", "two"]},
        ("one", "two"),
    ),
    "models": Call({}, {}),
    "model": Call({"model": MODEL}, {"model": MODEL}),
    "tokens": Call(
        {"model": MODEL, "input": _QUESTION},
        {"model": MODEL, "contents": [{"role": "user", "parts": [{"text": _QUESTION}]}]},
        (_QUESTION,),
    ),
}
