"""`EmbedContentRequest` and `BatchEmbedContentsRequest`: https://ai.google.dev/api/embeddings.

Requests from elsewhere always become a batch, as Google's own SDKs send one even for a single text: one content per
input, since several parts of one content give one vector.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Raw, UnsetType

from metaphrase.errors import ReadError, WriteError
from metaphrase.http import Request
from metaphrase.ir import (
    At,
    EmbeddingInput,
    EmbeddingRequest,
    Foreign,
    Inline,
    Media,
    Node,
    Part,
    Spelling,
    Text,
    Uri,
)
from metaphrase.loss import Key, Keys, Report, render, steps_of
from metaphrase.wirejson import Document, Wire, encode, keep

from .leftovers import encoded, spelling, with_numerals
from .paths import model_in, unsafe, write_target
from .places import Place
from .read.content import read_parts, whole
from .wire.content import Blob, Content, FileData
from .wire.content import Part as WirePart
from .wire_embedding import BatchRequest, EmbedConfig, EmbedRequest
from .words import CODEC

ONE = "embedContent"
BATCH = "batchEmbedContents"
CONFIG = "embedContentConfig"

_REQUESTS = At(None, "requests")
_TASKS = frozenset(
    {
        "RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT", "SEMANTIC_SIMILARITY", "CLASSIFICATION", "CLUSTERING",
        "QUESTION_ANSWERING", "FACT_VERIFICATION", "CODE_RETRIEVAL_QUERY",
    }
)  # fmt: skip
_NO_TASK = "TASK_TYPE_UNSPECIFIED"
_ENCODINGS = (None, "float", "base64")
_TOKENS = (
    "Gemini embeds texts, and this input is an array of tokens: send the text itself "
    "(LangChain: OpenAIEmbeddings(check_embedding_ctx_length=False))"
)

_batches = Document(BatchRequest)
_singles = Document(EmbedRequest)
_contents = Document(Content)


def _setting(key: str) -> Any:
    def place(node: Node) -> Key:
        return (CONFIG, key) if node.spelt is not None and CONFIG in node.spelt else key

    return place


KEYS: Keys = {
    EmbeddingInput: {
        "parts": ("content", "parts"),
        "task": _setting("taskType"),
        "title": _setting("title"),
        "dimensions": _setting("outputDimensionality"),
    },
    EmbeddingRequest: {"inputs": "requests"},
}


def read_batch(http: Request, report: Report) -> EmbeddingRequest:
    """Many contents, each one input."""
    body = _batches.decode(http.body)
    _begin(http, body.respelt, report)
    if body.requests is UNSET:
        raise ReadError("Object missing required field `requests`")
    model = model_of(http.target, body.model, *[one.model for one in body.requests])
    keep(body.extra, None, CODEC, report)
    extra = _with_model(body.extra, body.model, model, None, report)
    inputs = [_read_input(one, At(_REQUESTS, i), model, http, report) for i, one in enumerate(body.requests)]
    return _request(tuple(inputs), model, http, BATCH, extra, body)


def read_one(http: Request, report: Report) -> EmbeddingRequest:
    """One content."""
    body = _singles.decode(http.body)
    _begin(http, body.respelt, report)
    model = model_of(http.target, body.model)
    return _request((_read_input(body, None, model, http, report),), model, http, ONE, {}, body)


def _begin(http: Request, respelt: bool, report: Report) -> None:
    report.keys = KEYS
    if respelt:
        report.respelt(http.body)


def _request(
    inputs: tuple[EmbeddingInput, ...], model: str | None, http: Request, form: str, extra: dict[str, Raw], body: Wire
) -> EmbeddingRequest:
    spelt = with_numerals({"model": Spelling(CODEC, model, {})}, body)  # leftovers hold the model as it stood
    ext = {CODEC: extra} if extra else None
    return EmbeddingRequest(inputs, model, None, None, CODEC, http.target, None, form, ext=ext, spelt=spelt)


def model_of(target: str, *named: str | UnsetType) -> str | None:
    """The model of the path, or else the first that the body names."""
    model = model_in(target.partition("?")[0].rpartition(":")[0])
    if model is None:
        model = next((name.removeprefix("models/") for name in named if name is not UNSET), None)
    if model is not None and unsafe(model):
        raise ReadError("The request names a model in a way that could lead elsewhere")
    return model


def _with_model(
    extra: dict[str, Raw], named: str | UnsetType, model: str | None, at: At | None, report: Report
) -> dict[str, Raw]:
    """Leftovers with the model as it stood; reported if it is another than the path's."""
    if named is UNSET:
        return extra
    if model is not None and named.removeprefix("models/") != model:
        report.leftover(at, "model", CODEC)
    return extra | {"model": Raw(encode(named))}


def _read_input(body: EmbedRequest, at: At | None, model: str | None, http: Request, report: Report) -> EmbeddingInput:
    if body.content is UNSET:
        raise ReadError("Object missing required field `content`", render(steps_of(at)))
    parts = _read_content(body.content, at, http, report)
    keep(body.extra, at, CODEC, report)
    extra = _with_model(body.extra, body.model, model, at, report)
    spelt = {"parts": spelling(parts, {"content": body.content})}
    config: EmbedConfig = body
    if body.embed_content_config is not UNSET:
        config = body.embed_content_config
        keep(config.extra, At(at, CONFIG), CODEC, report)
        for key in _flat(body):  # a setting that stands in both places: the config's counts
            report.leftover(at, key, CODEC)
    task = config.task_type
    settings = (
        str(task) if isinstance(task, int) else None if task is UNSET else task,
        None if config.title is UNSET else config.title,
        None if config.output_dimensionality is UNSET else config.output_dimensionality,
    )
    if config is not body:
        members = _flat(body) | {CONFIG: whole(config)}
        spelt[CONFIG] = Spelling(CODEC, settings, members)
    elif isinstance(task, int):
        spelt["task"] = Spelling(CODEC, settings[0], {"taskType": Raw(encode(task))})
    return EmbeddingInput(parts, *settings, at=at, ext={CODEC: extra} if extra else None, spelt=spelt)


def _flat(body: EmbedRequest) -> dict[str, Raw]:
    settings = (
        ("taskType", body.task_type), ("title", body.title), ("outputDimensionality", body.output_dimensionality)
    )  # fmt: skip
    return {key: Raw(encode(value)) for key, value in settings if value is not UNSET}


def _read_content(raw: Raw, at: At | None, http: Request, report: Report) -> tuple[Part, ...]:
    up = At(at, "content")
    try:
        content = _contents.decode(raw)
    except ReadError as error:
        raise ReadError(error.message, render(steps_of(up)) + error.path[1:]) from None
    if content.respelt:
        report.respelt(http.body)
    keep(content.extra, up, CODEC, report)
    if content.role is not UNSET and content.role != "user":
        report.leftover(up, "role", CODEC)
    if content.parts is UNSET:
        return ()
    return read_parts(content.parts, Place(up, At(up, "parts")), report)


def write_request(embedding: EmbeddingRequest, report: Report) -> Request:
    """A batch, or the form that was read."""
    same = embedding.origin == CODEC
    form = embedding.form if same and embedding.form in (ONE, BATCH) else BATCH
    items = [_write_input(embedding, one, report) for one in embedding.inputs]
    if form == ONE and len(items) == 1:
        body: Any = items[0]
    else:
        body = _kept_model(embedding.leftovers(CODEC), embedding) | {"requests": items}
    if not same and embedding.encoding not in _ENCODINGS:
        report.lose("dropped", embedding, "encoding", "embedding.encoding", CODEC)
    return Request("POST", target_of(embedding, form, report), (), encoded(body, embedding))


def target_of(embedding: EmbeddingRequest, form: str, report: Report) -> str:
    """The path, which names the model; the one that was read if it still names the same."""
    model = embedding.model
    same = embedding.origin == CODEC
    if same and embedding.target and (model is None or _holds(embedding)):
        return embedding.target
    if model is None:
        if not same:
            report.add("defaulted", None, None, "request.model", CODEC, "no model was named, so there is no path")
        return ""
    if unsafe(model):
        raise WriteError("The model's name could lead elsewhere", "$.model")
    return write_target(model, False).rpartition(":")[0] + ":" + form


def _holds(embedding: EmbeddingRequest) -> bool:
    return embedding.spelling(CODEC, "model") is not None


def _kept_model(left: dict[str, Raw], embedding: EmbeddingRequest) -> dict[str, Any]:
    """Leftovers without the model as it stood, if the model has been changed since."""
    if "model" not in left or _holds(embedding):
        return dict(left)
    return {key: raw for key, raw in left.items() if key != "model"}


def _write_input(embedding: EmbeddingRequest, one: EmbeddingInput, report: Report) -> dict[str, Any]:
    out: dict[str, Any] = _kept_model(one.leftovers(CODEC), embedding)
    if embedding.model is not None and not (embedding.origin == CODEC and _holds(embedding)):
        out["model"] = _resource(embedding.model)
    kept = one.spelling(CODEC, "parts")
    out["content"] = _write_content(one) if kept is None else kept["content"]
    return out | _settings(embedding, one, report)


def _resource(model: str) -> str:
    """A model's resource name."""
    return model if model.startswith(("models/", "tunedModels/", "projects/")) else "models/" + model


def _settings(embedding: EmbeddingRequest, one: EmbeddingInput, report: Report) -> dict[str, Any]:
    kept = one.spelt.get(CONFIG) if one.spelt is not None else None
    if kept is not None and kept.value == (one.task, one.title, one.dimensions):
        return dict(kept.members)
    out: dict[str, Any] = {}
    task = embedding.task if one.task is None else one.task
    number = one.spelling(CODEC, "task")
    if number is not None:
        out |= number
    elif task is not None:
        if embedding.origin == CODEC or task in _TASKS:
            out["taskType"] = task
        elif task != _NO_TASK:
            node: Node = embedding if one.task is None else one
            report.lose("dropped", node, "task", "embedding.task", CODEC, "no such task")
    if one.title is not None:
        out["title"] = one.title
    dimensions = embedding.dimensions if one.dimensions is None else one.dimensions
    if dimensions is not None:
        out["outputDimensionality"] = dimensions
    return out


def _write_content(one: EmbeddingInput) -> dict[str, Any]:
    return {"parts": [_write_part(part) for part in one.parts]}


def _write_part(part: Part) -> Any:
    if isinstance(part, Text):
        return WirePart(text=part.text)
    if isinstance(part, Media) and isinstance(part.source, Inline):
        return WirePart(inline_data=Blob(mime_type=part.mime or "application/octet-stream", data=part.source.raw))
    if isinstance(part, Media) and isinstance(part.source, Uri):
        return WirePart(file_data=FileData(mime_type=part.mime or UNSET, file_uri=part.source.uri))
    if isinstance(part, Foreign) and part.codec == CODEC:
        return part.raw
    if isinstance(part, Foreign) and part.kind == "tokens":
        raise WriteError(_TOKENS, render(steps_of(part.at)))
    raise WriteError("Gemini embeds texts and media, and this input is something else", render(steps_of(part.at)))
