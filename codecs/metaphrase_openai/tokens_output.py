"""Chat messages as the input of OpenAI's Responses API, as far as counting tokens needs it."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Raw

from metaphrase.ir import (
    ChatRequest,
    Function,
    Inline,
    Media,
    Message,
    Part,
    Refusal,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Uri,
)
from metaphrase.loss import Report
from metaphrase.wirejson import encode

from .media import data_url
from .names import CODEC, tool_name

_ROLES = {"system": "developer", "user": "user", "model": "assistant", "tool": "user"}
_UNSAID = (
    "sampling.temperature", "sampling.top_p", "sampling.top_k", "sampling.max_tokens", "sampling.stop",
    "sampling.seed", "sampling.presence_penalty", "sampling.frequency_penalty", "sampling.n", "sampling.logprobs",
    "sampling.top_logprobs", "tool_choice", "parallel_tool_calls", "output", "thinking", "modalities", "image",
    "speech", "media_detail", "safety", "cached_content", "service_tier", "store", "labels",
)  # fmt: skip
"""What a chat request says besides its messages and tools. It is not sent; all of it is reported."""

Items = list[dict[str, Any]]


def write_input(chat: ChatRequest, report: Report) -> dict[str, Any]:
    """The request."""
    items: Items = []
    for message in chat.messages:
        _write_message(message, items, report)
    out: dict[str, Any] = {"input": items}
    if chat.model is not None:
        out["model"] = chat.model
    tools = [tool for one in chat.tools or () if (tool := _tool(one, report)) is not None]
    if tools:
        out["tools"] = tools
    for field in _UNSAID:
        value: Any = chat
        for name in field.split("."):
            value = getattr(value, name)
        if value not in (None, UNSET, (), {}):
            report.lose("dropped", chat, field, "tokens." + field, CODEC, "it is not sent for counting")
    return out


def _write_message(message: Message, items: Items, report: Report) -> None:
    """A message as one item, or as several where calls or results stand between its parts."""
    open_: list[dict[str, Any]] | None = None
    for part in message.parts:
        if isinstance(part, ToolCall):
            items.append(
                {"type": "function_call", "call_id": part.id, "name": tool_name(part.name), "arguments": part.arguments}
            )
            open_ = None
        elif isinstance(part, ToolResult):
            items.append({"type": "function_call_output", "call_id": part.call_id, "output": _output(part, report)})
            open_ = None
        else:
            written = _write_part(part, message.role == "model")
            if written is None:
                report.lose("dropped", part, None, "tokens.part", CODEC)
                continue
            if open_ is None:
                open_ = []
                items.append({"type": "message", "role": _ROLES[message.role], "content": open_})
            open_.append(written)


def _write_part(part: Part, answered: bool) -> dict[str, Any] | None:
    if isinstance(part, Text | Refusal):
        return {"type": "output_text" if answered else "input_text", "text": part.text}
    if not isinstance(part, Media) or part.kind not in ("image", "document") or answered:
        return None
    if isinstance(part.source, Inline):
        where: str | Raw = data_url(part.mime, part.source)
    elif isinstance(part.source, Uri):
        where = part.source.uri
    else:
        return None
    if part.kind == "image":
        return {"type": "input_image", "image_url": where}
    if isinstance(part.source, Uri):
        return {"type": "input_file", "file_url": where}
    return {"type": "input_file", "filename": part.name or "file", "file_data": where}


def _output(result: ToolResult, report: Report) -> str:
    texts = [] if result.output is None else [
        result.output if isinstance(result.output, str) else bytes(result.output).decode()
    ]  # fmt: skip
    for part in result.parts:
        if isinstance(part, Text):
            texts.append(part.text)
        else:
            report.lose("dropped", part, None, "tokens.part", CODEC)
    return "\n".join(texts)


def _tool(tool: Tool, report: Report) -> dict[str, Any] | None:
    if not isinstance(tool, Function):
        report.lose("dropped", tool, None, "tokens.tool", CODEC)
        return None
    out: dict[str, Any] = {"type": "function", "name": tool_name(tool.name), "strict": bool(tool.strict)}
    if tool.description is not None:
        out["description"] = tool.description
    schema = None if tool.parameters is None else tool.parameters.raw
    out["parameters"] = schema
    return {key: Raw(encode(value)) if value is None else value for key, value in out.items()}
