"""Parts and messages that the tests of the OpenAI writers share."""

from __future__ import annotations

from typing import Any

from metaphrase import ir
from tests.openai.helpers import talk, write

PNG = ir.Media("image", ir.Inline.of("AAAA"), "image/png")
PNG_PART = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def messages(*given: ir.Message, **options: Any) -> Any:
    return write(talk(*given), **options)[0]["messages"]


def call(name: str = "f", id: str = "c1", **fields: Any) -> ir.ToolCall:
    return ir.ToolCall(id, name, '{"a":1}', **fields)


def result(id: str = "c1", name: str | None = "f", output: Any = "r", **fields: Any) -> ir.ToolResult:
    return ir.ToolResult(id, name, output, **fields)


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "r"}
