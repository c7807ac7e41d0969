"""Settings that a caller adds: they count where the client says nothing, and are not lost in silence."""

from __future__ import annotations

import json
from typing import Any

import pytest

import metaphrase as mp
from metaphrase import Defaults
from metaphrase.ir import ImageSetting, ThinkingSetting

HIGH = Defaults(ThinkingSetting(effort="high"))
GEMINI = "/v1beta/models/gemini-2.5-flash:generateContent"
OPENAI = "/v1/chat/completions"


def sent(client: str, upstream: str, defaults: Defaults, **said: Any) -> tuple[Any, tuple[mp.Loss, ...]]:
    """The upstream's request body, and what was lost."""
    exchange = mp.Exchange(client, upstream, defaults=defaults)
    if client == "openai":
        wire = {"model": "gemini-2.5-flash", "messages": [{"role": "user", "content": "a"}], **said}
        request = exchange.request(mp.Request("POST", OPENAI, (), json.dumps(wire).encode()))
    else:
        wire = {"contents": [{"role": "user", "parts": [{"text": "a"}]}]}
        wire |= {"generationConfig": said} if said else {}
        request = exchange.request(mp.Request("POST", GEMINI, (), json.dumps(wire).encode()))
    assert request is not None
    return json.loads(request.body), exchange.losses


def test_every_way_takes_a_depth() -> None:
    """Also where both sides speak one protocol, in which the default may have no word of its own."""
    for client in ("openai", "gemini"):
        body, losses = sent(client, "gemini", HIGH)
        assert (body["generationConfig"]["thinkingConfig"], losses) == ({"thinkingBudget": 24576}, ())
        body, losses = sent(client, "openai", HIGH)
        assert (body["reasoning_effort"], losses) == ("high", ())


def test_tokens_become_what_the_upstream_takes_and_the_loss_stood_nowhere() -> None:
    for client in ("openai", "gemini"):
        body, losses = sent(client, "openai", Defaults(ThinkingSetting(budget=3000)))
        assert body["reasoning_effort"] == "medium"
        assert [(loss.kind, loss.path, loss.feature) for loss in losses] == [("approximated", "", "thinking.budget")]
        body, losses = sent(client, "gemini", Defaults(ThinkingSetting(budget=3000)))
        assert (body["generationConfig"]["thinkingConfig"], losses) == ({"thinkingBudget": 3000}, ())


@pytest.mark.parametrize(
    "said",
    [
        {"reasoning_effort": "low"},
        {"thinking": {"type": "disabled"}},
        {"thinking_budget": 0},
        {"enable_thinking": True},
    ],
)
@pytest.mark.parametrize("upstream", ["openai", "gemini"])
def test_a_depth_that_was_said_counts_however_it_was_said(upstream: str, said: dict[str, Any]) -> None:
    plain = sent("openai", upstream, Defaults(), **said)
    assert sent("openai", upstream, HIGH, **said) == plain
    assert sent("openai", upstream, HIGH) != plain


def test_showing_and_depth_are_two_wishes() -> None:
    shown = Defaults(ThinkingSetting(effort="high", include=True))
    body, _ = sent("openai", "gemini", shown, include_reasoning=False)
    assert body["generationConfig"]["thinkingConfig"] == {"includeThoughts": False, "thinkingBudget": 24576}
    body, _ = sent("gemini", "gemini", shown, thinkingConfig={"thinkingBudget": 1})
    assert body["generationConfig"]["thinkingConfig"] == {"includeThoughts": True, "thinkingBudget": 1}
    body, losses = sent("gemini", "openai", shown, thinkingConfig={"includeThoughts": True})
    assert body["reasoning_effort"] == "high"
    assert [loss.path for loss in losses] == ["$.generationConfig.thinkingConfig.includeThoughts"]


def test_images() -> None:
    wide = Defaults(image=ImageSetting("16:9", "2K"))
    for client in ("openai", "gemini"):
        body, losses = sent(client, "gemini", wide)
        assert (body["generationConfig"]["imageConfig"], losses) == ({"aspectRatio": "16:9", "imageSize": "2K"}, ())
        body, losses = sent(client, "openai", wide)
        assert (body["image_config"], losses) == ({"aspect_ratio": "16:9", "image_size": "2K"}, ())
    body, _ = sent("openai", "openai", wide, image_config={"aspect_ratio": "1:1"})
    assert body["image_config"] == {"aspect_ratio": "1:1", "image_size": "2K"}


@pytest.mark.parametrize("beside", [{}, {"other": 1}, {"other": 1, "google": {"odd": 2}}])
def test_an_image_goes_where_the_dialect_keeps_it_beside_what_stood_there(beside: dict[str, Any]) -> None:
    dialects = mp.codecs()["openai"].dialects
    assert dialects is not None
    exchange = mp.Exchange(
        "openai", dialects.of({"google_compat": True}), defaults=Defaults(image=ImageSetting("16:9"))
    )
    wire = {"model": "m", "messages": [{"role": "user", "content": "a"}], "extra_body": beside}
    request = exchange.request(mp.Request("POST", OPENAI, (), json.dumps(wire).encode()))
    assert request is not None
    image = {"image_config": {"aspect_ratio": "16:9"}}
    assert json.loads(request.body)["extra_body"] == {**beside, "google": {**beside.get("google", {}), **image}}


def test_without_defaults_and_with_empty_ones_a_request_is_the_same() -> None:
    said = {"reasoning": {"effort": "low"}, "image_config": {"aspect_ratio": "1:1"}}
    for client, upstream in (("openai", "openai"), ("openai", "gemini")):
        assert sent(client, upstream, Defaults(ThinkingSetting(), ImageSetting()), **said) == sent(
            client, upstream, Defaults(), **said
        )


def test_a_dialect_by_plain_values() -> None:
    for name, said in (("openai", {"thinking": "think_tags", "images": "markdown"}), ("gemini", {"schema": "openapi"})):
        dialects = mp.codecs()[name].dialects
        assert dialects is not None
        assert dialects.of(said).name == name
        assert dialects.of({}).chat == mp.codecs()[name].chat
        assert dialects.of(said).chat != mp.codecs()[name].chat
        for wrong in ({"no": 1}, dict.fromkeys(said, "no")):
            with pytest.raises(mp.MetaphraseError):
                dialects.of(wrong)
