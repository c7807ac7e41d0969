"""Numbers as proto3 JSON may spell them."""

import json

import pytest
from msgspec import UNSET, UnsetType

from metaphrase.errors import ReadError
from metaphrase.numerals import number_of, respelt
from metaphrase.wirejson import Document, Wire
from metaphrase.wiretype import Extra


@pytest.mark.parametrize(
    ("text", "whole", "number"),
    [
        ('"5"', 5, 5), ("5.0", 5, 5.0), ('"-5.0"', -5, -5.0), ('"1e3"', 1000, 1000.0), ("5", 5, 5),
        ('"9007199254740993"', 9007199254740993, 9007199254740993), ("5.5", None, 5.5), ('"0.25"', None, 0.25),
        ('"x"', None, None), ('""', None, None), ('"05"', None, None), ('" 5"', None, None), ('"NaN"', None, None),
        ('"1e400"', None, None), ("true", None, None), ('"' + "9" * 30 + '"', None, 1e30), ("[5]", None, None),
    ],
)  # fmt: skip
def test_what_a_numeral_says(text: str, whole: int | None, number: float | None) -> None:
    for found, wanted in (
        (number_of(text.encode(), whole=True), whole),
        (number_of(text.encode(), whole=False), number),
    ):
        assert found == wanted
        assert type(found) is type(wanted)


class Inner(Wire, rename="camel"):
    lenient = True
    count: int | UnsetType = UNSET
    many: list[int] | UnsetType = UNSET
    share: int | float | UnsetType = UNSET
    word: str | int | UnsetType = UNSET


class Outer(Wire, rename="camel"):
    lenient = True
    first_one: Inner | UnsetType = UNSET
    others: list[Inner] | UnsetType = UNSET


class Strict(Wire):
    count: int | UnsetType = UNSET


def read(value: object) -> Outer:
    return Document(Outer).read(json.dumps(value).encode())


def test_they_are_read_and_written_as_they_stood() -> None:
    value = {
        "firstOne": {"count": "5", "share": "0.5", "many": ["1", 2, 3.0]},
        "others": [{"count": 1}, {"count": 2.0, "word": "7"}, {"many": "4"}][:2],
    }
    found = read(value)
    assert found.first_one == Inner(count=5, share=0.5, many=[1, 2, 3])
    assert found.others == [Inner(count=1), Inner(count=2, word="7")]
    assert isinstance(found.found, Extra)
    assert found.extra == {}
    plain = {"firstOne": {"count": 5, "share": 0.5, "many": [1, 2, 3]}, "others": [{"count": 1}, {"count": 2}]}
    value["others"] = [{"count": 1}, {"count": 2.0}]
    assert json.loads(respelt(json.dumps(plain).encode(), found.found.numerals)) == value
    assert b'"count":2.0' in respelt(json.dumps(plain).encode(), found.found.numerals)


def test_also_beside_other_spellings_and_unknown_members() -> None:
    found = read({"first_one": {"count": "5", "odd": 1}, "others": {"count": "6"}})
    assert isinstance(found.found, Extra)
    assert found.respelt
    assert {place: bytes(raw) for place, raw in found.found.numerals.items()} == {
        "firstOne/count": b'"5"', "others/0/count": b'"6"',
    }  # fmt: skip


@pytest.mark.parametrize(
    ("now", "same"),
    [({"firstOne": {"count": 6}}, True), ({"firstOne": {"count": "5"}}, True), ({"firstOne": {}}, True), ({}, True),
     ({"firstOne": [5]}, True), ({"firstOne": None}, True), ({"firstOne": {"count": 5}}, False),
     ({"firstOne": {"count": {}}}, True)],
)  # fmt: skip
def test_what_has_been_changed_is_written_as_it_is_now(now: object, same: bool) -> None:
    found = read({"firstOne": {"count": "5"}, "others": [{"count": "6"}]}).found
    assert isinstance(found, Extra)
    assert (json.loads(respelt(json.dumps(now).encode(), found.numerals)) == now) is same


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"firstOne": {"count": "x"}}, "$.firstOne.count"),
        ({"firstOne": {"count": 5.5}}, "$.firstOne.count"),
        ({"firstOne": {"count": True}}, "$.firstOne.count"),
        ({"firstOne": {"many": [1, "x"]}}, "$.firstOne.many[1]"),
        ({"others": [{}, {"share": "x"}]}, "$.others[1].share"),
        ({"first_one": {"word": 5.0}}, "$.first_one.word"),
        ({"firstOne": {"count": [1, 1]}}, "$.firstOne.count"),
        ({"firstOne": {"share": [1]}}, "$.firstOne.share"),
        ({"firstOne": {"many": "4"}}, "$.firstOne.many"),
    ],
)
def test_what_is_none_is_refused_at_its_place(value: object, path: str) -> None:
    with pytest.raises(ReadError) as found:
        read(value)
    assert found.value.path == path


def test_a_protocol_that_is_not_lenient_takes_no_numerals() -> None:
    with pytest.raises(ReadError, match="Expected `int`"):
        Document(Strict).read(b'{"count":"5"}')
