"""Model lists: https://ai.google.dev/api/models. A model's name is `models/` and its id; all models are Google's."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET, Raw

from metaphrase.errors import ReadError
from metaphrase.http import Response
from metaphrase.ir import At, Catalog, Model, Spelling
from metaphrase.loss import Keys, Report, render, steps_of
from metaphrase.wirejson import Document, encode, join, keep

from .leftovers import encoded, with_numerals
from .wire_catalog import Model as WireModel
from .wire_catalog import ModelList
from .words import CODEC

OWNER = "google"
_PREFIX = "models/"
_RESOURCES = ("models/", "tunedModels/", "projects/", "publishers/")
_METHODS: Mapping[str, list[str]] = {"embed": ["embedContent", "batchEmbedContents"], "": ["generateContent"]}
"""What a model can be asked for, by a word in its id: a guess, where nobody says."""

_JSON = (("content-type", "application/json"),)
_KEYS: Keys = {
    Model: {
        "id": "name", "name": "displayName", "input_limit": "inputTokenLimit", "output_limit": "outputTokenLimit",
        "methods": "supportedGenerationMethods",
    },
    Catalog: {"next_page": "nextPageToken"},
}  # fmt: skip
_MODELS = At(None, "models")
_lists = Document(ModelList)
_models = Document(WireModel)


class Models:
    """Model lists, and one model of them."""

    def read_response(self, wire: Response, report: Report) -> Catalog:
        """A page."""
        report.keys = _KEYS
        body = _lists.decode(wire.body)
        if body.respelt:
            report.respelt(wire.body)
        given = [] if body.models is UNSET else body.models
        models = tuple([_read_model(one, At(_MODELS, i), report) for i, one in enumerate(given)])
        spelt: dict[str, Spelling] = {}
        if body.models is not UNSET and not given:
            spelt["models"] = Spelling(CODEC, (), {"models": Raw(b"[]")})
        if body.next_page_token == "":
            spelt["next_page"] = Spelling(CODEC, None, {"nextPageToken": Raw(b'""')})
        page = None if body.next_page_token is UNSET else body.next_page_token or None
        ext = keep(body.extra, None, CODEC, report)
        return Catalog(models, page, CODEC, ext=ext, spelt=with_numerals(spelt or None, body))

    def write_response(self, catalog: Catalog, report: Report) -> Response:
        """A page."""
        out: dict[str, object] = dict(catalog.leftovers(CODEC))
        if catalog.models:
            out["models"] = [_write_model(one, report, same=one.origin == CODEC) for one in catalog.models]
        if catalog.next_page is not None:
            out["nextPageToken"] = catalog.next_page
        for field in ("models", "next_page"):
            out |= catalog.spelling(CODEC, field) or {}
        return Response(200, _JSON, encoded(out, catalog))

    def read_model(self, wire: Response, report: Report) -> Model:
        """One model."""
        report.keys = _KEYS
        body = _models.decode(wire.body)
        if body.respelt:
            report.respelt(wire.body)
        return _read_model(body, None, report)

    def write_model(self, model: Model, report: Report) -> Response:
        """One model."""
        return Response(200, _JSON, encoded(_write_model(model, report, same=model.origin == CODEC), model))


def _read_model(body: WireModel, at: At | None, report: Report) -> Model:
    if body.name is UNSET:
        raise ReadError("Object missing required field `name`", render(steps_of(at)))
    id_ = body.name.removeprefix(_PREFIX)
    spelt = None
    if id_ == body.name and not id_.startswith(_RESOURCES):
        spelt = {"id": Spelling(CODEC, id_, {"name": Raw(encode(id_))})}
    return Model(
        id_,
        None if body.display_name is UNSET else body.display_name,
        None if body.description is UNSET else body.description,
        None if body.version is UNSET else body.version,
        None,
        OWNER,
        None if body.input_token_limit is UNSET else body.input_token_limit,
        None if body.output_token_limit is UNSET else body.output_token_limit,
        None if body.supported_generation_methods is UNSET else tuple(body.supported_generation_methods),
        CODEC,
        at=at,
        ext=keep(body.extra, at, CODEC, report),
        spelt=with_numerals(spelt, body),
    )


def _write_model(model: Model, report: Report, *, same: bool) -> object:
    name = model.id if model.id.startswith(_RESOURCES) else _PREFIX + model.id
    body = WireModel(
        name=name,
        display_name=UNSET if model.name is None else model.name,
        description=UNSET if model.description is None else model.description,
        version=UNSET if model.version is None else model.version,
        input_token_limit=UNSET if model.input_limit is None else model.input_limit,
        output_token_limit=UNSET if model.output_limit is None else model.output_limit,
        supported_generation_methods=UNSET if model.methods is None else list(model.methods),
    )
    if same:
        kept = model.spelling(CODEC, "id")
        if kept is not None:
            body.name = UNSET
        return join(body, model.leftovers(CODEC) | (kept or {}))
    if model.name is None:
        body.display_name = model.id
    if model.version is None:
        body.version = ""  # required by Google's schema
    if model.methods is None:
        body.supported_generation_methods = next(found for word, found in _METHODS.items() if word in model.id.lower())
        report.add(
            "synthesised", None, None, "models.methods", CODEC, "a guess", "$.models[*].supportedGenerationMethods"
        )
    if model.created:
        report.lose("dropped", model, "created", "models.created", CODEC)
    if model.owner not in (None, "", OWNER):
        report.lose("dropped", model, "owner", "models.owner", CODEC)
    return body
