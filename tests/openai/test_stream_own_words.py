"""What a stream of OpenAI's family says in its own way stays so toward OpenAI, or a loss names it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

import metaphrase as mp
from metaphrase import ir
from metaphrase.registry import resolve
from tests.openai.streaming import DONE, STOP, chunk, read, said, sse, write

COUNTS = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}


def through(stream: bytes, target: str = "openai") -> tuple[list[Any], dict[str, str]]:
    """The chunks that a client of another protocol, or of the same, is sent; and the kinds of losses by path."""
    writing = replace(resolve(target), relay=None)
    done = mp.convert(stream, source="openai", target=writing, kind="chat.stream", now=1, seed="s")
    lines = [line[6:] for line in done.body.decode().splitlines() if line]
    chunks = [json.loads(line) for line in lines if line != DONE]
    return chunks, {loss.path: loss.feature for loss in done.losses}


def listed(chunks: list[Any]) -> list[Any]:
    """The content of every chunk, lists one after the other."""
    content = [one["choices"][0]["delta"].get("content") for one in chunks]
    return [part for found in content if found for part in (found if isinstance(found, list) else [found])]


# --- content lists (Mistral) ----------------------------------------------------------------------------------------


def thinking(text: str, **members: Any) -> dict[str, Any]:
    return {"type": "thinking", "thinking": [{"type": "text", "text": text}], **members}


@pytest.mark.parametrize(
    "parts",
    [
        [thinking("a"), thinking("b", closed=True)],
        [{"type": "thinking", "thinking": [{"type": "other", "text": "t", "zz": 1}]}],
        [{"type": "thinking", "thinking": [], "closed": True}],
        [{"type": "thinking", "thinking": "t"}],
        [{"type": "text", "text": "t", "zz": 1}, {"type": "text", "text": "u", "zz": 2}],
        [{"type": "refusal", "refusal": "no", "zz": 1}],
    ],
)
def test_a_content_list_stays_as_it_was(parts: list[Any]) -> None:
    for stream in (said(*[{"content": [part]} for part in parts]), said({"content": parts})):
        chunks, losses = through(stream)
        assert listed(chunks) == parts
        assert losses == {}


def test_members_of_thoughts_are_named_for_another_protocol() -> None:
    chunks, losses = through(said({"content": [thinking("t", closed=True)]}), "gemini")
    assert chunks[0]["candidates"][0]["content"]["parts"] == [{"text": "t", "thought": True}]
    assert set(losses) == {"$[0].choices[0].delta.content[0].closed"}


def test_thoughts_in_two_fields_are_both_passed_on() -> None:
    for told in (
        [{"reasoning_content": "a"}, {"content": [thinking("b")]}],
        [{"content": [thinking("b")]}, {"reasoning_content": "a"}],
    ):
        chunks, losses = through(said(*told))
        deltas = [one["choices"][0]["delta"] for one in chunks]
        assert "".join(delta.get("reasoning_content") or "" for delta in deltas) == "a"
        assert listed(chunks) == [thinking("b")]
        assert losses == {}


def test_thoughts_in_a_list_then_in_tags() -> None:
    flag = {"extra_content": {"google": {"thought": True}}}
    chunks, _ = through(
        said({"content": [thinking("b")]}, {"content": "<thought>a", **flag}, {"content": "</thought>c"})
    )
    assert listed(chunks) == [thinking("b"), "<thought>a", "</thought>c"]


def test_a_content_list_is_content() -> None:
    reference = {"type": "reference", "reference_ids": [1]}
    assert listed(through(said({"content": [thinking("a")]}, {"content": [reference]}))[0]) == [
        thinking("a"),
        reference,
    ]
    contents = [
        one["choices"][0]["delta"].get("content") for one in through(said({"content": [thinking("a"), reference]}))[0]
    ]
    assert "" not in contents


def test_listed_thoughts_count_where_signatures_are_numbered() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    signed = {"extra_content": {"google": {"thought_signature": "s"}}}
    told = ({"content": "a"}, {"images": [picture]}, signed)
    plain, thought = said({"reasoning_content": "b"}, *told), said({"content": [thinking("b")]}, *told)
    signatures = [
        [one["choices"][0]["delta"].get("extra_content") for one in through(stream)[0]] for stream in (plain, thought)
    ]
    assert [one for one in signatures[0] if one] == [one for one in signatures[1] if one] != []


# --- what all chunks say --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["id", "model", "created", "object"])
def test_a_change_in_mid_stream_is_reported(key: str) -> None:
    other = {"id": "y", "model": "n", "created": 2, "object": "chat.completion.other"}
    stream = sse(chunk({"content": "a"}), chunk({"content": "b"}, **{key: other[key]}), chunk(finish="stop"), DONE)
    for target in ("openai", "gemini"):
        assert through(stream, target)[1] == {f"$[1].{key}": "stream.renamed"}


@pytest.mark.parametrize("kind", ["chat.completion", "x"])
def test_an_unusual_object_stays(kind: str) -> None:
    stream = sse(chunk({"content": "a"}, object=kind), chunk(finish="stop", object=kind), DONE)
    chunks, losses = through(stream)
    assert {one["object"] for one in chunks} == {kind}
    assert losses == {}
    assert set(through(stream, "gemini")[1]) == {"$[0].object"}


@pytest.mark.parametrize("key", ["id", "model"])
def test_what_no_chunk_says_is_not_made_up(key: str) -> None:
    absent = sse(chunk({"content": "a"}, **{key: ...}), chunk(finish="stop", **{key: ...}), DONE)
    chunks, losses = through(absent)
    assert not any(key in one for one in chunks)
    assert losses == {}
    blank = sse(chunk({"content": "a"}, **{key: ""}), chunk(finish="stop", **{key: ""}), DONE)
    assert all(one[key] == "" for one in through(blank)[0])


def test_an_id_that_was_given_on_the_way_is_told() -> None:
    unsaid = {"id": ir.Spelling("openai", "", {})}
    start = ir.Start("given", "m", 1, origin="openai", spelt=unsaid)
    assert write(start, ir.Extra(0, ext={"openai": {"x": Raw(b"1")}}), STOP, ir.Done())[0]["id"] == "given"


# --- usage in a choice (Moonshot) -----------------------------------------------------------------------------------


def test_the_usage_of_a_choice_counts() -> None:
    last = chunk(finish="stop", beside={"usage": COUNTS})
    stream = sse(chunk({"content": "a"}), last, DONE)
    chunks, losses = through(stream, "gemini")
    assert chunks[-1]["usageMetadata"]["totalTokenCount"] == 8
    assert losses == {}
    chunks, losses = through(stream)
    assert [one["choices"][0]["usage"] for one in chunks if "usage" in one["choices"][0]] == [COUNTS]
    assert not any("usage" in one for one in chunks)
    assert losses == {}


def test_the_usage_of_a_choice_yields_to_that_of_the_stream() -> None:
    last = chunk(finish="stop", beside={"usage": COUNTS})
    stream = sse(chunk({"content": "a"}), last, chunk(None, usage={"total_tokens": 9}), DONE)
    chunks, losses = through(stream, "gemini")
    assert chunks[-1]["usageMetadata"]["totalTokenCount"] == 9
    assert set(losses) == {"$[1].choices[0].usage"}
    assert through(stream)[0][-1]["usage"] == {"total_tokens": 9}


def test_of_two_choices_the_last_usage_counts() -> None:
    ends = [chunk(finish="stop", index=index, beside={"usage": {"total_tokens": 8 + index}}) for index in (0, 1)]
    chunks, losses = through(sse(chunk({"content": "a"}), *ends, DONE), "gemini")
    assert chunks[-1]["usageMetadata"]["totalTokenCount"] == 9
    assert "$[1].choices[0].usage" in losses


def test_a_usage_of_a_choice_that_cannot_be_read() -> None:
    with pytest.raises(mp.ReadError) as error:
        through(sse(chunk(finish="stop", beside={"usage": {"total_tokens": "x"}}), DONE), "gemini")
    assert error.value.path == "$[0].choices[0].usage.total_tokens"


# --- an object as content -------------------------------------------------------------------------------------------


def test_an_object_is_told_as_its_text() -> None:
    for target in ("openai", "gemini"):
        chunks, losses = through(said({"content": {"title": "A"}}), target)
        assert "title" in json.dumps(chunks)
        assert losses == {"$[0].choices[0].delta.content": "message.content"}
    own = replace(resolve("openai"), relay=None)
    again = mp.convert(said({"content": {"a": 1}}), source="openai", target=own, kind="chat.stream")
    assert [loss.kind for loss in again.losses] == ["repaired"]
    assert any(getattr(event, "text", "") == '{"title":"A"}' for event in read(said({"content": {"title": "A"}})))


# --- bare pieces of calls -------------------------------------------------------------------------------------------


def test_bare_pieces_belong_to_the_calls_by_their_place() -> None:
    heads = [{"id": name, "type": "function", "function": {"name": name, "arguments": ""}} for name in "fgh"]
    pieces = [{"function": {"arguments": text}} for text in ('{"a":1}', '{"b":2}')]
    chunks, _ = through(said({"tool_calls": heads}, {"tool_calls": pieces}, finish="tool_calls"), "gemini")
    parts = [part for one in chunks for part in one["candidates"][0].get("content", {}).get("parts", ())]
    called = [part["functionCall"] for part in parts]
    assert [call.get("args") or {} for call in called] == [{}, {"a": 1}, {"b": 2}]


def test_an_empty_text_in_a_list_says_nothing() -> None:
    content = [{"type": "text", "text": ""}, {"type": "text", "text": "a"}]
    chunks, _ = through(said({"content": content}, finish="stop"))
    assert listed(chunks) == ["a"]
