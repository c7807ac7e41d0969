"""What was read from OpenAI or one of its kin is written back as it was, whatever its spelling."""

from __future__ import annotations

from typing import Any

import pytest

from tests.openai.helpers import CALL, TOOL, USER, again, assistant, request

PNG = "data:image/png;base64,iVBORw0KGgo="


def part(kind: str, value: Any, **members: Any) -> dict[str, Any]:
    return request({"role": "user", "content": [{"type": "text", "text": "?"}, {"type": kind, kind: value, **members}]})


REQUESTS: dict[str, dict[str, Any]] = {
    "nothing said": {"messages": []},
    "developer": request({"role": "developer", "content": "x", "name": "n"}),
    "model as a role": request({"role": "model", "content": "x"}),
    "a role of its own": request({"role": "observation", "content": "x"}),
    "list of one text": request({"role": "user", "content": [{"type": "text", "text": "x"}]}),
    "list of nothing": request({"role": "user", "content": []}),
    "text with a cache mark": request(
        {"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}]}
    ),
    "content null": request(assistant(None, tool_calls=[CALL])),
    "content absent": request({"role": "assistant", "tool_calls": [CALL]}),
    "content empty": request(assistant("", tool_calls=[CALL])),
    "no content at all": request({"role": "assistant"}),
    "nulls everywhere": request(
        {"role": "assistant", "content": None, "refusal": None, "tool_calls": None, "name": None, "audio": None}
    ),
    "empty calls": request(assistant("x", tool_calls=[], annotations=[])),
    "calls of all kinds": request(
        assistant(
            None,
            tool_calls=[
                CALL,
                {**CALL, "index": 1},
                {**CALL, "index": 70},
                {"id": "c", "function": {"name": "f", "arguments": ""}},
                {"function": {"name": "f"}},
                {"id": "c", "type": "custom", "custom": {"name": "f", "input": "x"}},
                {"id": "c", "type": "custom", "custom": {"name": "f"}, "function": {"name": "", "arguments": ""}},
                {"id": "c", "type": "odd", "function": {"name": "f", "arguments": "{}", "x": 1}},
                {"id": "c", "custom": {"name": "f", "input": "x"}},
                {**CALL, "custom": {"name": "", "input": ""}, "cache_control": {"type": "ephemeral"}},
                {"id": "c__thought__sig", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                {**CALL, "extra_content": {"google": {"thought_signature": "s"}}},
                {**CALL, "extra_content": {"google": {"thought_signature": "s", "x": 1}, "y": 2}},
                {**CALL, "extra_content": {"google": 1}},
                {**CALL, "extra_content": {"other": {}}},
                {**CALL, "extra_content": "?"},
                {**CALL, "provider_specific_fields": {"thought_signature": "s", "x": 1}},
                {**CALL, "provider_specific_fields": {"x": 1}},
            ],
        )
    ),
    "legacy functions": request(
        USER,
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}", "x": 1}},
        {"role": "function", "name": "f", "content": "1"},
        functions=[{"name": "f", "description": "d", "parameters": {}, "x": 1}, {"name": "g"}],
        function_call={"name": "f"},
    ),
    "no legacy functions": request(functions=[]),
    "legacy beside new": request(tools=[TOOL], functions=[{"name": "g"}], tool_choice="auto", function_call="none"),
    "empty function call": request(assistant("x", function_call={"name": "", "arguments": ""})),
    "results": request(
        {"role": "tool", "tool_call_id": "c1", "content": "x", "name": "f"},
        {"role": "tool", "tool_call_id": "", "content": ""},
        {"role": "tool", "content": None},
        {"role": "tool", "tool_call_id": "c__thought__s", "content": []},
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "x"}]},
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "image_url", "image_url": {"url": PNG}}], "x": 1},
        {"role": "tool", "tool_call_id": "c"},
        {"role": "tool", "tool_call_id": "c", "content": "x", "refusal": None, "tool_calls": [CALL]},
    ),
    "thinking in every field": request(
        assistant("a", reasoning_content="t"),
        assistant("a", reasoning="t"),
        assistant("a", reasoning="t", reasoning_content="t"),
        assistant("a", reasoning="t", reasoning_content="u"),
        assistant("a", reasoning=None, reasoning_content=None),
        assistant("a", reasoning="", reasoning_content=""),
        assistant("a", reasoning="ab", reasoning_details=[{"type": "reasoning.text", "text": "ab", "index": 0}]),
        assistant("a", reasoning_details=[{"type": "reasoning.summary", "summary": "ab", "id": None}, {"data": "x"}]),
        assistant("a", reasoning_details=[], thinking_blocks=[{"type": "thinking", "thinking": "t", "signature": "s"}]),
        assistant("a", reasoning_details=None, thinking_blocks="odd"),
        assistant("a", reasoning_details="odd"),
        assistant(
            [{"type": "thinking", "thinking": [{"type": "text", "text": "t"}, {"type": "reference"}], "closed": True}]
        ),
        assistant([{"type": "thinking", "thinking": "t"}, {"type": "text", "text": "a"}]),
    ),
    "signatures": request(
        assistant("a", extra_content={"google": {"thought_signature": "s"}}),
        assistant("a", extra_content={"google": {"thought_signature": "s", "thought": True}}),
        assistant("<thought>t</thought>a", extra_content={"google": {"thought": True}}),
        assistant(
            "a",
            extra_content={"google": {"thought_signatures": [{"part": 0, "value": "s"}, {"part": 5, "value": "u"}]}},
        ),
        assistant(
            "a", extra_content={"google": {"thought_signatures": [{"part": "x"}, {"part": 0, "value": "s", "y": 1}]}}
        ),
        assistant(
            "a", extra_content={"google": {"thought_signature": "a", "thought_signatures": [{"part": 0, "value": "b"}]}}
        ),
        assistant("a", extra_content={"google": {"thought_signature": 1, "thought_signatures": 1, "thought": 1}}),
        assistant(
            "a", extra_content={"google": {"thought_signature": "a", "thought_signatures": [{"part": 0, "value": "a"}]}}
        ),
        assistant("a", reasoning_details=[{"format": "google-gemini-v1"}]),
        assistant("<thought>t</thought>a", reasoning_content="u", extra_content={"google": {"thought": True}}),
        assistant("a", extra_content=None, thought_signature="s"),
        assistant("a", extra_content={"google": {"thought_signature": "s"}}, thought_signature="s"),
        assistant("a", extra_content={"google": {"thought_signature": "s"}}, thought_signature="t"),
        assistant("a", thought_signature=1),
        assistant("a", provider_specific_fields={"thought_signatures": ["s"], "x": 1}),
        assistant("a", provider_specific_fields={"thought_signatures": 1}),
        assistant("a", provider_specific_fields="odd"),
        assistant(None, tool_calls=[CALL], reasoning_details=[{"data": "s", "format": "google-gemini-v1", "id": "c1"}]),
        assistant("a", reasoning_details=[{"signature": "s", "format": "google-gemini-v1", "id": "gone"}]),
        assistant("", extra_content={"google": {"thought_signature": "s"}}),
    ),
    "image": part("image_url", {"url": PNG}),
    "image before text": request(
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": PNG}}, {"type": "text", "text": "x"}]}
    ),
    "image with words": part("image_url", {"url": PNG, "detail": "low", "format": "image/png"}),
    "image at an address": part("image_url", {"url": "https://x/y.png", "detail": "original", "format": "image/png"}),
    "image, automatic": part("image_url", {"url": "https://x", "detail": "auto"}),
    "image, odd words": part(
        "image_url", {"url": PNG, "detail": "odd", "format": "image/gif", "media_resolution": "?"}
    ),
    "image, resolution": part("image_url", {"url": PNG, "media_resolution": "MEDIA_RESOLUTION_HIGH"}),
    "image, bare": part("image_url", PNG),
    "image, unknown members": part("image_url", {"url": PNG, "x": 1}, cache_control={"type": "ephemeral"}),
    "image, odd data url": part("image_url", {"url": "DATA:image/png;charset=x;base64,iVBO"}),
    "image, percent": part("image_url", {"url": "data:image/svg+xml,%3Csvg%2F%3E"}),
    "image null beside text": request({"role": "user", "content": [{"type": "text", "text": "x", "image_url": None}]}),
    "sound": part("input_audio", {"data": "UklGRg==", "format": "wav"}),
    "sound, odd": part("input_audio", {"data": "UklGRg==", "format": "flac", "x": 1}),
    "sound, no format": part("input_audio", {"data": "//NkxA=="}),
    "sound, twice the same": part("input_audio", {"data": "data:audio/wav;base64,UklGRg==", "format": "wav"}),
    "image, twice the same": part("image_url", {"url": PNG, "detail": "low", "media_resolution": "low"}),
    "image, an odd surrogate": part("image_url", {"url": "data:x"}),
    "sound, bare": part("input_audio", "//NkxA=="),
    "sound, data url": part("input_audio", {"data": "data:audio/ogg;base64,T2dn", "format": "wav"}),
    "sound, address": part("input_audio", "https://x/y.mp3"),
    "file": part("file", {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"}),
    "file, bare": part("file", {"filename": "a.txt", "file_data": "aGk="}),
    "file, address": part("file", {"file_data": "https://x/y.pdf", "format": "application/pdf"}),
    "file, id": part("file", {"file_id": "file-1"}),
    "file, id is an address": part("file", {"file_id": "https://generativelanguage.googleapis.com/v1beta/files/x"}),
    "file, both": part("file", {"file_id": "file-1", "file_data": "aGk="}),
    "file, empty": part("file", {}),
    "video": part("video_url", {"url": "https://youtu.be/x"}, video_metadata={"fps": 2, "start_offset": "1s", "x": 1}),
    "video, metadata odd": part("video_url", {"url": "https://x"}, video_metadata={"x": 1}),
    "video, metadata no object": part("video_url", {"url": "https://x", "y": 1}, video_metadata=1),
    "sound by address": part("audio_url", {"url": "https://x/a.ogg"}),
    "document": part("document_url", "https://x/y.pdf", document_name="y"),
    "document without name": part("document_url", "data:application/pdf;base64,JVBE"),
    "file url": part("file_url", {"url": "https://x/y.pdf"}),
    "refusal part": request(assistant([{"type": "refusal", "refusal": "no", "x": 1}, {"type": "text", "text": "x"}])),
    "part of its own kind": part("odd", {"x": [1]}),
    "part without type": request({"role": "user", "content": [{"text": "x"}]}),
    "part with two things": request({"role": "user", "content": [{"type": "text", "text": "x", "refusal": "y"}]}),
    "images in history": request(assistant("x", images=[{"type": "image_url", "image_url": {"url": PNG}, "index": 0}])),
    "images of Ollama": request({"role": "user", "content": "x", "images": ["iVBORw0KGgo=", "aGk=", "https://x", PNG]}),
    "images odd": request(assistant("x", images="odd"), assistant("x", images=[])),
    "audio in history": request(
        assistant(None, audio={"id": "audio_1"}), assistant("x", audio={"id": "a", "data": "UklGRg=="})
    ),
    "a stray call id": request({"role": "user", "content": "x", "tool_call_id": "c"}),
    "annotations echoed": request(assistant("x", annotations=[{"type": "url_citation"}])),
    "parameters": request(
        temperature=0,
        top_p=0.5,
        top_k=3,
        max_tokens=1,
        stop=["a"],
        seed=-1,
        presence_penalty=0.0,
        frequency_penalty=2,
        n=1,
        logprobs=True,
        top_logprobs=0,
        parallel_tool_calls=False,
        store=True,
        service_tier="flex",
        modalities=["text", "audio"],
        stream=True,
        stream_options={"include_usage": True},
    ),
    "other spellings": request(
        max_completion_tokens=5,
        max_tokens=6,
        stop="a",
        stream=False,
        modalities=["TEXT"],
        stream_options={"include_usage": False, "include_obfuscation": True},
    ),
    "both limits, equal": request(max_completion_tokens=5, max_tokens=5),
    "nulls": request(
        temperature=None, stop=None, tools=None, tool_choice=None, response_format=None, stream_options=None
    ),
    "unknown members": request(user="u", provider={"order": ["x"]}, usage={"include": True}, logit_bias={"1": 1}),
    "metadata": request(metadata={"a": "b"}),
    "metadata odd": request(metadata={"a": 1}),
    "speech": request(audio={"voice": "alloy", "format": "wav"}, modalities=["text", "audio"]),
    "speech, a voice's id": request(audio={"voice": {"id": "v"}, "format": "wav", "x": 1}),
    "speech, odd": request(audio={"x": 1}),
    "format text": request(response_format={"type": "text"}),
    "format json": request(response_format={"type": "json_object"}),
    "format json, more": request(response_format={"type": "json_object", "json_schema": {"name": "x"}, "y": 1}),
    "format schema": request(
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "n", "description": "d", "schema": {"type": "object"}, "strict": True},
        }
    ),
    "format schema, little": request(
        response_format={"type": "json_schema", "json_schema": {"strict": None, "schema": None}}
    ),
    "format schema, more": request(
        response_format={"type": "json_schema", "json_schema": {"name": "n", "x": 1}, "y": 1}
    ),
    "format odd": request(response_format={"type": "grammar", "grammar": "x"}),
    "tools": request(
        tools=[
            TOOL,
            {"function": {"name": "g", "description": "d", "strict": None, "parameters": None}},
            {**TOOL, "cache_control": {"type": "ephemeral"}},
            {"type": "function", "function": {"name": "h", "strict": True, "required": ["x"]}},
            {"type": "custom", "custom": {"name": "c", "description": "d", "format": {"type": "text"}, "x": 1}},
            {"type": "openrouter:web_search", "parameters": {"max_uses": 1}, "x": 1},
            {"type": "mystery"},
        ]
    ),
    "a custom tool": request(tools=[{"type": "custom", "custom": {"name": "c"}}]),
    "a custom call": request(
        assistant(None, tool_calls=[{"id": "c", "type": "custom", "custom": {"name": "f", "input": "x"}}])
    ),
    "a function without its schema": request(
        tools=[{"type": "function", "function": {"name": "g", "parameters": None}}]
    ),
    "format json, unknown": request(response_format={"type": "json_object", "y": 1}),
    "legacy choice, odd": request(functions=[{"name": "g"}], function_call=1),
    "knobs of the wrong type": request(thinking_budget=True, reasoning={"effort": None, "max_tokens": "x"}),
    "no tools": request(tools=[]),
    "no tools, but a search": request(tools=[], plugins=[{"id": "web", "max_results": 1}, {"id": "x"}, 1, {}]),
    "plugins odd": request(plugins={"id": "web"}),
    "web search": request(web_search_options={"search_context_size": "low"}),
    "web search, plain": request(web_search_options={}),
    "web search, odd": request(web_search_options=True),
    "choice any": request(tools=[TOOL], tool_choice="any"),
    "choice named": request(tools=[TOOL], tool_choice={"type": "function", "function": {"name": "f"}}),
    "choice without type": request(tools=[TOOL], tool_choice={"function": {"name": "f"}, "x": 1}),
    "choice of another type": request(tools=[TOOL], tool_choice={"type": "odd", "function": {"name": "f"}}),
    "choice custom": request(tools=[TOOL], tool_choice={"type": "custom", "custom": {"name": "f"}}),
    "choice without name": request(tools=[TOOL], tool_choice={"type": "function", "function": 1}),
    "choice odd": request(tools=[TOOL], tool_choice="odd"),
    "choice allowed": request(
        tools=[TOOL],
        tool_choice={
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "auto",
                "tools": [{"type": "function", "function": {"name": "f"}, "x": 1}, {"type": "mcp"}],
                "y": 1,
            },
        },
    ),
    "choice allowed, odd": request(tools=[TOOL], tool_choice={"allowed_tools": {"mode": "odd", "tools": 1}}),
    "choice without tools": request(tool_choice="required"),
    "thinking knobs": request(
        reasoning_effort="low",
        reasoning={"effort": "high", "max_tokens": 10, "enabled": True, "exclude": False, "x": 1},
        thinking={"type": "enabled", "budget_tokens": 20, "clear_thinking": False},
        enable_thinking=True,
        thinking_budget=30,
        include_reasoning=True,
        chat_template_kwargs={"enable_thinking": False, "x": 1},
    ),
    "thinking knobs, odd": request(
        reasoning="x", thinking={"type": "odd"}, enable_thinking="yes", reasoning_effort="x"
    ),
    "google": request(
        extra_body={
            "google": {
                "thinking_config": {"thinking_level": "low", "include_thoughts": True, "x": 1},
                "cached_content": "cachedContents/x",
                "safety_settings": [{"category": "C", "threshold": "T", "method": "M", "x": 1}, {"category": 1}],
                "image_config": {"aspect_ratio": "1:1", "image_size": "1K", "x": 1},
                "aspect_ratio": "4:3",
                "tools": [{"google_search": {}}, {"url_context": {"x": 1}, "mystery": {}}],
                "generation_config": {"temperature": 1, "thinking_config": {"thinking_budget": 5}},
                "mystery": {"x": 1},
                "empty": None,
            },
            "enable_thinking": True,
            "reasoning": {"effort": "low"},
            "other": 1,
        }
    ),
    "google, odd": request(
        extra_body={
            "google": {"tools": 1, "generation_config": 1, "safety_settings": 1, "cached_content": 1, "aspect_ratio": 1}
        },
        google={"cachedContent": "c", "image_config": {"aspect_ratio": "1:1"}},
        safety_settings=[{"category": "C", "threshold": "T"}],
        cached_content="d",
        image_config={"aspect_ratio": "1:1", "empty": None},
    ),
    "google, no object": request(extra_body={"google": 1}, google=[], image_config=1),
    "extra body, no object": request(extra_body=[1]),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_comes_back(name: str) -> None:
    assert again(REQUESTS[name]) == REQUESTS[name]
