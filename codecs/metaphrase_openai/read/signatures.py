"""Thought signatures on the parts they came with. Google's endpoint and three gateways each carry them elsewhere.

A message-level signature belongs to the last part that is not a call, as Google documents it; ``thought_signatures``
says the part number where that is not enough: the parts of the message in the order thinking, content, images, audio.
"""

from __future__ import annotations

from collections import Counter

from msgspec import UNSET, Raw
from msgspec.structs import replace

from metaphrase import ir
from metaphrase.ir.node import At
from metaphrase.wirejson import elements

from ..leftovers import NULL, object_of, report_below, report_members, says_nothing, value_of
from ..names import CODEC, GOOGLE
from .draft import Draft
from .thoughts import Sign, split_tags

LITELLM = "__thought__"  # LiteLLM hides the signature in the call's id behind this


def opaque(value: str) -> ir.Opaque:
    """A signature of Google's."""
    return ir.Opaque(GOOGLE, value)


def of_call(raw: Raw, at: At, left: dict[str, Raw], draft: Draft) -> ir.Opaque | None:
    """``extra_content`` of a tool call."""
    google = google_members(raw, at, draft)
    if google is None:
        left["extra_content"] = raw
        return None
    below = At(At(at, "extra_content"), "google")
    sign = string_of(google.pop("thought_signature", None))
    report_members(google, below, draft.report)
    if google or sign is None:
        draft.plain = False
    return None if sign is None else opaque(sign)


def google_members(raw: Raw, at: At, draft: Draft) -> dict[str, Raw] | None:
    """The members of ``extra_content.google``; None, and all reported, if there is no such object."""
    if memoryview(raw)[0] != 0x7B:
        report_below(raw, at, "extra_content", draft.report)
        return None
    outer = object_of(raw, at, "extra_content")
    inner = outer.pop("google", None)
    below = At(at, "extra_content")
    report_members(outer, below, draft.report)
    if inner is None:
        return None
    if memoryview(inner)[0] != 0x7B:
        report_below(inner, below, "google", draft.report)
        return None
    if outer:
        draft.plain = False
    return object_of(inner, below, "google")


def string_of(raw: Raw | None) -> str | None:
    """A raw string, decoded; None for anything else."""
    found = None if raw is None else value_of(raw, str)
    return found if isinstance(found, str) else None


def read_signatures(draft: Draft, details: list[Sign]) -> None:
    """Put every signature of the message on its part."""
    wire = draft.wire
    for value, call, place in sorted(details, key=_by_place):
        _attach(draft, value, place, call)
    known: list[str] = []
    if wire.extra_content is not UNSET:
        google = google_members(wire.extra_content, draft.at, draft)
        if google is None:
            draft.left["extra_content"] = wire.extra_content
        else:
            draft.plain = False
            known = _of_message(google, draft)
    if wire.found is not UNSET:
        _doubles(draft, known)


def _by_place(sign: Sign) -> int:
    """Numbered ones in their order: each may make a new part for those after it."""
    return -1 if sign[2] is None else sign[2]


def _of_message(google: dict[str, Raw], draft: Draft) -> list[str]:
    """``extra_content.google`` of a message, and its signatures. Several carry the number of their part."""
    at = At(At(draft.at, "extra_content"), "google")
    flag = google.pop("thought", None)
    if flag is not None and bytes(flag) == b"true":
        if not split_tags(draft, "<thought>", "</thought>"):
            draft.report.leftover(at, "thought", CODEC)
    elif flag is not None and bytes(flag) != b"false":
        report_below(flag, at, "thought", draft.report)
    lone = string_of(google.pop("thought_signature", None))
    several = google.pop("thought_signatures", None)
    numbered = [] if several is None else read_numbered(several, At(at, "thought_signatures"), draft)
    places = Counter([place for place, _, _ in numbered])
    for place, value, entry in numbered:
        if not _attach(draft, value, place, None) or places[place] > 1:
            spot = ("thought_signatures", entry, "part")
            draft.report.crossing("approximated", at, spot, "thinking.signature", CODEC, "On an empty text")
    if lone is not None:
        if not numbered:
            _attach(draft, lone, None, None)
        elif not alike(lone, numbered[-1][1]):
            draft.report.leftover(at, "thought_signature", CODEC)
    report_members(google, at, draft.report)
    return [value for _, value, _ in numbered] + ([] if lone is None else [lone])


def read_numbered(raw: Raw, at: At, draft: Draft) -> list[tuple[int, str, int]]:
    """Signatures with the numbers of their parts, in the order of these, and where each stands in the list."""
    found: list[tuple[int, str, int]] = []
    for i, one in enumerate(elements(raw) if memoryview(raw)[0] == 0x5B else ()):
        entry = object_of(one, at, i)
        place = value_of(entry.pop("part", Raw(b"null")), int)
        value = string_of(entry.pop("value", None))
        if isinstance(place, int) and place >= 0 and value is not None:
            found.append((place, value, i))
            report_members(entry, At(at, i), draft.report)
        else:
            draft.report.crossing("dropped", at, i, "openai.thought_signatures", CODEC, "Not a part number and a value")
    return sorted(found, key=lambda pair: pair[0])


def _attach(draft: Draft, value: str, place: int | None, call: str | None) -> bool:
    """Put a signature on the part it names; on a new empty text where that part has one already or is not there.

    False where this is not what it named: the number behind the last part stands for such a text.
    """
    parts = draft.parts
    spoken = [i for i, part in enumerate(parts) if not isinstance(part, ir.ToolCall)]
    calls = [i for i, part in enumerate(parts) if isinstance(part, ir.ToolCall)]
    target: int | None = None
    if place is not None:
        target = spoken[place] if place < len(spoken) else None
    elif call is not None and any(_called(parts[i], call) for i in calls):
        target = next(i for i in calls if _called(parts[i], call))
    else:
        visible = [i for i in spoken if _visible(parts[i])]
        unsigned = [i for i in calls if _state(parts[i]) is None]
        order = [*visible[-1:], *unsigned[:1]] if call is None else [*unsigned[:1], *visible[-1:]]
        target = order[0] if order else None
    if target is not None and _state(parts[target]) is None and not isinstance(parts[target], _STATELESS):
        parts[target] = replace(parts[target], state=opaque(value))
        return True
    behind = place == len(spoken) and not (spoken and _blank(parts[spoken[-1]]))
    after = calls[0] if calls else len(parts)
    if place is not None and target is not None:
        after = target + 1
    parts.insert(after, ir.Text("", opaque(value), at=At(draft.at, "extra_content")))
    return behind


_STATELESS = (ir.ToolResult, ir.Refusal, ir.Foreign)


def _blank(part: ir.Part) -> bool:
    return isinstance(part, ir.Text) and not part.text and part.state is None


def _called(part: ir.Part, call: str) -> bool:
    return isinstance(part, ir.ToolCall) and part.id == call


def _visible(part: ir.Part) -> bool:
    return part.text != "" if isinstance(part, ir.Text) else not isinstance(part, (ir.Thinking, ir.Foreign))


def _state(part: ir.Part) -> ir.Opaque | None:
    return None if isinstance(part, _STATELESS) else part.state


def _doubles(draft: Draft, known: list[str]) -> None:
    """The same signature in another place (Google in 2025), or in LiteLLM's fields."""
    extra = draft.wire.extra
    for key in ("thought_signature", "provider_specific_fields"):
        raw = extra.get(key)
        if raw is None or says_nothing(raw):
            continue
        values = [(string_of(raw), None)] if key == "thought_signature" else provider_signs(raw, draft)
        for value, place in values:
            if value is None:
                draft.report.leftover(draft.at, key, CODEC)
            elif not known:
                draft.plain = False
                _attach(draft, value, place, None)
            elif not any(alike(value, one) for one in known):
                draft.report.leftover(draft.at, key, CODEC)


_ALPHABET = str.maketrans("-_", "+/")


def alike(one: str, other: str) -> bool:
    """Whether two signatures are one: Google's Python SDK sends them back in the other base64 alphabet."""
    return one == other or one.translate(_ALPHABET).rstrip("=") == other.translate(_ALPHABET).rstrip("=")


def provider_signs(raw: Raw, draft: Draft) -> list[tuple[str | None, int | None]]:
    """LiteLLM's ``provider_specific_fields`` of a message, with part numbers if it has any; None for no signature."""
    if memoryview(raw)[0] != 0x7B:
        return [(None, None)]
    inside = object_of(raw, draft.at, "provider_specific_fields")
    several = inside.pop("thought_signatures", Raw(b"[]"))
    if memoryview(several)[0] != 0x5B:
        report_members(inside, At(draft.at, "provider_specific_fields"), draft.report)
        return [(None, None)]
    values = [string_of(one) for one in elements(several)]
    places = _numbers(inside.get("thought_signature_parts", NULL))
    if values and len(places) == len(values):
        del inside["thought_signature_parts"]
    else:
        places = [None] * len(values)
    report_members(inside, At(draft.at, "provider_specific_fields"), draft.report)
    return list(zip(values, places, strict=True))


def _numbers(raw: Raw) -> list[int | None]:
    """Part numbers in ascending order; none if it is anything else."""
    found = [value_of(one, int) for one in elements(raw)] if memoryview(raw)[0] == 0x5B else []
    numbers = [one for one in found if isinstance(one, int) and one >= 0]
    return list(numbers) if len(numbers) == len(found) and numbers == sorted(numbers) else []
