"""Heads: cut out of the stream, and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaphrase_http.errors import Refused
from metaphrase_http.head import Heads, clean, lines, status_line

from .cuts import cuts

SOME = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def outcome(data: bytes, pieces: list[bytes], **limits: int) -> tuple[list[bytes], int, bytes]:
    """Heads taken, the status of the refusal or 0, and what is left."""
    heads = Heads(**{"most": 300, "headers": 5, "target": 50, **limits})
    found: list[bytes] = []
    assert b"".join(pieces) == data
    for piece in pieces:
        heads.feed(piece)
        try:
            while (head := heads.take()) is not None:
                found.append(head)
        except Refused as error:
            return found, error.status, b""
    return found, 0, heads.rest()


@pytest.mark.parametrize(
    ("data", "heads", "status"),
    [
        (SOME, 1, 0),
        (SOME * 3, 3, 0),
        (b"\r\n" + SOME, 1, 0),
        (b"\r\n\r\n" + SOME, 1, 0),
        (SOME[:-1], 0, 0),
        (b"GET / HTTP/1.1\nHost: a\n\n", 0, 400),
        (b"GET / HTTP/1.1\r\nHost: a\n\r\n", 0, 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\n", 0, 400),
        (b"\n" + SOME, 0, 400),
        (b"\r" + SOME, 0, 400),
        (b"\x16\x03\x01\x02\x00\x01", 0, 400),
        (b" " + SOME, 0, 400),
        (b"GET /" + b"a" * 400, 0, 414),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 400, 0, 431),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5 + b"\r\n", 1, 0),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 6 + b"\r\n", 0, 431),
    ],
)
def test_a_head_ends_with_a_blank_line_however_it_is_cut(data: bytes, heads: int, status: int) -> None:
    whole = outcome(data, [data])
    assert (len(whole[0]), whole[1]) == (heads, status)
    assert outcome(data, [data[n : n + 1] for n in range(len(data))]) == whole


@pytest.mark.parametrize(("size", "status"), [(299, 0), (300, 0), (301, 431)])
def test_the_limit_is_exact(size: int, status: int) -> None:
    data = b"GET / HTTP/1.1\r\nA: " + b"a" * (size - 23) + b"\r\n\r\n"
    assert len(data) == size
    assert outcome(data, [data])[1] == status
    assert outcome(data, [data[: size // 2], data[size // 2 :]])[1] == status


_PARTS = st.sampled_from([b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"GET / HTTP/1.1", b"A: b", b"x" * 60, b" ", b"\x00"])


@given(data=st.lists(_PARTS, max_size=24).map(b"".join), seed=st.randoms(use_true_random=False))
def test_any_bytes_give_the_same_however_they_are_cut(data: bytes, seed: object) -> None:
    assert outcome(data, cuts(data, seed)) == outcome(data, [data])


@pytest.mark.parametrize(
    "pair",
    [
        ("a", "b\r\nc: d"),
        ("a", "b\nc"),
        ("a", "b\rc"),
        ("a", "\x00"),
        ("a\r\nb", "c"),
        ("a b", "c"),
        ("a:", "c"),
        ("", "c"),
        ("a", "\x7f"),
        ("ä", "c"),
    ],
)
def test_what_is_not_one_line_is_not_written(pair: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="not one line"):
        lines([("x", "y"), pair])


@given(st.lists(st.tuples(st.text(), st.text()), max_size=3))
def test_no_text_becomes_a_line_of_its_own(pairs: list[tuple[str, str]]) -> None:
    try:
        written = lines(pairs)
    except ValueError:
        return
    assert written.split("\r\n")[:-1] == [f"{name}: {value}" for name, value in pairs]


@given(st.text())
def test_a_cleaned_value_can_always_be_written(value: str) -> None:
    assert lines([("x-model", clean(value))]).encode("latin-1").count(b"\n") == 1


def test_status_lines() -> None:
    assert status_line(200) == "HTTP/1.1 200 OK\r\n"
    assert status_line(799) == "HTTP/1.1 799 \r\n"
