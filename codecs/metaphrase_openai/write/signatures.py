"""Carriers of thought signatures toward OpenAI clients and servers. All of them are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from metaphrase import ir
from metaphrase.loss import Report

from ..leftovers import Json
from ..names import CODEC, GOOGLE
from ..options import Options


class Signed(NamedTuple):
    """A signature of a part that is no call, and the number of that part among those that are none."""

    place: int
    value: str
    part: ir.Part


def sign_call(out: Json, call: ir.ToolCall, options: Options, report: Report) -> None:
    """The signature of a call, on the call."""
    state = call.state
    assert state is not None  # noqa: S101 - tells the type checker what the caller knows
    if state.issuer == GOOGLE and options.store is not None:
        options.store[out["id"]] = state.value
    elif state.issuer == GOOGLE:
        _CALL[options.signatures](out, state.value)
    else:
        report.lose("dropped", call, "state", "thinking.signature", CODEC, "Another issuer's state")


def sign_message(out: Json, signed: list[Signed], last: int | None, options: Options, report: Report) -> None:
    """Signatures of the other parts. ``last``: the part that a lone signature without a number belongs to."""
    if options.store is None:
        _MESSAGE[options.signatures](out, signed, last)
        return
    for one in signed:
        report.lose("dropped", one.part, "state", "thinking.signature", CODEC, "The store keeps those of calls only")


def _extra_call(out: Json, value: str) -> None:
    out["extra_content"] = {"google": {"thought_signature": value}}


def _extra_message(out: Json, signed: list[Signed], last: int | None) -> None:
    google: Json = out.setdefault("extra_content", {}).setdefault("google", {})
    google["thought_signature"] = signed[-1].value
    if _needs_numbers(signed, last):
        google["thought_signatures"] = [{"part": one.place, "value": one.value} for one in signed]


def _detail(value: str, index: int) -> Json:
    return {"type": "reasoning.encrypted", "data": value, "format": "google-gemini-v1", "index": index}


def _details_call(out: Json, value: str) -> None:
    """On the call for a moment: ``gather`` takes it to the message."""
    out["reasoning_details"] = _detail(value, 0)


def gather(out: Json, calls: list[Json]) -> None:
    """Details that calls brought belong to their message, each with the id of its call."""
    for call in calls:
        if isinstance(call.get("reasoning_details"), dict):  # a server's own member of this name is raw
            found: list[Json] = out.setdefault("reasoning_details", [])
            found.append({**call.pop("reasoning_details"), "index": len(found), "id": call["id"]})


def _details_message(out: Json, signed: list[Signed], last: int | None) -> None:
    """OpenRouter's details have no part numbers; where one is needed it stands beside, and clients echo it."""
    found: list[Json] = out.setdefault("reasoning_details", [])
    for one in signed:
        found.append(_detail(one.value, len(found)))
        if _needs_numbers(signed, last):
            found[-1]["part"] = one.place


def _provider_call(out: Json, value: str) -> None:
    out["provider_specific_fields"] = {"thought_signature": value}


def _provider_message(out: Json, signed: list[Signed], last: int | None) -> None:
    fields: Json = {"thought_signatures": [one.value for one in signed]}
    if _needs_numbers(signed, last):
        fields["thought_signature_parts"] = [one.place for one in signed]
    out["provider_specific_fields"] = fields


def _needs_numbers(signed: list[Signed], last: int | None) -> bool:
    """Whether to say which parts are meant: a lone signature is read as that of the last visible part."""
    return len(signed) > 1 or signed[0].place != last


_CALL: dict[str, Callable[[Json, str], None]] = {
    "extra_content": _extra_call,
    "reasoning_details": _details_call,
    "provider_specific_fields": _provider_call,
}
_MESSAGE: dict[str, Callable[[Json, list[Signed], int | None], None]] = {
    "extra_content": _extra_message,
    "reasoning_details": _details_message,
    "provider_specific_fields": _provider_message,
}
