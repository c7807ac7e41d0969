"""`metaphrase demo --gateway`: what it shows has happened, with payloads as the SDKs send them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from google.genai import types
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from metaphrase_cli.common import Stop
from metaphrase_cli.show import console
from metaphrase_cli.tour import OTHER, Said, _walk, filled, scenes, walk

from .conftest import Cli

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
TOPICS = {"Chat", "Streaming", "Thinking", "Vision", "A PDF", "Image creation", "Embeddings"}


@pytest.fixture(scope="module")
def tour() -> list[Said]:
    return anyio.run(_walk, scenes(FIXTURES))


def test_both_directions_have_all_topics() -> None:
    for protocol in OTHER:
        titles = [scene.title for scene in scenes(FIXTURES) if scene.client == protocol]
        assert set(titles) >= TOPICS
        assert len([title for title in titles if title.startswith("Tools: ")]) == 2


def test_every_call_is_answered_and_its_losses_are_counted(tour: list[Said]) -> None:
    assert [said.scene.title for said in tour if not said.right] == []
    assert len(tour) == len(scenes(FIXTURES))


def test_a_signature_goes_back_to_its_issuer_byte_for_byte(tour: list[Said]) -> None:
    call, result = [said for said in tour if said.scene.client == "openai" and said.scene.title.startswith("Tools")]
    (part,) = json.loads(call.told.body)["candidates"][0]["content"]["parts"]
    sent = json.loads(result.sent.body)["contents"]
    assert [message["role"] for message in sent] == ["user", "model", "user"]
    assert sent[1]["parts"][0]["thoughtSignature"] == part["thoughtSignature"]


def test_what_the_clients_get_is_what_their_sdks_read(tour: list[Said]) -> None:
    texts: dict[str, list[str]] = {"openai": [], "gemini": []}
    for said in tour:
        if said.scene.title != "Embeddings":
            texts[said.scene.client].append("".join(map(_text, _documents(said))))
    assert texts["openai"][1] == texts["gemini"][1] == "One, two, three."
    assert [texts[name][-1] for name in texts] == ["Yes, take one."] * 2
    assert texts["openai"][3:5] == texts["gemini"][3:5]


def _documents(said: Said) -> list[Any]:
    if not said.scene.stream:
        return [json.loads(said.got.body)]
    lines = said.got.body.decode().splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: {")]


def _text(document: dict[str, Any]) -> str:
    if "candidates" in document:
        return types.GenerateContentResponse.model_validate(document).text or ""
    if document["object"] == "chat.completion":
        return ChatCompletion.model_validate(document).choices[0].message.content or ""
    return "".join([choice.delta.content or "" for choice in ChatCompletionChunk.model_validate(document).choices])


def test_pictures_arrive_as_they_were_made(tour: list[Said]) -> None:
    for said in tour:
        if said.scene.title == "Image creation":
            told, got = said.told.body.decode(), said.got.body.decode()
            picture = max(told.split('"'), key=len).rpartition(",")[2]
            assert len(picture) > 1000
            assert picture in got


def test_the_screen_shows_both_forms_and_no_long_base64(cli: Cli) -> None:
    result = cli("demo", "--gateway")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 120
    for text in ("Chat: openai client, gemini upstream", "Embeddings: gemini client", "gemini is asked", "characters)"):
        assert text in result.stdout
    assert "streamGenerateContent" in result.stdout
    rows = [line for line in result.stdout.splitlines() if "│ 200 " in line]
    assert len(rows) == len(scenes(FIXTURES))


def test_a_call_that_is_refused_ends_the_tour(tmp_path: Path) -> None:
    first = json.loads((FIXTURES / "demo.json").read_text("utf-8"))[0]
    first["body"]["messages"] = 5
    (tmp_path / "demo.json").write_text(json.dumps([first]))
    with pytest.raises(Stop, match="Chat: the gateway answered 400"):
        walk(console(), tmp_path)
    (tmp_path / "demo.json").write_text("[1]")
    with pytest.raises(Stop, match=r"demo\.json"):
        walk(console(), tmp_path)
    with pytest.raises(Stop, match="no fixtures"):
        walk(console(), tmp_path / "none")


def test_what_was_said_fills_the_next_body() -> None:
    assert filled({"a": [{"$said": ["b", 0]}], "c": 1}, {"b": ["d"]}) == {"a": ["d"], "c": 1}
