"""How much to think, and the signatures that go with it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from metaphrase import ir
from metaphrase.ir import Opaque
from metaphrase_gemini import Family, gemini
from metaphrase_gemini.models import FAMILIES, LEVELS, family_of
from metaphrase_gemini.write.turns import DUMMY
from tests.gemini.helpers import call, chat, contents, result, says, translated

MODELS = {
    "gemini-2.5-pro": "budget",
    "gemini-2.5-flash": "budget",
    "gemini-2.5-flash-lite": "budget",
    "gemini-2.9": "budget",
    "gemini-3-pro-preview": "level",
    "gemini-3.1-pro-preview": "level",
    "gemini-3-flash-preview": "level",
    "gemini-3.1-flash-lite": "level",
    "gemini-3.5-flash": "level",
    "gemini-3.6-flash": "level",
    "gemini-3.7-flash": "level",
    "gemini-3.8-flash": "level",
    "gemini-4-argon": "level",
    "gemini-12": "level",
    "gemini-flash-latest": "level",
    "models/gemini-3.1-pro": "level",
    "somebody-elses": "level",
    "gemini-2.0-flash": "none",
    "gemini-1.5-pro": "none",
    "gemma-3": "none",
    "gemini-2.5-flash-image": "none",
}


def think(model: str, **knobs: Any) -> tuple[Any, list[tuple[str, str, str]]]:
    setting = ir.ThinkingSetting(**knobs)
    body, losses = translated(chat(model=model, thinking=setting))
    return body.get("generationConfig", {}).get("thinkingConfig"), losses


@pytest.mark.parametrize(("model", "by"), MODELS.items())
def test_families(model: str, by: str) -> None:
    assert family_of(model).thinking == by


EFFORTS: list[tuple[str, str, dict[str, Any], bool]] = [
    ("gemini-2.5-flash", "none", {"thinkingBudget": 0}, False),
    ("gemini-2.5-flash", "minimal", {"thinkingBudget": 1024}, True),
    ("gemini-2.5-flash", "low", {"thinkingBudget": 1024}, False),
    ("gemini-2.5-flash", "medium", {"thinkingBudget": 8192}, False),
    ("gemini-2.5-flash", "high", {"thinkingBudget": 24576}, False),
    ("gemini-2.5-flash", "xhigh", {"thinkingBudget": 24576}, True),
    ("gemini-2.5-pro", "none", {"thinkingBudget": 128}, True),
    ("gemini-2.5-pro", "max", {"thinkingBudget": 24576}, True),
    ("gemini-3.1-pro", "none", {"thinkingLevel": "LOW"}, True),
    ("gemini-3.1-pro", "minimal", {"thinkingLevel": "LOW"}, True),
    ("gemini-3.1-pro", "medium", {"thinkingLevel": "MEDIUM"}, False),
    ("gemini-3.1-pro", "xhigh", {"thinkingLevel": "HIGH"}, True),
    ("gemini-3-pro", "medium", {"thinkingLevel": "HIGH"}, True),
    ("gemini-3-flash", "minimal", {"thinkingLevel": "MINIMAL"}, False),
    ("gemini-3-flash", "none", {"thinkingLevel": "MINIMAL"}, True),
    ("gemini-3.8-flash", "minimal", {"thinkingLevel": "LOW"}, True),
]


@pytest.mark.parametrize(("model", "effort", "written", "lossy"), EFFORTS)
def test_trap_63_efforts_become_what_the_model_takes(model: str, effort: str, written: Any, lossy: bool) -> None:
    losses = [("approximated", '$["thinking.effort"]', "thinking.effort")] if lossy else []
    assert think(model, effort=effort) == (written, losses)


OTHERS: list[tuple[str, dict[str, Any], Any, list[str]]] = [
    ("gemini-2.5-flash", {"budget": 512}, {"thinkingBudget": 512}, []),
    ("gemini-2.5-flash", {"budget": 99999}, {"thinkingBudget": 24576}, ["approximated budget"]),
    ("gemini-2.5-flash", {"budget": -1}, {"thinkingBudget": -1}, []),
    ("gemini-2.5-pro", {"budget": 0}, {"thinkingBudget": 128}, ["approximated budget"]),
    ("gemini-2.5-flash", {"enabled": False}, {"thinkingBudget": 0}, []),
    ("gemini-2.5-flash-lite", {"enabled": True}, {"includeThoughts": True, "thinkingBudget": -1}, []),
    ("gemini-2.5-flash", {"level": "high"}, {"thinkingBudget": 24576}, []),
    ("gemini-2.5-flash", {"effort": "odd"}, None, ["dropped effort"]),
    ("gemini-3-flash", {"budget": -1}, None, []),
    ("gemini-3-flash", {"budget": 0}, {"thinkingLevel": "MINIMAL"}, ["approximated budget"]),
    ("gemini-3-flash", {"budget": 1024}, {"thinkingLevel": "LOW"}, ["approximated budget"]),
    ("gemini-3-flash", {"budget": 2000}, {"thinkingLevel": "MEDIUM"}, ["approximated budget"]),
    ("gemini-3-flash", {"budget": 20000}, {"thinkingLevel": "HIGH"}, ["approximated budget"]),
    ("gemini-3-flash", {"enabled": True}, {"includeThoughts": True}, []),
    ("gemini-3-flash", {"enabled": True, "include": False}, {"includeThoughts": False}, []),
    ("gemini-3-flash", {"enabled": False}, {"thinkingLevel": "MINIMAL"}, ["approximated enabled"]),
    ("gemini-3-flash", {"level": "HIGH"}, {"thinkingLevel": "HIGH"}, []),
    ("gemini-3-flash", {"level": "odd"}, None, ["dropped level"]),
    ("gemini-3-flash", {"include": True}, {"includeThoughts": True}, []),
    ("gemini-2.0-flash", {"effort": "low", "include": True}, None, ["dropped effort", "dropped include"]),
    ("gemini-2.0-flash", {"effort": "none", "budget": 0, "enabled": False, "include": False}, None, []),
]


@pytest.mark.parametrize(("model", "knobs", "written", "losses"), OTHERS)
def test_other_knobs(model: str, knobs: dict[str, Any], written: Any, losses: list[str]) -> None:
    found, lost = think(model, **knobs)
    assert found == written
    assert [f"{kind} {feature.removeprefix('thinking.')}" for kind, _, feature in lost] == losses


def test_trap_62_of_two_wishes_one_is_sent() -> None:
    found, losses = think("gemini-3-flash", level="low", budget=5, effort="high", enabled=True)
    assert found == {"includeThoughts": True, "thinkingLevel": "LOW"}
    assert [(kind, feature) for kind, _, feature in losses] == [
        ("dropped", "thinking.budget"),
        ("dropped", "thinking.effort"),
    ]
    off = think("gemini-3-flash", level="low", enabled=False)[1]
    assert [(kind, feature) for kind, _, feature in off] == [("approximated", "thinking.enabled")]
    both = think("gemini-3-flash", level="low", enabled=True, include=True)[1]
    assert [(kind, feature) for kind, _, feature in both] == [("dropped", "thinking.enabled")]


KNOBS: dict[str, tuple[Any, ...]] = {
    "effort": ("none", *LEVELS, "xhigh", "max", "", "odd"),
    "level": (*LEVELS, "XHIGH", "none", ""),
    "budget": (-1, 0, 1, 127, 128, 511, 512, 1024, 24576, 24577, 32768, 2**40),
    "enabled": (True, False),
}


@pytest.mark.parametrize("model", MODELS)
def test_every_knob_gives_what_the_table_allows(model: str) -> None:
    family = family_of(model)
    for knob, values in KNOBS.items():
        for value in values:
            found, _ = think(model, **{knob: value})
            _allowed(found, family)
    for effort, budget in itertools.product(KNOBS["effort"], KNOBS["budget"]):
        _allowed(think(model, effort=effort, budget=budget, include=True)[0], family)


def _allowed(found: dict[str, Any] | None, family: Family) -> None:
    if family.thinking == "none":
        assert found is None
    for key, value in (found or {}).items():
        if key == "thinkingLevel":
            assert family.thinking == "level"
            assert value.lower() in family.levels
        if key == "thinkingBudget":
            assert family.thinking == "budget"
            assert value == -1 or (value == 0 and family.off) or family.least <= value <= family.most


def test_a_callers_row_comes_first() -> None:
    own = gemini(models=[Family("mine", "budget", least=5, most=6)])
    setting = ir.ThinkingSetting(budget=9)
    body, _ = translated(chat(model="mine-1", thinking=setting), own)
    assert body["generationConfig"]["thinkingConfig"] == {"thinkingBudget": 6}
    assert family_of("no such model") is FAMILIES[-1]


# --- signatures ----------------------------------------------------------------------------------------------------

THIRD = "gemini-3-flash-preview"
REAL = Opaque("gemini", "cmVhbA==")


def signatures(*messages: ir.Message, model: str = THIRD) -> list[list[str | None]]:
    return [[part.get("thoughtSignature") for part in parts] for _, parts in contents(*messages, model=model)]


def test_trap_55_the_first_call_of_each_step_of_the_current_turn_is_signed() -> None:
    old = (says("user", "a"), says("model", call("0", "f")), result("0"), says("model", "b"))
    now = (
        says("user", "hi"),
        says("model", "let me see", call("1", "f"), call("2", "f")),
        result("1"),
        result("2"),
        says("model", call("3", "f")),
        result("3"),
    )
    assert signatures(*old, *now) == [
        [None],
        [None],
        [None],
        [None],
        [None],
        [None, DUMMY, None],
        [None, None],
        [DUMMY],
        [None],
    ]
    _, losses = translated(chat(*old, *now, model=THIRD))
    assert losses == [("synthesised", "", "thinking.signature")]


def test_trap_58_a_real_signature_is_never_replaced() -> None:
    assert signatures(says("user", "hi"), says("model", call("1", "f", state=REAL), call("2", "f"))) == [
        [None],
        ["cmVhbA==", None],
    ]


def test_trap_58_older_models_need_none() -> None:
    for model in ("gemini-2.5-pro", "gpt-4o"):
        assert signatures(says("user", "hi"), says("model", call("1", "f")), model=model) == [[None], [None]]


def test_trap_58_another_vendors_state_stays_at_home() -> None:
    foreign = call("1", "f", state=Opaque("openai", "gAAAA"))
    assert signatures(says("user", "hi"), says("model", foreign)) == [[None], [DUMMY]]
    _, losses = translated(chat(says("user", "hi"), says("model", foreign), model=THIRD))
    assert [(kind, feature) for kind, _, feature in losses] == [
        ("synthesised", "thinking.signature"),
        ("dropped", "thinking.signature"),
    ]


def test_a_call_with_leftovers_is_signed_too() -> None:
    from msgspec import Raw
    from msgspec.structs import replace

    odd = replace(call("1", "f"), ext={"gemini": {"partMetadata": Raw(b"{}")}})
    assert signatures(says("user", "hi"), says("model", odd)) == [[None], [DUMMY]]
    kept = replace(call("1", "f", state=REAL), ext={"gemini": {"partMetadata": Raw(b"{}")}})
    assert signatures(says("user", "hi"), says("model", kept)) == [[None], ["cmVhbA=="]]


def test_trap_57_a_signed_part_stays_a_part_of_its_own() -> None:
    found = contents(says("user", "hi"), says("model", ir.Text("a", REAL), "b"), model=THIRD)
    assert found[1][1] == [{"text": "a", "thoughtSignature": "cmVhbA=="}, {"text": "b"}]


def test_trap_65_thoughts_go_back_as_thoughts() -> None:
    found = contents(says("user", "hi"), says("model", ir.Thinking("hm", REAL), "b"), model=THIRD)
    assert found[1][1] == [{"text": "hm", "thought": True, "thoughtSignature": "cmVhbA=="}, {"text": "b"}]
