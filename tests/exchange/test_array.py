"""Gemini streams for clients that did not ask for events: one JSON array."""

from typing import Any

import msgspec
import pytest

from metaphrase import Exchange, Failure, Request, Response
from tests.exchange.fake import fake

TARGET = "/v1beta/models/m:streamGenerateContent"
BODY = b'{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}'
EVENTS = (("content-type", "text/event-stream"),)


def asked(query: str) -> Exchange:
    exchange = Exchange("gemini", fake())
    assert exchange.request(Request("POST", TARGET + query, (), BODY))
    return exchange


def texts(chunks: list[dict[str, Any]]) -> str:
    candidates = [candidate for chunk in chunks for candidate in chunk.get("candidates", ())]
    parts = [part for candidate in candidates for part in candidate.get("content", {}).get("parts", ())]
    return "".join([part["text"] for part in parts])


@pytest.mark.parametrize("query", ["", "?alt=json", "?%24alt=json%3Benum-encoding%3Dint", "?key=k"])
def test_a_stream_is_one_array(query: str) -> None:
    exchange = asked(query)
    head = exchange.head(Response(200, EVENTS))
    assert head.header("content-type") == "application/json; charset=UTF-8"
    pieces = [exchange.feed(b"say a\nsay b\n"), exchange.feed(b"end\n"), exchange.close()]
    assert all(pieces[:2])  # as it arrives
    chunks = msgspec.json.decode(b"".join(pieces))
    assert texts(chunks) == "ab"
    assert chunks[-1]["candidates"][0]["finishReason"] in ("STOP", 1)
    assert exchange.close() == b""


def test_a_stream_of_events_is_none() -> None:
    exchange = asked("?alt=sse")
    assert exchange.head(Response(200, EVENTS)).header("content-type") == "text/event-stream"
    assert exchange.feed(b"say a\n").startswith(b"data: {")


def test_an_error_ends_the_array() -> None:
    exchange = asked("")
    exchange.head(Response(200, EVENTS))
    body = exchange.feed(b"say a\n") + exchange.abort(Failure(503, "UNAVAILABLE", "gone"))
    chunks = msgspec.json.decode(body)
    assert chunks[-1]["error"]["message"] == "gone"
    exchange = asked("")
    exchange.head(Response(200, EVENTS))
    assert msgspec.json.decode(exchange.abort(Failure(503, "UNAVAILABLE", "gone")))[0]["error"]["code"] == 503


def test_an_array_of_nothing() -> None:
    from metaphrase.ir import ChatRequest, Done
    from metaphrase.loss import Report
    from metaphrase.registry import resolve

    writer = resolve("gemini").streaming().writer(ChatRequest((), target=TARGET), Report())
    assert writer.close() == b"[]"
    assert writer.close() == b""
    writer = resolve("gemini").streaming().writer(ChatRequest((), target=TARGET), Report())
    body = writer.feed(Done()) + writer.close()
    assert isinstance(msgspec.json.decode(body), list)


INT = "?%24alt=json%3Benum-encoding%3Dint"


def test_enums_by_number_for_clients_that_ask_for_them() -> None:
    exchange = asked(INT)
    exchange.head(Response(200, EVENTS))
    body = exchange.feed(b"say a\nend\n") + exchange.close()
    assert msgspec.json.decode(body)[-1]["candidates"][0]["finishReason"] == 1
    exchange = Exchange("gemini", fake())
    target = "/v1beta/models/m:generateContent"
    assert exchange.request(Request("POST", target + INT, (), BODY))
    answer = msgspec.json.decode(exchange.response(Response(200, (), b'{"said":"x"}')).body)
    assert answer["candidates"][0]["finishReason"] == 1
    exchange = Exchange("gemini", fake())
    assert exchange.request(Request("POST", target, (), BODY))
    answer = msgspec.json.decode(exchange.response(Response(200, (), b'{"said":"x"}')).body)
    assert answer["candidates"][0]["finishReason"] == "STOP"


def test_every_enum_of_an_answer_has_its_number() -> None:
    from metaphrase_gemini.numbers import numbered

    named = {
        "candidates": [
            {
                "finishReason": "SAFETY",
                "safetyRatings": [{"category": "HARM_CATEGORY_HATE_SPEECH", "probability": "HIGH", "blocked": True}],
                "content": {
                    "parts": [
                        {"text": "STOP"},
                        {"executableCode": {"language": "PYTHON", "code": "1"}},
                        {"codeExecutionResult": {"outcome": "OUTCOME_OK"}},
                    ]
                },
            },
            {"finishReason": "NEW_REASON"},
            {"finishReason": 2},
        ],
        "promptFeedback": {"blockReason": "OTHER"},
        "usageMetadata": {"promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 3}], "promptTokenCount": 1},
        "modelVersion": "m",
    }
    text = msgspec.json.encode(named).decode()
    for name, number in [
        ('"SAFETY"', 3), ('"HARM_CATEGORY_HATE_SPEECH"', 8), ('"HIGH"', 4), ('"PYTHON"', 1), ('"OUTCOME_OK"', 1),
        ('"OTHER"', 2), ('"AUDIO"', 4),
    ]:  # fmt: skip
        text = text.replace(name, str(number))
    assert numbered(msgspec.json.encode(named)).decode() == text
    assert numbered(b'{"candidates":null,"promptFeedback":[],"args":1.0}') == (
        b'{"candidates":null,"promptFeedback":[],"args":1.0}'
    )


@pytest.mark.parametrize(
    "odd",
    [
        '{"usageMetadata":{"promptTokensDetails":[{"modality":{"TEXT":"x"}}]}}',
        '{"promptFeedback":"blockReason","candidates":{"finishReason":"STOP"}}',
        '{"candidates":["finishReason",[{"finishReason":"STOP"}],{"finishReason":["STOP"],"safetyRatings":{"category":1}}]}',
    ],
)
def test_numbers_take_the_place_of_names_only(odd: str) -> None:
    from metaphrase_gemini.numbers import numbered

    assert numbered(odd.encode()).decode() == odd
