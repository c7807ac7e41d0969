"""Two ways to read a head, of which the fast one must never say what the other would not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from metaphrase_http import Limits
from metaphrase_http.errors import Refused
from metaphrase_http.policy import Head, judged, parsed, plain, read_head

from .test_corpus import CORPUS, GOOD

LIMITS = Limits(body=1000)
SIMPLE = b"POST /v1/x?a=b HTTP/1.1\r\nHost: a:80\r\nContent-Length: 3\r\nAccept: */*\r\nX-Odd:\t\xe9 b \r\n\r\n"


def outcome(raw: bytes, *, fast: bool) -> Head | int:
    """The head, or the status of its refusal."""
    try:
        return read_head(raw, LIMITS) if fast else judged(raw, parsed(raw), LIMITS)
    except Refused as error:
        return error.status


def head_of(data: bytes) -> bytes:
    return data[: data.find(b"\r\n\r\n") + 4].removeprefix(b"\r\n")


def test_nearly_all_heads_are_plain() -> None:
    assert plain(SIMPLE) == parsed(SIMPLE)
    assert plain(SIMPLE) is not None
    assert plain(SIMPLE.replace(b"/1.1", b"/1.0")) is None


def test_of_a_name_said_twice_the_first_is_known() -> None:
    head = read_head(SIMPLE.replace(b"Accept:", b"X-Odd: first\r\nAccept:"), LIMITS)
    assert [value for name, value in head.headers if name == "x-odd"] == ["first", "\xe9 b"]
    assert head.known == {"host": "a:80", "content-length": "3", "accept": "*/*", "x-odd": "first"}


@pytest.mark.parametrize("name", [*CORPUS, *GOOD])
def test_both_ways_agree_on_the_corpus(name: str) -> None:
    raw = head_of(CORPUS[name][1] if name in CORPUS else GOOD[name][0])
    assert outcome(raw, fast=True) == outcome(raw, fast=False)


_TOKENS = st.sampled_from(
    [b"Host", b"host", b"Content-Length", b"Transfer-Encoding", b"Connection", b"Expect", b"A", b"X-\xe4", b"", b"A "]
)
_VALUES = st.one_of(
    st.sampled_from([b"a", b" a ", b"3", b"3, 3", b"+3", b"", b"\t", b"close", b"chunked", b"100-continue", b"1" * 25]),
    st.binary(max_size=6),
)
_LINES = st.tuples(_TOKENS, st.sampled_from([b":", b": ", b" :", b""]), _VALUES).map(b"".join)
_FIRST = st.one_of(
    st.sampled_from([b"GET / HTTP/1.1", b"POST /x HTTP/1.1", b"GET / HTTP/1.0", b"get / HTTP/1.1", b"PRI * HTTP/2.0"]),
    st.tuples(st.sampled_from([b"GET", b"CONNECT", b"A" * 20]), st.binary(max_size=5)).map(
        lambda pair: b"%b /%b HTTP/1.1" % pair
    ),
)


@given(_FIRST, st.lists(_LINES, max_size=5), st.booleans())
@example(b"GET / HTTP/1.1", [b"Host: a", b"Content-Length: \xb2"], False)
@example(b"GET /\xa0 HTTP/1.1", [], True)
def test_both_ways_agree(first: bytes, lines: list[bytes], host: bool) -> None:
    raw = b"\r\n".join([first, *([b"Host: a"] if host else []), *lines, b"", b""])
    if raw.find(b"\r\n\r\n") == len(raw) - 4:  # else it is more than one head
        assert outcome(raw, fast=True) == outcome(raw, fast=False)
