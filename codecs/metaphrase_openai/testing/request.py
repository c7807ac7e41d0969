"""Requests: openapi.yaml's CreateChatCompletionRequest, its legacy members, and what common servers take beside."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from metaphrase.testing.strategies import json_values, mappings, names, texts
from metaphrase.testing.wire import Strategy, notes, objects, rarely, some, words

from .messages import URLS, messages

_MODELS = ("gemini-2.5-flash", "gpt-x", "gemini-3-pro-preview", "google/gemini-2.5-pro", "models/gemini-2.0-flash")
_EFFORTS = ("low", "none", "minimal", "medium", "high", "xhigh")


def schemas() -> Strategy:
    """JSON Schemas, as they pass verbatim."""
    leaf = words(
        {"type": "string"},
        {"type": ["integer", "null"], "minimum": 1},
        {"$ref": "#/$defs/x"},
        {"const": 1},
        {"anyOf": [{"type": "null"}, {"enum": ["a", 2]}]},
        {"type": "array", "items": {"type": "number"}, "uniqueItems": True},
    )
    members = mappings(words("city", "title", "const", "$ref"), leaf)
    more = {"required": st.just(["city"]), "additionalProperties": st.booleans(), "description": texts()}
    return objects({"type": words("object"), "properties": members}, more)


def functions() -> Strategy:
    """What a function declaration holds."""
    return objects({"name": names()}, {"description": texts(), "parameters": schemas(), "strict": st.booleans()})


def tools() -> Strategy:
    """Functions, custom tools, and tools that a server runs."""
    grammar = objects({"type": words("grammar"), "grammar": objects({"syntax": words("lark"), "definition": texts()})})
    custom = objects({"name": names()}, {"description": texts(), "format": grammar | st.just({"type": "text"})})
    hosted = objects(
        {"type": words("web_search", "openrouter:web_search", "code_interpreter", "file_search", "vendor:tool")},
        {"parameters": objects({}, {"max_results": words(3)}), "search_context_size": words("low")},
    )
    function = objects({"type": st.just("function"), "function": functions()})
    other = objects({"type": st.just("custom"), "custom": custom}) | hosted | objects({"function": functions()})
    return rarely(function, other)


def choices() -> Strategy:
    """Every form of tool_choice."""
    function = names().map(lambda name: {"type": "function", "function": {"name": name}})
    custom = names().map(lambda name: {"type": "custom", "custom": {"name": name}})
    allowed = objects({"mode": words("auto", "required"), "tools": some(function | custom, 2, 1)})
    several = objects({"type": st.just("allowed_tools"), "allowed_tools": allowed})
    return rarely(words("auto", "none", "required", "any"), function | custom | several)


def formats() -> Strategy:
    """What the answer looks like."""
    held = objects({"name": names(), "schema": schemas()}, {"strict": st.booleans(), "description": texts()})
    schema = objects({"type": st.just("json_schema"), "json_schema": held})
    return schema | objects({"type": words("text", "json_object")})


def google() -> Strategy:
    """``extra_body.google``, in either spelling of its keys."""
    thinking = objects(
        {},
        {
            "thinking_budget": words(1024, -1),
            "thinkingLevel": words("low", "high"),
            "include_thoughts": st.booleans(),
        },
    )
    optional: dict[str, Strategy] = {
        "thinking_config": thinking,
        "cached_content": words("cachedContents/abc"),
        "safety_settings": some(safety(), 2, 1),
        "image_config": pictures(),
        "generation_config": objects({}, {"thinking_config": thinking, "top_k": words(3)}),
        "tools": some(objects({}, {"google_search": st.just({}), "urlContext": st.just({})}, most=1), 2, 1),
        "aspect_ratio": words("16:9"),
    }
    return objects({}, optional)


def safety() -> Strategy:
    """A threshold for one category of harm, in Google's words."""
    return objects({"category": words("HARM_CATEGORY_HARASSMENT", 7), "threshold": words("BLOCK_NONE", "OFF")})


def pictures() -> Strategy:
    """How generated images should look."""
    return objects({}, {"aspect_ratio": words("16:9", "1:1"), "image_size": words("1K", "2K")})


def _plain() -> dict[str, Strategy]:
    """OpenAI's own parameters."""
    return {
        "temperature": words(0.5, 0, 2, 1.0),
        "top_p": words(0.5, 0, 1),
        "max_tokens": st.integers(1, 9999),
        "max_completion_tokens": st.integers(1, 9999),
        "stop": notes() | some(notes(), 4),
        "seed": st.integers(-(2**31), 2**31 - 1) | words(2**40),
        "presence_penalty": words(0.5, -2, 0),
        "frequency_penalty": words(0.5, -2, 0),
        "n": st.integers(1, 8),
        "logprobs": st.booleans(),
        "top_logprobs": st.integers(0, 20),
        "stream": st.booleans(),
        "tools": some(tools()),
        "tool_choice": choices(),
        "parallel_tool_calls": st.booleans(),
        "response_format": formats(),
        "reasoning_effort": words(*_EFFORTS),
        "modalities": some(words("text", "audio", "image"), 2, 1),
        "service_tier": words("auto", "default", "flex", "priority", "scale"),
        "store": st.booleans(),
        "metadata": mappings(words("team", "aB"), notes()),
        "audio": objects({"voice": words("alloy", {"id": "v1"}), "format": words("wav", "mp3")}),
        "logit_bias": mappings(words("50256", "1"), st.integers(-100, 100)),
        "user": notes(),
        "safety_identifier": notes(),
        "prompt_cache_key": notes(),
        "prompt_cache_retention": words("24h"),
        "verbosity": words("low", "high"),
        "prediction": objects({"type": words("content"), "content": texts()}),
        "web_search_options": objects({}, {"search_context_size": words("low", "high")}),
        "functions": some(objects({"name": names()}, {"description": texts(), "parameters": schemas()}), 2),
        "function_call": words("auto", "none") | st.fixed_dictionaries({"name": names()}),
        "moderation": objects({"model": notes()}),
    }


def _dialects() -> dict[str, Strategy]:
    """What other servers take."""
    count = words(1024, 0, 24_576)
    return {
        "top_k": words(40, 1),
        "min_p": words(0.25),
        "repetition_penalty": words(1.5),
        "reasoning": objects(
            {},
            {"effort": words(*_EFFORTS), "max_tokens": count, "enabled": st.booleans(), "exclude": st.booleans()},
        ),
        "thinking": objects({"type": words("enabled", "disabled", "adaptive")}, {"budget_tokens": count}),
        "enable_thinking": st.booleans(),
        "thinking_budget": count,
        "include_reasoning": st.booleans(),
        "chat_template_kwargs": objects({}, {"enable_thinking": st.booleans(), "custom": json_values()}),
        "extra_body": objects({"google": google()}, {"thinking_budget": count}),
        "google": google(),
        "image_config": pictures(),
        "safety_settings": some(safety(), 2, 1),
        "cached_content": words("cachedContents/abc"),
        "plugins": some(objects({"id": words("web", "file-parser")}, {"max_results": words(3)}), 2),
        "provider": objects({}, {"order": some(notes(), 2), "url": words(*URLS)}),
        "models": some(words(*_MODELS), 2),
        "route": words("fallback"),
    }


def requests() -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of ``POST /v1/chat/completions``."""
    asked = {"model": words(*_MODELS), "messages": messages()}
    plain = _plain()
    streamed = {"stream": st.just(value=True), "stream_options": objects({}, {"include_usage": st.booleans()})}
    dialect = objects(asked, plain | _dialects(), most=5)
    return rarely(
        objects(asked, plain, most=5),
        dialect
        | objects(asked | streamed, {key: plain[key] for key in plain if key != "stream"})
        | objects({"messages": messages()}, plain, most=2),
    )
