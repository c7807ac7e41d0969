"""Status, class, type and code of failures, in both directions: the tables of the mapping."""

import json
from typing import Any

import pytest

import metaphrase as mp
from metaphrase.rpc import HTTP_OF, code_of
from tests.operations import convert, encode, lost, to

KIND = "failure"

# google.rpc code, HTTP status -> OpenAI's status, type, code
FROM_GEMINI = [
    ("INVALID_ARGUMENT", 400, 400, "invalid_request_error", None),
    ("FAILED_PRECONDITION", 400, 400, "invalid_request_error", "failed_precondition"),
    ("OUT_OF_RANGE", 400, 400, "invalid_request_error", "out_of_range"),
    ("UNAUTHENTICATED", 401, 401, "authentication_error", None),
    ("PERMISSION_DENIED", 403, 403, "permission_error", "permission_denied"),
    ("NOT_FOUND", 404, 404, "invalid_request_error", "not_found"),
    ("ALREADY_EXISTS", 409, 409, "conflict_error", "already_exists"),
    ("ABORTED", 409, 409, "conflict_error", "aborted"),
    ("INVALID_ARGUMENT", 413, 413, "invalid_request_error", "request_too_large"),
    ("RESOURCE_EXHAUSTED", 429, 429, "rate_limit_error", "rate_limit_exceeded"),
    ("CANCELLED", 499, 499, "server_error", "cancelled"),
    ("UNKNOWN", 500, 500, "server_error", "unknown"),
    ("INTERNAL", 500, 500, "server_error", "internal"),
    ("DATA_LOSS", 500, 500, "server_error", "data_loss"),
    ("UNIMPLEMENTED", 501, 501, "server_error", "unimplemented"),
    ("UNAVAILABLE", 502, 502, "server_error", "bad_gateway"),
    ("UNAVAILABLE", 503, 503, "server_error", "service_unavailable"),
    ("DEADLINE_EXCEEDED", 504, 504, "server_error", "timeout"),
]

# OpenAI's HTTP status, type, code -> HTTP status, google.rpc code, ErrorInfo.reason
FROM_OPENAI = [
    (400, "invalid_request_error", None, 400, "INVALID_ARGUMENT", None),
    (400, "invalid_request_error", "unsupported_parameter", 400, "INVALID_ARGUMENT", "UNSUPPORTED_PARAMETER"),
    (400, "invalid_request_error", "context_length_exceeded", 400, "INVALID_ARGUMENT", "CONTEXT_LENGTH_EXCEEDED"),
    (400, "invalid_request_error", "failed_precondition", 400, "FAILED_PRECONDITION", None),
    # Each client is told what its own vendor says of a bad key, and Google's SDKs know it as a 400 with this reason.
    (401, "invalid_request_error", "invalid_api_key", 400, "INVALID_ARGUMENT", "API_KEY_INVALID"),
    (401, "authentication_error", "invalid_api_key", 400, "INVALID_ARGUMENT", "API_KEY_INVALID"),
    (401, "invalid_request_error", "invalid_organization", 401, "UNAUTHENTICATED", "INVALID_ORGANIZATION"),
    (401, "authentication_error", None, 401, "UNAUTHENTICATED", None),
    (402, "insufficient_quota", "insufficient_quota", 429, "RESOURCE_EXHAUSTED", "INSUFFICIENT_QUOTA"),
    (403, "permission_error", "permission_denied", 403, "PERMISSION_DENIED", None),
    (404, "invalid_request_error", "model_not_found", 404, "NOT_FOUND", "MODEL_NOT_FOUND"),
    (404, "invalid_request_error", "DeploymentNotFound", 404, "NOT_FOUND", "DeploymentNotFound"),
    (408, "server_error", "timeout", 504, "DEADLINE_EXCEEDED", "TIMEOUT"),
    (409, "conflict_error", "aborted", 409, "ABORTED", None),
    (409, "conflict_error", "already_exists", 409, "ALREADY_EXISTS", None),
    (413, "invalid_request_error", "request_too_large", 400, "INVALID_ARGUMENT", "REQUEST_TOO_LARGE"),
    (415, "invalid_request_error", None, 400, "INVALID_ARGUMENT", None),
    (418, "teapot", None, 418, "INVALID_ARGUMENT", None),
    (422, "invalid_request_error", None, 400, "INVALID_ARGUMENT", None),
    (429, "rate_limit_error", "rate_limit_exceeded", 429, "RESOURCE_EXHAUSTED", None),
    (429, "insufficient_quota", "insufficient_quota", 429, "RESOURCE_EXHAUSTED", "INSUFFICIENT_QUOTA"),
    (429, "tokens", "rate_limit_exceeded", 429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"),
    (499, "server_error", "cancelled", 499, "CANCELLED", None),
    (500, "server_error", None, 500, "INTERNAL", None),
    (500, "server_error", "data_loss", 500, "DATA_LOSS", None),
    (501, "not_supported_error", None, 501, "UNIMPLEMENTED", None),
    (502, "server_error", "bad_gateway", 502, "UNAVAILABLE", None),
    (503, "server_error", "service_unavailable", 503, "UNAVAILABLE", None),
    (504, "server_error", "timeout", 504, "DEADLINE_EXCEEDED", None),
    (505, "server_error", None, 505, "INTERNAL", None),
    (529, "overloaded_error", None, 503, "UNAVAILABLE", None),
]


def google(code: str, status: int, message: str = "no", details: Any = None) -> dict[str, Any]:
    error = {"code": status, "message": message, "status": code}
    return {"error": error if details is None else error | {"details": details}}


def openai(kind: str | None, code: str | None, message: str = "no", param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def detail(kind: str, **members: Any) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc." + kind} | members


def of_kind(body: Any, kind: str) -> dict[str, Any]:
    found = [one for one in body["error"].get("details", ()) if one["@type"].endswith("." + kind)]
    return found[0] if found else {}


@pytest.mark.parametrize(("code", "status", "expected", "kind", "word"), FROM_GEMINI)
def test_gemini_to_openai(code: str, status: int, expected: int, kind: str, word: str | None) -> None:
    done = convert(encode(google(code, status)), "gemini", "openai", KIND, status=status)
    assert done.status == expected
    assert done.body == encode(openai(kind, word))
    assert done.losses == ()
    back, losses = to("gemini", KIND, openai(kind, word), status=done.status)
    assert (back["error"]["status"], losses) == (code, ())
    assert "details" not in back["error"] or word == "request_too_large"


@pytest.mark.parametrize(("status", "kind", "code", "expected", "name", "reason"), FROM_OPENAI)
def test_openai_to_gemini(
    status: int, kind: str, code: str | None, expected: int, name: str, reason: str | None
) -> None:
    done = convert(encode(openai(kind, code)), "openai", "gemini", KIND, status=status)
    body, _ = to("gemini", KIND, openai(kind, code), status=status)
    assert (done.status, body["error"]["code"], body["error"]["status"]) == (expected, expected, name)
    assert of_kind(body, "ErrorInfo").get("reason") == reason
    assert done.losses == ()
    back = convert(done.body, "gemini", "openai", KIND, status=done.status)
    again, _ = to("openai", KIND, body, status=done.status)
    assert back.status == status
    assert (again["error"]["type"], code) in ((kind, code), (kind, None))
    assert code is None or again["error"]["code"] == code
    assert back.losses == ()


@pytest.mark.parametrize("status", range(400, 600))
def test_every_status_has_a_class_and_stays_an_error(status: int) -> None:
    done = convert(b"", "openai", "gemini", KIND, status=status)
    assert done.status is not None
    assert done.status // 100 == status // 100 or status in (408, 529)
    assert code_of(status) in HTTP_OF
    assert convert(b"", "gemini", "openai", KIND, status=status).status == status


@pytest.mark.parametrize("code", [*HTTP_OF, "NEW_CODE"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 429, 499, 500, 502, 503, 504])
def test_a_class_and_a_status_that_disagree_both_stay(code: str, status: int) -> None:
    done = convert(encode(google(code, status)), "gemini", "openai", KIND, status=status)
    assert done.status == status
    assert convert(encode(google(code, status)), "gemini", "gemini", KIND, status=status).body == encode(
        google(code, status)
    )
    assert lost(done.losses) == (set() if code in HTTP_OF else {("dropped", "$.error.status")})


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("rate_limit_error", 429), ("insufficient_quota", 429), ("invalid_request_error", 400),
        ("overloaded_error", 503),
        ("authentication_error", 401), ("permission_error", 403), ("not_found_error", 404), ("api_error", 500),
    ],
)  # fmt: skip
def test_an_error_without_a_status_has_that_of_its_words(word: str, status: int) -> None:
    assert convert(encode(openai(word, None)), "openai", "openai", KIND).status == status
    assert convert(encode(openai(None, word)), "openai", "openai", KIND, status=200).status == status


def test_the_status_in_the_body_counts_where_http_has_none() -> None:
    assert convert(encode(google("NOT_FOUND", 404)), "gemini", "openai", KIND, status=200).status == 404
    assert convert(b'{"error":{"status":"NOT_FOUND","message":"x"}}', "gemini", "openai", KIND).status == 404
    assert convert(b'{"error":{"code":"429","message":"x"}}', "openai", "gemini", KIND).status == 429


def test_a_bad_key_is_400_at_google_and_401_at_openai() -> None:
    info = detail("ErrorInfo", reason="API_KEY_INVALID", domain="googleapis.com")
    done = convert(encode(google("INVALID_ARGUMENT", 400, "bad key", [info])), "gemini", "openai", KIND, status=400)
    assert done.status == 401
    assert done.body == encode(openai("authentication_error", "invalid_api_key", "bad key"))
    back = convert(done.body, "openai", "gemini", KIND, status=done.status)
    assert (back.status, json.loads(back.body)) == (400, google("INVALID_ARGUMENT", 400, "bad key", [info]))
    assert (done.losses, back.losses) == ((), ())


INFO = detail("ErrorInfo", reason="API_KEY_INVALID", domain="googleapis.com")
KEYS = [  # what Google says, with its status, and the code that says so at OpenAI
    (400, google("INVALID_ARGUMENT", 400, "no", [INFO]), "invalid_api_key"),
    (401, google("UNAUTHENTICATED", 401), None),
]


@pytest.mark.parametrize(("status", "said", "code"), KEYS, ids=["bad key", "not signed in"])
def test_both_kinds_of_strangers_come_back_as_they_were(status: int, said: Any, code: str | None) -> None:
    own = convert(encode(said), "gemini", "gemini", KIND, status=status)
    assert (own.status, json.loads(own.body)) == (status, said)
    there = convert(encode(said), "gemini", "openai", KIND, status=status)
    assert (there.status, json.loads(there.body)["error"]["code"]) == (401, code)
    back = convert(there.body, "openai", "gemini", KIND, status=there.status)
    assert (back.status, json.loads(back.body), back.losses) == (status, said, ())


@pytest.mark.parametrize(
    ("status", "code", "expected", "name"),
    [
        (401, "API_KEY_INVALID", 400, "INVALID_ARGUMENT"),
        (400, "invalid_api_key", 400, "INVALID_ARGUMENT"),
        (403, "invalid_api_key", 403, "PERMISSION_DENIED"),  # the status says more than the code
        (429, "invalid_api_key", 429, "RESOURCE_EXHAUSTED"),
    ],
)
def test_a_bad_key_by_other_names_and_statuses(status: int, code: str, expected: int, name: str) -> None:
    body, losses = to("gemini", KIND, openai("t", code), status=status)
    assert (body["error"]["code"], body["error"]["status"], losses) == (expected, name, ())
    assert of_kind(body, "ErrorInfo") == INFO | {"metadata": {"type": "t"}}


def test_a_bad_key_keeps_googles_own_status() -> None:
    said = google("UNAUTHENTICATED", 401, "no", [INFO])
    done = convert(encode(said), "gemini", "gemini", KIND, status=401)
    assert (done.status, json.loads(done.body)) == (401, said)


def test_a_bad_key_that_a_stream_tells_of() -> None:
    error = encode(openai("invalid_request_error", "invalid_api_key"))
    done = mp.convert(b"data: " + error + b"\n\n", source="openai", target="gemini", kind="chat.stream")
    said = json.loads(done.body.removeprefix(b"data: "))
    assert said["error"]["details"] == [INFO | {"metadata": {"type": "invalid_request_error"}}]
    assert (said["error"]["code"], said["error"]["status"]) == (400, "INVALID_ARGUMENT")
    back = mp.convert(done.body, source="gemini", target="openai", kind="chat.stream")
    assert back.body == b"data: " + error + b"\n\n"


@pytest.mark.parametrize(
    ("quota", "kind", "code"),
    [
        ("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "insufficient_quota", "insufficient_quota"),
        ("GenerateRequestsPerMinutePerProjectPerModel", "rate_limit_error", "rate_limit_exceeded"),
    ],
)
def test_quotas(quota: str, kind: str, code: str) -> None:
    violation = {"quotaMetric": "m", "quotaId": quota, "quotaDimensions": {"model": "x"}, "quotaValue": "50"}
    details = [detail("QuotaFailure", violations=[violation]), detail("RetryInfo", retryDelay="34.074824224s")]
    done = convert(encode(google("RESOURCE_EXHAUSTED", 429, "no", details)), "gemini", "openai", KIND, status=429)
    assert done.body == encode(openai(kind, code))
    assert ("retry-after", "35") in done.headers
    assert ("retry-after-ms", "34075") in done.headers
    at = "$.error.details[0].violations[0]"
    assert lost(done.losses) == {("dropped", f"{at}.{key}") for key in violation}


def test_a_spent_quota_toward_google() -> None:
    body, losses = to("gemini", KIND, openai("insufficient_quota", "insufficient_quota", "pay"), status=429)
    assert of_kind(body, "QuotaFailure")["violations"] == [{"description": "pay"}]
    assert losses == ()


def test_parameters() -> None:
    body, losses = to("gemini", KIND, openai("invalid_request_error", None, "bad", "messages[0].role"), status=400)
    violation = {"field": "messages[0].role", "description": "bad"}
    assert of_kind(body, "BadRequest")["fieldViolations"] == [violation]
    assert losses == ()
    more = google(
        "INVALID_ARGUMENT",
        400,
        "bad",
        [detail("BadRequest", fieldViolations=[{"field": "a.b", "description": "d"}, {"field": "c"}])],
    )
    body, losses = to("openai", KIND, more, status=400)
    assert body["error"]["param"] == "a.b"
    at = "$.error.details[0].fieldViolations"
    assert lost(losses) == {("dropped", f"{at}[0].description"), ("dropped", f"{at}[1].field")}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("models/x is not found for API version v1beta", "model_not_found"),
        ("Publisher Model `x` was not found", "model_not_found"),
        ("CachedContent not found", "not_found"),
    ],
)
def test_what_was_not_found(message: str, code: str) -> None:
    body, _ = to("openai", KIND, google("NOT_FOUND", 404, message), status=404)
    assert body["error"]["code"] == code


def test_too_many_tokens() -> None:
    message = "The input token count (9) exceeds the maximum number of tokens allowed (8)."
    body, _ = to("openai", KIND, google("INVALID_ARGUMENT", 400, message), status=400)
    assert body["error"]["code"] == "context_length_exceeded"


def test_a_reason_is_the_code_of_an_invalid_argument() -> None:
    info = detail("ErrorInfo", reason="SAFETY_SETTING", domain="googleapis.com", metadata={"service": "s"})
    body, losses = to("openai", KIND, google("INVALID_ARGUMENT", 400, "no", [info]), status=400)
    assert body["error"]["code"] == "safety_setting"
    at = "$.error.details[0]."
    assert lost(losses) == {("dropped", at + "metadata.service")}
    body, losses = to("openai", KIND, google("PERMISSION_DENIED", 403, "no", [info]), status=403)
    assert body["error"]["code"] == "permission_denied"
    assert ("dropped", at + "reason") in lost(losses)


def test_details_that_openai_has_no_words_for() -> None:
    details = [
        detail("LocalizedMessage", locale="en", message="no"),
        detail("LocalizedMessage", locale="de", message="nein"),
        detail("RequestInfo", requestId="r1", servingData="s", note=None),
        detail("RetryInfo", retryDelay="later"),
        detail("Help", links=[{"url": "u"}]),
        detail("ErrorInfo", reason=5, metadata="m"),
        detail("QuotaFailure", violations=["x"]),
        detail("BadRequest", fieldViolations=[]),
        detail("BadRequest", fieldViolations={"a": 1}),
        {"no": "type"},
        "text",
        5,
    ]
    done = convert(encode(google("INTERNAL", 500, "no", details)), "gemini", "openai", KIND, status=500)
    assert ("x-request-id", "r1") in done.headers
    named = {path.removeprefix("$.error.details") for _, path in lost(done.losses)}
    assert named == {
        "[*].locale", "[1].message", "[2].servingData", "[3].retryDelay", "[5].reason", "[5].metadata",
        "[6].violations[0]", "[8].fieldViolations", "[*]",
    }  # fmt: skip
    assert convert(encode(google("INTERNAL", 500, "no", details)), "gemini", "gemini", KIND, status=500).losses == ()


def test_googles_details_from_its_openai_endpoint_are_not_doubled() -> None:
    info = detail("ErrorInfo", reason="API_KEY_INVALID", domain="googleapis.com")
    retry = detail("RetryInfo", retryDelay="3s")
    value = [google("INVALID_ARGUMENT", 400, "no", [info, retry, {"own": 1}])]
    body, _ = to("gemini", KIND, value, status=400)
    assert body["error"]["details"] == [info, retry]


def test_a_failure_made_by_hand() -> None:
    made = mp.Failure(0, "UNAVAILABLE", "gone", retry_after=1.5)
    from metaphrase.loss import Report
    from tests.operations import CODECS

    for name, status in (("openai", 503), ("gemini", 503)):
        codec = CODECS[name].failure  # type: ignore[index]  # the names are known
        assert codec is not None
        out = codec.write(made, Report())
        assert out.status == status
        assert out.header("retry-after") == "2"
    strange = mp.Failure(700, "STRANGE", "odd", type="t", reason=None)
    codec = CODECS["gemini"].failure
    assert codec is not None
    assert b'"status":"UNKNOWN"' in codec.write(strange, Report()).body
