"""OpenAI documents in which a field may stand: the smallest in which it means something.

The key is a path of the table: the frame with the longest key that leads to a field is its frame. What is probed in an
array is the element marked with `"@"`, else the last one. The mark is taken out before the document is converted.
"""

from __future__ import annotations

from typing import Any

from .frame import Frame

PNG = "data:image/png;base64,iVBORw0KGgo="
PDF = "data:application/pdf;base64,QUJDRA=="
ITEM_CALL: dict[str, Any] = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"}
ITEM_RESULT: dict[str, Any] = {"type": "function_call_output", "call_id": "call_1", "output": "ok"}
ASK: dict[str, Any] = {"role": "user", "content": "Hi"}
CALL: dict[str, Any] = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
TOOL: dict[str, Any] = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
OTHER_TOOL: dict[str, Any] = {"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}
CUSTOM: dict[str, Any] = {"type": "custom", "custom": {"name": "run"}}
CUSTOM_CALL: dict[str, Any] = {"id": "call_1", "type": "custom", "custom": {"name": "run", "input": "x"}}


def _request(*messages: dict[str, Any], **more: Any) -> Frame:
    return Frame("chat.request", {"model": "gemini-2.5-flash", "messages": list(messages or (ASK,)), **more})


def _user(*parts: dict[str, Any], **more: Any) -> Frame:
    """A request of Gemini 3, which takes a resolution for each medium."""
    message = {"role": "user", "content": [{"type": "text", "text": "Look"}, *parts]}
    return Frame("chat.request", {"model": "gemini-3-flash-preview", "messages": [message], **more})


def _step(call: dict[str, Any], **more: Any) -> Frame:
    """A request with one call and its result; the call is what is probed."""
    said = {"@": 1, "role": "assistant", "content": None, "tool_calls": [call], **more}
    return _request(ASK, said, {"role": "tool", "tool_call_id": call.get("id", "call_1"), "content": "ok"})


def _model(**message: Any) -> Frame:
    """A request whose probed message is the model's."""
    return _request(ASK, {"@": 1, "role": "assistant", "content": "Well", **message}, ASK)


def _answer(*, choice: dict[str, Any] | None = None, **message: Any) -> Frame:
    first = {"index": 0, "message": {"role": "assistant", "content": "Hello", **message}, "finish_reason": "stop"}
    document = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_795_341_600,
        "model": "gpt-5",
        "choices": [first | (choice or {})],
    }
    return Frame("chat.response", document)


def _chunk(delta: dict[str, Any] | None = None, **more: Any) -> Frame:
    """A stream of three chunks; the first is what is probed."""
    head: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_795_341_600,
        "model": "gpt-5",
    }
    first = {"role": "assistant", "content": "Hello"} if delta is None else {"role": "assistant", **delta}
    choice = {"index": 0, "delta": first, "finish_reason": None}
    last = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return Frame("chat.stream", [{"@": 1, **head, "choices": [choice], **more}, {**head, "choices": [last]}])


def _spoken(logprobs: dict[str, Any]) -> Frame:
    """A stream whose first choice has log probabilities."""
    frame = _chunk()
    frame.document[0]["choices"][0]["logprobs"] = logprobs
    return frame


def _with_tools(choice: object = None, *tools: dict[str, Any]) -> Frame:
    more = {} if choice is None else {"tool_choice": choice}
    return _request(ASK, tools=list(tools or (TOOL,)), **more)


def _ending() -> Frame:
    """A stream whose last choice is probed: a reason for the end stands there."""
    frame = _chunk()
    first, last = frame.document
    return Frame("chat.stream", [{k: v for k, v in first.items() if k != "@"}, {"@": 1, **last}])


def _counting() -> Frame:
    """A stream that ends with its usage, which is probed."""
    frame = _ending()
    first, last = frame.document
    head = {key: value for key, value in last.items() if key not in ("@", "choices")}
    usage = {"prompt_tokens": 40, "completion_tokens": 50, "total_tokens": 90}
    plain = {key: value for key, value in last.items() if key != "@"}
    return Frame("chat.stream", [first, plain, {"@": 1, **head, "choices": [], "usage": usage}])


def _legacy_result() -> Frame:
    """A request that ends with the result of a legacy call, which is probed."""
    said = {"role": "assistant", "content": None, "function_call": {"name": "look", "arguments": "{}"}}
    return _request(ASK, said, {"role": "function", "content": "ok"})


def _counted(*items: dict[str, Any], **more: Any) -> Frame:
    """A request for a count of tokens."""
    given: Any = list(items) if items else "Hi"
    return Frame("tokens.request", {"model": "gemini-2.5-flash", "input": given, **more})


TOKEN: dict[str, Any] = {"token": "Hello", "logprob": -0.25, "bytes": [72, 101, 108, 108, 111], "top_logprobs": []}
RIVAL: dict[str, Any] = {"token": "Hey", "logprob": -2, "bytes": [72, 101, 121]}
CITED: dict[str, Any] = {
    "type": "url_citation",
    "url_citation": {"url": "https://example.org/a", "title": "A", "start_index": 0, "end_index": 5},
}
MODERATED: dict[str, Any] = {"input": {"type": "moderation_results", "model": "m", "results": []}}
USED: dict[str, Any] = {"prompt_tokens": 40, "completion_tokens": 50, "total_tokens": 90}
SAFETY: dict[str, Any] = {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}
REASONED: dict[str, Any] = {"type": "reasoning.text", "text": "Hm", "format": "google-gemini-v1", "index": 0}
IMAGE: dict[str, Any] = {"type": "image_url", "index": 0, "image_url": {"url": PNG}}
SOUND: dict[str, Any] = {"id": "audio_1", "data": "QUJDRA==", "expires_at": 1_795_345_200, "transcript": "Hello"}
EMBEDDED: dict[str, Any] = {
    "object": "list",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}],
    "model": "text-embedding-3-small",
    "usage": {"prompt_tokens": 3, "total_tokens": 3},
}
MODEL: dict[str, Any] = {"id": "gpt-5", "object": "model", "created": 1_700_000_000, "owned_by": "openai"}
ERROR: dict[str, Any] = {"message": "no", "type": "invalid_request_error", "param": None, "code": None}

FRAMES: dict[str, Frame] = {
    "request": _request(),
    "request.messages[]": _request(ASK),
    "request.messages[].audio": _model(audio={"id": "audio_1"}),
    "request.messages[].content[]": _user({"type": "text", "text": "this"}),
    "request.messages[].content[].audio_url": _user({"type": "audio_url", "audio_url": {"url": "https://a.org/a.wav"}}),
    "request.messages[].content[].video_url": _user({"type": "video_url", "video_url": {"url": "https://a.org/a.mp4"}}),
    "request.messages[].content[].video_metadata": _user(
        {"type": "video_url", "video_url": {"url": "https://example.org/a.mp4"}}
    ),
    "request.messages[].content[].file": _user({"type": "file", "file": {"file_data": PDF}}),
    "request.messages[].content[].file.file_id": _user({"type": "file", "file": {}}),
    "request.messages[].content[].image_url": _user({"type": "image_url", "image_url": {"url": PNG}}),
    "request.messages[].content[].image_url.format": _user(
        {"type": "image_url", "image_url": {"url": "https://a.org/a"}}
    ),
    "request.messages[].content[].file.format": _user({"type": "file", "file": {"file_id": "https://a.org/a"}}),
    "request.messages[].content[].input_audio": _user(
        {"type": "input_audio", "input_audio": {"data": "QUJDRA==", "format": "wav"}}
    ),
    "request.messages[].content[].refusal": _request(
        ASK, {"@": 1, "role": "assistant", "content": [{"type": "refusal", "refusal": "No"}]}, ASK
    ),
    "request.messages[].extra_content": _model(),
    "request.messages[].function_call": _request(
        ASK,
        {"@": 1, "role": "assistant", "content": None, "function_call": {"name": "look", "arguments": "{}"}},
        {"role": "function", "name": "look", "content": "ok"},
    ),
    "request.messages[].images[]": _model(images=[IMAGE]),
    "request.messages[].prefix": _request(ASK, {"role": "assistant", "content": "Well"}),
    "request.messages[].reasoning": _model(),
    "request.messages[].reasoning_content": _model(),
    "request.messages[].reasoning_details[]": _model(reasoning_details=[]),
    "request.messages[].refusal": _model(content=None),
    "request.messages[].tool_call_id": _request(
        ASK, {"role": "assistant", "content": None, "tool_calls": [CALL]}, {"role": "tool", "content": "ok"}
    ),
    "request.messages[].tool_calls": _step(CALL),
    "request.messages[].tool_calls[].custom": _step(
        {"id": "call_1", "type": "custom", "custom": {"name": "run", "input": "x"}}
    ),
    "request.response_format.json_schema": _request(
        ASK, response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}
    ),
    "request.functions": _request(ASK, functions=[{"name": "look", "parameters": {"type": "object"}}]),
    "request.function_call": _request(ASK, functions=[{"name": "look"}, {"name": "find"}]),
    "request.function_call.name": _request(ASK, functions=[{"name": "look"}, {"name": "find"}], function_call={}),
    "request.audio": _request(ASK, modalities=["audio"], audio={"voice": "alloy", "format": "wav"}),
    "request.audio.voice.id": _request(ASK, modalities=["audio"], audio={"voice": {}, "format": "wav"}),
    "request.top_logprobs": _request(ASK, logprobs=True),
    "request.stream_options": _request(ASK, stream=True, stream_options={"include_usage": True}),
    "request.tool_choice": _with_tools(),
    "request.tool_choice.function": _with_tools({"type": "function", "function": {"name": "look"}}, TOOL, OTHER_TOOL),
    "request.tool_choice.type": _with_tools({"type": "function", "function": {"name": "look"}}, TOOL, OTHER_TOOL),
    "request.tool_choice.custom": _with_tools({"type": "custom", "custom": {"name": "run"}}, CUSTOM, OTHER_TOOL),
    "request.tool_choice.allowed_tools": _with_tools(
        {
            "type": "allowed_tools",
            "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "look"}}]},
        },
        TOOL,
        OTHER_TOOL,
    ),
    "request.tools": _with_tools(),
    "request.tools[].custom": _with_tools(None, CUSTOM),
    "request.tools[].custom.format.grammar": _with_tools(
        None,
        {
            "type": "custom",
            "custom": {
                "name": "run",
                "format": {"type": "grammar", "grammar": {"definition": "start: X", "syntax": "lark"}},
            },
        },
    ),
    "request.parallel_tool_calls": _with_tools(),
    "request.web_search_options": _request(ASK, web_search_options={}),
    "request.web_search_options.user_location": _request(
        ASK, web_search_options={"user_location": {"type": "approximate", "approximate": {}}}
    ),
    "request.plugins[]": _request(ASK, plugins=[]),
    "request.prediction": _request(ASK, prediction={"type": "content", "content": "x"}),
    "request.prediction.content[]": _request(
        ASK, prediction={"type": "content", "content": [{"type": "text", "text": "x"}]}
    ),
    "request.extra_body.google.thinking_config.thinking_level": Frame(
        "chat.request", {"model": "gemini-3-flash-preview", "messages": [ASK]}
    ),
    "request.thinking.budget_tokens": _request(ASK, thinking={"type": "enabled"}),
    "request.thinking.type": _request(ASK, thinking={}),
    "response": _answer(),
    "response.error": Frame("chat.response", {"id": "chatcmpl-1", "model": "gpt-5"}),
    "response.choices[].error": _answer(choice={"finish_reason": "error"}),
    "response.choices[].logprobs": _answer(choice={"logprobs": {"content": [TOKEN], "refusal": None}}),
    "response.choices[].logprobs.refusal": _answer(choice={"logprobs": {"content": None, "refusal": [TOKEN]}}),
    "response.choices[].logprobs.content[].top_logprobs": _answer(
        choice={"logprobs": {"content": [TOKEN | {"top_logprobs": [RIVAL]}]}}
    ),
    "response.choices[].logprobs.refusal[].top_logprobs": _answer(
        choice={"logprobs": {"refusal": [TOKEN | {"top_logprobs": [RIVAL]}]}}
    ),
    "response.choices[].message.annotations": _answer(annotations=[CITED]),
    "response.choices[].message.audio": _answer(content=None, audio=SOUND),
    "response.choices[].message.content[]": _answer(content=[{"type": "text", "text": "Hello"}]),
    "response.choices[].message.extra_content.google.thought": _answer(content="<thought>Hm</thought>Hello"),
    "response.choices[].message.function_call": _answer(
        content=None, function_call={"name": "look", "arguments": "{}"}
    ),
    "response.choices[].message.images[]": _answer(images=[IMAGE]),
    "response.choices[].message.reasoning_details[]": _answer(reasoning_details=[REASONED]),
    "response.choices[].message.reasoning_details[].format": _answer(
        reasoning_details=[{"type": "reasoning.encrypted", "data": "QUJDRA==", "index": 0}]
    ),
    "response.choices[].message.reasoning_details[].data": _answer(
        reasoning_details=[{"type": "reasoning.encrypted", "format": "google-gemini-v1", "index": 0}]
    ),
    "response.choices[].message.reasoning_details[].summary": _answer(
        reasoning_details=[{"type": "reasoning.summary", "index": 0}]
    ),
    "response.choices[].message.refusal": _answer(content=None),
    "response.choices[].message.thinking_blocks[]": _answer(thinking_blocks=[]),
    "response.choices[].message.tool_calls": _answer(content=None, tool_calls=[CALL]),
    "response.choices[].message.tool_calls[].custom": _answer(
        content=None, tool_calls=[{"id": "call_1", "type": "custom", "custom": {"name": "run", "input": "x"}}]
    ),
    "response.usage": Frame("chat.response", _answer().document | {"usage": USED}),
    "chunk": _chunk(),
    "chunk.usage": _counting(),
    "chunk.choices[].finish_reason": _ending(),
    "chunk.choices[].index": Frame("chat.stream", _ending().document[1:]),
    "chunk.choices[].native_finish_reason": _ending(),
    "chunk.choices[].logprobs": _spoken({"content": [TOKEN]}),
    "chunk.choices[].logprobs.refusal": _spoken({"refusal": [TOKEN]}),
    "chunk.choices[].logprobs.content[].top_logprobs": _spoken({"content": [TOKEN | {"top_logprobs": [RIVAL]}]}),
    "chunk.choices[].logprobs.refusal[].top_logprobs": _spoken({"refusal": [TOKEN | {"top_logprobs": [RIVAL]}]}),
    "chunk.choices[].delta.audio": _chunk({"audio": SOUND}),
    "chunk.choices[].delta.function_call": _chunk({"function_call": {"name": "look", "arguments": "{}"}}),
    "chunk.choices[].delta.images[]": _chunk({"images": []}),
    "chunk.choices[].delta.reasoning_details[]": _chunk({"reasoning_details": []}),
    "chunk.choices[].delta.tool_calls": _chunk({"tool_calls": [{"index": 0, **CALL}]}),
    "chunk.choices[].delta.tool_calls[].index": _chunk(
        {"tool_calls": [{"index": 0, **CALL}, {"id": "call_2", "type": "function", "function": CALL["function"]}]}
    ),
    "chunk.choices[].delta.extra_content.google.thought": _chunk({"content": "<thought>Hm</thought>Hello"}),
    "embeddings.request": Frame("embedding.request", {"model": "m", "input": "ash"}),
    "embeddings.response": Frame("embedding.response", EMBEDDED),
    "embeddings.response.data[].index": Frame(
        "embedding.response",
        EMBEDDED | {"data": [{"@": 1, **EMBEDDED["data"][0]}, {"index": 0, "embedding": [0.75, 0.5]}]},
    ),
    "input_tokens.request": _counted(),
    "input_tokens.request.input[]": _counted({"role": "user", "content": "Hi"}),
    "input_tokens.request.input[].content[]": _counted(
        {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}
    ),
    "input_tokens.request.input[].content[].image_url": _counted(
        {"role": "user", "content": [{"type": "input_image"}]}
    ),
    "input_tokens.request.input[].content[].detail": _counted(
        {"role": "user", "content": [{"type": "input_image", "image_url": PNG}]}, model="gemini-3-flash-preview"
    ),
    "input_tokens.request.input[].content[].file_data": _counted({"role": "user", "content": [{"type": "input_file"}]}),
    "input_tokens.request.input[].content[].file_url": _counted({"role": "user", "content": [{"type": "input_file"}]}),
    "input_tokens.request.input[].content[].filename": _counted(
        {"role": "user", "content": [{"type": "input_file", "file_data": PDF}]}
    ),
    "input_tokens.request.input[].call_id": _counted(ITEM_CALL, {**ITEM_RESULT}),
    "input_tokens.request.input[].name": _counted({"@": 1, **ITEM_CALL}, ITEM_RESULT),
    "input_tokens.request.input[].arguments": _counted({"@": 1, **ITEM_CALL}, ITEM_RESULT),
    "input_tokens.request.input[].output": _counted(ITEM_CALL, ITEM_RESULT),
    "input_tokens.request.tools[]": _counted(
        {"role": "user", "content": "Hi"},
        tools=[{"type": "function", "name": "look", "parameters": {"type": "object"}}],
    ),
    "input_tokens.response": Frame("tokens.response", {"object": "response.input_tokens", "input_tokens": 3}),
    "models.get.response": Frame("model.response", MODEL),
    "models.list.response": Frame("models.response", {"object": "list", "data": [MODEL]}),
    "error": Frame("failure", {"error": ERROR}, status=400),
}

EACH: dict[str, tuple[Frame, ...]] = {
    "request.messages[].content[].type": (
        _user({"text": "this"}),
        _user({"image_url": {"url": PNG}}),
        _user({"input_audio": {"data": "QUJDRA==", "format": "wav"}}),
        _user({"file": {"file_data": PDF}}),
        _request(ASK, {"@": 1, "role": "assistant", "content": [{"refusal": "No"}]}, ASK),
    ),
    "request.messages[].name": (_request(ASK), _legacy_result()),
    "request.messages[].tool_calls[].type": (_step(CALL), _step(CUSTOM_CALL)),
    "request.tools[].type": (_with_tools(), _with_tools(None, CUSTOM)),
    "request.tool_choice.type": (
        FRAMES["request.tool_choice.function"],
        FRAMES["request.tool_choice.custom"],
        FRAMES["request.tool_choice.allowed_tools"],
    ),
    "input_tokens.request.input[].type": (
        _counted({"role": "user", "content": "Hi"}),
        _counted({"@": 1, **ITEM_CALL}, ITEM_RESULT),
        _counted(ITEM_CALL, ITEM_RESULT),
    ),
    "input_tokens.request.input[].content[].type": (
        _counted({"role": "user", "content": [{"text": "Hi"}]}),
        _counted({"role": "user", "content": [{"image_url": PNG}]}),
        _counted({"role": "user", "content": [{"file_data": PDF}]}),
    ),
    "response.choices[].message.reasoning_details[].type": (
        _answer(reasoning_details=[{"text": "Hm", "index": 0}]),
        _answer(reasoning_details=[{"summary": "Hm", "index": 0}]),
        _answer(reasoning_details=[{"data": "QUJDRA==", "format": "google-gemini-v1", "index": 0}]),
    ),
    "response.choices[].message.tool_calls[].type": (
        _answer(content=None, tool_calls=[CALL]),
        _answer(content=None, tool_calls=[CUSTOM_CALL]),
    ),
}
"""One frame for each value of a field that decides what stands beside it."""
