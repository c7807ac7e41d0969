"""No release of the vendors' SDKs brings a field that the table does not know.

When this fails: add a row for the field to support/*.tsv, look at what `make docs` measures, and give it its class; or,
where the SDK does not send it, add it to the tables here, with the reason.
"""

from collections.abc import Iterable
from typing import Annotated, Literal, Optional, Required

import pytest
from google.genai import types as genai
from openai.types.chat import ChatCompletionChunk, completion_create_params
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from support.place import leads
from support.table import Protocol, paths
from tests.fields import sdk

# Fields of the SDKs' types that are never on the wire, by where they would stand.
NOT_SENT = {
    # google-genai: how the SDK makes its calls
    "generateContent.request.httpOptions": "headers, timeouts and retries of the SDK's own HTTP client",
    "generateContent.request.shouldReturnHttpResponse": "whether the SDK keeps the raw response",
    "generateContent.request.automaticFunctionCalling": "the SDK calls Python functions itself",
    "generateContent.request.automaticContinuation": "the SDK asks on by itself after CONTINUATION",
    "embedContent.request.httpOptions": "as above",
    "models.list.query.httpOptions": "as above",
    "models.list.query.queryBase": "which list the SDK asks for: it is in the address",
    # google-genai: what the SDK adds to an answer
    "generateContent.response.sdkHttpResponse": "headers and body as they came",
    "generateContent.response.automaticFunctionCallingHistory": "the calls that the SDK made itself",
    "generateContent.response.parsed": "the text, parsed with the caller's type",
    "batchEmbedContents.response.sdkHttpResponse": "as above",
    "countTokens.response.sdkHttpResponse": "as above",
    "models.list.response.sdkHttpResponse": "as above",
    # google-genai: takes a File, a Part, a text or a list of them for a Content, and sends a Content. What the parts of
    # one may be is checked under contents[].
    "generateContent.request.systemInstruction": "sent as a Content",
}
# Fields that the SDK calls otherwise than the wire does: google-genai's converters (`_*_from_vertex`, `_*_to_vertex`).
_STATISTICS = "predict.response.predictions[].embeddings.statistics.truncated"
RENAMED = {
    "embedContent.request.mimeType": "predict.request.instances[].mimeType",
    "batchEmbedContents.response.embeddings[].statistics": _STATISTICS,
    "models.get.response.endpoints": "models.get.response.deployedModels[]",
    "models.get.response.tunedModelInfo": "models.get.response.updateTime",
    "models.get.response.supportedActions": "models.get.response.supportedGenerationMethods[]",
    "models.list.response.models[].endpoints": "models.list.response.models[].deployedModels[]",
    "models.list.response.models[].tunedModelInfo": "models.list.response.models[].updateTime",
    "models.list.response.models[].supportedActions": "models.list.response.models[].supportedGenerationMethods[]",
}
ROOTS: dict[Protocol, tuple[sdk.Root, ...]] = {"openai": sdk.OPENAI, "gemini": sdk.GEMINI}


def missing(protocol: Protocol, roots: Iterable[sdk.Root], known: frozenset[str]) -> list[str]:
    """One line for each field that has no row, and is not in the tables above."""
    found = sdk.unknown(roots, known)
    excused = (*NOT_SENT, *RENAMED)
    return [
        f"{protocol}: {field.owner} has a field that the table does not know: {field.path}"
        for field in found
        if not any(leads(path, field.path) for path in excused)
    ]


@pytest.mark.parametrize("protocol", ROOTS)
def test_the_table_knows_every_field_of_the_sdk(protocol: Protocol) -> None:
    assert missing(protocol, ROOTS[protocol], paths(protocol)) == []


@pytest.mark.parametrize(("protocol", "least"), [("openai", 300), ("gemini", 600)])
def test_the_walk_sees_most_of_the_table(protocol: Protocol, least: int) -> None:
    """A walk that finds nothing would find nothing missing."""
    known = paths(protocol)
    met = {row for root in ROOTS[protocol] for _, _, rows in sdk.walk(root.kind, root.under, known) for row in rows}
    assert len(met) >= least


def test_the_excuses_are_needed_and_true() -> None:
    known = paths("gemini")
    unknown = [field.path for field in sdk.unknown(sdk.GEMINI, known)]
    assert [path for path in (*NOT_SENT, *RENAMED) if not any(leads(path, one) for one in unknown)] == []
    assert [path for path in RENAMED.values() if path not in known] == []


@pytest.mark.parametrize(
    ("protocol", "gone", "owner"),
    [
        ("openai", "request.verbosity", "CompletionCreateParamsNonStreaming"),
        ("openai", "request.messages[].content[].file.filename", "FileFile"),
        ("openai", "chunk.choices[].delta.tool_calls[].index", "ChoiceDeltaToolCall"),
        ("openai", "response.choices[].logprobs.content[].top_logprobs[].logprob", "TopLogprob"),
        ("gemini", "generateContent.request.generationConfig.topK", "GenerateContentConfig"),
        ("gemini", "generateContent.request.contents[].parts[].mediaProcessing", "Part"),
        ("gemini", "generateContent.response.candidates[].groundingMetadata.webSearchQueries[]", "GroundingMetadata"),
        ("gemini", "generateContent.response.usageMetadata.trafficType", "GenerateContentResponseUsageMetadata"),
    ],
)
def test_a_row_that_is_taken_away_is_missed(protocol: Protocol, gone: str, owner: str) -> None:
    found = missing(protocol, ROOTS[protocol], paths(protocol) - {gone})
    name = gone.removesuffix("[]").rpartition(".")[2]
    assert found
    assert all(line.endswith(f".{name}") for line in found), found
    assert f" {owner} " in found[0]


class NewChunk(ChatCompletionChunk):
    """A release that brings a field."""

    surprise: str | None = None


class NewResponse(genai.GenerateContentResponse):
    """A release that brings a field."""

    surprise_metadata: str | None = Field(default=None, alias="surpriseMetadata")


class NewParams(completion_create_params.CompletionCreateParamsNonStreaming):
    """A release that brings a field."""

    surprise: str


def test_a_new_field_is_found() -> None:
    assert missing("openai", [sdk.Root(NewChunk, ("chunk",))], paths("openai")) == [
        "openai: NewChunk has a field that the table does not know: chunk.surprise"
    ]
    assert missing("openai", [sdk.Root(NewParams, ("request",))], paths("openai")) == [
        "openai: NewParams has a field that the table does not know: request.surprise"
    ]
    found = missing("gemini", [sdk.Root(NewResponse, ("generateContent.response",))], paths("gemini"))
    assert [line.rpartition(": ")[2] for line in found] == ["generateContent.response.surpriseMetadata"]


class Deep(TypedDict, total=False):
    known: Required[int]
    fresh: str


class Shallow(BaseModel):
    one: Annotated[Deep, "kept"] | Literal["auto"]
    many: Optional[list[dict[str, Deep]]] = None  # noqa: UP045 - as the SDKs spell it
    again: list["Shallow"] = []
    opaque: Deep


def test_the_walk_goes_through_unions_lists_and_types_that_hold_themselves() -> None:
    known = frozenset({"a.one.known", "a.many[].known", "a.again[].one.known", "a.opaque"})
    found = {field.path for field in sdk.unknown([sdk.Root(Shallow, ("a",))], known)}
    assert found == {
        "a.one.fresh",
        "a.many[].fresh",
        "a.again[].one.fresh",
        "a.again[].many",
        "a.again[].again",
        "a.again[].opaque",
    }  # and nothing under a.opaque, whose row speaks for all that is in it


def test_a_type_that_is_not_resolved_is_no_end_of_the_walk() -> None:
    with pytest.raises(TypeError, match="not resolved"):
        list(sdk.objects("Later"))
