"""Thought signatures and their carriers, and how thoughts and images are shown."""

from __future__ import annotations

from typing import Any

import pytest

from metaphrase import ir
from tests.openai.helpers import model, said, sign, talk, write
from tests.openai.parts import PNG, PNG_PART, call, messages

# --- signatures ---------------------------------------------------------------------------------------------------


def message(*parts: ir.Part, **options: Any) -> Any:
    return messages(model(*parts), **options)[0]


def test_a_call_carries_its_signature() -> None:
    assert message(call(state=sign()))["tool_calls"][0]["extra_content"] == {"google": {"thought_signature": "s"}}


@pytest.mark.parametrize(
    ("parts", "google"),
    [
        ((ir.Text("a", sign()),), {"thought_signature": "s"}),
        ((ir.Thinking("t"), ir.Text("a", sign()), call()), {"thought_signature": "s"}),
        (
            (ir.Text("a", sign()), ir.Text("b")),
            {"thought_signature": "s", "thought_signatures": [{"part": 0, "value": "s"}]},
        ),
        (
            (ir.Text("a"), ir.Text("", sign())),
            {"thought_signature": "s", "thought_signatures": [{"part": 1, "value": "s"}]},
        ),
        (
            (ir.Thinking("t", sign()), ir.Text("a")),
            {"thought_signature": "s", "thought_signatures": [{"part": 0, "value": "s"}]},
        ),
        (
            (ir.Text("a", sign()), ir.Media("image", ir.Inline.of("AAAA"), "image/png", state=sign("t"))),
            {"thought_signature": "t", "thought_signatures": [{"part": 0, "value": "s"}, {"part": 1, "value": "t"}]},
        ),
    ],
)
def test_a_message_carries_the_others_with_their_numbers(parts: Any, google: Any) -> None:
    assert message(*parts)["extra_content"] == {"google": google}


def test_another_issuers_state_goes_nowhere() -> None:
    other = ir.Opaque("anthropic", "s")
    document, losses = write(talk(model(ir.Text("a", other), call(state=other))))
    assert "extra_content" not in str(document)
    assert said(losses) == {("dropped", "thinking.signature")}


def test_signatures_in_reasoning_details() -> None:
    out = message(ir.Text("a", sign()), call(state=sign("t")), signatures="reasoning_details")
    assert out["reasoning_details"] == [
        {"type": "reasoning.encrypted", "data": "t", "format": "google-gemini-v1", "index": 0, "id": "c1"},
        {"type": "reasoning.encrypted", "data": "s", "format": "google-gemini-v1", "index": 1},
    ]


def test_signatures_in_litellms_fields() -> None:
    out = message(ir.Text("a", sign()), call(state=sign("t")), signatures="provider_specific_fields")
    assert out["provider_specific_fields"] == {"thought_signatures": ["s"]}
    assert out["tool_calls"][0]["provider_specific_fields"] == {"thought_signature": "t"}


def test_carriers_without_numbers_get_them_beside() -> None:
    parts = (ir.Text("a", sign()), ir.Text("b", sign("t")))
    details = message(*parts, signatures="reasoning_details")["reasoning_details"]
    assert [(one["part"], one["data"]) for one in details] == [(0, "s"), (1, "t")]
    fields = message(*parts, signatures="provider_specific_fields")["provider_specific_fields"]
    assert fields == {"thought_signatures": ["s", "t"], "thought_signature_parts": [0, 1]}


# --- how thoughts and images are shown ----------------------------------------------------------------------------


def test_thinking_as_reasoning() -> None:
    out = message(ir.Thinking("t"), ir.Text("a"), thinking="reasoning")
    assert out["reasoning"] == "t"
    assert out["reasoning_details"] == [{"type": "reasoning.text", "text": "t", "format": "unknown", "index": 0}]


def test_thinking_as_google_shows_it() -> None:
    out = message(ir.Thinking("t"), ir.Text("a", sign()), thinking="google")
    assert out["content"] == "<thought>t</thought>a"
    assert out["extra_content"] == {"google": {"thought": True, "thought_signature": "s"}}


def test_thinking_in_tags() -> None:
    assert message(ir.Thinking("t"), thinking="think_tags")["content"] == "<think>t</think>"
    several = message(ir.Thinking("t"), ir.Text("a"), ir.Text("b"), thinking="think_tags")
    assert several["content"][0] == {"type": "text", "text": "<think>t</think>"}


def test_images_as_markdown() -> None:
    uri = ir.Media("image", ir.Uri("https://x"))
    assert message(ir.Text("a"), PNG, uri, images="markdown")["content"] == (
        "a\n\n![image](data:image/png;base64,AAAA)\n\n![image](https://x)"
    )
    assert message(uri, images="markdown")["content"] == "![image](https://x)"


def test_images_as_parts() -> None:
    assert message(ir.Text("a"), PNG, images="parts")["content"] == [{"type": "text", "text": "a"}, PNG_PART]
    assert message(PNG, images="parts")["content"] == [PNG_PART]


def test_a_store_keeps_signatures_of_calls_only() -> None:
    store: dict[str, str] = {}
    parts = (ir.Text("a", sign("c2lnbg==")), call(state=sign("Y2FsbA==")))
    document, losses = write(talk(model(*parts)), signatures="store", store=store)
    assert store == {"c1": "Y2FsbA=="}
    assert ("dropped", "thinking.signature") in said(losses)
    assert "c2lnbg==" not in str(document)
