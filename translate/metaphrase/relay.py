"""A stream that keeps its protocol: each chunk goes on as it came, but for the model's name.

Members that change from chunk to chunk, what ends an answer and where, spellings, empty pieces: whatever a client's own
vendor would have sent, it gets. Only how chunks are framed is the writer's: comments, names of events and blank lines
are no part of an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Raw, Struct

from .errors import EventError
from .ir import At, ChatRequest, Chunk, Done, Event, Failed, Failure
from .loss import Key, LossKind, Report
from .sse import one_line
from .wirejson import encode, members

_STILL_SO = frozenset(("stream.utf8", "stream.after_done"))
_QUOTE, _BRACE = 0x22, 0x7B
_text = msgspec.json.Decoder(str).decode


class Unheard(Report, kw_only=True):
    """The report of a reader whose chunks are passed on: what it could not read into the IR is not lost.

    ``heard`` is told what is lost all the same: bytes that are not UTF-8, and what stands behind the end.
    """

    heard: Report

    def add(
        self, kind: LossKind, at: At | None, key: Key | None, feature: str, codec: str, *why: Any, **more: Any
    ) -> None:
        """Pass it on, or forget it."""
        if feature in _STILL_SO:
            self.heard.add(kind, at, key, feature, codec, *why, **more)

    def lose(self, *_: Any, **__: Any) -> None:
        """Forget it."""

    def crossing(self, *_: Any, **__: Any) -> None:
        """Forget it: it does not cross."""

    def leftover(self, *_: Any, **__: Any) -> None:
        """Forget it: it goes where it is understood."""


class Form(Struct, frozen=True):
    """How one protocol writes a stream of events.

    ``after`` ends an event, ``end`` the stream. ``models``: the spellings of the member that names the model.
    ``error``: a type that fits only errors which the protocol's clients see as such; ``failure`` makes one of them.
    """

    codec: str
    after: bytes
    end: bytes
    models: tuple[str, ...]
    error: type[Struct]
    failure: Callable[[Failure, Report], Any]


class RelayWriter:
    """Satisfies ``metaphrase.codec.StreamWriter``, for the events of a relay: ``Chunk* (Done | Failed)``."""

    def __init__(self, form: Form, asked: ChatRequest | None, report: Report) -> None:
        self._form = form
        self._model = asked.model if asked is not None else ""
        self._report = report
        self._number = -1  # of the last chunk
        self._named = ""  # how the upstream called its model last

    def feed(self, event: Event) -> bytes:
        """The chunk, the error, or the end."""
        if type(event) is Chunk:
            self._number += 1
            return self._event(self._renamed(event.json) if self._model else event.json)
        if isinstance(event, Failed):
            return self._event(self._error(event.failure))
        if isinstance(event, Done):
            return self._form.end
        raise EventError("A relay has chunks, an end or a failure, and no other events")

    def close(self) -> bytes:
        """Done and Failed have said all."""
        return b""

    def _event(self, json: bytes) -> bytes:
        return b"data: " + one_line(json) + self._form.after

    def _renamed(self, json: bytes) -> bytes:
        """The chunk with the name by which the client knows the model. Where none stands, none is put."""
        found = members(json)
        changed = False
        for key in self._form.models:
            raw = found.get(key)
            name = _text(raw) if raw is not None and memoryview(raw)[0] == _QUOTE else ""
            if name and name != self._model:
                found[key] = Raw(encode(self._model))
                changed = True
                self._rename(name, key)
        return encode(found) if changed else json

    def _rename(self, name: str, key: str) -> None:
        if name != self._named:
            self._named = name
            at, why = At(None, self._number), "the name that the client asked for"
            self._report.add("approximated", at, key, "response.model", self._form.codec, why)

    def _error(self, failure: Failure) -> bytes:
        """What the server said, if its clients take it for an error; else the same as an error."""
        kept = (failure.spelling(self._form.codec, "message") or {}).get("body")
        if kept is not None:
            try:
                msgspec.json.decode(kept, type=self._form.error)
            except msgspec.ValidationError:
                pass  # an error in a form that others use
            else:
                return bytes(kept)
        written = encode(self._form.failure(failure, self._report))
        if kept is not None and memoryview(kept)[0] == _BRACE:
            self._report_beside(kept, written)
        return written

    def _report_beside(self, kept: Raw, written: bytes) -> None:
        """What stood in the chunk beside an error that clients do not see as one with it."""
        at, why = At(None, self._number + 1), "beside an error"
        for key in members(kept):
            if key != "error" and encode(key) not in written:
                self._report.add("dropped", at, key, "stream.error", self._form.codec, why)
