"""One call as a whole (``Exchange``), as a machine of values: whole HTTP messages in and out, no sockets."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from .answering import Answer, answer_to, typed
from .call import CALLS, Between, Call, ChatCall, proven
from .codec import Codec, Operation
from .defaults import Defaults
from .errors import MetaphraseError, RouteError
from .guard import checked_key, crossing, outgoing, returning
from .http import Headers, Request, Response
from .ir import Failure
from .loss import Loss, Report
from .query import report_unread
from .refusal import OnLoss, enforce, failure_of, write_failure
from .registry import resolve

LARGEST = 256 * 1024 * 1024  # bytes of an answer that has to be read whole


class Exchange:
    """One call from the client's request to the last byte of its answer.

    ::

        request -> (needs, supply)* -> begin | head -> feed* -> close | abort

    ``request`` gives the upstream's request, or None while ``needs`` is not empty. What cannot be read or written is a
    MetaphraseError (ReadError, WriteError, LossRefused), and ``refuse`` makes the client's error answer of it, as it
    does of a Failure before the upstream has answered. From ``begin`` on nothing raises: the answer itself becomes the
    client's error.

    ``key``: the upstream's key, in place of the client's own. ``models``: the upstream's names of models by those that
    the client uses; under "" the model for requests that name none. ``now``: Unix seconds; ``seed``: an id for answers
    that bring none. ``on_loss``: what to refuse before anything is sent. ``largest``: bytes of an answer that has to be
    read whole. ``defaults``: settings for chat requests that do not say them.
    """

    def __init__(
        self,
        client: str | Codec,
        upstream: str | Codec,
        *,
        now: float = 0,
        seed: str = "",
        key: str | None = None,
        models: Mapping[str, str] | None = None,
        on_loss: OnLoss = "report",
        largest: int = LARGEST,
        defaults: Defaults | None = None,
    ) -> None:
        self._between = Between(resolve(client), resolve(upstream), models or {}, now, seed, defaults)
        self._key = key
        self._on_loss: OnLoss = on_loss
        self._largest = largest
        self._report = Report()
        self._call: Call | None = None
        self._wire = Request()
        self._missing: dict[str, tuple[bytes, str] | None] = {}
        self._sent = False
        self._answer: Answer | None = None
        self._head: Response | None = None
        self._closed = False
        self._failure: Failure | None = None
        self.operation: Operation | None = None
        self.streams = False  # whether the client asked for a stream

    # --- the request ------------------------------------------------------------------------------------------

    def request(self, wire: Request) -> Request | None:
        """The upstream's request; None while something is needed. Raises MetaphraseError."""
        if self._call is not None:
            raise MetaphraseError("An exchange is one call: make another one")
        self.operation = self._recognise(wire)
        call = self._call = CALLS[self.operation](self._between)
        self._wire = replace(wire, body=proven(call, self._between.client, wire.body))
        call.read(self._wire, self._report)
        if "?" in wire.target:
            self._unread(wire.target)
        if isinstance(call, ChatCall):
            self.streams = call.asked.stream
            call.check()
            self._missing = dict.fromkeys(call.needs)
        return None if self._missing else self._write(call)

    @property
    def needs(self) -> tuple[str, ...]:
        """The addresses that the caller must fetch, and ``supply``, before there is a request."""
        return tuple([url for url, found in self._missing.items() if found is None])

    def supply(self, url: str, data: bytes, mime: str) -> Request | None:
        """What was found at one of the ``needs``; the last one gives the request."""
        if url not in self.needs or not isinstance(self._call, ChatCall):
            raise MetaphraseError("This address is not needed")
        self._missing[url] = data, mime
        if self.needs:
            return None
        fetched = {address: found for address, found in self._missing.items() if found is not None}
        self._missing = {}
        self._call.supply(fetched, self._report)
        return self._write(self._call)

    def refuse(self, error: MetaphraseError | Failure) -> Response:
        """The client's error answer, where the request is not sent or nothing comes back."""
        failure = error if isinstance(error, Failure) else failure_of(error)
        said = write_failure(self._between.client, failure, Report())
        headers = returning(typed(said))
        self._head, self._failure, self._closed = Response(said.status, headers), failure, True
        return Response(said.status, headers, said.body)

    def _recognise(self, wire: Request) -> Operation:
        recognise = self._between.client.recognise
        if recognise is None:
            raise MetaphraseError(f"The codec {self._between.client.name!r} does not serve clients")
        operation = recognise(wire)
        if operation is None:
            raise RouteError("This protocol has no operation of this method at this address")
        return operation

    def _unread(self, target: str) -> None:
        """Report what the address says and nobody reads."""
        routes = self._between.client.routes
        if routes is not None:
            report_unread(target, routes.query, self._between.upstream.name, self._report)

    def _write(self, call: Call) -> Request:
        between = self._between
        written = call.write(self._report)
        self._report.settle(between.upstream.name)
        if self._on_loss != "report":
            enforce(self._report.losses, self._on_loss)
        request = outgoing(written, (*self._headers(written), *self._credentials()))
        self._sent = True
        return request

    def _headers(self, written: Request) -> Headers:
        routes = self._between.upstream.routes
        own = routes.headers if routes is not None and self._between.same else ()
        accept = "text/event-stream" if self.streams else "application/json"
        content: Headers = (("content-type", "application/json"),) if written.body else ()
        return (*content, ("accept", accept), *crossing(self._wire.headers, own))

    def _credentials(self) -> Headers:
        routes, credentials = self._between.client.routes, self._between.upstream.credentials
        key = self._key
        if key is None and routes is not None:
            key = routes.key(self._wire)
        return () if key is None or credentials is None else credentials(checked_key(key))

    # --- the answer -------------------------------------------------------------------------------------------

    def begin(self, wire: Response) -> bool:
        """The upstream's status and headers have come, ``wire`` without its body. Whether the client gets a stream:
        ``answered`` is final then. Any other answer is only understood at its end, after ``close``.
        """
        if self._call is None or not self._sent or self._answer is not None:
            raise MetaphraseError("An answer comes once, after the request")
        self._answer = answer_to(self._call, wire, self._largest, streams=self.streams)
        return self._answer.streams

    def head(self, wire: Response) -> Response:
        """The same, for the client's status and headers as they are known now: final, if it gets a stream."""
        self.begin(wire)
        return self._answering().head

    @property
    def answered(self) -> Response | None:
        """The client's status and headers as they are known now; None before there are any."""
        return self._head if self._answer is None else self._answer.head

    @property
    def streaming(self) -> bool:
        """Whether what the client gets is a stream: its head is final, and its bytes are for sending on at once."""
        return self._answer is not None and self._answer.streams

    def feed(self, data: bytes) -> bytes:
        """What goes to the client now."""
        return self._answering().feed(data) if not self._closed else b""

    def close(self) -> bytes:
        """The upstream's body has ended: what is left goes out, and an error where it was cut short."""
        answer = self._answering()
        if self._closed:
            return b""
        self._closed = True
        return answer.close()

    def abort(self, failure: Failure) -> bytes:
        """The upstream died: the client's error, as an event where a stream has begun, else as a body."""
        if self._closed:
            return b""
        if self._answer is None:
            return self.refuse(failure).body
        self._closed = True
        return self._answer.abort(failure)

    def response(self, wire: Response) -> Response:
        """A whole answer in one step: ``begin``, ``feed`` and ``close``."""
        self.begin(wire)
        body = self.feed(wire.body) + self.close()
        return replace(self._answering().head, body=body)

    @property
    def failure(self) -> Failure | None:
        """What went wrong, if something did."""
        return self._failure if self._answer is None else self._answer.failure

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What was lost so far: of the request, then of the answer."""
        answered = self._answer.losses if self._answer is not None else ()
        return (*self._report.losses, *answered)

    def _answering(self) -> Answer:
        if self._answer is None:
            raise MetaphraseError("The head of the answer comes first")
        return self._answer
