"""Both vendors' SDKs raise for a converted error what they raise for their own vendor's."""

from typing import Any

import httpx2
import openai
import pytest
from google.genai import errors

from tests.laws.corpus import ABSENT
from tests.operations import Document, convert, encode, recorded

OPENAI = openai.OpenAI(api_key="k", max_retries=0)
STATUSES = {
    400: (openai.BadRequestError, errors.ClientError),
    401: (openai.AuthenticationError, errors.ClientError),
    403: (openai.PermissionDeniedError, errors.ClientError),
    404: (openai.NotFoundError, errors.ClientError),
    409: (openai.ConflictError, errors.ClientError),
    422: (openai.UnprocessableEntityError, errors.ClientError),
    429: (openai.RateLimitError, errors.ClientError),
    499: (openai.APIStatusError, errors.ClientError),
    500: (openai.InternalServerError, errors.ServerError),
    501: (openai.InternalServerError, errors.ServerError),
    503: (openai.InternalServerError, errors.ServerError),
    504: (openai.InternalServerError, errors.ServerError),
}


def response(done: Any) -> httpx2.Response:
    request = httpx2.Request("POST", "https://example.com/v1/x")
    return httpx2.Response(done.status, headers=list(done.headers), content=done.body, request=request)


def openai_error(done: Any) -> openai.APIStatusError:
    return OPENAI._make_status_error_from_response(response(done))


def google_error(done: Any) -> errors.APIError:
    with pytest.raises(errors.APIError) as caught:
        errors.APIError.raise_for_response(response(done))
    return caught.value


@pytest.mark.parametrize("status", STATUSES)
def test_the_class_of_each_status(status: int) -> None:
    mine, theirs = STATUSES[status]
    body = encode({"error": {"code": status, "message": "no", "status": "X"}})
    raised = openai_error(convert(body, "gemini", "openai", "failure", status=status))
    assert type(raised) is mine
    assert raised.body == {"message": "no", "type": raised.type, "param": None, "code": raised.code}
    body = encode({"error": {"message": "no", "type": "t", "param": None, "code": None}})
    converted = google_error(convert(body, "openai", "gemini", "failure", status=status))
    assert type(converted) is theirs
    assert converted.message == "no"


def test_a_bad_key_raises_what_a_bad_key_raises() -> None:
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
    }
    body = encode({"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT", "details": [info]}})
    raised = openai_error(convert(body, "gemini", "openai", "failure", status=400))
    assert type(raised) is openai.AuthenticationError
    assert raised.code == "invalid_api_key"


def test_the_client_waits_as_long_as_the_upstream_says() -> None:
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.07s"}
    body = encode({"error": {"code": 429, "message": "no", "status": "RESOURCE_EXHAUSTED", "details": [retry]}})
    done = convert(body, "gemini", "openai", "failure", status=429, headers=(("x-request-id", "r"),))
    assert OPENAI._parse_retry_after_header(httpx2.Headers(list(done.headers))) == 34.07
    assert openai_error(done).request_id == "r"


FAILED = [pytest.param(doc, id=doc.id) for doc in recorded() if doc.kind == "failure"]
NONE = pytest.param(None, marks=pytest.mark.skip(reason=ABSENT))


@pytest.mark.parametrize("doc", FAILED or [NONE])
def test_recorded_errors(doc: Document) -> None:
    done = convert(doc.body, doc.protocol, doc.other, "failure", status=doc.status)
    if doc.protocol == "gemini":
        raised = openai_error(done)
        expected, _ = STATUSES[401 if raised.code == "invalid_api_key" else doc.status or 0]
        assert type(raised) is expected
        assert isinstance(raised.body, dict)
    else:
        error = google_error(done)
        assert type(error) is (errors.ClientError if 400 <= (doc.status or 0) < 500 else errors.ServerError)
        assert error.message
        assert error.status
