"""One kind of call between two codecs: what goes to the upstream, and what its whole answer is to the client."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from .aliases import aliased
from .answer import Question, question
from .body import checked, opened
from .codec import Codec, Operation, Page
from .defaults import Defaults
from .errors import MetaphraseError, ReadError
from .guard import checked_model
from .http import Request, Response
from .ir import ChatRequest, ChatResponse, EmbeddingRequest, Inline, Media, Message, Part, TokenRequest, ToolResult, Uri
from .ir.content import MediaKind
from .loss import Report

T = TypeVar("T")


class Between(Struct, frozen=True):
    """Who speaks with whom. ``models``: the upstream's names of models by the client's, where they differ; under "" the
    model for requests that name none. ``defaults``: what chat requests are given where they say nothing.
    """

    client: Codec
    upstream: Codec
    models: Mapping[str, str] = {}
    now: float = 0
    seed: str = ""
    defaults: Defaults | None = None

    @property
    def same(self) -> bool:
        """Whether both speak one protocol."""
        return self.client.name == self.upstream.name

    def model(self, wire: Request, said: str | None) -> tuple[str, str]:
        """The model as the client calls it, and as the upstream does. A ReadError if it names none."""
        routes = self.client.routes
        asked = said or (routes.model(wire) if routes is not None else None)
        if not asked:
            asked = self.models.get("")
            if asked is None:
                raise ReadError("The request names no model", "$.model")
        sent = self.models.get(asked)
        return checked_model(asked), asked if sent is None else checked_model(sent)


class Call(Protocol):
    """One call: ``read`` the client's request, ``write`` the upstream's; ``answer`` translates a whole answer."""

    @property
    def between(self) -> Between: ...
    def read(self, wire: Request, report: Report) -> None: ...
    def write(self, report: Report) -> Request: ...
    def answer(self, wire: Response, report: Report) -> Response: ...


def proven(call: Call, reader: Codec, body: bytes) -> bytes:
    """A document without its byte order mark, for the reader to which it goes: proven to be UTF-8 and not too deep,
    unless that reader proves it on its own. Else a ReadError.
    """
    return opened(body) if reader.proves and isinstance(call, ChatCall) else checked(body)


class ChatCall:
    """A chat request, whose answer may be a stream."""

    def __init__(self, between: Between) -> None:
        self.between = between
        self.asked = ChatRequest(())
        self._sent = self.asked

    def read(self, wire: Request, report: Report) -> None:
        """Read the client's request; ``write`` sends it under the upstream's name of the model, to its own address."""
        asked = self.between.client.chatting().read_request(wire, report)
        model, sent = self.between.model(wire, asked.model)
        self.asked = asked if asked.model == model else replace(asked, model=model)
        self._sent = replace(self.asked, model=sent, target="")
        if self.between.defaults is not None:
            self._sent = self.between.defaults.fill(self._sent, report)

    def check(self) -> None:
        """A MetaphraseError where a stream is asked for, and one of the two has none: after this, none can come up."""
        if self.asked.stream:
            self.between.client.streaming()
            self.between.upstream.streaming()

    @property
    def needs(self) -> tuple[str, ...]:
        """The addresses that the upstream's codec wants to have fetched."""
        needs = self.between.upstream.needs
        return () if needs is None else tuple(dict.fromkeys(needs(self._sent)))

    def supply(self, fetched: Mapping[str, tuple[bytes, str]], report: Report) -> None:
        """Put what was fetched in the place of its addresses."""
        supply = _Supply(fetched, self.between.upstream.name, report)
        self._sent = replace(self._sent, messages=tuple([supply.message(one) for one in self._sent.messages]))

    def write(self, report: Report) -> Request:
        """The upstream's request."""
        return self.between.upstream.chatting().write_request(self._sent, report)

    def question(self) -> Question:
        """What the answer owes to the question. One protocol on both sides: the upstream's name of the model stands."""
        between = self.between
        renamed = self._sent.model != self.asked.model
        asked = self.asked if renamed or not between.same else replace(self.asked, model=None)
        return question(asked, between.upstream, between.client, between.now, between.seed)

    def read_answer(self, wire: Response, report: Report) -> ChatResponse:
        """A whole answer of the upstream's."""
        chat = self.between.upstream.chatting().read_response(wire, report)
        return self.question().on_response(chat, report)

    def write_answer(self, chat: ChatResponse, report: Report) -> Response:
        """A whole answer for the client."""
        return self.between.client.chatting().write_response(chat, self.asked, report)

    def answer(self, wire: Response, report: Report) -> Response:
        """A whole answer, from the one protocol to the other."""
        return self.write_answer(self.read_answer(wire, report), report)


class EmbeddingCall:
    """A request for vectors."""

    def __init__(self, between: Between) -> None:
        self.between = between
        self._asked = EmbeddingRequest(())
        self._sent = self._asked

    def read(self, wire: Request, report: Report) -> None:
        """Read the client's request."""
        asked = _has(self.between.client.embedding, "embeddings").read_request(wire, report)
        model, sent = self.between.model(wire, asked.model)
        self._asked = replace(asked, model=model)
        self._sent = replace(asked, model=sent, target="")

    def write(self, report: Report) -> Request:
        """The upstream's request."""
        return _has(self.between.upstream.embedding, "embeddings").write_request(self._sent, report)

    def answer(self, wire: Response, report: Report) -> Response:
        """The vectors, under the client's name of the model where it has one of its own."""
        vectors = _has(self.between.upstream.embedding, "embeddings").read_response(wire, report)
        if self._sent.model != self._asked.model:
            vectors = replace(vectors, model=self._asked.model or "")
        return _has(self.between.client.embedding, "embeddings").write_response(vectors, self._asked, report)


class CatalogCall:
    """The list of models, or one of them.

    Where the protocols differ the whole list is asked for, and the client's page is cut out of it: tokens mean nothing
    to another protocol, and OpenAI's list has no pages. Such a token is the number of the first model.
    """

    def __init__(self, between: Between) -> None:
        self.between = between
        self._target = ""
        self._page = Page()

    def read(self, wire: Request, report: Report) -> None:
        """Read the client's request, which has no body."""
        del report
        routes = self.between.client.routes
        upstream = _has(self.between.upstream.routes, "addresses")
        self._page = Page() if routes is None else routes.page(wire)
        if not self.between.same and self._page.token is not None and not _is_number(self._page.token):
            raise ReadError("The page token is none that this server gave", "$")
        self._target = upstream.catalog(self._model(wire), self._page if self.between.same else Page())

    def _model(self, wire: Request) -> str | None:
        del wire
        return None

    def write(self, report: Report) -> Request:
        """The upstream's request."""
        del report
        return Request("GET", self._target)

    def answer(self, wire: Response, report: Report) -> Response:
        """The client's page of the list."""
        catalog = _has(self.between.upstream.catalog, "models").read_response(wire, report)
        if catalog.next_page is None:
            catalog = aliased(catalog, {name: model for name, model in self.between.models.items() if name})
        if not self.between.same:
            start = int(self._page.token or 0)
            end = len(catalog.models) if self._page.size is None else start + self._page.size
            more = str(end) if end < len(catalog.models) else catalog.next_page
            catalog = replace(catalog, models=catalog.models[start:end], next_page=more)
        return _has(self.between.client.catalog, "models").write_response(catalog, report)


class ModelCall(CatalogCall):
    """One model."""

    asked = ""

    def _model(self, wire: Request) -> str | None:
        self.asked, sent = self.between.model(wire, None)
        return sent

    def answer(self, wire: Response, report: Report) -> Response:
        """The model, under the name that the client asked for."""
        model = _has(self.between.upstream.catalog, "models").read_model(wire, report)
        if self.asked in self.between.models:
            model = replace(model, id=self.asked)
        return _has(self.between.client.catalog, "models").write_model(model, report)


class TokenCall:
    """A count of tokens."""

    def __init__(self, between: Between) -> None:
        self.between = between
        self._sent = TokenRequest(ChatRequest(()))

    def read(self, wire: Request, report: Report) -> None:
        """Read the client's request."""
        tokens = _has(self.between.client.tokens, "token counts").read_request(wire, report)
        _, model = self.between.model(wire, tokens.chat.model)
        self._sent = replace(tokens, chat=replace(tokens.chat, model=model, target=""), target="")

    def write(self, report: Report) -> Request:
        """The upstream's request."""
        return _has(self.between.upstream.tokens, "token counts").write_request(self._sent, report)

    def answer(self, wire: Response, report: Report) -> Response:
        """The count."""
        count = _has(self.between.upstream.tokens, "token counts").read_response(wire, report)
        return _has(self.between.client.tokens, "token counts").write_response(count, report)


CALLS: Mapping[Operation, Callable[[Between], Call]] = {
    "chat": ChatCall,
    "chat.stream": ChatCall,
    "embedding": EmbeddingCall,
    "models": CatalogCall,
    "model": ModelCall,
    "tokens": TokenCall,
}


def _has(part: T | None, what: str) -> T:
    if part is None:
        raise MetaphraseError(f"One of the two protocols has no {what}")
    return part


def _is_number(token: str) -> bool:
    return token.isascii() and token.isdigit() and len(token) < 9


class _Supply(Struct, frozen=True, gc=False):
    """Puts fetched bytes in the place of their addresses."""

    fetched: Mapping[str, tuple[bytes, str]]
    codec: str
    report: Report

    def message(self, message: Message) -> Message:
        return replace(message, parts=self._parts(message.parts))

    def _parts(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        return tuple([self._part(part) for part in parts])

    def _part(self, part: Part) -> Part:
        if isinstance(part, ToolResult) and part.parts:
            return replace(part, parts=self._parts(part.parts))
        if not isinstance(part, Media) or not isinstance(part.source, Uri) or part.source.uri not in self.fetched:
            return part
        data, mime = self.fetched[part.source.uri]
        mime = mime or part.mime or ""
        self.report.lose("approximated", part, "source", "media.reference", self.codec, "fetched, and sent inline")
        inline = Inline.of(b64encode(data).decode())
        return replace(part, source=inline, mime=mime or None, kind=_kind(mime) or part.kind)


_KINDS: Mapping[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video", "text": "document"}


def _kind(mime: str) -> MediaKind | None:
    """What the server said that it is, whatever the client took it for; None where that says nothing."""
    if mime.startswith("application/pdf"):
        return "document"
    return _KINDS.get(mime.partition("/")[0])
