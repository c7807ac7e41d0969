"""Whole answers: openapi.yaml's CreateChatCompletionResponse, and what common servers add."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from metaphrase.testing.strategies import json_values, texts
from metaphrase.testing.wire import Strategy, objects, rarely, some, words

from .messages import calls, contents, said, said_parts

_FINISHES = ("stop", "length", "tool_calls", "content_filter", "function_call", "error", "a_new_reason")


def logprobs() -> Strategy:
    """Tokens with their rivals. ``bytes`` repeats the token, and may be null."""

    def one(token: str, chance: float, told: bool, rivals: list[dict[str, Any]]) -> dict[str, Any]:
        raw = list(token.encode("utf-8", "replace")) if told else None
        return {"token": token, "logprob": chance, "bytes": raw, "top_logprobs": rivals}

    rival = st.builds(one, texts(), words(-0.5, -1.25), st.booleans(), st.just([]))
    plain = rival.map(lambda found: {key: value for key, value in found.items() if key != "top_logprobs"})
    token = st.builds(one, texts(), words(-0.25, -2), st.booleans(), some(plain, 2))
    refused = st.none() | some(rival, 1)
    return rarely(st.none(), objects({"content": st.none() | some(token, 2)}, {"refusal": refused}, most=1))


def messages() -> Strategy:
    """What the model says: text and calls, or more."""
    content = st.none() | contents(said_parts())
    usual = objects({"role": st.just("assistant"), "content": texts() | st.none()}, {"tool_calls": some(calls())})
    return usual | objects({"role": st.just("assistant"), "content": content}, said())


def choices() -> Strategy:
    """One answer, its index left to the list."""
    filtered = objects({"hate": objects({"filtered": st.booleans(), "severity": words("safe", "high")})})
    optional: dict[str, Strategy] = {
        "logprobs": logprobs(),
        "native_finish_reason": words("STOP", "MAX_TOKENS", "stop"),
        "content_filter_results": filtered,
        "provider_specific_fields": json_values(),
    }
    return objects({"message": messages(), "finish_reason": rarely(words(*_FINISHES), st.none())}, optional, most=2)


def usages() -> Strategy:
    """Token counts; the sums are right mostly."""
    count = st.integers(0, 200)
    given = objects(
        {}, {"cached_tokens": count, "audio_tokens": count, "text_tokens": count, "cache_write_tokens": count}
    )
    spent = objects(
        {},
        {
            "reasoning_tokens": count,
            "audio_tokens": count,
            "accepted_prediction_tokens": count,
            "rejected_prediction_tokens": count,
            "image_tokens": count,
        },
    )
    details = {"prompt_tokens_details": given | st.none(), "completion_tokens_details": spent | st.none()}
    odd = objects(
        {"prompt_tokens": count, "completion_tokens": count, "total_tokens": count},
        details | {"cost": words(0.25), "cost_details": json_values(), "num_sources_used": count},
    )
    counted = st.builds(_counted, st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
    return rarely(counted, odd | objects({}, {"prompt_tokens": count, "total_tokens": count}))


def _counted(prompt: int, completion: int, cached: int, reasoning: int) -> dict[str, Any]:
    """Counts as OpenAI makes them."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": min(cached, prompt), "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": min(reasoning, completion)},
    }


def responses() -> st.SearchStrategy[dict[str, Any]]:
    """Answers with one or several choices."""
    found = some(choices(), 2, 1).map(_numbered)
    required = {
        "id": words("chatcmpl-1", "gen-2"),
        "object": st.just("chat.completion"),
        "created": words(1_767_225_600, 1),
        "model": words("gpt-x", "gemini-2.5-flash"),
        "choices": rarely(found, st.just([])),
    }
    optional: dict[str, Strategy] = {
        "usage": usages(),
        "service_tier": words("default", "flex", "priority", "scale"),
        "system_fingerprint": words("fp_1"),
        "provider": words("Vendor"),
        "citations": some(words("https://example.org/a"), 2),
        "prompt_filter_results": some(json_values(), 1),
        "moderation": json_values(),
        "x_groq": json_values(),
    }
    lazy = objects({"choices": found}, optional | {"object": words("chat.completion", "")})
    return rarely(objects(required, optional), lazy)


def _numbered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Choices with their indexes."""
    return [{"index": place, **one} for place, one in enumerate(found)]
