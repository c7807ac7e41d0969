"""What a Gemini stream says piece by piece beside its texts, and a prompt that is refused when an answer has begun."""

import json
from typing import Any

import pytest

import metaphrase as mp
from tests.laws.corpus import Protocol

from .chunks import chunks
from .feeding import NOW, SEED, reencoder, translating

BLOCK = {"promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "why"}}


def said(text: str, **members: object) -> dict[str, Any]:
    return {"candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": text}]}, **members}]}


def streamed(target: Protocol, *found: Any) -> tuple[list[Any], mp.Reencoder]:
    again = reencoder("gemini", target)
    body = "".join(f"data: {json.dumps(one)}\r\n\r\n" for one in found).encode()
    return chunks(again.feed(body) + again.close()), again


def whole(target: Protocol, document: Any) -> Any:
    body = json.dumps(document).encode()
    done = mp.convert(body, source="gemini", target=target, kind="chat.response", now=NOW, seed=SEED)
    assert done.losses == ()
    return json.loads(done.body)


def test_a_block_after_some_text_is_a_filter() -> None:
    out, again = streamed("openai", said("a"), BLOCK)
    assert again.failure is None
    assert again.losses == ()
    choices = [one["choices"][0] for one in out[:-1]]
    assert [one["finish_reason"] for one in choices] == [None] * (len(choices) - 1) + ["content_filter"]
    refusal = "".join(one["delta"].get("refusal") or "" for one in choices)
    assert refusal == "Prompt blocked: SAFETY (why)"
    (choice,) = whole("openai", said("a") | BLOCK)["choices"]
    assert choice["finish_reason"] == "content_filter"
    assert choice["message"] == {"role": "assistant", "content": "a", "refusal": refusal}


def test_a_block_goes_back_as_it_was() -> None:
    out, again = streamed("gemini", said("a"), BLOCK)
    assert again.failure is None
    assert out == [said("a"), {"candidates": [{"index": 0}], **BLOCK}]
    assert whole("gemini", said("a") | BLOCK) == said("a") | BLOCK


def test_a_block_is_named_where_an_answer_has_ended_all_the_same() -> None:
    for reason in ("STOP", "MAX_TOKENS"):
        _, again = streamed("openai", said("a", finishReason=reason), BLOCK)
        assert [(loss.path, loss.feature) for loss in again.losses] == [("$[1].promptFeedback", "response.blocked")]


def test_a_block_is_named_where_the_filter_has_words() -> None:
    last = said("a", finishReason="SAFETY", finishMessage="unsafe")
    out, again = streamed("openai", last, BLOCK)
    assert "".join(one["choices"][0]["delta"].get("refusal") or "" for one in out[:-1]) == "unsafe"
    assert ("$[1].promptFeedback", "response.blocked") in [(loss.path, loss.feature) for loss in again.losses]


def test_the_message_of_a_block_without_a_reason() -> None:
    feedback = {"promptFeedback": {"blockReasonMessage": "why"}}
    out, again = streamed("openai", feedback)
    assert again.failure is None
    words = "Prompt blocked: BLOCK_REASON_UNSPECIFIED (why)"
    assert out[0]["choices"][0]["delta"]["refusal"] == words
    assert whole("openai", feedback)["choices"][0]["message"]["refusal"] == words
    assert streamed("gemini", feedback)[0] == [feedback]


@pytest.mark.parametrize("key", ["urlContextMetadata", "zz"])
def test_members_of_a_candidate_that_change_all_go_out(key: str) -> None:
    out, again = streamed("gemini", *[said("a", **{key: [n]}) for n in (1, 1, 2)], said("b", finishReason="STOP"))
    found = [one["candidates"][0][key] for one in out if key in one["candidates"][0]]
    assert found == [[1], [2]]
    assert again.losses == ()


@pytest.mark.parametrize("key", ["citationSources", "citations"])
def test_sources_add_up(key: str) -> None:
    one, two, three = ({"uri": f"https://{n}", "endIndex": 1, f"x{n}": n} for n in (1, 2, 3))
    rows: tuple[list[Any], ...] = ([one], [one, two], [one, two], [three], [])
    found = [said("a", citationMetadata={key: row}) for row in rows]
    found += [said("b", groundingMetadata={"webSearchQueries": ["q"]}, finishReason="STOP")]
    out, again = streamed("openai", *found)
    cited = [link["url_citation"]["url"] for chunk in out[:-1] for choice in chunk["choices"]
             for link in choice["delta"].get("annotations", [])]  # fmt: skip
    assert cited == ["https://1", "https://2", "https://3"]
    places = [loss.path.partition(".citationMetadata.")[::2] for loss in again.losses if ".x" in loss.path]
    assert places == [
        ("$[0].candidates[0]", f"{key}[0].x1"), ("$[1].candidates[0]", f"{key}[1].x2"),
        ("$[3].candidates[0]", f"{key}[0].x3"),
    ]  # fmt: skip
    assert "stream.replaced" not in [loss.feature for loss in again.losses]
    back = streamed("gemini", *found)[0][-1]["candidates"][0]
    assert back["citationMetadata"] == {key: [one, two, three]}
    assert back["groundingMetadata"] == {"webSearchQueries": ["q"]}


def test_what_stands_beside_sources_is_named_where_it_changes() -> None:
    found = [said("a", citationMetadata={"citations": [{"uri": f"https://{n}"}], "x": n}) for n in (1, 2)]
    _, again = streamed("gemini", *found, said("b", finishReason="STOP"))
    assert [loss.path for loss in again.losses] == ["$[0].candidates[0].citationMetadata.x"]
    sources = [{"uri": f"https://{n}"} for n in range(1030)]
    _, again = streamed("gemini", said("a", citationMetadata={"citations": sources}, finishReason="STOP"))
    assert [(loss.feature, loss.count) for loss in again.losses] == [("stream.citations", 6)]


def test_members_of_an_answer_that_change_before_its_first_candidate_all_go_out() -> None:
    said = [{"zz": 1}, {"zz": 2}, {"zz": 2}, {"candidates": [{"content": {"parts": [{"text": "a"}], "role": "model"}}]}]
    body = b"".join([b"data: " + json.dumps(one).encode() + b"\r\n\r\n" for one in said])
    done = mp.convert(body, source="gemini", target=translating("gemini"), kind="chat.stream")
    lines = [line.removeprefix(b"data: ") for line in done.body.split(b"\r\n\r\n")]
    assert [line.count(b'"zz"') for line in lines if b'"zz"' in line] == [1, 1]
    assert [json.loads(line)["zz"] for line in lines if b'"zz"' in line] == [1, 2]


@pytest.mark.parametrize("odd", [None, {}])
def test_citations_that_say_nothing_go_back_as_they_were(odd: object) -> None:
    out, again = streamed("gemini", said("a", citationMetadata=odd, finishReason="STOP"))
    assert [one["candidates"][0].get("citationMetadata", "none") for one in out] == ["none", odd]
    assert again.losses == ()
