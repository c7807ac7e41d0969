"""Documents that are none: one kind of error, with the place, and never the payload's own words."""

from __future__ import annotations

from typing import Any

import pytest

import metaphrase as mp
from tests.openai.helpers import encode, read_answer, request, response


def failing(document: Any, kind: str) -> mp.ReadError:
    body = document if isinstance(document, bytes) else encode(document)
    with pytest.raises(mp.ReadError) as caught:
        mp.convert(body, source="openai", target="openai", kind=kind)
    assert "secret" not in str(caught.value)
    return caught.value


def part(value: Any) -> dict[str, Any]:
    return request({"role": "user", "content": [value]})


def said(**members: Any) -> dict[str, Any]:
    return request({"role": "assistant", **members})


REQUESTS: list[tuple[Any, str]] = [
    (b"{", "$"),
    ([], "$"),
    ({}, "$.messages"),
    ({"messages": None}, "$.messages"),
    ({"messages": 1}, "$.messages"),
    (request(1), "$.messages[0]"),
    (request({"content": "secret"}), "$.messages[0].role"),
    (request({"role": 5}), "$.messages[0].role"),
    (request({"role": "user", "content": 5}), "$.messages[0].content"),
    (part("secret"), "$.messages[0].content[0]"),
    (part({"type": "image_url", "image_url": {}}), "$.messages[0].content[0].image_url"),
    (part({"type": "image_url", "image_url": {"url": 5}}), "$.messages[0].content[0].image_url.url"),
    (part({"type": "video_url", "video_url": {}}), "$.messages[0].content[0].video_url.url"),
    (part({"type": "video_url", "video_url": [1]}), "$.messages[0].content[0].video_url.url"),
    (part({"type": "thinking", "thinking": [1]}), "$.messages[0].content[0].thinking[0]"),
    (part({"type": "thinking", "thinking": [{"text": 1}]}), "$.messages[0].content[0].thinking[0].text"),
    (said(tool_calls=[{"id": "x"}]), "$.messages[0].tool_calls[0].function"),
    (said(tool_calls=[{"function": {}}]), "$.messages[0].tool_calls[0].function.name"),
    (said(tool_calls=[{"type": "custom", "custom": {}}]), "$.messages[0].tool_calls[0].function"),
    (said(function_call=1), "$.messages[0].function_call"),
    (said(audio=1), "$.messages[0].audio"),
    (said(images=[1]), "$.messages[0].images[0]"),
    (said(images=[{"type": "text", "text": 1}]), "$.messages[0].images[0].text"),
    (said(reasoning_details=[1]), "$.messages[0].reasoning_details[0]"),
    (said(thinking_blocks=[1]), "$.messages[0].thinking_blocks[0]"),
    (
        said(extra_content={"google": {"thought_signatures": [1]}}),
        "$.messages[0].extra_content.google.thought_signatures[0]",
    ),
    (request(temperature="secret"), "$.temperature"),
    (request(n=1.5), "$.n"),
    (request(stop=[1]), "$.stop[0]"),
    (request(tools=[{"type": "function", "function": {}}]), "$.tools[0].function.name"),
    (request(tools=[{"type": "custom", "custom": {}}]), "$.tools[0].custom.name"),
    (request(tools=[{"type": "odd", "function": {"name": "f"}}]), "$.tools[0].type"),
    (request(tools=[{}]), "$.tools[0].type"),
    (request(functions=1), "$.functions"),
    (request(functions=[{}]), "$.functions[0].name"),
    (request(extra_body={"google": {"tools": [1]}}), "$.extra_body.google.tools[0]"),
    (request(extra_body={"google": {"safety_settings": [1]}}), "$.extra_body.google.safety_settings[0]"),
]

RESPONSES: list[tuple[Any, str]] = [
    ({}, "$.choices"),
    ({"choices": [1]}, "$.choices[0]"),
    (response(usage={"prompt_tokens": "secret"}), "$.usage.prompt_tokens"),
    (response(usage=1), "$.usage"),
    (response(choice={"logprobs": {"content": [{}]}}), "$.choices[0].logprobs.content[0]"),
    (response(choice={"logprobs": {"content": 1}}), "$.choices[0].logprobs.content"),
    (
        response({"role": "assistant", "content": "x", "annotations": [{"url_citation": 1}]}),
        "$.choices[0].message.annotations[0].url_citation",
    ),
]


@pytest.mark.parametrize(("document", "path"), REQUESTS)
def test_requests(document: Any, path: str) -> None:
    assert failing(document, "chat.request").path == path


@pytest.mark.parametrize(("document", "path"), RESPONSES)
def test_answers(document: Any, path: str) -> None:
    assert failing(document, "chat.response").path == path


def test_an_error_is_no_answer() -> None:
    with pytest.raises(mp.ReadError):
        read_answer({"error": {"message": "secret"}})


def test_a_data_url_with_half_a_character() -> None:
    body = (
        b'{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:\\ud800;base64,AA"}}]}]}'
    )
    with pytest.raises(mp.ReadError):
        mp.convert(body, source="openai", target="openai", kind="chat.request")


def test_a_number_out_of_range_where_nothing_is_read_passes() -> None:
    body = b'{"messages":[],"thinking_budget":1e999}'
    done = mp.convert(body, source="openai", target="openai", kind="chat.request")
    assert b"1e999" in done.body
