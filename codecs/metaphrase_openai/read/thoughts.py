"""What the model thought: the fields that vendors show it in. The same text in two fields is one thought."""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from metaphrase import ir
from metaphrase.ir.node import At
from metaphrase.wirejson import elements, encode

from ..leftovers import NULL, object_of, report_below, says_nothing, value_of
from ..names import CODEC
from .draft import Draft

_EMPTY = Raw(b'""')
Sign = tuple[str, str | None, int | None]  # a thought signature of Google's, and its call's id or its part's number


def read_thoughts(draft: Draft) -> list[Sign]:
    """Append thinking parts; return the signatures that the details carry, to be put on the parts they belong to."""
    wire = draft.wire
    plain = ""
    for key in ("reasoning_content", "reasoning"):
        text: str | UnsetType | None = getattr(wire, key)
        if text is None:
            draft.left[key] = NULL
        elif text is UNSET:
            continue
        elif text == "" and key == "reasoning":
            draft.left[key] = _EMPTY
        elif draft.parts and text == plain:
            draft.left[key] = Raw(encode(text))
        elif draft.parts and plain:
            draft.aside(key, Raw(encode(text)))
        else:
            plain = text
            draft.plain = draft.plain and key == "reasoning_content"
            draft.parts.append(ir.Thinking(text, at=At(draft.at, key)))
    signs: list[Sign] = []
    if wire.reasoning_details is not UNSET:
        signs = _details(wire.reasoning_details, plain, draft)
    if "thinking_blocks" in wire.extra:
        _blocks(wire.extra["thinking_blocks"], plain, draft)
    return signs


def _details(raw: Raw, plain: str, draft: Draft) -> list[Sign]:
    """OpenRouter's list: texts, summaries, and encrypted state in the format of whoever made it."""
    if says_nothing(raw) or memoryview(raw)[0] != 0x5B:
        draft.left["reasoning_details"] = raw
        report_below(raw, draft.at, "reasoning_details", draft.report)
        return []
    at = At(draft.at, "reasoning_details")
    entries = [object_of(one, at, i) for i, one in enumerate(elements(raw))]
    texts = ["".join([_text(entry, key) for key in _TEXTS]) for entry in entries]
    repeats = plain != "" and "".join(texts) == plain
    signs: list[Sign] = []
    for i, (entry, text) in enumerate(zip(entries, texts, strict=True)):
        here = At(at, i)
        said = ["text", "summary"] if repeats else []
        if text and not plain:
            draft.parts.append(ir.Thinking(text, at=here))
            said = [key for key in _TEXTS if _text(entry, key)]
        if _text(entry, "format") == "google-gemini-v1":
            sign = _text(entry, "data") or _text(entry, "signature")
            if sign:
                key = "data" if _text(entry, "data") else "signature"
                call = _text(entry, "id") or None
                place = value_of(entry.get("part", NULL), int)
                number = place if isinstance(place, int) and place >= 0 else None
                signs.append((sign, call, number))
                said += [key, "format", *(["id"] if call is not None and _names_call(call, draft) else [])]
                said += ["part"] if number is not None else []
        for key, value in entry.items():
            if key not in said and not says_nothing(value):
                draft.report.leftover(here, key, CODEC)
    draft.plain = False
    return signs


_TEXTS = ("text", "summary")


def _names_call(call: str, draft: Draft) -> bool:
    calls = draft.wire.tool_calls
    return any(one.id == call for one in calls) if isinstance(calls, list) else False


def _text(entry: dict[str, Raw], key: str) -> str:
    raw = entry.get(key)
    found = None if raw is None else value_of(raw, str)
    return found if isinstance(found, str) else ""


def _blocks(raw: Raw, plain: str, draft: Draft) -> None:
    """LiteLLM's copy of Anthropic's thinking blocks."""
    if memoryview(raw)[0] != 0x5B:
        draft.report.leftover(draft.at, "thinking_blocks", CODEC)
        return
    at = At(draft.at, "thinking_blocks")
    entries = [object_of(one, at, i) for i, one in enumerate(elements(raw))]
    texts = [_text(entry, "thinking") for entry in entries]
    known = any(isinstance(part, ir.Thinking) for part in draft.parts)
    said = () if known and "".join(texts) != plain else ("thinking",)
    for i, (entry, text) in enumerate(zip(entries, texts, strict=True)):
        if text and not known:
            draft.plain = False
            draft.parts.append(ir.Thinking(text, at=At(at, i)))
        for key, value in entry.items():
            if key not in said and not says_nothing(value):
                draft.report.leftover(At(at, i), key, CODEC)


def split_tags(draft: Draft, opening: str, closing: str) -> bool:
    """Thoughts in tags at the start of the visible text: Google's where its flag stands, ``<think>`` by option."""
    for i, part in enumerate(draft.parts):
        if not isinstance(part, ir.Text):
            continue
        text = part.text
        end = text.find(closing)
        if not text.lstrip().startswith(opening) or end < 0:
            break
        thought = text[text.index(opening) + len(opening) : end]
        answer = text[end + len(closing) :]
        parts: list[ir.Part] = [ir.Thinking(thought, at=part.at)]
        if answer:
            parts.append(ir.Text(answer, at=part.at, ext=part.ext))
        draft.parts[i : i + 1] = parts
        draft.plain = False
        return True
    return False
