"""OpenAI's streams to events: https://platform.openai.com/docs/api-reference/chat-streaming, and what others send.

Usage, finish, identity and leftovers may stand in any chunk, or in several; they are held until the end. A clean end is
``[DONE]``, or a finish for every choice that has begun.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import replace

from metaphrase import ir, sse
from metaphrase.errors import ReadError
from metaphrase.failures import read_failure
from metaphrase.http import Response
from metaphrase.ir.node import At
from metaphrase.loss import Report
from metaphrase.refusal import says_error
from metaphrase.wirejson import checked, encode

from .. import keys
from ..leftovers import says_nothing
from ..names import CODEC
from ..options import Options
from ..read.answer import read_citations
from ..read.usage import read_usage
from ..wire_stream import Chunk
from .chunks import Chunks
from .pattern import Pattern, learn
from .read_choice import Choice
from .scene import Scene

_DONE = b"[DONE]"
_OBJECT = "chat.completion.chunk"
_WORDS = ("message", "detail", "errors")  # of an error that stands without a key of its own
_ASIDE = ("system_fingerprint", "provider", "obfuscation", "p")  # no part of the IR
_NO_ERROR = frozenset({b"null", b"{}", b'""', b"false", b"[]"})
_REPLACED = b"\xef\xbf\xbd"
_PATIENCE = 8  # patterns more than chunks that fitted one, until no more are made


class Reader:
    """Satisfies ``metaphrase.codec.StreamReader``. ``error``: why the stream could not be read, if it could not."""

    def __init__(self, report: Report, options: Options) -> None:
        report.keys = keys.STREAM
        self.error: ReadError | None = None
        self._report = report
        self._think_tags = options.read_think_tags
        self._sse = sse.Decoder()
        self._scene = Scene(report)
        self._chunks = Chunks()
        self._choices: dict[int, Choice] = {}
        self._ended = False  # cleanly, or with a failure
        self._done = False
        self._replaced = False  # bytes that are no UTF-8
        self._started = False
        self._id = ""
        self._model = ""
        self._object = _OBJECT
        self._named: set[str] = set()  # of id and model, what the source has said, if only ""
        self._created: int | None = None
        self._tier: tuple[str, At] | None = None
        self._usage: tuple[Raw, int] | None = None  # the last, and the number of its chunk
        self._cited: tuple[Raw, int] | None = None
        self._kept: dict[str, Raw] = {}
        self._pattern: Pattern | None = None
        self._tries = 0
        self._learned = 0  # the number of the chunk that the pattern was made of

    def feed(self, data: bytes) -> list[ir.Event]:
        """The events that these bytes complete."""
        if self._pattern is not None:
            one = self._sse.single(data)
            if one is not None:
                told = self._pattern.read(one)
                if told is None or self._sse.repaired:
                    return self._read([sse.Event("", one)])
                self._scene.number += 1
                return [told]
        return self._read(self._sse.feed(data))

    def close(self) -> list[ir.Event]:
        """The bytes have ended."""
        events = self._read(self._sse.close())
        if not self._ended:
            choices = self._choices.values()
            if choices and all(choice.finish is not None for choice in choices):
                self._end()
            else:
                self._fail(ir.Failure(502, "UNAVAILABLE", "The stream ended early"))
            events += self._taken()
        return events

    def _taken(self) -> list[ir.Event]:
        events = self._scene.events.copy()
        self._scene.events.clear()
        return events

    def _read(self, events: list[sse.Event]) -> list[ir.Event]:
        """What has come, and then the fault where there was one."""
        self._take(events)
        if self._sse.fault is not None and not self._ended:
            self._scene.number += 1
            self._broken(self._sse.fault)
        return self._taken()

    def _take(self, events: Sequence[sse.Event]) -> None:
        scene, repaired = self._scene, self._sse.repaired > 0
        for event in events:
            data = event.data
            if self._pattern is not None and not repaired and (told := self._pattern.read(data)) is not None:
                scene.number += 1
                scene.events.append(told)
                continue
            if self._ended:
                self._after(data)
                continue
            self._replaced = self._replaced or (repaired and _REPLACED in data)
            if event.name or event.stray or not data.startswith(b"{"):
                self._odd(event)
            else:
                self._chunk(data)

    def _odd(self, event: sse.Event) -> None:
        """What is no plain chunk: the end, an error, nothing at all."""
        data = event.data.strip()
        if data.startswith(_DONE):
            self._end()
        elif event.name == "error" or (data.startswith(b"[") and says_error(data)):
            self._scene.number += 1
            self._failed(data)
        elif data:
            self._chunk(data)

    def _after(self, data: bytes) -> None:
        """What stands behind a clean end is read by nobody, unless it is the end once more."""
        self._scene.number += 1
        if self._done and data.strip() and not data.startswith(_DONE):
            self._report.add("dropped", None, self._scene.number, "stream.after_done", CODEC, "After [DONE]")

    # --- chunks -----------------------------------------------------------------------------------------------------

    def _chunk(self, data: bytes) -> None:
        scene = self._scene
        scene.number += 1
        if self._pattern is not None:
            self._settle()
        events, scene.quiet = len(scene.events), True
        scene.changed.clear()
        try:
            doc = self._chunks.decode(checked(data))
            self._tell(doc, data)
            if len(scene.events) == events + 1 and scene.quiet and self._tries < _PATIENCE:
                self._learn(data, doc, scene.events[-1])
        except ReadError as error:
            self._broken(error)

    def _settle(self) -> None:
        """A chunk that the pattern does not fit."""
        assert self._pattern is not None  # noqa: S101 - whoever calls has looked
        self._pattern.settle()
        self._pattern = None
        self._tries = max(0, self._tries - (self._scene.number - self._learned - 1))

    def _learn(self, data: bytes, doc: Chunk, event: ir.Event) -> None:
        """Look for a pattern in a chunk that told one piece of a text, and nothing new besides."""
        if not isinstance(event, ir.Delta):
            return
        self._tries += 1
        self._learned = self._scene.number
        if self._choices[event.choice].tagged:
            return
        self._pattern = learn(data, doc, event, self._scene.changed)

    def _tell(self, doc: Chunk, data: bytes) -> None:
        """One chunk."""
        at = At(None, self._scene.number)
        error = doc.error is not UNSET and bytes(memoryview(doc.error)[:5]) not in _NO_ERROR
        choices = doc.choices
        if choices is UNSET and not error and _bare_error(doc):
            self._failed(data)
            return
        self._identify(doc, at, begin=bool(choices))
        if choices:
            above = At(at, "choices")
            for place, one in enumerate(choices):
                self._choice(place if one.index is UNSET else one.index).tell(one, At(above, place))
        if doc.usage is not UNSET and not says_nothing(doc.usage):
            self._usage = (doc.usage.copy(), self._scene.number)
        if isinstance(doc.service_tier, str):
            self._tier = (doc.service_tier, at)
        for key in _ASIDE:
            raw: Raw | UnsetType = getattr(doc, key)
            if raw is not UNSET:
                self._scene.keep(self._kept, {key: raw}, "chunk", at)
        if doc.found is not UNSET:
            self._rest(doc.extra, at)
        if error:
            self._failed(data)

    def _choice(self, index: int) -> Choice:
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = Choice(index, self._scene, think_tags=self._think_tags)
        return choice

    def _identify(self, doc: Chunk, at: At, *, begin: bool) -> None:
        """Id, model and time: the first that say something hold; Azure's first chunk is blank."""
        if self._started:
            if doc.id and doc.id != self._id:
                self._renamed(at, "id")
            if doc.model and doc.model != self._model:
                self._renamed(at, "model")
            if doc.created and doc.created != self._created:
                self._renamed(at, "created")
            if doc.object and doc.object != self._object:
                self._renamed(at, "object")
        else:
            self._id = doc.id or self._id
            self._model = doc.model or self._model
            self._named |= {key for key in ("id", "model") if getattr(doc, key) is not UNSET}
            if doc.created is not UNSET and (self._created is None or doc.created):
                self._created = doc.created
            if doc.object and doc.object != self._object:
                self._object = doc.object
                self._scene.leftover("chunk", at, "object")
            if self._id or begin:
                self._start()

    def _renamed(self, at: At, key: str) -> None:
        """One stream has one id, model, time and kind of object: the first ones."""
        self._scene.lost("stream.renamed", at, key, "the first chunk says otherwise")

    def _start(self) -> None:
        self._started = True
        at = At(None, max(0, self._scene.number))
        spelt = {key: ir.Spelling(CODEC, "", {}) for key in ("id", "model") if key not in self._named}
        if self._object != _OBJECT:
            spelt["origin"] = ir.Spelling(CODEC, CODEC, {"object": Raw(encode(self._object))})
        start = ir.Start(self._id, self._model, self._created, origin=CODEC, spelt=spelt or None, at=at)
        self._scene.events.append(start)

    def _rest(self, extra: dict[str, Raw], at: At) -> None:
        """Unknown members. Perplexity lists in each chunk what the whole answer cites: the last list counts."""
        cited = extra.get("citations")
        if cited is not None and not says_nothing(cited):
            self._cited = (cited.copy(), self._scene.number)
            self._kept["citations"] = self._cited[0]
        self._scene.keep(self._kept, {key: raw for key, raw in extra.items() if key != "citations"}, "chunk", at)

    # --- the end ----------------------------------------------------------------------------------------------------

    def _end(self) -> None:
        """A clean end."""
        try:
            self._conclude()
        except ReadError as error:
            self._broken(error)

    def _conclude(self) -> None:
        events = self._scene.events
        if self._replaced:
            self._report.add("repaired", None, (), "stream.utf8", CODEC, "Bytes that are no UTF-8, as U+FFFD")
        if self._pattern is not None:
            self._settle()
        if not self._started:
            self._start()
        self._tell_held()
        events.append(ir.Done())
        self._ended = self._done = True

    def _tell_held(self) -> None:
        """What was held until the end."""
        events = self._scene.events
        for choice in self._choices.values():
            choice.close()
        if self._cited is not None:
            self._cite(*self._cited)
        if self._kept or self._tier is not None:
            tier, at = self._tier or (None, None)
            events.append(ir.Extra(service_tier=tier, ext={CODEC: self._kept} if self._kept else None, at=at))
        for choice in self._choices.values():
            if choice.finish is None:
                self._report.add("defaulted", None, None, "finish.missing", CODEC, "The stream gave no reason")
            events.append(choice.finish or ir.Finished(choice.index, ir.Finish("stop", None, CODEC), choice.at))
        usage = self._counted()
        if usage is not None:
            events.append(ir.UsageSeen(usage))

    def _cite(self, raw: Raw, number: int) -> None:
        """The sources of the answer as a whole go to its first choice, as in a whole answer."""
        self._report.base = (number,)
        try:
            found = read_citations(raw, self._report)
        finally:
            self._report.base = ()
        at = At(At(None, number), "citations")
        placed = tuple([replace(one, at=At(at, one.at.key)) for one in found if one.at is not None])
        if self._choices:
            self._scene.events.append(ir.Extra(next(iter(self._choices)), placed))
        else:
            self._scene.leftover("chunk", at.up, "citations")

    def _counted(self) -> ir.Usage | None:
        """The counts, also where only choices say them (Moonshot). ``spelt`` keeps the vendor's own object for a writer
        of this protocol, and none where it stands in a choice.
        """
        found = None
        if self._usage is not None:
            raw, number = self._usage
            found = _spelt(read_usage(raw, self._report, At(At(None, number), "usage")), {"usage": raw})
        for raw, at in reversed(self._scene.counted.values()):
            if found is None:
                found = _spelt(read_usage(raw, self._report, At(at, "usage")), {})
            else:
                self._scene.leftover("choice", at, "usage")
        return found

    def _failed(self, data: bytes) -> None:
        """The server says that it failed."""
        self._report.base = (self._scene.number,)
        failure = read_failure(Response(200, (), data), CODEC, self._report)
        self._report.base = ()
        self._fail(failure)

    def _broken(self, error: ReadError) -> None:
        """A chunk that cannot be read. What was read before it has been told."""
        number = self._scene.number
        path = error.path if error.path.startswith("$[") else f"$[{number}]{error.path[1:]}"
        self.error = ReadError(error.message, path)
        self._fail(ir.Failure(502, "UNAVAILABLE", f"The upstream's stream cannot be read: {error.message}"))

    def _fail(self, failure: ir.Failure) -> None:
        self._pattern = None
        self._scene.events.append(ir.Failed(failure))
        self._ended = True


def _spelt(usage: ir.Usage, members: dict[str, Raw]) -> ir.Usage:
    return replace(usage, spelt={**(usage.spelt or {}), "ext": ir.Spelling(CODEC, None, members)})


def _bare_error(doc: Chunk) -> bool:
    """Mistral, Doubleword: an error's members without a key around them."""
    return doc.object == "error" or (doc.usage is UNSET and not doc.id and any(word in doc.extra for word in _WORDS))
