"""Embedding requests in both protocols and between them."""

from typing import Any

import pytest

import metaphrase as mp
from metaphrase import ir
from metaphrase.loss import Report
from tests.operations import CODECS, again, convert, encode, lost, to

KIND = "embedding.request"
PATH = "/v1beta/models/gemini-embedding-001:batchEmbedContents"
VERTEX = "/v1beta1/projects/p/locations/l/publishers/google/models/text-embedding-004:predict"


def batch(*texts: str, **settings: Any) -> dict[str, Any]:
    return {"requests": [{"model": "models/m", "content": {"parts": [{"text": text}]}} | settings for text in texts]}


def gemini(value: dict[str, Any]) -> mp.Converted:
    return convert(encode(value), "openai", "gemini", KIND)


@pytest.mark.parametrize(("given", "texts"), [("one", ["one"]), (["a", "b", ""], ["a", "b", ""]), ([], [])])
def test_each_input_is_one_content(given: Any, texts: list[str]) -> None:
    done = gemini({"model": "m", "input": given})
    assert done.path == "/v1beta/models/m:batchEmbedContents"
    assert done.losses == ()
    assert done.body == encode(
        {"requests": [{"model": "models/m", "content": {"parts": [{"text": text}]}} for text in texts]}
    )


def test_dimensions_stand_on_each_request() -> None:
    body, losses = to("gemini", KIND, {"model": "m", "input": ["a", "b"], "dimensions": 256})
    assert [one["outputDimensionality"] for one in body["requests"]] == [256, 256]
    assert losses == ()


def test_mistrals_word_for_dimensions() -> None:
    body, losses = to("gemini", KIND, {"model": "m", "input": "a", "output_dimension": 256})
    assert body["requests"][0]["outputDimensionality"] == 256
    assert losses == ()
    both = {"model": "m", "input": "a", "output_dimension": 256, "dimensions": 128}
    assert again("openai", KIND, both) == both
    assert again("openai", KIND, {"input": "a", "output_dimension": 256})["output_dimension"] == 256


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_the_encoding_is_honoured_in_the_answer_and_no_loss(encoding: str) -> None:
    _, losses = to("gemini", KIND, {"model": "m", "input": "a", "encoding_format": encoding})
    assert losses == ()


def test_an_unknown_encoding_and_other_members_are_reported() -> None:
    value = {"model": "m", "input": "a", "encoding_format": "ubinary", "user": "u", "truncate": "END"}
    _, losses = to("gemini", KIND, value)
    assert lost(losses) == {("dropped", "$.encoding_format"), ("dropped", "$.user"), ("dropped", "$.truncate")}
    assert again("openai", KIND, value) == value


@pytest.mark.parametrize(
    ("word", "task"), [("query", "RETRIEVAL_QUERY"), ("Passage", "RETRIEVAL_DOCUMENT"), ("clustering", "CLUSTERING")]
)
def test_what_the_vectors_are_for(word: str, task: str) -> None:
    value = {"model": "m", "input": ["a", "b"], "input_type": word}
    body, losses = to("gemini", KIND, value)
    assert [one["taskType"] for one in body["requests"]] == [task, task]
    assert losses == ()
    assert again("openai", KIND, value) == value


def test_an_unknown_purpose_is_reported() -> None:
    value = {"model": "m", "input": "a", "input_type": "mood"}
    body, losses = to("gemini", KIND, value)
    assert "taskType" not in body["requests"][0]
    assert lost(losses) == {("dropped", "$.input_type")}
    assert again("openai", KIND, value) == value


@pytest.mark.parametrize(
    ("given", "path"), [([1, 2], "$.input"), ([[1, 2], [3]], "$.input[0]"), (["a", [1]], "$.input[1]")]
)
def test_tokens_are_refused_with_the_way_out(given: Any, path: str) -> None:
    value = {"model": "m", "input": given}
    with pytest.raises(mp.WriteError, match="check_embedding_ctx_length=False") as caught:
        gemini(value)
    assert caught.value.path == path
    assert again("openai", KIND, value) == value


def test_an_object_as_input_stays_with_its_own_protocol() -> None:
    value = {"model": "m", "input": [{"image": "x"}]}
    assert again("openai", KIND, value) == value
    with pytest.raises(mp.WriteError, match="texts and media"):
        gemini(value)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"model": "m"}, "$"),
        ({"input": 5}, "$.input"),
        ({"input": ["a", None]}, "$.input[1]"),
        ({"input": [["a"]]}, "$.input[0]"),
        ({"input": [1.5]}, "$.input"),
        ({"input": "a", "dimensions": "x"}, "$.dimensions"),
    ],
)
def test_faults_of_an_openai_request_are_named(value: dict[str, Any], path: str) -> None:
    with pytest.raises(mp.ReadError) as caught:
        gemini(value)
    assert caught.value.path == path


def test_a_request_without_a_model() -> None:
    done = gemini({"input": "a"})
    assert done.path is None
    assert lost(done.losses) == {("defaulted", "")}
    body, losses = to("openai", KIND, {"content": {"parts": [{"text": "a"}]}})
    assert body == {"input": ["a"]}
    assert lost(losses) == {("defaulted", "$.model")}


@pytest.mark.parametrize("model", ["../x", "a?b", "a&b"])
def test_a_model_that_could_lead_elsewhere_is_refused(model: str) -> None:
    with pytest.raises(mp.WriteError, match="lead elsewhere"):
        gemini({"model": model, "input": "a"})
    with pytest.raises(mp.ReadError, match="lead elsewhere"):
        to("openai", KIND, {"model": model, "content": {}})


@pytest.mark.parametrize(
    ("model", "resource", "path"),
    [
        ("models/x", "models/x", "/v1beta/models/x:batchEmbedContents"),
        ("tunedModels/x", "tunedModels/x", "/v1beta/tunedModels/x:batchEmbedContents"),
        ("a/b c", "models/a/b c", "/v1beta/models/a%2Fb%20c:batchEmbedContents"),
    ],
)
def test_model_names(model: str, resource: str, path: str) -> None:
    done = gemini({"model": model, "input": "a"})
    assert done.path == path
    assert resource.encode() in done.body


def test_a_batch_becomes_a_list() -> None:
    body, losses = to("openai", KIND, batch("a", "b", outputDimensionality=256), path=PATH)
    assert body == {"model": "gemini-embedding-001", "input": ["a", "b"], "dimensions": 256}
    assert lost(losses) == {("dropped", "$.requests[*].model")}  # it names another model than the path


def test_the_model_in_the_body_where_there_is_no_path() -> None:
    body, losses = to("openai", KIND, batch("a") | {"model": "models/m"})
    assert body == {"model": "m", "input": ["a"]}
    assert losses == ()


def test_task_and_title_are_reported() -> None:
    value = batch("a", taskType="RETRIEVAL_DOCUMENT", title="t")
    _, losses = to("openai", KIND, value)
    assert lost(losses) == {("dropped", "$.requests[0].taskType"), ("dropped", "$.requests[0].title")}
    assert to("openai", KIND, batch("a", taskType="TASK_TYPE_UNSPECIFIED"))[1] == ()
    assert again("gemini", KIND, value) == value


def test_dimensions_that_differ_are_not_sent() -> None:
    value = batch("a", "b")
    value["requests"][0]["outputDimensionality"] = 128
    body, losses = to("openai", KIND, value)
    assert "dimensions" not in body
    assert lost(losses) == {("dropped", "$.requests[0].outputDimensionality")}


def test_several_texts_of_one_content_are_one_input() -> None:
    value = {"content": {"role": "model", "parts": [{"text": "a"}, {"text": "b"}]}, "model": "models/m"}
    body, losses = to("openai", KIND, value)
    assert body["input"] == ["a\nb"]
    assert lost(losses) == {("approximated", "$.content"), ("dropped", "$.content.role")}


def test_media_are_reported_and_alone_refused() -> None:
    image = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    value = {"model": "models/m", "content": {"parts": [{"text": "a"}, image]}}
    body, losses = to("openai", KIND, value)
    assert body["input"] == ["a"]
    assert lost(losses) == {("dropped", "$.content.parts[1]")}
    assert again("gemini", KIND, value) == value
    with pytest.raises(mp.WriteError, match="holds none") as caught:
        to("openai", KIND, {"requests": [{"content": {"parts": [image]}}]})
    assert caught.value.path == "$.requests[0]"
    with pytest.raises(mp.WriteError, match="holds none"):
        to("openai", KIND, {"content": {}})


def test_vertex_settings_in_their_own_object() -> None:
    value = {
        "content": {"parts": [{"text": "a"}]},
        "embedContentConfig": {
            "taskType": "CLUSTERING",
            "outputDimensionality": 8,
            "autoTruncate": False,
            "title": "t",
        },
    }
    body, losses = to("openai", KIND, value, path="/v1/models/m:embedContent")
    assert body == {"model": "m", "input": ["a"], "dimensions": 8}
    at = "$.embedContentConfig."
    assert lost(losses) == {("dropped", at + "taskType"), ("dropped", at + "title"), ("dropped", at + "autoTruncate")}
    assert again("gemini", KIND, value) == value
    twice = value | {"title": "other", "taskType": "CLUSTERING", "outputDimensionality": 9}
    assert again("gemini", KIND, twice) == twice
    assert ("dropped", "$.outputDimensionality") in lost(to("openai", KIND, twice)[1])


def test_snake_case_is_read_and_named_as_it_stood() -> None:
    value = {
        "requests": [{"content": {"parts": [{"text": "a"}]}, "output_dimensionality": 8, "task_type": "CLUSTERING"}]
    }
    body, losses = to("openai", KIND, value)
    assert body["dimensions"] == 8
    assert ("dropped", "$.requests[0].task_type") in lost(losses)
    inner = {"content": {"parts": {"text": "a"}, "odd_one": 1}}
    assert ("dropped", "$.content.odd_one") in lost(to("openai", KIND, inner)[1])


def test_numbers_for_enums_are_kept() -> None:
    value = batch("a", taskType=3)
    assert again("gemini", KIND, value) == value
    assert ("dropped", "$.requests[0].taskType") in lost(to("openai", KIND, value)[1])


def test_predict() -> None:
    value = {
        "instances": [{"content": "a", "task_type": "CLUSTERING", "title": "t"}, {"content": "b", "mimeType": "x"}],
        "parameters": {"outputDimensionality": 8, "autoTruncate": False},
    }
    body, losses = to("openai", KIND, value, path=VERTEX)
    assert body == {"model": "text-embedding-004", "input": ["a", "b"], "dimensions": 8}
    assert lost(losses) == {
        ("dropped", "$.instances[0].task_type"),
        ("dropped", "$.instances[0].title"),
        ("dropped", "$.instances[1].mimeType"),
        ("dropped", "$.parameters.autoTruncate"),
    }
    assert again("gemini", KIND, value, path=VERTEX) == value
    assert again("gemini", KIND, {"instances": [], "labels": {"a": "b"}}) == {"instances": [], "labels": {"a": "b"}}


def test_an_instance_that_is_no_text() -> None:
    value = {"instances": [{"image": {"bytesBase64Encoded": "AAAA"}}], "parameters": {}}
    assert again("gemini", KIND, value) == value
    with pytest.raises(mp.WriteError, match="holds none"):
        to("openai", KIND, value)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({}, "$"),
        ({"requests": [{}]}, "$.requests[0]"),
        ({"requests": None}, "$"),
        ({"instances": None}, "$"),
        ({"requests": [{"content": {"parts": [{"text": 1}]}}]}, "$.requests[0].content.parts[0].text"),
        ({"content": 5}, "$.content"),
    ],
)
def test_faults_of_a_gemini_request_are_named(value: dict[str, Any], path: str) -> None:
    with pytest.raises(mp.ReadError) as caught:
        to("openai", KIND, value)
    assert caught.value.path == path


def written(name: Any, request: ir.EmbeddingRequest) -> tuple[mp.Request, Report]:
    report = Report()
    codec = CODECS[name].embedding
    assert codec is not None
    return codec.write_request(request, report), report


def test_a_request_whose_model_was_changed_names_it_everywhere() -> None:
    for form, value in (
        ("embedContent", batch("a")["requests"][0]),
        ("batchEmbedContents", batch("a") | {"model": "models/m"}),
    ):
        codec = CODECS["gemini"].embedding
        assert codec is not None
        read = codec.read_request(mp.Request("POST", "/v1beta/models/m:" + form, (), encode(value)), Report())
        out, _ = written("gemini", ir_replace(read, model="n"))
        assert out.target == "/v1beta/models/n:" + form
        assert b'"models/n"' in out.body
        assert b'"models/m"' not in out.body


def ir_replace(node: Any, **changes: Any) -> Any:
    from msgspec.structs import replace

    return replace(node, **changes)


def test_a_request_made_by_hand() -> None:
    parts = (
        ir.Text("a"),
        ir.Media("image", ir.Inline.of("AAAA"), "image/png"),
        ir.Media("video", ir.Uri("gs://x")),
        ir.Media("other", ir.Inline.of("AAAA")),
        ir.Foreign("gemini", "x", ir_raw('{"x":1}')),
    )
    request = ir.EmbeddingRequest((ir.EmbeddingInput(parts, "NO_SUCH", "t", 3),), "m", task="CLUSTERING")
    out, report = written("gemini", request)
    assert out.body == encode(
        {
            "requests": [
                {
                    "model": "models/m",
                    "content": {
                        "parts": [
                            {"text": "a"},
                            {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
                            {"fileData": {"fileUri": "gs://x"}},
                            {"inlineData": {"mimeType": "application/octet-stream", "data": "AAAA"}},
                            {"x": 1},
                        ]
                    },
                    "title": "t",
                    "outputDimensionality": 3,
                }
            ]
        }
    )
    assert [loss.feature for loss in report.losses] == ["embedding.task"]
    out, report = written(
        "openai", ir.EmbeddingRequest((ir.EmbeddingInput((ir.Text("a"),)),), "m", 4, "int8", task="CLUSTERING")
    )
    assert out.body == b'{"input":["a"],"model":"m","dimensions":4}'
    assert {loss.feature for loss in report.losses} == {"embedding.encoding", "embedding.task"}
    out, _ = written(
        "gemini", ir.EmbeddingRequest((ir.EmbeddingInput((ir.Text("a"),)),), "m", task="TASK_TYPE_UNSPECIFIED")
    )
    assert b"taskType" not in out.body
    with pytest.raises(mp.WriteError, match="`:predict` embeds texts"):
        written("gemini", ir.EmbeddingRequest((ir.EmbeddingInput(()),), "m", origin="gemini", form="predict"))


def ir_raw(text: str) -> Any:
    from msgspec import Raw

    return Raw(text.encode())
