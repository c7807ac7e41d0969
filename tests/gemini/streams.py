"""Chunks of streams in, events out."""

import json
from typing import Any

from metaphrase import ir
from metaphrase.fold import fold
from metaphrase.ir import Event
from metaphrase.loss import Report

from .helpers import bare, codec

NAMES = {"modelVersion": "models/m", "responseId": "r"}
STOP = {"finishReason": "STOP", "index": 0}


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"text": said, **more}


def chunk(*parts: Any, names: Any = None, beside: Any = None, index: int | None = 0, **more: Any) -> dict[str, Any]:
    one = {"content": {"parts": list(parts), "role": "model"}, **({} if index is None else {"index": index}), **more}
    return {"candidates": [one], **(NAMES if names is None else names), **(beside or {})}


def end(**more: Any) -> dict[str, Any]:
    return {"candidates": [{**STOP, **more}], **NAMES}


def sse(*chunks: Any) -> list[bytes]:
    return [f"data: {json.dumps(one)}\r\n\r\n".encode() for one in chunks]


def read(*chunks: Any, report: Report | None = None) -> list[Event]:
    reader = codec.streaming().reader(report or Report())
    events = [event for one in sse(*chunks) for event in reader.feed(one)]
    return [*events, *reader.close()]


def parts(*chunks: Any) -> tuple[ir.Part, ...]:
    found: tuple[ir.Part, ...] = bare(fold(read(*chunks)).choices[0].parts)
    return found


def losses(*chunks: Any, target: str = "elsewhere") -> list[tuple[str, str, int]]:
    report = Report()
    read(*chunks, report=report)
    report.settle(target)
    return [(loss.kind, loss.path, loss.count) for loss in report.losses]
