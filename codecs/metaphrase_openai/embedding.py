"""Embeddings of OpenAI and of servers like it: https://platform.openai.com/docs/api-reference/embeddings.

Which encoding the client wants (``encoding_format``) stands in its request and is honoured in the answer.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import UNSET, Raw

from metaphrase import vectors
from metaphrase.errors import ReadError, WriteError
from metaphrase.http import Request, Response
from metaphrase.ir import (
    At,
    EmbeddingInput,
    EmbeddingRequest,
    EmbeddingResponse,
    Foreign,
    Spelling,
    Text,
    Usage,
    Vector,
)
from metaphrase.loss import Keys, Report, render, steps_of
from metaphrase.wirejson import Document, elements, encode, join, keep, parse

from . import wire_embedding as wire
from .names import CODEC

PATH = "/v1/embeddings"
ONE = "one"  # the input stood alone, not in a list
TOKENS = "tokens"

_TASKS: Mapping[str, str] = {
    "query": "RETRIEVAL_QUERY",
    "search_query": "RETRIEVAL_QUERY",
    "passage": "RETRIEVAL_DOCUMENT",
    "document": "RETRIEVAL_DOCUMENT",
    "search_document": "RETRIEVAL_DOCUMENT",
    "classification": "CLASSIFICATION",
    "clustering": "CLUSTERING",
    "semantic_similarity": "SEMANTIC_SIMILARITY",
}
"""``input_type``, which compatible servers take (Cohere's, Nvidia's and Voyage's words)."""

_KEYS: Keys = {
    EmbeddingRequest: {"encoding": "encoding_format", "inputs": "input", "task": "input_type"},
    EmbeddingResponse: {"vectors": "data"},
    Vector: {"raw": "embedding"},
    Usage: {"input": "prompt_tokens", "total": "total_tokens", "output": "completion_tokens"},
}
_NO_TASK = "TASK_TYPE_UNSPECIFIED"
_ENCODINGS = (None, "float", "base64")
_QUOTE, _BRACKET, _BRACE = b'"[{'
_INPUT = At(None, "input")
_DATA = At(None, "data")
_USAGE = At(None, "usage")
_texts = msgspec.json.Decoder(list[str]).decode
_requests = Document(wire.EmbeddingRequest)
_answers = Document(wire.EmbeddingList)


class Embeddings:
    """Embedding requests and answers."""

    def read_request(self, wire: Request, report: Report) -> EmbeddingRequest:
        """A request. Token arrays are kept; no other protocol can say them."""
        return _read_request(_requests.decode(wire.body), wire.target, report)

    def write_request(self, embedding: EmbeddingRequest, report: Report) -> Request:
        """A request. Media, and what a vector is for, have no place in it."""
        return Request("POST", embedding.target if embedding.origin == CODEC and embedding.target else PATH, (),
                       encode(_write_request(embedding, report)))  # fmt: skip

    def read_response(self, wire: Response, report: Report) -> EmbeddingResponse:
        """An answer, its vectors as they are."""
        return _read_response(_answers.decode(wire.body), report)

    def write_response(self, embedding: EmbeddingResponse, asked: EmbeddingRequest | None, report: Report) -> Response:
        """An answer with the vectors in the encoding that was asked for."""
        return Response(200, (("content-type", "application/json"),), encode(_write_response(embedding, asked, report)))


def _read_request(body: wire.EmbeddingRequest, target: str, report: Report) -> EmbeddingRequest:
    report.keys = _KEYS
    if body.input is UNSET:
        raise ReadError("Object missing required field `input`")
    inputs, form = _read_inputs(body.input)
    extra = body.extra
    for key in ("user", "input_type"):
        value = getattr(body, key)
        if value is not UNSET and (key == "user" or value.lower() not in _TASKS):
            extra = extra | {key: Raw(encode(value))}
    spelt: dict[str, Spelling] = {}
    task, dimensions = None, None if body.dimensions is UNSET else body.dimensions
    if body.output_dimension is not UNSET:  # Mistral's and Voyage's word
        own = {"output_dimension": Raw(encode(body.output_dimension))}
        if dimensions is None:
            dimensions = body.output_dimension
            spelt["dimensions"] = Spelling(CODEC, dimensions, own)
        else:
            extra = extra | own
    if body.input_type is not UNSET and "input_type" not in extra:
        task = _TASKS[body.input_type.lower()]
        spelt["task"] = Spelling(CODEC, task, {"input_type": Raw(encode(body.input_type))})
    return EmbeddingRequest(
        inputs,
        None if body.model is UNSET else body.model,
        dimensions,
        None if body.encoding_format is UNSET else body.encoding_format,
        CODEC,
        target,
        task,
        form,
        ext=keep(extra, None, CODEC, report),
        spelt=spelt or None,
    )


def _read_inputs(raw: Raw) -> tuple[tuple[EmbeddingInput, ...], str]:
    first = memoryview(raw)[0]
    if first == _QUOTE:
        return (_text(raw, _INPUT, None),), ONE
    if first != _BRACKET:
        raise ReadError("Expected a text or a list", "$.input")
    try:
        texts = _texts(raw)
    except msgspec.DecodeError:  # tokens, or worse
        return _read_tokens(raw)
    places = [At(_INPUT, i) for i in range(len(texts))]
    return tuple([EmbeddingInput((Text(text, at=at),), at=at) for text, at in zip(texts, places, strict=True)]), ""


def _read_tokens(raw: Raw) -> tuple[tuple[EmbeddingInput, ...], str]:
    items = elements(raw)
    if all(memoryview(item)[0] not in (_QUOTE, _BRACKET, _BRACE) for item in items):
        return (_tokens(raw, None, "input", None),), ONE
    return tuple([_read_input(item, At(_INPUT, i), i) for i, item in enumerate(items)]), ""


def _read_input(raw: Raw, at: At, place: int) -> EmbeddingInput:
    first = memoryview(raw)[0]
    if first == _QUOTE:
        return _text(raw, at, at)
    if first == _BRACKET:
        return _tokens(raw, _INPUT, place, at)
    if first == _BRACE:
        return EmbeddingInput((Foreign(CODEC, "input", raw, at=at),), at=at)
    raise ReadError("Expected a text or a list of tokens", render(steps_of(at)))


def _text(raw: Raw, at: At, node_at: At | None) -> EmbeddingInput:
    return EmbeddingInput((Text(parse(raw, render(steps_of(at))), at=at),), at=node_at)


def _tokens(raw: Raw, up: At | None, key: str | int, node_at: At | None) -> EmbeddingInput:
    try:
        msgspec.json.decode(raw, type=list[int])
    except msgspec.DecodeError:
        raise ReadError("Expected tokens, which are integers", render(steps_of(up, key))) from None
    return EmbeddingInput((Foreign(CODEC, TOKENS, raw, at=At(up, key)),), at=node_at)


def _write_request(embedding: EmbeddingRequest, report: Report) -> object:
    same = embedding.origin == CODEC
    inputs = [_write_input(one, report) for one in embedding.inputs]
    alone = same and embedding.form == ONE and len(inputs) == 1
    body = wire.EmbeddingRequest(input=inputs[0] if alone else Raw(encode(inputs)))
    if embedding.model is not None:
        body.model = embedding.model
    elif not same:
        report.add("defaulted", None, None, "request.model", CODEC, "no model was named", "$.model")
    if embedding.encoding is not None and (same or embedding.encoding in _ENCODINGS):
        body.encoding_format = embedding.encoding
    elif embedding.encoding is not None:
        report.lose("dropped", embedding, "encoding", "embedding.encoding", CODEC)
    dimensions = _dimensions(embedding, report)
    respelt = embedding.spelling(CODEC, "dimensions")
    if respelt is None and dimensions is not None:
        body.dimensions = dimensions
    task = embedding.spelling(CODEC, "task")
    _report_purpose(embedding, report, said=task is not None)
    return join(body, embedding.leftovers(CODEC) | (respelt or {}) | (task or {}))


def _report_purpose(embedding: EmbeddingRequest, report: Report, *, said: bool) -> None:
    """What the vectors are for, of which OpenAI has no notion. ``said``: as it was read, for all inputs."""
    if embedding.task not in (None, _NO_TASK) and not said:
        report.lose("dropped", embedding, "task", "embedding.task", CODEC)
    for one in embedding.inputs:
        if one.task not in (None, _NO_TASK):
            report.lose("dropped", one, "task", "embedding.task", CODEC)
        if one.title:
            report.lose("dropped", one, "title", "embedding.title", CODEC)


def _write_input(one: EmbeddingInput, report: Report) -> Raw:
    first = one.parts[0] if len(one.parts) == 1 else None
    if isinstance(first, Foreign) and first.codec == CODEC:
        return first.raw
    texts: list[str] = []
    for part in one.parts:
        if isinstance(part, Text):
            texts.append(part.text)
        else:
            report.lose("dropped", part, None, "embedding.media", CODEC, "only texts can be embedded")
    if not texts:
        raise WriteError("OpenAI embeds texts, and this input holds none", render(steps_of(one.at)))
    if len(texts) > 1:
        report.lose("approximated", one, "parts", "embedding.parts", CODEC, "several texts became lines of one")
    return Raw(encode("\n".join(texts)))


def _dimensions(embedding: EmbeddingRequest, report: Report) -> int | None:
    """One number for all inputs; where they differ, the server's own is better than a wrong one."""
    found = {embedding.dimensions if one.dimensions is None else one.dimensions for one in embedding.inputs}
    if len(found) <= 1:
        return found.pop() if found else embedding.dimensions
    for one in embedding.inputs:
        if one.dimensions is not None:
            report.lose("dropped", one, "dimensions", "embedding.dimensions", CODEC, "they differ between inputs")
    return None


def _read_response(body: wire.EmbeddingList, report: Report) -> EmbeddingResponse:
    report.keys = _KEYS
    if body.data is UNSET:
        raise ReadError("Object missing required field `data`")
    vectors_ = tuple([_read_vector(one, i, report) for i, one in enumerate(body.data)])
    spelt = None
    if body.object != "list" or body.model == "":
        spelt = {"origin": Spelling(CODEC, CODEC, _stood(body.object, "object", None, report, "list"))}
        if body.model == "":
            spelt["model"] = Spelling(CODEC, "", {"model": Raw(b'""')})
    return EmbeddingResponse(
        vectors_,
        "" if body.model is UNSET else body.model,
        None if body.usage is UNSET else _read_usage(body.usage, report),
        CODEC,
        ext=keep(body.extra, None, CODEC, report),
        spelt=spelt,
    )


def _stood(value: object, key: str, at: At | None, report: Report, usual: str) -> dict[str, Raw]:
    """A constant as it stood, which may be not at all; reported if it says something else."""
    if value is UNSET:
        return {}
    if value != usual:
        report.leftover(at, key, CODEC)
    return {key: Raw(encode(value))}


def _read_vector(body: wire.Embedding, place: int, report: Report) -> Vector:
    at = At(_DATA, place)
    if body.embedding is UNSET:
        raise ReadError("Object missing required field `embedding`", render(steps_of(at)))
    base64 = vectors.is_base64(body.embedding)
    if not base64:
        try:
            vectors.check_numbers(body.embedding)
        except ValueError as error:
            raise ReadError(str(error), render(steps_of(at, "embedding"))) from None
    spelt = None
    index = place if body.index is UNSET else body.index
    if body.object != "embedding" or body.index is UNSET:
        stood = _stood(body.object, "object", at, report, "embedding")
        if body.index is not UNSET:
            stood["index"] = Raw(encode(index))
        spelt = {"index": Spelling(CODEC, index, stood)}
    ext = keep(body.extra, at, CODEC, report) if body.found is not UNSET else None
    return Vector(body.embedding, base64, index, at=at, ext=ext, spelt=spelt)


def _read_usage(body: wire.EmbeddingUsage, report: Report) -> Usage:
    return Usage(
        input=None if body.prompt_tokens is UNSET else body.prompt_tokens,
        output=None if body.completion_tokens is UNSET else body.completion_tokens,
        total=None if body.total_tokens is UNSET else body.total_tokens,
        at=_USAGE,
        ext=keep(body.extra, _USAGE, CODEC, report),
    )


def _write_response(embedding: EmbeddingResponse, asked: EmbeddingRequest | None, report: Report) -> object:
    same = embedding.origin == CODEC
    wanted = None if same else asked is not None and asked.encoding == "base64"
    data = [_write_vector(one, wanted) for one in embedding.vectors]
    out: dict[str, object] = {"object": "list", "data": data}
    if same:
        kept = embedding.spelling(CODEC, "origin")
        if kept is not None:
            del out["object"]
            out |= kept
        if embedding.model or embedding.spelling(CODEC, "model") is not None:
            out["model"] = embedding.model
    else:
        out["model"] = _model(embedding, asked, report)
    if embedding.usage is not None or not same:
        out["usage"] = _write_usage(embedding.usage, report, same=same)
    left = embedding.leftovers(CODEC)
    return left | out if left else out


def _model(embedding: EmbeddingResponse, asked: EmbeddingRequest | None, report: Report) -> str:
    """The name that the client used; the upstream's own where that is not known."""
    name = asked.model if asked is not None and asked.model else embedding.model
    if not name:
        report.add("defaulted", None, None, "response.model", CODEC, "no model was named", "$.model")
    elif embedding.model and embedding.model != name:
        report.lose("dropped", embedding, "model", "response.model", CODEC, "the client's name for it is shown")
    return name


def _write_vector(one: Vector, wanted: bool | None) -> object:
    """``wanted``: base64 or not; None: as it is."""
    raw = one.raw
    if wanted is not None and wanted != one.base64:
        try:
            raw = vectors.to_base64(raw) if wanted else vectors.to_numbers(raw)
        except ValueError as error:
            raise WriteError(str(error), render(steps_of(one.at))) from None
    kept = one.spelling(CODEC, "index")
    left = one.leftovers(CODEC)
    if kept is not None:
        return left | kept | {"embedding": raw}
    body = wire.Embedding(object="embedding", index=one.index, embedding=raw)
    return join(body, left)


def _write_usage(usage: Usage | None, report: Report, *, same: bool) -> object:
    if usage is None:
        report.add("defaulted", None, None, "usage.input", CODEC, "the upstream counted nothing", "$.usage")
        return wire.EmbeddingUsage(prompt_tokens=0, total_tokens=0)
    body = wire.EmbeddingUsage()
    if same:
        body.prompt_tokens = UNSET if usage.input is None else usage.input
        body.total_tokens = UNSET if usage.total is None else usage.total
        body.completion_tokens = UNSET if usage.output is None else usage.output
        return join(body, usage.leftovers(CODEC))
    if usage.input is None:
        report.add("defaulted", None, None, "usage.input", CODEC, "the upstream did not say", "$.usage.prompt_tokens")
    body.prompt_tokens = usage.input or 0
    body.total_tokens = body.prompt_tokens if usage.total is None else usage.total
    if usage.input_by and usage.input_by != (("text", usage.input),):
        report.lose("dropped", usage, "input_by", "usage.details", CODEC)
    for field in ("output", "cached", "tool_input", "reasoning"):
        if getattr(usage, field):
            report.lose("dropped", usage, field, "usage." + field, CODEC)
    return body
