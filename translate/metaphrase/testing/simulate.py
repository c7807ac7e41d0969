"""An upstream as a machine of values: a request in, an answer out, no sockets.

>>> upstream = Simulated("gemini", echo)                           # doctest: +SKIP
>>> upstream(Request("POST", "/v1beta/models/gemini-3-flash:generateContent", (), body)).response()  # doctest: +SKIP

What it answers is a behaviour: ``echo``, ``script`` or ``replay``, and the faults ``failing``, ``cut``, ``stall`` and
``garbage``, which spoil another behaviour. It speaks through its codec; whether it takes a request at all is decided
before, by code that shares nothing with any codec (``strict_gemini``, ``strict_openai``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ..codec import Codec, Operation
from ..fold import unfold
from ..http import Headers, Request, Response
from ..ir import ChatRequest, ChatResponse, Delta, Event, Failed, Failure
from ..loss import Report
from ..refusal import write_failure
from ..registry import resolve
from . import strict_gemini, strict_openai
from .objection import Objection

JSON: Headers = (("content-type", "application/json"),)
PIECE = 16  # characters of one delta in a simulated stream

STRICT: Mapping[str, Callable[[str, bytes], Objection | None]] = {
    "gemini": strict_gemini.objection,
    "openai": strict_openai.objection,
}
"""What each vendor refuses, by codec."""


class Reply(Struct, frozen=True):
    """An answer in the pieces in which it arrives. ``ending``: the body ends, the connection breaks, or nothing comes
    any more.
    """

    status: int = 200
    headers: Headers = JSON
    chunks: tuple[bytes, ...] = ()
    ending: Literal["clean", "cut", "stall"] = "clean"

    def response(self) -> Response:
        """The same in one piece."""
        return Response(self.status, self.headers, b"".join(self.chunks))


class Asked(Struct, frozen=True):
    """What a behaviour is asked: the upstream's codec, the operation, the request."""

    codec: Codec
    operation: Operation
    request: Request

    def chat(self) -> ChatRequest:
        """The chat request, read."""
        return self.codec.chatting().read_request(self.request, Report())


Behaviour = Callable[[Asked], Reply]


class Simulated:
    """An upstream. ``strict``: it refuses what its vendor would refuse. ``requests`` are those that it was sent."""

    def __init__(self, codec: str | Codec, behave: Behaviour, *, strict: bool = True) -> None:
        self.codec = resolve(codec)
        self.requests: list[Request] = []
        self._behave = behave
        self._check = STRICT.get(self.codec.name) if strict else None

    def __call__(self, request: Request) -> Reply:
        """Its answer to one request."""
        self.requests.append(request)
        operation = None if self.codec.recognise is None else self.codec.recognise(request)
        if operation is None:
            return failure_reply(self.codec, Failure(404, "NOT_FOUND", "There is nothing at this address"))
        if self._check is not None and request.method == "POST" and operation != "tokens":
            objection = self._check(request.target, request.body)
            if objection is not None:
                return Reply(objection.status, JSON, (msgspec.json.encode(objection.body),))
        return self._behave(Asked(self.codec, operation, request))


def failure_reply(codec: Codec, failure: Failure) -> Reply:
    """An error answer in this protocol."""
    return whole(write_failure(codec, failure, Report()))


def whole(response: Response) -> Reply:
    """A whole answer as a reply."""
    return Reply(response.status, response.headers or JSON, (response.body,))


def say(asked: Asked, answer: ChatResponse, piece: int = PIECE) -> Reply:
    """Put an answer in the upstream's protocol: a stream if one was asked for, in deltas of so many characters."""
    chat = asked.chat()
    if asked.operation != "chat.stream":
        return whole(asked.codec.chatting().write_response(answer, chat, Report()))
    writer = asked.codec.streaming().writer(chat, Report())
    chunks = [writer.feed(event) for event in _in_pieces(unfold(answer), piece)]
    routes = asked.codec.routes
    headers = (("content-type", "text/event-stream"),) if routes is None else routes.stream_headers(chat)
    return Reply(200, headers, tuple([chunk for chunk in [*chunks, writer.close()] if chunk]))


def _in_pieces(events: Iterator[Event], piece: int) -> Iterator[Event]:
    for event in events:
        if isinstance(event, Delta):
            for start in range(0, len(event.text), piece):
                yield replace(event, text=event.text[start : start + piece])
        else:
            yield event


# --- scripts and faults ------------------------------------------------------------------------------------------

Scripted = ChatResponse | Failure | Response | Reply | Behaviour


def script(answers: Sequence[Scripted]) -> Behaviour:
    """One answer after another; when they are used up, an error answer."""
    left = list(answers)

    def behave(asked: Asked) -> Reply:
        if not left:
            return failure_reply(asked.codec, Failure(500, "INTERNAL", "The script has ended"))
        return _scripted(left.pop(0), asked)

    return behave


def _scripted(answer: Scripted, asked: Asked) -> Reply:
    if isinstance(answer, ChatResponse):
        return say(asked, answer)
    if isinstance(answer, Failure):
        return failure_reply(asked.codec, answer)
    if isinstance(answer, Response):
        return whole(answer)
    return answer if isinstance(answer, Reply) else answer(asked)


def failing(failure: Failure, after: int | None = None, behave: Behaviour | None = None) -> Behaviour:
    """Answer with an error: at once, or as an event in the stream of another behaviour, after so many chunks of it."""

    def failed(asked: Asked) -> Reply:
        if behave is None or asked.operation != "chat.stream":
            return failure_reply(asked.codec, failure)
        reply = behave(asked)
        writer = asked.codec.streaming().writer(asked.chat(), Report())
        event = writer.feed(Failed(failure)) + writer.close()
        return replace(reply, chunks=(*reply.chunks[: after or 0], event))

    return failed


def cut(behave: Behaviour, after: int) -> Behaviour:
    """The connection breaks after so many chunks."""
    return lambda asked: _shortened(behave(asked), after, "cut")


def stall(behave: Behaviour, after: int) -> Behaviour:
    """Nothing comes any more after so many chunks."""
    return lambda asked: _shortened(behave(asked), after, "stall")


def early(behave: Behaviour, after: int) -> Behaviour:
    """The body ends after so many chunks as if that were all."""
    return lambda asked: _shortened(behave(asked), after, "clean")


def _shortened(reply: Reply, after: int, ending: Literal["clean", "cut", "stall"]) -> Reply:
    return replace(reply, chunks=reply.chunks[:after], ending=ending)


def garbage(behave: Behaviour, after: int, junk: bytes = b'data: {"\x00\xff\n\n') -> Behaviour:
    """These bytes, in the place of what comes after so many chunks."""

    def spoilt(asked: Asked) -> Reply:
        reply = behave(asked)
        return replace(reply, chunks=(*reply.chunks[:after], junk))

    return spoilt
