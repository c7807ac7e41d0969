"""One choice of a streamed answer: the role once, then whatever it says, then why it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from msgspec import Raw
from msgspec.structs import replace

from metaphrase import ir
from metaphrase.ir.node import Node
from metaphrase.wirejson import members

from .. import finish
from ..leftovers import NULL, Json
from ..names import CODEC
from ..sound import goes_on
from ..write.answer import write_annotations, write_logprobs
from ..write.assistant import DROPPED, GAP, address, drawable
from ..write.media import media_part, spoken
from ..write.response import write_audio, write_finish
from .write_calls import Calls
from .write_scene import Scene, Telling
from .write_signs import Signs
from .write_texts import Say, Text, detailed, flagged

_CARRIERS = ("reasoning_details", "provider_specific_fields", "thought_signature")  # beside extra_content
_PASSED = ("reasoning_details", "thinking")  # thoughts of this protocol's own that are passed on as they are
_TAGS = {"google": ("<thought>", "</thought>"), "think_tags": ("<think>", "</think>")}


class Choice:
    """What has been written of one choice. ``deltas`` writes a piece of an open part, by its number."""

    __slots__ = (
        "_calls",
        "_closing",
        "_fresh",
        "_index",
        "_known",
        "_last",
        "_parts",
        "_safety",
        "_scene",
        "_sound",
        "_spoken",
        "deltas",
        "signs",
        "told",
    )  # fmt: skip

    def __init__(self, index: int, scene: Scene) -> None:
        self.deltas: dict[int, Say] = {}
        self.told = 0  # the parts that have begun
        self._parts: dict[int, Telling] = {}
        self.signs = Signs()
        self._index = index
        self._scene = scene
        self._fresh = True  # the role has not been told
        self._spoken = False  # there has been content
        self._sound: ir.Media | None = None  # the first piece of it, without its data
        self._closing = ""  # the tag that ends the thoughts
        self._last = ""  # what the content ended with: text, or an image as Markdown
        self._calls = Calls(scene, index, self.say, self.signs)
        self._known: dict[type[Node], list[Node]] = {}  # the first part of each kind of text
        self._safety: tuple[ir.SafetyRating, ...] = ()

    def end(self, part: int, state: ir.Opaque | None) -> bytes:
        """A part ends; what was kept for it is no longer needed."""
        del self.deltas[part]
        return self._parts.pop(part).end(state)

    def _add(self, part: Telling) -> None:
        self._parts[self.told] = part
        self.deltas[self.told] = part.delta
        self.told += 1

    def _silent(self) -> None:
        """A part that is not written."""
        self._add(Text(_nothing, _nothing, _no_end, self.deltas, self.told))

    def say(self, delta: Json, beside: Json | None = None) -> bytes:
        """A chunk of this choice."""
        if self._fresh:
            self._fresh = False
            delta = {"role": "assistant", "content": NULL, **delta}
        choice: Json = {"index": self._index, "delta": delta, "finish_reason": NULL, **(beside or {})}
        return self._scene.envelope.chunk([choice])

    def begin(self, head: ir.Part) -> bytes:
        """A part begins."""
        begin = self._BEGIN.get(type(head))
        if begin is not None:
            return begin(self, head) if head.spelt is None or not self._passed(head) else b""
        self._silent()
        self._scene.report.lose("dropped", head, None, DROPPED[type(head)], CODEC)
        return b""

    def _passed(self, head: ir.Part) -> bool:
        """Whether it is a text with members of this protocol, which is passed on as it is."""
        if not (self._scene.same and isinstance(head, ir.Text | ir.Refusal) and head.spelling(CODEC, "ext")):
            return False
        self._silent()
        return True

    # --- texts ------------------------------------------------------------------------------------------------------

    def _text(self, head: ir.Text) -> bytes:
        frame = self._scene.envelope.frame(self._index, "content")

        def first(text: str) -> bytes:
            self._join(head, "content.parts")
            gap, self._last = GAP if self._last == "image" else "", "text"
            return self._content(gap + text)

        def end(state: ir.Opaque | None, empty: bool) -> bytes:
            self.signs.sign(head, state or head.state, self._scene.report, empty=empty and not head.text)
            return b""

        return self._begun(Text(first, frame, end, self.deltas, self.told), head.text)

    def _begun(self, part: Text, text: str) -> bytes:
        self._add(part)
        return part.delta(text) if text else b""

    def _content(self, text: str) -> bytes:
        self._spoken = True
        text, self._closing = self._closing + text, ""
        return self.say({"content": text})

    def _thinking(self, head: ir.Thinking) -> bytes:
        kind: str = self._scene.options.thinking
        if self._scene.same:  # as it was
            spelt = head.spelling(CODEC, "ext") if head.spelt is not None else None
            kind = "reasoning_content" if spelt is None else next(iter(spelt))
        if kind not in _PASSED:
            self._join(head, "thinking.parts")
        write = self._tagged if kind in _TAGS else self._in_field

        def end(state: ir.Opaque | None, _: bool) -> bytes:
            self.signs.sign(head, state or head.state, self._scene.report)
            return b""

        first, rest = write(kind)
        return self._begun(Text(first, rest, end, self.deltas, self.told), head.text)

    def _in_field(self, kind: str) -> tuple[Say, Say]:
        """Thoughts in a field of their own. OpenRouter's ``reasoning`` comes with its details, unless these follow."""
        if kind in _PASSED:
            self.signs.thoughts = self.signs.thoughts or kind == "thinking"
            return _nothing, _nothing
        if kind == "reasoning" and not self._scene.same:
            return self._detailed, self._detailed
        frame = self._scene.envelope.frame(self._index, kind)

        def first(text: str) -> bytes:
            self.signs.thoughts = True
            return self.say({kind: text})

        return first, frame

    def _detailed(self, text: str) -> bytes:
        self.signs.thoughts = True
        return self.say(detailed(text))

    def _tagged(self, kind: str) -> tuple[Say, Say]:
        """Thoughts within the content. Google's closing tag stands before the answer, in a chunk without the flag."""
        opening, closing = _TAGS[kind]
        frame = self._scene.envelope.frame(self._index, "content")

        def first(text: str) -> bytes:
            out = self._close_tag()
            self._closing = closing
            self._spoken = self.signs.thoughts = True
            return out + self.say(flagged(opening + text) if kind == "google" else {"content": opening + text})

        def rest(text: str) -> bytes:
            return self.say(flagged(text))

        return first, rest if kind == "google" else frame

    def _close_tag(self) -> bytes:
        return self._content("") if self._closing else b""

    def _refusal(self, head: ir.Refusal) -> bytes:
        self._join(head, "content.refusal")
        self.signs.refusal = True
        frame = self._scene.envelope.frame(self._index, "refusal")

        def first(text: str) -> bytes:
            return self.say({"refusal": text})

        return self._begun(Text(first, frame, _no_end, self.deltas, self.told), head.text)

    def _join(self, part: Node, feature: str, field: str = "text") -> None:
        """Several texts in one field: where one ended is lost."""
        known = self._known.setdefault(type(part), [part])
        if known != [part] or known[0] is not part:
            for one in (*known, part):
                self._scene.report.lose("approximated", one, field, feature, CODEC, "Joined with its neighbour")
            known.clear()

    # --- what arrives whole -----------------------------------------------------------------------------------------

    def _media(self, media: ir.Media) -> bytes:
        report, signs = self._scene.report, self.signs
        heard = media.kind == "audio" and isinstance(media.source, ir.Inline) and self._sounds_on(media)
        if heard:
            out = self._audio(media)
        else:
            made = media_part(media, report, same=self._scene.same)
            if made is None:
                self._silent()
                return b""
            out = self._image(media, made)

        def end(state: ir.Opaque | None, _: bool) -> bytes:
            signs.sign(media, state or media.state, report, heard=heard)
            return b""

        self._add(Text(_nothing, _nothing, end, self.deltas, self.told))
        return out

    def _sounds_on(self, media: ir.Media) -> bool:
        """Whether it is the first sound or another piece of it. What is neither stands among the images."""
        if self._scene.same and self._sound is not None:
            return media.mime is None  # only the first piece says what it is
        if self._sound is None:
            self._sound = replace(media, source=ir.Inline.of(""))
        elif not goes_on(self._sound, media):
            return False
        if not self._scene.same:
            self._join(replace(media, source=self._sound.source), "media.parts", "source")
        return True

    def _audio(self, media: ir.Media) -> bytes:
        """Speech, piece by piece: each is base64 of its own, as OpenAI sends it."""
        scene, first = self._scene, not self.signs.audio
        self.signs.audio = True
        if scene.same:
            return self.say({"audio": spoken([media])})
        made = write_audio([media], scene.answer_id, scene.report, scene.sound, begins=first, ends=False)
        if not first:
            made = {key: made[key] for key in ("data", "transcript") if made[key]}
        return self.say({"audio": made})

    def _image(self, media: ir.Media, made: Json) -> bytes:
        place = self._scene.options.images
        if self._scene.same or not drawable(media):
            place = "images"
        if place == "markdown":
            gap, self._last = GAP if self._last else "", "image"
            return self._content(f"{gap}![image]({address(made)})")
        self.signs.images += 1
        if place == "parts":
            return self.say({"content": [made]})
        return self.say({"images": [{**made, "index": self.signs.images - 1}]})

    def _call(self, head: ir.ToolCall) -> bytes:
        part, out = self._calls.begin(head)
        self._add(part)
        return out

    def _result(self, part: ir.ToolResult) -> bytes:
        self._calls.answer(part)
        self._silent()
        return b""

    def _foreign(self, part: ir.Foreign) -> bytes:
        self._silent()
        if part.codec == CODEC:
            self.signs.content = True
            return self.say({"content": [part.raw]})
        self._scene.report.lose("dropped", part, None, DROPPED[ir.Foreign], CODEC)
        return b""

    # --- beside the parts -------------------------------------------------------------------------------------------

    def extra(self, extra: ir.Extra) -> bytes:
        """Citations and logprobs as they come; leftovers of this protocol where they stood."""
        delta: Json = {}
        beside: Json = {}
        if self._scene.same:  # the reader has kept all of it as it was
            left = {} if extra.ext is None else extra.ext.get(CODEC, {})
            beside = {key: raw for key, raw in left.items() if key != "message"}
            delta = dict(members(left["message"])) if "message" in left else {}
            self._spoken = self._spoken or "content" in delta
            self.signs.verbatim += [bytes(raw) for key, raw in delta.items() if _carries(key, raw)]
        else:
            if extra.citations:
                delta["annotations"] = write_annotations(extra.citations, self._scene.report)
            if extra.logprobs is not None:
                beside["logprobs"] = write_logprobs(extra.logprobs, self._scene.report)
            self._safety = extra.safety or self._safety
        return self.say(delta, beside) if delta or beside else b""

    # --- the end ----------------------------------------------------------------------------------------------------

    def finish(self, finished: ir.Finished) -> bytes:
        """What waited for the end, then the reason."""
        out = [self._close_tag(), self._calls.close()]
        if self.signs.content and not self._spoken:
            out.append(self._content(""))
        signed = self.signs.write(self._scene.options, self._scene.report)
        if signed:
            out.append(self.say(signed))
        for rating in self._safety:
            self._scene.report.lose("dropped", rating, None, "safety.ratings", CODEC)
        why = self._why(finished)
        refusal = why.pop("refusal", None)
        if refusal is not None:
            out.append(self.say({"refusal": refusal}))
        if self._fresh:
            out.append(self.say({}))
        out.append(self.say({}, why))
        return b"".join(out)

    def ended(self, finished: ir.Finished | None) -> Json:
        """As much of the choice as decides whether a block is its refusal; `refusal` is empty where there is one."""
        done = None if finished is None else finished.finish
        refused = self.signs.refusal or (done is not None and bool(done.message))
        reason = None if done is None else finish.WRITE[done.reason]
        return {"finish_reason": reason, "message": {"refusal": "" if refused else NULL}}

    def _why(self, finished: ir.Finished) -> Json:
        """The reason, and a refusal where a filter gave words."""
        done = finished.finish
        if self._scene.same:
            usual = finish.WRITE[done.reason]
            native = done.native if done.codec == CODEC else None
            return {"finish_reason": native or ("tool_calls" if self._calls.any and usual == "stop" else usual)}
        message: Json = {"refusal": NULL if not self.signs.refusal else ""}
        why: Json = {}
        choice = ir.Choice(self._index, (), done, at=finished.at)
        write_finish(choice, message, why, self._scene.report, called=self._calls.any)
        return (
            {**why, "refusal": message["refusal"]}
            if isinstance(message["refusal"], str) and message["refusal"]
            else why
        )

    _BEGIN: ClassVar[dict[type, Callable[[Choice, Any], bytes]]] = {
        ir.Text: _text,
        ir.Thinking: _thinking,
        ir.Refusal: _refusal,
        ir.Media: _media,
        ir.ToolCall: _call,
        ir.ToolResult: _result,
        ir.Foreign: _foreign,
    }


def _carries(key: str, raw: Raw) -> bool:
    """Whether a member may hold a signature."""
    return key in _CARRIERS and (key != "reasoning_details" or b"google-gemini" in bytes(raw))


def _no_end(_: ir.Opaque | None, __: bool) -> bytes:
    return b""


def _nothing(_: str) -> bytes:
    return b""
