"""Gemini's chunks to the whole answer that they tell: a reference, made from the protocol's documents alone."""

import copy
import re
from itertools import pairwise
from typing import Any

_FINAL = ("STOP", 1)
_FIRST = ("responseId", "modelVersion", "createTime")
_LATER = ("finishReason", "finishMessage")


def folded(chunks: list[Any]) -> dict[str, Any]:
    """One `GenerateContentResponse`. Texts add up; of counters and of what stands beside the parts the last counts."""
    out: dict[str, Any] = {}
    candidates: dict[int, dict[str, Any]] = {}
    calls: dict[int, list[dict[str, Any]]] = {}
    for chunk in copy.deepcopy(chunks):
        for key, value in chunk.items():
            if key not in ("candidates", *_FIRST) or (key in _FIRST and key not in out):
                out[key] = value
        found = chunk.get("candidates") or []
        unnumbered = all("index" not in one for one in found)
        for place, one in enumerate(found):
            index = one.get("index", place if unnumbered else 0)
            _take(candidates.setdefault(index, {"index": index}), one, calls.setdefault(index, []))
    if candidates:
        out["candidates"] = [candidates[index] for index in sorted(candidates)]
    for pieces in calls.values():
        for call in pieces:
            _assemble(call)
    return out


def joined(parts: list[Any]) -> list[Any]:
    """Parts in their one form: plain texts that follow one another are one."""
    found: list[dict[str, Any]] = []
    for part in parts:
        _part(found, part, [])
    return found


def _take(whole: dict[str, Any], said: dict[str, Any], calls: list[dict[str, Any]]) -> None:
    for key, value in said.items():
        if key == "content":
            content = whole.setdefault("content", {})
            content.update({name: below for name, below in value.items() if name != "parts"})
            for part in value.get("parts") or []:
                _part(content.setdefault("parts", []), part, calls)
        elif key == "logprobsResult":
            known = whole.setdefault(key, {})
            for name, row in value.items():
                known[name] = known[name] + row if isinstance(row, list) and name in known else row
        elif key == "citationMetadata" and isinstance(value, dict):
            whole[key] = _united(whole.get(key) or {}, value)
        elif key not in ("index", *_LATER):
            whole[key] = value
    if whole.get("finishReason", "STOP") in _FINAL:  # a failure outlasts a STOP
        whole.update({key: said[key] for key in _LATER if key in said})
        if "finishReason" in said and "finishMessage" not in said:
            whole.pop("finishMessage", None)


def _united(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Each source once, in the order in which they were named."""
    out = {**old, **new}
    for key in ("citationSources", "citations"):
        if key in out:
            named = [*old.get(key, []), *new.get(key, [])]
            out[key] = [one for i, one in enumerate(named) if one not in named[:i]]
    return out


def _part(parts: list[dict[str, Any]], part: dict[str, Any], calls: list[dict[str, Any]]) -> None:
    call = part.get("functionCall")
    if isinstance(call, dict) and ("partialArgs" in call or "willContinue" in call or not call.get("name")):
        _piece(parts, part, calls)
    elif parts and _grows(parts[-1], part):
        parts[-1]["text"] += part["text"]
    else:
        parts.append(copy.deepcopy(part))


def _grows(last: dict[str, Any], part: dict[str, Any]) -> bool:
    """Whether they are pieces of one text: nothing but the text differs, and nothing has to go back with either."""
    if not (isinstance(last.get("text"), str) and isinstance(part.get("text"), str)):
        return False
    if "thoughtSignature" in last or "thoughtSignature" in part:
        return False
    return {**last, "text": "", "thought": _thought(last)} == {**part, "text": "", "thought": _thought(part)}


def _thought(part: dict[str, Any]) -> bool:
    return part.get("thought") is True


def _piece(parts: list[dict[str, Any]], part: dict[str, Any], calls: list[dict[str, Any]]) -> None:
    """A call whose arguments come in pieces (Vertex AI)."""
    call = part["functionCall"]
    if call.get("name"):
        parts.append(copy.deepcopy(part))
        parts[-1]["functionCall"] = {key: value for key, value in call.items() if key in ("name", "id")}
        parts[-1]["functionCall"]["pieces"] = list(call.get("partialArgs", []))
        calls.append(parts[-1]["functionCall"])
    else:
        calls[-1]["pieces"] += call.get("partialArgs", [])


_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


def _assemble(call: dict[str, Any]) -> None:
    pieces = call.pop("pieces")
    root: dict[str, Any] = {}
    for piece in pieces:
        steps = [int(index) if index else name for name, index in _STEP.findall(piece["jsonPath"])]
        node: Any = root
        for step, following in pairwise(steps):
            node = _below(node, step, [] if isinstance(following, int) else {})
        value = next((piece[key] for key in ("stringValue", "numberValue", "boolValue") if key in piece), None)
        last = steps[-1]
        if isinstance(value, str) and isinstance(node, dict) and isinstance(node.get(last), str):
            node[last] += value
        else:
            _below(node, last, value)
    if pieces:
        call["args"] = root


def _below(node: Any, step: Any, new: Any) -> Any:
    if isinstance(node, list):
        if step == len(node):
            node.append(new)
        return node[step]
    return node.setdefault(step, new)
