"""A protocol of our own, small enough to see what the exchange does and what a codec does.

A request is `{"model", "say", "stream", "fetch"}` at `/say`; a whole answer `{"said"}`; a stream is lines `say <text>`,
and `end`. An error is `{"error": <text>}`.
"""

from typing import Any

import msgspec
from msgspec.structs import replace

from metaphrase.codec import Codec, Page
from metaphrase.errors import ReadError, WriteError
from metaphrase.http import Headers, Request, Response
from metaphrase.ir import (
    Begin,
    Catalog,
    ChatRequest,
    ChatResponse,
    Choice,
    Delta,
    Done,
    EmbeddingRequest,
    EmbeddingResponse,
    End,
    Event,
    Failed,
    Failure,
    Finish,
    Finished,
    Media,
    Message,
    Model,
    Part,
    Start,
    Text,
    TokenCount,
    TokenRequest,
    ToolResult,
    Uri,
)
from metaphrase.loss import Report

decode = msgspec.json.decode
encode = msgspec.json.encode


def body(**members: Any) -> bytes:
    return encode({"model": "m", **members})


def post(target: str = "/say", headers: Headers = (("key", "k"),), **members: Any) -> Request:
    return Request("POST", target, headers, body(**members))


class Chat:
    def __init__(self, name: str) -> None:
        self.name = name

    def read_request(self, wire: Request, report: Report) -> ChatRequest:
        del report
        found = _object(wire.body)
        parts: list[Part] = [Text(str(found.get("say", "")))]
        images = [Media("image", Uri(url)) for url in found.get("fetch", ())]
        parts += images if "in_result" not in found else [ToolResult("", None, None, tuple(images))]
        return ChatRequest(
            (Message("user", tuple(parts)),),
            found.get("model"),
            self.name,
            wire.target,
            stream=bool(found.get("stream")),
        )

    def write_request(self, chat: ChatRequest, report: Report) -> Request:
        parts = chat.messages[0].parts
        if any(isinstance(part, Text) and part.text == "unsayable" for part in parts):
            raise WriteError("This cannot be said")
        if any(isinstance(part, Text) and part.text == "lossy" for part in parts):
            report.add("dropped", None, "say", "fake.say", self.name)
        said = {"model": chat.model, "parts": parts, "stream": chat.stream}
        return Request("POST", chat.target or f"/say/{chat.model}", (), encode(said))

    def read_response(self, wire: Response, report: Report) -> ChatResponse:
        del report
        found = _object(wire.body)
        if "said" not in found:
            raise ReadError("Nothing was said", "$.said")
        finish = None if found.get("open") else Finish("stop")
        return ChatResponse((Choice(0, (Text(found["said"]),), finish),), model=found.get("model", ""))

    def write_response(self, chat: ChatResponse, asked: ChatRequest | None, report: Report) -> Response:
        del report
        text = chat.choices[0].parts[0]
        said = text.text if isinstance(text, Text) else ""
        if said == "unsayable":
            raise WriteError("This cannot be said")
        model = asked.model if asked is not None else None
        shown = {"said": said, "id": chat.id, "model": chat.model, "created": chat.created, "asked": model}
        return Response(200, (), encode(shown))

    def tool_name(self, name: str) -> str:
        return name


class Reader:
    def __init__(self) -> None:
        self.error: ReadError | None = None
        self._held = b""
        self._begun = False
        self._done = False

    def feed(self, data: bytes) -> list[Event]:
        *lines, self._held = (self._held + data).split(b"\n")
        return [event for line in lines for event in self._line(line.strip().decode(errors="replace"))]

    def close(self) -> list[Event]:
        return [] if self._done else [Failed(Failure(502, "UNAVAILABLE", "The stream was cut"))]

    def _line(self, line: str) -> list[Event]:
        if self._done:
            return []
        start: list[Event] = [] if self._begun or not line else [Start(model="m-long"), Begin(0, 0, Text(""))]
        self._begun = bool(self._begun or line)
        if line.startswith("say "):
            return [*start, Delta(0, 0, line[4:])]
        if line == "end":
            self._done = True
            return [*start, End(0, 0), Finished(0, Finish("stop")), Done()]
        if line == "again":
            return [*start, Start()]
        if line.startswith("error "):
            self._done = True
            return [*start, Failed(Failure(int(line[6:]), "INTERNAL", "Told in the stream"))]
        if line:
            raise ReadError("No such line")
        return []


class Writer:
    def feed(self, event: Event) -> bytes:
        if isinstance(event, Delta) and event.text == "unsayable":
            raise WriteError("This cannot be said")
        if isinstance(event, Done) and self.stubborn:
            raise WriteError("This cannot be said")
        if isinstance(event, Delta):
            return f"say {event.text}\n".encode()
        if isinstance(event, Finished):
            return b"finish\n"
        if isinstance(event, Failed):
            return f"error {event.failure.status} {event.failure.message}\n".encode()
        return b"end\n" if isinstance(event, Done) else b""

    def close(self) -> bytes:
        return b""

    stubborn = False


class Stubborn(Writer):
    stubborn = True


class Streams:
    def __init__(self, writer: type[Writer] = Writer) -> None:
        self._writer = writer

    def reader(self, report: Report) -> Reader:
        del report
        return Reader()

    def writer(self, asked: ChatRequest | None, report: Report) -> Writer:
        report.add("dropped", None, "stream", "fake.stream", "fake")
        assert asked is not None
        return self._writer()


class Embeddings:
    def read_request(self, wire: Request, report: Report) -> EmbeddingRequest:
        del report
        return EmbeddingRequest((), _object(wire.body).get("model"), target=wire.target)

    def write_request(self, embedding: EmbeddingRequest, report: Report) -> Request:
        del report
        return Request("POST", embedding.target or f"/embed/{embedding.model}", (), b"{}")

    def read_response(self, wire: Response, report: Report) -> EmbeddingResponse:
        del report
        return EmbeddingResponse((), _object(wire.body)["model"])

    def write_response(self, embedding: EmbeddingResponse, asked: EmbeddingRequest | None, report: Report) -> Response:
        del report
        assert asked is not None
        return Response(200, (), encode({"model": embedding.model, "asked": asked.model}))


class Models:
    def read_response(self, wire: Response, report: Report) -> Catalog:
        del report
        found = _object(wire.body)
        return Catalog(tuple([Model(id_) for id_ in found["models"]]), found.get("next"))

    def write_response(self, catalog: Catalog, report: Report) -> Response:
        del report
        return Response(200, (), encode({"models": [model.id for model in catalog.models], "next": catalog.next_page}))

    def read_model(self, wire: Response, report: Report) -> Model:
        del report
        return Model(_object(wire.body)["model"])

    def write_model(self, model: Model, report: Report) -> Response:
        del report
        return Response(200, (), encode({"model": model.id}))


class Tokens:
    def read_request(self, wire: Request, report: Report) -> TokenRequest:
        return TokenRequest(Chat("fake").read_request(wire, report), target=wire.target)

    def write_request(self, tokens: TokenRequest, report: Report) -> Request:
        del report
        return Request("POST", tokens.target or f"/count/{tokens.chat.model}", (), b"{}")

    def read_response(self, wire: Response, report: Report) -> TokenCount:
        del report
        return TokenCount(_object(wire.body)["total"])

    def write_response(self, tokens: TokenCount, report: Report) -> Response:
        del report
        return Response(200, (), encode({"total": tokens.total}))


class Failures:
    def read(self, wire: Response, report: Report) -> Failure:
        del report
        found = wire.body.decode(errors="replace")
        status = 0 if found.startswith('{"error":"odd') else max(wire.status, 400)
        return Failure(status, "INTERNAL", found or "nothing")

    def write(self, failure: Failure, report: Report) -> Response:
        del report
        shown = encode({"error": failure.message, "status": failure.status, "param": failure.param})
        headers = (("content-type", "application/fake"), ("x-request-id", failure.request_id or "bad\r\nid"))
        return Response(failure.status, headers, shown)


class Routes:
    headers: tuple[str, ...] = ("x-own",)
    query: tuple[str, ...] = ("token",)

    def claims(self, request: Request) -> bool:
        return request.header("key") is not None

    def key(self, request: Request) -> str | None:
        return request.header("key")

    def model(self, request: Request) -> str | None:
        found = request.target.rpartition("/models/")
        return found[2] or None if found[1] else None

    def page(self, request: Request) -> Page:
        token = request.target.partition("?token=")[2]
        return Page(2 if "?" in request.target else None, token or None)

    def catalog(self, model: str | None, page: Page) -> str:
        return f"/models?{page.token}" if model is None else f"/models/{model}"

    def stream_headers(self, asked: ChatRequest | None) -> Headers:
        assert asked is not None
        return (("content-type", "text/event-stream"), ("x-asked", asked.target))


def recognise(request: Request) -> Any:
    path = request.target.partition("?")[0]
    if request.method == "GET":
        return "models" if path.endswith("/models") else "model"
    return {"/say": "chat", "/embed": "embedding", "/count": "tokens"}.get(path)


def credentials(key: str) -> Headers:
    return (("key", key),)


def needs(chat: ChatRequest) -> tuple[str, ...]:
    parts = chat.messages[0].parts
    inner = [part for one in parts if isinstance(one, ToolResult) for part in one.parts]
    found = [part.source.uri for part in (*parts, *inner) if isinstance(part, Media) and isinstance(part.source, Uri)]
    return tuple([url for url in found if url.startswith("https:")])


def fake(name: str = "fake", **changes: Any) -> Codec:
    full = Codec(
        name,
        Chat(name),
        Streams(),
        Embeddings(),
        Models(),
        Tokens(),
        Failures(),
        recognise,
        credentials,
        Routes(),
    )
    return replace(full, **changes)


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = decode(data)
    except msgspec.DecodeError:
        raise ReadError("No JSON") from None
    if not isinstance(found, dict) or "error" in found:
        raise ReadError("No object", "$")
    return found
