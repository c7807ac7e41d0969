"""Model lists: https://platform.openai.com/docs/api-reference/models.

What OpenAI's own models do not say (a name for people, the context's length) is read in the words of compatible
servers, and written as ``display_name`` and ``context_length``.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET, Raw

from metaphrase.errors import ReadError
from metaphrase.http import Response
from metaphrase.ir import At, Catalog, Model, Spelling
from metaphrase.loss import Keys, Report, render, steps_of
from metaphrase.wirejson import Document, encode, join, keep

from . import wire_catalog as wire
from .names import CODEC

_JSON = (("content-type", "application/json"),)
_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("display_name", "name"),
    "input_limit": ("context_length", "max_context_length", "max_model_len", "context_window"),
    "output_limit": ("max_completion_tokens", "max_output_length"),
}
"""Members that mean one field of the IR, the one that is written first."""

_KEYS: Keys = {
    Model: {"owner": "owned_by", **{field: keys[0] for field, keys in _SPELLINGS.items()}},
    Catalog: {"models": "data", "next_page": "next_page"},
}
_UNSAID = ("description", "version", "output_limit", "methods")
_DATA = At(None, "data")
_lists = Document(wire.ModelList)
_models = Document(wire.Model)


class Models:
    """Model lists, and one model of them."""

    def read_response(self, wire: Response, report: Report) -> Catalog:
        """A list."""
        report.keys = _KEYS
        body = _lists.decode(wire.body)
        if body.data is UNSET:
            raise ReadError("Object missing required field `data`")
        models = tuple([_read_model(one, At(_DATA, i), report) for i, one in enumerate(body.data)])
        ext = keep(body.extra, None, CODEC, report)
        return Catalog(models, None, CODEC, ext=ext, spelt=_constant(body.object, "list", None, report))

    def write_response(self, catalog: Catalog, report: Report) -> Response:
        """A list. More pages cannot be told of: ask for all of them first."""
        data = [_write_model(one, report, same=one.origin == CODEC) for one in catalog.models]
        if catalog.next_page:
            report.lose("dropped", catalog, "next_page", "models.page", CODEC, "a list has one page here")
        out = _constant_of(catalog, "list") | {"data": data}
        return Response(200, _JSON, encode(catalog.leftovers(CODEC) | out))

    def read_model(self, wire: Response, report: Report) -> Model:
        """One model."""
        report.keys = _KEYS
        return _read_model(_models.decode(wire.body), None, report)

    def write_model(self, model: Model, report: Report) -> Response:
        """One model."""
        return Response(200, _JSON, encode(_write_model(model, report, same=model.origin == CODEC)))


def _constant(value: object, usual: str, at: At | None, report: Report) -> dict[str, Spelling] | None:
    """How the member `object` stood, if not in the usual way."""
    if value == usual:
        return None
    if value is UNSET:
        return {"origin": Spelling(CODEC, CODEC, {})}
    report.leftover(at, "object", CODEC)
    return {"origin": Spelling(CODEC, CODEC, {"object": Raw(encode(value))})}


def _constant_of(node: Catalog | Model, usual: str) -> dict[str, object]:
    kept = node.spelling(CODEC, "origin")
    return {"object": usual} if kept is None else dict(kept)


def _read_model(body: wire.Model, at: At | None, report: Report) -> Model:
    if body.id is UNSET:
        raise ReadError("Object missing required field `id`", render(steps_of(at)))
    spelt = _constant(body.object, "model", at, report) or {}
    fields: dict[str, str | int | None] = {}
    for field, keys in _SPELLINGS.items():
        said = {key: value for key in keys if (value := getattr(body, key)) is not UNSET}
        fields[field] = next(iter(said.values()), None)
        for key, value in said.items():
            if value != fields[field]:  # two members, two answers: the first in the table counts
                report.leftover(at, key, CODEC)
        if said:
            members = {key: Raw(encode(value)) for key, value in said.items()}
            spelt[field] = Spelling(CODEC, fields[field], members)
    name, input_limit, output_limit = fields["name"], fields["input_limit"], fields["output_limit"]
    return Model(
        body.id,
        name if isinstance(name, str) else None,
        None if body.description is UNSET else body.description,
        None,
        None if body.created is UNSET else body.created,
        None if body.owned_by is UNSET else body.owned_by,
        input_limit if isinstance(input_limit, int) else None,
        output_limit if isinstance(output_limit, int) else None,
        None,
        CODEC,
        at=at,
        ext=keep(body.extra, at, CODEC, report),
        spelt=spelt or None,
    )


def _write_model(model: Model, report: Report, *, same: bool) -> object:
    body = wire.Model(id=model.id)
    left = model.leftovers(CODEC)
    if same:
        body.created = UNSET if model.created is None else model.created
        body.owned_by = UNSET if model.owner is None else model.owner
        body.description = UNSET if model.description is None else model.description
    else:
        body.created, body.owned_by = _required(model, report)
        for field in _UNSAID:
            if getattr(model, field):
                report.lose("dropped", model, field, "models." + field, CODEC)
    out: dict[str, object] = dict(left)
    for field, keys in _SPELLINGS.items():
        value = getattr(model, field)
        kept = model.spelling(CODEC, field)
        if kept is not None:
            out |= kept
        elif value is not None and (same or field not in _UNSAID):
            out[keys[0]] = value
    out |= _constant_of(model, "model")
    return join(body, {key: value if isinstance(value, Raw) else Raw(encode(value)) for key, value in out.items()})


def _required(model: Model, report: Report) -> tuple[int, str]:
    """The two members that OpenAI's clients count on."""
    if model.created is None:
        report.add("defaulted", None, None, "models.created", CODEC, "the upstream does not say", "$.data[*].created")
    if model.owner is None:
        report.add("defaulted", None, None, "models.owner", CODEC, "the upstream does not say", "$.data[*].owned_by")
    return model.created or 0, model.owner or model.origin or "unknown"
