"""Losses of the codec that writes are reported where Gemini's wire keeps the value."""

from __future__ import annotations

from typing import Any

import pytest

from metaphrase import Report, ir
from tests.gemini.helpers import read, read_answer, request


def place(node: ir.Node, field: str | None, report: Report) -> str:
    report.lose("dropped", node, field, "x", "elsewhere")
    return report.losses[0].path


def part(**members: Any) -> dict[str, Any]:
    return request({"role": "user", "parts": [members]})


PARTS: list[tuple[dict[str, Any], str, str]] = [
    ({"inlineData": {"mimeType": "a/b", "data": ""}}, "mime", "inlineData.mimeType"),
    ({"inlineData": {"mimeType": "a/b", "data": ""}}, "source", "inlineData.data"),
    ({"fileData": {"mimeType": "a/b", "fileUri": "u"}}, "mime", "fileData.mimeType"),
    ({"fileData": {"displayName": "n", "fileUri": "u"}}, "name", "fileData.displayName"),
    ({"functionCall": {"name": "f"}}, "arguments", "functionCall.args"),
    ({"functionResponse": {"name": "f"}}, "call_id", "functionResponse.id"),
    ({"text": "a", "thoughtSignature": "x"}, "state", "thoughtSignature"),
    ({"text": "a"}, "text", "text"),
    ({"executableCode": {"code": "a"}}, "code", "executableCode.code"),
]


@pytest.mark.parametrize(("wire", "field", "path"), PARTS)
def test_parts(wire: dict[str, Any], field: str, path: str) -> None:
    report = Report()
    found = read(part(**wire), report=report).messages[0].parts[0]
    assert place(found, field, report) == f"$.contents[0].parts[0].{path}"


@pytest.mark.parametrize("key", ["responseJsonSchema", "_responseJsonSchema", "responseSchema"])
def test_schemas_of_answers(key: str) -> None:
    report = Report()
    chat = read(request(generationConfig={key: {"type": "object"}}), report=report)
    assert place(chat, "output.schema", report) == f"$.generationConfig.{key}"


def test_schemas_of_functions() -> None:
    report = Report()
    chat = read(
        request(tools=[{"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT"}}]}]), report=report
    )
    assert isinstance(chat.tools, tuple)
    assert place(chat.tools[0], "parameters", report) == "$.tools[0].functionDeclarations[0].parameters"


def test_citations() -> None:
    report = Report()
    candidate = {
        "content": {"parts": [{"text": "abc"}]},
        "groundingMetadata": {
            "groundingChunks": [{"web": {"uri": "u"}}],
            "groundingSupports": [{"segment": {"endIndex": 1}, "groundingChunkIndices": [0]}],
        },
        "citationMetadata": {"citationSources": [{"startIndex": 1, "endIndex": 2, "uri": "v"}]},
    }
    first, second = read_answer({"candidates": [candidate]}, report).choices[0].citations
    assert place(first, "end", Report()) == "$.candidates[0].groundingMetadata.groundingSupports[0].end"
    assert place(first, "end", report).endswith("groundingSupports[0].segment.endIndex")
    report.lose("dropped", second, "start", "y", "elsewhere")
    assert report.losses[0].path == "$.candidates[0].citationMetadata.citationSources[0].startIndex"
    report.lose("dropped", ir.Citation("u"), "end", "z", "elsewhere")
    assert report.losses[-1].path == "$.endIndex"
