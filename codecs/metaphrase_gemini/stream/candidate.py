"""One candidate of a stream: which part is open, and what is held to its end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import replace

from metaphrase import ir
from metaphrase.fold import GROWS
from metaphrase.ir import At, Event, Spelling
from metaphrase.loss import Report
from metaphrase.wirejson import Document, elements
from metaphrase_gemini.finish import BLOCKED, reason_of
from metaphrase_gemini.leftovers import spelling
from metaphrase_gemini.places import Place, chunk_candidate
from metaphrase_gemini.read.content import read_part
from metaphrase_gemini.read.response import read_choice, read_logprobs
from metaphrase_gemini.wire import content, response
from metaphrase_gemini.words import CODEC

from .partial_args import Arguments, Piece
from .recited import Recited
from .told import Told

_PIECE = Document(Piece)
_HELD = {
    "safety_ratings": "safetyRatings",
    "grounding_metadata": "groundingMetadata",
    "avg_logprobs": "avgLogprobs",
    "finish_message": "finishMessage",
}
"""What is said as a whole, and again as a whole when it has changed."""
_MOST = 64  # unknown members of one object that are kept for a writer of this protocol
_NOTHING: tuple[Any, ...] = (Raw(b"{}"), Raw(b"[]"), Raw(b"null"), [])


def news(said: dict[str, Raw], found: dict[str, Raw]) -> dict[str, Raw]:
    """What differs from what was said before, and is now said. Of very many members only the first are kept."""
    new = {key: raw.copy() for key, raw in found.items() if (key in said or len(said) < _MOST) and said.get(key) != raw}
    said |= new
    return new


class _Call:
    """A call whose arguments arrive in pieces."""

    def __init__(self, head: ir.ToolCall) -> None:
        self.head = head
        self.arguments = Arguments()
        self.given = False


class Candidate:
    """The state of one candidate. A finish is held: some servers say STOP in mid-stream, or on every chunk."""

    __slots__ = (
        "_call",
        "_held",
        "_recited",
        "_report",
        "beside",
        "finished",
        "index",
        "open",
        "part",
        "said",
        "thinking",
        "told",
    )

    def __init__(self, index: int, report: Report) -> None:
        self.index = index
        self.part = -1  # the number of the last part
        self.thinking: bool | None = None  # of the open text; None: none is open
        self.open: dict[str, Raw] = {}  # what stood beside its text
        self.beside: dict[str, Raw] = {}  # unknown members of its content, as last said
        self.said: dict[str, Raw] = {}  # its own unknown members, as last said
        self.told = Told()
        self.finished = False
        self._report = report
        self._call: _Call | None = None
        self._recited = Recited(report)
        self._held: dict[str, tuple[Any, int, int]] = {}  # of each field what was said last, in which chunk and where

    def take(self, candidate: response.Candidate, chunk: int, position: int, events: list[Event]) -> None:
        """Whatever a chunk says of this candidate."""
        body = candidate.content
        place = chunk_candidate(chunk, position)
        if body is not UNSET:
            self.beside = {key: raw.copy() for key, raw in body.extra.items()}
            if body.parts is not UNSET:
                for i, part in enumerate(body.parts):
                    self._part(part, At(place.parts, i), events)
            role = body.role
            if role is not UNSET and role != "model":
                at = ("content", "role")
                self._report.add("dropped", place.at, at, "message.role", CODEC, "an answer is the model's")
        if candidate != response.Candidate(body, index=candidate.index) or (body is not UNSET and body.extra):
            self._beside(candidate, chunk, position, events)

    def _beside(self, candidate: response.Candidate, chunk: int, position: int, events: list[Event]) -> None:
        """What stands beside the parts: said at once where it adds up, held where only the last one counts."""
        place = chunk_candidate(chunk, position)
        if candidate.finish_reason is not UNSET:
            self.finished = True
            told = self._held.get("finish_reason")
            if told is None or reason_of(told[0]) == "stop":  # a failure outlasts a STOP
                self._replaced("finish_message")
                self._hold(candidate, ("finish_reason",), chunk, position)
            else:
                candidate = replace(candidate, finish_message=UNSET)
        self._hold(candidate, _HELD, chunk, position)
        if candidate.citation_metadata is not UNSET:
            self._recited.take(candidate.citation_metadata, place.at)
        spelt: dict[str, Spelling] = {}
        tokens = read_logprobs(candidate.logprobs_result, place.at, spelt, self._report)
        rest = response.Candidate(_bare(candidate.content))
        rest.found = candidate.found
        ext = self._news(read_choice(rest, place, 0, self._report).ext)
        if tokens is not None or ext is not None:
            events.append(ir.Extra(self.index, logprobs=tokens, ext=ext, spelt=spelt or None))

    def _hold(self, candidate: response.Candidate, names: Iterable[str], chunk: int, position: int) -> None:
        for name in names:
            value = getattr(candidate, name)
            if value is UNSET:
                continue
            if name in self._held and name != "finish_reason" and self._held[name][0] != value:
                self._replaced(name)
            self._held[name] = (value.copy() if isinstance(value, Raw) else value, chunk, position)

    def _news(self, ext: ir.Ext | None) -> ir.Ext | None:
        """What differs from what was said of the candidate before."""
        if ext is None:
            return None
        new = news(self.said, ext[CODEC])
        return {CODEC: new} if new else None

    def _replaced(self, name: str) -> None:
        """What was said before does not count any more."""
        value, chunk, position = self._held.pop(name, ([], 0, 0))
        if value not in _NOTHING:
            at = chunk_candidate(chunk, position).at
            self._report.add("dropped", at, _HELD[name], "stream.replaced", CODEC, "a later chunk says otherwise")

    def finish(self, events: list[Event], *, blocked: bool = False) -> None:
        """The end of the stream: close what is open, then say what was held. ``blocked``: that is why it ended."""
        self._end_call(events)
        self._close(events)
        told = self.told.parts()
        self._cite(told, events)
        places = dict.fromkeys([(chunk, position) for _, chunk, position in self._held.values()])
        finished: list[Event] = []
        for chunk, position in places:
            held = {name: value for name, (value, *where) in self._held.items() if where == [chunk, position]}
            choice = read_choice(response.Candidate(**held), chunk_candidate(chunk, position), 0, self._report, told)
            spelt = {} if choice.spelt is None else {k: one for k, one in choice.spelt.items() if k != "index"}
            if choice.safety or choice.ext is not None or spelt:
                events.append(ir.Extra(self.index, (), None, choice.safety, ext=choice.ext, spelt=spelt or None))
            if choice.finish is not None:
                finished.append(ir.Finished(self.index, choice.finish, choice.at))
        if blocked and not self.finished:
            events.append(ir.Extra(self.index, spelt={"finish": spelling(BLOCKED, {})}))
            finished.append(ir.Finished(self.index, BLOCKED))
        events += finished

    def _cite(self, told: tuple[ir.Part, ...], events: list[Event]) -> None:
        """What the answer was grounded on and what it recites, wherever in the stream either was said."""
        citations: tuple[ir.Citation, ...] = ()
        members: dict[str, Raw] = {}
        recited = self._recited
        value, chunk, position = self._held.pop("grounding_metadata", (UNSET, 0, 0))
        grounded, place = response.Candidate(grounding_metadata=value), chunk_candidate(chunk, position)
        for said, at in ((grounded, place.at), (recited.said(), recited.at or place.at)):
            choice = read_choice(said, Place(at, at, 0), 0, self._report, told, recited.places)
            citations += choice.citations
            members |= choice.spelt["citations"].members if choice.spelt and "citations" in choice.spelt else {}
        if self.told.long:
            citations = tuple([replace(one, start=None, end=None) for one in citations])
        if members:
            spelt = {"citations": spelling(citations, members)}
            events.append(ir.Extra(self.index, citations, spelt=spelt))

    def _part(self, part: content.Part, at: At, events: list[Event]) -> None:
        if part.function_call is not UNSET and self._piece(part, at, events):
            return
        self._end_call(events)
        found = read_part(part, at, self._report)
        if isinstance(found, ir.Text | ir.Thinking) and found.state is None and found.spelt is None:
            thinking = isinstance(found, ir.Thinking)
            beside = {key: raw.copy() for key, raw in found.leftovers(CODEC).items() if key != "thought"}
            if self.thinking is thinking and self.open == beside:
                self._say(found, events)
            else:
                self._begin(found, events)
                self.thinking, self.open = thinking, beside
            return
        self._begin(found, events)
        events.append(ir.End(self.index, self.part))

    def _begin(self, part: ir.Part, events: list[Event]) -> None:
        """A new part: its header, then its text in a delta."""
        self._close(events)
        field = GROWS.get(type(part))
        self.part += 1
        self.told.begin(type(part))
        head = replace(part, **{field: ""}) if field and getattr(part, field) else part
        events.append(ir.Begin(self.index, self.part, head))
        self._say(part, events)

    def _say(self, part: ir.Part, events: list[Event]) -> None:
        """The text, or the arguments, of a part that has begun."""
        field = GROWS.get(type(part))
        text: str = getattr(part, field) if field else ""
        if text:
            if isinstance(part, ir.Text):
                self.told.keep(text)
            events.append(ir.Delta(self.index, self.part, text))

    def _close(self, events: list[Event]) -> None:
        if self.thinking is not None:
            events.append(ir.End(self.index, self.part))
            self.thinking = None

    def _piece(self, part: content.Part, at: At, events: list[Event]) -> bool:
        """Whether this is a piece of a call's arguments."""
        call = cast("content.FunctionCall", part.function_call)
        pieces, more = call.extra.get("partialArgs"), call.extra.get("willContinue")
        named = call.name is not UNSET and call.name != ""
        if self._call is None and pieces is None and more is None:
            return False
        if named:
            self._end_call(events)
            if pieces is None and more is None:
                return False
            plain = content.FunctionCall(call.name, call.args, call.id)
            head = read_part(replace(part, function_call=plain), at, self._report)
            self._call = _Call(cast("ir.ToolCall", head))
        if self._call is None:
            return False
        if pieces is not None:
            self._call.given = True
            for raw in elements(pieces):
                self._call.arguments.add(_PIECE.decode(bytes(raw)))
        if more is None or bytes(more) != b"true":
            self._end_call(events)
        return True

    def _end_call(self, events: list[Event]) -> None:
        if self._call is not None:
            call, self._call = self._call, None
            arguments = call.arguments.text() if call.given else call.head.arguments
            self._begin(replace(call.head, arguments=arguments), events)
            events.append(ir.End(self.index, self.part))


def _bare(body: content.Content | UnsetType) -> content.Content | UnsetType:
    """What a content holds besides its parts, where that is anything."""
    if body is UNSET or body.found is UNSET:
        return UNSET
    bare = content.Content(UNSET, "model")
    bare.found = body.found
    return bare
