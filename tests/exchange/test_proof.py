"""What is proven of every document that an exchange reads, whether its codec proves that on its own or not."""

import pytest

from metaphrase import Codec, Exchange, ReadError, Request, Response
from tests.exchange.fake import fake, post

BAD = {
    "no UTF-8": b'"\xff"',
    "too deep": b"[" * 200 + b"]" * 200,
    "too deep in much": b'["' + b"x" * 20_000 + b'",' + b"[" * 200 + b"]" * 200 + b"]",
}
FINE = b'"\xc3\xa9"'

# Each holds JSON that is passed on verbatim, or that nobody knows: decoding alone proves nothing of it.
REQUESTS: dict[str, tuple[str | Codec, str, bytes]] = {
    "openai": (
        "openai",
        "/v1/chat/completions",
        b'{"model":"m","messages":[],"tools":[{"type":"function","function":{"name":"f","parameters":{"x":%b}}}]}',
    ),
    "openai, embeddings": ("openai", "/v1/embeddings", b'{"model":"m","input":"x","unknown":%b}'),
    "gemini": (
        "gemini",
        "/v1beta/models/m:generateContent",
        b'{"contents":[{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"x":%b}}}]}]}',
    ),
    "a codec that proves nothing": (fake("a"), "/say", b'{"model":"m","say":"x","unknown":%b}'),
}
ANSWERS: dict[str, tuple[str | Codec, bytes]] = {
    "openai": ("openai", b'{"choices":[{"index":0,"message":{"role":"assistant","content":"x","unknown":%b}}]}'),
    "gemini": ("gemini", b'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"x":%b}}}]}}]}'),
    "a codec that proves nothing": (fake("b"), b'{"said":"x","model":"m","unknown":%b}'),
}


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_request_that_is_no_sound_document_is_refused(name: str, bad: str, mark: bytes) -> None:
    client, target, body = REQUESTS[name]
    with pytest.raises(ReadError):
        Exchange(client, client).request(Request("POST", target, (("key", "k"),), mark + body % BAD[bad]))
    assert Exchange(client, client).request(Request("POST", target, (("key", "k"),), mark + body % FINE))


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_is_no_sound_document_is_a_bad_gateway(name: str, bad: str, stream: bool) -> None:
    upstream, body = ANSWERS[name]
    for inside, status in ((BAD[bad], 502), (FINE, None)):
        exchange = Exchange(fake("a"), upstream)
        assert exchange.request(post(stream=stream))
        exchange.response(Response(200, (("content-type", "application/json"),), body % inside))
        assert (None if exchange.failure is None else exchange.failure.status) == status


EVENTS: dict[str, tuple[str | Codec, bytes]] = {
    "openai": (
        "openai",
        b'data: {"choices":[{"index":0,"delta":{"content":"","x":%b},"finish_reason":"stop"}]}\n\n',
    ),
    "gemini": (
        "gemini",
        b'data: {"candidates":[{"content":{"parts":[{"functionCall":{"args":{"x":%b}}}]},"finishReason":"STOP"}]}\n\n',
    ),
    "a codec that proves nothing": (fake("b"), b"say %b\nend\n"),
}


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("bad", BAD)
def test_a_stream_in_the_place_of_a_whole_answer_is_proven_too(name: str, bad: str) -> None:
    upstream, events = EVENTS[name]
    for inside, status in ((BAD[bad], 502), (FINE, None)):
        exchange = Exchange(fake("a"), upstream)
        assert exchange.request(post())
        exchange.response(Response(200, (("content-type", "text/event-stream"),), events % inside))
        assert (None if exchange.failure is None else exchange.failure.status) == status
