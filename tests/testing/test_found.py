"""Documents with which the kit found a fault: the laws hold for them now."""

import json
from typing import Any

import pytest

from metaphrase import ReadError, codecs, convert
from metaphrase.testing.document import Document
from metaphrase.testing.laws import ABROAD, AT_HOME, Bench, guarded, total

ASKED: dict[str, Any] = {"model": "gpt-x", "messages": [{"role": "user", "content": "Hi"}]}
PDF = {"type": "file", "file": {"file_id": "file-abc", "format": "application/pdf"}, "cache_control": {"type": "x"}}
CUSTOM = {"id": "1", "type": "custom", "custom": {"name": "f", "input": ""}}
ALLOWED = {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f", "odd": 1}}]}


def small(resolution: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "media_resolution": resolution}}


def cited_at(start: int | None, end: int | None) -> dict[str, Any]:
    span = {"start_index": start, "end_index": end}
    cited = {"url": "https://example.org", **{key: value for key, value in span.items() if value is not None}}
    message = {
        "role": "assistant",
        "content": "abcdef",
        "annotations": [{"type": "url_citation", "url_citation": cited}],
    }
    return {
        "id": "x",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }


def grounded(segment: Any) -> dict[str, Any]:
    chunks = [{"web": {"uri": "https://example.org"}}]
    grounding = {"groundingChunks": chunks, "groundingSupports": [{"segment": segment, "groundingChunkIndices": [0]}]}
    return {"candidates": [{"content": {"parts": [{"text": "héllo"}]}, "groundingMetadata": grounding}]}


TEXT = {"responseMimeType": "text/plain"}


def signed(numbered: list[tuple[int, str]], content: str | None, **members: Any) -> dict[str, Any]:
    google = {"thought_signatures": [{"part": part, "value": value} for part, value in numbered]}
    message = {"role": "assistant", "content": content, "extra_content": {"google": google}, **members}
    return ASKED | {"messages": [{"role": "user", "content": "x"}, message]}


def counted(protocol: str, prompt: int, output: int, thoughts: int, total: int) -> dict[str, Any]:
    if protocol == "gemini":
        usage = {"promptTokenCount": prompt, "candidatesTokenCount": output, "thoughtsTokenCount": thoughts}
        return {"candidates": [{"content": {"role": "model"}}], "usageMetadata": usage | {"totalTokenCount": total}}
    details = {"completion_tokens_details": {"reasoning_tokens": thoughts}}
    usage = {"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": total}
    choice = {"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}
    return {"id": "x", "created": 1, "model": "m", "choices": [choice], "usage": usage | details}


@pytest.mark.parametrize(
    ("source", "kind", "value"),
    [
        ("openai", "chat.request", ASKED | {"tool_choice": {"type": "odd", "allowed_tools": ALLOWED}}),
        ("openai", "chat.request", ASKED | {"function_call": {"name": "f", "odd": 1}}),
        ("openai", "chat.request", ASKED | {"audio": {"voice": {"id": "v", "odd": 1}, "format": "wav"}}),
        ("openai", "chat.request", ASKED | {"messages": [{"role": "user", "content": [PDF]}]}),
        ("openai", "chat.request", ASKED | {"messages": [{"role": "assistant", "tool_calls": [CUSTOM]}]}),
        ("openai", "chat.request", ASKED | {"stream": True, "stream_options": {"include_usage": True}}),
        ("openai", "chat.request", ASKED | {"stream": True, "stream_options": {"include_usage": False}}),
        ("openai", "chat.request", ASKED | {"messages": [{"role": "user", "content": [small("low"), small("high")]}]}),
        ("openai", "chat.response", cited_at(0, 30)),
        ("openai", "chat.response", cited_at(30, 40)),
        ("openai", "chat.response", cited_at(-1, 3)),
        ("openai", "chat.response", cited_at(3, 2)),
        ("openai", "chat.response", cited_at(None, 3)),
        ("openai", "chat.response", cited_at(3, None)),
        ("gemini", "chat.response", grounded({"startIndex": 2})),
        ("gemini", "chat.response", grounded({"startIndex": 20, "text": "x"})),
        ("openai", "chat.request", signed([(0, "AAAA")], "")),
        ("openai", "chat.request", signed([(1, "AAAA")], "")),
        ("openai", "chat.request", signed([(9, "AAAA")], "x")),
        ("openai", "chat.request", signed([(0, "AAAA"), (0, "BBBB")], "x")),
        ("openai", "chat.request", signed([(0, "AAAA"), (0, "AAAA")], None)),
        (
            "openai",
            "chat.request",
            signed([(0, "AAAA")], "x", provider_specific_fields={"thought_signatures": ["AAAA"]}),
        ),
        ("openai", "chat.response", counted("openai", 3, 5, 1, 9)),
        ("openai", "chat.response", counted("openai", 3, 5, 1, 8)),
        ("gemini", "chat.response", counted("gemini", 1, 1, 1, 3)),
        ("gemini", "chat.response", counted("gemini", 1, 2, 1, 3)),
        ("gemini", "chat.request", {"contents": [{"role": "model", "parts": [{"text": "", "thought": False}]}]}),
        ("gemini", "chat.request", {"contents": [{"role": "model", "parts": [{"text": "", "thought": True}]}]}),
        ("gemini", "chat.request", {"contents": [{"role": "model", "parts": [{"thought": True, "partMetadata": {}}]}]}),
        (
            "gemini",
            "chat.request",
            {"contents": [{}], "generationConfig": TEXT | {"responseJsonSchema": {"type": "object"}}},
        ),
        ("gemini", "chat.request", {"contents": [{}], "generationConfig": {"maxOutputTokens": "5", "topK": 40.0}}),
        ("gemini", "chat.request", {"contents": [{}], "generationConfig": {"logprobs": 5}}),
        ("gemini", "chat.request", {"contents": [{}], "tools": [{"googleSearch": {"odd": 1}}]}),
        ("gemini", "chat.response", {"candidates": [{"content": {"parts": [{"text": "", "partMetadata": {}}]}}]}),
    ],
    ids=str,
)
def test_the_laws_hold(source: str, kind: str, value: Any) -> None:
    other = {"openai": "gemini", "gemini": "openai"}[source]
    bench = Bench(codecs()[source], codecs()[other], kind)
    document = Document(json.dumps(value).encode())
    found = [(name, fault) for name, law in {**AT_HOME, **ABROAD}.items() for fault in guarded(law(bench, document))]
    assert found == []


def test_the_laws_hold_where_elements_are_spelt_in_two_ways() -> None:
    bench = Bench(codecs()["gemini"], codecs()["openai"], "chat.request")
    request, written = [
        json.dumps(
            {"contents": [{"parts": [{"text": "a", name: {"fps": 1}}, {"text": "b", "videoMetadata": {"fps": 2}}]}]}
        )
        for name in ("video_metadata", "videoMetadata")
    ]
    document = Document(request.encode(), written=written.encode())
    found = [(name, fault) for name, law in {**AT_HOME, **ABROAD}.items() for fault in guarded(law(bench, document))]
    assert found == []


def test_a_number_that_nobody_reads_may_be_any_size_beside_another_spelling() -> None:
    bench = Bench(codecs()["gemini"], codecs()["openai"], "chat.request")
    assert list(total(bench, b'{"contents":{"parts":{"zz_unknown":[1e400]}}}', None)) == []


def test_the_laws_hold_for_results_that_are_alike() -> None:
    orphan = {"role": "tool", "tool_call_id": "call_2", "content": "{}"}
    calls = [{"id": f"call_{n}", "type": "function", "function": {"name": "f", "arguments": "{}"}} for n in (2, 1)]
    said = [{"role": "assistant", "content": None, "tool_calls": [call]} for call in calls]
    value = ASKED | {"messages": [orphan, *said, orphan | {"tool_call_id": "call_1", "content": "x"}, orphan]}
    bench = Bench(codecs()["openai"], codecs()["gemini"], "chat.request")
    assert list(guarded(ABROAD["there and back"](bench, Document(json.dumps(value).encode())))) == []


def test_a_fault_in_a_section_is_named_as_the_document_spells_it() -> None:
    body = b'{"candidates":[{"grounding_metadata":{"groundingSupports":[{"segment":{"startIndex":"x"}}]}}]}'
    with pytest.raises(ReadError) as found:
        convert(body, source="gemini", target="openai", kind="chat.response")
    assert found.value.path == "$.candidates[0].grounding_metadata.groundingSupports[0].segment.startIndex"
