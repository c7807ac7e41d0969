"""The strict grammar of streams as clients want them, read from the bytes without any codec."""

import json
from typing import Any

DONE = "[DONE]"


def openai_faults(body: bytes, *, usage: bool) -> list[str]:
    """Role once, tool indices in order, one finish per choice, usage last and only when asked for, `[DONE]` last."""
    events = body.decode().split("\n\n")
    if events.pop() or not all(event.startswith("data: ") and "\n" not in event for event in events):
        return ["not one line of data per event"]
    if not events or events.pop() != f"data: {DONE}":
        return ["no terminator"]
    chunks: list[dict[str, Any]] = [json.loads(event[6:]) for event in events]
    constant = ("id", "model", "created", "object")
    faults = [f"{key} changes" for key in constant if len({str(chunk.get(key)) for chunk in chunks}) > 1]
    roles: dict[int, int] = {}
    finishes: dict[int, int] = {}
    calls: dict[int, int] = {}
    for place, chunk in enumerate(chunks):
        if chunk.get("usage") is not None and (chunk["choices"] or place != len(chunks) - 1):
            faults.append("usage is not last")
        for choice in chunk["choices"]:
            faults += _choice_faults(choice, roles, finishes, calls)
    if (chunks[-1].get("usage") is not None) and not usage:
        faults.append("usage that nobody asked for")
    if roles.keys() != finishes.keys() or set(roles.values()) - {1} or set(finishes.values()) - {1}:
        faults.append(f"roles {roles}, finishes {finishes}")
    return faults


def _choice_faults(
    choice: dict[str, Any], roles: dict[int, int], finishes: dict[int, int], calls: dict[int, int]
) -> list[str]:
    index, delta = choice["index"], choice["delta"]
    faults: list[str] = []
    if index in finishes:
        faults.append("a delta after the finish")
    if "role" in delta:
        roles[index] = roles.get(index, 0) + 1
    elif index not in roles:
        faults.append("no role at first")
    for call in delta.get("tool_calls", ()):
        if call["index"] == calls.get(index, 0):
            calls[index] = call["index"] + 1
            if not (call.get("id") and call["function"].get("name")):
                faults.append("a call begins without id or name")
        elif not 0 <= call["index"] < calls.get(index, 0):
            faults.append("tool indices out of order")
    if choice.get("finish_reason") is not None:
        finishes[index] = finishes.get(index, 0) + 1
    return faults


def gemini_faults(body: bytes) -> list[str]:
    """Only lines of data, a finish for every candidate or a block reason, no error."""
    events = body.decode().split("\r\n\r\n")
    if events.pop() or not all(event.startswith("data: ") and "\n" not in event for event in events):
        return ["not one line of data per event"]
    chunks: list[dict[str, Any]] = [json.loads(event[6:]) for event in events]
    candidates = [candidate for chunk in chunks for candidate in chunk.get("candidates", ())]
    begun = {candidate.get("index", 0) for candidate in candidates}
    ended = {candidate.get("index", 0) for candidate in candidates if "finishReason" in candidate}
    blocked = any("blockReason" in chunk.get("promptFeedback", {}) for chunk in chunks)
    faults = [f"{key} in a chunk" for chunk in chunks for key in chunk if key == "error"]
    return faults if (begun == ended and begun) or blocked else [*faults, f"begun {begun}, ended {ended}"]


def gemini_chunks(body: bytes) -> list[dict[str, Any]]:
    """The chunks of a stream of events."""
    return [json.loads(event[6:]) for event in body.decode().split("\r\n\r\n") if event]
