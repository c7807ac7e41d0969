"""Events as Gemini's streamed answers."""

import json
from typing import Any

import pytest
from msgspec import Raw

from metaphrase import ir
from metaphrase.ir import At, Begin, Delta, Done, End, Event, Extra, Failed, Finished, Start, UsageSeen
from metaphrase.loss import Report

from .helpers import PATH, codec

START = Start("r", "m", 1, None, "elsewhere")
OURS = Start("r", "m", None, None, "gemini")
STOP = Finished(0, ir.Finish("stop", "stop", "openai"))
SIGNED = ir.Opaque("gemini", "c2ln")
NAMES = {"modelVersion": "m", "responseId": "r", "createTime": "1970-01-01T00:00:01Z"}
IMAGE = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
LAST = {"candidates": [{"finishReason": "STOP", "index": 0}], **NAMES}


def raw(*events: Event, asked: ir.ChatRequest | None = None, report: Report | None = None) -> list[bytes]:
    writer = codec.streaming().writer(asked, report or Report())
    return [*[writer.feed(event) for event in events], writer.close()]


def write(*events: Event, report: Report | None = None) -> list[Any]:
    body = b"".join(raw(*events, report=report))
    return [json.loads(line.removeprefix(b"data: ")) for line in body.split(b"\r\n\r\n")[:-1]]


def said(*parts: Any, names: Any = None, index: int = 0) -> dict[str, Any]:
    content = {"parts": list(parts), "role": "model"}
    return {"candidates": [{"content": content, "index": index}], **(NAMES if names is None else names)}


def told(part: ir.Part, *deltas: str, state: ir.Opaque | None = None, number: int = 0) -> list[Event]:
    return [Begin(0, number, part), *[Delta(0, number, text) for text in deltas], End(0, number, state)]


def test_the_bytes_of_a_plain_stream() -> None:
    events: list[Event] = [
        START,
        *told(ir.Text(""), "a", '"\n\u2028é'),
        STOP,
        UsageSeen(ir.Usage(1, output=2, total=3)),
        Done(),
    ]
    tail = b'"modelVersion":"m","responseId":"r","createTime":"1970-01-01T00:00:01Z"}\r\n\r\n'
    piece = b'data: {"candidates":[{"content":{"parts":[{"text":%b}],"role":"model"},"index":0}],' + tail
    counts = b'"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3},'
    last = b'data: {"candidates":[{"finishReason":"STOP","index":0}],' + counts + tail
    assert raw(*events) == [
        b"", b"", piece % b'"a"', piece % '"\\"\\n\u2028é"'.encode(), b"", b"", b"", last, b"",
    ]  # fmt: skip


def test_texts_go_out_at_once_and_calls_when_they_are_complete() -> None:
    call, other = ir.ToolCall("i", "f", "", SIGNED), ir.ToolCall("j", "g", "")
    first = {"functionCall": {"name": "f", "args": {"a": 1}, "id": "i"}, "thoughtSignature": "c2ln"}
    second = {"functionCall": {"name": "g", "args": {}, "id": "j"}}
    events = [
        START, Begin(0, 0, call), Begin(0, 1, other), Delta(0, 0, '{"a"'), Delta(0, 1, "{}"), End(0, 1),
        *told(ir.Text(""), "now", number=2), Delta(0, 0, ":1}"), End(0, 0), STOP, Done(),
    ]  # fmt: skip
    assert write(*events) == [said({"text": "now"}), said(first), said(second), LAST]


@pytest.mark.parametrize(
    ("events", "parts"),
    [
        (told(ir.Thinking(""), "a", "b"), [{"text": "a", "thought": True}, {"text": "b", "thought": True}]),
        (told(ir.Text("whole")), [{"text": "whole"}]),
        (told(ir.Text("")), [{"text": ""}]),
        (told(ir.Refusal(""), "no"), [{"text": "no"}]),
        (told(ir.Refusal("")), [{"text": ""}]),
        (told(ir.Foreign("elsewhere", "x", Raw(b"{}"))), []),
        (told(ir.Media("image", ir.Inline.of("aGk="), "image/png")), [IMAGE]),
        (told(ir.Text("", SIGNED), "a", "b"), [{"text": "a"}, {"text": "b"}, {"text": "", "thoughtSignature": "c2ln"}]),
        (told(ir.Text(""), "a", state=SIGNED), [{"text": "a"}, {"text": "", "thoughtSignature": "c2ln"}]),
        (told(ir.Text(""), state=SIGNED), [{"text": "", "thoughtSignature": "c2ln"}]),
        (told(ir.Thinking("", SIGNED)), [{"text": "", "thought": True, "thoughtSignature": "c2ln"}]),
    ],
)  # fmt: skip
def test_parts(events: list[Event], parts: list[Any]) -> None:
    assert write(START, *events, STOP, Done())[:-1] == [said(part) for part in parts]


def test_parts_of_our_own_are_as_they_were() -> None:
    names = {key: NAMES[key] for key in ("modelVersion", "responseId")}
    signed = told(ir.Text("", SIGNED), "a")
    strange = told(ir.Text("", ext={"gemini": {"zz": Raw(b"1")}}), "a", "b")
    bare = told(ir.Text("", SIGNED, spelt={"text": ir.Spelling("gemini", "", {})}))
    assert write(OURS, *signed, *strange, *bare, Done())[:-1] == [
        said({"text": "a", "thoughtSignature": "c2ln"}, names=names),
        said({"text": "a", "zz": 1}, names=names),
        said({"text": "b", "zz": 1}, names=names),
        said({"thoughtSignature": "c2ln"}, names=names),
    ]


def test_several_candidates() -> None:
    events: list[Event] = [
        START, Begin(1, 0, ir.Text("")), Begin(0, 0, ir.Text("")), Delta(1, 0, "b"), Delta(0, 0, "a"), Delta(1, 0, "c"),
        End(1, 0), End(0, 0), Finished(1, ir.Finish("length")), STOP, UsageSeen(ir.Usage(1)), Done(),
    ]  # fmt: skip
    found = write(*events)
    assert [one["candidates"][0]["index"] for one in found] == [1, 0, 1, 0, 1]
    assert found[3] == LAST
    assert found[4]["candidates"][0]["finishReason"] == "MAX_TOKENS"
    assert [("usageMetadata" in one) for one in found] == [False] * 4 + [True]


def test_what_stands_beside_the_parts() -> None:
    citation = ir.Citation("https://a", "A", 1, 3)
    token = ir.TokenLogprob("a", -1)
    events = [START, *told(ir.Text(""), "né", "e"), Extra(0, logprobs=(token,)), Extra(0, citations=(citation,)),
              Extra(0, safety=(ir.SafetyRating("A", "LOW"),)), STOP, Done()]  # fmt: skip
    _, _, probable, last = write(*events)
    assert probable["candidates"][0]["logprobsResult"] == {"chosenCandidates": [{"token": "a", "logProbability": -1}]}
    one = last["candidates"][0]
    assert one["groundingMetadata"]["groundingSupports"][0]["segment"] == {"startIndex": 1, "endIndex": 4, "text": "ée"}
    assert one["safetyRatings"] == [{"category": "A", "probability": "LOW"}]


def test_offsets_count_the_parts_that_were_written() -> None:
    file = ir.Media("document", ir.FileId("f", "openai"), "application/pdf")
    image = ir.Media("image", ir.Inline.of("aGk="), "image/png")
    cited = Extra(0, citations=(ir.Citation("https://a", "A", 0, 1),))
    for media, index in ((file, None), (image, 1)):
        last = write(START, *told(media), *told(ir.Text(""), "x", number=1), cited, STOP, Done())[-1]
        (support,) = last["candidates"][0]["groundingMetadata"]["groundingSupports"]
        assert support["segment"].get("partIndex") == index


def test_a_refusal_ends_for_safety_and_calls_imply_their_end() -> None:
    assert write(START, *told(ir.Refusal(""), "no"), STOP, Done())[-1]["candidates"][0]["finishReason"] == "SAFETY"
    report = Report()
    called = Finished(0, ir.Finish("tool_calls", "tool_calls", "openai"))
    write(START, *told(ir.ToolCall("i", "f", "{}")), called, Done(), report=report)
    assert not report.losses
    write(START, *told(ir.Text("x")), Finished(0, called.finish, At(At(None, 4), "choices")), Done(), report=report)
    assert [(loss.kind, loss.path) for loss in report.losses] == [("approximated", "$[4].choices.finish")]


def test_a_refused_prompt() -> None:
    blocked = ir.Blocked("SAFETY", "why")
    feedback = {"blockReason": "SAFETY", "blockReasonMessage": "why"}
    assert write(START, Extra(blocked=blocked), Done()) == [{"promptFeedback": feedback, **NAMES}]


def test_an_answer_without_choices_is_one_chunk() -> None:
    assert write(START, Done()) == [NAMES]
    assert write(Start(), Done()) == [{}]
    assert write(Start(), UsageSeen(ir.Usage(1)), Done()) == [{"usageMetadata": {"promptTokenCount": 1}}]


def test_the_service_tier() -> None:
    assert write(START, Extra(service_tier="default"), STOP, Done())[0]["usageMetadata"] == {"serviceTier": "standard"}
    report = Report()
    start = Start("r", "m", 1, None, "x", None, At(None, 0))
    write(start, Extra(service_tier="odd", at=At(None, 2)), STOP, Done(), report=report)
    assert [(loss.kind, loss.path) for loss in report.losses] == [("dropped", "$[2].service_tier")]


def test_leftovers_of_our_own_go_out_with_the_next_chunk() -> None:
    left = {"gemini": {"turnToken": Raw(b'"x"')}}
    names = {key: NAMES[key] for key in ("modelVersion", "responseId")}
    start = Start("r", "m", None, left, "gemini")
    found = write(start, Begin(0, 0, ir.Text("")), Delta(0, 0, "a"), Extra(ext={"gemini": {"zz": Raw(b"[1,\n2]")}}),
                  Delta(0, 0, "b"), Delta(0, 0, "c"), End(0, 0), Extra(0, ext={"gemini": {"score": Raw(b"1")}}),
                  Extra(0, ext={"gemini": {"score": Raw(b"2"), "more": Raw(b"3")}}), Extra(0, safety=()), STOP,
                  Extra(ext={"gemini": {"end": Raw(b"1")}}), Done())  # fmt: skip
    assert found == [
        {**said({"text": "a"}, names=names), "turnToken": "x"},
        {**said({"text": "b"}, names=names), "zz": [1, 2]},
        said({"text": "c"}, names=names),
        {"candidates": [{"index": 0, "score": 1}], **names},
        {"candidates": [{"finishReason": "STOP", "index": 0, "score": 2, "more": 3}], **names, "end": 1},
    ]
    assert write(Start("r", "m", None, left, "elsewhere"), STOP, Done()) == [
        {"candidates": [{"finishReason": "STOP", "index": 0}], **names}
    ]


def test_spellings_of_our_own_are_kept() -> None:
    spelt = {
        "model": ir.Spelling("gemini", "m", {"modelVersion": Raw(b'"models/m"')}),
        "created": ir.Spelling("gemini", 1, {"createTime": Raw(b'"1970-01-01T00:00:01.5Z"')}),
    }
    raw_tokens = Raw(b'{"chosenCandidates":[],"zz":1}')
    start = Start("r", "m", 1, None, "gemini", spelt)
    probable = Extra(0, logprobs=(), spelt={"logprobs": ir.Spelling("gemini", (), {"logprobsResult": raw_tokens})})
    first, last = write(start, probable, STOP, Done())
    assert first["modelVersion"] == "models/m"
    assert first["createTime"] == "1970-01-01T00:00:01.5Z"
    assert first["candidates"][0]["logprobsResult"] == {"chosenCandidates": [], "zz": 1}
    assert last["modelVersion"] == "models/m"


def test_a_failure_is_the_last_thing_said() -> None:
    failure = ir.Failure(503, "UNAVAILABLE", "busy")
    error = {"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}
    assert write(START, *told(ir.Text(""), "a"), Failed(failure), STOP, Done()) == [said({"text": "a"}), error]
    assert write(Failed(failure)) == [error]


def test_without_events_it_is_one_array() -> None:
    asked = ir.ChatRequest((), target=PATH.replace("generate", "streamGenerate"))
    events = [START, *told(ir.Text(""), "a"), STOP, Done()]
    assert json.loads(b"".join(raw(*events, asked=asked))) == [said({"text": "a"}), LAST]
    failed = [START, *told(ir.Text(""), "a"), Failed(ir.Failure(503, "UNAVAILABLE", "busy"))]
    assert [*json.loads(b"".join(raw(*failed, asked=asked)))[1]] == ["error"]
    assert json.loads(b"".join(raw(asked=asked))) == []
    writer = codec.streaming().writer(asked, Report())
    assert writer.close() == b"[]"
    assert writer.close() == b""


def test_a_client_whose_address_is_not_known_gets_events() -> None:
    for asked in (None, ir.ChatRequest(()), ir.ChatRequest((), target=f"{PATH}?alt=sse")):
        assert b"".join(raw(START, STOP, Done(), asked=asked)).startswith(b"data: ")


def test_a_long_answer_has_no_offsets() -> None:
    cited = Extra(0, citations=(ir.Citation("https://a", None, 1, 3),))
    events = [START, *told(ir.Text(""), *["long " * 500] * 10), cited, STOP, Done()]
    report = Report()
    assert "groundingMetadata" in write(*events, report=report)[-1]["candidates"][0]
    assert [loss.feature for loss in report.losses] == ["citations.offset"] * 2  # where it starts, and where it ends
