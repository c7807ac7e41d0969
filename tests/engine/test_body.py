"""How deep a document nests, held against a scan of each of its bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaphrase.body import DEPTH, too_deep

WIDE = b",".join([b"{}", b"[]"] * 90)  # many brackets, so that their number alone proves nothing


def depth_of(body: bytes) -> int:
    depth = deepest = at = 0
    quoted = False
    while at < len(body):
        byte = body[at : at + 1]
        if quoted and byte == b"\\":
            at += 1
        elif byte == b'"':
            quoted = not quoted
        elif not quoted and byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif not quoted and byte in b"]}":
            depth -= 1
        at += 1
    return deepest


LAYERS = (
    b"[%s]", b'{"a":%s}', b'{"[{":%s}', b'["[[{",%s]',
    b'{"a":%s,"a":1}', b'{"a":1,"b":%s,"c":"\\"[\\\\"}', b" [ 1 , %s ] ",
    b'{"a":[' + WIDE + b'],"b":%s}', b"[%s,[" + WIDE + b"]]", b"[[" + WIDE + b"],%s]", b'{"a":%s,"a":[' + WIDE + b"]}",
)  # fmt: skip


@given(st.lists(st.sampled_from(LAYERS), max_size=7), st.integers(0, 3), st.sampled_from([b"[", b'{"x":']))
def test_too_deep_is_deeper_than_the_bound(layers: list[bytes], more: int, opening: bytes) -> None:
    """Layers of several kinds around a plain nest, so that the whole is about as deep as it may be."""
    inner = DEPTH - len(layers) - 2 + more
    closing = b"]" if opening == b"[" else b"}"
    body = opening * inner + b"1" + closing * inner
    for layer in layers:
        body = layer.replace(b"%s", body)
    assert too_deep(body) == (depth_of(body) > DEPTH)


@pytest.mark.parametrize("body", [b"[" * 200 + b"]" * 200, b'{"a":[' + b"[" * 200 + b"]" * 200 + b'],"a":1}'])
def test_what_a_later_member_replaces_counts_too(body: bytes) -> None:
    assert too_deep(body)


def test_very_deep_ones_are_too_deep_and_very_wide_ones_are_not() -> None:
    assert too_deep(b"[" * 100_000 + b"]" * 100_000)
    assert not too_deep(b"[" + b",".join([b"[" * 60 + b"]" * 60] * 20_000) + b",1]")
