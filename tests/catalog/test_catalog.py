"""Model lists, and one model, in both protocols and between them."""

from typing import Any

import pytest
from msgspec.json import decode
from msgspec.structs import replace

import metaphrase as mp
from metaphrase import ir
from metaphrase.aliases import aliased
from metaphrase.loss import Report
from tests.operations import CODECS, again, encode, lost, to

LIST, ONE = "models.response", "model.response"

FLASH = {
    "name": "models/gemini-2.5-flash", "version": "001", "displayName": "Gemini 2.5 Flash", "description": "Fast.",
    "inputTokenLimit": 1048576, "outputTokenLimit": 65536, "supportedGenerationMethods": ["generateContent"],
    "temperature": 1, "thinking": True,
}  # fmt: skip
GPT = {"id": "gpt-4o", "object": "model", "created": 1715367049, "owned_by": "system"}


def test_gemini_to_openai() -> None:
    body, losses = to("openai", LIST, {"models": [FLASH], "nextPageToken": "p2"})
    model = {
        "id": "gemini-2.5-flash", "object": "model", "created": 0, "owned_by": "google",
        "display_name": "Gemini 2.5 Flash", "context_length": 1048576,
    }  # fmt: skip
    assert body == {"object": "list", "data": [model]}
    at = "$.models[0]."
    assert lost(losses) == {
        ("defaulted", "$.data[*].created"), ("dropped", "$.nextPageToken"), ("dropped", at + "version"),
        ("dropped", at + "description"), ("dropped", at + "outputTokenLimit"), ("dropped", at + "temperature"),
        ("dropped", at + "supportedGenerationMethods"), ("dropped", at + "thinking"),
    }  # fmt: skip


def test_openai_to_gemini() -> None:
    body, losses = to("gemini", LIST, {"object": "list", "data": [GPT]})
    model = {
        "name": "models/gpt-4o",
        "displayName": "gpt-4o",
        "version": "",
        "supportedGenerationMethods": ["generateContent"],
    }
    assert body == {"models": [model]}
    assert lost(losses) == {
        ("synthesised", "$.models[*].supportedGenerationMethods"), ("dropped", "$.data[0].created"),
        ("dropped", "$.data[0].owned_by"),
    }  # fmt: skip


def test_one_model_each_way() -> None:
    body, losses = to("openai", ONE, {"name": "models/x"})
    assert body == {"id": "x", "object": "model", "created": 0, "owned_by": "google"}
    assert [loss.kind for loss in losses] == ["defaulted"]
    body, _ = to("gemini", ONE, GPT | {"id": "text-embedding-3-small", "created": 0, "owned_by": "google"})
    assert body["supportedGenerationMethods"] == ["embedContent", "batchEmbedContents"]
    assert body["name"] == "models/text-embedding-3-small"


@pytest.mark.parametrize("name", ["models/x", "tunedModels/x", "publishers/google/models/x"])
def test_names_and_ids(name: str) -> None:
    body, _ = to("openai", ONE, {"name": name})
    assert body["id"] == name.removeprefix("models/")
    back, _ = to("gemini", ONE, body)
    assert back["name"] == name
    assert to("gemini", ONE, {"id": name})[0]["name"] == name  # Google's OpenAI endpoint keeps the prefix


@pytest.mark.parametrize(
    ("more", "key", "value"),
    [
        ({"name": "N"}, "displayName", "N"),
        ({"display_name": "D", "name": "D"}, "displayName", "D"),
        ({"context_length": 5, "context_window": 5}, "inputTokenLimit", 5),
        ({"max_model_len": 5}, "inputTokenLimit", 5),
        ({"max_context_length": 5}, "inputTokenLimit", 5),
        ({"max_completion_tokens": 5, "max_output_length": 5}, "outputTokenLimit", 5),
        ({"description": "d"}, "description", "d"),
    ],
)
def test_what_compatible_servers_add(more: dict[str, Any], key: str, value: Any) -> None:
    body, losses = to("gemini", ONE, GPT | more)
    assert body[key] == value
    assert {loss.feature for loss in losses} == {"models.methods", "models.created", "models.owner"}
    assert again("openai", ONE, GPT | more) == GPT | more


def test_two_words_for_one_thing_that_disagree() -> None:
    value = GPT | {"context_length": 5, "context_window": 6, "pricing": {}, "aliases": ["a"]}
    body, losses = to("gemini", ONE, value)
    assert body["inputTokenLimit"] == 5
    assert {("dropped", "$.context_window"), ("dropped", "$.aliases")} <= lost(losses)
    assert again("openai", ONE, value) == value


@pytest.mark.parametrize(
    "value",
    [
        {"data": []},
        {"object": "models", "data": [{"id": "x"}, {"id": "y", "object": "m", "created": None}], "has_more": False},
        {"object": "list", "data": [GPT], "models": [{"name": "x"}]},
    ],
)
def test_openai_lists_stay_as_they_are(value: Any) -> None:
    assert again("openai", LIST, value) == value


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"models": []},
        {"models": [FLASH], "nextPageToken": ""},
        {"nextPageToken": "p2"},
        {"models": [{"name": "x"}], "z": 1},
    ],
)
def test_gemini_lists_stay_as_they_are(value: Any) -> None:
    assert again("gemini", LIST, value) == value
    assert [to("openai", LIST, value)[0]["object"]] == ["list"]


def test_odd_constants_are_reported() -> None:
    _, losses = to("gemini", LIST, {"object": "models", "data": [{"id": "x", "object": "m"}]})
    assert {("dropped", "$.object"), ("dropped", "$.data[0].object")} <= lost(losses)


def test_snake_case_is_read() -> None:
    body, losses = to("openai", LIST, {"models": [{"name": "models/x", "output_token_limit": 3}]})
    assert body["data"][0]["id"] == "x"
    assert ("dropped", "$.models[0].output_token_limit") in lost(losses)
    assert ("dropped", "$.output_token_limit") in lost(to("openai", ONE, {"name": "x", "output_token_limit": 3})[1])


@pytest.mark.parametrize(
    ("target", "kind", "value", "path"),
    [
        ("gemini", LIST, {"object": "list"}, "$"),
        ("gemini", LIST, {"data": [{}]}, "$.data[0]"),
        ("gemini", ONE, {}, "$"),
        ("openai", LIST, {"models": [{}]}, "$.models[0]"),
        ("openai", ONE, {"name": 5}, "$.name"),
    ],
)
def test_faults_are_named(target: Any, kind: str, value: Any, path: str) -> None:
    with pytest.raises(mp.ReadError) as caught:
        to(target, kind, value)
    assert caught.value.path == path


def test_a_callers_own_names() -> None:
    codec = CODECS["gemini"].catalog
    assert codec is not None
    catalog = codec.read_response(mp.Response(200, (), encode({"models": [FLASH]})), Report())
    more = aliased(catalog, {"fast": "gemini-2.5-flash", "gone": "no-such", "gemini-2.5-flash": "x"})
    assert [(model.id, model.input_limit) for model in more.models] == [
        ("gemini-2.5-flash", 1048576), ("fast", 1048576), ("gone", None),
    ]  # fmt: skip
    assert aliased(catalog, {}) is catalog
    for name, key in (("openai", "data"), ("gemini", "models")):
        writer = CODECS[name].catalog  # type: ignore[index]  # the names are known
        assert writer is not None
        body = writer.write_response(more, Report()).body
        assert body.count(b"fast") >= 1
        assert key.encode() in body


def test_a_model_made_by_hand() -> None:
    codec = CODECS["openai"].catalog
    assert codec is not None
    report = Report()
    out = codec.write_model(ir.Model("x"), report)
    assert b'"owned_by":"unknown"' in out.body
    assert {loss.feature for loss in report.losses} == {"models.created", "models.owner"}
    assert b'"created":5' in codec.write_model(ir.Model("x", created=5), Report()).body
    assert to("gemini", LIST, {"data": []}) == ({}, ())
    gemini = CODECS["gemini"].catalog
    assert gemini is not None
    out = gemini.write_model(ir.Model("x", "N", version="1", methods=("m",)), report := Report())
    assert decode(out.body) == {
        "name": "models/x", "displayName": "N", "version": "1", "supportedGenerationMethods": ["m"]
    }  # fmt: skip
    assert report.losses == ()
    read = codec.read_model(mp.Response(200, (), encode(GPT | {"name": "N"})), Report())
    changed = codec.write_model(replace(read, name="M", output_limit=7), Report())
    assert b'"display_name":"M"' in changed.body
    assert b'"max_completion_tokens":7' in changed.body
