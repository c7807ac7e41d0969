"""What the parameters of requests mean: wire on the left, IR on the right."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET, Raw

from metaphrase import ir
from tests.openai.helpers import TOOL, bare, dropped, read, request

SEARCHES: tuple[dict[str, Any], ...] = (
    {"web_search_options": {"search_context_size": "low"}},
    {"plugins": [{"id": "web"}]},
    {"extra_body": {"google": {"tools": [{"google_search": {}}]}}},
)


def test_web_search_in_each_of_its_places() -> None:
    for members in SEARCHES:
        tools = read(request(**members)).tools
        assert isinstance(tools, tuple)
        (tool,) = tools
        assert isinstance(tool, ir.Builtin)
        assert tool.kind == "web_search"


def test_parameters() -> None:
    sampling = read(
        request(
            temperature=1, top_p=0.5, top_k=3, max_tokens=4, stop="a", seed=5, presence_penalty=0.1,
            frequency_penalty=0.2, n=2, logprobs=True, top_logprobs=6,
        )
    ).sampling  # fmt: skip
    assert sampling == ir.Sampling(1, 0.5, 3, 4, ("a",), 5, 0.1, 0.2, 2, True, 6)


def test_the_newer_name_of_a_limit_wins() -> None:
    document = request(max_completion_tokens=5, max_tokens=6)
    assert read(document).sampling.max_tokens == 5
    assert dropped(document) == {"$.max_tokens"}


@pytest.mark.parametrize(
    ("given", "output"),
    [
        ({"type": "text"}, ir.OutputFormat("text")),
        ({"type": "json_object"}, ir.OutputFormat("json")),
        (
            {"type": "json_schema", "json_schema": {"name": "n", "description": "d", "schema": {}, "strict": False}},
            ir.OutputFormat("schema", ir.JsonSchema(Raw(b"{}")), "n", "d", False),
        ),
        ({"type": "odd"}, None),
    ],
)
def test_the_form_of_the_answer(given: Any, output: ir.OutputFormat | None) -> None:
    assert bare(read(request(response_format=given)).output) == bare(output)


@pytest.mark.parametrize(
    ("members", "setting"),
    [
        ({"reasoning_effort": "low"}, ir.ThinkingSetting("low")),
        ({"reasoning": {"effort": "high", "exclude": True}}, ir.ThinkingSetting("high", include=False)),
        ({"reasoning": {"max_tokens": 5, "enabled": True}}, ir.ThinkingSetting(budget=5, enabled=True)),
        ({"thinking": {"type": "enabled", "budget_tokens": 5}}, ir.ThinkingSetting(budget=5, enabled=True)),
        ({"thinking": {"type": "disabled"}}, ir.ThinkingSetting(enabled=False)),
        ({"thinking": {"type": "adaptive"}}, ir.ThinkingSetting(budget=-1)),
        ({"thinking": {"clear_thinking": False}}, None),
        ({"enable_thinking": False}, ir.ThinkingSetting(enabled=False)),
        ({"thinking_budget": 7}, ir.ThinkingSetting(budget=7)),
        ({"include_reasoning": True}, ir.ThinkingSetting(include=True)),
        ({"chat_template_kwargs": {"enable_thinking": True}}, ir.ThinkingSetting(enabled=True)),
        ({"extra_body": {"enable_thinking": True}}, ir.ThinkingSetting(enabled=True)),
        ({"extra_body": {"thinking": {"type": "auto"}}}, ir.ThinkingSetting(budget=-1)),
        (
            {"extra_body": {"google": {"thinking_config": {"thinking_budget": 1, "include_thoughts": True}}}},
            ir.ThinkingSetting(budget=1, include=True),
        ),
        ({"google": {"thinkingConfig": {"thinkingLevel": "low"}}}, ir.ThinkingSetting(level="low")),
        (
            {"google": {"generation_config": {"thinking_config": {"thinking_budget": 2}}}},
            ir.ThinkingSetting(budget=2),
        ),
        ({"reasoning_effort": "low", "thinking_budget": 9}, ir.ThinkingSetting("low", budget=9)),
    ],
)
def test_every_knob_of_thinking_is_one_setting(members: Any, setting: ir.ThinkingSetting | None) -> None:
    assert read(request(**members)).thinking == setting


def test_knobs_that_disagree_are_reported() -> None:
    document = request(
        reasoning_effort="low", reasoning={"effort": "high"}, enable_thinking=True, thinking={"type": "disabled"}
    )
    assert read(document).thinking == ir.ThinkingSetting("low", enabled=True)
    assert dropped(document) == {"$.reasoning.effort", "$.thinking.type"}


def test_knobs_that_agree_are_not() -> None:
    assert dropped(request(reasoning_effort="low", reasoning={"effort": "low"})) == set()


def test_what_google_takes_beside() -> None:
    chat = read(
        request(
            extra_body={
                "google": {
                    "cached_content": "c",
                    "safety_settings": [{"category": "A", "threshold": "B"}],
                    "image_config": {"aspect_ratio": "1:1", "image_size": "2K"},
                }
            }
        )
    )
    assert chat.cached_content == "c"
    assert bare(chat.safety) == bare((ir.SafetySetting("A", "B"),))
    assert chat.image == ir.ImageSetting("1:1", "2K")


def test_the_rest_of_the_settings() -> None:
    chat = read(
        request(
            audio={"voice": "alloy", "format": "wav"}, modalities=["TEXT", "audio"], metadata={"a": "b"}, store=False,
            service_tier="flex", stream=True, stream_options={"include_usage": True}, parallel_tool_calls=False,
            image_config={"aspect_ratio": "1:1"},
        )
    )  # fmt: skip
    assert chat.speech == ir.SpeechSetting("alloy", "wav")
    assert chat.modalities == ("text", "audio")
    assert chat.labels == {"a": "b"}
    assert (chat.store, chat.service_tier, chat.stream, chat.include_usage) == (False, "flex", True, True)
    assert chat.parallel_tool_calls is False
    assert chat.image == ir.ImageSetting("1:1")


def test_a_voice_by_its_id() -> None:
    assert read(request(audio={"voice": {"id": "v"}})).speech == ir.SpeechSetting("v")


def test_nothing_said_is_not_said() -> None:
    chat = read(request())
    assert (chat.tools, chat.tool_choice, chat.output, chat.thinking) == (UNSET, None, None, None)
    assert chat.sampling == ir.Sampling()


def test_what_has_no_meaning_elsewhere_is_named_where_it_stood() -> None:
    document = request(
        {"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {"type": "e"}}], "y": 1},
        user="u",
        provider={"order": ["a"]},
        logit_bias=None,
        usage={"include": True},
        stream_options={"include_obfuscation": True},
        tools=[{**TOOL, "cache_control": {"type": "e"}}],
    )
    assert dropped(document) == {
        "$.messages[0].content[0].cache_control",
        "$.messages[0].y",
        "$.user",
        "$.provider.order",
        "$.usage.include",
        "$.stream_options.include_obfuscation",
        "$.tools[0].cache_control",
    }


def test_a_cached_content_that_is_named_twice() -> None:
    """By the same name it is said once; another name is lost."""
    again = {"google": {"cached_content": "c"}}
    assert read(request(cached_content="c", extra_body=again)).cached_content == "c"
    assert dropped(request(cached_content="c", extra_body=again)) == set()
    other = {"google": {"cached_content": "d"}}
    assert len(dropped(request(cached_content="c", extra_body=other))) == 1
