"""One JSON array, or bare objects, streamed."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaphrase.jsonstream import Splitter

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def split(stream: bytes, cuts: list[int]) -> tuple[list[bytes], bool]:
    splitter = Splitter()
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    found = [text for a, b in pairwise(edges) for text in splitter.feed(stream[a:b])]
    return found, splitter.close()


@given(
    st.lists(st.dictionaries(st.text(), TREES)),
    st.lists(st.integers(0, 500)),
    st.booleans(),
    st.sampled_from([None, 1]),
)
def test_elements_however_they_are_cut(
    elements: list[dict[str, object]], cuts: list[int], ascii_only: bool, indent: int | None
) -> None:
    stream = json.dumps(elements, ensure_ascii=ascii_only, indent=indent).encode() + b"\r\n"
    found, clean = split(stream, cuts)
    assert [json.loads(text) for text in found] == elements
    assert clean
    assert split(stream, list(range(len(stream)))) == (found, clean)


def test_bare_objects_and_a_separator_of_googles() -> None:
    assert split(b'[{"a":1}\n,\r\n{"b":2}]', []) == ([b'{"a":1}', b'{"b":2}'], True)
    assert split(b'{"error":{}} {"x":1}', []) == ([b'{"error":{}}', b'{"x":1}'], True)


@pytest.mark.parametrize("stream", [b'[{"a":1}', b'{"a":', b"["])
def test_a_stream_that_was_cut_short_is_not_clean(stream: bytes) -> None:
    assert split(stream, [])[1] is False


FAULTS = [b"]", b"}", b"[[", b'["a"]', b"<html>", b"[1]", b"[{}x{}]", b"nope {", b'"text"', b"[{},{},[{}]]", b"{}]{}"]


@pytest.mark.parametrize("stream", FAULTS)
def test_anything_else_is_a_fault_behind_what_was_right(stream: bytes) -> None:
    found: list[tuple[list[bytes], str]] = []
    for size in (1, 2, 100):
        splitter = Splitter()
        elements = [one for start in range(0, len(stream), size) for one in splitter.feed(stream[start : start + size])]
        assert splitter.fault is not None
        found.append((elements, splitter.fault.message))
    assert found[0] == found[1] == found[2]
    assert found[0][0] == {b"[{}x{}]": [b"{}"], b"[{},{},[{}]]": [b"{}", b"{}"], b"{}]{}": [b"{}"]}.get(stream, [])


@pytest.mark.parametrize("last", [b'{"a":"' + b"x" * 93 + b'"},{}]', b'{"a":"' + b"x" * 200])
def test_an_element_is_bounded_however_it_arrives(last: bytes) -> None:
    fits = b'{"a":"' + b"x" * 92 + b'"}'
    assert len(fits) == 100
    for size in (1, 7, 100, 1000):
        splitter, stream = Splitter(largest=100), b"[" + fits + b"," + last
        elements = [one for start in range(0, len(stream), size) for one in splitter.feed(stream[start : start + size])]
        assert elements == [fits]
        assert splitter.fault is not None
        assert "100" in splitter.fault.message


def test_it_knows_when_it_has_begun() -> None:
    splitter = Splitter()
    assert not splitter.begun
    splitter.feed(b" [")
    assert splitter.begun
    assert splitter.array
