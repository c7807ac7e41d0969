"""A stream that keeps its protocol: the n-th chunk that is written is the n-th that was read."""

import json
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest

import metaphrase as mp
from metaphrase.errors import EventError
from metaphrase.fold import Fold
from metaphrase.ir import ChatRequest, Chunk, Done, Event, Start
from metaphrase.loss import Report
from metaphrase.registry import resolve
from metaphrase_gemini import gemini
from metaphrase_openai import openai
from tests.laws.corpus import Protocol
from tests.laws.profile import long

from . import recorded
from .chunks import DONE, chunks
from .feeding import bytewise, cut, translating

each = pytest.mark.parametrize("protocol", recorded.PROTOCOLS)
AFTER = {"openai": b"\n\n", "gemini": b"\r\n\r\n"}
END = {"openai": b"data: [DONE]\n\n", "gemini": b""}
MODEL = {"openai": "model", "gemini": "modelVersion"}

# What a translation would level out: counters in each chunk, a chunk of nothing else, empty pieces, nulls, an end in
# mid-stream, members and words that no schema knows, places that are left out, names that change, spellings, numbers.
SAID: dict[str, list[str]] = {
    "gemini": [
        '{"usageMetadata":{"promptTokenCount":8,"totalTokenCount":8,"trafficType":"ON_DEMAND"},"modelVersion":"m","zz":1}',
        (
            '{"candidates":[{"content":{"role":"model","parts":[{"text":"","thought":true}]}}],"responseId":"r",'
            '"usageMetadata":{"promptTokenCount":8,"thoughtsTokenCount":1,"totalTokenCount":9.0}}'
        ),
        (
            '{"candidates":[{"index":0,"content":{"parts":[{"text":"a"},{"text":"\\u0062","zz":null}]},"finishReason":"STOP",'
            '"safetyRatings":[{"category":"X","probability":"LOW"}]}],"usageMetadata":{"totalTokenCount":"12"}}'
        ),
        (
            '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"modelVersion":"m","n":1.0}},'
            '"thoughtSignature":"c2ln"}]},"safetyRatings":[]}],"usage_metadata":{"totalTokenCount":13}}'
        ),
        (
            '{"candidates":[{"content":{"parts":[]},"finishReason":"ODD","groundingMetadata":{}}],"modelVersion":"other",'
            '"responseId":"s","usageMetadata":{"totalTokenCount":11}}'
        ),
        '{"candidates":[],"usageMetadata":null}',
    ],
    "openai": [
        '{"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[{"prompt_index":0}]}',
        (
            '{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":'
            '"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"abc"}'
        ),
        (
            '{"id":"c","created":1,"model":"m","choices":[{"delta":{"role":"assistant","content":"a","zz":{"b":[1]}}}],'
            '"usage":{"prompt_tokens":8,"completion_tokens":1,"total_tokens":9}}'
        ),
        (
            '{"id":"d","created":2,"model":"other","choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":'
            '[{"type":"text","text":"t"}],"closed":true}]},"finish_reason":"stop"}]}'
        ),
        (
            '{"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":3,"id":"i","function":'
            '{"name":"f","arguments":"{\\"model\\":\\"m\\"}"}}],"reasoning":null},"finish_reason":"tool_use"}]}'
        ),
        '{"id":"c","choices":[],"usage":{"total_tokens":1e1,"cost":0.10}}',
    ],
}  # fmt: skip


def sse(protocol: Protocol, said: Iterable[str], end: bytes | None = None) -> bytes:
    after = AFTER[protocol]
    return b"".join([b"data: " + one.encode() + after for one in said]) + (END[protocol] if end is None else end)


def passed(protocol: Protocol, pieces: Iterable[bytes], **more: Any) -> tuple[bytes, mp.Reencoder]:
    again = mp.Reencoder(protocol, protocol, **more)
    return b"".join([*[again.feed(piece) for piece in pieces], again.close()]), again


def differs(protocol: Protocol, body: bytes, pieces: Iterable[bytes]) -> str | None:
    """Where the chunks that go out are not those that came in; `[DONE]` is put at each good end, and at no other."""
    before = [one for one in chunks(body) if one != DONE]
    out, again = passed(protocol, pieces)
    after = chunks(out)
    if again.failure is None:
        after = [one for one in after if one != DONE] if protocol == "openai" and after[-1] == DONE else after
    elif "error" not in before[-1]:
        before.append(after[-1] if "error" in after[-1] else None)  # the end was missing
    if again.losses:
        return f"losses: {again.losses}"
    wrong = [number for number, (one, two) in enumerate(zip(before, after, strict=False)) if one != two]
    if wrong:
        return f"chunk {wrong[0]}: {before[wrong[0]]} became {after[wrong[0]]}"
    return None if len(before) == len(after) else f"{len(before)} chunks became {len(after)}"


@each
@pytest.mark.skipif(not recorded.PRESENT, reason=recorded.ABSENT)
@pytest.mark.parametrize("how", ["whole", "cut", "byte by byte"])
def test_recorded_streams_stay_as_they_are(protocol: Protocol, how: str) -> None:
    found = recorded.of(protocol)
    if how == "byte by byte" and not long():
        found = recorded.sample(tuple(one for one in found if len(one.body) < 6_000), 60)
    wrong: list[str] = []
    for stream in found:
        ways = {
            "whole": [stream.body],
            "cut": cut(stream.body, Random(stream.id)),
            "byte by byte": bytewise(stream.body),
        }
        why = differs(protocol, stream.body, ways[how])
        wrong += [] if why is None else [f"{stream.id} {why}"]
    assert wrong == []
    assert len(found) >= 60


@each
def test_every_member_of_every_chunk_stays(protocol: Protocol) -> None:
    body = sse(protocol, SAID[protocol])
    for pieces in ([body], bytewise(body), body.splitlines(keepends=True)):
        out, again = passed(protocol, pieces)
        assert out == body
        assert (again.losses, again.failure) == ((), None)
    for stream in recorded.fixtures():
        assert stream.protocol != protocol or differs(protocol, stream.body, [stream.body]) is None


@each
def test_each_chunk_goes_out_with_the_bytes_that_complete_it(protocol: Protocol) -> None:
    again = mp.Reencoder(protocol, protocol)
    for one in SAID[protocol]:
        line = sse(protocol, [one], b"")
        assert [again.feed(line[:-3]), again.feed(line[-3:])] == [b"", line]


@each
def test_a_recorded_one_is_converted_to_the_same(protocol: Protocol) -> None:
    body = sse(protocol, SAID[protocol])
    done = mp.convert(body, source=protocol, target=protocol, kind="chat.stream", now=7, seed="s")
    assert (done.body, done.losses) == (body, ())


@each
def test_cut_anywhere_it_says_as_much_and_that_it_failed(protocol: Protocol) -> None:
    said = SAID[protocol][:2]  # before anything says that the answer ends
    body = sse(protocol, said, b"")
    for end in range(len(body)):
        out, again = passed(protocol, [body[:end]])
        whole = [line for line in said if sse(protocol, said[: said.index(line) + 1], b"").strip() in body[:end]]
        *before, error = chunks(out)
        assert before == [json.loads(line) for line in whole]
        assert error["error"]["message"]
        assert again.failure is not None


@each
def test_an_upstream_that_dies_after_an_end(protocol: Protocol) -> None:
    again = mp.Reencoder(protocol, protocol)
    body = sse(protocol, SAID[protocol], b"")
    assert again.feed(body) == body
    last = again.abort(mp.Failure(504, "DEADLINE_EXCEEDED", "too slow"))
    assert chunks(last)[0]["error"]["message"] == "too slow"
    assert b"[DONE]" not in last
    assert again.close() == b""


@each
@pytest.mark.parametrize("bad", [b"data: {\n\n", b'data: {"choices":3,"candidates":3}\n\n', b"data: [1]\n\n"])
def test_a_chunk_that_cannot_be_read_ends_it(protocol: Protocol, bad: bytes) -> None:
    good = sse(protocol, SAID[protocol][:2], b"")
    out, again = passed(protocol, [good + bad + sse(protocol, SAID[protocol][2:])])
    assert out.startswith(good)
    (error,) = chunks(out[len(good) :])
    assert "cannot be read" in error["error"]["message"]
    assert isinstance(again.error, mp.ReadError)
    assert again.error.path.startswith("$[2]")


WORD = {
    "openai": '{"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"word %d"}}]}',
    "gemini": '{"candidates":[{"content":{"role":"model","parts":[{"text":"word %d"}]}}],"modelVersion":"m"}',
}
"""A chunk as there are hundreds of it, of which readers do not read each anew."""


@each
@pytest.mark.parametrize("at_once", [True, False])
def test_it_knows_its_place_behind_many_alike(protocol: Protocol, at_once: bool) -> None:
    said = [WORD[protocol] % number for number in range(9)]
    events = [sse(protocol, [one], b"") for one in said]
    good = b"".join(events)
    out, again = passed(protocol, [good + b"data: {\n\n"] if at_once else [*events, b"data: {\n\n"])
    assert out.startswith(good)
    assert again.error is not None
    assert again.error.path == "$[9]"
    odd = events[8].replace(b"word", b"w\xff")
    last = sse(protocol, SAID[protocol][4:])
    out, again = passed(protocol, [good + odd + last] if at_once else [*events, odd, last])
    assert out == good + odd.replace(b"\xff", "\ufffd".encode()) + last
    assert [(loss.kind, loss.feature) for loss in again.losses] == [("repaired", "stream.utf8")]


def test_a_chunk_that_is_too_large_comes_after_those_before_it() -> None:
    for protocol in recorded.PROTOCOLS:
        good = sse(protocol, SAID[protocol][:2], b"")
        out, again = passed(protocol, [good + b"data: " + b" " * 17_000_000 + b"\n\n"])
        assert out.startswith(good)
        assert again.error is not None
        assert again.error.path == "$[2]"


ERRORS: list[tuple[Protocol, str, str | None]] = [  # None: as it came
    ("openai", '{"error":{"message":"overloaded","code":503,"zz":1},"id":"c"}', None),
    ("openai", '{"error":{"message":"no","type":"t"},"choices":[{"index":0,"delta":{"content":"x"}}]}', None),
    ("openai", '{"error":{"message":"Bad key sk-abcdefghijklmnop"}}', '{"error":{"message":"Bad key sk-***"}}'),
    ("openai", '{"error":"no"}', '{"error":{"message":"no","type":"server_error","param":null,"code":"internal"}}'),
    ("gemini", '{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE","details":[{"zz":1}]}}', None),
    ("gemini", '{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT","zz":1}}', None),
    ("gemini", '{"error":{"code":503,"message":"no","status":"UNAVAILABLE"},"candidates":[]}',
     '{"error":{"code":503,"message":"no","status":"UNAVAILABLE"}}'),
    ("gemini", '{"error":{"code":503,"message":"no"}}', '{"error":{"code":503,"message":"no","status":"UNAVAILABLE"}}'),
    ("gemini", '{"error":{"message":"no"}}', '{"error":{"code":500,"message":"no","status":"INTERNAL"}}'),
    ("gemini", '{"error":{"code":13,"message":"no","status":"INTERNAL"}}',
     '{"error":{"code":500,"message":"no","status":"INTERNAL"}}'),
]  # fmt: skip


@pytest.mark.parametrize(("protocol", "error", "expected"), ERRORS)
def test_errors_are_such_as_clients_see(protocol: Protocol, error: str, expected: str | None) -> None:
    good = sse(protocol, SAID[protocol][:2], b"")
    out, again = passed(protocol, [good + sse(protocol, [error])])
    assert out == good + sse(protocol, [expected or error], b"")
    assert again.failure is not None


def test_an_end_that_is_missing_is_put_and_what_follows_it_is_lost() -> None:
    said = SAID["openai"]
    assert passed("openai", [sse("openai", said, b"")])[0] == sse("openai", said)
    out, again = passed("openai", [sse("openai", said) + sse("openai", ['{"zz":1}']) + b": ping\n\n"])
    assert out == sse("openai", said)
    assert [(loss.kind, loss.path, loss.feature) for loss in again.losses] == [
        ("dropped", f"$[{len(said)}]", "stream.after_done")
    ]


def test_an_end_without_a_reason_is_passed_on() -> None:
    body = sse("openai", SAID["openai"][:3])
    assert passed("openai", [body])[0] == body


@each
def test_bytes_that_are_no_utf_8_are_named(protocol: Protocol) -> None:
    body = sse(protocol, SAID[protocol]).replace(b'"zz"', b'"z\xff"')
    out, again = passed(protocol, [body])
    assert out == body.replace(b"\xff", "\ufffd".encode())
    assert [(loss.kind, loss.feature) for loss in again.losses] == [("repaired", "stream.utf8")]


@each
def test_what_frames_the_chunks_is_no_part_of_them(protocol: Protocol) -> None:
    noise = [b": ping\n\n", b"event: message\r\nid: 7\r\n", b"data:\n\n", b"retry: 5\n\n"]
    lines = [sse(protocol, [one], b"") for one in SAID[protocol]]
    mixed = b"".join([piece for place, line in enumerate(lines) for piece in (noise[place % 4], line)])
    assert passed(protocol, [b"\xef\xbb\xbf" + mixed + END[protocol]])[0] == b"".join(lines) + END[protocol]
    broken = b"".join([b"data: " + one.replace(",", ",\ndata: ").encode() + b"\n\n" for one in SAID[protocol]])
    assert chunks(passed(protocol, [broken])[0])[: len(lines)] == [json.loads(one) for one in SAID[protocol]]


# --- one array ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["events", "array"])
@pytest.mark.parametrize("wish", ["events", "array"])
def test_gemini_has_two_forms(form: str, wish: str) -> None:
    said = SAID["gemini"]
    array = ("[" + ",\n".join(said) + "]").encode()
    asked = ChatRequest((), target="/v1beta/models/m:streamGenerateContent" + ("?alt=sse" if wish == "events" else ""))
    body = array if form == "array" else sse("gemini", said)
    for pieces in ([body], bytewise(body)):
        out, _ = passed("gemini", pieces, asked=asked)
        assert out == (sse("gemini", said) if wish == "events" else ("[" + ",\r\n".join(said) + "]").encode())


def test_a_client_that_wants_numbers_gets_them() -> None:
    asked = ChatRequest((), target="/v1beta/models/m:streamGenerateContent?$alt=json;enum-encoding=int")
    out, _ = passed("gemini", [sse("gemini", SAID["gemini"])], asked=asked)
    assert [one["candidates"][0].get("finishReason") for one in json.loads(out)[1:5]] == [None, 1, None, "ODD"]


# --- the model's name -----------------------------------------------------------------------------------------------


@each
def test_only_the_name_of_the_model_is_changed(protocol: Protocol) -> None:
    """The arguments of the call speak of a model, too."""
    said, key = SAID[protocol], MODEL[protocol]
    out, again = passed(protocol, [sse(protocol, said)], asked=ChatRequest((), "mine"))
    expected = [json.loads(one) for one in said]
    places = [place for place, one in enumerate(expected) if one.get(key)]
    for place in places:
        expected[place][key] = "mine"
    assert [one for one in chunks(out) if one != DONE] == expected
    assert len(places) >= 2
    (loss,) = again.losses
    assert (loss.kind, loss.feature, loss.path) == ("approximated", "response.model", f"$[*].{key}")


@each
def test_a_name_that_is_the_same_is_not_looked_at_twice(protocol: Protocol) -> None:
    said = [one for one in SAID[protocol] if "other" not in one]
    end = SAID[protocol][4].replace("other", "m")
    body = sse(protocol, [*said, end])
    out, again = passed(protocol, [body], asked=ChatRequest((), "m"))
    assert (out, again.losses) == (body, ())


def test_the_name_may_be_spelt_with_an_underscore() -> None:
    out, again = passed(
        "gemini", [sse("gemini", ['{"model_version":"m"}', *SAID["gemini"]])], asked=ChatRequest((), "mine")
    )
    assert chunks(out)[0] == {"model_version": "mine"}
    assert {loss.path for loss in again.losses} == {"$[0].model_version", "$[5].modelVersion"}


def test_usage_that_nobody_asked_for_is_passed_on() -> None:
    body = json.dumps({"model": "m", "messages": [], "stream": True}).encode()
    said = SAID["openai"][:3]
    assert passed("openai", [sse("openai", said)], asked=body)[0] == sse("openai", said)


# --- who relays -----------------------------------------------------------------------------------------------------


def test_the_dialects_of_the_two_sides_do_not_matter() -> None:
    body = sse("openai", SAID["openai"])
    again = mp.Reencoder(openai(read_think_tags=True), openai(thinking="think_tags", images="markdown"))
    assert again.feed(body) + again.close() == body
    body = sse("gemini", SAID["gemini"])
    again = mp.Reencoder("gemini", gemini(schema="openapi"))
    assert again.feed(body) + again.close() == body


@each
def test_a_codec_without_a_relay_translates(protocol: Protocol) -> None:
    body = sse(protocol, SAID[protocol][:5])
    again = mp.Reencoder(protocol, translating(protocol))
    out = again.feed(body) + again.close()
    assert again.failure is None
    assert out != body


@each
def test_a_relay_has_events_of_its_own(protocol: Protocol) -> None:
    relay = resolve(protocol).relay
    assert relay is not None
    reader, writer = relay(None, Report())
    told = [*reader.feed(sse(protocol, SAID[protocol])), *reader.close()]
    expected: list[Event] = [Chunk(one.encode()) for one in SAID[protocol]]
    assert told == [*expected, Done()]
    with pytest.raises(EventError, match="no other events"):
        writer.feed(Start())
    fold = Fold()
    fold.feed(Start())
    with pytest.raises(EventError, match="passed on"):
        fold.feed(told[0])


def test_what_stands_beside_an_error_is_named() -> None:
    """Google's SDKs see an error only where nothing stands beside it."""
    said = (
        '{"responseId":"r","candidates":[{"content":{"parts":[{"text":"b"}]}}],"error":{"code":500,"message":"boom"}}'
    )
    again = mp.Reencoder("gemini", "gemini")
    out = again.feed(f"data: {SAID['gemini'][0]}\r\n\r\ndata: {said}\r\n\r\n".encode())
    assert b"boom" in out
    assert b'"b"' not in out
    named = {(loss.kind, loss.path) for loss in again.losses}
    assert named >= {("dropped", "$[1].responseId"), ("dropped", "$[1].candidates")}


def test_what_stands_beside_an_error_has_the_number_of_its_chunk() -> None:
    again = mp.Reencoder("gemini", "openai")
    text = '{"candidates":[{"content":{"role":"model","parts":[{"text":"a"}]}}]}'
    again.feed(
        f'data: {text}\r\n\r\ndata: {{"candidates":[],"error":{{"code":500,"message":"m"}},"x":1}}\r\n\r\n'.encode()
    )
    assert {loss.path for loss in again.losses if "x" in loss.path} == {"$[1].x"}
    assert not [loss.path for loss in again.losses if loss.path.startswith("$.")]
