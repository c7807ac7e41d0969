"""Oddities that were met before are decoded with the rest, and come out as if nothing had been learned."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import UNSET, Raw, UnsetType

from metaphrase.errors import ReadError
from metaphrase.learned import FORMS, MOST, PAUSE, Learned, Oddity
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
    nothing: Leaf | UnsetType | None = None


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
    members({"leaf": LEAVES, "manyLeaves": st.lists(LEAVES, max_size=2), "nothing": LEAVES, "new": NEW}),
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
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("metaphrase.learned.PAUSE", 0)
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


NEW_ONE = Oddity(Leaf, "new")
RESPELT = Oddity(Leaf, "some_text", "some_text")


def knowing(*odd: Oddity) -> Learned[Leaf]:
    learned = Learned(Leaf)
    learned.learn(frozenset(odd))
    return learned


def extra(learned: Learned[Leaf], body: bytes) -> list[str] | None:
    found = learned.decode(body)
    return None if found is None else [*found[0].extra]


def many(count: int, letter: str = "n") -> frozenset[Oddity]:
    return frozenset([Oddity(Leaf, f"{letter}{i}") for i in range(count)])


@pytest.mark.parametrize(
    ("body", "odd"),
    [
        (b'{"someText":"a","count":1}', False), (b'{"new":null}', True), (b'{"some_text":"a"}', True),
        (b'{"count":null}', True),
    ],
)  # fmt: skip
def test_what_does_not_stand_there_is_not_odd(body: bytes, odd: bool) -> None:
    found = knowing(NEW_ONE, RESPELT, Oddity(Leaf, "count", "count", null=True)).decode(body)
    assert found is not None
    assert found[1] is odd


@pytest.mark.parametrize("body", [b'{"x":1}', b'{"new":1,"count":"a"}', b'{"new":1', b'{"some_text":null}'])
def test_anything_else_is_left_to_others(body: bytes) -> None:
    assert knowing(NEW_ONE, RESPELT).decode(body) is None


@pytest.mark.parametrize("name", ["17th", "a" * 65, "", '"', "é", "a b"])
def test_odd_names_are_not_learned(name: str) -> None:
    learned = knowing(NEW_ONE, Oddity(Leaf, name))
    assert learned.decode(b"{}") is None
    assert extra(knowing(NEW_ONE), b'{"new":1}') == ["new"]


@pytest.mark.parametrize(("count", "fits"), [(MOST, True), (MOST + 1, False)])
def test_only_so_many_are_learned(count: int, fits: bool) -> None:
    body = msgspec.json.encode(dict.fromkeys([one.key for one in many(count)]))
    assert extra(knowing(*many(count)), body) == (sorted(one.key for one in many(count)) if fits else None)


def test_what_is_learned_is_paused_in_between() -> None:
    learned = knowing(NEW_ONE)
    for i in range(12):
        for _ in range(min(PAUSE * 2**i, 4096)):
            learned.learn(many(1, f"a{i}_"))
            assert learned.decode(f'{{"a{i}_0":1}}'.encode()) is None
        learned.learn(many(1, f"a{i}_"))
        assert learned.decode(f'{{"a{i}_0":1}}'.encode()) is not None


def test_each_kind_of_client_has_a_form_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Known by what it has in common with its other documents."""
    monkeypatch.setattr("metaphrase.learned.PAUSE", 0)
    learned = knowing(NEW_ONE)
    learned.learn(frozenset([RESPELT]))
    assert learned.decode(b'{"new":1,"some_text":"a"}') is None
    learned.learn(frozenset([RESPELT, Oddity(Leaf, "more")]))
    assert extra(learned, b'{"more":1}') == ["more"]
    assert extra(learned, b'{"new":1}') == ["new"]
    learned.learn(many(MOST) | {RESPELT})  # too many together: anew
    assert learned.decode(b'{"n0":1}') is None
    learned.learn(many(MOST - 1) | {RESPELT})
    assert extra(learned, b'{"n0":1}') == ["n0"]
    assert learned.decode(b'{"n0":1,"more":1}') is None


def test_the_forms_that_were_of_no_use_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metaphrase.learned.PAUSE", 0)
    learned = Learned(Leaf)
    kinds = [many(1, letter) for letter in "abcdef"[: FORMS + 1]]
    for kind in kinds:
        learned.learn(kind)
    last = f'{{"{"abcdef"[1]}0":1}}'.encode()
    assert learned.decode(last) is None  # not among the last that were of use
    monkeypatch.setattr("metaphrase.learned.PAUSE", 10)
    learned._pause = 10
    learned.learn(kinds[1])  # which is known
    assert extra(learned, last) == ["b0"]
    learned.learn(kinds[0])  # which was forgotten
    assert learned.decode(b'{"a0":1}') is None


def test_a_type_with_keywords_is_not_learned() -> None:
    learned = Learned(Named)
    learned.learn(frozenset([Oddity(Named, "new")]))
    assert learned.decode(b"{}") is None
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


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"new":1',
        b'{"leaf":truX}',
        b'{"leaf":{"someText":"a\\q"}}',
        b'{"new":f\xfflse}',
        b'{"new":"\xff"}',
        b'{"leaf":{"someText":"\xff"}}',
        b'{"leaf":{"someText":1}}',
        b'{"manyLeaves":[{"new":1},{"count":"x"}]}',
        b'\xef\xbb\xbf{"new":1}',
        b"\xef\xbb\xbf" * 2 + b"{}",
        b'{"leaf":{},"leaf":null,"leaf":3}',
        b'{"eitherOne":null,"either_one":{}}',
        b'{"either_one":{},"eitherOne":null}',
        b'{"someRaw":' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"someRaw":' + b"[" * 300 + b"]" * 300 + b',"someRaw":1,"leaf":{"someText":"' + b"x" * 9_000 + b'"}}',
        b'{"someRaw":"\xff","someRaw":1,"leaf":{"someText":"' + b"x" * 9_000 + b'"}}',
    ],
    ids=range(19),
)
@pytest.mark.parametrize(
    "before",
    [b"{}", b'{"new":1}', b'{"17th":1}', b'{"either_one":{"new":2}}', b'{"eitherOne":null}', b'{"leaf":{"count":"1"}}'],
)
def test_what_is_wrong_is_said_in_the_same_words_whatever_came_before(before: bytes, body: bytes) -> None:
    document = Document(Tree)
    for _ in range(2):
        read(document, before)
        assert read(document, body) == read(Document(Tree), body)


@pytest.mark.parametrize("size", [100, 9_000])
@pytest.mark.parametrize("first", [b'"\xff"', b"[" * 300 + b"]" * 300], ids=["not UTF-8", "too deep"])
def test_raw_json_that_a_later_member_replaces_is_checked_in_small_documents(first: bytes, size: int) -> None:
    body = b'{"leaf":{"someText":"%b"},"someRaw":%b,"someRaw":1}' % (b"x" * size, first)
    if size < 8_192:
        with pytest.raises(ReadError):
            Document(Tree).read(body)
    else:
        assert Document(Tree).read(body).some_raw == Raw(b"1")


@pytest.mark.parametrize("bad", [b'"\xff"', b"[" * 300 + b"]" * 300], ids=["not UTF-8", "too deep"])
@pytest.mark.parametrize("size", [100, 9_000])
def test_what_is_unknown_is_proven_when_it_is_learned_too(size: int, bad: bytes) -> None:
    document = Document(Tree)
    body = b'{"leaf":{"someText":"%b","new":%%b}}' % (b"x" * size)
    for good in (b"1", b"[]"):
        assert read(document, body % good) == read(Document(Tree), body % good)
    with pytest.raises(ReadError):
        document.read(body % bad)
