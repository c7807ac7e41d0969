"""Parameters of another protocol: IR on the left, wire and losses on the right."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw

from metaphrase import ir
from tests.openai.helpers import said, talk, write

SCHEMA = ir.JsonSchema(Raw(b'{"type":"object"}'))


def settings(**fields: Any) -> tuple[Any, set[tuple[str, str]]]:
    options = fields.pop("options", {})
    document, losses = write(talk(**fields), **options)
    return {key: value for key, value in document.items() if key not in ("model", "messages")}, said(losses)


def test_sampling() -> None:
    given = ir.Sampling(1, 0.5, 3, 4, ("a",), 5, 0.1, 0.2, 2, True, 6)
    assert settings(sampling=given) == (
        {
            "temperature": 1, "top_p": 0.5, "top_k": 3, "max_completion_tokens": 4, "stop": ["a"], "seed": 5,
            "presence_penalty": 0.1, "frequency_penalty": 0.2, "n": 2, "logprobs": True, "top_logprobs": 6,
        },
        set(),
    )  # fmt: skip


def test_stop_takes_four() -> None:
    found, lost = settings(sampling=ir.Sampling(stop=tuple("abcde")))
    assert found == {"stop": ["a", "b", "c", "d"]}
    assert lost == {("approximated", "sampling.stop")}
    assert settings(sampling=ir.Sampling(stop=())) == ({}, set())


def test_top_logprobs_wants_logprobs() -> None:
    found, lost = settings(sampling=ir.Sampling(top_logprobs=2))
    assert found == {"top_logprobs": 2, "logprobs": True}
    assert lost == {("repaired", "sampling.logprobs")}


@pytest.mark.parametrize(
    ("output", "given", "lost"),
    [
        (ir.OutputFormat("text"), None, set()),
        (ir.OutputFormat("json"), {"type": "json_object"}, set()),
        (ir.OutputFormat("schema"), {"type": "json_object"}, set()),
        (
            ir.OutputFormat("schema", SCHEMA, "n", "d", True),
            {
                "type": "json_schema",
                "json_schema": {"name": "n", "description": "d", "schema": {"type": "object"}, "strict": True},
            },
            set(),
        ),
        (
            ir.OutputFormat("enum", SCHEMA),
            {"type": "json_schema", "json_schema": {"name": "response", "schema": {"type": "object"}}},
            {("approximated", "output.enum"), ("defaulted", "output.name")},
        ),
    ],
)
def test_the_form_of_the_answer(output: ir.OutputFormat, given: Any, lost: set[tuple[str, str]]) -> None:
    found, losses = settings(output=output)
    assert found.get("response_format") == given
    assert losses == lost


@pytest.mark.parametrize(
    ("setting", "effort", "lost"),
    [
        (ir.ThinkingSetting("xhigh"), "xhigh", set()),
        (ir.ThinkingSetting(level="low"), "low", set()),
        (ir.ThinkingSetting(level="HIGH"), "high", set()),
        (ir.ThinkingSetting("low", "high"), "low", {("dropped", "thinking.level")}),
        (ir.ThinkingSetting("odd"), None, {("dropped", "thinking.effort")}),
        (ir.ThinkingSetting(budget=0), "none", set()),
        (ir.ThinkingSetting(budget=512), "low", {("approximated", "thinking.budget")}),
        (ir.ThinkingSetting(budget=8192), "medium", {("approximated", "thinking.budget")}),
        (ir.ThinkingSetting(budget=9000), "high", {("approximated", "thinking.budget")}),
        (ir.ThinkingSetting(budget=-1), None, {("dropped", "thinking.budget")}),
        (ir.ThinkingSetting(enabled=False), "none", set()),
        (ir.ThinkingSetting(enabled=True), None, set()),
        (ir.ThinkingSetting("low", enabled=False), "low", {("dropped", "thinking.enabled")}),
        (ir.ThinkingSetting(include=True), None, {("dropped", "thinking.include")}),
    ],
)
def test_thinking(setting: ir.ThinkingSetting, effort: str | None, lost: set[tuple[str, str]]) -> None:
    found, losses = settings(thinking=setting)
    assert found.get("reasoning_effort") == effort
    assert losses == lost


@pytest.mark.parametrize(
    ("fields", "google", "effort"),
    [
        (
            {"thinking": ir.ThinkingSetting(level="LOW", include=True)},
            {"thinking_config": {"thinking_level": "low", "include_thoughts": True}},
            None,
        ),
        ({"thinking": ir.ThinkingSetting(budget=5)}, {"thinking_config": {"thinking_budget": 5}}, None),
        ({"thinking": ir.ThinkingSetting(enabled=False)}, {"thinking_config": {"thinking_budget": 0}}, None),
        ({"thinking": ir.ThinkingSetting(enabled=True)}, None, None),
        ({"thinking": ir.ThinkingSetting("low")}, None, "low"),
        ({"cached_content": "c"}, {"cached_content": "c"}, None),
        ({"safety": (ir.SafetySetting("A", "B"),)}, {"safety_settings": [{"category": "A", "threshold": "B"}]}, None),
    ],
)
def test_a_google_server_is_told_in_its_own_words(fields: Any, google: Any, effort: str | None) -> None:
    found, lost = settings(**fields, options={"google_compat": True})
    assert found.get("extra_body", {}).get("google") == google
    assert found.get("reasoning_effort") == effort
    assert lost == set()


def test_what_only_google_knows_is_dropped_elsewhere() -> None:
    found, lost = settings(cached_content="c", safety=(ir.SafetySetting("A", "B"),))
    assert found == {}
    assert lost == {("dropped", "request.cached_content"), ("dropped", "safety.settings")}


def test_the_other_settings() -> None:
    found, lost = settings(
        parallel_tool_calls=False, store=True, labels={"a": "b"}, service_tier="flex", stream=True, include_usage=True,
        modalities=("text", "image"), image=ir.ImageSetting("1:1", "2K"), speech=ir.SpeechSetting("v", "mp3"),
    )  # fmt: skip
    assert found == {
        "parallel_tool_calls": False,
        "store": True,
        "metadata": {"a": "b"},
        "service_tier": "flex",
        "stream": True,
        "stream_options": {"include_usage": True},
        "modalities": ["text", "image"],
        "image_config": {"aspect_ratio": "1:1", "image_size": "2K"},
        "audio": {"voice": "v", "format": "mp3"},
    }
    assert lost == set()


@pytest.mark.parametrize(
    ("fields", "found", "lost"),
    [
        ({"service_tier": "odd"}, {}, {("dropped", "request.service_tier")}),
        ({"modalities": ("video",)}, {}, {("dropped", "output.modalities")}),
        ({"modalities": ()}, {}, set()),
        (
            {"speech": ir.SpeechSetting("v")},
            {"audio": {"voice": "v", "format": "pcm16"}},
            {("defaulted", "speech.format")},
        ),
        ({"speech": ir.SpeechSetting(None, "wav")}, {}, {("dropped", "speech.format")}),
        ({"speech": ir.SpeechSetting(language="de")}, {}, {("dropped", "speech.language")}),
        ({"image": ir.ImageSetting()}, {}, set()),
        ({"stream": True}, {"stream": True}, set()),
    ],
)
def test_settings_that_openai_lacks(fields: Any, found: Any, lost: set[tuple[str, str]]) -> None:
    assert settings(**fields) == (found, lost)
