"""Thought signatures on their way to an OpenAI client and back, by every carrier."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import metaphrase as mp
from metaphrase import Codec
from metaphrase.loss import Report
from metaphrase_openai import openai
from tests.laws import corpus

CARRIERS = ("extra_content", "reasoning_details", "provider_specific_fields", "store")
NUMBERED = CARRIERS[:3]
PATH = "/v1beta/models/gemini-3-flash-preview:generateContent"
DUMMY = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="
USER = {"role": "user", "parts": [{"text": "?"}]}
HOMELESS = {"toolCall", "toolResponse", "executableCode", "codeExecutionResult"}
"""Parts that OpenAI has no place for: they are reported, and their signatures with them."""


def dialect(carrier: Any) -> Codec:
    return openai(signatures=carrier, store={} if carrier == "store" else None)


def there_and_back(body: bytes, path: str | None, codec: Codec) -> tuple[Any, mp.Converted]:
    there = mp.convert(body, source="gemini", target=codec, kind="chat.request", path=path)
    back = mp.convert(there.body, source=codec, target="gemini", kind="chat.request")
    return json.loads(back.body), there


def signed(document: Any) -> Iterator[tuple[str, str, str]]:
    """Each signature, and the part that it stands on: its kind, and what it says."""
    contents = document.get("contents") or []
    for content in contents if isinstance(contents, list) else [contents]:
        parts = content.get("parts") or []
        for part in parts if isinstance(parts, list) else [parts]:
            value = part.get("thoughtSignature", part.get("thought_signature"))
            data = {key: one for key, one in part.items() if key not in _BESIDE}
            kind = next(iter(data), "text")
            if value is not None and _camel(kind) not in HOMELESS:
                said: Any = data.get(kind) or ""
                yield (
                    value,
                    _camel(kind),
                    said["name"] if kind.startswith("function") else json.dumps(said, sort_keys=True),
                )


_BESIDE = ("thoughtSignature", "thought_signature", "thought")


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join([word.capitalize() for word in rest])


@cache
def histories() -> tuple[corpus.Doc, ...]:
    docs = corpus.documents("gemini", "chat.request")
    return tuple(doc for doc in docs if b'thoughtSignature"' in doc.body or b'thought_signature"' in doc.body)


@pytest.mark.skipif(not corpus.present(), reason=corpus.ABSENT)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_trap_55_recorded_signatures_come_back_on_their_parts(carrier: str) -> None:
    """None lost, none changed, none moved; the store holds those of calls, and the others are reported."""
    assert len(histories()) >= 260
    for doc in histories():
        body, there = there_and_back(doc.body, doc.path, dialect(carrier))
        before = list(signed(msgspec.json.decode(doc.body)))
        after = [one for one in signed(body) if one[0] != DUMMY or one in before]
        if carrier == "store":
            reported = sum([loss.count for loss in there.losses if loss.feature == "thinking.signature"])
            kept = [one for one in before if one[1] == "functionCall"]
            assert reported == len(before) - len(kept)
            before = kept
        assert after == before, doc.id


def talk(*parts: Any) -> bytes:
    return json.dumps({"contents": [USER, {"role": "model", "parts": list(parts)}]}).encode()


CALL = {"functionCall": {"id": "c", "name": "f", "args": {}}}
PNG = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}


@pytest.mark.parametrize("carrier", NUMBERED)
@pytest.mark.parametrize(
    "parts",
    [
        [{"text": "a", "thoughtSignature": "cw=="}],
        [{"text": "a"}, {"text": "", "thoughtSignature": "cw=="}],
        [{"text": "a", "thoughtSignature": "cw=="}, {"text": "b", "thoughtSignature": "dA=="}],
        [{"text": "a"}, {"text": "b", "thoughtSignature": "dA=="}],
        [{"text": "a", "thoughtSignature": "dA=="}, {"text": "b"}],
        [{"text": "t", "thought": True}, {"text": "a", "thoughtSignature": "cw=="}],
        [{"text": "t", "thought": True, "thoughtSignature": "cw=="}, {"text": "a"}],
        [{"text": "a"}, {**PNG, "thoughtSignature": "cw=="}],
        [{**PNG, "thoughtSignature": "cw=="}, {**PNG, "thoughtSignature": "dA=="}],
        [{"text": "a", "thoughtSignature": "dA=="}, {**CALL, "thoughtSignature": "cw=="}],
    ],
)
def test_trap_57_a_signed_part_stays_the_part_it_was(carrier: str, parts: list[Any]) -> None:
    body, _ = there_and_back(talk(*parts), PATH, dialect(carrier))
    assert body["contents"][1]["parts"] == parts


_signatures = st.text("ABCabc019+/-_", min_size=4, max_size=12)
_texts = st.builds(lambda text: {"text": text}, st.text(min_size=1, max_size=5))
_pictures = st.just(PNG)


@st.composite
def _answers(draw: st.DrawFn) -> list[Any]:
    """Thoughts, texts, images and calls in the order of OpenAI's fields, some of them signed."""
    parts: list[Any] = draw(st.lists(_texts, max_size=1).map(lambda found: [{**one, "thought": True} for one in found]))
    parts += draw(st.lists(_texts, max_size=3)) + draw(st.lists(_pictures, max_size=2))
    count = draw(st.integers(0 if parts else 1, 3))
    parts += [{"functionCall": {"id": f"c{n}", "name": "f", "args": {"n": n}}} for n in range(count)]
    return [part if draw(st.booleans()) else {**part, "thoughtSignature": draw(_signatures)} for part in parts]


@given(_answers(), st.sampled_from(NUMBERED))
def test_any_signatures_survive_in_any_carrier(parts: list[Any], carrier: str) -> None:
    body, _ = there_and_back(talk(*parts), PATH, dialect(carrier))
    found = body["contents"][1]["parts"]
    assert [part for part in found if part.get("thoughtSignature") != DUMMY or part in parts] == [
        part for part in parts if "thoughtSignature" in part or part in found
    ]
    assert [{k: v for k, v in part.items() if k != "thoughtSignature"} for part in found] == [
        {k: v for k, v in part.items() if k != "thoughtSignature"} for part in parts
    ]


# --- reading ------------------------------------------------------------------------------------------------------


def upward(message: dict[str, Any], source: Any = "openai", model: str = "gemini-3-flash-preview") -> list[Any]:
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", **message}]
    messages += [{"role": "tool", "tool_call_id": call["id"], "content": ""} for call in message.get("tool_calls", [])]
    body = json.dumps({"model": model, "messages": messages}).encode()
    done = mp.convert(body, source=source, target="gemini", kind="chat.request")
    return list(json.loads(done.body)["contents"][1]["parts"])


def calls(**members: Any) -> list[Any]:
    return [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}, **members}]


SIGN = "cw=="


@pytest.mark.parametrize(
    "message",
    [
        {"tool_calls": calls(extra_content={"google": {"thought_signature": SIGN}})},
        {"tool_calls": calls(provider_specific_fields={"thought_signature": SIGN})},
        {"tool_calls": calls(id=f"c__thought__{SIGN}")},
        {"tool_calls": calls(), "thought_signature": SIGN},
        {"tool_calls": calls(), "extra_content": {"google": {"thought_signature": SIGN}}},
        {
            "tool_calls": calls(),
            "reasoning_details": [
                {"type": "reasoning.encrypted", "format": "google-gemini-v1", "data": SIGN, "id": "c", "index": 0}
            ],
        },
    ],
)
def test_every_carrier_is_read(message: dict[str, Any]) -> None:
    assert upward(message)[0]["thoughtSignature"] == SIGN


def test_a_signature_hidden_in_an_id_leaves_no_trace_in_it() -> None:
    parts = upward({"tool_calls": calls(id=f"c__thought__{SIGN}")})
    assert parts == [{"functionCall": {"id": "c", "name": "f", "args": {}}, "thoughtSignature": SIGN}]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"thought_signatures": ["cw==", "dA=="], "thought_signature_parts": [0, 1]}, ["cw==", "dA=="]),
        ({"thought_signatures": ["dA=="], "thought_signature_parts": [0]}, ["dA==", None]),
        ({"thought_signatures": ["dA=="], "thought_signature_parts": "x"}, [None, "dA=="]),
        ({"thought_signatures": ["dA=="], "thought_signature_parts": [-1]}, [None, "dA=="]),
        ({"thought_signatures": ["dA=="], "thought_signature_parts": [1, 0]}, [None, "dA=="]),
        ({"thought_signatures": []}, [None, None]),
        ({"thought_signatures": "x"}, [None, None]),
        ("x", [None, None]),
    ],
)
def test_litellms_list_with_and_without_numbers(fields: Any, found: list[str | None]) -> None:
    content = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    parts = upward({"content": content, "provider_specific_fields": fields})
    assert [part.get("thoughtSignature") for part in parts] == found


def test_one_signature_in_two_alphabets_is_one() -> None:
    google = {"thought_signature": "-_w"}
    report = json.dumps({"model": "m", "messages": [{"role": "user", "content": "?"}, {
        "role": "assistant", "content": "a", "extra_content": {"google": google}, "thought_signature": "+/w=",
    }]}).encode()  # fmt: skip
    done = mp.convert(report, source="openai", target="gemini", kind="chat.request")
    assert json.loads(done.body)["contents"][1]["parts"] == [{"text": "a", "thoughtSignature": "-_w"}]
    assert done.losses == ()


# --- the caller's store -------------------------------------------------------------------------------------------


def test_a_store_serves_clients_that_drop_unknown_fields() -> None:
    kept: dict[str, str] = {}
    codec = openai(signatures="store", store=kept)
    exchange = mp.Exchange(codec, "gemini", now=1, seed="s")
    asked = {"model": "gemini-3-flash-preview", "messages": [{"role": "user", "content": "?"}]}
    exchange.request(mp.Request("POST", "/v1/chat/completions", (), json.dumps(asked).encode()))
    parts = [{"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "cw=="}]
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}
    answer = exchange.response(mp.Response(200, (), json.dumps({"candidates": [candidate]}).encode()))
    message = json.loads(answer.body)["choices"][0]["message"]
    assert "extra_content" not in answer.body.decode()
    call = message["tool_calls"][0]
    assert kept == {call["id"]: "cw=="}
    found = upward({"tool_calls": [call]}, codec)
    assert found[0]["thoughtSignature"] == "cw=="
    assert upward({"tool_calls": [{**call, "id": "other"}]}, codec)[0]["thoughtSignature"] == DUMMY


def test_a_streamed_call_is_stored_too() -> None:
    kept: dict[str, str] = {}
    parts = [{"functionCall": {"id": "c", "name": "f", "args": {}}, "thoughtSignature": "cw=="}]
    chunk = {"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}]}
    again = mp.Reencoder("gemini", openai(signatures="store", store=kept))
    again.feed(f"data: {json.dumps(chunk)}\r\n\r\n".encode())
    again.close()
    assert kept == {"c": "cw=="}


def test_a_store_and_its_option_go_together() -> None:
    with pytest.raises(mp.MetaphraseError):
        openai(signatures="store")
    with pytest.raises(mp.MetaphraseError):
        openai(store={})


# --- the dummy ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "sent"), [("gemini-3-flash-preview", DUMMY), ("gemini-4-argon", DUMMY), ("gemini-2.5-flash", None)]
)
def test_trap_58_the_dummy_is_for_gemini_3_only(model: str, sent: str | None) -> None:
    assert upward({"tool_calls": calls()}, model=model)[0].get("thoughtSignature") == sent


def test_trap_11_the_dummy_goes_out_in_the_form_that_survives_every_hop() -> None:
    raw = calls(extra_content={"google": {"thought_signature": "skip_thought_signature_validator"}})
    assert upward({"tool_calls": raw})[0]["thoughtSignature"] == DUMMY


def test_trap_58_no_other_vendors_state_goes_to_gemini() -> None:
    details = [{"type": "reasoning.encrypted", "format": "anthropic-claude-v1", "data": "x", "index": 0}]
    parts = upward({"content": "a", "reasoning_details": details})
    assert parts == [{"text": "a"}]


def test_a_custom_call_of_another_type_says_so() -> None:
    call = {"id": "c", "type": "odd", "custom": {"name": "f", "input": "x"}}
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "tool_calls": [call]}]
    body = json.dumps({"model": "m", "messages": messages}).encode()
    done = mp.convert(body, source="openai", target="gemini", kind="chat.request")
    assert "$.messages[1].tool_calls[0].type" in {loss.path for loss in done.losses}


def test_trap_56_a_late_signature_of_a_stream_goes_back_on_its_empty_part() -> None:
    pieces = [{"text": "a"}, {"text": "b"}, {"text": "", "thoughtSignature": "cw=="}]
    again = mp.Reencoder("gemini", "openai")
    out = b""
    for piece in pieces:
        candidate = {"content": {"role": "model", "parts": [piece]}, "index": 0}
        if "thoughtSignature" in piece:
            candidate["finishReason"] = "STOP"
        out += again.feed(f"data: {json.dumps({'candidates': [candidate]})}\r\n\r\n".encode())
    lines = (out + again.close()).decode().splitlines()
    deltas = [json.loads(line[6:])["choices"][0]["delta"] for line in lines if line.startswith("data: {")]
    content = "".join([delta.get("content") or "" for delta in deltas])
    extra = next(delta["extra_content"] for delta in deltas if "extra_content" in delta)
    assert upward({"content": content, "extra_content": extra}) == [
        {"text": "ab"},
        {"text": "", "thoughtSignature": "cw=="},
    ]


def test_trap_59_a_caller_that_changes_the_model_can_take_signatures_out() -> None:
    """A signature does not say which model made it, so only the caller knows: then the dummy rule applies again."""
    raw = calls(extra_content={"google": {"thought_signature": "cmVhbA=="}})
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": None, "tool_calls": raw}]
    body = json.dumps({"model": "gemini-3-flash-preview", "messages": messages}).encode()
    reading, writing = mp.codecs()["openai"].chatting(), mp.codecs()["gemini"].chatting()
    chat = reading.read_request(mp.Request("POST", "/v1/chat/completions", (), body), Report())
    user, model = chat.messages
    bare = replace(model, parts=tuple([replace(part, state=None) for part in model.parts]))
    for said, sent in ((chat, "cmVhbA=="), (replace(chat, messages=(user, bare)), DUMMY)):
        out = json.loads(writing.write_request(said, Report()).body)
        assert [part.get("thoughtSignature") for part in out["contents"][1]["parts"]][:1] == [sent]


def test_trap_60_no_signature_is_sent_twice() -> None:
    twice = calls(
        extra_content={"google": {"thought_signature": SIGN}}, provider_specific_fields={"thought_signature": SIGN}
    )
    message = {"content": "a", "tool_calls": twice, "thought_signature": "dA=="}
    assert json.dumps(upward(message)).count(SIGN) == 1
    assert json.dumps(upward(message)).count("dA==") == 1
