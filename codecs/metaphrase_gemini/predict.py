"""Vertex AI's `:predict` for text embeddings, which Google's SDKs still send: one instance is one text.

Source: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Raw

from metaphrase import vectors
from metaphrase.errors import ReadError, WriteError
from metaphrase.http import Request
from metaphrase.ir import (
    At,
    EmbeddingInput,
    EmbeddingRequest,
    EmbeddingResponse,
    Foreign,
    Part,
    Spelling,
    Text,
    Usage,
    Vector,
)
from metaphrase.loss import Keys, Report, render, steps_of
from metaphrase.wirejson import Document, encode, join, keep

from .embedding_request import model_of, target_of
from .read.content import whole
from .wire_embedding import Instance, PredictedValues, Prediction, PredictRequest, PredictResponse
from .words import CODEC

FORM = "predict"
KEYS: Keys = {
    EmbeddingInput: {"parts": "content", "task": "task_type", "title": "title"},
    EmbeddingRequest: {"inputs": "instances", "dimensions": ("parameters", "outputDimensionality")},
    EmbeddingResponse: {"vectors": "predictions"},
    Vector: {"raw": ("embeddings", "values")},
}
_INSTANCES = At(None, "instances")
_PARAMETERS = At(None, "parameters")
_PREDICTIONS = At(None, "predictions")
_requests = Document(PredictRequest)
_answers = Document(PredictResponse)


def read_request(http: Request, report: Report) -> EmbeddingRequest:
    """The instances of a request, and the number of dimensions from its parameters."""
    body = _requests.decode(http.body)
    report.keys = KEYS
    if body.instances is UNSET:
        raise ReadError("Object missing required field `instances`")
    dimensions, spelt = None, {}
    if body.parameters is not UNSET:
        own = body.parameters
        dimensions = None if own.output_dimensionality is UNSET else own.output_dimensionality
        keep(own.extra, _PARAMETERS, CODEC, report)
        spelt = {"dimensions": Spelling(CODEC, dimensions, {"parameters": whole(own)})}
    model = model_of(http.target)
    inputs = [_read_instance(one, At(_INSTANCES, i), report) for i, one in enumerate(body.instances)]
    return EmbeddingRequest(
        tuple(inputs), model, dimensions, None, CODEC, http.target, None, FORM,
        ext=keep(body.extra, None, CODEC, report), spelt=spelt | {"model": Spelling(CODEC, model, {})},
    )  # fmt: skip


def _read_instance(body: Instance, at: At, report: Report) -> EmbeddingInput:
    """One text; an instance without one (an image, say) is a part that only this codec knows."""
    task = None if body.task_type is UNSET else body.task_type
    title = None if body.title is UNSET else body.title
    if body.content is UNSET:
        parts: tuple[Part, ...] = (Foreign(CODEC, "instance", whole(body), at=at),)
        return EmbeddingInput(parts, task, title, at=at)
    parts = (Text(body.content, at=At(at, "content")),)
    return EmbeddingInput(parts, task, title, at=at, ext=keep(body.extra, at, CODEC, report))


def write_request(embedding: EmbeddingRequest, report: Report) -> Request:
    """The request as it was read; nothing else is ever written as `:predict`."""
    out: dict[str, Any] = dict(embedding.leftovers(CODEC))
    out["instances"] = [_write_instance(one) for one in embedding.inputs]
    if embedding.dimensions is not None:
        out["parameters"] = {"outputDimensionality": embedding.dimensions}
    out |= embedding.spelling(CODEC, "dimensions") or {}
    return Request("POST", target_of(embedding, FORM, report), (), encode(out))


def _write_instance(one: EmbeddingInput) -> Any:
    first = one.parts[0] if one.parts else None
    if isinstance(first, Foreign) and first.codec == CODEC:
        return first.raw
    if not isinstance(first, Text):
        raise WriteError("`:predict` embeds texts, and this input is something else", render(steps_of(one.at)))
    body = Instance(content=first.text)
    if one.task is not None:
        body.task_type = one.task
    if one.title is not None:
        body.title = one.title
    return join(body, one.leftovers(CODEC))


def read_response(body: bytes, report: Report) -> EmbeddingResponse:
    """The vectors of the predictions; their token counts add up to the usage."""
    answer = _answers.decode(body)
    report.keys = KEYS
    if answer.predictions is UNSET:
        raise ReadError("Object missing required field `predictions`")
    found = [_read_prediction(one, i, report) for i, one in enumerate(answer.predictions)]
    counts = [count for _, count in found]
    known = [count for count in counts if count is not None]
    usage = Usage(input=sum(known), at=_PREDICTIONS) if known and len(known) == len(counts) else None
    ext = keep(answer.extra, None, CODEC, report)
    return EmbeddingResponse(tuple([vector for vector, _ in found]), "", usage, CODEC, FORM, ext=ext)


def _read_prediction(one: Prediction, place: int, report: Report) -> tuple[Vector, int | None]:
    at = At(_PREDICTIONS, place)
    inner = one.embeddings
    if inner is UNSET or inner.values is UNSET:
        raise ReadError("Object missing required field `values`", render(steps_of(at, "embeddings")))
    below = At(at, "embeddings")
    raw = numbers(inner.values, below)
    keep(inner.extra, below, CODEC, report)
    extra = dict(one.extra)
    keep(extra, at, CODEC, report)
    count = _read_statistics(inner, At(below, "statistics"), report)
    extra["embeddings"] = _rest(inner)
    return Vector(raw, False, place, at=at, ext={CODEC: extra}), count


def _read_statistics(inner: PredictedValues, at: At, report: Report) -> int | None:
    if inner.statistics is UNSET:
        return None
    found = inner.statistics
    keep(found.extra, at, CODEC, report)
    if found.truncated is not UNSET and found.truncated:
        report.leftover(at, "truncated", CODEC)
    count = found.token_count
    if count is UNSET:
        return None
    if int(count) != count:
        report.leftover(at, "token_count", CODEC)
        return None
    return int(count)


def _rest(inner: PredictedValues) -> Raw:
    """What stood beside the values."""
    rest: dict[str, Any] = dict(inner.extra)
    if inner.statistics is not UNSET:
        rest["statistics"] = whole(inner.statistics)
    return Raw(encode(rest))


def numbers(raw: Raw, at: At) -> Raw:
    """A vector as it stands, proven to be numbers."""
    try:
        return vectors.check_numbers(raw)
    except ValueError as error:
        raise ReadError(str(error), render(steps_of(at, "values"))) from None
