"""Unknown members that were met before are decoded with the others, and come out as if they had not been."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import UNSET, Raw, UnsetType

from metaphrase.learned import Learned
from metaphrase.wirejson import Document, Wire

KNOWN = b'"text":"a"'
MANY = [f"n{i:02d}" for i in range(16)]


class Said(Wire):
    text: str | UnsetType = UNSET
    more: list[str] | UnsetType = UNSET


def learned(*names: str) -> Learned[Said]:
    found = Learned(Said, "found")
    assert found.learn(names)
    return found


def members(found: dict[str, Raw]) -> list[tuple[str, bytes]]:
    return [(name, bytes(raw)) for name, raw in found.items()]


def test_what_was_learned_is_told_from_the_fields() -> None:
    said, found = learned("b", "a").decode(b'{"b":{"c":[1]},' + KNOWN + b',"a":null}')
    assert type(said) is Said
    assert said == Said("a")
    assert members(found) == [("a", b"null"), ("b", b'{"c":[1]}')]


def test_what_does_not_stand_there_is_not_found() -> None:
    said, found = learned("a", "b").decode(b'{"more":["x"],"b":1}')
    assert (said, members(found)) == (Said(more=["x"]), [("b", b"1")])
    assert learned("a").decode(b"{}") == (Said(), {})


def test_names_are_added_to_those_that_are_known() -> None:
    found = learned("b")
    assert found.learn(["a", "b"])
    assert members(found.decode(b'{"b":1,"a":2}')[1]) == [("a", b"2"), ("b", b"1")]
    body = msgspec.json.encode(dict.fromkeys(reversed(MANY)))
    assert [*learned(*reversed(MANY)).decode(body)[1]] == MANY


@pytest.mark.parametrize("body", [b'{"x":1}', b'{"a":1,"text":2}', b'{"a":1'])
def test_anything_else_is_an_error(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        learned("a").decode(body)


@pytest.mark.parametrize("names", [["17th"], ["a" * 65], [""], ['"'], ["é"], ["a b"]], ids=repr)
def test_odd_names_are_not_learned(names: list[str]) -> None:
    found = learned("a")
    assert not found.learn(names)
    assert members(found.decode(b'{"a":1}')[1]) == [("a", b"1")]


def test_only_so_many_names_are_learned() -> None:
    found = learned(*MANY)
    assert not found.learn(["one_more"])
    assert found.learn(MANY[:3])


class Named(Wire, kw_only=True):
    text: str | UnsetType = UNSET


def test_a_type_with_keywords_is_not_learned() -> None:
    assert not Learned(Named, "found").learn(["new"])
    document = Document(Named)
    for _ in range(3):
        found = document.decode(b'{"new":1,' + KNOWN + b"}")
        assert (found.text, members(found.extra)) == ("a", [("new", b"1")])


def test_the_second_document_is_read_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document(Said)
    first = document.decode(b'{"new":1,' + KNOWN + b"}")
    monkeypatch.setattr("metaphrase.wirejson._Reading", None)  # which would read member by member
    for read in (document.decode_tolerantly, document.decode, document.read):
        again = read(b'{"new":1,' + KNOWN + b"}")
        assert (again.text, members(again.extra)) == (first.text, members(first.extra)) == ("a", [("new", b"1")])
        assert read(b"{" + KNOWN + b"}").found is UNSET
