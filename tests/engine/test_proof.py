"""Large documents are proven to be UTF-8 and not too deep by their raw pieces."""

from __future__ import annotations

import pytest
from msgspec import UNSET, Raw, UnsetType
from msgspec.json import encode

from metaphrase.body import DEPTH
from metaphrase.errors import ReadError
from metaphrase.proof import proven
from metaphrase.wirejson import Document, Wire

FILLER = "x" * 20_000
WIDE = b"[" + b",".join([b"{}"] * 200) + b"]"  # many brackets, so that their number alone proves nothing


class Leaf(Wire):
    raw: Raw | UnsetType = UNSET


class Other(Wire):
    number: int | UnsetType = UNSET


class Tree(Wire):
    """Every way in which a type can hold raw JSON."""

    filler: str | UnsetType = UNSET
    raw: Raw | UnsetType = UNSET
    by_name: bool | dict[str, Raw] | UnsetType = UNSET
    leaf: Leaf | str | UnsetType = UNSET
    leaves: list[Leaf] | UnsetType = UNSET
    either: str | list[Leaf] | UnsetType | None = UNSET
    raws: list[Raw] | UnsetType = UNSET
    others: list[Other] | UnsetType = UNSET
    below: list[Tree] | UnsetType = UNSET


DOCUMENT = Document(Tree)
FORMS = (
    b'{"raw":%s}', b'{"by_name":{"a":%s}}', b'{"leaf":{"raw":%s}}', b'{"leaves":[{},{"raw":%s}]}',
    b'{"either":[{"raw":%s}]}', b'{"raws":[1,%s]}', b'{"below":[{"below":[{"raw":%s}]}]}',
    b'{"leaf":"text","either":"text","others":[{"number":1}],"by_name":true,"raw":%s}',
)  # fmt: skip


def large(form: bytes, raw: bytes, filler: str = FILLER) -> bytes:
    """A document of one of the forms, too large to be looked at as a whole."""
    return b'{"filler":%s,"raws":[%s],"below":[%s]}' % (encode(filler), WIDE, form % raw)


def nest(depth: int) -> bytes:
    return b'{"a":' * depth + b'"\\"{"' + b"}" * depth


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("filler", [FILLER, "é" + FILLER])
def test_depth_is_found_in_every_place(form: bytes, filler: str) -> None:
    assert DOCUMENT.read(large(form, nest(40), filler)).filler == filler
    with pytest.raises(ReadError, match="Nested"):
        DOCUMENT.read(large(form, nest(DEPTH), filler))


@pytest.mark.parametrize("form", FORMS)
def test_invalid_utf8_is_found_in_every_place(form: bytes) -> None:
    assert DOCUMENT.read(large(form, b'{"a":"\xc3\xa9"}')).filler == FILLER
    for raw in (b'"\xc3"', b'{"a":"\xa9"}', b'"' + b"\xff" * 300 + b'"'):
        with pytest.raises(ReadError, match="UTF-8"):
            DOCUMENT.read(large(form, raw))


def test_pieces_that_are_valid_only_together_are_not() -> None:
    with pytest.raises(ReadError, match="UTF-8"):
        DOCUMENT.read(large(b'{"raws":[%s]}', b'"\xc3","\xa9"'))


@pytest.mark.parametrize("depth", [10, 63])
def test_types_inside_themselves_are_bounded_too(depth: int) -> None:
    body = b'{"filler":%s,"raws":[%s],"below":[%s]}' % (
        encode(FILLER),
        WIDE,
        b'{"below":[' * depth + b"{}" + b"]}" * depth,
    )
    if depth > DEPTH // 2 - 2:
        with pytest.raises(ReadError, match="Nested"):
            DOCUMENT.read(body)
    else:
        assert DOCUMENT.read(body).filler == FILLER


def test_a_wide_piece_proves_nothing_and_the_whole_is_looked_at() -> None:
    wire = DOCUMENT.strict(large(b"%s", b"{}"))
    assert not proven(wire, 100_000, True)  # the wide one
    assert DOCUMENT.read(large(b"%s", b"{}")).filler == FILLER


def test_what_is_plain_is_proven_by_its_pieces() -> None:
    body = large(b'{"raws":[%s]}', b",".join([b'{"a":{"b":"%s"}}' % (b"x" * 300)] * 80)).replace(
        WIDE, b'"long%s"' % WIDE.replace(b'"', b"")
    )
    assert proven(DOCUMENT.strict(body), len(body), True)
    assert proven(DOCUMENT.strict(body.replace(b"long", "é".encode())), len(body), False)
    assert DOCUMENT.read(body).filler == FILLER
