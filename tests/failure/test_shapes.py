"""Error bodies of every shape that servers send."""

from typing import Any

import msgspec
import pytest

import metaphrase as mp
from metaphrase.failures import read_failure
from metaphrase.loss import Report
from tests.operations import again, convert, encode, lost, to

KIND = "failure"
ERROR = {"message": "no", "type": "invalid_request_error", "param": None, "code": None}


def message(value: Any, status: int = 400) -> str:
    body, _ = to("gemini", KIND, value, status=status)
    return str(body["error"]["message"])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"error": ERROR}, "no"),
        ([{"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}], "no"),
        (
            {"object": "error", "message": "no", "type": "x", "param": None, "code": "3051", "raw_status_code": 400},
            "no",
        ),
        ({"code": 400, "message": "no", "type": "Bad Request"}, "no"),
        ({"detail": "no"}, "no"),
        ({"error": "no"}, "no"),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "no"}, "request_id": "r"}, "no"),
        ({"errors": [{"message": "no"}]}, "no"),
        ({"detail": {"message": "no"}}, "no"),
        ({"message": {"detail": [1]}}, '{"detail":[1]}'),
        ({"detail": [{"loc": ["body"], "msg": "no"}, {"msg": "nor"}]}, 'no {"loc":["body"]}; nor'),
        ({"detail": [1]}, "[1]"),
    ],
)
def test_what_each_shape_says(value: Any, text: str) -> None:
    assert message(value) == text
    assert again("openai", KIND, value, status=400) == value
    assert again("gemini", KIND, value, status=400) == value


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"upstream connect error", "upstream connect error"),
        (b"<html><head><title>502 Bad\n Gateway</title></head><body>x</body></html>", "502 Bad Gateway"),
        (b"<h1>Sorry</h1> <p>We are <b>down</b>", "Sorry We are down"),
        (b"<TITLE>open</p>", "open"),
        (b"1 < 2", "1 < 2"),
        (b"\xef\xbb\xbfb\xe9d \xff", "b\ufffdd \ufffd"),
        (b'"quoted"', '"quoted"'),
        (b"{}", "{}"),
        (b"[]", "[]"),
        (b'[{"error":', '[{"error":'),
        (b"[1]", "[1]"),
        (b'{"a":"b"}', '{"a":"b"}'),
        (b'{"error":null}', '{"error":null}'),
        (b"[" * 200 + b"]" * 200, "[" * 200 + "]" * 200),
        (b'{"message":1e400}', '{"message":1e400}'),
    ],
)
def test_bodies_that_are_no_error_object(body: bytes, text: str) -> None:
    done = convert(body, "openai", "gemini", KIND, status=502, headers=(("Content-Type", "text/html"),))
    assert msgspec.json.decode(done.body)["error"] == {"code": 502, "message": text, "status": "UNAVAILABLE"}
    same = convert(body, "openai", "openai", KIND, status=502, headers=(("Content-Type", "text/html"),))
    assert same.body.decode() == body.decode("utf-8", "replace").removeprefix("\ufeff")
    assert dict(same.headers)["content-type"] == "text/html"


def test_nothing_at_all() -> None:
    done = convert(b" ", "gemini", "openai", KIND, status=503)
    assert b"status 503" in done.body
    assert [loss.kind for loss in done.losses] == ["defaulted"]
    assert convert(b" ", "gemini", "gemini", KIND, status=503).body == b" "


def test_a_long_text_is_cut() -> None:
    done = convert(b"x" * 9000, "gemini", "openai", KIND, status=200)
    assert done.status == 500
    assert len(msgspec.json.decode(done.body)["error"]["message"]) == 4000
    assert lost(done.losses) == {("approximated", "$")}
    assert len(convert(b"x" * 9000, "gemini", "gemini", KIND, status=500).body) == 9000


def test_an_array_of_more_than_one() -> None:
    value = [{"error": ERROR}, {"error": ERROR}]
    _, losses = to("gemini", KIND, value, status=400)
    assert lost(losses) == {("dropped", "$[1]")}
    assert again("openai", KIND, value, status=400) == value


@pytest.mark.parametrize(
    ("error", "named"),
    [
        ({"message": "m", "code": 404}, {"$.error.code"}),
        ({"message": "m", "code": True}, {"$.error.code"}),
        ({"message": "m", "type": 5, "param": ["x"]}, {"$.error.type", "$.error.param"}),
        ({"message": "m", "failed_generation": "{}"}, {"$.error.failed_generation"}),
        ({"message": "m", "innererror": {"code": "x"}, "status": 400}, {"$.error.innererror"}),
        ({"message": "m", "status": "strange", "details": "text"}, {"$.error.status", "$.error.details"}),
        ({"message": "m", "object": "thing"}, {"$.error.object"}),
        (
            {"message": "m", "metadata": {"provider_name": "p", "headers": {"a": "b"}}},
            {"$.error.metadata.provider_name", "$.error.metadata.headers"},
        ),
        ({"message": "m", "metadata": "x"}, {"$.error.metadata"}),
        ({"message": "m", "code": "400", "detail": "more"}, {"$.error.detail"}),
    ],
)
def test_members_that_are_not_understood_are_named(error: dict[str, Any], named: set[str]) -> None:
    body, losses = to("gemini", KIND, {"error": error}, status=400)
    assert body["error"]["message"] == "m"
    assert {path for _, path in lost(losses)} == named
    assert again("openai", KIND, {"error": error}, status=400) == {"error": error}


def test_members_beside_the_error_are_named() -> None:
    _, losses = to("gemini", KIND, {"error": ERROR, "user_id": "u", "type": "mistake", "request_id": "r"}, status=400)
    assert lost(losses) == {("dropped", "$.user_id"), ("dropped", "$.type")}


QUOTED = {"error": {"message": "inner", "type": "t", "param": "p", "code": "c"}}


@pytest.mark.parametrize(
    ("raw", "own", "text", "code"),
    [
        ("plain words", {}, "Provider returned error: plain words", None),
        (encode(QUOTED).decode(), {}, "Provider returned error: inner", "C"),
        (encode(QUOTED).decode(), {"type": "x"}, f"Provider returned error: {encode(QUOTED).decode()}", None),
        (
            '{"error":{"message":"inner","extra":1}}',
            {},
            'Provider returned error: {"error":{"message":"inner","extra":1}}',
            None,
        ),
        (
            '{"error":{"message":"inner","code":5}}',
            {},
            'Provider returned error: {"error":{"message":"inner","code":5}}',
            None,
        ),
        ('{"error":"x"}', {}, 'Provider returned error: {"error":"x"}', None),
        ("[1]", {"message": ""}, "[1]", None),
    ],
)
def test_what_openrouters_provider_said(raw: str, own: dict[str, str], text: str, code: str | None) -> None:
    value = {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": raw}} | own}
    body, losses = to("gemini", KIND, value, status=400)
    assert body["error"]["message"] == text
    reasons = [one.get("reason") for one in body["error"].get("details", ()) if "ErrorInfo" in one["@type"]]
    assert reasons in ([] if code is None else [code], [None])
    assert losses == ()


def test_request_ids() -> None:
    done = convert(encode({"error": ERROR | {"request_id": "r1"}}), "openai", "gemini", KIND, status=400)
    assert ("x-request-id", "r1") in done.headers
    value = encode({"type": "error", "error": {"message": "m"}, "request_id": "r2"})
    assert ("x-request-id", "r2") in convert(value, "openai", "gemini", KIND, status=400).headers
    ours = convert(value, "openai", "gemini", KIND, status=400, headers=(("X-Request-Id", "r3"),))
    assert ("x-request-id", "r3") in ours.headers


def test_a_failure_that_was_changed_is_written_anew() -> None:
    report = Report()
    read = read_failure(mp.Response(400, (), encode({"error": ERROR | {"extra": 1}})), "openai", report)
    from tests.operations import CODECS

    codec = CODECS["openai"].failure
    assert codec is not None
    changed = msgspec.structs.replace(read, message="other")
    assert msgspec.json.decode(codec.write(changed, report).body) == {"error": ERROR | {"extra": 1, "message": "other"}}


INFO = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "OTHER", "domain": "googleapis.com"}
FIELDS = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": "model"}]}


@pytest.mark.parametrize(
    ("error", "named"),
    [
        ({"details": [{"k": "v"}, INFO]}, {"$.error.details[0]"}),
        ({"details": ["text"]}, {"$.error.details[0]"}),
        ({"type": "odd", "details": [INFO]}, {"$.error.type"}),
        ({"code": "odd", "details": [INFO]}, {"$.error.code"}),
        ({"type": "odd", "details": [{**INFO, "metadata": {"type": "odd"}}]}, set()),
        ({"code": "other", "details": [INFO]}, set()),
        ({"param": "odd", "details": [FIELDS]}, {"$.error.param"}),
        ({"param": "model", "details": [FIELDS]}, set()),
        ({"param": "odd", "details": [{**FIELDS, "fieldViolations": {}}]}, {"$.error.param"}),
    ],
)
def test_what_googles_details_leave_no_room_for_is_named(error: dict[str, Any], named: set[str]) -> None:
    _, losses = to("gemini", KIND, {"error": {"message": "m", **error}}, status=400)
    assert {path for _, path in lost(losses)} == named


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ({"error": {"message": "m"}, "request_id": "two words"}, {"$.request_id"}),
        ({"error": {"message": "m", "request_id": "two words"}}, {"$.error.request_id"}),
        ({"error": {"message": "m"}, "request_id": 5}, {"$.request_id"}),
        ({"error": {"message": "m"}, "request_id": "req-1"}, set()),
        ({"error": {"message": "m", "request_id": "req-1"}}, set()),
    ],
)
def test_an_id_of_a_call_that_no_header_can_hold_is_named(answer: dict[str, Any], named: set[str]) -> None:
    assert {path for _, path in lost(to("gemini", KIND, answer, status=400)[1])} == named
