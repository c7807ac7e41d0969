"""One streamed answer from one protocol to another, or to its own, as it arrives."""

from __future__ import annotations

from msgspec.structs import replace

from .answer import question
from .codec import Codec
from .errors import ReadError, WriteError
from .http import Request
from .ir import ChatRequest, Chunk, Delta, Event, Failed, Failure
from .loss import MOST_OF_A_STREAM, Loss, Report
from .registry import resolve
from .wirejson import checked

_PLAIN = (Delta, Chunk)  # events that owe nothing to their question


class Reencoder:
    """Re-encodes one stream: ``feed`` bytes as they come, then ``close``; or ``abort`` where the upstream died.

    From a protocol to itself each chunk goes on as it came, but for the model's name, which is the one in ``asked``.

    ``asked``: the client's request, in the target's protocol. ``include_usage``: an OpenAI client wants the usage
    chunk, even if ``asked`` does not say so. ``now``: Unix seconds for ``created``; ``seed``: an id for streams that
    bring none. What cannot be read or written becomes the target's error event, and nothing follows it: ``failure``
    is then what the client was told, ``error`` the fault, where one was found. Bounded in memory.
    """

    def __init__(
        self,
        source: str | Codec,
        target: str | Codec,
        *,
        asked: bytes | ChatRequest | None = None,
        include_usage: bool = False,
        now: float = 0,
        seed: str = "",
    ) -> None:
        reading, self._target = resolve(source), resolve(target)
        if isinstance(asked, bytes):
            wire = Request("POST", "", (), checked(asked))
            asked = self._target.chatting().read_request(wire, Report())
        self._question = question(asked, reading, self._target, now, seed)
        self.report = Report(most=MOST_OF_A_STREAM)
        wish = asked if asked is not None else ChatRequest(())
        if include_usage and not wish.include_usage:
            wish = replace(wish, include_usage=True)
        if self._target.relay is not None and reading.name == self._target.name:
            self._reader, self._writer = self._target.relay(wish, self.report)
        else:
            self._reader = reading.streaming().reader(self.report)
            self._writer = self._target.streaming().writer(wish, self.report)
        self._ended = False
        self.error: ReadError | WriteError | None = None
        self.failure: Failure | None = None

    def feed(self, data: bytes) -> bytes:
        """What goes to the client now. After the end, or a failure, nothing does."""
        if self._ended:
            return b""
        try:
            events = self._reader.feed(data)
        except ReadError as error:
            return self._unreadable(error)
        return self._write(events)

    def close(self) -> bytes:
        """The upstream's bytes have ended: what is left goes out, and an error where the stream was cut short."""
        if self._ended:
            return b""
        try:
            events = self._reader.close()
        except ReadError as error:
            return self._unreadable(error)
        return self._write(events) + self._end()

    def abort(self, failure: Failure) -> bytes:
        """The upstream died: the client gets its protocol's error event, never an end that looks clean."""
        if self._ended:
            return b""
        return self._write([Failed(failure)]) + self._end()

    @property
    def losses(self) -> tuple[Loss, ...]:
        """The losses so far."""
        self.report.settle(self._target.name)
        return self.report.losses

    def _write(self, events: list[Event]) -> bytes:
        write = self._writer.feed
        out: list[bytes] = []
        try:
            if len(events) == 1 and type(events[0]) in _PLAIN:  # nearly always
                return write(events[0])
            for event in events:  # what has been written before a fault is kept
                out.append(write(event if type(event) in _PLAIN else self._question.on_event(event, self.report)))  # noqa: PERF401 - kept on a fault
        except WriteError as error:
            self.error = error
            failed = Failed(Failure(502, "UNAVAILABLE", f"The upstream's stream cannot be written: {error.message}"))
            events = [failed]
            out.append(write(failed))
        if events and isinstance(events[-1], Failed):
            self.failure = events[-1].failure
            self.error = self.error or self._reader.error
            out.append(self._end())
        return b"".join(out)

    def _unreadable(self, error: ReadError) -> bytes:
        self.error = error
        return self.abort(Failure(502, "UNAVAILABLE", f"The upstream's stream cannot be read: {error.message}"))

    def _end(self) -> bytes:
        if self._ended:
            return b""
        self._ended = True
        return self._writer.close()
