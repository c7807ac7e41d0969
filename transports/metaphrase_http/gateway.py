"""The gateway: a handler that takes each request in its client's protocol, and has it answered by an upstream.

It decides where a call goes and who may make it. What is said, and in which words, is the engine's affair.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from metaphrase import Codec, Exchange, Failure, MetaphraseError, Report, Request, Response
from metaphrase.http import Headers
from metaphrase.refusal import write_failure
from metaphrase.rpc import code_of
from metaphrase.wirejson import opened

from . import log
from .client import Client
from .deadlines import Deadlines
from .errors import ClientLeft, Refused, UpstreamError
from .head import clean
from .incoming import Incoming
from .keys import without_credentials
from .pulse import Pulse
from .respond import Respond
from .routes import Route
from .settings import Settings
from .upstreams import Answering, Upstream
from .watch import clock

LOSSES = "x-metaphrase-losses"
REQUEST_ID = "x-request-id"
_MOST_ID = 128
_JSON: Headers = (("content-type", "application/json"),)
_JSON_TYPE = re.compile(r"application/(?:[a-z0-9.+-]+\+)?json\s*(?:;|\Z)", re.IGNORECASE)


class _Named(Struct):
    """The one member of a body that says where a request goes."""

    model: str | None = None


_named = msgspec.json.Decoder(_Named).decode


class Gateway:
    """A handler for `Server`. `change` puts other settings in the place of its own, for requests that come after.

    It answers more requests in the same time while ``gateway.deadlines.run()`` runs in a task.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        write: Callable[[log.Entry], None] = log.write,
        draining: Callable[[], bool] = lambda: False,
    ) -> None:
        self.settings = settings
        self.deadlines = Deadlines()
        self.client = Client(settings.patience, deadlines=self.deadlines)
        self.draining = draining
        self._write = write

    async def __call__(self, incoming: Incoming, respond: Respond) -> None:
        """Answer one request."""
        if incoming.method in {"GET", "HEAD"} and incoming.target in {"/healthz", "/readyz"}:
            await self._probe(incoming.target, respond)
            return
        start = clock()
        given = clean(incoming.header(REQUEST_ID) or "", _MOST_ID)
        entry = log.Entry(round(time.time(), 3), given or f"req_{secrets.token_hex(12)}")
        call = _Call(self.settings, self.client, incoming, respond, entry, start)
        try:
            await call.run()
        except Refused as error:
            entry.status, entry.outcome = error.status, "refused"
            raise
        except ClientLeft:
            raise
        except Exception:  # a fault of ours: the line says so, and who called us answers it and logs where it was
            entry.status, entry.outcome = 500, "fault"
            raise
        finally:
            entry.ms = round((clock() - start) * 1000, 2)
            self._write(entry)

    async def change(self, settings: Settings) -> None:
        """From now on. Calls under way end with what they began with."""
        before, self.client = self.client, Client(settings.patience, deadlines=self.deadlines)
        self.settings = settings
        await before.aclose()

    async def aclose(self) -> None:
        """Close what is idle."""
        await self.client.aclose()

    async def _probe(self, target: str, respond: Respond) -> None:
        down = target == "/readyz" and self.draining()
        said = b'{"status":"draining"}\n' if down else b'{"status":"ok"}\n'
        await respond.whole(503 if down else 200, _JSON, said)


def dress(status: int, reason: str) -> tuple[Headers, bytes]:
    """What the server itself refuses, before anybody knows the client's protocol: every client finds its members."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    error = {"code": status, "message": reason, "status": code_of(status), "type": kind, "param": None}
    return _JSON, msgspec.json.encode({"error": error})


def failure_of(error: UpstreamError) -> Failure:
    """What happened to the upstream's connection, for its client. The reason is one of our own phrases."""
    return Failure(error.status, code_of(error.status), f"The upstream failed: {error.reason}")


class _Call:
    """One request on its way."""

    __slots__ = ("_client", "_entry", "_incoming", "_respond", "_settings", "_start")

    def __init__(
        self, settings: Settings, client: Client, incoming: Incoming, respond: Respond, entry: log.Entry, start: float
    ) -> None:
        self._settings = settings
        self._client = client
        self._incoming = incoming
        self._respond = respond
        self._entry = entry
        self._start = start

    async def run(self) -> None:
        """Until the answer is sent, or broken off."""
        incoming = self._incoming
        wire = Request(incoming.method, incoming.target, self._headers())
        codec = self._settings.protocols.of(wire)
        self._entry.client = codec.name
        refused = self._refused(codec, wire)
        if refused is not None:
            self._entry.failure = refused.code
            await self._whole(write_failure(codec, refused, Report()))
            return
        if self._settings.clients is not None:
            wire = without_credentials(wire)
        wire = Request(wire.method, wire.target, wire.headers, await incoming.read())
        self._entry.received = len(wire.body)
        route = self._route(codec, wire)
        upstream = route.upstream
        self._entry.upstream = upstream.name
        exchange = Exchange(
            route.spoken(codec),
            route.spoken(upstream.codec),
            now=int(self._entry.time),
            seed=self._entry.id,
            key=upstream.key,
            models=self._models(codec, upstream, wire),
            on_loss=self._settings.on_loss,
            largest=self._settings.patience.body,
            defaults=route.defaults,
        )
        try:
            await self._exchange(exchange, upstream, wire)
        finally:
            self._entry.tell(exchange)

    def _headers(self) -> Headers:
        """The client's headers, with the id under which this request is known."""
        headers, said = self._incoming.headers, self._incoming.header(REQUEST_ID)
        if said == self._entry.id:
            return headers
        others = headers if said is None else [one for one in headers if one[0] != REQUEST_ID]
        return (*others, (REQUEST_ID, self._entry.id))

    def _refused(self, codec: Codec, wire: Request) -> Failure | None:
        """Why this client is not served. A page in a browser may send what it likes to this machine, but it cannot
        name the host as we are named, nor send JSON without asking first, which nobody answers.
        """
        settings = self._settings
        if settings.hosts and _host(self._incoming) not in settings.hosts:
            return Failure(403, "PERMISSION_DENIED", "This server does not go by that name: see server.hosts")
        if settings.clients is not None:
            key = None if codec.routes is None else codec.routes.key(wire)
            if not key:
                return Failure(401, "UNAUTHENTICATED", "The key is missing")
            if not settings.clients.admits(key):
                return Failure(401, "UNAUTHENTICATED", "The key is wrong", reason="invalid_api_key")
        if wire.method == "POST" and not _is_json(self._incoming.header("content-type") or ""):
            return Failure(415, "INVALID_ARGUMENT", "The Content-Type of a request has to be application/json")
        return None

    def _models(self, codec: Codec, upstream: Upstream, wire: Request) -> Mapping[str, str]:
        """The upstream's names of models by ours; the list of them shows all that can be asked for here."""
        listing = wire.method == "GET" and codec.recognise is not None and codec.recognise(wire) == "models"
        return {**self._settings.elsewhere, **upstream.models} if listing else upstream.models

    def _route(self, codec: Codec, wire: Request) -> Route:
        """The way of the model that is asked for."""
        settings = self._settings
        found = settings.routes.get(_model(codec, wire) or "") if settings.routes else None
        return Route(settings.default) if found is None else found

    async def _exchange(self, exchange: Exchange, upstream: Upstream, wire: Request) -> None:
        try:
            request = exchange.request(wire)
        except MetaphraseError as error:
            await self._whole(exchange.refuse(error), exchange)
            return
        if request is None:
            why = "The upstream takes no media by address, and this server fetches none: send it inline"
            await self._whole(exchange.refuse(Failure(400, "INVALID_ARGUMENT", why)), exchange)
            return
        try:
            answer = await upstream.open(self._client, request)
        except UpstreamError as error:
            self._entry.reason = error.reason
            await self._whole(exchange.refuse(failure_of(error)), exchange)
            return
        async with answer:
            self._entry.first_ms = round((clock() - self._start) * 1000, 2)
            self._entry.upstream_id = clean(answer.header(REQUEST_ID) or "", _MOST_ID)
            if exchange.begin(Response(answer.status, answer.headers)):
                await self._stream(exchange, answer)
            else:
                await self._collect(exchange, answer)

    async def _collect(self, exchange: Exchange, answer: Answering) -> None:
        """An answer that is understood at its end."""
        try:
            exchange.feed(await answer.read())
            body = exchange.close()
        except UpstreamError as error:
            self._entry.reason = error.reason
            body = exchange.abort(failure_of(error))
        await self._whole(replace(_answered(exchange), body=body), exchange)

    async def _stream(self, exchange: Exchange, answer: Answering) -> None:
        """An answer that goes on as it comes. One that broke off has no end: an end would look like success."""
        self._entry.stream = True
        self._begin(_answered(exchange), exchange)
        sent, tail = 0, b""
        async with Pulse(self._respond, self._settings.heartbeat) as pulse:
            try:
                async for piece in answer:
                    out = exchange.feed(piece)
                    if exchange.failure is not None:
                        tail = out
                        break
                    if out:
                        sent += len(out)
                        self._entry.sent = sent
                        await pulse.send(out)
                else:
                    tail = exchange.close()
            except UpstreamError as error:
                self._entry.reason = error.reason
                tail = exchange.abort(failure_of(error))
        self._entry.sent = sent + len(tail)
        if exchange.failure is None:
            await self._respond.finish(tail)
            self._entry.outcome = "ok"
        else:
            self._entry.outcome = "broken"
            await self._respond.send(tail)
            self._respond.abort()

    async def _whole(self, response: Response, exchange: Exchange | None = None) -> None:
        self._begin(response, exchange)
        self._entry.sent = len(response.body)
        await self._respond.finish(response.body)
        self._entry.outcome = "ok" if response.status < 400 else "error"

    def _begin(self, head: Response, exchange: Exchange | None) -> None:
        """Status and headers, with what this server has to say beside them."""
        self._entry.status = head.status
        own: list[tuple[str, str]] = [(REQUEST_ID, self._entry.id)]
        if exchange is not None:
            own.append((LOSSES, str(self._entry.lost(exchange.losses))))
        kept = [(name, value) for name, value in head.headers if name.lower() != REQUEST_ID]
        self._respond.start(head.status, (*kept, *own))


def _answered(exchange: Exchange) -> Response:
    """The head of the client's answer, which there is by now."""
    return exchange.answered or Response(502)


def _host(incoming: Incoming) -> str:
    """The name in Host, without its port."""
    host = (incoming.header("host") or "").lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_json(kind: str) -> bool:
    """Whether a Content-Type says JSON."""
    return kind == "application/json" or _JSON_TYPE.match(kind) is not None


def _model(codec: Codec, wire: Request) -> str | None:
    """The model that a request names, in its address or in its body."""
    model = None if codec.routes is None else codec.routes.model(wire)
    if model is not None or not wire.body:
        return model
    try:
        return _named(opened(wire.body)).model
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # its reader will say what is wrong
        return None
