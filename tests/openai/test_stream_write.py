"""What events look like in an OpenAI stream: events on the left, deltas on the right."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw

from metaphrase import ir
from tests.openai.streaming import DONE, ENVELOPE, deltas, losses, part, write

OWN = ir.Foreign("openai", "x", Raw(b'{"type":\n"x"}'))
CODE = ir.Code("print()")
SIGN = ir.Opaque("gemini", "s")
FIRST: dict[str, Any] = {"role": "assistant", "content": None}
IMAGE = ir.Media("image", ir.Inline.of("AA=="), "image/png")
SHOWN = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
STOP = ir.Finished(0, ir.Finish("stop", "STOP", "gemini"))
START = ir.Start("x", "m", 1, origin="gemini")


def google(**members: Any) -> dict[str, Any]:
    return {"extra_content": {"google": members}}


def test_a_plain_answer() -> None:
    chunks = write(START, *part(ir.Text(""), "a", "b"), STOP, ir.UsageSeen(ir.Usage(1, output=2)), ir.Done())
    assert [list(one) for one in chunks[:-1]] == [["id", "object", "created", "model", "choices"]] * 3
    assert [one | {"choices": []} for one in chunks[:-1]] == [ENVELOPE | {"choices": []}] * 3
    assert [one["choices"] for one in chunks[:-1]] == [
        [{"index": 0, "delta": {"role": "assistant", "content": "a"}, "finish_reason": None}],
        [{"index": 0, "delta": {"content": "b"}, "finish_reason": None}],
        [{"index": 0, "delta": {}, "finish_reason": "stop"}],
    ]
    assert chunks[-1] == DONE


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], [FIRST]),
        (part(ir.Text("")), [FIRST | {"content": ""}]),
        (part(ir.Text("a"), "b"), [FIRST | {"content": "a"}, {"content": "b"}]),
        (part(ir.Thinking(""), "a", "b"), [FIRST | {"reasoning_content": "a"}, {"reasoning_content": "b"}]),
        (part(ir.Refusal(""), "a", "b"), [FIRST | {"refusal": "a"}, {"refusal": "b"}]),
        (part(IMAGE), [FIRST | {"images": [{**SHOWN, "index": 0}]}]),
        (
            [*part(IMAGE), *part(IMAGE, number=1)],
            [FIRST | {"images": [{**SHOWN, "index": 0}]}, {"images": [{**SHOWN, "index": 1}]}],
        ),
        (part(CODE), [FIRST]),
        (part(ir.Foreign("gemini", "x", Raw(b"{}"))), [FIRST]),
        (part(OWN), [FIRST | {"content": [{"type": "x"}]}, {"content": ""}]),
        (part(ir.Media("image", ir.FileId("f", "gemini"))), [FIRST]),
        (part(ir.Text(""), "\u2028\n\"é😀"), [FIRST | {"content": "\u2028\n\"é😀"}]),
    ],
)  # fmt: skip
def test_parts(events: list[ir.Event], expected: list[dict[str, Any]]) -> None:
    assert deltas(*events) == expected


def test_foreign_parts_are_reported() -> None:
    reported = losses(*part(CODE), *part(ir.Foreign("gemini", "x", Raw(b"{}")), number=1))
    assert [(loss.kind, loss.feature) for loss in reported] == [
        ("dropped", "code.execution"),
        ("dropped", "content.foreign"),
    ]


def test_speech_in_pieces() -> None:
    pieces = [
        ir.Media("audio", ir.Inline.of(data), "audio/pcm", transcript=text)
        for data, text in (("AA", "a"), ("BB", None))
    ]
    first, second = deltas(*part(pieces[0]), *part(pieces[1], number=1))
    assert first["audio"].pop("id").startswith("audio_")
    assert first["audio"] == {"expires_at": 0, "data": "AA", "transcript": "a"}
    assert second == {"audio": {"data": "BB"}}


def test_neighbours_in_one_field_are_joined() -> None:
    texts = [event for number, text in enumerate("abc") for event in part(ir.Text(""), text, number=number)]
    assert [delta["content"] for delta in deltas(*texts)] == ["a", "b", "c"]
    (loss,) = losses(*texts)
    assert (loss.kind, loss.feature, loss.count) == ("approximated", "content.parts", 3)


# --- dialects -------------------------------------------------------------------------------------------------------

THOUGHT_AND_ANSWER = [*part(ir.Thinking(""), "a", "b"), *part(ir.Text(""), "c", "d", number=1)]
ANSWER = [{"content": "c"}, {"content": "d"}]
DETAIL = {"type": "reasoning.text", "format": "unknown", "index": 0}
FLAG = google(thought=True)


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("reasoning_content", [FIRST | {"reasoning_content": "a"}, {"reasoning_content": "b"}, *ANSWER]),
        (
            "reasoning",
            [
                FIRST | {"reasoning": "a", "reasoning_details": [DETAIL | {"text": "a"}]},
                {"reasoning": "b", "reasoning_details": [DETAIL | {"text": "b"}]},
                {"content": "c"},
                {"content": "d"},
            ],
        ),
        (
            "google",
            [
                FIRST | {"content": "<thought>a", **FLAG},
                {"content": "b", **FLAG},
                {"content": "</thought>c"},
                {"content": "d"},
            ],
        ),
        ("think_tags", [FIRST | {"content": "<think>a"}, {"content": "b"}, {"content": "</think>c"}, {"content": "d"}]),
    ],
)  # fmt: skip
def test_how_thoughts_are_shown(dialect: str, expected: list[dict[str, Any]]) -> None:
    assert deltas(*THOUGHT_AND_ANSWER, thinking=dialect) == expected


@pytest.mark.parametrize("dialect", ["google", "think_tags"])
def test_tags_are_closed(dialect: str) -> None:
    two = [*part(ir.Thinking(""), "a"), *part(ir.Thinking(""), "b", number=1)]
    tag = "thought" if dialect == "google" else "think"
    contents = [delta["content"] for delta in deltas(*two, thinking=dialect)]
    assert contents == [f"<{tag}>a", f"</{tag}>", f"<{tag}>b", f"</{tag}>"]


def test_where_images_go() -> None:
    events = [*part(ir.Text(""), "a"), *part(IMAGE, number=1), *part(IMAGE, number=2)]
    link = "![image](data:image/png;base64,AA==)"
    told = [delta["content"] for delta in deltas(*events, images="markdown")]
    assert told == ["a", f"\n\n{link}", f"\n\n{link}"]
    assert deltas(*part(IMAGE), images="markdown") == [FIRST | {"content": link}]
    assert deltas(*part(IMAGE), images="parts") == [FIRST | {"content": [SHOWN]}]


# --- calls ----------------------------------------------------------------------------------------------------------


def call(name: str = "f", id: str = "c", **members: Any) -> ir.ToolCall:
    return ir.ToolCall(id, name, "", **members)


def asked(*names: str, **members: Any) -> ir.ChatRequest:
    return ir.ChatRequest(
        (), tools=(*[ir.Function(name) for name in names], ir.Builtin("web_search", "openai")), **members
    )


def made(index: int, arguments: str, name: str = "f", id: str = "c") -> dict[str, Any]:
    return {"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def test_a_call_of_a_known_tool_goes_out_at_once() -> None:
    assert deltas(*part(call(), '{"a"', ":1}"), asked=asked("f")) == [
        FIRST | {"tool_calls": [made(0, "")]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]},
    ]


def test_any_other_call_waits_for_the_end() -> None:
    events = [*part(call(), '{"a"', ":1}"), *part(ir.Text(""), "b", number=1), *part(call("g", "d"), "{}", number=2)]
    assert deltas(*events, asked=asked("g")) == [
        FIRST | {"content": "b"},
        {"tool_calls": [made(0, '{"a":1}')]},
        {"tool_calls": [made(1, "{}", "g", "d")]},
    ]


def test_a_call_that_the_server_answered_is_not_for_the_client() -> None:
    events = [
        *part(call(), '{"a":1}'),
        *part(ir.ToolResult("c", "f", "done"), number=1),
        *part(ir.Text(""), "b", number=2),
    ]
    assert deltas(*events) == [FIRST | {"content": "b"}]
    assert {(loss.kind, loss.feature) for loss in losses(*events)} == {("dropped", "tools.server_call")}


def test_no_arguments_are_an_empty_object() -> None:
    assert deltas(*part(call()))[0]["tool_calls"] == [made(0, "{}")]
    live = deltas(*part(call()), asked=asked("f"))
    assert live[1] == {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}


def test_calls_without_ids_get_some() -> None:
    events = [*part(call(id=""), "{}"), *part(call(id=""), "{}", number=1)]
    ids = [delta["tool_calls"][0]["id"] for delta in deltas(*events)]
    live = [delta["tool_calls"][0].get("id") for delta in deltas(*events, asked=asked("f"))]
    assert len(set(ids)) == 2
    assert [one for one in live if one] == ids


def test_custom_calls() -> None:
    whole = {"index": 0, "id": "c", "type": "custom", "custom": {"name": "f", "input": "x"}}
    assert deltas(*part(call(kind="custom"), "x"))[0]["tool_calls"] == [whole]
    live = deltas(*part(call(kind="custom"), "x", state=SIGN), asked=asked("f"))
    assert live[0]["tool_calls"][0]["custom"] == {"name": "f", "input": ""}
    assert live[1:] == [
        {"tool_calls": [{"index": 0, "custom": {"input": "x"}}]},
        {"tool_calls": [{"index": 0, "custom": {"input": ""}, **google(thought_signature="s")}]},
    ]


ENCRYPTED = {"type": "reasoning.encrypted", "data": "s", "format": "google-gemini-v1", "index": 0, "id": "c"}


@pytest.mark.parametrize(
    ("carrier", "signed", "late"),
    [
        ("extra_content", google(thought_signature="s"), None),
        ("provider_specific_fields", {"provider_specific_fields": {"thought_signature": "s"}}, None),
        ("reasoning_details", {}, [ENCRYPTED]),
    ],
)  # fmt: skip
def test_signatures_of_calls(carrier: str, signed: dict[str, Any], late: Any) -> None:
    details = {} if late is None else {"reasoning_details": late}
    (whole,) = deltas(*part(call(state=SIGN), "{}"), signatures=carrier)
    assert whole == FIRST | {"tool_calls": [made(0, "{}") | signed]} | details
    *_, last = deltas(*part(call(), "{}", state=SIGN), asked=asked("f"), signatures=carrier)
    piece = {"index": 0, "function": {"arguments": ""}, **signed}
    assert last == (details or {"tool_calls": [piece]})


def test_a_signature_of_nobody_known() -> None:
    other = ir.Opaque("another", "s")
    assert len(deltas(*part(call(), "{}", state=other), asked=asked("f"))) == 2
    texts = [*part(ir.Text("", other), "a"), *part(call(state=other), "{}", number=1)]
    assert deltas(*texts)[1] == {"tool_calls": [made(0, "{}")]}
    assert {(loss.kind, loss.feature) for loss in losses(*texts)} == {("dropped", "thinking.signature")}


# --- signatures of other parts --------------------------------------------------------------------------------------


def numbered(*signs: tuple[int, str]) -> dict[str, Any]:
    several = [{"part": place, "value": value} for place, value in signs]
    return google(thought_signature=signs[-1][1], thought_signatures=several)


def opaque(value: str) -> ir.Opaque:
    return ir.Opaque("gemini", value)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (part(ir.Text("", SIGN), "a"), google(thought_signature="s")),
        (part(ir.Text(""), "a", state=SIGN), google(thought_signature="s")),
        (part(ir.Text("", SIGN)), numbered((0, "s"))),
        ([*part(ir.Text(""), "a"), *part(ir.Text("", SIGN), number=1)], numbered((1, "s"))),
        ([*part(ir.Text("", SIGN)), *part(ir.Text(""), "a", number=1)], google(thought_signature="s")),
        (part(ir.Thinking("", SIGN), "a"), numbered((0, "s"))),
        (
            [
                *part(ir.Thinking("", opaque("t")), "a"),
                *part(ir.Text("", opaque("u")), "b", number=1),
                *part(IMAGE, number=2, state=opaque("v")),
                *part(ir.Media("audio", ir.Inline.of("AA")), number=3, state=opaque("w")),
            ],
            numbered((0, "t"), (1, "u"), (2, "v"), (3, "w")),
        ),
        ([*part(ir.Refusal(""), "a"), *part(ir.Text("", SIGN), "b", number=1)], numbered((0, "s"))),
    ],
)
def test_signatures_come_at_the_end(events: list[ir.Event], expected: dict[str, Any]) -> None:
    assert {**FIRST, **deltas(*events)[-1]} == {**FIRST, **expected}


# --- beside the parts -----------------------------------------------------------------------------------------------


def test_citations_and_logprobs() -> None:
    cited = ir.Extra(0, (ir.Citation("u", "t", 0, 1),))
    scored = ir.Extra(0, logprobs=(ir.TokenLogprob("a", -1.5),))
    ignored = ir.Extra(0, safety=(ir.SafetyRating("HATE", "LOW"),), ext={"gemini": {"a": Raw(b"1")}})
    chunks = write(START, *part(ir.Text(""), "a"), cited, scored, ignored, ir.Extra(0), STOP, ir.Done())
    choices = [one["choices"][0] for one in chunks[1:3]]
    link = {"type": "url_citation", "url_citation": {"start_index": 0, "end_index": 1, "url": "u", "title": "t"}}
    assert choices[0]["delta"] == {"annotations": [link]}
    token = {"token": "a", "logprob": -1.5, "bytes": [97], "top_logprobs": []}
    assert choices[1] == {
        "index": 0,
        "delta": {},
        "finish_reason": None,
        "logprobs": {"content": [token], "refusal": None},
    }
    assert len(chunks) == 5
    assert {loss.feature for loss in losses(*part(ir.Text(""), "a"), ignored)} == {"safety.ratings"}


def test_the_tier_stands_in_all_chunks_that_follow() -> None:
    chunks = write(START, *part(ir.Text(""), "a"), ir.Extra(service_tier="flex"), STOP, ir.Done())
    assert ["service_tier" in one for one in chunks[:-1]] == [False, True]


@pytest.mark.parametrize(
    ("finish", "expected"),
    [
        (ir.Finish("stop", "STOP", "gemini"), {"finish_reason": "stop"}),
        (ir.Finish("length", "MAX_TOKENS", "gemini"), {"finish_reason": "length"}),
        (
            ir.Finish("filter", "SAFETY", "gemini"),
            {"finish_reason": "content_filter", "native_finish_reason": "SAFETY"},
        ),
        (ir.Finish("other", "NEW", "gemini"), {"finish_reason": "stop", "native_finish_reason": "NEW"}),
        (ir.Finish("tool_calls"), {"finish_reason": "stop"}),
    ],
)
def test_finishes(finish: ir.Finish, expected: dict[str, Any]) -> None:
    chunks = write(START, *part(ir.Text(""), "a"), ir.Finished(0, finish), ir.Done())
    choice = chunks[-2]["choices"][0]
    assert {key: choice[key] for key in choice if "finish" in key} == expected


def test_calls_decide_the_finish_over_the_whole_stream() -> None:
    for finish, expected in ((ir.Finish("stop"), "tool_calls"), (ir.Finish("length"), "length")):
        parts = [*part(call(), "{}"), *part(ir.Text(""), "a", number=1)]
        told = write(START, *parts, ir.Finished(0, finish), ir.Done())
        assert told[-2]["choices"][0]["finish_reason"] == expected


def test_the_words_of_a_filter_become_a_refusal() -> None:
    finish = ir.Finished(0, ir.Finish("filter", "SAFETY", "gemini", "no"))
    chunks = write(START, *part(ir.Text(""), "a"), finish, ir.Done())
    assert chunks[1]["choices"][0]["delta"] == {"refusal": "no"}
    refused = write(START, *part(ir.Refusal(""), "a"), finish, ir.Done())
    assert [one["choices"][0]["delta"] for one in refused[:-1]] == [FIRST | {"refusal": "a"}, {}]


def test_several_choices() -> None:
    events = [*part(ir.Text(""), "b", choice=1), *part(ir.Text(""), "a"), ir.Finished(1, ir.Finish("stop")), STOP]
    choices = [one["choices"][0] for one in write(START, *events, ir.Done())[:-1]]
    assert [(choice["index"], choice["finish_reason"]) for choice in choices] == [
        (1, None),
        (0, None),
        (0, "stop"),
        (1, "stop"),
    ]
    assert [choice["delta"].get("role") for choice in choices[:2]] == ["assistant"] * 2


@pytest.mark.parametrize("wish", [None, ir.ChatRequest(()), ir.ChatRequest((), include_usage=True)])
def test_usage_is_last_and_only_on_request(wish: ir.ChatRequest | None) -> None:
    usage = ir.UsageSeen(ir.Usage(1, output=2, reasoning=3))
    chunks = write(
        START, usage, *part(ir.Text(""), "a"), STOP, ir.UsageSeen(ir.Usage(1, output=9)), ir.Done(), asked=wish
    )
    told = [one["usage"] for one in chunks[:-1] if "usage" in one]
    assert told == (
        [{"prompt_tokens": 1, "completion_tokens": 9, "total_tokens": 10}] if wish and wish.include_usage else []
    )
    assert all((one["choices"] == []) is ("usage" in one) for one in chunks[:-1])
    assert "usage" not in chunks[0]


def test_usage_that_never_came() -> None:
    assert (
        len(write(START, *part(ir.Text(""), "a"), STOP, ir.Done(), asked=ir.ChatRequest((), include_usage=True))) == 3
    )
