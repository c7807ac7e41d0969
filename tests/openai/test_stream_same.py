"""OpenAI to OpenAI: a stream that this codec reads and writes says what it said, in the words in which it said it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from metaphrase import ir
from metaphrase.loss import Report
from tests.openai.streaming import STARTED, part, said, streams, write

STOP = ir.Finished(0, ir.Finish("stop", "STOP", "gemini"))


def google(**members: Any) -> dict[str, Any]:
    return {"extra_content": {"google": members}}


FLAG = google(thought=True)


def made(index: int, arguments: str, name: str = "f", id: str = "c") -> dict[str, Any]:
    return {"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def again(*chunks: Any, finish: str = "stop") -> list[Any]:
    """What becomes of a stream that this codec reads and writes."""
    report = Report()
    reader, writer = streams().reader(report), streams().writer(ir.ChatRequest((), include_usage=True), report)
    events = [*reader.feed(said(*chunks, finish=finish)), *reader.close()]
    out = b"".join([writer.feed(event) for event in events])
    return [json.loads(line[6:])["choices"][0]["delta"] for line in out.decode().split("\n\n")[:-2]]


OLD = {"function_call": {"name": "f", "arguments": ""}}


@pytest.mark.parametrize(
    "told",
    [
        [{"content": "a"}, {"content": "b"}],
        [{"reasoning": "a"}, {"reasoning": "b"}, {"content": "c"}],
        [{"content": "<thought>a", **FLAG}, {"content": "b", **FLAG}, {"content": "</thought>c"}],
        [{"content": [{"type": "thinking", "thinking": [{"type": "text", "text": text}]}]} for text in "ab"],
        [{"reasoning_details": [{"type": "reasoning.text", "text": text, "signature": "x"}]} for text in "ab"],
        [{"reasoning": text, "reasoning_details": [{"text": text, "x": 1}]} for text in "ab"],
        [{"reasoning": "a", "reasoning_details": [{"text": "a"}]}, {"reasoning": "b"}],
        [{"tool_calls": [made(0, "", id="")]}, {"tool_calls": [{"index": 0, "function": {"arguments": "{"}}]}],
        [{"tool_calls": [made(0, "null") | {"cache": 1}]}],
        [{"content": "a", "annotations": [{"type": "url_citation", "url_citation": {"url": "u", "x": 1}}]}],
        [OLD, {"function_call": {"arguments": "{}"}}],
        [{"audio": {"id": "i", "transcript": "a"}}, {"audio": {"data": "AA"}}],
        [{"content": "a"}, {"provider_specific_fields": {"thought_signatures": ["s"], "y": 1}}],
        [{"content": "a"}, google(thought_signature="s")],
    ],
)
def test_it_stays_as_it_was(told: list[dict[str, Any]]) -> None:
    merged: dict[str, Any] = {}
    for found in again(*told):
        for key, value in found.items():
            merged.setdefault(key, []).append(value)
    expected: dict[str, Any] = {"role": ["assistant"], "content": []}
    for found in told:
        for key, value in found.items():
            expected.setdefault(key, []).append(value)
    flat = {key: _flat(values) for key, values in merged.items()}
    assert {key: one for key, one in flat.items() if one} == {
        key: one for key, one in map(_folded, expected.items()) if one
    }


def _folded(item: tuple[str, list[Any]]) -> tuple[str, Any]:
    return item[0], _flat(item[1])


def _flat(values: list[Any]) -> Any:
    """Pieces put together: texts joined, objects merged, lists one after the other; calls by index."""
    out: Any = None
    for value in values:
        if value is None:
            continue
        if out is None:
            out = value
        elif isinstance(out, str) and isinstance(value, str):
            out += value
        elif isinstance(out, dict) and isinstance(value, dict):
            out = {key: _flat([out.get(key), value.get(key)]) for key in {**out, **value}}
        elif isinstance(out, list) and out and isinstance(out[0], dict) and "function" in out[0]:
            out = [_flat([out[0], {key: one for key, one in value[0].items() if key != "index"}])]
        elif isinstance(out, list) and isinstance(value, list):
            out = [*out, *value]
    return out


def test_unknown_members_come_back_at_the_end() -> None:
    assert again({"content": "a", "mark": 1})[-2] == {"mark": 1}


def test_empty_content_beside_calls_stays() -> None:
    assert {"content": ""} in again({"content": "", "tool_calls": [made(0, "{}")]}, finish="tool_calls")


def test_a_signature_is_not_said_twice() -> None:
    detail = {"type": "reasoning.encrypted", "format": "google-gemini-v1", "data": "s"}
    named = {**detail, "id": "c"}
    for details, call in ((detail, {}), (named, {}), (named, google(thought_signature="s"))):
        told = again({"reasoning_details": [details]}, {"tool_calls": [made(0, "{}") | call]}, {"content": "a"})
        assert json.dumps(told).count('"s"') == 1


def test_a_function_call_of_old_cannot_be_signed() -> None:
    told = again(OLD, {"function_call": {"arguments": "{}"}}, google(thought_signature="s"))
    assert "extra_content" not in json.dumps(told)


def test_counts_and_members_of_the_root_stay() -> None:
    report = Report()
    writer = streams().writer(ir.ChatRequest((), include_usage=True), report)
    raw = Raw(b'{"total_tokens":\n5,"cost":1}')
    kept = ir.Usage(total=5, spelt={"ext": ir.Spelling("openai", None, {"usage": raw})})
    root = ir.Extra(ext={"openai": {"system_fingerprint": Raw(b'"fp"')}})
    start = ir.Start("x", "m", 1, {"openai": {"mark": Raw(b"1")}}, "openai")
    events = [start, *part(ir.Text(""), "a"), root, ir.Extra(0), STOP, ir.UsageSeen(kept), ir.Done()]
    lines = b"".join([writer.feed(event) for event in events]).decode().split("\n\n")
    *_, last = [json.loads(line[6:]) for line in lines[:-2]]
    assert last["usage"] == {"total_tokens": 5, "cost": 1}
    assert (last["mark"], last["system_fingerprint"]) == (1, "fp")


def test_a_finish_without_a_word() -> None:
    finish = ir.Finished(0, ir.Finish("stop", None, "openai"))
    for parts, expected in ((part(ir.Text(""), "a"), "stop"), (part(ir.ToolCall("c", "f", ""), "{}"), "tool_calls")):
        assert write(STARTED, *parts, finish, ir.Done())[-2]["choices"][0]["finish_reason"] == expected
