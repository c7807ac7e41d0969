"""Streamed answers as events."""

import json
from typing import Any

import pytest

from metaphrase import ReadError, ir
from metaphrase.fold import fold
from metaphrase.ir import At, Begin, Delta, Done, End, Extra, Failed, Finished, Start, UsageSeen
from metaphrase.loss import Report

from .helpers import bare, codec
from .streams import NAMES, STOP, chunk, end, losses, parts, read, sse, text

SIGNED = ir.Opaque("gemini", "c2ln")


def test_the_events_of_a_plain_stream() -> None:
    usage = {"promptTokenCount": 1, "totalTokenCount": 3, "serviceTier": "standard"}
    events = read(chunk(text("a")), chunk(text("b")), chunk(text("")), {**end(), "usageMetadata": usage})
    assert events[0] == Start("r", "m", None, None, "gemini", events[0].spelt, At(None, 0))  # type: ignore[union-attr]  # the first is a Start
    assert isinstance(events[1], Begin)
    assert bare(events[1].head) == ir.Text("")
    assert events[2:-2] == [
        Delta(0, 0, "a"),
        Delta(0, 0, "b"),
        End(0, 0),
        Finished(0, ir.Finish("stop", "STOP", "gemini"), At(None, 3)),
        Extra(service_tier="default", at=At(None, 3)),
    ]
    assert isinstance(events[-2], UsageSeen)
    assert events[-1] == Done()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([text("a"), text("b")], [ir.Text("ab")]),
        ([text("a", thought=True), text("b", thought=True), text("c")], [ir.Thinking("ab"), ir.Text("c")]),
        ([text("a"), text("b", thought=True), text("c")], [ir.Text("a"), ir.Thinking("b"), ir.Text("c")]),
        ([text("a", thoughtSignature="c2ln"), text("b")], [ir.Text("a", SIGNED), ir.Text("b")]),
        ([text("a"), text("", thoughtSignature="c2ln")], [ir.Text("a"), ir.Text("", SIGNED)]),
        ([text("a"), text("b", thought=False), text("c")], [ir.Text("abc")]),
        ([{"functionCall": {"name": "f", "args": {}}}, text("")], [ir.ToolCall("", "f", "{}"), ir.Text("")]),
    ],
)
def test_texts_that_differ_in_nothing_else_are_one(said: list[Any], expected: list[ir.Part]) -> None:
    """However they are spread over chunks."""
    for found in (parts(*[chunk(one) for one in said], end()), parts(chunk(*said), end())):
        assert list(found) == expected


def test_candidates_keep_their_own_parts() -> None:
    both = {"candidates": [{"content": {"parts": [text("a")]}}, {"content": {"parts": [text("x")]}}], **NAMES}
    answer = fold(read(both, chunk(text("y"), index=1), chunk(text("b"), index=None), end(), end(index=1)))
    assert [[part.text for part in one.parts if isinstance(part, ir.Text)] for one in answer.choices] == [
        ["ab"],
        ["xy"],
    ]


@pytest.mark.parametrize(
    ("reasons", "native"),
    [(["STOP", "STOP"], "STOP"), (["STOP", "MAX_TOKENS"], "MAX_TOKENS"), (["SAFETY", "STOP"], "SAFETY"), ([1], 1)],
)
def test_a_failure_outlasts_a_stop(reasons: list[Any], native: Any) -> None:
    answer = fold(read(*[chunk(text("a"), finishReason=reason) for reason in reasons]))
    assert answer.choices[0].finish is not None
    assert answer.choices[0].finish.native == native
    assert bare(answer.choices[0].parts) == (ir.Text("a" * len(reasons)),)


def at(path: str, **value: Any) -> dict[str, Any]:
    """A piece of arguments."""
    return {"jsonPath": path, **value}


def test_a_message_belongs_to_its_reason() -> None:
    chunks = (chunk(text("a"), finishReason="STOP", finishMessage="calls"), end(finishReason="SAFETY"))
    finish = fold(read(*chunks)).choices[0].finish
    assert finish is not None
    assert finish.message is None
    assert losses(*chunks) == [("dropped", "$[0].candidates[0].finishMessage", 1)]
    alone = fold(read(chunk(text("a"), finishMessage="x"), end())).choices[0].finish
    assert alone is not None
    ignored = fold(read(chunk(text("a"), finishReason="SAFETY", finishMessage="x"), end(finishMessage="y")))
    assert ignored.choices[0].finish == ir.Finish("filter", "SAFETY", "gemini", "x")


@pytest.mark.parametrize(
    ("pieces", "arguments"),
    [
        ([at("$.a", stringValue="x", willContinue=True), at("$.a", stringValue="y")], '{"a":"xy"}'),
        ([at("$.a.b[0]", numberValue=1), at("$.a.b[1]", boolValue=True)], '{"a":{"b":[1,true]}}'),
        ([at("$.a[0].b", nullValue="NULL_VALUE"), at("$.a[0].b", numberValue=2.5)], '{"a":[{"b":2.5}]}'),
        ([at("$.a[0]", numberValue=1), at("$.a[0]", numberValue=2)], '{"a":[2]}'),
        ([at("$['a b'][\"c\"]", stringValue="x")], '{"a b":{"c":"x"}}'),
        ([at("$.a")], "{}"),
    ],
)  # fmt: skip
def test_arguments_in_pieces(pieces: list[Any], arguments: str) -> None:
    head = {"functionCall": {"name": "f", "id": "i", "willContinue": True}, "thoughtSignature": "c2ln"}
    more = [{"functionCall": {"partialArgs": [piece], "willContinue": True}} for piece in pieces]
    call = ir.ToolCall("i", "f", arguments, SIGNED)
    lasts: list[list[dict[str, Any]]] = [[{"functionCall": {}}], [], [{"functionCall": {"name": "g"}}]]
    for last in lasts:
        found = parts(*[chunk(one) for one in (head, *more, *last)], end())
        assert found[0] == call
        assert len(found) == (2 if last and last[0]["functionCall"] else 1)


def test_a_call_in_pieces_may_have_none() -> None:
    head = {"functionCall": {"name": "f", "willContinue": True}}
    assert parts(chunk(head), chunk({"functionCall": {}}), end()) == (ir.ToolCall("", "f", ""),)
    whole = {"functionCall": {"name": "f", "args": {"a": 1}, "willContinue": False}}
    assert parts(chunk(whole), end()) == (ir.ToolCall("", "f", '{"a": 1}'),)


@pytest.mark.parametrize(
    "path", ["", "$", "a", "$.a[1]", "$[0]", "$.a.b", "$..", "$.a[99999]", "$" + ".a" * 101, "$.list.x"]
)
def test_pieces_without_a_place(path: str) -> None:
    first = [{"jsonPath": "$.a[0]", "numberValue": 1}, {"jsonPath": "$.list[0]", "numberValue": 1}]
    piece = {"jsonPath": path, "numberValue": 1}
    if path == "$.a.b":
        first[0] = {"jsonPath": "$.a", "stringValue": "x"}
    head = {"functionCall": {"name": "f", "partialArgs": [*first, piece], "willContinue": True}}
    assert isinstance(read(chunk(head))[-1], Failed)


def test_what_is_no_piece_of_a_call() -> None:
    (found,) = parts(chunk({"functionCall": {"partialArgs": []}}), end())
    assert isinstance(found, ir.Foreign)
    assert isinstance(read(chunk({"functionCall": {"name": "f", "partialArgs": 1}}))[-1], Failed)


def test_citations_have_offsets_in_the_whole_text() -> None:
    grounding = {
        "groundingChunks": [{"web": {"uri": "https://a", "title": "A"}}],
        "groundingSupports": [{"segment": {"startIndex": 3, "endIndex": 8}, "groundingChunkIndices": [0]}],
    }
    chunks = (chunk(text("né")), chunk(text(" plus")), end(groundingMetadata=grounding))
    (citation,) = fold(read(*chunks)).choices[0].citations
    assert (citation.start, citation.end) == (2, 7)
    long = [chunk(text("word " * 1000)) for _ in range(4)]
    (citation,) = fold(read(*long, end(groundingMetadata=grounding))).choices[0].citations
    assert (citation.start, citation.end) == (None, None)


def test_what_is_said_again_replaces_what_was_said() -> None:
    ratings = [[{"category": "A", "probability": word}] for word in ("LOW", "LOW", "HIGH")]
    chunks = [chunk(text("a"), safetyRatings=one) for one in ratings]
    assert bare(fold(read(*chunks, end())).choices[0].safety) == (ir.SafetyRating("A", "HIGH"),)
    assert losses(*chunks, end()) == [("dropped", "$[1].candidates[0].safetyRatings", 1)]
    assert losses(chunk(text("a"), safetyRatings=[]), chunks[0], end()) == []


def test_logprobs_add_up() -> None:
    probable: list[dict[str, Any]] = [
        {"logprobsResult": {"chosenCandidates": [{"token": t, "logProbability": -1}]}} for t in "ab"
    ]
    answer = fold(read(chunk(text("a"), **probable[0]), chunk(text("b"), **probable[1]), end()))
    assert bare(answer.choices[0].logprobs) == (ir.TokenLogprob("a", -1), ir.TokenLogprob("b", -1))


def test_a_refused_prompt_is_an_end() -> None:
    refused = {"promptFeedback": {"blockReason": "SAFETY", "safetyRatings": [{"category": "A"}]}, **NAMES}
    answer = fold(read(refused))
    assert answer.blocked is not None
    assert answer.blocked.at == At(None, 0)
    late = fold(read(chunk(text("a"), finishReason="STOP"), {**refused, "zz": 1}))
    assert late.blocked is not None
    assert late.blocked.at == At(None, 1)


@pytest.mark.parametrize("usage", [None, {}, {"promptTokenCount": 5}])
def test_the_last_usage_counts_as_a_whole(usage: Any) -> None:
    before = {"usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 9}}
    answer = fold(read(chunk(text("a"), beside=before), {**end(), "usageMetadata": usage}))
    assert (answer.usage.input if answer.usage else None) == (usage or {}).get("promptTokenCount")


def test_the_last_usage_may_come_before_the_end() -> None:
    counted = [chunk(text("a"), beside={"usageMetadata": {"promptTokenCount": n}}) for n in (5, 4, 3)]
    usage = fold(read(*counted, end())).usage
    assert usage is not None
    assert (usage.input, usage.at) == (3, At(At(None, 2), "usageMetadata"))


def test_usage_that_cannot_be_read() -> None:
    events = read(chunk(text("a")), {**end(), "usageMetadata": {"promptTokenCount": "x"}})
    assert isinstance(events[-1], Failed)


@pytest.mark.parametrize("code", [503, "503", None, 7])
def test_an_error_in_the_stream(code: Any) -> None:
    error = {"error": {"code": code, "message": "busy", "status": "UNAVAILABLE"}}
    events = read(chunk(text("a")), error, chunk(text("b")))
    assert isinstance(events[-1], Failed)
    assert events[-1].failure.message == "busy"
    assert isinstance(read({"error": "busy"})[-1], Failed)
    assert fold(read(chunk(text("a"), beside={"error": None}), end())).choices


@pytest.mark.parametrize("bad", [b"data: {\r\n\r\n", b'data: {"candidates":1}\r\n\r\n', b"data: 3\r\n\r\n"])
def test_a_chunk_that_cannot_be_read(bad: bytes) -> None:
    reader = codec.streaming().reader(Report())
    first = reader.feed(sse(chunk(text("a")))[0])
    assert isinstance(reader.feed(bad)[-1], Failed)
    assert isinstance(reader.error, ReadError)
    assert first
    assert reader.feed(bad) == []
    assert reader.feed(sse(chunk(text("a")))[0]) == []
    assert reader.close() == []


def test_bytes_that_are_not_utf_8() -> None:
    report = Report()
    reader = codec.streaming().reader(report)
    body = sse(chunk(text("a?")))[0].replace(b"?", b"\xff")
    events = [*reader.feed(body), *reader.feed(sse(end())[0]), *reader.close()]
    assert bare(fold(events).choices[0].parts) == (ir.Text("a\ufffd"),)
    assert [loss.kind for loss in report.losses] == ["repaired"]


@pytest.mark.parametrize("lead", [b"", b"\r\n ", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_one_array(lead: bytes, size: int) -> None:
    body = lead + b"[" + json.dumps(chunk(text("a"))).encode() + b"\n,\r\n" + json.dumps(end()).encode() + b"\n]\n"
    reader = codec.streaming().reader(Report())
    events = [event for i in range(0, len(body), size) for event in reader.feed(body[i : i + size])]
    assert bare(fold([*events, *reader.close()]).choices[0].parts) == (ir.Text("a"),)


@pytest.mark.parametrize("bad", [b"[1]", b"[{}", b"{}]", b'[{"a":1}}', b'{"a": {\xff}}'])
def test_an_array_that_is_none(bad: bytes) -> None:
    reader = codec.streaming().reader(Report())
    assert isinstance([*reader.feed(bad), *reader.close()][-1], Failed)


def test_an_event_that_never_ends() -> None:
    reader = codec.streaming().reader(Report())
    reader.feed(b"data: " + b"x" * 9_000_000)
    assert isinstance(reader.feed(b"x" * 9_000_000)[-1], Failed)


def test_an_end_in_mid_event() -> None:
    whole = b"".join(sse(chunk(text("a")), end()))
    for bad in (b'data: {"error": {"code": 503}}', b"[1]", b"{"):
        reader = codec.streaming().reader(Report())
        reader.feed(whole + bad)
        assert isinstance(reader.close()[-1], Failed)
        assert reader.close() == []
    reader = codec.streaming().reader(Report())
    assert isinstance([*reader.feed(whole.rstrip()), *reader.close()][-1], Done)


def test_nothing_follows_a_failure_in_one_read() -> None:
    reader = codec.streaming().reader(Report())
    events = reader.feed(b"".join(sse(chunk(text("a")), {"error": {"code": 503}}, chunk(text("b")))))
    assert [type(event) for event in events] == [Start, Begin, Delta, Failed]


def test_an_event_may_be_large() -> None:
    reader = codec.streaming().reader(Report())
    reader.feed(b"".join(sse(chunk(text("a")), end())))
    reader.feed(sse(chunk({"inlineData": {"mimeType": "image/png", "data": "A" * 12_000_000}}))[0][:-4])
    assert isinstance(reader.close()[-1], Done)


def test_a_content_without_parts() -> None:
    last = {"candidates": [{"content": {"role": "model"}, **STOP}], **NAMES}
    assert parts(chunk(text("a")), last) == (ir.Text("a"),)


def test_a_block_finishes_the_candidates_that_are_open() -> None:
    refused = {"promptFeedback": {"blockReason": "SAFETY"}, **NAMES}
    answer = fold(read(chunk(text("a")), refused))
    assert answer.choices[0].finish == ir.Finish("filter")
    assert answer.blocked is not None
    stopped = fold(read(chunk(text("a"), finishReason="STOP"), refused))
    assert stopped.choices[0].finish == ir.Finish("stop", "STOP", "gemini")


def test_nothing_came() -> None:
    for body in (b"", b"\n\n", b"data: \n\n"):
        reader = codec.streaming().reader(Report())
        assert [type(event) for event in [*reader.feed(body), *reader.close()]] == [Failed]


def test_a_bare_error_in_an_array() -> None:
    reader = codec.streaming().reader(Report())
    events = reader.feed(sse(chunk(text("a")))[0] + b'[{\n"error": {"code": 503, "message": "busy"}\n}]\n\n')
    assert isinstance(events[-1], Failed)
    assert events[-1].failure.status == 503


def test_other_names_later_are_lost() -> None:
    other = chunk(text("b"), names={"modelVersion": "n", "responseId": "s", "createTime": "2026-01-01T00:00:00Z"})
    chunks = (chunk(text("a")), other, other, end())
    assert losses(*chunks) == [("dropped", f"$[*].{key}", 2) for key in ("createTime", "modelVersion", "responseId")]


def test_the_role_of_an_answer() -> None:
    odd = chunk(text("a"))
    odd["candidates"][0]["content"]["role"] = "user"
    assert losses(odd, odd, end()) == [("dropped", "$[*].candidates[0].content.role", 2)]
