"""OpenAI's own client as the judge: it reads the recorded streams as we do, and what we write without complaint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from openai import APIError, OpenAI

from metaphrase import ir
from metaphrase.loss import Report
from metaphrase.reencoder import Reencoder
from tests.laws.corpus import Protocol
from tests.openai.streaming import DONE, chunk, sse, streams
from tests.streams import recorded

Told = dict[int, dict[str, Any]]


def chunks(body: bytes) -> Iterator[Any]:
    """The chunks that the client makes of these bytes."""

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    with http, OpenAI(api_key="k", base_url="http://test/v1", http_client=http, max_retries=0) as client:
        yield from client.chat.completions.create(model="m", messages=[], stream=True)


def told_by_the_client(body: bytes) -> Told:
    """Texts, thoughts and calls by choice, by the simplest reading of the chunks: no server recorded needs more."""
    told: Told = {}
    for one in chunks(body):
        for choice in one.to_dict(warnings=False)["choices"] or []:
            into = told.setdefault(choice["index"], {"text": "", "thought": "", "refusal": "", "calls": {}})
            delta = choice.get("delta") or {}
            into["refusal"] += delta.get("refusal") or ""
            into["thought"] += delta.get("reasoning_content") or delta.get("reasoning") or details(delta)
            content = delta.get("content") or ""
            pieces: list[Any] = [{"text": content}] if isinstance(content, str) else content
            for piece in pieces:
                into["text"] += piece.get("text", "")
                into["thought"] += "".join([inner["text"] for inner in piece.get("thinking", [])])
            for call in delta.get("tool_calls") or []:
                index = call.get("index", len(into["calls"]))
                known = into["calls"].setdefault(index, ["", "", ""])
                function = call["function"]
                into["calls"][index] = [
                    known[0] or call.get("id") or "",
                    known[1] or function.get("name") or "",
                    known[2] + (function.get("arguments") or ""),
                ]
    for into in told.values():
        into["calls"] = [into["calls"][index] for index in sorted(into["calls"])]
    return told


def details(delta: dict[str, Any]) -> str:
    return "".join([one.get("text") or one.get("summary") or "" for one in delta.get("reasoning_details") or []])


def told_by_us(body: bytes) -> tuple[Told, bool]:
    """The same from our events; and whether the stream failed."""
    reader = streams().reader(Report())
    told: Told = {}
    heads: dict[tuple[int, int], Any] = {}
    events = reader.feed(body) + reader.close()
    for event in events:
        if isinstance(event, ir.Begin):
            heads[event.choice, event.part] = event.head
            if isinstance(event.head, ir.ToolCall):
                _into(told, event.choice)["calls"].append([event.head.id, event.head.name, ""])
                heads[event.choice, event.part] = told[event.choice]["calls"][-1]
        elif isinstance(event, ir.Delta):
            head = heads[event.choice, event.part]
            if isinstance(head, list):
                head[2] += event.text
            else:
                _into(told, event.choice)[_NAMES[type(head)]] += event.text
        elif isinstance(event, ir.Finished):
            _into(told, event.choice)
    return told, isinstance(events[-1], ir.Failed)


_NAMES: dict[Any, str] = {ir.Text: "text", ir.Thinking: "thought", ir.Refusal: "refusal"}


def _into(told: Told, choice: int) -> dict[str, Any]:
    return told.setdefault(choice, {"text": "", "thought": "", "refusal": "", "calls": []})


@pytest.mark.skipif(not recorded.PRESENT, reason=recorded.ABSENT)
def test_recorded_streams_say_the_same_to_both() -> None:
    found = 0
    for stream in recorded.of("openai"):
        ours, failed = told_by_us(stream.body)
        if failed:
            with pytest.raises(APIError):
                list(chunks(stream.body))
            continue
        assert ours == told_by_the_client(stream.body), stream.id
        found += 1
    assert found > 700


@pytest.mark.skipif(not recorded.PRESENT, reason=recorded.ABSENT)
@pytest.mark.parametrize("source", recorded.PROTOCOLS)
def test_the_client_reads_what_we_write(source: Protocol) -> None:
    for stream in recorded.sample(recorded.of(source), 150):
        again = Reencoder(source, "openai", include_usage=True, now=1, seed="chatcmpl-1")
        body = again.feed(stream.body) + again.close()
        if again.failure is not None:
            with pytest.raises(APIError):
                list(chunks(body))
            continue
        *_, last = chunks(body)
        assert last.object == "chat.completion.chunk" or source == "openai"
        if source == "openai":
            assert told_by_the_client(body) == told_by_us(stream.body)[0], stream.id


CALL = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}


def test_a_whole_answer_is_put_together_by_the_client() -> None:
    body = sse(
        chunk({"role": "assistant", "content": "a"}),
        chunk({"content": "b"}),
        chunk({"tool_calls": [CALL]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}),
        chunk(finish="tool_calls"),
        DONE,
    )
    again = Reencoder("openai", "openai")
    assert told_by_the_client(again.feed(body)) == {
        0: {"text": "ab", "thought": "", "refusal": "", "calls": [["c", "f", "{}"]]}
    }


def test_the_client_raises_our_failures() -> None:
    again = Reencoder("openai", "openai")
    body = again.feed(sse(chunk({"content": "a"}))) + again.close()
    with pytest.raises(APIError, match="ended early"):
        list(chunks(body))
    assert json.loads(body.split(b"data: ")[-1])["error"]["type"] == "server_error"
