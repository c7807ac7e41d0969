"""Streamed `GenerateContentResponse` chunks to events.

The usual chunk brings a piece of text for one candidate and counters: a type of its own tells it from all others, and
it costs no node of the IR. Everything else is read by the functions that read whole answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import UNSET, Raw
from msgspec.structs import replace

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.http import Response
from metaphrase.ir import At, Event
from metaphrase.loss import Report
from metaphrase.wirejson import Document, encode, shallow
from metaphrase_gemini.failure import Failures
from metaphrase_gemini.leftovers import NULL
from metaphrase_gemini.places import within
from metaphrase_gemini.read.keys import RESPONSE
from metaphrase_gemini.read.response import read_envelope
from metaphrase_gemini.wire import response
from metaphrase_gemini.words import CODEC

from .candidate import Candidate, news
from .framing import Framing
from .plain import decoder, learned
from .strangers import Strangers

_CHUNK = Document(response.Chunk)
_USAGE = Document(response.UsageMetadata)
_EARLY = ir.Failure(502, "UNAVAILABLE", "The stream ended before its answer did")
_SHALLOW = 512  # bytes in which nothing can be nested too deeply for msgspec
_NOT_USUAL = (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Reader:
    """One stream. After a failure it says nothing more; ``error`` holds the fault where a chunk could not be read."""

    def __init__(self, report: Report) -> None:
        self.error: ReadError | None = None
        report.keys = RESPONSE
        self._report = report
        self._framing = Framing()
        self._single: Callable[[bytes], bytes | None] | None = None  # what finds the one event of a read
        self._tolerant = False
        self._usual = False  # the last chunk was
        self._decode = decoder()
        self._strangers = Strangers(report)
        self._number = 0
        self._ended = False
        self._candidates: dict[int, Candidate] = {}
        self._names: tuple[Any, Any, Any] | None = None  # model, id and time as the first chunk said them
        self._usage: Raw | None = None
        self._usage_number = 0
        self._blocked = False

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete."""
        events: list[Event] = []
        if self._single is not None:
            text = self._single(data)
            if text is not None:
                self._take(text, events)
                return events
        if self._ended:
            return events
        texts = self._framing.feed(data)
        self._single = self._framing.single
        self._take_all(texts, events)
        return events

    def close(self) -> list[Event]:
        """The end: what was held back comes out, or a failure where the stream was cut short."""
        events: list[Event] = []
        if self._ended:
            return events
        texts, whole = self._framing.close()
        self._take_all(texts, events)
        if self._ended:
            return events
        if not whole or not self._clean():
            self._fail(_EARLY, events)
        else:
            self._finish(events)
        return events

    def _take_all(self, texts: list[bytes], events: list[Event]) -> None:
        """The chunks that have come, and then the fault where there was one."""
        for text in texts:
            self._take(text, events)
        fault = self._framing.fault
        if fault is not None and not self._ended:
            self._unreadable(fault, events)

    def _take(self, text: bytes, events: list[Event]) -> None:
        """One chunk: the usual one at once, any other by `_chunk`."""
        if self._usual:
            try:
                chunk = self._decode(text if len(text) < _SHALLOW else shallow(text))
            except (*_NOT_USUAL, ReadError):
                self._usual = False
            else:
                one = chunk.candidates[0]
                part = one.content.parts[0]
                known = self._candidates.get(one.index)
                if (
                    known is not None
                    and known.thinking is part.thought
                    and self._names == (chunk.model_version, chunk.response_id, chunk.create_time)
                    and (not known.open or self._strangers.cover(known.open))
                    and (not self._strangers.known or self._strangers.same(chunk, one, known, self._number, events))
                ):
                    said = part.text
                    if said:
                        if not part.thought:
                            known.told.keep(said)
                        events.append(ir.Delta(one.index, known.part, said))
                    if chunk.usage_metadata is not UNSET:
                        self._usage, self._usage_number = chunk.usage_metadata, self._number
                    self._number += 1
                    return
        if self._ended:
            return
        try:
            self._chunk(text, events)
        except ReadError as error:
            self._unreadable(error, events)
        self._report.base = ()
        self._number += 1

    def _chunk(self, text: bytes, events: list[Event]) -> None:
        """Any chunk whatever."""
        body = self._read(text if len(text) < _SHALLOW else shallow(text))
        error = body.error is not UNSET and bytes(body.error) != bytes(NULL)
        self._beside(body, events, failed=error)
        if error:
            self._report.base = (self._number,)
            self._fail(_failure(body.error, text, self._report), events)
            return
        if body.usage_metadata is not UNSET:
            self._usage, self._usage_number = body.usage_metadata, self._number
        candidates = [] if body.candidates is UNSET else body.candidates
        unnumbered = all(candidate.index is UNSET for candidate in candidates)
        for i, candidate in enumerate(candidates):
            index = candidate.index if candidate.index is not UNSET else i if unnumbered else 0
            known = self._candidates.get(index)
            if known is None:
                known = self._candidates[index] = Candidate(index, self._report)
            known.take(candidate, self._number, i, events)
        self._usual = self._looks_usual(body)

    def _read(self, text: bytes) -> response.Chunk:
        """Strictly, until a usual chunk held what no schema knows: then every chunk does."""
        if self._tolerant:
            return _CHUNK.decode_tolerantly(text)
        return _CHUNK.decode(text)

    def _looks_usual(self, body: response.Chunk) -> bool:
        """Whether chunks like this one are worth a try as usual ones; unknown members on it are learned."""
        if body.candidates is UNSET or len(body.candidates) != 1:
            return False
        one = body.candidates[0]
        said = one.content
        if said is UNSET or said.parts is UNSET or len(said.parts) != 1 or said.parts[0].text is UNSET:
            return False
        met = (body, one, said, said.parts[0])
        self._tolerant = self._tolerant or any(node.found is not UNSET for node in met)
        if self._tolerant and self._strangers.room:
            names = learned(self._strangers.names, met)
            if names != self._strangers.names:
                self._strangers.know(names)
                self._decode = decoder(names)
        return True

    def _beside(self, body: response.Chunk, events: list[Event], *, failed: bool) -> None:
        """What stands beside the candidates: at the start all of it, later what differs."""
        names = (body.model_version, body.response_id, body.create_time)
        first = self._names is None
        if self._names is None:
            self._names = names
        elif names == self._names and body.found is UNSET and body.prompt_feedback is UNSET:
            return
        report, here = self._report, At(None, self._number)
        report.base = (self._number,)
        rest = read_envelope(_envelope(body), (), report)
        report.base = ()
        new = {} if rest.ext is None else news(self._strangers.said, rest.ext[CODEC])
        ext = {CODEC: new} if new else None
        if first:
            events.append(ir.Start(rest.id, rest.model, rest.created, ext, CODEC, rest.spelt, here))
        else:
            self._renamed(names)
        blocked = rest.blocked
        if blocked is not None:
            self._blocked = True
            safety = tuple([replace(one, at=within(self._number, one.at)) for one in blocked.safety])
            blocked = replace(blocked, at=within(self._number, blocked.at), safety=safety)
        if (blocked is not None or (ext is not None and not first)) and not failed:
            events.append(ir.Extra(blocked=blocked, ext=None if first else ext))

    def _renamed(self, names: tuple[Any, Any, Any]) -> None:
        """One stream has one id, model and time: the first ones."""
        for key, old, new in zip(("modelVersion", "responseId", "createTime"), self._names or (), names, strict=True):
            if new is not UNSET and new != old:
                self._report.add(
                    "dropped", At(None, self._number), key, "stream.renamed", CODEC, "the first chunk says otherwise"
                )

    def _clean(self) -> bool:
        """Whether every candidate has said why it ended, or the prompt's feedback says it for all of them."""
        found = self._candidates.values()
        return self._blocked or (bool(found) and all(one.finished for one in found))

    def _finish(self, events: list[Event]) -> None:
        try:
            self._tell_held(events)
        except ReadError as error:
            self._unreadable(error, events)
            return
        if self._framing.repaired:
            self._report.add("repaired", None, (), "stream.utf8", CODEC, "bytes that are not UTF-8 were replaced")
        self._end()
        events.append(ir.Done())

    def _tell_held(self, events: list[Event]) -> None:
        """What was held until the end."""
        report = self._report
        try:
            for _, candidate in sorted(self._candidates.items()):
                candidate.finish(events, blocked=self._blocked)
            if self._usage is not None:
                self._number = self._usage_number
                report.base = (self._usage_number,)
                rest = read_envelope(_counted(self._usage), (), report)
                if rest.service_tier is not None:
                    at = At(None, self._usage_number)
                    events.append(ir.Extra(service_tier=rest.service_tier, spelt=rest.spelt, at=at))
                if rest.usage is not None:
                    events.append(ir.UsageSeen(replace(rest.usage, at=within(self._usage_number, rest.usage.at))))
        finally:
            report.base = ()

    def _unreadable(self, error: ReadError, events: list[Event]) -> None:
        path = error.path if error.path.startswith("$[") else f"$[{self._number}]{error.path[1:]}"
        self.error = ReadError(error.message, path)
        self._fail(ir.Failure(502, "UNAVAILABLE", f"The upstream's stream cannot be read: {error.message}"), events)

    def _fail(self, failure: ir.Failure, events: list[Event]) -> None:
        self._end()
        events.append(ir.Failed(failure))

    def _end(self) -> None:
        self._strangers.report()
        self._ended, self._usual, self._single = True, False, None


def _envelope(body: response.Chunk) -> response.GenerateContentResponse:
    """A chunk as the whole answer that it would be without its candidates, its usage and its error."""
    created = UNSET if body.create_time is UNSET else Raw(encode(body.create_time))
    out = response.GenerateContentResponse(
        UNSET, UNSET, body.model_version, body.response_id, body.prompt_feedback, created
    )
    out.found = body.found
    return out


def _counted(usage: Raw) -> response.GenerateContentResponse:
    if bytes(usage) == bytes(NULL):
        return response.GenerateContentResponse()
    try:
        return response.GenerateContentResponse(usage_metadata=_USAGE.decode(bytes(usage)))
    except ReadError as error:
        raise ReadError(error.message, "$.usageMetadata" + error.path[1:]) from None


def _failure(raw: Any, text: bytes, report: Report) -> ir.Failure:
    """An error object in the stream, as the error answer that it would have been."""
    status = 500
    try:
        code = msgspec.json.decode(raw).get("code")
        status = code if isinstance(code, int) and 400 <= code < 600 else 500
    except (AttributeError, msgspec.DecodeError):
        pass
    return Failures().read(Response(status, (), text), report)
