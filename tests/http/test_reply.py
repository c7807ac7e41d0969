"""The heads of answers, beside h11's reading of them."""

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaphrase_http.errors import UpstreamBroken
from metaphrase_http.framing import Chunked, Fixed, UntilClose
from metaphrase_http.reply import is_interim, read_reply


def head(*lines: str, first: str = "HTTP/1.1 200 OK") -> bytes:
    return "".join(f"{line}\r\n" for line in (first, *lines, "")).encode("latin-1")


@pytest.mark.parametrize(
    ("raw", "method", "body", "reusable"),
    [
        (head("Content-Length: 3"), "POST", Fixed, True),
        (head("Content-Length: 3, 3"), "POST", None, False),
        (head("Content-Length: 3", "content-length: 3"), "POST", Fixed, True),
        (head("Transfer-Encoding: Chunked"), "POST", Chunked, True),
        (head("Transfer-Encoding: chunked", "Connection: close"), "POST", Chunked, False),
        (head("Content-Length: 3", "Connection: x, Close"), "POST", Fixed, False),
        (head(), "POST", UntilClose, False),
        (head("Content-Length: 3"), "HEAD", Fixed, True),
        (head(first="HTTP/1.1 204 No Content"), "POST", Fixed, True),
        (head("Content-Length: 3", first="HTTP/1.0 200"), "POST", Fixed, False),
        (head("X:", "Content-Length:3 ", first="HTTP/1.1 599 "), "POST", Fixed, True),
    ],
)
def test_how_the_body_ends(raw: bytes, method: str, body: type | None, reusable: bool) -> None:
    if body is None:
        with pytest.raises(UpstreamBroken):
            read_reply(raw, method)
        return
    reply = read_reply(raw, method)
    assert type(reply.body) is body
    assert reply.reusable is reusable


@pytest.mark.parametrize(
    "raw",
    [
        head(first="HTTP/2 200 OK"),
        head(first="HTTP/1.2 200 OK"),
        head(first="HTTP/1.1 20 OK"),
        head(first="HTTP/1.1 101 Switching"),
        head(first="ICY 200 OK"),
        head(first="HTTP/1.1  200 OK"),
        head("Content-Length: 3", "Content-Length: 4"),
        head("Content-Length: -3"),
        head("Content-Length: +3"),
        head("Content-Length: "),
        head("Content-Length: 9999999999999999999"),
        head("Content-Length: 3", "Transfer-Encoding: chunked"),
        head("Transfer-Encoding: gzip, chunked"),
        head("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        head("Transfer-Encoding: chunked", first="HTTP/1.0 200 OK"),
        head("Content-Encoding: br"),
        head("A : b"),
        head(" folded"),
        head("A: \x00"),
        head("no colon"),
    ],
)
def test_what_is_not_quite_an_answer_is_refused(raw: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        read_reply(raw, "POST")


def test_of_a_name_said_twice_the_first_is_known() -> None:
    reply = read_reply(head("X-A: first", "x-a: second", "X-B:"), "POST")
    assert reply.headers == (("x-a", "first"), ("x-a", "second"), ("x-b", ""))
    assert reply.known == {"x-a": "first", "x-b": ""}


def test_informational_responses() -> None:
    assert is_interim(head(first="HTTP/1.1 100 Continue"))
    assert is_interim(head("Link: a", first="HTTP/1.1 103 Early Hints"))
    assert not is_interim(head(first="HTTP/1.1 101 Switching Protocols"))
    assert not is_interim(head())


_NAME = st.sampled_from(["content-length", "Transfer-Encoding", "x-a", "X-B", "connection", "date"])
_VALUE = st.one_of(st.sampled_from(["3", "chunked", "close", " a b ", ""]), st.text("ab \t\xe4:", max_size=8))


@given(st.integers(200, 599), st.lists(st.tuples(_NAME, _VALUE), max_size=5))
def test_what_we_accept_h11_reads_in_the_same_way(status: int, headers: list[tuple[str, str]]) -> None:
    raw = head(*(f"{name}:{value}" for name, value in headers), first=f"HTTP/1.1 {status} x")
    try:
        reply = read_reply(raw, "POST")
    except UpstreamBroken:
        return
    peer = h11.Connection(h11.CLIENT)
    peer.receive_data(raw)
    event = peer.next_event()
    assert isinstance(event, h11.Response)
    theirs = [(name.decode(), value.decode("latin-1").strip(" \t")) for name, value in event.headers]
    assert event.status_code == reply.status
    ours = [pair for pair in reply.headers if pair[0] not in {"content-length", "transfer-encoding"}]
    assert [pair for pair in theirs if pair[0] not in {"content-length", "transfer-encoding"}] == ours
