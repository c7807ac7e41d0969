"""Embeddings of the Gemini API, and of Vertex AI: https://ai.google.dev/api/embeddings."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Raw

from metaphrase import vectors
from metaphrase.errors import ReadError, WriteError
from metaphrase.http import Request, Response
from metaphrase.ir import At, EmbeddingRequest, EmbeddingResponse, Spelling, Usage, Vector
from metaphrase.loss import Keys, Report, render, steps_of
from metaphrase.wirejson import Document, encode, join, keep, members

from . import embedding_request, predict
from .counts import read_counts, write_counts
from .leftovers import encoded, with_numerals
from .wire_embedding import EmbeddingUsage, EmbedResponse, Values
from .words import CODEC

_VERTEX = "promptTokensDetails"
_KEYS: Keys = {
    EmbeddingResponse: {"vectors": "embeddings", "usage": "usageMetadata"},
    Vector: {"raw": "values"},
    Usage: {"input": "promptTokenCount", "total": "totalTokenCount", "input_by": "promptTokenDetails"},
}
_USAGE = At(None, "usageMetadata")
_ONE = At(None, "embedding")
_MANY = At(None, "embeddings")
_answers = Document(EmbedResponse)


class Embeddings:
    """Embedding requests and answers: `:embedContent`, `:batchEmbedContents`, and Vertex AI's `:predict`."""

    def read_request(self, wire: Request, report: Report) -> EmbeddingRequest:
        """A request in any of the three forms, told apart by the body."""
        form = _form(wire.body)
        if form == "instances":
            return predict.read_request(wire, report)
        return embedding_request.read_batch(wire, report) if form == "requests" else (
            embedding_request.read_one(wire, report)
        )  # fmt: skip

    def write_request(self, embedding: EmbeddingRequest, report: Report) -> Request:
        """A batch, or the form that was read."""
        if embedding.origin == CODEC and embedding.form == predict.FORM:
            return predict.write_request(embedding, report)
        return embedding_request.write_request(embedding, report)

    def read_response(self, wire: Response, report: Report) -> EmbeddingResponse:
        """An answer in any of the three forms."""
        answer = _answers.decode(wire.body)
        if "predictions" in answer.extra:
            return predict.read_response(wire.body, report)
        return _read_response(answer, wire.body, report)

    def write_response(self, embedding: EmbeddingResponse, asked: EmbeddingRequest | None, report: Report) -> Response:
        """An answer in the form of the question, else of a batch; vectors stand in the order of the inputs."""
        same = embedding.origin == CODEC
        body = _restored(embedding) if same else _write_response(embedding, asked, report)
        return Response(200, (("content-type", "application/json"),), encoded(body, embedding))


def _form(body: bytes) -> str:
    """The member that tells one form from another."""
    found = members(body)
    return next((key for key in ("instances", "requests") if key in found), "")


def _read_response(answer: EmbedResponse, body: bytes, report: Report) -> EmbeddingResponse:
    report.keys = _KEYS
    if answer.respelt:
        report.respelt(body)
    spelt: dict[str, Spelling] = {}
    if answer.embedding is not UNSET:
        form = embedding_request.ONE
        found: tuple[Vector, ...] = (_read_vector(answer.embedding, _ONE, 0, report),)
        if answer.embeddings is not UNSET:
            raise ReadError("`embedding` and `embeddings` in one answer", "$.embeddings")
    else:
        form = embedding_request.BATCH
        given = [] if answer.embeddings is UNSET else answer.embeddings
        found = tuple([_read_vector(one, At(_MANY, i), i, report) for i, one in enumerate(given)])
        if answer.embeddings is not UNSET and not given:
            spelt = {"vectors": Spelling(CODEC, (), {"embeddings": Raw(b"[]")})}
    usage = None if answer.usage_metadata is UNSET else _read_usage(answer.usage_metadata, report)
    ext = keep(answer.extra, None, CODEC, report)
    return EmbeddingResponse(found, "", usage, CODEC, form, ext=ext, spelt=with_numerals(spelt or None, answer))


def _read_vector(body: Values, at: At, place: int, report: Report) -> Vector:
    if body.values is UNSET:
        raise ReadError("Object missing required field `values`", render(steps_of(at)))
    ext = keep(body.extra, at, CODEC, report) if body.found is not UNSET else None
    return Vector(predict.numbers(body.values, at), False, place, at=at, ext=ext)


def _read_usage(body: EmbeddingUsage, report: Report) -> Usage:
    """The details in either spelling; both at once is one too many."""
    spelt: dict[str, Spelling] = {}
    by, raw = read_counts(body.prompt_token_details, At(_USAGE, "promptTokenDetails"), report)
    if body.prompt_tokens_details is not UNSET:
        if body.prompt_token_details is not UNSET:
            raise ReadError("One field in two spellings", render(steps_of(_USAGE, _VERTEX)))
        by, raw = read_counts(body.prompt_tokens_details, At(_USAGE, _VERTEX), report)
        spelt["input_by"] = Spelling(CODEC, by, {_VERTEX: Raw(encode(write_counts(by))) if raw is None else raw})
    elif raw is not None:
        spelt["input_by"] = Spelling(CODEC, by, {"promptTokenDetails": raw})
    return Usage(
        input=None if body.prompt_token_count is UNSET else body.prompt_token_count,
        total=None if body.total_token_count is UNSET else body.total_token_count,
        input_by=by,
        at=_USAGE,
        ext=keep(body.extra, _USAGE, CODEC, report),
        spelt=spelt or None,
    )


def _restored(embedding: EmbeddingResponse) -> dict[str, Any]:
    """An answer that this codec read, as it was."""
    out: dict[str, Any] = dict(embedding.leftovers(CODEC))
    if embedding.form == predict.FORM:
        out["predictions"] = [_restored_prediction(one) for one in embedding.vectors]
        return out
    values = [join(Values(values=one.raw), one.leftovers(CODEC)) for one in embedding.vectors]
    if embedding.form == embedding_request.ONE:
        out["embedding"] = values[0]
    elif values:
        out["embeddings"] = values
    out |= embedding.spelling(CODEC, "vectors") or {}
    if embedding.usage is not None:
        out["usageMetadata"] = _write_usage(embedding.usage, True)
    return out


def _restored_prediction(one: Vector) -> dict[str, Any]:
    left = one.leftovers(CODEC)
    return left | {"embeddings": members(left["embeddings"]) | {"values": one.raw}}


def _write_response(embedding: EmbeddingResponse, asked: EmbeddingRequest | None, report: Report) -> dict[str, Any]:
    vectors_ = _in_order(embedding, asked, report)
    if embedding.model and (asked is None or asked.model != embedding.model):
        report.lose("dropped", embedding, "model", "response.model", CODEC)
    form = "" if asked is None else asked.form
    if form == predict.FORM:
        if embedding.usage is not None:
            report.lose("dropped", embedding, "usage", "usage", CODEC, "`:predict` counts for each text alone")
        return {"predictions": [{"embeddings": {"values": values}} for values in vectors_]}
    out: dict[str, Any] = {}
    if form == embedding_request.ONE and len(vectors_) == 1:
        out["embedding"] = {"values": vectors_[0]}
    else:
        out["embeddings"] = [{"values": values} for values in vectors_]
    if embedding.usage is not None:
        _report_usage(embedding.usage, report)
        out["usageMetadata"] = _write_usage(embedding.usage, False)
    return out


def _in_order(embedding: EmbeddingResponse, asked: EmbeddingRequest | None, report: Report) -> list[Raw]:
    """Vectors by their index, which has no other place here than the order."""
    found = embedding.vectors
    if asked is not None and len(asked.inputs) != len(found):
        raise WriteError(f"{len(found)} vectors for {len(asked.inputs)} inputs")
    order = {one.index: one for one in found}
    if sorted(order) == list(range(len(found))):
        found = tuple([order[place] for place in range(len(found))])
    else:
        for one in found:
            report.lose("dropped", one, "index", "embedding.index", CODEC, "they do not number the vectors")
    return [_numbers(one) for one in found]


def _numbers(one: Vector) -> Raw:
    if not one.base64:
        return one.raw
    try:
        return vectors.to_numbers(one.raw)
    except ValueError as error:
        raise WriteError(str(error), render(steps_of(one.at))) from None


def _write_usage(usage: Usage, same: bool) -> Any:
    body = EmbeddingUsage()
    if usage.input is not None:
        body.prompt_token_count = usage.input
    if usage.total is not None and (same or usage.total != usage.input):
        body.total_token_count = usage.total
    kept = usage.spelling(CODEC, "input_by") or {}
    if usage.input_by and not kept:
        body.prompt_token_details = write_counts(usage.input_by)
    return join(body, usage.leftovers(CODEC) | kept)


def _report_usage(usage: Usage, report: Report) -> None:
    for field in ("output", "cached", "tool_input", "reasoning"):
        if getattr(usage, field):
            report.lose("dropped", usage, field, "usage." + field, CODEC)
