"""One JSON array, or bare objects, streamed."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaphrase import ReadError
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


@pytest.mark.parametrize("stream", [b"]", b"}", b"[[", b'["a"]', b"<html>", b"[1]", b"[{}x{}]", b"nope {", b'"text"'])
def test_anything_else_is_a_read_error(stream: bytes) -> None:
    with pytest.raises(ReadError):
        split(stream, [])
    with pytest.raises(ReadError):
        split(stream, list(range(len(stream))))


def test_an_element_is_bounded() -> None:
    splitter = Splitter(largest=100)
    with pytest.raises(ReadError, match="100"):
        feed_all(splitter, [b'{"a":"xxxxx'] * 30)


def feed_all(splitter: Splitter, pieces: list[bytes]) -> None:
    for piece in pieces:
        splitter.feed(piece)


def test_it_knows_when_it_has_begun() -> None:
    splitter = Splitter()
    assert not splitter.begun
    splitter.feed(b" [")
    assert splitter.begun
    assert splitter.array
