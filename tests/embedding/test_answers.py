"""Embedding answers in both protocols and between them."""

import struct
from base64 import b64encode
from typing import Any

import msgspec
import pytest

import metaphrase as mp
from metaphrase import ir
from metaphrase.loss import Report
from tests.operations import CODECS, again, convert, encode, lost, to

KIND = "embedding.response"
ONE, TWO = [0.25, -0.5], [1.5, 2e-05]


def base64(values: list[float]) -> str:
    return b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def asks(encoding: str | None = None, count: int = 2, **more: Any) -> bytes:
    said = {} if encoding is None else {"encoding_format": encoding}
    return encode({"model": "alias", "input": ["x"] * count} | said | more)


def batch(*vectors: list[float], **more: Any) -> dict[str, Any]:
    return {"embeddings": [{"values": values} for values in vectors]} | more


def listed(*vectors: Any, **more: Any) -> dict[str, Any]:
    data = [{"object": "embedding", "index": i, "embedding": one} for i, one in enumerate(vectors)]
    return {"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 3, "total_tokens": 3}} | more


@pytest.mark.parametrize(
    ("encoding", "expected"), [(None, [ONE, TWO]), ("float", [ONE, TWO]), ("base64", [base64(ONE), base64(TWO)])]
)
def test_vectors_come_in_the_encoding_that_was_asked_for(encoding: str | None, expected: list[Any]) -> None:
    body, losses = to("openai", KIND, batch(ONE, TWO, usageMetadata={"promptTokenCount": 3}), asked=asks(encoding))
    assert body == listed(*expected) | {"model": "alias"}
    assert losses == ()


def test_nothing_asked_means_numbers_as_they_are_written() -> None:
    body = b'{"embeddings":[{"values":[ 0.10,\n 1e-7 ]}]}'
    done = convert(body, "gemini", "openai", KIND)
    assert b"[ 0.10,\n 1e-7 ]" in done.body
    assert lost(done.losses) == {("defaulted", "$.model"), ("defaulted", "$.usage")}


def test_base64_becomes_values() -> None:
    body, losses = to("gemini", KIND, listed(base64(ONE), TWO))
    assert body == batch(ONE, TWO, usageMetadata={"promptTokenCount": 3})
    assert lost(losses) == {("dropped", "$.model")}


def test_a_single_question_gets_a_single_answer() -> None:
    single = encode({"content": {"parts": [{"text": "x"}]}, "model": "models/m"})
    body, losses = to("gemini", KIND, listed(ONE), asked=single)
    assert body == {"embedding": {"values": ONE}, "usageMetadata": {"promptTokenCount": 3}}
    assert losses == ()


def test_predict_asked_predictions_given() -> None:
    asked = encode({"instances": [{"content": "x"}]})
    body, losses = to("gemini", KIND, listed(ONE), asked=asked, path="/v1/projects/p/models/m:predict")
    assert body == {"predictions": [{"embeddings": {"values": ONE}}]}
    assert lost(losses) == {("dropped", "$.usage")}
    body, losses = to("gemini", KIND, {"data": [{"embedding": ONE}]}, asked=asked)
    assert losses == ()


def test_vectors_are_put_in_the_order_of_their_index() -> None:
    value = listed(ONE, TWO)
    value["data"].reverse()
    body, _ = to("gemini", KIND, value)
    assert body["embeddings"] == [{"values": ONE}, {"values": TWO}]
    assert again("openai", KIND, value) == value


def test_indexes_that_number_nothing_are_reported() -> None:
    value = listed(ONE, TWO)
    value["data"][1]["index"] = 0
    body, losses = to("gemini", KIND, value)
    assert body["embeddings"] == [{"values": ONE}, {"values": TWO}]
    assert ("dropped", "$.data[*].index") in lost(losses)


def test_one_vector_for_each_input() -> None:
    with pytest.raises(mp.WriteError, match="1 vectors for 2 inputs"):
        to("gemini", KIND, listed(ONE), asked=encode({"requests": [{"content": {}}, {"content": {}}]}))


@pytest.mark.parametrize("key", ["promptTokenDetails", "promptTokensDetails"])
def test_usage_in_both_spellings(key: str) -> None:
    usage = {"promptTokenCount": 3, "totalTokenCount": 3, key: [{"modality": "TEXT", "tokenCount": 3}]}
    value = batch(ONE, usageMetadata=usage)
    body, losses = to("openai", KIND, value, asked=asks())
    assert body["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    assert losses == ()
    assert again("gemini", KIND, value) == value
    odd = value | {"usageMetadata": {key: [{"modality": "IMAGE", "tokenCount": 2}, {"modality": 1}], "x": 1}}
    _, losses = to("openai", KIND, odd, asked=asks())
    assert lost(losses) == {
        ("defaulted", "$.usage.prompt_tokens"), ("dropped", "$.usageMetadata." + key), ("dropped", "$.usageMetadata.x")
    }  # fmt: skip
    assert again("gemini", KIND, odd) == odd


def test_both_spellings_at_once_are_one_too_many() -> None:
    value = batch(ONE, usageMetadata={"promptTokenDetails": [], "promptTokensDetails": []})
    with pytest.raises(mp.ReadError, match="two spellings"):
        to("openai", KIND, value)
    with pytest.raises(mp.ReadError, match="in one answer"):
        to("openai", KIND, batch(ONE) | {"embedding": {"values": ONE}})


def test_usage_of_other_servers() -> None:
    value = listed(ONE, usage={"prompt_tokens": 3, "total_tokens": 9, "completion_tokens": 0, "cost": 1})
    body, losses = to("gemini", KIND, value)
    assert body["usageMetadata"] == {"promptTokenCount": 3, "totalTokenCount": 9}
    assert lost(losses) == {("dropped", "$.model"), ("dropped", "$.usage.cost")}
    assert again("openai", KIND, value) == value
    value["usage"]["completion_tokens"] = 6
    assert ("dropped", "$.usage.completion_tokens") in lost(to("gemini", KIND, value)[1])


def test_predictions() -> None:
    value = {
        "predictions": [
            {"embeddings": {"values": ONE, "statistics": {"token_count": 2, "truncated": True}}, "x": 1},
            {"embeddings": {"values": TWO, "statistics": {"token_count": 3.0, "truncated": False, "y": 1}}},
        ],
        "metadata": {"billableCharacterCount": 8},
    }
    body, losses = to("openai", KIND, value, asked=asks())
    assert body == listed(ONE, TWO, usage={"prompt_tokens": 5, "total_tokens": 5}) | {"model": "alias"}
    at = "$.predictions[0]"
    assert lost(losses) == {
        ("dropped", at + ".embeddings.statistics.truncated"), ("dropped", at + ".x"), ("dropped", "$.metadata"),
        ("dropped", "$.predictions[1].embeddings.statistics.y"),
    }  # fmt: skip
    assert again("gemini", KIND, value) == value


@pytest.mark.parametrize("statistics", [{}, {"token_count": 2.5}, None])
def test_predictions_that_do_not_count(statistics: Any) -> None:
    value = {"predictions": [{"embeddings": {"values": ONE, "statistics": statistics, "z": 1}}]}
    body, losses = to("openai", KIND, value, asked=asks())
    assert body["usage"] == {"prompt_tokens": 0, "total_tokens": 0}
    assert ("dropped", "$.predictions[0].embeddings.z") in lost(losses)
    assert again("gemini", KIND, value) == value
    missing = {"predictions": [{"embeddings": {"values": ONE}}]}
    assert again("gemini", KIND, missing) == missing


@pytest.mark.parametrize(
    "value",
    [
        {"embedding": {"values": ONE, "shape": [2]}, "truncated": True},
        {},
        {"embeddings": []},
        {"embeddings": [{"values": []}]},
        {"embeddings": [], "usage_metadata": None},
    ],
)
def test_gemini_answers_stay_as_they_are(value: dict[str, Any]) -> None:
    assert again("gemini", KIND, value) == value


@pytest.mark.parametrize(
    "value",
    [
        {"data": [{"embedding": ONE}]},
        {"object": "vectors", "data": [{"object": "e", "embedding": ONE, "index": 7, "extra": 1}], "model": ""},
        {"data": [], "usage": {}},
        {"object": "list", "data": [], "model": ""},
        {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": base64(ONE)}], "created": 1},
    ],
)
def test_openai_answers_stay_as_they_are(value: dict[str, Any]) -> None:
    assert again("openai", KIND, value) == value
    assert again("openai", KIND, value, asked=asks("base64")) == value


def test_odd_constants_are_reported() -> None:
    _, losses = to("gemini", KIND, {"object": "vectors", "data": [{"object": "e", "embedding": ONE}], "model": ""})
    assert lost(losses) == {("dropped", "$.object"), ("dropped", "$.data[0].object")}


@pytest.mark.parametrize(
    ("source", "value", "path"),
    [
        ("openai", {}, "$"),
        ("openai", {"data": [{}]}, "$.data[0]"),
        ("openai", {"data": [{"embedding": [1, "x"]}]}, "$.data[0].embedding"),
        ("openai", {"data": [{"embedding": None}]}, "$.data[0]"),
        ("gemini", {"embeddings": [{"values": ONE}, {}]}, "$.embeddings[1]"),
        ("gemini", {"embedding": {"values": {}}}, "$.embedding.values"),
        ("gemini", {"predictions": [{}]}, "$.predictions[0].embeddings"),
        ("gemini", {"predictions": [{"embeddings": {"values": [None]}}]}, "$.predictions[0].embeddings.values"),
        ("gemini", {"predictions": 1}, "$.predictions"),
    ],
)
def test_faults_are_named(source: Any, value: Any, path: str) -> None:
    with pytest.raises(mp.ReadError) as caught:
        convert(encode(value), source, source, KIND)
    assert caught.value.path in (path, path + ".embedding")


def test_predictions_may_not_be_null() -> None:
    with pytest.raises(mp.ReadError, match="predictions"):
        convert(b'{"predictions":null}', "gemini", "openai", KIND)


def test_broken_base64_is_refused_where_it_has_to_be_numbers() -> None:
    value = listed("AAAA")
    assert again("openai", KIND, value) == value
    with pytest.raises(mp.WriteError) as caught:
        to("gemini", KIND, value)
    assert caught.value.path == "$.data[0]"


def test_numbers_that_are_no_float32_cannot_become_base64() -> None:
    body = b'{"embeddings":[{"values":[400000000000000000000000000000000000000]}]}'
    with pytest.raises(mp.WriteError, match="finite"):
        convert(body, "gemini", "openai", KIND, asked=asks("base64"))


def test_the_name_that_the_client_used() -> None:
    codec = CODECS["openai"].embedding
    assert codec is not None
    answer = ir.EmbeddingResponse((), "upstream-name", ir.Usage(1, 2, None, 3, 4, 5, None), "other")
    report = Report()
    out = codec.write_response(answer, ir.EmbeddingRequest((), "alias"), report)
    assert msgspec.json.decode(out.body)["model"] == "alias"
    assert {loss.feature for loss in report.losses} == {
        "response.model", "usage.cached", "usage.tool_input", "usage.output", "usage.reasoning"
    }  # fmt: skip
    assert msgspec.json.decode(codec.write_response(answer, None, Report()).body)["model"] == "upstream-name"
    gemini = CODECS["gemini"].embedding
    assert gemini is not None
    by = ir.Usage(None, input_by=(("text", 2),))
    out = gemini.write_response(ir.EmbeddingResponse((), usage=by), None, Report())
    counted = {"promptTokenDetails": [{"modality": "TEXT", "tokenCount": 2}]}
    assert msgspec.json.decode(out.body) == {"embeddings": [], "usageMetadata": counted}
