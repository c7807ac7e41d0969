"""Documents with members that no schema knows: decoded at once where they stand on the root, else field by field."""

from __future__ import annotations

from itertools import product

import pytest
from msgspec import UNSET, Raw, UnsetType

from metaphrase.errors import ReadError
from metaphrase.wirejson import Document, Wire


class Inner(Wire, rename="camel"):
    lenient = True
    text: str | UnsetType = UNSET


class Outer(Wire, rename="camel"):
    lenient = True
    some_long_text: str | UnsetType = UNSET
    inner: Inner | UnsetType = UNSET
    items: list[Inner] | UnsetType = UNSET


DOCUMENT = Document(Outer)


def test_unknown_members_of_the_root() -> None:
    found = DOCUMENT.decode(b'{"new":1,"someLongText":"a","items":[{"text":"b"}],"other":null}')
    assert {key: bytes(raw) for key, raw in found.extra.items()} == {"new": b"1", "other": b"null"}
    assert found.some_long_text == "a"
    assert found.items == [Inner("b")]
    assert not found.respelt


def test_unknown_members_everywhere() -> None:
    found = DOCUMENT.decode(b'{"new":1,"inner":{"text":"a","new":2},"items":[{"text":"b","new":3}]}')
    assert isinstance(found.inner, Inner)
    assert isinstance(found.items, list)
    assert [bytes(one.extra["new"]) for one in (found, found.inner, *found.items)] == [b"1", b"2", b"3"]


@pytest.mark.parametrize("key", ["some_long_text", "some_longText"])
def test_unknown_members_beside_other_spellings(key: str) -> None:
    found = DOCUMENT.decode(b'{"new":1,"%s":"a"}' % key.encode())
    assert found.some_long_text == "a"
    assert [*found.extra] == ["new"]
    assert found.respelt


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"new":1,"someLongText":"\xff"}', "$.someLongText"),
        (b'{"new":1,"items":[{"new":2},{"text":"\xff"}]}', "$.items[1]"),
        (b'{"new":1,"someLongText":2}', "$.someLongText"),
        (b'{"new":1,"inner":{"text":2}}', "$.inner.text"),
    ],
)
def test_a_fault_beside_unknown_members_has_its_path(body: bytes, path: str) -> None:
    with pytest.raises(ReadError) as caught:
        DOCUMENT.decode(body)
    assert caught.value.path == path


DOCUMENTS = [
    b'{"new":1,"someLongText":"a"}',
    b'{"someLongText":"a"}',
    b'{"inner":{"text":"a","new":2}}',
    b'{"some_long_text":"a"}',
    b'{"new":1,"inner":{"new":2}}',
    b'{"items":[{"text":"b"}]}',
    b'{"someLongText":"a","new":1,"newer":[]}',
    b'{"newer":{},"someLongText":"a","new":null}',
    b'{"new":1,"new":2,"an odd name":3}',
    b'{"new":1,"some_long_text":"a"}',
    b'{"new":1,"inner":null}',
]


@pytest.mark.parametrize("body", DOCUMENTS)
def test_what_was_read_before_changes_nothing(body: bytes) -> None:
    """After a document with unknown members the next is expected to have some: that is only a matter of speed."""
    for before in product(DOCUMENTS, DOCUMENTS):
        document = Document(Outer)
        for one in before:
            document.decode(one)
        for read in (document.decode, document.read):
            assert encode(read(body)) == encode(Document(Outer).decode(body)), before


def test_a_fault_is_found_whatever_was_read_before() -> None:
    document = Document(Outer)
    document.decode(b'{"new":1}')
    for body in (b'{"inner":{"text":1}}', b'{"new":2,"inner":{"text":1}}'):
        for read in (document.decode, document.read):
            with pytest.raises(ReadError) as caught:
                read(body)
            assert caught.value.path == "$.inner.text"


def encode(found: Outer) -> object:
    """Everything that was found, as something that can be compared."""
    inner = [] if found.inner is UNSET else [found.inner]
    items = [] if found.items is UNSET else found.items
    wires = [found, *inner, *items]
    texts = (found.some_long_text, [one.text for one in inner + items])
    return texts, [[(key, bytes(raw)) for key, raw in wire.extra.items()] for wire in wires], found.respelt


class Verbatim(Wire):
    value: Raw | UnsetType = UNSET


@pytest.mark.parametrize("way", ["read", "decode", "decode_tolerantly"])
def test_nesting_that_no_parser_follows_is_too_deep(way: str) -> None:
    document = Document(Verbatim)
    for _ in range(2):
        with pytest.raises(ReadError, match="deep"):
            getattr(document, way)(b'{"value":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@pytest.mark.parametrize("deep", [b"[", b'{"a":'], ids=["arrays", "objects"])
@pytest.mark.parametrize("filler", [0, 300, 20_000])
def test_what_is_verbatim_is_not_nested_too_deeply_in_a_document_of_any_size(deep: bytes, filler: int) -> None:
    close = b"]" if deep == b"[" else b"}"
    for depth, fits in ((126, True), (128, False)):
        value = deep * depth + b"1" + close * depth
        body = b'{"value":[%s,"%s"]}' % (value, b"x" * filler)
        if fits:
            assert Document(Verbatim).read(body).value is not UNSET
        else:
            with pytest.raises(ReadError, match="Nested"):
                Document(Verbatim).read(body)


@pytest.mark.parametrize("filler", [0, 300, 20_000])
def test_what_is_verbatim_is_utf8_in_a_document_of_any_size(filler: int) -> None:
    with pytest.raises(ReadError, match="UTF-8"):
        Document(Verbatim).read(b'{"value":["\xff","%s"]}' % (b"x" * filler))
