"""One document from one protocol to another (``convert``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

from .answer import question
from .codec import Codec
from .errors import MetaphraseError, NotAnAnswer
from .http import Headers, Request, Response
from .ir import ChatRequest
from .loss import Loss, Report
from .query import report_unread
from .reencoder import Reencoder
from .refusal import OnLoss, enforce
from .registry import resolve
from .wirejson import checked

_Operation = TypeVar("_Operation")


class Converted(Struct, frozen=True, gc=False):
    """One converted document. ``path`` is a request's HTTP target, None where it is not known."""

    body: bytes
    path: str | None = None
    status: int | None = None
    headers: Headers = ()
    report: Report | None = None

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What was lost, sorted by path. Put into words each time it is asked for."""
        return () if self.report is None else self.report.losses


class _Job(Struct, frozen=True, gc=False):
    """What a conversion of any kind is given."""

    body: bytes
    source: Codec
    target: Codec
    path: str | None
    asked: bytes | None
    status: int | None
    headers: Headers
    now: int | float
    seed: str
    report: Report


def convert(
    body: bytes,
    *,
    source: str | Codec,
    target: str | Codec,
    kind: str,
    path: str | None = None,
    asked: bytes | None = None,
    status: int | None = None,
    headers: Headers = (),
    now: float = 0,
    seed: str = "",
    on_loss: OnLoss = "report",
) -> Converted:
    """Translate one document from one protocol to another (or to its own).

    ``path``: the request's HTTP target, where Gemini keeps the model. ``asked``: the client's request, in the target's
    protocol, for responses. ``now``: Unix seconds for ``created``. ``on_loss``: "report", "refuse", or a predicate that
    is true for a loss to refuse. Raises ReadError, WriteError, LossRefused.
    """
    known = _KINDS.get(kind)
    if known is None:
        raise MetaphraseError(f"Unknown kind; there are: {', '.join(_KINDS)}")
    translate, check = known
    reading, writing = resolve(source), resolve(target)
    proven = body if check is None and reading.proves else (check or checked)(body)
    report = Report(writer=writing.name)
    done = translate(_Job(proven, reading, writing, path, asked, status, headers, now, seed, report))
    if path is not None and "?" in path and kind.endswith(".request") and reading.name != writing.name:
        report_unread(path, () if reading.routes is None else reading.routes.query, writing.name, report)
    if on_loss != "report":
        enforce(done.losses, on_loss)
    return done


def _request(job: _Job) -> Converted:
    reading, writing, report = job.source.chat, job.target.chat, job.report
    reading = reading or job.source.chatting()
    writing = writing or job.target.chatting()
    chat = reading.read_request(Request("POST", job.path or "", job.headers, job.body), report)
    out = writing.write_request(chat, report)
    return Converted(out.body, out.target or None, None, out.headers, report)


def _response(job: _Job) -> Converted:
    reading, writing, report = job.source.chat, job.target.chat, job.report
    reading = reading or job.source.chatting()
    writing = writing or job.target.chatting()
    try:
        chat = reading.read_response(Response(job.status or 200, job.headers, job.body), report)
    except NotAnAnswer:
        return _failure(job)
    asked = None if job.asked is None else _asked(job, job.asked)
    if asked is not None or (job.now and chat.created is None) or (job.seed and not chat.id):
        chat = question(asked, job.source, job.target, job.now, job.seed).on_response(chat, report)
    out = writing.write_response(chat, asked, report)
    return Converted(out.body, None, out.status, out.headers, report)


def _stream(job: _Job) -> Converted:
    """A recorded stream. One that was cut short, or that holds an error, ends with the target's error event."""
    asked = None if job.asked is None else _asked(job, job.asked)
    again = Reencoder(job.source, job.target, asked=asked, include_usage=True, now=job.now, seed=job.seed)
    body = again.feed(job.body) + again.close()
    again.report.settle(job.target.name)
    if again.error is not None:
        raise again.error
    routes = job.target.routes
    return Converted(body, None, 200, () if routes is None else routes.stream_headers(asked), again.report)


def _asked(job: _Job, asked: bytes) -> ChatRequest:
    """The client's request."""
    wire = Request("POST", job.path or "", (), checked(asked))
    return job.target.chatting().read_request(wire, Report())


def _embedding_request(job: _Job) -> Converted:
    wire = Request("POST", job.path or "", job.headers, job.body)
    embedding = _having(job.source.embedding, job.source, "embeddings").read_request(wire, job.report)
    out = _having(job.target.embedding, job.target, "embeddings").write_request(embedding, job.report)
    return Converted(out.body, out.target or None, None, out.headers, job.report)


def _embedding_response(job: _Job) -> Converted:
    target = _having(job.target.embedding, job.target, "embeddings")
    asked = None
    if job.asked is not None:
        asked = target.read_request(Request("POST", job.path or "", (), checked(job.asked)), Report())
    wire = Response(job.status or 200, job.headers, job.body)
    embedding = _having(job.source.embedding, job.source, "embeddings").read_response(wire, job.report)
    return _answered(job, target.write_response(embedding, asked, job.report))


def _models_response(job: _Job) -> Converted:
    wire = Response(job.status or 200, job.headers, job.body)
    catalog = _having(job.source.catalog, job.source, "models").read_response(wire, job.report)
    return _answered(job, _having(job.target.catalog, job.target, "models").write_response(catalog, job.report))


def _model_response(job: _Job) -> Converted:
    wire = Response(job.status or 200, job.headers, job.body)
    model = _having(job.source.catalog, job.source, "models").read_model(wire, job.report)
    return _answered(job, _having(job.target.catalog, job.target, "models").write_model(model, job.report))


def _tokens_request(job: _Job) -> Converted:
    wire = Request("POST", job.path or "", job.headers, job.body)
    tokens = _having(job.source.tokens, job.source, "token counts").read_request(wire, job.report)
    out = _having(job.target.tokens, job.target, "token counts").write_request(tokens, job.report)
    return Converted(out.body, out.target or None, None, out.headers, job.report)


def _tokens_response(job: _Job) -> Converted:
    wire = Response(job.status or 200, job.headers, job.body)
    tokens = _having(job.source.tokens, job.source, "token counts").read_response(wire, job.report)
    return _answered(job, _having(job.target.tokens, job.target, "token counts").write_response(tokens, job.report))


def _failure(job: _Job) -> Converted:
    wire = Response(job.status or 0, job.headers, job.body)
    failure = _having(job.source.failure, job.source, "failures").read(wire, job.report)
    return _answered(job, _having(job.target.failure, job.target, "failures").write(failure, job.report))


def _answered(job: _Job, out: Response) -> Converted:
    return Converted(out.body, None, out.status, out.headers, job.report)


def _having(operation: _Operation | None, codec: Codec, what: str) -> _Operation:
    if operation is None:
        raise MetaphraseError(f"The codec {codec.name!r} has no {what}")
    return operation


# What translates each kind, and what proves it before: None is a reader's own affair, if it can (``Codec.proves``). A
# stream is proven chunk by chunk, and an error answer need not be JSON, nor UTF-8.
_KINDS: dict[str, tuple[Callable[[_Job], Converted], Callable[[bytes], bytes] | None]] = {
    "chat.request": (_request, None),
    "chat.response": (_response, None),
    "chat.stream": (_stream, bytes),
    "embedding.request": (_embedding_request, checked),
    "embedding.response": (_embedding_response, checked),
    "models.response": (_models_response, checked),
    "model.response": (_model_response, checked),
    "tokens.request": (_tokens_request, checked),
    "tokens.response": (_tokens_response, checked),
    "failure": (_failure, bytes),
}
