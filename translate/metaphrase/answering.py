"""What becomes of an upstream's answer: a whole one or a stream, whatever was asked for and whatever comes.

==============  =========================  ==========================================================
asked for       what comes                 what the client gets
==============  =========================  ==========================================================
a stream        a stream                   a stream, event by event
a stream        a whole answer             a stream, made at the end of it
a stream        an error with status 200   an error event: the head has already promised a stream
a whole answer  a whole answer             a whole answer
a whole answer  a stream                   a whole answer, folded
anything        an error status            an error answer
==============  =========================  ==========================================================
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from msgspec.structs import replace

from .body import checked
from .call import Call, ChatCall, proven
from .errors import MetaphraseError, ReadError
from .fold import Fold, unfold
from .guard import returning
from .http import Headers, Response
from .ir import Choice, Failed, Failure, Finish
from .loss import Loss, Report
from .reencoder import Reencoder
from .refusal import bad_answer, says_error, upstream_failure, write_failure

_EVENTS = "text/event-stream"
JSON: Headers = (("content-type", "application/json"),)
EVENTS: Headers = (("content-type", _EVENTS),)

_SPACE = b" \t\r\n"
_OBJECT = (b"{", b"\xef\xbb\xbf{")
_EVENT_STARTS = (b"data:", b"event:", b":", b"id:", b"retry:")


class Answer(Protocol):
    """An answer on its way. ``head`` is final once the answer is a stream, or has been closed."""

    streams: ClassVar[bool]  # what the client gets

    @property
    def head(self) -> Response: ...
    @property
    def failure(self) -> Failure | None: ...
    @property
    def losses(self) -> tuple[Loss, ...]: ...
    def feed(self, data: bytes) -> bytes: ...
    def close(self) -> bytes: ...
    def abort(self, failure: Failure) -> bytes: ...


def answer_to(call: Call, wire: Response, largest: int, *, streams: bool) -> Answer:
    """What is to become of the answer that begins with this head. ``streams``: a stream was asked for."""
    kind = _content_type(wire)
    if not 200 <= wire.status < 300 or kind.startswith("text/html"):
        return Refused(call, wire, largest)
    if streams and isinstance(call, ChatCall):
        return Streamed(call, wire, largest)
    return Whole(call, wire, largest)


class Collected:
    """An answer that is read whole before anything is said."""

    streams: ClassVar[bool] = False

    def __init__(self, call: Call, wire: Response, largest: int) -> None:
        self.failure: Failure | None = None
        self._said: Response | None = None
        self._between = call.between
        self._call = call
        self._wire = wire
        self._largest = largest
        self._pieces: list[bytes] = []
        self._size = 0
        self._report = Report()

    @property
    def head(self) -> Response:
        """A guess, until something is said."""
        return self._said or Response(200, returning(JSON, self._wire.headers))

    @property
    def losses(self) -> tuple[Loss, ...]:
        """The losses so far."""
        self._report.settle(self._between.client.name)
        return self._report.losses

    def feed(self, data: bytes) -> bytes:
        """Keep it. Nothing is said before the end."""
        self._size += len(data)
        if self._size > self._largest:
            self._pieces.clear()
        else:
            self._pieces.append(data)
        return b""

    def abort(self, failure: Failure) -> bytes:
        """The upstream died: an error answer."""
        self.failure = failure
        return self._say(write_failure(self._between.client, failure, self._report))

    def _collected(self) -> Response:
        """The upstream's whole answer, proven to be UTF-8 and not too deep."""
        if self._size > self._largest:
            raise ReadError(f"An answer of more than {self._largest} bytes")
        body = proven(self._call, self._between.upstream, b"".join(self._pieces))
        return Response(self._wire.status, self._wire.headers, body)

    def _unread(self, error: MetaphraseError) -> Failure:
        """Why there is no answer: the upstream says so with a status 200, or it says what nobody understands."""
        body = b"".join(self._pieces)
        if says_error(body):
            return _error(upstream_failure(self._between.upstream, replace(self._wire, body=body), self._report))
        return bad_answer(f"The upstream's answer cannot be translated: {error}")

    def _say(self, response: Response) -> bytes:
        self._said = Response(response.status, returning(typed(response), self._wire.headers))
        return response.body


class Refused(Collected):
    """The upstream's status says that it is an error, or it sent a page of HTML. ``head`` is a guess until the end."""

    def __init__(self, call: Call, wire: Response, largest: int) -> None:
        super().__init__(call, wire, largest)
        self._say(write_failure(self._between.client, self._read(b"", Report()), Report()))

    def close(self) -> bytes:
        """The client's error answer."""
        return self.abort(self._read(b"".join(self._pieces), self._report))

    def _read(self, body: bytes, report: Report) -> Failure:
        return _error(upstream_failure(self._between.upstream, replace(self._wire, body=body), report))


class Whole(Collected):
    """A whole answer was asked for; a stream is folded into one."""

    def close(self) -> bytes:
        """The client's whole answer, or its error answer."""
        try:
            wire = self._collected()
            if isinstance(self._call, ChatCall) and _is_stream(wire):
                answer = self._folded(self._call, checked(wire.body))  # readers of streams prove less
            else:
                answer = self._call.answer(wire, self._report)
        except MetaphraseError as error:
            return self.abort(self._unread(error))
        return self.abort(answer) if isinstance(answer, Failure) else self._say(answer)

    def _folded(self, call: ChatCall, body: bytes) -> Response | Failure:
        reader = self._between.upstream.streaming().reader(self._report)
        fold = Fold()
        for event in [*reader.feed(body), *reader.close()]:
            fold.feed(event)
        if fold.failure is not None:
            return _error(fold.failure)
        return call.write_answer(call.question().on_response(fold.response(), self._report), self._report)


class Streamed:
    """A stream was asked for. Whether one comes is known with its first byte."""

    streams: ClassVar[bool] = True

    def __init__(self, call: ChatCall, wire: Response, largest: int) -> None:
        routes = call.between.client.routes
        headers = EVENTS if routes is None else routes.stream_headers(call.asked)
        self.head = Response(200, returning(headers, wire.headers))
        self._call = call
        self._wire = wire
        self._largest = largest
        self._inner: Reencoder | Unfolded | None = None

    @property
    def failure(self) -> Failure | None:
        """Why the stream ended, if it did not end well."""
        return None if self._inner is None else self._inner.failure

    @property
    def losses(self) -> tuple[Loss, ...]:
        """The losses so far."""
        return () if self._inner is None else self._inner.losses

    def feed(self, data: bytes) -> bytes:
        """What goes to the client now."""
        if self._inner is None:
            data = data.lstrip(_SPACE)
            if not data:
                return b""
            self._inner = self._opened(data)
        return self._inner.feed(data)

    def close(self) -> bytes:
        """The end of the client's stream: an error where the upstream's was none."""
        self._inner = self._inner or self._reencoder()
        return self._inner.close()

    def abort(self, failure: Failure) -> bytes:
        """The client's error event; nothing follows it."""
        self._inner = self._inner or self._reencoder()
        return self._inner.abort(failure)

    def _opened(self, data: bytes) -> Reencoder | Unfolded:
        if data.startswith(_OBJECT) and not _content_type(self._wire).startswith(_EVENTS):
            return Unfolded(self._call, self._wire, self._largest)
        return self._reencoder()

    def _reencoder(self) -> Reencoder:
        between = self._call.between
        return Reencoder(
            between.upstream,
            between.client,
            asked=self._call.question().asked,
            now=between.now,
            seed=between.seed,
        )


class Unfolded(Collected):
    """A stream was asked for, and a whole answer comes: the client's stream is made at its end."""

    def __init__(self, call: ChatCall, wire: Response, largest: int) -> None:
        super().__init__(call, wire, largest)
        self._chat = call
        self._writer = self._between.client.streaming().writer(call.asked, self._report)

    def close(self) -> bytes:
        """The client's whole stream."""
        try:
            chat = self._chat.read_answer(self._collected(), self._report)
        except MetaphraseError as error:
            return self.abort(self._unread(error))
        events = unfold(replace(chat, choices=tuple([self._ended(choice) for choice in chat.choices])))
        try:
            return b"".join([self._writer.feed(event) for event in events]) + self._writer.close()
        except MetaphraseError as error:
            return self.abort(bad_answer(f"The upstream's answer cannot be written: {error.message}"))

    def abort(self, failure: Failure) -> bytes:
        """The client's error event, and nothing else."""
        self.failure = failure
        return self._writer.feed(Failed(failure)) + self._writer.close()

    def _ended(self, choice: Choice) -> Choice:
        """A whole answer is at its end even where the server forgot to say so; a stream has to say it."""
        if choice.finish is not None:
            return choice
        self._report.lose("defaulted", choice, "finish", "finish.reason", self._between.client.name)
        return replace(choice, finish=Finish("stop"))


def typed(response: Response) -> Headers:
    """The headers of a whole answer: it is JSON, unless its codec says another thing."""
    return response.headers if response.header("content-type") is not None else (*response.headers, *JSON)


def _content_type(wire: Response) -> str:
    return (wire.header("content-type") or "").strip().lower()


def _is_stream(wire: Response) -> bool:
    """Whether a stream came in the place of a whole answer: events, or an array of pieces of an answer."""
    body = wire.body.lstrip(_SPACE)
    if _content_type(wire).startswith(_EVENTS) or body.startswith(_EVENT_STARTS):
        return True
    return body.startswith(b"[") and not says_error(body)


def _error(failure: Failure) -> Failure:
    """The failure with a status that says error."""
    return failure if 400 <= failure.status <= 599 else replace(failure, status=502)
