"""What becomes of an answer: whatever was asked for, and whatever comes."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaphrase import Codec, Exchange, Failure, MetaphraseError, Response
from metaphrase.http import Headers
from tests.exchange.fake import Streams, Stubborn, decode, fake, post

JSON: Headers = (("content-type", "application/json"),)
EVENTS: Headers = (("content-type", "text/event-stream; charset=utf-8"),)
STREAM = b"say hel\nsay lo\nend\n"
WHOLE = b'{"said":"hello","model":"m-long"}'


def asked(stream: bool, client: Codec | None = None, upstream: Codec | None = None, **settings: object) -> Exchange:
    exchange = Exchange(client or fake("a"), upstream or fake("b"), **settings)  # type: ignore[arg-type]  # on purpose
    assert exchange.request(post(stream=stream))
    return exchange


def answered(stream: bool, wire: Response) -> tuple[Exchange, Response]:
    exchange = asked(stream)
    return exchange, exchange.response(wire)


def test_a_whole_answer_for_a_whole_answer() -> None:
    exchange = asked(False, now=5, seed="seed")
    head = exchange.head(Response(201, (*JSON, ("Retry-After", "3"), ("Set-Cookie", "c"), ("X-Request-Id", "up"))))
    assert head == Response(200, (*JSON, ("retry-after", "3"), ("x-request-id", "up")))
    assert not exchange.streaming
    assert exchange.feed(WHOLE[:5]) + exchange.feed(WHOLE[5:]) == b""
    answer = decode(exchange.close())
    assert answer == {"said": "hello", "id": "seed", "created": 5, "model": "m", "asked": "m"}
    assert exchange.answered == head
    assert exchange.failure is None
    assert exchange.feed(b"more") == exchange.close() == exchange.abort(Failure(500, "INTERNAL", "x")) == b""
    assert [loss.feature for loss in exchange.losses] == ["response.model"]


def test_the_model_keeps_its_name_where_both_speak_one_protocol() -> None:
    assert decode(asked(False, fake("a"), fake("a")).response(Response(200, JSON, WHOLE)).body)["model"] == "m-long"
    named = asked(False, fake("a"), fake("a"), models={"m": "n"})
    assert decode(named.response(Response(200, JSON, WHOLE)).body)["model"] == "m"


def test_a_stream_for_a_stream() -> None:
    exchange = asked(True)
    head = exchange.head(Response(200, EVENTS))
    assert head == Response(200, (("content-type", "text/event-stream"), ("x-asked", "/say")))
    assert exchange.streaming
    assert not exchange.losses
    assert exchange.feed(b"say hel\nsa") == b"say hel\n"
    assert exchange.feed(b"y lo\n") == b"say lo\n"
    assert exchange.feed(b"end\n") == b"finish\nend\n"
    assert exchange.close() == b""
    assert exchange.failure is None
    assert {loss.feature for loss in exchange.losses} == {"fake.stream", "response.model"}


@pytest.mark.parametrize(
    ("stream", "wire", "streams"),
    [
        (True, Response(200, EVENTS), True),
        (True, Response(500, EVENTS), False),
        (False, Response(200, JSON), False),
        (False, Response(200, EVENTS), False),
    ],
)
def test_the_head_tells_whether_a_stream_begins(stream: bool, wire: Response, streams: bool) -> None:
    exchange, other = asked(stream), asked(stream)
    assert exchange.begin(wire) is streams
    assert exchange.streaming is streams
    assert exchange.answered == other.head(wire)
    with pytest.raises(MetaphraseError):
        exchange.begin(wire)


def test_a_codec_without_routes_streams_events() -> None:
    exchange = asked(True, fake("a", routes=None))
    assert exchange.head(Response(200)).headers == (("content-type", "text/event-stream"),)


@pytest.mark.parametrize("headers", [JSON, ()])
@pytest.mark.parametrize("start", [b"", b"\n \t", b"\xef\xbb\xbf"])
def test_a_whole_answer_becomes_a_stream(headers: Headers, start: bytes) -> None:
    exchange, answer = answered(True, Response(200, headers, start + WHOLE))
    assert answer.body == b"say hello\nfinish\nend\n"
    assert answer.header("content-type") == "text/event-stream"
    assert exchange.streaming
    assert exchange.failure is None
    assert {loss.feature for loss in exchange.losses} == {"fake.stream", "response.model"}


def test_a_whole_answer_without_a_finish_ends_its_stream_all_the_same() -> None:
    exchange, answer = answered(True, Response(200, JSON, b'{"said":"hello","open":true}'))
    assert answer.body == b"say hello\nfinish\nend\n"
    assert "finish.reason" in [loss.feature for loss in exchange.losses]


@pytest.mark.parametrize("headers", [EVENTS, (("Content-Type", "Text/Event-Stream"),)])
def test_a_stream_becomes_a_whole_answer(headers: Headers) -> None:
    exchange, answer = answered(False, Response(200, headers, STREAM))
    assert decode(answer.body)["said"] == "hello"
    assert decode(answer.body)["model"] == "m"
    assert answer.header("content-type") == "application/json"
    assert exchange.failure is None


@pytest.mark.parametrize("start", [b"data: x", b"event: x", b": x", b"[]"])
def test_a_stream_without_a_content_type_is_known_by_its_first_line(start: bytes) -> None:
    _, answer = answered(False, Response(200, JSON, start + b"\n" + STREAM))
    assert answer.status == 502
    assert "No such line" in decode(answer.body)["error"]  # it was read as a stream


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_an_error_status_gives_an_error_answer(stream: bool, status: int) -> None:
    exchange = asked(stream)
    wire = Response(status, (*EVENTS, ("retry-after", "9")))
    head = exchange.head(wire)
    assert (head.status, head.header("content-type")) == (status, "application/fake")
    assert not exchange.streaming
    assert exchange.feed(b"too many") == b""
    body = exchange.close()
    assert decode(body) == {"error": "too many", "status": status, "param": None}
    assert exchange.answered is not None
    assert (exchange.answered.status, exchange.answered.header("retry-after")) == (status, "9")
    assert exchange.failure is not None


@pytest.mark.parametrize("status", [100, 204 + 100, 302, 307, 600])
def test_what_is_neither_answer_nor_error_is_a_bad_gateway(status: int) -> None:
    exchange, answer = answered(False, Response(status, (("location", "http://elsewhere/"),), b""))
    assert answer.status == 502
    assert exchange.failure is not None


def test_a_page_of_html_is_a_bad_gateway() -> None:
    for stream in (False, True):
        _, answer = answered(stream, Response(200, (("content-type", "text/html"),), b"<p>Log in</p>"))
        assert answer.status >= 400


def test_an_upstream_without_failures_of_its_own() -> None:
    plain = fake("b", failure=None)
    assert asked(False, None, plain).response(Response(503, (), b"gone")).status == 503
    assert asked(False, None, plain).response(Response(301, (), b"gone")).status == 502
    assert asked(False, None, plain).response(Response(200, (("content-type", "text/html"),), b"")).status == 502


@pytest.mark.parametrize("body", [b'{"error":"busy"}', b'[{"error":{"code":503}}]', b'\xef\xbb\xbf {"error":1}'])
def test_an_error_with_status_200(body: bytes) -> None:
    exchange, answer = answered(False, Response(200, JSON, body))
    assert answer.status == 400
    assert decode(answer.body)["error"] == body.decode()
    exchange, answer = answered(True, Response(200, JSON, body))
    assert answer.status == 200  # the head had promised a stream
    assert answer.body.startswith(b"error ")
    assert exchange.failure is not None


def test_an_error_without_a_status_is_a_bad_gateway() -> None:
    assert answered(False, Response(200, JSON, b'{"error":"odd"}'))[1].status == 502


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[1]", b"{}", b"null", b"\xff", b'{"error":null}', b"[" * 500])
def test_an_answer_that_nobody_understands(body: bytes) -> None:
    exchange, answer = answered(False, Response(200, JSON, body))
    assert answer.status == 502
    assert exchange.failure is not None
    exchange, answer = answered(True, Response(200, JSON, body))
    assert answer.body.startswith(b"error ")
    assert b"end" not in answer.body
    assert exchange.failure is not None


def test_an_answer_that_cannot_be_written() -> None:
    assert answered(False, Response(200, JSON, b'{"said":"unsayable"}'))[1].status == 502
    _, answer = answered(True, Response(200, EVENTS, b"say a\nsay unsayable\nsay b\nend\n"))
    assert answer.body.splitlines()[-1].startswith(b"error 502")
    assert b"say b" not in answer.body


def test_an_end_that_cannot_be_written() -> None:
    stubborn = fake("a", stream=Streams(Stubborn))
    for body, headers in ((WHOLE, JSON), (STREAM, EVENTS)):
        answer = asked(True, stubborn).response(Response(200, headers, body))
        assert answer.body.endswith(b"cannot be written: This cannot be said\n")


@pytest.mark.parametrize("cut", range(len(STREAM) - 1))
def test_a_stream_that_ends_early_is_an_error(cut: int) -> None:
    exchange, answer = answered(True, Response(200, EVENTS, STREAM[:cut]))
    assert answer.body.splitlines()[-1].startswith(b"error 502")
    assert b"finish" not in answer.body
    assert exchange.failure is not None
    exchange, answer = answered(False, Response(200, EVENTS, STREAM[:cut]))
    assert answer.status == 502


def test_an_error_in_a_stream() -> None:
    _, answer = answered(True, Response(200, EVENTS, b"say a\nerror 503\nsay b\n"))
    assert answer.body == b"say a\nerror 503 Told in the stream\n"
    _, answer = answered(False, Response(200, EVENTS, b"say a\nerror 503\n"))
    assert (answer.status, decode(answer.body)["error"]) == (503, "Told in the stream")
    _, answer = answered(False, Response(200, EVENTS, b"say a\nerror 0\n"))
    assert answer.status == 502


def test_a_stream_of_broken_grammar_is_not_folded() -> None:
    assert answered(False, Response(200, EVENTS, b"say a\nagain\nend\n"))[1].status == 502


def test_garbage_in_a_stream() -> None:
    _, answer = answered(True, Response(200, EVENTS, b"say a\nwhat\nend\n"))
    assert answer.body.splitlines()[-1].startswith(b"error 502")


GONE = Failure(504, "DEADLINE_EXCEEDED", "gone")


def test_an_upstream_that_dies_before_its_head() -> None:
    exchange = asked(True)
    assert decode(exchange.abort(GONE))["error"] == "gone"
    assert exchange.answered is not None
    assert exchange.answered.status == 504
    assert exchange.abort(GONE) == b""


def test_an_upstream_that_dies_after_its_head() -> None:
    exchange = asked(True)
    exchange.head(Response(200, EVENTS))
    assert exchange.failure is None
    assert exchange.abort(GONE) == b"error 504 gone\n"
    assert exchange.failure == GONE


def test_an_upstream_that_dies_in_its_stream() -> None:
    exchange = asked(True)
    exchange.head(Response(200, EVENTS))
    assert exchange.feed(b"say a\nsay b") == b"say a\n"
    assert exchange.abort(GONE) == b"error 504 gone\n"
    assert exchange.feed(b"\nend\n") == exchange.close() == b""


@pytest.mark.parametrize("stream", [False, True])
def test_an_upstream_that_dies_in_a_whole_answer(stream: bool) -> None:
    exchange = asked(stream)
    exchange.head(Response(200, JSON))
    exchange.feed(WHOLE[:6])
    body = exchange.abort(GONE)
    if stream:
        assert body == b"error 504 gone\n"
    else:
        assert decode(body)["error"] == "gone"
        assert exchange.answered is not None
        assert exchange.answered.status == 504


def test_an_answer_that_is_too_large() -> None:
    for stream in (False, True):
        exchange = asked(stream, largest=20)
        exchange.head(Response(200, JSON))
        pieces = [exchange.feed(WHOLE[i : i + 5]) for i in range(0, len(WHOLE), 5)]
        assert set(pieces) == {b""}
        assert b"more than 20 bytes" in exchange.close()
    exchange = asked(False, largest=20)
    answer = exchange.response(Response(500, JSON, b"x" * 30))
    assert decode(answer.body)["error"] == "nothing"


def test_blank_lines_before_a_stream_are_nothing() -> None:
    exchange = asked(True)
    exchange.head(Response(200))
    assert exchange.feed(b"\n\n") == b""
    assert exchange.feed(b" \r\n") == b""
    assert exchange.feed(STREAM) == b"say hel\nsay lo\nfinish\nend\n"


def test_only_chat_answers_may_be_streams() -> None:
    exchange = Exchange(fake("a"), fake("b"))
    assert exchange.request(post("/count"))
    assert exchange.response(Response(200, EVENTS, b'{"total":1}')).body == b'{"total":1}'


def _cuts(data: bytes, places: list[int]) -> Iterator[bytes]:
    edges = [0, *sorted({place % len(data) for place in places}), len(data)]
    for start, end in pairwise(edges):
        yield data[start:end]


@given(
    st.booleans(),
    st.sampled_from([(JSON, WHOLE), (EVENTS, STREAM), ((), WHOLE), ((), STREAM), (EVENTS, STREAM[:9]), (JSON, b"{")]),
    st.lists(st.integers(0, 1000), max_size=6),
)
def test_how_an_answer_is_cut_does_not_matter(stream: bool, wire: tuple[Headers, bytes], places: list[int]) -> None:
    headers, data = wire
    expected = asked(stream).response(Response(200, headers, data))
    exchange = asked(stream)
    exchange.head(Response(200, headers))
    body = b"".join([exchange.feed(piece) for piece in _cuts(data, places)]) + exchange.close()
    assert exchange.answered is not None
    assert (exchange.answered.status, body) == (expected.status, expected.body)


@given(st.booleans(), st.sampled_from([JSON, EVENTS, ()]), st.binary(max_size=60), st.integers(0, 700))
def test_no_answer_whatever_raises(stream: bool, headers: Headers, data: bytes, status: int) -> None:
    exchange, answer = answered(stream, Response(status, headers, data))
    assert 200 <= answer.status < 600
    assert exchange.failure is not None or answer.status == 200
    assert not isinstance(exchange.losses, MetaphraseError)
