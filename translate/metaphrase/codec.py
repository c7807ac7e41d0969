"""What a codec is: the protocols to satisfy, and the value that names them. No base class to inherit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Struct

from .errors import MetaphraseError, ReadError
from .http import Headers, Request, Response
from .ir import (
    Catalog,
    ChatRequest,
    ChatResponse,
    EmbeddingRequest,
    EmbeddingResponse,
    Event,
    Failure,
    Model,
    TokenCount,
    TokenRequest,
)
from .loss import Report

Operation = Literal["chat", "chat.stream", "embedding", "models", "model", "tokens"]


class StreamReader(Protocol):
    """Bytes of a streamed answer to events. Fed after ``close`` it is a fault of the caller.

    A chunk that cannot be read ends the stream with Failed, after the events before it, wherever the bytes were cut.
    """

    @property
    def error(self) -> ReadError | None:
        """Why a chunk could not be read, if that is why the stream failed."""
        ...

    def feed(self, data: bytes) -> list[Event]: ...
    def close(self) -> list[Event]: ...


class StreamWriter(Protocol):
    """Events to bytes of a streamed answer."""

    def feed(self, event: Event) -> bytes: ...
    def close(self) -> bytes: ...


class ChatCodec(Protocol):
    """Chat requests and responses of one protocol. Readers raise ReadError, writers WriteError, and nothing else."""

    def read_request(self, wire: Request, report: Report) -> ChatRequest: ...
    def write_request(self, chat: ChatRequest, report: Report) -> Request: ...
    def read_response(self, wire: Response, report: Report) -> ChatResponse: ...
    def write_response(self, chat: ChatResponse, asked: ChatRequest | None, report: Report) -> Response: ...
    def tool_name(self, name: str) -> str:
        """The name under which this protocol can declare a tool called ``name``; the same for the same name, always."""
        ...


class StreamCodec(Protocol):
    """Streamed chat answers of one protocol. ``asked.include_usage`` tells whether the client wants the usage."""

    def reader(self, report: Report) -> StreamReader: ...
    def writer(self, asked: ChatRequest | None, report: Report) -> StreamWriter: ...


Relay = Callable[[ChatRequest | None, Report], tuple[StreamReader, StreamWriter]]
"""Makes the two ends of a stream that keeps its protocol, for what the client asked: the reader looks for the end and
for failures and tells each chunk as it came (``ir.Chunk``), the writer passes it on.
"""


class EmbeddingCodec(Protocol):
    """Embedding requests and responses of one protocol."""

    def read_request(self, wire: Request, report: Report) -> EmbeddingRequest: ...
    def write_request(self, embedding: EmbeddingRequest, report: Report) -> Request: ...
    def read_response(self, wire: Response, report: Report) -> EmbeddingResponse: ...
    def write_response(
        self, embedding: EmbeddingResponse, asked: EmbeddingRequest | None, report: Report
    ) -> Response: ...


class CatalogCodec(Protocol):
    """Model lists, and one model of them."""

    def read_response(self, wire: Response, report: Report) -> Catalog: ...
    def write_response(self, catalog: Catalog, report: Report) -> Response: ...
    def read_model(self, wire: Response, report: Report) -> Model: ...
    def write_model(self, model: Model, report: Report) -> Response: ...


class TokenCodec(Protocol):
    """Token counts of chat requests."""

    def read_request(self, wire: Request, report: Report) -> TokenRequest: ...
    def write_request(self, tokens: TokenRequest, report: Report) -> Request: ...
    def read_response(self, wire: Response, report: Report) -> TokenCount: ...
    def write_response(self, tokens: TokenCount, report: Report) -> Response: ...


class FailureCodec(Protocol):
    """Error answers. ``read`` takes any body whatever: JSON of any shape, plain text, HTML, nothing."""

    def read(self, wire: Response, report: Report) -> Failure: ...
    def write(self, failure: Failure, report: Report) -> Response: ...


class Page(Struct, frozen=True, gc=False):
    """Which piece of a list a client asks for: at most ``size`` elements, from where ``token`` says; None: not said."""

    size: int | None = None
    token: str | None = None


class Routes(Protocol):
    """How one protocol uses HTTP outside its bodies: addresses, credentials, headers."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Request headers, in lower case, that mean something to an upstream of this protocol, and to no other."""
        ...

    @property
    def query(self) -> tuple[str, ...]:
        """The parameters of an address that a server of this protocol understands here; any other is reported."""
        ...

    def claims(self, request: Request) -> bool:
        """Whether it carries this protocol's own kind of credential, which decides where an address is ambiguous."""
        ...

    def key(self, request: Request) -> str | None:
        """The client's key: the inverse of ``Codec.credentials``."""
        ...

    def model(self, request: Request) -> str | None:
        """The model that the address names, if it names one."""
        ...

    def page(self, request: Request) -> Page:
        """Which piece of the model list is asked for."""
        ...

    def catalog(self, model: str | None, page: Page) -> str:
        """The target that asks for one model, or for the list of them (None)."""
        ...

    def stream_headers(self, asked: ChatRequest | None) -> Headers:
        """The headers of a streamed answer: above all its content type."""
        ...


class Dialects(Struct, frozen=True):
    """How a codec may write, for who has it from a file: ``options`` is a Struct of plain values, all with defaults,
    and ``make`` makes the codec that one of them describes.
    """

    options: type[Struct]
    make: Callable[[Any], Codec]

    def of(self, said: Mapping[str, object]) -> Codec:
        """The codec with these options. A MetaphraseError says in one line what is no option, or no value of one."""
        try:
            return self.make(msgspec.convert(said, self.options))
        except msgspec.ValidationError as error:
            raise MetaphraseError(str(error)) from None


class Codec(Struct, frozen=True):
    """One protocol. Each operation that it does not support is None.

    ``recognise``: which operation a client's HTTP request asks for. ``credentials``: how this protocol carries a key.
    ``routes``: what else it says outside its bodies. ``needs``: the addresses of media that the caller must fetch
    before this codec can write a request, since its server would not (None: it asks for none). ``proves``: its chat
    readers prove UTF-8 and depth themselves (``wirejson.Document.read``), so that nobody need do it before.
    ``dialects``: the ways in which it can write. ``relay``: passes on a stream from its own protocol chunk by chunk
    (None: such a stream is read and written like any other).
    """

    name: str
    chat: ChatCodec | None = None
    stream: StreamCodec | None = None
    embedding: EmbeddingCodec | None = None
    catalog: CatalogCodec | None = None
    tokens: TokenCodec | None = None
    failure: FailureCodec | None = None
    recognise: Callable[[Request], Operation | None] | None = None
    credentials: Callable[[str], Headers] | None = None
    routes: Routes | None = None
    needs: Callable[[ChatRequest], tuple[str, ...]] | None = None
    proves: bool = False
    dialects: Dialects | None = None
    relay: Relay | None = None

    def chatting(self) -> ChatCodec:
        """Its chat, or a MetaphraseError where it has none."""
        if self.chat is None:
            raise MetaphraseError(f"The codec {self.name!r} has no chat")
        return self.chat

    def streaming(self) -> StreamCodec:
        """Its streams, or a MetaphraseError where it has none."""
        if self.stream is None:
            raise MetaphraseError(f"The codec {self.name!r} has no streams")
        return self.stream
