"""Content codings that nobody asked for."""

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaphrase_http.decoding import Inflate
from metaphrase_http.errors import FramingError

from .cuts import cuts

TEXT = b'{"choices": [{"index": 0}]}' * 50


def bare(data: bytes) -> bytes:
    made = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return made.compress(data) + made.flush()


CODINGS = [gzip.compress, zlib.compress, bare, lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])]


@given(data=st.binary(max_size=3000), seed=st.randoms(use_true_random=False))
@pytest.mark.parametrize("coding", CODINGS)
def test_what_was_compressed_comes_back(coding: Callable[[bytes], bytes], data: bytes, seed: Any) -> None:
    inflate = Inflate()
    assert b"".join(map(inflate.feed, cuts(coding(data), seed))) == data
    inflate.close()


@pytest.mark.parametrize("coding", CODINGS[:3])
def test_a_large_piece_comes_out_whole(coding: Callable[[bytes], bytes]) -> None:
    inflate = Inflate()
    data = bytes(range(256)) * 2000
    assert inflate.feed(coding(data)) == data
    inflate.close()


@pytest.mark.parametrize("coding", CODINGS)
def test_a_cut_is_noticed(coding: Callable[[bytes], bytes]) -> None:
    inflate = Inflate()
    inflate.feed(coding(TEXT)[:-1])
    with pytest.raises(FramingError, match="too early"):
        inflate.close()


def test_damage_is_noticed() -> None:
    data = bytearray(gzip.compress(TEXT))
    data[12] ^= 0xFF
    with pytest.raises(FramingError, match=r"damaged|too early"):
        _feed_and_close(bytes(data))


def test_a_bomb_does_not_go_off() -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    inflate = Inflate()
    with pytest.raises(FramingError, match="too far"):
        inflate.feed(bomb)


def test_nothing_is_something_else_than_a_beginning() -> None:
    Inflate().close()
    inflate = Inflate()
    assert inflate.feed(b"\x1f") == b""
    with pytest.raises(FramingError, match="too early"):
        inflate.close()


def _feed_and_close(data: bytes) -> None:
    inflate = Inflate()
    inflate.feed(data)
    inflate.close()
