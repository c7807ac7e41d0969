"""Answers are written back as they were, whatever vendor spelt them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.openai.helpers import CALL, again, response

PNG = "data:image/png;base64,iVBORw0KGgo="


RESPONSES: dict[str, dict[str, Any]] = {
    "plain": response(),
    "little": {"choices": [{"message": {}}]},
    "no choices": response(choices=[]),
    "no message": {"choices": [{}]},
    "no refusal": response({"role": "assistant", "content": "x"}, choice={"logprobs": {}}),
    "nulls": response(
        {
            "role": "assistant",
            "content": None,
            "refusal": None,
            "annotations": None,
            "audio": None,
            "function_call": None,
            "tool_calls": None,
            "reasoning": None,
        },
        usage=None,
        service_tier=None,
        system_fingerprint=None,
        choice={"finish_reason": None},
    ),
    "no role": response({"content": "x"}),
    "role null": response({"role": None, "content": "x"}),
    "other roles": response({"role": "model", "content": "x"}),
    "an odd role": response({"role": "bot", "content": "x", "name": "n"}),
    "object": response(object="chat.completion.done"),
    "object empty": response(object=""),
    "tier empty": response(service_tier=""),
    "unknown members": response(
        provider="p", system_fingerprint="f", choice={"native_finish_reason": "STOP", "x": {"y": 1}}
    ),
    "content list": response(
        {"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}
    ),
    "calls": response({"role": "assistant", "content": None, "tool_calls": [CALL, CALL], "refusal": None}),
    "call and text": response({"role": "assistant", "content": "x", "tool_calls": [CALL], "reasoning_content": "t"}),
    "refusal": response({"role": "assistant", "content": None, "refusal": "no"}),
    "empty things": response(
        {
            "role": "assistant",
            "content": "",
            "refusal": "",
            "function_call": {"name": "", "arguments": ""},
            "audio": {"data": "", "id": "", "expires_at": 0, "transcript": ""},
        },
        choice={"finish_reason": "", "logprobs": {"content": None, "refusal": None}},
    ),
    "audio": response(
        {
            "role": "assistant",
            "content": None,
            "audio": {"id": "a", "data": "T2dnUw==", "expires_at": 1, "transcript": "t"},
        }
    ),
    "images": response(
        {"role": "assistant", "content": "x", "images": [{"type": "image_url", "image_url": {"url": PNG}, "index": 0}]}
    ),
    "citations": response(
        {
            "role": "assistant",
            "content": "x",
            "annotations": [
                {
                    "type": "url_citation",
                    "url_citation": {"url": "u", "title": "t", "start_index": 0, "end_index": 1, "content": "c"},
                },
                {"type": "url_citation", "url_citation": {"url": "u", "start_index": 0, "end_index": 0}},
                {"type": "odd", "url_citation": {"url": "u"}, "x": 1},
                {"type": "file", "file": {"hash": "h"}},
                1,
            ],
        },
        citations=["https://a", 1],
    ),
    "citations only": response(citations=["https://a"]),
    "citations, odd": response({"role": "assistant", "content": "x", "annotations": "odd"}, citations=[], choices=[]),
    "annotations odd": response({"role": "assistant", "content": "x", "annotations": "odd"}),
    "citations of nobody": response(citations=["https://a"], choices=[]),
    "logprobs": response(
        choice={
            "logprobs": {
                "content": [
                    {
                        "token": "a",
                        "logprob": -1,
                        "bytes": [97],
                        "id": 3,
                        "top_logprobs": [
                            {
                                "token": "a",
                                "logprob": -1.0,
                                "bytes": None,
                                "top_logprobs": [{"token": "x", "logprob": 0}],
                            }
                        ],
                    },
                    {"token": "b", "logprob": 0},
                ],
                "refusal": [{"token": "x"}],
                "reasoning_content": [1],
            }
        }
    ),
    "logprobs, odd": response(choice={"logprobs": 1}),
    "usage": response(
        usage={
            "prompt_tokens": 5,
            "completion_tokens": 7,
            "total_tokens": 12,
            "prompt_tokens_details": {"cached_tokens": 2, "audio_tokens": 1, "x": 3},
            "completion_tokens_details": {
                "reasoning_tokens": 3,
                "text_tokens": 4,
                "accepted_prediction_tokens": 1,
                "rejected_prediction_tokens": 1,
                "x": 1,
            },
            "cost": 0.1,
        }
    ),
    "usage, others' words": response(
        usage={
            "prompt_tokens": 5,
            "completion_tokens": 1,
            "total_tokens": 9,
            "reasoning_tokens": 3,
            "cache_read_input_tokens": 2,
            "prompt_cache_hit_tokens": 2,
            "num_cached_tokens": 1,
            "cache_creation_input_tokens": 1,
            "prompt_tokens_details": None,
        }
    ),
    "usage, clamped": response(
        usage={
            "prompt_tokens": 1,
            "completion_tokens": 2,
            "total_tokens": 3,
            "completion_tokens_details": {"reasoning_tokens": 5},
        }
    ),
    "usage, empty": response(usage={}),
    "error beside choices": response(error={"message": "x"}),
    "several choices": response(
        choices=[
            {"index": 1, "message": {"role": "assistant", "content": "b"}},
            {"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "eos"},
        ]
    ),
    "no id": response(id=..., model=..., created=..., object=...),
}


@pytest.mark.parametrize("name", RESPONSES)
def test_an_answer_comes_back(name: str) -> None:
    assert again(RESPONSES[name], "chat.response") == RESPONSES[name]
