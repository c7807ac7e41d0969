"""Codecs by name."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

import metaphrase as mp
from metaphrase import registry


def test_our_codecs_come_in_by_the_same_door_as_any_other() -> None:
    assert set(mp.codecs()) >= {"gemini", "openai"}
    assert registry.resolve("openai") is registry.resolve("openai")
    assert registry.resolve(registry.resolve("gemini")).name == "gemini"


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(mp.MetaphraseError, match="gemini, openai"):
        registry.resolve("no such codec")


def test_an_entry_point_that_is_no_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("odd", "metaphrase:convert", "metaphrase.codecs")
    monkeypatch.setattr(registry, "_entry_points", lambda: {point.name: point.value})
    with pytest.raises(mp.MetaphraseError, match="does not name a Codec"):
        registry.resolve("odd")


def test_an_unknown_kind_is_told_with_the_known_ones() -> None:
    with pytest.raises(mp.MetaphraseError, match=r"chat\.request"):
        mp.convert(b"{}", source="openai", target="gemini", kind="nothing")
