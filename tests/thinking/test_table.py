"""How much to think: every family of models, every knob, every value. The table is the vendor's, not the code's."""

import json
from typing import Any, NamedTuple

import pytest

import metaphrase as mp
from metaphrase import ir
from metaphrase.loss import Report
from metaphrase_openai import openai


class Takes(NamedTuple):
    """What a family takes: levels, or tokens; nothing else may be sent."""

    levels: tuple[str, ...] = ()
    tokens: range = range(0)
    off: bool = False


L2, L3, L4 = ("LOW", "HIGH"), ("LOW", "MEDIUM", "HIGH"), ("MINIMAL", "LOW", "MEDIUM", "HIGH")
# https://ai.google.dev/gemini-api/docs/thinking, and errors that users report.
TABLE = {
    "gemini-1.5-pro": Takes(),
    "gemini-2.0-flash": Takes(),
    "gemma-3-27b-it": Takes(),
    "gemini-2.5-flash-image": Takes(),
    "gemini-2.5-flash-preview-tts": Takes(),
    "gemini-2.5-pro": Takes(tokens=range(128, 32769)),
    "gemini-2.5-pro-preview-06-05": Takes(tokens=range(128, 32769)),
    "models/gemini-2.5-flash": Takes(tokens=range(24577), off=True),
    "gemini-2.5-flash-lite": Takes(tokens=range(512, 24577), off=True),
    "gemini-3-pro-preview": Takes(L2),
    "gemini-3.1-pro-preview": Takes(L3),
    "gemini-3-flash-preview": Takes(L4),
    "gemini-3.1-flash-lite": Takes(L4),
    "gemini-3.5-flash": Takes(L4),
    "gemini-3.5-flash-lite": Takes(L4),
    "gemini-3.6-flash": Takes(L4),
    "gemini-3.7-flash": Takes(L3),
    "gemini-3.8-flash": Takes(L3),
    "gemini-4-argon": Takes(L3),
    "gemini-flash-latest": Takes(L3),
    "publishers/google/models/gemini-5-pro": Takes(L3),
    "my-own-model": Takes(L3),
}
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max", "odd", "", None)
BUDGETS = (-1, 0, 1, 127, 128, 511, 512, 1024, 8192, 24576, 24577, 32768, 32769, 2**31, 2**63, -7, 1.5, "9", None)
FLAGS = (True, False, None)


def knobs() -> list[tuple[str, Any]]:
    """Every knob with every value it may have."""
    found: list[tuple[str, Any]] = []
    found += [("reasoning_effort", value) for value in EFFORTS]
    found += [("reasoning", {"effort": value}) for value in EFFORTS]
    found += [("reasoning", {"max_tokens": value}) for value in BUDGETS]
    found += [("reasoning", {key: value}) for key in ("exclude", "enabled") for value in FLAGS]
    found += [("thinking", {"type": value}) for value in ("enabled", "disabled", "adaptive", "auto", "odd", None)]
    found += [("thinking", {"type": "enabled", "budget_tokens": value}) for value in BUDGETS]
    found += [(key, value) for key in ("enable_thinking", "include_reasoning") for value in FLAGS]
    found += [("thinking_budget", value) for value in BUDGETS]
    found += [("chat_template_kwargs", {"enable_thinking": value}) for value in FLAGS]
    found += [("chat_template_kwargs", {"thinking_budget": value}) for value in BUDGETS]
    inside = [{"thinking_level": value} for value in (*EFFORTS, "LOW", "MINIMAL", "XHIGH")]
    inside += [{"thinkingBudget": value} for value in BUDGETS]  # type: ignore[dict-item]  # mixed on purpose
    inside += [{"include_thoughts": value} for value in FLAGS]  # type: ignore[dict-item]  # mixed on purpose
    found += [("extra_body", {"google": {"thinking_config": value}}) for value in inside]
    found += [("extra_body", {"google": {"thinkingConfig": value}}) for value in inside]
    found += [("extra_body", {key: value}) for key, value in found if key != "extra_body"]
    return found


def convert(model: str, **members: Any) -> tuple[dict[str, Any], mp.Converted]:
    body = {"model": model, "messages": [{"role": "user", "content": "?"}], **members}
    done = mp.convert(json.dumps(body).encode(), source="openai", target="gemini", kind="chat.request")
    return json.loads(done.body).get("generationConfig", {}).get("thinkingConfig", {}), done


def allowed(found: dict[str, Any], takes: Takes) -> bool:
    level, budget = found.get("thinkingLevel"), found.get("thinkingBudget")
    if level is not None and level not in takes.levels:
        return False
    if budget is not None and not (
        takes.tokens and (budget == -1 or budget in takes.tokens or (budget == 0 and takes.off))
    ):
        return False
    return not (takes == Takes() and found)


@pytest.mark.parametrize("model", TABLE)
def test_trap_63_every_knob_gives_what_the_table_allows(model: str) -> None:
    for key, value in knobs():
        found, _ = convert(model, **{key: value})
        assert allowed(found, TABLE[model]), (key, value, found)


@pytest.mark.parametrize("model", TABLE)
def test_trap_62_two_knobs_never_give_two_settings(model: str) -> None:
    some = [knob for knob in knobs() if knob[0] != "extra_body"][::5]
    for one in some:
        for other in some:
            found, _ = convert(
                model, **dict([one, other]), extra_body={"google": {"thinking_config": {"thinkingBudget": 9}}}
            )
            assert allowed(found, TABLE[model]), (one, other, found)
            assert not {"thinkingLevel", "thinkingBudget"} <= set(found)


@pytest.mark.parametrize(
    ("model", "effort", "found", "told"),
    [
        ("gemini-2.5-flash", "none", {"thinkingBudget": 0}, False),
        ("gemini-2.5-pro", "none", {"thinkingBudget": 128}, True),
        ("gemini-2.5-flash", "low", {"thinkingBudget": 1024}, False),
        ("gemini-2.5-flash", "medium", {"thinkingBudget": 8192}, False),
        ("gemini-2.5-flash", "high", {"thinkingBudget": 24576}, False),
        ("gemini-3.1-pro-preview", "minimal", {"thinkingLevel": "LOW"}, True),
        ("gemini-3-flash-preview", "minimal", {"thinkingLevel": "MINIMAL"}, False),
        ("gemini-3-flash-preview", "none", {"thinkingLevel": "MINIMAL"}, True),
        ("gemini-3-flash-preview", "xhigh", {"thinkingLevel": "HIGH"}, True),
        ("gemini-3-pro-preview", "medium", {"thinkingLevel": "HIGH"}, True),
        ("gemini-3.8-flash", "minimal", {"thinkingLevel": "LOW"}, True),
    ],
)
def test_efforts_by_googles_own_table(model: str, effort: str, found: Any, told: bool) -> None:
    made, done = convert(model, reasoning_effort=effort)
    assert made == found
    assert [loss.path for loss in done.losses] == (["$.reasoning_effort"] if told else [])


@pytest.mark.parametrize(
    "members",
    [
        {"include_reasoning": True},
        {"reasoning": {"exclude": False}},
        {"reasoning": {"enabled": True}},
        {"thinking": {"type": "enabled"}},
        {"enable_thinking": True},
        {"chat_template_kwargs": {"enable_thinking": True}},
        {"extra_body": {"google": {"thinking_config": {"include_thoughts": True}}}},
    ],
)
def test_thoughts_are_included_where_the_client_wants_to_see_them(members: Any) -> None:
    assert convert("gemini-2.5-flash", **members)[0]["includeThoughts"] is True


def test_and_not_where_it_does_not() -> None:
    assert convert("gemini-2.5-flash", reasoning={"enabled": True, "exclude": True})[0]["includeThoughts"] is False
    assert "includeThoughts" not in convert("gemini-2.5-flash", reasoning_effort="high")[0]


@pytest.mark.parametrize(
    ("members", "paths"),
    [
        ({"reasoning_effort": "low", "reasoning": {"effort": "high"}}, {"$.reasoning.effort"}),
        ({"reasoning_effort": "low", "thinking_budget": 9}, {"$.reasoning_effort"}),
        ({"enable_thinking": True, "thinking": {"type": "disabled"}}, {"$.thinking.type"}),
        (
            {"reasoning_effort": "low", "extra_body": {"google": {"thinking_config": {"thinking_level": "high"}}}},
            {"$.reasoning_effort", "$.extra_body.google.thinking_config.thinking_level"},
        ),
    ],
)
def test_knobs_that_disagree_are_reported(members: Any, paths: set[str]) -> None:
    _, done = convert("gemini-2.5-flash", **members)
    assert {loss.path for loss in done.losses} <= paths
    assert done.losses


# --- the other way ------------------------------------------------------------------------------------------------


def upward(target: Any = "openai", **config: Any) -> tuple[Any, mp.Converted]:
    body = {"contents": [{"role": "user", "parts": [{"text": "?"}]}], "generationConfig": {"thinkingConfig": config}}
    path = "/v1beta/models/gemini-3-flash:generateContent"
    done = mp.convert(json.dumps(body).encode(), source="gemini", target=target, kind="chat.request", path=path)
    return json.loads(done.body), done


@pytest.mark.parametrize(
    ("config", "effort"),
    [
        ({"thinkingLevel": "MINIMAL"}, "minimal"),
        ({"thinkingLevel": "high"}, "high"),
        ({"thinkingLevel": "XHIGH"}, "xhigh"),
        ({"thinkingBudget": 0}, "none"),
        ({"thinkingBudget": 1024}, "low"),
        ({"thinkingBudget": 8192}, "medium"),
        ({"thinkingBudget": 8193}, "high"),
        ({"thinkingBudget": -1}, None),
    ],
)
def test_levels_and_budgets_become_efforts(config: Any, effort: str | None) -> None:
    assert upward(**config)[0].get("reasoning_effort") == effort


@pytest.mark.parametrize(
    ("config", "reasoning", "losses"),
    [
        ({"thinkingLevel": "LOW", "includeThoughts": True}, {"effort": "low", "exclude": False}, []),
        ({"thinkingBudget": 2000, "includeThoughts": False}, {"max_tokens": 2000, "exclude": True}, []),
        ({"thinkingBudget": 0}, {"enabled": False}, []),
        ({"thinkingBudget": -1}, None, ["thinking.budget"]),
        ({"thinkingLevel": "odd"}, None, ["thinking.level"]),
        ({"thinkingLevel": "low", "thinkingBudget": 5}, {"effort": "low"}, ["thinking.budget"]),
    ],
)
def test_openrouters_words(config: Any, reasoning: Any, losses: list[str]) -> None:
    body, done = upward(openai(thinking="reasoning"), **config)
    assert body.get("reasoning") == reasoning
    assert [loss.feature for loss in done.losses if loss.feature.startswith("thinking")] == losses


@pytest.mark.parametrize("enabled", [True, False])
def test_openrouters_switch(enabled: bool) -> None:
    said = ir.ChatRequest((), model="m", thinking=ir.ThinkingSetting(enabled=enabled))
    written = openai(thinking="reasoning").chatting().write_request(said, Report())
    assert json.loads(written.body)["reasoning"] == {"enabled": enabled}


def test_one_dialect_to_another() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "?"}], "thinking": {"type": "enabled"}}
    done = mp.convert(json.dumps(body).encode(), source="openai", target="gemini", kind="chat.request")
    back = mp.convert(done.body, source="gemini", target=openai(thinking="reasoning"), kind="chat.request")
    assert json.loads(back.body)["reasoning"] == {"exclude": False}
