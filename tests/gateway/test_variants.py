"""Variants: a name for a model with a thinking depth, a way of showing it, options for images."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

from metaphrase.ir import ChatResponse, Choice, Finish, Text, Thinking
from metaphrase.testing.simulate import Asked, Reply, say
from metaphrase_http.config import json_schema, parse_config
from metaphrase_http.keys import ConfigError
from metaphrase_http.settings import settle

from .house import House, config, house
from .test_gateway import get, post

pytestmark = pytest.mark.anyio
VARIANTS = """
[models.plain]
model = "gemini-2.5-flash"

[models.deep]
model = "gemini-2.5-flash"
thinking = { effort = "high", show = true }
dialect.openai = { thinking = "think_tags" }

[models.quick]
model = "gemini-2.5-flash"
thinking = 0

[models.poster]
model = "gemini-3-pro-image"
image = { aspect = "16:9", size = "4K" }
"""


def thinks(asked: Asked) -> Reply:
    """A thought and a text."""
    parts = (Thinking("Hmm."), Text("Yes."))
    return say(asked, ChatResponse((Choice(0, parts, Finish("stop")),), model=asked.chat().model or ""))


async def ask(at: House, model: str, **said: Any) -> Any:
    body = {"model": model, "messages": [{"role": "user", "content": "Is it?"}], **said}
    return (await post(at, body=body)).json()


async def test_a_name_is_a_model_with_settings() -> None:
    async with house("gemini", thinks, VARIANTS) as at:
        for model, wanted in (
            ("plain", None),
            ("deep", {"thinkingConfig": {"includeThoughts": True, "thinkingBudget": 24576}}),
            ("quick", {"thinkingConfig": {"thinkingBudget": 0}}),
            ("poster", {"imageConfig": {"aspectRatio": "16:9", "imageSize": "4K"}}),
        ):
            answer = await ask(at, model)
            assert answer["model"] == model
            assert json.loads(at.last.body).get("generationConfig") == wanted
            assert f"/models/gemini-{'3-pro-image' if model == 'poster' else '2.5-flash'}:" in at.last.target
            message = answer["choices"][0]["message"]
            shown = message.get("reasoning_content"), message["content"]
            assert shown == ((None, "<think>Hmm.</think>Yes.") if model == "deep" else ("Hmm.", "Yes."))


async def test_what_the_request_says_counts() -> None:
    async with house("gemini", thinks, VARIANTS) as at:
        await ask(at, "deep", reasoning_effort="low")
        wanted = {"includeThoughts": True, "thinkingBudget": 1024}
        assert json.loads(at.last.body)["generationConfig"]["thinkingConfig"] == wanted
        path = "/v1beta/models/deep:generateContent"
        body = {"contents": [{"role": "user", "parts": [{"text": "a"}]}]}
        await post(at, path, body | {"generationConfig": {"thinkingConfig": {"includeThoughts": False}}})
        wanted = {"includeThoughts": False, "thinkingBudget": 24576}
        assert json.loads(at.last.body)["generationConfig"]["thinkingConfig"] == wanted


async def test_a_stream_is_shown_in_the_same_way() -> None:
    async with house("gemini", thinks, VARIANTS) as at:
        body = {"model": "deep", "stream": True, "messages": [{"role": "user", "content": "a"}]}
        text = (await post(at, body=body)).text
        chunks = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
        said = "".join([chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks])
        assert said == "<think>Hmm.</think>Yes."


async def test_the_list_shows_every_name_that_can_be_asked_for() -> None:
    other = '[upstreams.other]\nsimulate = "echo"\n[models.far]\nmodel = "echo-1"\nupstream = "other"\nthinking = "low"'
    text = f'{VARIANTS}\n[server]\nupstream = "up"\n{other}'
    async with house("gemini", _listing, text) as at:
        names = [model["id"] for model in (await get(at, "/v1/models")).json()["data"]]
        assert names == ["gemini-2.5-flash", "far", "plain", "deep", "quick", "poster"]
        models = (await get(at, "/v1beta/models")).json()["models"]
        assert [model["name"] for model in models] == [f"models/{name}" for name in names]
        assert (await get(at, "/v1/models/deep")).json()["id"] == "deep"


def _listing(asked: Asked) -> Reply:
    models = b'{"models":[{"name":"models/gemini-2.5-flash"}]}'
    one = b'{"name":"models/gemini-2.5-flash"}'
    return Reply(200, (("content-type", "application/json"),), (models if asked.operation == "models" else one,))


async def test_a_reload_brings_other_variants() -> None:
    async with house("gemini", thinks, VARIANTS) as at:
        await ask(at, "deep")
        assert "thinkingConfig" in at.last.body.decode()
        url = f"http://127.0.0.1:{at.upstream_port}"
        new = config("gemini", url, '[models.deep]\nmodel = "gemini-3-pro-preview"\nthinking = "low"')
        await at.gateway.change(settle(new, "127.0.0.1", {}))
        answer = await ask(at, "deep")
        assert json.loads(at.last.body)["generationConfig"]["thinkingConfig"] == {"thinkingLevel": "LOW"}
        assert answer["choices"][0]["message"]["reasoning_content"] == "Hmm."


async def test_a_dialect_is_also_how_an_upstream_is_spoken_to() -> None:
    text = '[models.m]\nmodel = "x"\nthinking = 2000\ndialect.openai = { thinking = "reasoning" }'
    async with house("openai", thinks, text) as at:
        answer = await post(at, "/v1beta/models/m:generateContent", {"contents": [{"parts": [{"text": "a"}]}]})
        assert answer.status_code == 200
        assert json.loads(at.last.body)["reasoning"] == {"max_tokens": 2000}


UP = '[upstreams.up]\nsimulate = "echo"\n[models.m]\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('thinking = "low"', "models.m: Object missing required field `model`"),
        ('model = "x"\nthinking = "hgh"', "models.m: Invalid enum value 'hgh' - at `$.thinking`"),
        ('model = "x"\nthinking = -2', "models.m: Expected `int` >= -1"),
        ('model = "x"\nthinking = true', "models.m: Expected "),
        ('model = "x"\nthinking = {}', "models.m.thinking: it says nothing"),
        ('model = "x"\nthinking = { effort = "low", budget = 3 }', "models.m.thinking: effort and budget"),
        ('model = "x"\nthinking = { depth = 3 }', "models.m: Object contains unknown field `depth`"),
        ('model = "x"\nimage = {}', "models.m.image: it says nothing"),
        ('model = "x"\nimage = { aspect = "wide" }', "models.m: Expected `str` matching regex"),
        ('model = "x"\nimage = { size = "2k" }', "models.m: Expected `str` matching regex"),
        ('model = "x"\ndialect.openai = { thinking = "x" }', "models.m.dialect.openai: Invalid enum value 'x'"),
        ('model = "x"\ndialect.openai = { store = {} }', "models.m.dialect.openai: Object contains unknown field"),
        ('model = "x"\ndialect.song = {}', "song is no protocol with dialects; there are gemini, openai"),
    ],
)
def test_one_line_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settle(parse_config(UP + text), "127.0.0.1", {})
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_schema_knows_what_the_reader_knows() -> None:
    valid = jsonschema_rs.validator_for(json_schema()).is_valid
    deep = {"model": "x", "thinking": {"effort": "high"}, "image": {"size": "2K"}}
    for good in ("x", deep, deep | {"thinking": 5}, deep | {"dialect": {"openai": {"images": "markdown"}}}):
        assert valid({"models": {"m": good}})
    for bad in (5, {}, deep | {"thinking": "x"}, deep | {"dialect": {"openai": {"images": "x"}}}, deep | {"no": 1}):
        assert not valid({"models": {"m": bad}})
    assert not valid({"models": {"m": deep | {"dialect": {"song": {}}}}})
