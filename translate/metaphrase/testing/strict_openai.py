"""What OpenAI's server refuses in a request, in its own words.

It looks at plain JSON and shares no code with any codec, so that it can judge one. Members that OpenAI's schema does
not have are refused at the top level only; those that other servers of this protocol take pass, unless told otherwise.

Sources: recorded answers; error texts quoted in public issues; github.com/openai/openai-openapi for the members.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from .objection import Objection, is_list, is_object, listed, names, openai

CHAT = names(
    """
    audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens messages
    metadata modalities model moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key
    prompt_cache_options prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier
    stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options
    """
)
EXTENSIONS = names(
    """
    cached_content chat_template_kwargs enable_thinking extra_body google image_config include_reasoning min_p models
    plugins provider reasoning repetition_penalty route safety_settings thinking thinking_budget top_a top_k transforms
    usage
    """
)
EMBEDDING = names("dimensions encoding_format input model user")
ROLES = ("system", "assistant", "user", "function", "tool", "developer")
NUMBERS = {"temperature": (0, 2), "top_p": (0, 1), "frequency_penalty": (-2, 2), "presence_penalty": (-2, 2)}
LONGEST_ID = 40
LONGEST_NAME = 64
MOST_STOPS = 4

_NAME = re.compile(r"[a-zA-Z0-9_-]+\Z").match


def objection(target: str, body: bytes, *, extensions: bool = True) -> Objection | None:
    """Why the server would refuse this request; None if it would take it."""
    path = target.partition("?")[0]
    embedding = path.endswith("/embeddings")
    if not embedding and not path.endswith("/chat/completions"):
        return openai("Invalid URL (POST)", status=404)
    try:
        request = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        request = None
    if not is_object(request):
        return openai("We could not parse the JSON body of your request.")
    if not isinstance(request.get("model"), str) or not request["model"]:
        return openai("you must provide a model parameter")
    known = EMBEDDING if embedding else (CHAT | EXTENSIONS if extensions else CHAT)
    strange = next((key for key in request if key not in known), None)
    if strange is not None:
        return openai(f"Unrecognized request argument supplied: {strange}")
    return next(_embedding_faults(request) if embedding else _faults(request), None)


def _embedding_faults(request: dict[str, Any]) -> Iterator[Objection]:
    given = request.get("input")
    if not given or (is_list(given) and "" in given):
        yield openai(
            "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."
        )


def _faults(request: dict[str, Any]) -> Iterator[Objection]:
    """What is wrong with a chat request whose members are all known. Only the first fault is ever asked for."""
    yield from _number_faults(request)
    yield from _tool_faults(request)
    messages = request.get("messages")
    if not is_list(messages):
        yield openai("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
    elif not messages:
        text = "empty array. Expected an array with minimum length 1, but got an empty array instead."
        yield openai(f"Invalid 'messages': {text}", "messages", "empty_array")
    else:
        for i, message in enumerate(messages):
            yield from _message_faults(message, i)
        yield from _pairing_faults(messages)


def _number_faults(request: dict[str, Any]) -> Iterator[Objection]:
    for name, (least, most) in NUMBERS.items():
        value = request.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield openai(f"Invalid type for '{name}': expected a decimal.", name, "invalid_type")
        elif not least <= value <= most:
            above = value > most
            side, limit, sign = ("above maximum", most, "<=") if above else ("below minimum", least, ">=")
            code = "decimal_above_max_value" if above else "decimal_below_min_value"
            text = f"decimal {side} value. Expected a value {sign} {limit}, but got {value} instead."
            yield openai(f"Invalid '{name}': {text}", name, code)
    stop = request.get("stop")
    if is_list(stop) and len(stop) > MOST_STOPS:
        text = f"Expected an array with maximum length {MOST_STOPS}, but got an array with length {len(stop)} instead."
        yield openai(f"Invalid 'stop': array too long. {text}", "stop", "array_above_max_length")


def _tool_faults(request: dict[str, Any]) -> Iterator[Objection]:
    for i, tool in enumerate(listed(request.get("tools"))):
        kind = tool.get("type", "function") if is_object(tool) else "function"
        inner = tool.get(str(kind)) if is_object(tool) else None
        name = inner.get("name") if is_object(inner) else None
        yield from _name_faults(name, f"tools[{i}].{kind}.name")


def _name_faults(name: object, where: str) -> Iterator[Objection]:
    if not isinstance(name, str) or not name:
        yield openai(f"Missing required parameter: '{where}'.", where, "missing_required_parameter")
    elif len(name) > LONGEST_NAME:
        yield _too_long(where, LONGEST_NAME, len(name))
    elif not _NAME(name):
        text = "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
        yield openai(f"Invalid '{where}': {text}", where, "invalid_value")


def _too_long(where: str, most: int, length: int) -> Objection:
    text = f"Expected a string with maximum length {most}, but got a string with length {length} instead."
    return openai(f"Invalid '{where}': string too long. {text}", where, "string_above_max_length")


def _message_faults(message: Any, i: int) -> Iterator[Objection]:
    where = f"messages[{i}]"
    if not is_object(message) or message.get("role") not in ROLES:
        supported = ", ".join([f"'{role}'" for role in ROLES])
        text = f"Invalid value for 'role'. Supported values are: {supported}."
        yield openai(text, f"{where}.role", "invalid_value")
    else:
        yield from _said_faults(message, where)


def _said_faults(message: dict[str, Any], where: str) -> Iterator[Objection]:
    calls = listed(message.get("tool_calls"))
    if not is_list(message.get("tool_calls") or []) or not all(is_object(call) for call in calls):
        text = f"Invalid type for '{where}.tool_calls': expected an array of objects."
        yield openai(text, f"{where}.tool_calls", "invalid_type")
    spoken = message.get("content") is not None
    if not spoken and (message["role"] != "assistant" or not (calls or _says_otherwise(message))):
        yield openai("Invalid value for 'content': expected a string, got null.", f"{where}.content")
    if message.get("content") == [] and message["role"] != "assistant":
        yield openai(f"Invalid '{where}.content': empty array.", f"{where}.content", "empty_array")
    for j, call in enumerate(calls):
        yield from _call_faults(call, f"{where}.tool_calls[{j}]")


def _call_faults(call: dict[str, Any], where: str) -> Iterator[Objection]:
    name = call.get("id")
    if not isinstance(name, str) or not name:
        yield openai(f"Missing required parameter: '{where}.id'.", f"{where}.id", "missing_required_parameter")
    elif len(name) > LONGEST_ID:
        yield _too_long(f"{where}.id", LONGEST_ID, len(name))
    function = call.get("function")
    if is_object(function):
        yield from _name_faults(function.get("name"), f"{where}.function.name")
        if not isinstance(function.get("arguments"), str):
            where += ".function.arguments"
            yield openai(f"Invalid type for '{where}': expected a string.", where, "invalid_type")


def _says_otherwise(message: dict[str, Any]) -> bool:
    """Whether an assistant's message without content says something in another member."""
    return any(message.get(name) for name in ("function_call", "refusal", "audio"))


def _pairing_faults(messages: list[dict[str, Any]]) -> Iterator[Objection]:
    """Calls without results, and results without calls."""
    waiting: list[str] = []
    for i, message in enumerate([*messages, {"role": "user"}]):
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                text = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
                yield openai(f"Invalid parameter: {text}", f"messages.[{i}].role")
            waiting = [id_ for id_ in waiting if id_ != message.get("tool_call_id")]
            continue
        if waiting:
            yield openai(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
                f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(waiting)}",
                f"messages.[{i}].role",
            )
        waiting = [call["id"] for call in listed(message.get("tool_calls"))]
