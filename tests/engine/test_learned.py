"""Oddities that were met before are decoded with the rest, and come out as if nothing had been learned."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import UNSET, Raw, UnsetType

from metaphrase.errors import ReadError
from metaphrase.learned import MOST, Learned, Oddity
from metaphrase.wirejson import Document, Wire
from tests.laws import corpus
from tests.laws.corpus import Kind, Protocol


class Leaf(Wire, rename="camel"):
    lenient = True
    some_text: str | UnsetType = UNSET
    count: int | UnsetType = UNSET


class Tree(Wire, rename="camel"):
    """Every way in which a type can hold another."""

    lenient = True
    leaf: Leaf | UnsetType = UNSET
    either_one: Leaf | str | UnsetType = UNSET
    many_leaves: list[Leaf] | UnsetType = UNSET
    many_or_text: str | list[Leaf] | UnsetType = UNSET
    own_kind: list[Tree] | UnsetType = UNSET
    some_raw: Raw | UnsetType = UNSET


class Named(Wire, kw_only=True):
    text: str | UnsetType = UNSET


def shown(wire: Any) -> Any:
    """A wire value with all that was found on it, in order."""
    if isinstance(wire, list):
        return [shown(one) for one in wire]
    if isinstance(wire, Raw):
        return bytes(wire)
    if not isinstance(wire, Wire):
        return wire
    fields = [(name, shown(getattr(wire, name))) for name in type(wire).__match_args__]
    extra = [(key, bytes(raw)) for key, raw in wire.extra.items()]
    numerals = UNSET if wire.found is UNSET else [(way, bytes(raw)) for way, raw in wire.found.numerals.items()]
    return type(wire).__name__, fields, extra, wire.respelt, numerals or UNSET


def read(document: Document[Any], body: bytes) -> Any:
    try:
        return shown(document.read(body))
    except ReadError as error:
        return str(error)


def members(names: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from([*names]), st.none(), max_size=4).flatmap(
        lambda chosen: st.fixed_dictionaries({name: st.none() | names[name] for name in chosen})
    )


NEW = st.sampled_from([1, "x", {"a": None}, []])
LEAVES = members({"someText": st.just("a"), "some_text": st.just("b"), "count": st.just(1) | st.just("1"), "new": NEW})
TREES = st.recursive(
    members({"leaf": LEAVES, "manyLeaves": st.lists(LEAVES, max_size=2), "new": NEW}),
    lambda below: members(
        {
            "leaf": LEAVES, "eitherOne": LEAVES | st.just("a"), "either_one": LEAVES, "many_leaves": st.lists(LEAVES),
            "manyOrText": st.lists(LEAVES) | st.just("a") | LEAVES, "ownKind": st.lists(below, max_size=2),
            "own_kind": st.lists(below, max_size=2), "some_raw": NEW, "someRaw": NEW, "new": NEW, "a new one": NEW,
        }
    ),
    max_leaves=4,
)  # fmt: skip


@example([{"leaf": None}, {"leaf": {"new": 1}, "ownKind": [{"leaf": None}]}, {"leaf": None, "new": 1}])
@example([{"either_one": {"some_text": "a"}}, {"eitherOne": {"someText": "a"}, "either_one": {"some_text": "b"}}])
@example([{"eitherOne": None}, {"either_one": {"count": 1}}, {"either_one": {"count": 1}, "eitherOne": None}])
@example([{"either_one": None}, {"either_one": {"count": 1}}, {"either_one": None}])
@given(st.lists(TREES, min_size=2, max_size=6))
def test_what_was_read_before_changes_nothing(values: list[Any]) -> None:
    document = Document(Tree)
    for value in values * 2:
        body = msgspec.json.encode(value)
        assert read(document, body) == read(Document(Tree), body)


@pytest.mark.skipif(not corpus.present(), reason=corpus.ABSENT)
@pytest.mark.parametrize("protocol", corpus.PROTOCOLS)
@pytest.mark.parametrize("kind", corpus.KINDS)
def test_what_was_recorded_is_read_the_same_whatever_came_before(protocol: Protocol, kind: Kind) -> None:
    from metaphrase_gemini.wire.request import GenerateContentRequest
    from metaphrase_gemini.wire.response import GenerateContentResponse
    from metaphrase_openai.wire import Request, Response

    types: dict[tuple[Protocol, Kind], type[Wire]] = {
        ("openai", "chat.request"): Request, ("openai", "chat.response"): Response,
        ("gemini", "chat.request"): GenerateContentRequest, ("gemini", "chat.response"): GenerateContentResponse,
    }  # fmt: skip
    cls = types[protocol, kind]
    document = Document(cls)
    for doc in corpus.documents(protocol, kind):
        fresh = read(Document(cls), doc.body)
        for _ in range(2):
            assert read(document, doc.body) == fresh


def test_the_second_document_is_read_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b'{"new":1,"leaf":null,"own_kind":[{"either_one":{"some_text":"a","new":2}}],"many_leaves":[{"count":null}]}'
    document = Document(Tree)
    first = read(document, body)
    monkeypatch.setattr("metaphrase.wirejson.Reading", None)  # which would read member by member
    assert read(document, body) == first
    assert read(document, b'{"own_kind":[],"new":{}}')[2:4] == ([("new", b"{}")], True)
    assert read(document, b"{}") == read(Document(Tree), b"{}")


def test_what_does_not_stand_there_is_not_odd() -> None:
    learned = Learned(Leaf)
    assert learned.learn(
        [Oddity(Leaf, "new"), Oddity(Leaf, "some_text", "some_text"), Oddity(Leaf, "count", "count", True)]
    )
    for body, odd in (
        (b'{"someText":"a","count":1}', False), (b'{"new":null}', True), (b'{"some_text":"a"}', True),
        (b'{"count":null}', True),
    ):  # fmt: skip
        assert learned.decode(body)[1] is odd


@pytest.mark.parametrize("body", [b'{"x":1}', b'{"new":1,"count":"a"}', b'{"new":1', b'{"some_text":null}'])
def test_anything_else_is_an_error(body: bytes) -> None:
    learned = Learned(Leaf)
    assert learned.learn([Oddity(Leaf, "new"), Oddity(Leaf, "some_text", "some_text")])
    with pytest.raises(msgspec.DecodeError):
        learned.decode(body)


@pytest.mark.parametrize("name", ["17th", "a" * 65, "", '"', "é", "a b"])
def test_odd_names_are_not_learned(name: str) -> None:
    learned = Learned(Leaf)
    assert learned.learn([Oddity(Leaf, "new")])
    assert not learned.learn([Oddity(Leaf, name)])
    assert learned.decode(b'{"new":1}')[0].extra == {"new": Raw(b"1")}


def test_only_so_many_are_learned() -> None:
    learned = Learned(Leaf)
    many = [Oddity(Leaf, f"n{i}") for i in range(MOST)]
    assert learned.learn(many)
    assert not learned.learn([Oddity(Leaf, "one_more")])
    assert learned.learn(many[:3])
    body = msgspec.json.encode(dict.fromkeys([one.key for one in reversed(many)]))
    assert [*learned.decode(body)[0].extra] == sorted(one.key for one in many)


def test_a_type_with_keywords_is_not_learned() -> None:
    assert not Learned(Named).learn([Oddity(Named, "new")])
    document = Document(Named)
    for _ in range(3):
        found = document.decode(b'{"new":1,"text":"a"}')
        assert (found.text, found.extra) == ("a", {"new": Raw(b"1")})


def test_a_type_is_learned_so_deep_inside_itself_and_read_in_any_depth() -> None:
    document = Document(Tree)
    body = b'{"new":1}'
    for _ in range(5):
        assert read(document, body) == read(document, body) == read(Document(Tree), body)
        body = b'{"ownKind":[%b]}' % body
