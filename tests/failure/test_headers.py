"""The headers of error answers, read and written."""

import pytest

import metaphrase as mp
from metaphrase.failure_headers import read_request_id, read_retry_after, read_retryable, write_headers
from metaphrase.rpc import duration, seconds
from tests.operations import convert, encode, to

DATE = ("date", "Wed, 21 Oct 2026 07:28:00 GMT")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((), None),
        ((("Retry-After", "7"),), 7.0),
        ((("retry-after", "1.5"),), 1.5),
        ((("retry-after-ms", "250"), ("retry-after", "7")), 0.25),
        ((("retry-after-ms", "soon"), ("retry-after", "7")), 7.0),
        ((("retry-after", "-7"),), None),
        ((("retry-after", "inf"),), None),
        ((("retry-after", "99999999999"),), None),
        ((("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT"),), None),
        ((("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT"), DATE), 30.0),
        ((("retry-after", "Wed, 21 Oct 2026 07:27:30 GMT"), DATE), 0.0),
        ((("retry-after", "Wed, 21 Oct 2026 07:28:60 GMT"), DATE), 59.0),
        ((("retry-after", "Wed, 99 Oct 2026 07:28:30 GMT"), DATE), None),
        ((("retry-after", "Wed, 21 Foo 2026 07:28:30 GMT"), DATE), None),
        ((("retry-after", "tomorrow"), DATE), None),
    ],
)
def test_how_long_to_wait(headers: tuple[tuple[str, str], ...], expected: float | None) -> None:
    assert read_retry_after(mp.Response(429, headers)) == expected


def test_whether_to_try_again_and_whom_to_ask() -> None:
    wire = mp.Response(429, (("X-Should-Retry", "False"), ("Request-Id", "r")))
    assert read_retryable(wire) is False
    assert read_request_id(wire) == "r"
    failure = mp.Failure(429, "RESOURCE_EXHAUSTED", "m", retryable=True, request_id="r", retry_after=0.2)
    assert dict(write_headers(failure)) == {
        "content-type": "application/json", "x-should-retry": "true", "x-request-id": "r", "retry-after": "1",
        "retry-after-ms": "200",
    }  # fmt: skip


@pytest.mark.parametrize("bad", ["a\r\nset-cookie: x", "é", "", "a b", "x" * 300])
def test_no_header_can_be_injected(bad: str) -> None:
    failure = mp.Failure(429, "RESOURCE_EXHAUSTED", "m", request_id=bad, retry_after=float("nan"))
    assert write_headers(failure, "text/html\r\nx: y") == (("content-type", "text/plain"),)


def test_delays_in_both_directions() -> None:
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.250s"}
    error = {"error": {"code": 429, "message": "m", "status": "RESOURCE_EXHAUSTED", "details": [retry]}}
    done = convert(encode(error), "gemini", "openai", "failure", status=429)
    assert ("retry-after-ms", "250") in done.headers
    assert done.losses == ()
    body, losses = to(
        "gemini", "failure", {"error": {"message": "m"}}, status=429, headers=(("retry-after-ms", "250"),)
    )
    assert body["error"]["details"] == [retry | {"retryDelay": "0.25s"}]
    assert losses == ()
    told = convert(encode(error), "gemini", "openai", "failure", status=429, headers=(("retry-after", "9"),))
    assert ("retry-after", "9") in told.headers
    assert [loss.path for loss in told.losses] == ["$.error.details[0].retryDelay"]


@pytest.mark.parametrize(
    ("text", "value"), [("34.074824224s", 34.074824224), ("2s", 2.0), ("-1s", -1.0), ("1m", None), (5, None)]
)
def test_durations(text: object, value: float | None) -> None:
    assert seconds(text) == value
    if value is not None:
        assert duration(value) == text
