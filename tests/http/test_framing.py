"""Where bodies end."""

from typing import Any

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaphrase_http.errors import BodyTooLarge, FramingError
from metaphrase_http.framing import Chunked, Fixed, Reader, UntilClose, chunk, last_chunk

from .cuts import cuts


def outcome(reader: Reader, pieces: list[bytes]) -> tuple[bytes, str, bytes]:
    """The payload, how it ended, and what follows."""
    payload = b""
    for number, piece in enumerate(pieces):
        try:
            payload += reader.feed(piece)
        except FramingError as error:
            return b"", type(error).__name__, b""
        if reader.done:
            return payload, "done", reader.rest + b"".join(pieces[number + 1 :])
    return payload, "open", b""


def bytewise(data: bytes) -> list[bytes]:
    return [data[n : n + 1] for n in range(len(data))]


GOOD = [
    (b"0\r\n\r\n", b"", b""),
    (b"3\r\nabc\r\n0\r\n\r\n", b"abc", b""),
    (b"3\r\nabc\r\n0\r\n\r\nGET /", b"abc", b"GET /"),
    (b"03\r\nabc\r\n000\r\n\r\n", b"abc", b""),
    (b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", b"0123456789" * 2, b""),
    (b"2;name=value\r\nab\r\n0;last\r\n\r\n", b"ab", b""),
    (b'2 ; quoted="a;b"\r\nab\r\n0\r\n\r\n', b"ab", b""),
    (b"2\r\n\r\n\r\n0\r\n\r\n", b"\r\n", b""),
    (b"1\r\na\r\n0\r\nExpires: never\r\nX-Sum: 1\r\n\r\nrest", b"a", b"rest"),
]
BAD = [
    b"\r\n",
    b"x\r\n",
    b"-1\r\n",
    b"+1\r\na\r\n0\r\n\r\n",
    b"0x1\r\na\r\n0\r\n\r\n",
    b"1_0\r\n" + b"a" * 16,
    b" 1\r\na\r\n0\r\n\r\n",
    b"1 \r\na\r\n0\r\n\r\n",
    b"1\na\r\n0\r\n\r\n",
    b"1\r\na\n0\r\n\r\n",
    b"1\r\nab\r\n0\r\n\r\n",
    b"1\r\na0\r\n\r\n",
    b"1\r\na\r0\r\n\r\n",
    b"1;a\nb\r\na\r\n0\r\n\r\n",
    b"1;\x00\r\na\r\n0\r\n\r\n",
    b"1;" + b"x" * 300 + b"\r\na\r\n0\r\n\r\n",
    b"F" * 20 + b"\r\n",
    b"1" + b"0" * 16 + b"\r\n",
    b"0\r\nno colon\r\n\r\n",
    b"0\r\n folded: 1\r\n\r\n",
    b"0\r\na: b\nc: d\r\n\r\n",
    b"0\r\n" + b"a: b\r\n" * 2000 + b"\r\n",
    b"1;" + b"x" * 190 + b"\r\na\r\n" + (b"1;" + b"x" * 190 + b"\r\na\r\n") * 100,
]


@pytest.mark.parametrize(("data", "payload", "rest"), GOOD)
def test_chunks(data: bytes, payload: bytes, rest: bytes) -> None:
    assert outcome(Chunked(), [data]) == (payload, "done", rest)
    assert outcome(Chunked(), bytewise(data)) == (payload, "done", rest)


@pytest.mark.parametrize("data", BAD)
def test_what_is_not_quite_chunked_is_refused(data: bytes) -> None:
    assert outcome(Chunked(), [data])[1] == "FramingError"
    assert outcome(Chunked(), bytewise(data))[1] == "FramingError"


@pytest.mark.parametrize(("most", "end"), [(6, "done"), (5, "BodyTooLarge")])
def test_the_limit_counts_what_is_announced(most: int, end: str) -> None:
    data = b"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"
    assert outcome(Chunked(most), [data])[1] == end
    assert outcome(Chunked(most), bytewise(data))[1] == end
    with pytest.raises(BodyTooLarge):
        Chunked(most).feed(b"FFFFFFFFFF\r\n")


@given(
    data=st.lists(st.sampled_from([b"3", b"\r\n", b"abc", b"0", b"\r", b"\n", b";x", b"a: b", b"\r\n0\r\n\r\n"]))
    .map(b"".join)
    .filter(bool),
    seed=st.randoms(use_true_random=False),
)
def test_any_bytes_give_the_same_however_they_are_cut(data: bytes, seed: Any) -> None:
    whole = outcome(Chunked(), [data])
    cut = outcome(Chunked(), cuts(data, seed))
    assert cut == whole


@given(st.lists(st.binary(min_size=1, max_size=50)), st.binary(max_size=5), st.randoms(use_true_random=False))
def test_what_is_written_is_read_and_h11_agrees(pieces: list[bytes], rest: bytes, seed: Any) -> None:
    data = b"".join(map(chunk, pieces)) + last_chunk()
    assert outcome(Chunked(), cuts(data + rest, seed)) == (b"".join(pieces), "done", rest)
    peer = h11.Connection(h11.SERVER)
    peer.receive_data(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n" + data)
    read = b""
    assert type(peer.next_event()) is h11.Request
    while isinstance(event := peer.next_event(), h11.Data):
        read += bytes(event.data)
    assert type(event) is h11.EndOfMessage
    assert read == b"".join(pieces)


def test_a_fixed_length() -> None:
    assert outcome(Fixed(3), bytewise(b"abcdef")) == (b"abc", "done", b"def")
    assert outcome(Fixed(3), [b"abcdef"]) == (b"abc", "done", b"def")
    assert outcome(Fixed(3), [b"abc"]) == (b"abc", "done", b"")
    assert Fixed(0).done


def test_only_one_framing_ends_with_the_connection() -> None:
    last = UntilClose()
    assert last.feed(b"abc") == b"abc"
    assert not last.done
    last.eof()
    assert last.done
    for reader in (Fixed(3), Chunked()):
        with pytest.raises(FramingError, match="too early"):
            reader.eof()


def test_an_empty_chunk_would_end_the_body() -> None:
    assert chunk(b"") == b""
    assert last_chunk(b"ab") == b"2\r\nab\r\n0\r\n\r\n"
