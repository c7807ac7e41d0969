"""The rows: which fields they are about, and whether their classes are what is measured."""

import csv
import inspect
import pkgutil
from functools import cache
from importlib import import_module

import msgspec
import pytest
from msgspec import UNSET, UnsetType

import metaphrase_gemini
import metaphrase_openai
from metaphrase.testing.values import equal
from metaphrase.wirejson import Wire
from metaphrase_gemini.wire.response import Chunk, GenerateContentResponse
from metaphrase_gemini.wire_failure import Status, StatusBody
from metaphrase_openai import wire as openai
from support import probe, reading, transport
from support.frame import STREAM
from support.place import leads, places
from support.table import PROTOCOLS, Protocol, Row, also, paths, rows
from tests.laws.corpus import SHARED

LISTED = {protocol: SHARED / "protocol" / f"mapping_{protocol}.tsv" for protocol in PROTOCOLS}
COUNTS: dict[Protocol, int] = {"openai": 516, "gemini": 858}

# Nothing shows and nothing is lost, whatever the value.
SAYS_NOTHING = {
    "embeddings.request.encoding_format",  # the answer is written in this encoding
    "request.stream_options.include_usage",  # the answer's stream has it or not
    # What stands beside it says the same.
    "request.messages[].tool_calls[].type",
    "response.choices[].message.tool_calls[].type",
    "chunk.choices[].delta.tool_calls[].type",
    # Whether more pieces come is what the next event shows.
    "generateContent.response.candidates[].content.parts[].functionCall.partialArgs[].willContinue",
    "generateContent.response.candidates[].content.parts[].functionCall.willContinue",
}
# Wire types that are not those of a document: an error is written as a Status, and read as whatever it is; a Chunk is a
# GenerateContentResponse whose usage is decoded only if it is the last.
NO_DOCUMENTS = {Status, StatusBody, Chunk}


Measured = list[tuple[Row, probe.Outcome | None, probe.Outcome | None]]


@cache
def measured(protocol: Protocol) -> Measured:
    """Each row with what became of it in a document, and outside of the documents."""
    every = (*rows(protocol), *also(protocol))
    return [(row, probe.measure(protocol, row), transport.measure(protocol, row)) for row in every]


def test_there_is_one_row_for_each_field() -> None:
    for protocol in PROTOCOLS:
        paths = [row.path for row in (*rows(protocol), *also(protocol))]
        assert len(paths) == len(set(paths))
        assert len(rows(protocol)) == COUNTS[protocol]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_fields_are_those_of_the_listed_schemas(protocol: Protocol) -> None:
    if not LISTED[protocol].is_file():
        pytest.skip(f"no list of the schemas' fields at {LISTED[protocol]} (set METAPHRASE_SHARED)")
    with LISTED[protocol].open(encoding="utf-8", newline="") as file:
        listed = [row["path"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    assert [row.path for row in rows(protocol)] == listed


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_row_is_measured_or_has_rows_below_it(protocol: Protocol) -> None:
    every = measured(protocol)
    for row, inside, outside in every:
        assert (inside is not None) + (outside is not None) == bool(row.values), row.path
        assert row.values or any(leads(row.path, other.path) and other.values for other, *_ in every), row.path


def without_rows(protocol: Protocol) -> list[str]:
    """The fields of the wire types that have a row at none of their places."""
    known = paths(protocol)
    return [
        f"{kind.__name__}.{name} at {where[0]}"
        for (kind, name), where in reading.declared(protocol).items()
        if not any(leads(path, one) for path in where for one in known)
    ]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_field_of_the_wire_types_has_a_row(protocol: Protocol) -> None:
    assert without_rows(protocol) == []


class NewAnswer(openai.Response):
    surprise: str | UnsetType = UNSET


def test_a_new_field_of_a_wire_type_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reading.ROOTS["openai"], "response", NewAnswer)
    assert without_rows("openai") == ["NewAnswer.surprise at response.surprise"]


def test_every_wire_type_is_part_of_a_document() -> None:
    reached = {kind for protocol in PROTOCOLS for kind, _ in reading.declared(protocol)}
    found: set[type[Wire]] = set()
    for package in (metaphrase_openai, metaphrase_gemini):
        names = [one.name for one in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
        for name in names:
            if any(part.startswith("wire") for part in name.split(".")):
                members = inspect.getmembers(import_module(name), inspect.isclass)
                found |= {kind for _, kind in members if issubclass(kind, Wire) and kind.__module__ == name}
    bases = {base for kind in found for base in kind.__bases__}
    assert found - reached - NO_DOCUMENTS - bases == set()
    assert dict(reading.fields(Chunk)).keys() == dict(reading.fields(GenerateContentResponse)).keys()


def test_a_row_that_is_read_typed_stands_in_the_wire_types() -> None:
    """The other direction: how a row is read is looked up in the types, never claimed."""
    for protocol in PROTOCOLS:
        for row, _, outside in measured(protocol):
            assert (reading.reading(protocol, row.path) is None) is (outside is not None), row.path
    assert reading.reading("openai", "request.temperature") == "typed"
    assert reading.reading("openai", "request.tool_choice.type") == "raw"
    assert reading.reading("openai", "request.logit_bias") == "aside"
    assert reading.reading("openai", "response.choices[].logprobs.content[].token") == "typed"  # in two steps
    assert reading.reading("gemini", "generateContent.request.labels") == "typed"
    assert reading.reading("gemini", "error.code") == "aside"


def test_nothing_is_lost_in_silence() -> None:
    every = [(row.path, inside) for protocol in PROTOCOLS for row, inside, _ in measured(protocol)]
    assert {path for path, inside in every if inside is not None and inside.silent} == SAYS_NOTHING


def fits(row: Row, outcome: probe.Outcome) -> bool:
    """Whether a class is what is measured."""
    shows = outcome.shows or outcome.present
    match row.group:
        case "exact":
            return not outcome.refused and not outcome.always
        case "emulated":
            return not outcome.refused and (shows or not outcome.always)
        case "carried":
            return not outcome.refused and not shows and bool(outcome.always or outcome.some)
        case "lost":
            return bool(outcome.refused) or (not shows and bool(outcome.always or outcome.some))
        case "struct":
            return not outcome.refused and not outcome.always


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_class_of_a_field_is_what_is_measured(protocol: Protocol) -> None:
    wrong = [(row.path, row.group, inside) for row, inside, _ in measured(protocol) if inside and not fits(row, inside)]
    assert wrong == []


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_stands_outside_the_documents_is_carried_if_it_stays(protocol: Protocol) -> None:
    found = [(row, outside) for row, _, outside in measured(protocol) if outside is not None]
    crossing = {row.path for row, outside in found if outside.shows or outside.present}
    said = {row.path for row, _ in found if row.group != "carried"}
    assert crossing <= said
    # Nothing of these crosses, and nothing is missing: Gemini's streams have no such lines.
    assert said - crossing <= {"sse.comment", "sse.done", "sse.event"}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_container_is_carried_if_all_that_is_in_it_is(protocol: Protocol) -> None:
    every = rows(protocol)
    for row in every:
        if not row.values:
            inside = {other.group for other in every if leads(row.path, other.path) and other.values}
            assert (row.group in ("carried", "lost")) is (inside <= {"carried", "lost"}), row.path
            assert row.group != "exact" or inside == {"exact"}, row.path


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_its_own_protocol_keeps_every_field(protocol: Protocol) -> None:
    """The events of a stream are cut anew: their laws are in tests/streams."""
    tried = 0
    for row in (*rows(protocol), *also(protocol)):
        for place, value in zip(places(protocol, row.path, len(row.values)), row.values, strict=False):  # none outside
            if place.frame.kind == STREAM:
                continue
            document = place.holding(value)
            done = probe.converted(protocol, protocol, place, probe.wire_form(place, document))
            assert done.losses == (), row.path
            assert equal(msgspec.json.decode(done.body), document), row.path
            tried += 1
    assert tried > 500
