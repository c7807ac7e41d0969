"""The fields that the vendors' SDKs know, walked out of their types."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Annotated, Any, ForwardRef, Literal, NamedTuple, get_args, get_origin

import openai.types as oai
import pydantic
import typing_extensions
from google.genai import types as genai
from openai.types import chat
from openai.types.chat import completion_create_params

from support.place import leads

MOST = 2  # how often a type may stand in itself
ENDS = ("", "[]", "[][]")


class Root(NamedTuple):
    """A type of an SDK, and where the table keeps its fields: under one of these or another."""

    kind: Any
    under: tuple[str, ...]


class Field(NamedTuple):
    """A field of an SDK that no row is about: where it would stand, and which type has it."""

    path: str
    owner: str


OPENAI = (
    Root(completion_create_params.CompletionCreateParamsNonStreaming, ("request",)),
    Root(completion_create_params.CompletionCreateParamsStreaming, ("request",)),
    Root(chat.ChatCompletion, ("response",)),
    Root(chat.ChatCompletionChunk, ("chunk",)),
    Root(oai.EmbeddingCreateParams, ("embeddings.request",)),
    Root(oai.CreateEmbeddingResponse, ("embeddings.response",)),
    Root(oai.Model, ("models.get.response",)),
    Root(oai.Model, ("models.list.response.data[]",)),
    Root(oai.ErrorObject, ("error",)),
)
GEMINI = (
    Root(genai.Content, ("generateContent.request.contents[]",)),
    Root(genai.GenerateContentConfig, ("generateContent.request", "generateContent.request.generationConfig")),
    Root(genai.GenerationConfig, ("generateContent.request.generationConfig",)),
    Root(genai.GenerateContentResponse, ("generateContent.response",)),
    Root(genai.EmbedContentConfig, ("embedContent.request", "embedContent.request.embedContentConfig")),
    Root(genai.EmbedContentResponse, ("batchEmbedContents.response", "embedContent.response", "predict.response")),
    Root(genai.CountTokensResponse, ("countTokens.response",)),
    Root(genai.Model, ("models.get.response",)),
    Root(genai.ListModelsConfig, ("models.list.query",)),
    Root(genai.ListModelsResponse, ("models.list.response",)),
)


def unknown(roots: Iterable[Root], known: Collection[str]) -> list[Field]:
    """The fields that no row of the table is about, each once."""
    found: dict[Field, None] = {}
    for root in roots:
        for path, owner, rows in walk(root.kind, root.under, known):
            if not rows:
                found.setdefault(Field(path, owner))
    return list(found)


def walk(
    kind: Any, under: tuple[str, ...], known: Collection[str], up: tuple[Any, ...] = ()
) -> Iterator[tuple[str, str, list[str]]]:
    """Each field below: where it stands, which type has it, and the places where the table knows it.

    A row without rows below it speaks for all that is in it, and so do the places where a type holds itself.
    """
    for name, below in fields(kind).items():
        rows = [f"{path}.{name}" for path in under if any(leads(f"{path}.{name}", one) for one in known)]
        yield f"{under[0]}.{name}", kind.__name__, rows
        deeper = tuple([element for row in rows for element in _elements(row, known)])
        for one in objects(below) if deeper else ():
            if up.count(one) < MOST:
                yield from walk(one, deeper, known, (*up, kind))


def _elements(row: str, known: Collection[str]) -> list[str]:
    """The place itself, or its elements: wherever rows stand below."""
    return [row + end for end in ENDS if any(path.startswith(row + end + ".") for path in known if "{key}" not in path)]


def fields(kind: Any) -> Mapping[str, Any]:
    """The fields of a type by their names on the wire."""
    if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel):
        return {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
    if typing_extensions.is_typeddict(kind):
        return typing_extensions.get_type_hints(kind)
    return {}


def objects(kind: Any) -> Iterator[Any]:
    """The types with fields that are in a type, whatever is around them."""
    if isinstance(kind, ForwardRef | str):
        raise TypeError(f"{kind} is not resolved")
    if fields(kind):
        yield kind
    elif isinstance(kind, typing_extensions.TypeAliasType):
        yield from objects(kind.__value__)
    elif get_origin(kind) is Annotated:
        yield from objects(kind.__origin__)
    elif get_origin(kind) is not Literal:  # whose arguments are values
        for one in get_args(kind):
            yield from objects(one)
