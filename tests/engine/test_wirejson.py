"""Every malformed input becomes a ReadError with a path; what no schema knows is set aside, not dropped."""

from __future__ import annotations

import json
import time

import msgspec
import pytest
from msgspec import UNSET, Raw, UnsetType

from metaphrase import ReadError, Report
from metaphrase.ir import At
from metaphrase.wirejson import (
    DEPTH,
    Document,
    Wire,
    checked,
    elements,
    encode,
    join,
    keep,
    members,
    parse,
    raw_object,
)


class Leaf(Wire, rename="camel"):
    lenient = True
    the_text: str | UnsetType = UNSET


class Branch(Wire, rename="camel"):
    lenient = True
    role: str | UnsetType = UNSET
    the_leaves: list[Leaf] | UnsetType = UNSET
    only: Leaf | str | UnsetType = UNSET


class Root(Wire, rename="camel"):
    lenient = True
    branches: list[Branch] | UnsetType = UNSET
    count: int | UnsetType = UNSET
    ratio: float | UnsetType = UNSET
    verbatim: Raw | UnsetType = UNSET
    maybe: str | UnsetType | None = UNSET


class Strict(Wire):
    leaves: list[Leaf] | UnsetType = UNSET
    text: str | UnsetType = UNSET


ROOT = Document(Root)

MALFORMED = {
    b"": "$",
    b"{": "$",
    b"[]": "$",
    b"nul": "$",
    b'{"count":"x"}': "$.count",
    b'{"count":1.5}': "$.count",
    b'{"ratio":1e400}': "$.ratio",
    b'{"ratio":NaN}': "$",
    b'{"branches":5}': "$.branches",
    b'{"branches":[null]}': "$.branches[0]",
    b'{"branches":[[]]}': "$.branches[0]",
    b'{"branches":[{"theLeaves":[{"theText":5}]}]}': "$.branches[0].theLeaves[0].theText",
    b'{"branches":[{"theLeaves":[{"theText":5,"odd":1}]}],"odd":1}': "$.branches[0].theLeaves[0].theText",
    b'{"branches":[{"only":[]}]}': "$.branches[0].only",
    b'{"branches":[{"only":{"theText":[1]},"odd":1}]}': "$.branches[0].only.theText",
    b'{"branches":[{"theLeaves":[],"the_leaves":[]}]}': "$.branches[0].the_leaves",
    b'{"verbatim":"\\ud800"}': "$",
    b'{"verbatim":{"a":01}}': "$",
    b'{"maybe":"\\ud83d"}': "$",
    b'{"maybe":"\xff"}': "$",
    b'{"odd":1,"ratio":1e999}': "$.ratio",
    b'{"odd":1,"branches":[{"role":"x"},{"role":1e999}]}': "$.branches[1].role",
}


@pytest.mark.parametrize("body", MALFORMED)
def test_malformed_input_is_a_read_error_with_its_path(body: bytes) -> None:
    with pytest.raises(ReadError) as caught:
        ROOT.decode(checked(body))
    assert caught.value.path == MALFORMED[body]
    assert str(caught.value).endswith(f"at `{MALFORMED[body]}`")


def test_a_value_never_stands_in_an_error_message() -> None:
    with pytest.raises(ReadError) as caught:
        ROOT.decode(b'{"count":"s3cret"}')
    assert "s3cret" not in str(caught.value)


def test_unknown_members_and_nulls_are_set_aside_where_they_stood() -> None:
    inner = b'{"role":null,"theLeaves":[{"theText":"x","n":1.10}]}'
    root = ROOT.decode(b'{"count":1,"new":{"a":1e500},"branches":[' + inner + b"]}")
    assert {key: bytes(raw) for key, raw in root.extra.items()} == {"new": b'{"a":1e500}'}
    assert isinstance(root.branches, list)
    branch = root.branches[0]
    assert {key: bytes(raw) for key, raw in branch.extra.items()} == {"role": b"null"}
    assert isinstance(branch.the_leaves, list)
    assert branch.the_leaves[0] == Leaf("x", found=branch.the_leaves[0].found)
    assert {key: bytes(raw) for key, raw in branch.the_leaves[0].extra.items()} == {"n": b"1.10"}
    assert not root.respelt


def test_what_the_schema_knows_has_no_extra() -> None:
    root = ROOT.decode(b'{"count":1,"maybe":null}')
    assert root.extra == {}
    assert root.maybe is None
    assert root.count == 1


def test_a_null_that_the_type_admits_is_a_value_in_tolerant_reading_too() -> None:
    assert ROOT.decode(b'{"maybe":null,"odd":1}').maybe is None


def test_lenient_types_take_snake_case_and_one_object_for_a_list() -> None:
    root = ROOT.decode(b'{"branches":{"the_leaves":{"the_text":"x"},"only":{"the_text":"y"}}}')
    assert root.respelt
    assert isinstance(root.branches, list)
    branch = root.branches[0]
    assert branch.the_leaves == [Leaf("x")]
    assert branch.only == Leaf("y")


def test_strict_types_take_neither() -> None:
    strict = Document(Strict)
    assert set(strict.decode(b'{"the_text":"x"}').extra) == {"the_text"}
    with pytest.raises(ReadError, match=r"\$\.leaves"):
        strict.decode(b'{"leaves":{}}')


def test_no_document_can_fill_the_field_that_holds_what_was_found() -> None:
    root = ROOT.decode(b'{"(found)":{"members":{}}}')
    assert set(root.extra) == {"(found)"}


def test_duplicate_keys_the_last_wins() -> None:
    assert ROOT.decode(b'{"count":1,"count":2}').count == 2
    assert ROOT.decode(b'{"count":1,"odd":0,"count":2}').count == 2


def test_a_byte_order_mark_is_dropped() -> None:
    assert checked(b"\xef\xbb\xbf{}") == b"{}"


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_depth_is_bounded_exactly(opening: bytes) -> None:
    closing = b"]" if opening == b"[" else b"}"
    for depth, fits in ((DEPTH, True), (DEPTH + 1, False)):
        body = opening * depth + b"1" + closing * depth
        if fits:
            assert checked(body) == body
        else:
            with pytest.raises(ReadError, match="deep"):
                checked(body)


def test_brackets_in_strings_hide_no_depth() -> None:
    for levels in (DEPTH, DEPTH + 1):
        body = b'["]\\\\","\\"]",' * levels + b"1" + b',"["]' * levels
        if levels == DEPTH:
            assert checked(body) == body
        else:
            with pytest.raises(ReadError, match="deep"):
                checked(body)


def test_brackets_in_strings_are_not_depth() -> None:
    body = json.dumps(["[{" * 300, '\\"[' * 200, {"}": "]" * 9}] * 3).encode()
    assert checked(body) == body


def test_wide_documents_are_not_deep() -> None:
    body = json.dumps([{"a": [{}, []]}] * 500).encode()
    assert checked(body) == body
    ragged = json.dumps([[[[[[[["["]]]]]]], {"a": "}"}] * 300).encode()
    assert checked(ragged) == ragged


def test_five_megabytes_of_brackets_are_refused_at_once() -> None:
    began = time.perf_counter()
    with pytest.raises(ReadError):
        checked(b"[" * 5_000_000)
    assert time.perf_counter() - began < 2  # measured 0.02 s; the bound only tells linear from quadratic


def test_deep_but_narrow_documents_fall_to_the_exact_scan() -> None:
    body = b"[" * 100 + b"[]," * 200 + b"[]" + b"]" * 100
    assert checked(body) == body


def test_invalid_utf8_is_refused_even_inside_verbatim_json() -> None:
    with pytest.raises(ReadError, match="UTF-8"):
        checked(b'{"verbatim":"\xff"}')


def test_join_puts_leftovers_beside_own_members_and_own_members_win() -> None:
    joined = join(Leaf("x"), {"theText": Raw(b'"y"'), "n": Raw(b"1")})
    assert json.loads(encode(joined)) == {"theText": "x", "n": 1}
    leaf = Leaf("x")
    assert join(leaf, {}) is leaf
    assert json.loads(encode(join(Leaf(), {"n": Raw(b"1")}))) == {"n": 1}


def test_keep_reports_only_what_says_something() -> None:
    report = Report()
    extra = {"a": Raw(b"null"), "b": Raw(b"[]"), "c": Raw(b"{}"), "d": Raw(b"0"), "e": Raw(b'"long text"')}
    assert keep(extra, At(None, "choices"), "x", report) == {"x": extra}
    assert keep({}, None, "x", report) is None
    report.settle("y")
    assert [loss.path for loss in report.losses] == ["$.choices.d", "$.choices.e"]


@pytest.mark.parametrize(
    ("text", "is_object"),
    [
        ('{"a": 1.0}', True),
        (" \n{}", True),
        ("[]", False),
        ("", False),
        ("{", False),
        ('{"a":"\ud800"}', False),
        ("{}{}", False),
        ('{"a":' * 200 + "1" + "}" * 200, False),
        ('{"a":' * 100 + "[" + "{}," * 60 + "{}]" + "}" * 100, True),
    ],
)
def test_raw_object(text: str, is_object: bool) -> None:
    raw = raw_object(text)
    assert (raw is not None) == is_object
    if raw is not None:
        assert bytes(raw) == text.strip().encode()


def test_members_and_elements_of_raw_json() -> None:
    assert {key: bytes(raw) for key, raw in members(Raw(b'{"a":1.0}')).items()} == {"a": b"1.0"}
    assert [bytes(raw) for raw in elements(Raw(b"[1.0,{}]"))] == [b"1.0", b"{}"]
    with pytest.raises(ReadError):
        members(Raw(b"[]"))
    with pytest.raises(ReadError):
        elements(Raw(b"{}"))


def test_parse_is_total() -> None:
    assert parse(b'{"a":1}') == {"a": 1}
    for body in (b"{", b'"\xff"', b"[" * 100_000):
        with pytest.raises(ReadError) as caught:
            parse(body, "$.x")
        assert caught.value.path == "$.x"


def test_encoding_keeps_raw_numbers_as_spelt() -> None:
    assert encode({"a": msgspec.Raw(b"1.0")}) == b'{"a":1.0}'
