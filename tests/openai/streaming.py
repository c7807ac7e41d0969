"""Short ways to read and write one stream with the OpenAI codec."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from metaphrase import ir
from metaphrase.loss import Loss, Report
from metaphrase_openai import openai
from metaphrase_openai.stream import Streams

ENVELOPE = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
STARTED = ir.Start("x", "m", 1, origin="openai")
STOP = ir.Finished(0, ir.Finish("stop", "stop", "openai"))
DONE = "[DONE]"


def streams(**options: Any) -> Streams:
    codec = openai(**options).stream
    assert isinstance(codec, Streams)
    return codec


def chunk(
    delta: Any = ..., finish: Any = None, *, index: Any = 0, beside: Any = None, **members: Any
) -> dict[str, Any]:
    """A chunk of one choice, or of none (delta None); `...` as a member's value leaves it out."""
    choice = {"index": index, "delta": {} if delta is ... else delta, "finish_reason": finish, **(beside or {})}
    whole = ENVELOPE | {"choices": [] if delta is None else [choice]} | members
    return {key: value for key, value in whole.items() if value is not ...}


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def sse(*events: Any) -> bytes:
    """Chunks as events; text and bytes stand as they are."""
    return b"".join([event if isinstance(event, bytes) else f"data: {_data(event)}\n\n".encode() for event in events])


def _data(event: Any) -> str:
    return event if isinstance(event, str) else compact(event)


def said(*deltas: Any, finish: str = "stop") -> bytes:
    """A clean stream of one choice."""
    return sse(*[chunk(delta) for delta in deltas], chunk(finish=finish), DONE)


def placeless(value: Any) -> Any:
    """The same without the places in the source."""
    if isinstance(value, Struct):
        fields = zip(value.__struct_fields__, astuple(value), strict=True)
        return type(value)(**{key: None if key == "at" else placeless(one) for key, one in fields})
    if isinstance(value, tuple):
        return tuple([placeless(one) for one in value])
    return value


def read(body: bytes, **options: Any) -> list[Any]:
    """All events, without places."""
    reader = streams(**options).reader(Report())
    return [placeless(event) for event in reader.feed(body) + reader.close()]


def inner(body: bytes, **options: Any) -> list[Any]:
    """The events of the parts."""
    return [event for event in read(body, **options) if isinstance(event, ir.Begin | ir.Delta | ir.End)]


def dropped(body: bytes) -> set[str]:
    """What another protocol would be told is lost."""
    report = Report()
    reader = streams().reader(report)
    reader.feed(body)
    reader.close()
    report.settle("another")
    return {f"{loss.kind} {loss.path}" for loss in report.losses}


def write(
    *events: ir.Event, asked: ir.ChatRequest | None = None, report: Report | None = None, **options: Any
) -> list[Any]:
    """The chunks that tell these events, with `[DONE]` as text."""
    writer = streams(**options).writer(asked, Report() if report is None else report)
    out = b"".join([writer.feed(event) for event in events]) + writer.close()
    lines = out.decode().split("\n\n")
    assert lines.pop() == ""
    assert all(line.startswith("data: ") for line in lines)
    return [line[6:] if line == "data: [DONE]" else json.loads(line[6:]) for line in lines]


def deltas(
    *events: ir.Event, origin: str = "gemini", asked: ir.ChatRequest | None = None, **options: Any
) -> list[dict[str, Any]]:
    """The deltas of one choice that says this and stops."""
    start, finish = ir.Start("x", "m", 1, origin=origin), ir.Finished(0, ir.Finish("stop", "STOP", "gemini"))
    chunks = write(start, *events, finish, ir.Done(), asked=asked, **options)
    assert chunks.pop() == DONE
    last = chunks.pop()["choices"][0]
    assert last["finish_reason"] in ("stop", "tool_calls")
    assert all(one["choices"][0]["finish_reason"] is None for one in chunks)
    return [one["choices"][0]["delta"] for one in chunks]


def losses(*events: ir.Event, origin: str = "gemini", **options: Any) -> tuple[Loss, ...]:
    report = Report()
    start, finish = ir.Start("x", "m", 1, origin=origin), ir.Finished(0, ir.Finish("stop", "STOP", "gemini"))
    write(start, *events, finish, ir.Done(), report=report, **options)
    return report.losses


def part(
    head: ir.Part, *texts: str, number: int = 0, choice: int = 0, state: ir.Opaque | None = None
) -> list[ir.Event]:
    """A whole part."""
    pieces = [ir.Delta(choice, number, text) for text in texts]
    return [ir.Begin(choice, number, head), *pieces, ir.End(choice, number, state)]
