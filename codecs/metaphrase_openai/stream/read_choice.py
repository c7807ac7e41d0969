"""One choice of a streamed answer: deltas to parts.

A part goes on while its kind stays the same. Calls stand beside the text: they stay open until the choice ends, since
their pieces may be interleaved, and neither ends the other. Signatures of a whole message wait for its end.
"""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import replace

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.ir.node import At
from metaphrase.loss import render, steps_of
from metaphrase.wirejson import Document, encode

from ..leftovers import NULL, report_below, report_members, says_nothing, verbatim
from ..names import CODEC
from ..read.answer import read_annotations, read_logprobs
from ..read.content import read_content
from ..read.draft import Draft
from ..read.finish import read_finish
from ..read.message import read_audio, read_images
from ..read.signatures import alike, google_members, opaque, provider_signs, read_numbered, string_of
from ..read.thoughts import read_thoughts
from ..read.usage import counts
from ..wire import Message, Part
from ..wire_stream import ChunkChoice
from .read_calls import Calls
from .read_signs import Sign, settle
from .read_tags import Tags
from .scene import Numbered, Scene

Spoken = type[ir.Text] | type[ir.Thinking] | type[ir.Refusal]
_PLAIN = ("reasoning_content", "reasoning")
_DETAILS = "reasoning_details"
_LISTED = "thinking"  # in a content list
_PASSED = (_DETAILS, _LISTED)  # a writer of this protocol is given them as they are
_ROLES = ("assistant", "model", "", UNSET)
# Unknown members of a message that are read as signatures or thoughts.
_READ = frozenset({"thinking_blocks", "thought_signature", "provider_specific_fields"})
# Where thoughts stood, if not in `reasoning_content`; a writer of this protocol puts them there again.
_PLACES = {key: {"ext": ir.Spelling(CODEC, None, {key: NULL})} for key in ("reasoning", "google", _LISTED, _DETAILS)}
_message = Document(Message)


class Choice:
    """What has been told of one choice."""

    __slots__ = (
        "_blank", "_heard", "_kept", "_kind", "_message", "_place", "_scene", "_shown", "_tags", "_voice", "at",
        "calls", "finish", "index", "numbered", "part", "signs",
    )  # fmt: skip

    def __init__(self, index: int, scene: Scene, *, think_tags: bool) -> None:
        self.index = index
        self.finish: ir.Finished | None = None
        self.at: At | None = None  # where it was first spoken of
        self.numbered = Numbered(index)
        self.calls = Calls(self.numbered, scene)
        self.part = -1  # the open part
        self.signs: list[Sign] = []
        self._scene = scene
        self._kind: Spoken | None = None  # of the open part
        self._shown: list[type[ir.Part]] = []  # kinds in the order of their fields, for numbered signatures
        self._tags = Tags("think", flagged=False) if think_tags else None
        self._place = ""  # of the open text
        self._voice: str | None = None  # the field that thoughts come in
        self._heard = False  # there has been speech
        self._blank = False  # there was content, and it was empty
        self._kept: dict[str, Raw] = {}
        self._message: dict[str, Raw] = {}

    def tell(self, wire: ChunkChoice, at: At) -> None:
        """What one chunk says."""
        self.at = self.at or at
        delta = wire.delta
        if delta is not UNSET:
            self.delta(delta, At(at, "delta"))
            if wire.message is not UNSET:  # Perplexity: all of it so far, once more
                self._scene.leftover("choice", at, "message")
        elif wire.message is not UNSET:  # a whole answer from a server that does not stream
            self.delta(_whole(wire.message, At(at, "message")), At(at, "message"))
        if wire.finish_reason is not UNSET and wire.finish_reason is not None:
            self._finish(wire.finish_reason, wire.native_finish_reason, at)
        if wire.logprobs is not UNSET and not says_nothing(wire.logprobs):
            scored = read_logprobs(wire.logprobs, at, self._scene.report)
            self._scene.events.append(ir.Extra(self.index, logprobs=scored, ext={CODEC: {"logprobs": wire.logprobs}}))
        if wire.native_finish_reason is not UNSET:
            quoted = {"native_finish_reason": wire.native_finish_reason}
            if self.finish is not None and self.finish.at is at and self.finish.finish.codec != CODEC:
                self._kept |= quoted
            else:
                self._scene.keep(self._kept, quoted, "choice", at)
        if wire.content_filter_results is not UNSET:
            self._scene.keep(self._kept, {"content_filter_results": wire.content_filter_results}, "choice", at)
        if wire.found is not UNSET:
            self._scene.keep(self._kept, self._count(wire.extra, at), "choice", at)

    def _count(self, extra: dict[str, Raw], at: At) -> dict[str, Raw]:
        """Take the usage out of the unknown members, where Moonshot puts it; it counts if the stream has no other."""
        raw = extra.get("usage")
        if not counts(raw):
            return extra
        self._kept["usage"] = raw.copy()
        self._scene.counted[self.index] = (self._kept["usage"], at)
        return {key: one for key, one in extra.items() if key != "usage"}

    def _finish(self, word: str, quoted: Raw | UnsetType, at: At) -> None:
        """A plain stop overrules nothing: some servers repeat the finish, or say stop after calls."""
        found = read_finish(word, quoted)
        if self.finish is None or found.reason != "stop" or self.finish.finish.reason == "stop":
            self.finish = ir.Finished(self.index, found, at)

    def delta(self, wire: Message, at: At) -> None:
        """The pieces of a message."""
        if (
            wire.reasoning_content is not UNSET
            or wire.reasoning is not UNSET
            or wire.reasoning_details is not UNSET
            or wire.found is not UNSET
        ):
            self._think(wire, at)
        flagged = wire.extra_content is not UNSET and self._google(wire, at)
        content = wire.content
        if isinstance(content, str):
            self._content(content, at, flagged=flagged)
        elif isinstance(content, dict):
            self._object(content, at)
        elif content is not UNSET and content is not None:
            self._list(content, Draft(wire, at, self._scene.report))
        if wire.refusal:
            self.say(ir.Refusal, wire.refusal, at, "refusal")
        if wire.images is not UNSET or wire.audio is not UNSET:
            self._media(wire, at)
        if wire.tool_calls:
            self.calls.take(wire.tool_calls, wire, at)
        if wire.function_call is not UNSET:
            self.calls.take_legacy(wire.function_call, at)
        if wire.annotations is not UNSET and not says_nothing(wire.annotations):
            self._cite(wire.annotations, at)
        if wire.role not in _ROLES:
            self._scene.lost("message.role", at, "role", "Not the model's")
        if wire.found is not UNSET or wire.name is not UNSET or wire.tool_call_id is not UNSET:
            self._rest(wire, at)

    @property
    def tagged(self) -> bool:
        """Whether a piece of content may still be a piece of a tag."""
        return self._tags is not None

    # --- text -------------------------------------------------------------------------------------------------------

    def say(self, kind: Spoken, text: str, at: At, key: str, place: str = "") -> None:
        """More of a text."""
        if self._kind is not kind:
            self._place = place or key
            self._open(kind, At(at, key))
        self._scene.events.append(ir.Delta(self.index, self.part, text))

    def _open(self, kind: Spoken, at: At) -> None:
        self.calls.flush()
        self.shut()
        head = kind("", at=at) if kind is not ir.Thinking else ir.Thinking("", at=at, spelt=_PLACES.get(self._place))
        self.part = self.numbered.number()
        self._kind = kind
        self._show(kind)
        self._scene.events.append(ir.Begin(self.index, self.part, head))

    def shut(self) -> None:
        """The open part ends."""
        if self._kind is not None:
            self._kind = None
            self._scene.events.append(ir.End(self.index, self.part))

    def whole(self, part: ir.Part) -> None:
        """A part that arrives at once."""
        self.calls.flush()
        self.shut()
        number = self.numbered.number()
        self._show(type(part))
        self._scene.events.append(ir.Begin(self.index, number, part))
        self._scene.events.append(ir.End(self.index, number))

    def _show(self, kind: type[ir.Part]) -> None:
        if kind is ir.Media or kind not in self._shown:
            self._shown.append(kind)

    def _content(self, text: str, at: At, *, flagged: bool) -> None:
        """Visible text, and thoughts in tags within it."""
        if flagged and (self._tags is None or self._tags.over):
            self._tags = Tags("thought", flagged=True)
        if not text:
            self._blank = True
        elif self._tags is None:
            self.say(ir.Text, text, at, "content")
        else:
            for thought, piece in self._tags.feed(text, flagged=flagged):
                if thought and self._kind is ir.Thinking and self._place in _PASSED:
                    self.shut()
                self.say(ir.Thinking if thought else ir.Text, piece, at, "content", "google")
            if flagged and self._tags.plain:
                self._scene.leftover("google", At(At(at, "extra_content"), "google"), "thought")

    def _object(self, content: dict[str, Raw], at: At) -> None:
        """Content that is an object, as in a whole answer; in a stream it becomes a text for everybody."""
        text = bytes(verbatim(content)).decode()
        self._scene.lost("message.content", at, "content", "An object, as its JSON text", "repaired")
        self.say(ir.Text, text, at, "content")

    def _list(self, content: list[Part], draft: Draft) -> None:
        """A content list. What its texts do not say in full is passed on as it is, for a writer of this protocol."""
        read_content(content, draft)
        for part, wire in zip(draft.parts, content, strict=True):
            if isinstance(part, ir.Thinking):  # Mistral's, with `closed` and members of its texts
                if self._kind is ir.Thinking and self._place != _LISTED:
                    self.shut()
                if part.text:
                    self.say(ir.Thinking, part.text, draft.at, "content", _LISTED)
            elif isinstance(part, (ir.Text, ir.Refusal)) and part.ext is not None:
                self.whole(replace(part, spelt={"ext": ir.Spelling(CODEC, part.ext, {"content": NULL})}))
            else:
                self._part(part, draft)
                continue
            self._verbatim({"content": [verbatim(wire)]})

    def _part(self, part: ir.Part, draft: Draft) -> None:
        """Texts go on, others stand alone."""
        if not isinstance(part, (ir.Text, ir.Refusal)):
            self.whole(part)
        elif part.text:
            self.say(type(part), part.text, draft.at, "content")

    # --- thoughts ---------------------------------------------------------------------------------------------------

    def _think(self, wire: Message, at: At) -> None:
        """Thoughts, in whatever field. The same text in two fields of a delta is one thought."""
        details = wire.reasoning_details
        detailed = details is not UNSET and not says_nothing(details)
        if details is UNSET and "thinking_blocks" not in wire.extra:
            if not wire.reasoning:
                self._thought(wire.reasoning_content, at, "reasoning_content")
                return
            if not wire.reasoning_content:
                self._thought(wire.reasoning, at, "reasoning")
                return
        draft = Draft(wire, at, self._scene.report)
        self.signs += [Sign(value, place, call) for value, call, place in read_thoughts(draft)]
        for part in draft.parts:
            assert isinstance(part, ir.Thinking)  # noqa: S101 - it makes no others
            field = _field(part.at)
            if field in _PLAIN or self._voice not in _PLAIN:
                self._thought(part.text, at, field, _DETAILS if detailed else "")
            else:  # the plain field has said it
                self._scene.leftover("detail", part.at, "text")
        if details is not UNSET and detailed:
            whole = {key: getattr(wire, key) for key in _PLAIN if self._place == _DETAILS and getattr(wire, key)}
            self._verbatim({**whole, _DETAILS: details})

    def _thought(self, text: object, at: At, field: str, place: str = "") -> None:
        """A piece of a thought. What came with details is told by them, for a writer of this protocol."""
        if isinstance(text, str) and text:
            self._voice = field
            self.say(ir.Thinking, text, at, field, place)
            if self._place in _PASSED and not place:
                self._verbatim({field: text})

    def _google(self, wire: Message, at: At) -> bool:
        """Google's ``extra_content``: signatures; and whether it says that the content is a thought."""
        assert wire.extra_content is not UNSET  # noqa: S101 - tells the type checker what the caller knows
        draft = Draft(wire, at, self._scene.report)
        google = google_members(wire.extra_content, at, draft)
        if google is None:
            return False
        below = At(At(at, "extra_content"), "google")
        flag = bytes(google.pop("thought", NULL))
        if flag not in (b"true", b"false", b"null"):
            report_below(Raw(flag), below, "thought", self._scene.report)
        lone = string_of(google.pop("thought_signature", None))
        several = google.pop("thought_signatures", None)
        numbered = [] if several is None else read_numbered(several, At(below, "thought_signatures"), draft)
        self.signs += [Sign(value, place, None) for place, value, _ in numbered]
        if lone is not None and all(lone != value for _, value, _ in numbered):
            self.signs.append(Sign(lone, None, None))
        report_members(google, below, self._scene.report)
        return flag == b"true"

    # --- what else a message holds ----------------------------------------------------------------------------------

    def _media(self, wire: Message, at: At) -> None:
        """Images, and speech in pieces, of which some hold sound and some only what it says."""
        draft = Draft(wire, at, self._scene.report)
        if wire.images is not UNSET:
            read_images(wire.images, draft)
        if wire.audio is not UNSET and not says_nothing(wire.audio):
            rest = read_audio(wire.audio, draft, streamed=True, begun=self._heard)
            self._heard = self._heard or "audio" not in draft.left
            if rest:
                self._verbatim({"audio": rest})
        for part in draft.parts:
            self._part(part, draft)

    def _cite(self, raw: Raw, at: At) -> None:
        found = read_annotations(raw, at, self._scene.report)
        ext = {CODEC: {"message": Raw(encode({"annotations": raw}))}}
        self._scene.events.append(ir.Extra(self.index, found, ext=ext))

    def _verbatim(self, found: dict[str, object]) -> None:
        """For a writer of this protocol: what the parts do not say in full."""
        ext = {CODEC: {"message": Raw(encode(found))}}
        self._scene.events.append(ir.Extra(self.index, ext=ext))

    def _rest(self, wire: Message, at: At) -> None:
        """What has no place in the IR, and signatures where LiteLLM puts them."""
        extra = wire.extra
        for key in ("thought_signature", "provider_specific_fields"):
            raw = extra.get(key)
            if raw is None or says_nothing(raw):
                continue
            self._verbatim({key: raw})
            draft = Draft(wire, at, self._scene.report)
            values = [(string_of(raw), None)] if key == "thought_signature" else provider_signs(raw, draft)
            for value, number in values:
                if value is None:
                    self._scene.leftover("delta", at, key)
                elif not any(alike(value, sign.value) for sign in self.signs):
                    self.signs.append(Sign(value, number, None))
        found = {key: raw for key, raw in extra.items() if key not in _READ}
        if wire.name is not UNSET:
            found["name"] = Raw(encode(wire.name))
        if wire.tool_call_id is not UNSET:
            found["tool_call_id"] = Raw(encode(wire.tool_call_id))
        self._scene.keep(self._message, found, "delta", at)

    # --- the end ----------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Nothing more will be said: the parts end, with their signatures."""
        if self._tags is not None:
            at = At(None, self._scene.number)
            for thought, piece in self._tags.close():
                self.say(ir.Thinking if thought else ir.Text, piece, at, "content")
        self.calls.close()
        if self._blank and not self.numbered.parts:  # as in a whole answer
            self._open(ir.Text, At(None, self._scene.number))
        elif self._blank and ir.Text not in self._shown:
            self._message["content"] = Raw(b'""')
        self._end_parts()
        left = dict(self._kept)
        if self._message:
            left["message"] = Raw(encode(self._message))
        if left:
            self._scene.events.append(ir.Extra(self.index, ext={CODEC: left}))

    def _end_parts(self) -> None:
        """All open parts, in order; signatures that belong to none of them get an empty text of their own."""
        text = self.part if self._kind is ir.Text else None
        states, lone = settle(self.signs, self.calls.slots, text, self._shown)
        ends = {slot.part: slot.state for slot in self.calls.slots if slot.part >= 0}
        if self._kind is not None:
            ends[self.part] = None
        ends |= states
        self._kind = None
        for part in sorted(ends):
            self._scene.events.append(ir.End(self.index, part, ends[part]))
        for value in lone:
            self.whole(ir.Text("", opaque(value)))


def _whole(raw: Raw, at: At) -> Message:
    """A message that stands in raw JSON; faults name their place."""
    try:
        return _message.decode(raw)
    except ReadError as error:
        raise ReadError(error.message, render(steps_of(at)) + error.path[1:]) from None


def _field(at: At | None) -> str:
    """The member of the delta that a thought stood in: itself, or the list that it is an element of."""
    while at is not None and isinstance(at.key, int):
        at = at.up
    return "" if at is None else str(at.key)
