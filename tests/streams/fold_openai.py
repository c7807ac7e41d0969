"""OpenAI's chunks to the whole answer that they tell: a reference, made from the protocol's documents alone."""

import copy
from typing import Any

from .chunks import DONE

_FIRST = ("id", "created", "model", "object")
_JOINED = ("content", "reasoning_content", "reasoning", "refusal")
_LISTS = ("annotations", "images")
_KINDS = {"function": "arguments", "custom": "input"}


def folded(chunks: list[Any]) -> dict[str, Any]:
    """One `chat.completion`."""
    out: dict[str, Any] = {"object": "chat.completion"}
    choices: dict[int, dict[str, Any]] = {}
    for chunk in copy.deepcopy(chunks):
        if chunk == DONE:
            break
        for key, value in chunk.items():
            first = key in _FIRST and out.get(key)
            if key != "choices" and not first and not (value is None and out.get(key) is not None):
                out[key] = value
        for one in chunk.get("choices") or []:
            index = one.get("index", 0)
            whole = choices.setdefault(index, {"index": index, "message": {"role": "assistant"}})
            _take(whole, one)
    out["choices"] = [choices[index] for index in sorted(choices)]
    return out


def _take(whole: dict[str, Any], said: dict[str, Any]) -> None:
    for key, value in said.items():
        if key == "delta":
            _delta(whole["message"], value or {})
        elif key == "logprobs":
            _logprobs(whole, value)
        elif key not in ("index", "message") and not (value is None and whole.get(key) is not None):
            whole[key] = value


def _logprobs(whole: dict[str, Any], value: Any) -> None:
    if not isinstance(value, dict) or not isinstance(whole.get("logprobs"), dict):
        if value is not None or "logprobs" not in whole:
            whole["logprobs"] = value
        return
    known = whole["logprobs"]
    for key, row in value.items():
        known[key] = known[key] + row if isinstance(row, list) and isinstance(known.get(key), list) else row


def _delta(message: dict[str, Any], delta: dict[str, Any]) -> None:
    for key, value in delta.items():
        known = message.get(key)
        if key == "tool_calls":
            for place, call in enumerate(value or []):
                _call(message.setdefault("tool_calls", []), call, place - len(value))
        elif key in _JOINED and value is not None:
            message[key] = _joined(known, value)
        elif key in _LISTS and value is not None:
            message[key] = [*(known or []), *value]
        elif key == "reasoning_details" and value is not None:
            for detail in value:
                _detail(message.setdefault(key, []), detail)
        elif key in ("function_call", "audio", "extra_content") and isinstance(value, dict):
            message[key] = _deep(known if isinstance(known, dict) else {}, value)
        elif value is not None or key not in message:
            message[key] = value


def _joined(known: Any, value: Any) -> Any:
    """Texts add up; so do lists of parts."""
    if known is None:
        return list(value) if isinstance(value, list) else value
    if isinstance(known, list) or isinstance(value, list):
        return [*_parts(known), *_parts(value)]
    return known + value


def _parts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [{"type": "text", "text": value}] if value else []


def _deep(known: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """Texts named arguments, data and transcript grow; other members are set."""
    out = dict(known)
    for key, below in value.items():
        if key in ("arguments", "data", "transcript") and isinstance(out.get(key), str) and isinstance(below, str):
            out[key] += below
        elif isinstance(below, dict) and isinstance(out.get(key), dict):
            out[key] = _deep(out[key], below)
        elif isinstance(below, list) and isinstance(out.get(key), list):
            out[key] = out[key] + below
        elif below is not None or key not in out:
            out[key] = below
    return out


def _detail(known: list[Any], detail: dict[str, Any]) -> None:
    """Pieces of one thought share their type and index."""
    last = known[-1] if known else None
    grows = next((key for key in ("text", "summary") if isinstance(detail.get(key), str)), None)
    if (
        last is not None
        and grows is not None
        and isinstance(last.get(grows), str)
        and all(last.get(key) == detail.get(key) for key in ("type", "index"))
    ):
        last[grows] += detail[grows]
        last.update({key: value for key, value in detail.items() if key != grows and value is not None})
    else:
        known.append(dict(detail))


def _call(calls: list[dict[str, Any]], call: dict[str, Any], place: int) -> None:
    known = _known(calls, call, place)
    if known is None:
        known = {**call}
        calls.append(known)
        for kind, field in _KINDS.items():
            if kind in call or (kind == "function" and call.get("type") != "custom"):
                known[kind] = {**(call.get(kind) or {}), field: (call.get(kind) or {}).get(field) or ""}
        return
    for key, value in call.items():
        if key == "extra_content":
            known[key] = _deep(known.get(key) or {}, value)
        elif key in _KINDS:
            inner, field = known.setdefault(key, {}), _KINDS[key]
            inner[field] = inner.get(field, "") + (value.get(field) or "")
            if value.get("name") and not inner.get("name"):
                inner["name"] = value["name"]
        elif value and not known.get(key):
            known[key] = value


def _known(calls: list[dict[str, Any]], call: dict[str, Any], place: int) -> dict[str, Any] | None:
    """The call that this is a piece of. A new id is a new call, even at a known index. ``place``: -1 is the last of its
    delta; pieces that say nothing of their call are those of the last ones, in order.
    """
    index, name = call.get("index"), (call.get("function") or {}).get("name")
    if index is None:
        if not calls or call.get("id") or name:
            return None
        return calls[max(place, -len(calls))]
    known = next((one for one in reversed(calls) if one.get("index") == index), None)
    if known is not None and call.get("id") and known.get("id") and call["id"] != known["id"] and name:
        return None
    return known
