"""The usual answer is read by a shorter way, which must say what the general one says, and say nothing twice."""

from __future__ import annotations

import msgspec
import pytest

from metaphrase import ReadError, Report, convert, ir
from metaphrase_gemini.read.plain import plain_answer
from metaphrase_gemini.read.response import any_answer
from metaphrase_gemini.wire.plain import PlainAnswer

_decode = msgspec.json.Decoder(PlainAnswer).decode

CALL = '{"functionCall":{"name":"f","args":{"a":"é"}}}'
SIGNED = '{"functionCall":{"name":"f","args":{},"id":"c1"},"thoughtSignature":"c2ln"}'
COUNTS = '"promptTokenCount":5,"candidatesTokenCount":3,"totalTokenCount":10,"thoughtsTokenCount":2'


def answer(*parts: str, beside: str = "", counts: str = COUNTS, more: str = "") -> bytes:
    said = f'{{"content":{{"parts":[{",".join(parts)}],"role":"model"}},"finishReason":"STOP"{beside}}}'
    return f'{{"candidates":[{said}],"usageMetadata":{{{counts}}}{more}}}'.encode()


PLAIN = {
    "a text": answer('{"text":"hi"}', beside=',"index":0'),
    "an empty text": answer('{"text":""}'),
    "a signed text": answer('{"text":"hi","thoughtSignature":"c2ln"}'),
    "a thought, a text, calls": answer('{"text":"hm","thought":true}', '{"text":"hi"}', CALL, SIGNED),
    "a finish nobody knows": answer('{"text":"hi"}').replace(b"STOP", b"NEW_REASON"),
    "a message of the end": answer('{"text":"hi"}', beside=',"finishMessage":"done"'),
    "an empty message of the end": answer('{"text":"hi"}', beside=',"finishMessage":""'),
    "average logprobs": answer('{"text":"hi"}', beside=',"avgLogprobs":-1.20e-05'),
    "whole average logprobs": answer('{"text":"hi"}', beside=',"avgLogprobs":0'),
    "a score that is no number": answer('{"text":"a"}', beside=',"avgLogprobs":[-1, "é"]'),
    "another index": answer('{"text":"hi"}', beside=',"index":3'),
    "ratings": answer('{"text":"hi"}', beside=',"safetyRatings":[{"category":"A","probability":"LOW"}]'),
    "no counts": answer('{"text":"hi"}', counts=""),
    "all counts": answer(
        '{"text":"hi"}',
        counts=COUNTS + ',"cachedContentTokenCount":1,"promptTokensDetails":[{"modality":"TEXT","tokenCount":5}],'
        '"candidatesTokensDetails":[{"modality":"TEXT","tokenCount":1},{"modality":"AUDIO","tokenCount":2}],'
        '"cacheTokensDetails":[{"modality":"DOCUMENT","tokenCount":1}],"serviceTier":"standard","trafficType":"ON_DEMAND"',
    ),
    "a tier": answer('{"text":"hi"}', counts='"serviceTier":"priority"'),
    "names and a moment": answer(
        '{"text":"hi"}', more=',"modelVersion":"m","responseId":"r","createTime":"2026-01-02T03:04:05.678Z"'
    ),
    "a whole second": answer('{"text":"hi"}', more=',"createTime":"2026-01-02T03:04:05Z"'),
    "a moment without a zone": answer('{"text":"hi"}', more=',"createTime":"2026-01-02T03:04:05"'),
    "large arguments": answer(CALL.replace('"é"', f"[{','.join(['{}'] * 90)}]")),
}


@pytest.mark.parametrize("name", PLAIN)
def test_both_ways_say_the_same(name: str) -> None:
    short, general = Report(), Report()
    chat = plain_answer(_decode(PLAIN[name]), short)
    assert chat == any_answer(PLAIN[name], general)
    assert raws(chat) == raws(any_answer(PLAIN[name], Report()))
    for writer in ("openai", "gemini"):
        short.settle(writer)
        general.settle(writer)
        assert short.losses == general.losses


def raws(chat: ir.ChatResponse | None) -> list[bytes]:
    """What passes verbatim of the candidate."""
    assert chat is not None
    return [bytes(raw) for raw in chat.choices[0].leftovers("gemini").values()]


UNUSUAL = {
    "nothing": answer("{}"),
    "no parts": answer(),
    "a text beside a call": answer('{"text":"a","functionCall":{"name":"f","args":{}}}'),
    "a thought that calls": answer('{"thought":true,"functionCall":{"name":"f","args":{}}}'),
    "an empty thought": answer('{"text":"","thought":true}'),
    "no thought": answer('{"text":"a","thought":false}'),
    "arguments that are no object": answer('{"functionCall":{"name":"f","args":null}}'),
    "arguments that hold text": answer('{"functionCall":{"name":"f","args":{"__raw_arguments":"x"}}}'),
    "arguments that may be deep": answer(CALL.replace('"é"', f"[{','.join(['{}'] * 200)}]")),
    "many parts": answer(*['{"text":"a"}'] * 17),
    "thoughts counted twice": answer('{"text":"a"}', counts=COUNTS.replace("10", "8")),
    "a prefix": answer('{"text":"a"}', more=',"modelVersion":"models/m"'),
    "no moment": answer('{"text":"a"}', more=',"createTime":"soon"'),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_less_usual_is_left_to_the_general_way(name: str) -> None:
    report = Report()
    shown = plain_answer(_decode(UNUSUAL[name]), report)
    if name == "arguments that may be deep":  # which was looked at, and they are not
        assert shown == any_answer(UNUSUAL[name], Report())
    else:
        assert shown is None
    report.settle("openai")
    assert not report.losses
    assert convert(UNUSUAL[name], source="gemini", target="openai", kind="chat.response").body


BAD = (b'{"a":"\xff"}', b'{"a":' + b"[" * 130 + b"]" * 130 + b"}")


@pytest.mark.parametrize("again", [b"", b',"args":{}'], ids=["once", "and another time"])
@pytest.mark.parametrize("arguments", BAD, ids=["not UTF-8", "too deep"])
def test_what_is_verbatim_is_proven_whatever_was_read_before(arguments: bytes, again: bytes) -> None:
    """Of a member that is there twice the last one counts, and the first must be sound all the same."""
    body = answer('{"functionCall":{"name":"f","args":ARGS}}').replace(b"ARGS", arguments + again)
    for before in (PLAIN["a text"], UNUSUAL["no thought"], b'{"candidates":[]}'):
        convert(before, source="gemini", target="openai", kind="chat.response")
        with pytest.raises(ReadError):
            convert(body, source="gemini", target="openai", kind="chat.response")


@pytest.mark.parametrize(
    "body",
    [
        answer('{"text":"a"}', beside=',"safetyRatings":[]'),
        answer('{"text":"a"}', counts='"promptTokensDetails":[]'),
        answer('{"text":"a"}', counts='"promptTokenCount":null'),
        answer('{"text":"a"}', counts='"serviceTier":""'),
        answer('{"functionCall":{"name":"f","args":{},"id":""}}'),
    ],
)
def test_what_its_types_cannot_say_does_not_fit_them(body: bytes) -> None:
    """Said and empty is not the same as not said."""
    with pytest.raises(msgspec.ValidationError):
        _decode(body)


def test_after_an_unusual_answer_the_usual_one_is_read_all_the_same() -> None:
    for body in (UNUSUAL["no thought"], b'{"candidates":[]}', *[PLAIN["a text"]] * 20):
        done = convert(body, source="gemini", target="gemini", kind="chat.response")
        assert msgspec.json.decode(done.body) == msgspec.json.decode(body)
