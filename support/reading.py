"""How the wire types read a field: typed, as raw JSON, or not declared at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import UnionType
from typing import Any, Literal, TypeGuard, Union, get_args, get_origin, get_type_hints

import msgspec

from metaphrase.wirejson import Wire
from metaphrase_gemini import wire_catalog as gemini_catalog
from metaphrase_gemini import wire_embedding as gemini_embedding
from metaphrase_gemini import wire_tokens as gemini_tokens
from metaphrase_gemini.wire import request as gemini_request
from metaphrase_gemini.wire import response as gemini_response
from metaphrase_openai import wire as openai
from metaphrase_openai import wire_catalog as openai_catalog
from metaphrase_openai import wire_embedding as openai_embedding
from metaphrase_openai import wire_stream as openai_stream
from metaphrase_openai import wire_tokens as openai_tokens

from .place import leads, tokens
from .table import Protocol

Reading = Literal["typed", "raw", "aside"]
"""typed: a wire type declares it with a type; raw: a wire type declares it, or something that it stands in, as raw
JSON; aside: no wire type declares it, so that it is kept as raw JSON where it stood, and looked up if it is needed.
"""

ROOTS: dict[Protocol, dict[str, type[Wire]]] = {
    "openai": {
        "request": openai.Request,
        "response": openai.Response,
        "chunk": openai_stream.Chunk,
        "embeddings.request": openai_embedding.EmbeddingRequest,
        "embeddings.response": openai_embedding.EmbeddingList,
        "input_tokens.request": openai_tokens.InputTokens,
        "input_tokens.response": openai_tokens.TokenCountBody,
        "models.get.response": openai_catalog.Model,
        "models.list.response": openai_catalog.ModelList,
    },
    "gemini": {
        "generateContent.request": gemini_request.GenerateContentRequest,
        "generateContent.response": gemini_response.GenerateContentResponse,
        "embedContent.request": gemini_embedding.EmbedRequest,
        "embedContent.response": gemini_embedding.EmbedResponse,
        "batchEmbedContents.request": gemini_embedding.BatchRequest,
        "batchEmbedContents.response": gemini_embedding.EmbedResponse,
        "countTokens.request": gemini_tokens.CountRequest,
        "countTokens.response": gemini_tokens.CountResponse,
        "predict.request": gemini_embedding.PredictRequest,
        "predict.response": gemini_embedding.PredictResponse,
        "models.get.response": gemini_catalog.Model,
        "models.list.response": gemini_catalog.ModelList,
    },
}
"""The type of each document. Errors have none: they are read as whatever they are."""

LATER: Mapping[tuple[type[Wire], str], Any] = {
    (openai.Message, "annotations"): list[openai.Annotation],
    (openai.Choice, "logprobs"): openai.Logprobs,
    (openai_stream.ChunkChoice, "logprobs"): openai.Logprobs,
    (openai.Response, "usage"): openai.Usage,
    (openai_stream.Chunk, "usage"): openai.Usage,
    (openai_tokens.InputTokens, "input"): list[openai_tokens.InputItem],
    (openai_tokens.InputItem, "content"): list[openai_tokens.InputPart],
    (gemini_response.Candidate, "groundingMetadata"): gemini_response.GroundingMetadata,
    (gemini_response.Candidate, "citationMetadata"): gemini_response.CitationMetadata,
    (gemini_response.Candidate, "logprobsResult"): gemini_response.LogprobsResult,
}
"""Raw fields that are read with a type of their own, where they are needed."""


def reading(protocol: Protocol, path: str) -> Reading | None:
    """How a field is read; None for what stands in no document."""
    root = next((root for root in ROOTS[protocol] if leads(root, path)), None)
    if root is None:
        return "aside" if leads("error", path) else None
    kinds: list[Any] = [ROOTS[protocol][root]]
    for key in tokens(path[len(root) :]):
        kinds = list(_into(kinds, key))
        if not kinds:
            return "aside"
        if kinds == [msgspec.Raw]:
            return "raw"
    return "typed"


def _into(kinds: list[Any], key: str) -> Iterator[Any]:
    """What stands under this key of any of these types."""
    for kind in kinds:
        if key.startswith("["):
            yield from (below for one in get_args(kind) if get_origin(kind) is list for below in _alternatives(one))
        elif _is_wire(kind):
            for name, field in fields(kind):
                if name == key:
                    yield from _alternatives(field)
        elif get_origin(kind) is dict:
            yield from _alternatives(get_args(kind)[1])


def _alternatives(kind: Any) -> list[Any]:
    """The members of a union, without what says that there is nothing."""
    if get_origin(kind) in (Union, UnionType):
        return [below for one in get_args(kind) for below in _alternatives(one)]
    return [] if kind in (msgspec.UnsetType, type(None)) else [kind]


def _is_wire(kind: Any) -> TypeGuard[type[Wire]]:
    return isinstance(kind, type) and issubclass(kind, Wire)


@cache
def fields(kind: type[Wire]) -> tuple[tuple[str, Any], ...]:
    """The fields of a wire type by their names on the wire."""
    hints = get_type_hints(kind)
    declared = [one for one in msgspec.structs.fields(kind) if one.name != "found"]
    return tuple([(one.encode_name, _later(kind, one.encode_name, hints[one.name])) for one in declared])


def _later(kind: type[Wire], name: str, hint: Any) -> Any:
    return next((LATER[base, name] for base in kind.__mro__ if (base, name) in LATER), hint)


def declared(protocol: Protocol) -> dict[tuple[type[Wire], str], list[str]]:
    """Each field of the wire types with the paths where it may stand."""
    found: dict[tuple[type[Wire], str], list[str]] = {}
    for root, kind in ROOTS[protocol].items():
        _declare(root, kind, (), found)
    return found


def _declare(
    path: str, kind: type[Wire], up: tuple[type[Wire], ...], found: dict[tuple[type[Wire], str], list[str]]
) -> None:
    if up.count(kind) > 1:  # types that hold themselves
        return
    for name, field in fields(kind):
        at = f"{path}.{name}"
        found.setdefault((kind, name), []).append(at)
        for one in _alternatives(field):
            kinds, depth = [one], at
            while get_origin(kinds[0]) is list:
                kinds, depth = _alternatives(get_args(kinds[0])[0]), depth + "[]"
            for below in kinds:
                if _is_wire(below):
                    _declare(depth, below, (*up, kind), found)
