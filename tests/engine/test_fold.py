"""Events to a whole answer and back; a broken grammar is an error."""

from __future__ import annotations

from time import perf_counter

import pytest
from msgspec import Raw

from metaphrase import EventError, Failure
from metaphrase.fold import Fold, fold, unfold
from metaphrase.ir import (
    Begin,
    Blocked,
    ChatResponse,
    Choice,
    Citation,
    Delta,
    Done,
    End,
    Event,
    Extra,
    Failed,
    Finish,
    Finished,
    Inline,
    Media,
    Opaque,
    SafetyRating,
    Start,
    Text,
    Thinking,
    TokenLogprob,
    ToolCall,
    Usage,
    UsageSeen,
)

STOP = Finish("stop", "stop", "openai")
SIGNATURE = Opaque("gemini", "c2ln")
FAILURE = Failure(503, "UNAVAILABLE", "overloaded")

RESPONSE = ChatResponse(
    (
        Choice(
            0,
            (
                Thinking("hm"),
                Text("Hello", SIGNATURE),
                Text("", SIGNATURE),
                ToolCall("a", "f", '{"x":1}', SIGNATURE),
                Media("image", Inline(Raw(b'"aGk="')), "image/png"),
            ),
            STOP,
            (Citation("https://example.org", start=0, end=2),),
            (TokenLogprob("He", -0.5),),
            (SafetyRating("HARM_CATEGORY_HARASSMENT"),),
            ext={"gemini": {"avgLogprobs": Raw(b"-1")}},
        ),
        Choice(2, (), Finish("length", "length", "openai")),
    ),
    "id",
    "model",
    12,
    usage=Usage(1, output=2),
    blocked=Blocked("SAFETY"),
    service_tier="default",
    ext={"openai": {"provider": Raw(b'"p"')}},
)


def test_fold_undoes_unfold() -> None:
    assert fold(unfold(RESPONSE)) == RESPONSE
    assert fold(unfold(ChatResponse(()))) == ChatResponse(())


def test_parts_may_be_open_side_by_side() -> None:
    events: list[Event] = [
        Start("id"),
        Begin(0, 0, ToolCall("a", "f", "")),
        Begin(0, 1, ToolCall("b", "g", "")),
        Delta(0, 0, "{"),
        Begin(1, 0, Text("")),
        Delta(0, 1, "[]"),
        Delta(1, 0, "x"),
        Delta(0, 0, "}"),
        End(0, 1),
        End(0, 0, SIGNATURE),
        End(1, 0),
        Finished(1, STOP),
        Finished(0, STOP),
        UsageSeen(Usage(1)),
        UsageSeen(Usage(output=2)),
        Done(),
    ]
    folded = fold(events)
    assert folded.choices[0].parts == (ToolCall("a", "f", "{}", SIGNATURE), ToolCall("b", "g", "[]"))
    assert folded.choices[1].parts == (Text("x"),)
    assert folded.usage == Usage(output=2)  # the last usage as a whole, nothing merged


def test_extras_append_or_replace() -> None:
    first = Extra(0, logprobs=(TokenLogprob("a", -1),), ext={"x": {"k": Raw(b"1"), "l": Raw(b"1")}})
    second = Extra(0, logprobs=(TokenLogprob("b", -1),), ext={"x": {"k": Raw(b"2")}, "y": {"m": Raw(b"3")}})
    tier = Extra(service_tier="flex", ext={"x": {"t": Raw(b"1")}})
    folded = fold([Start(ext={"x": {"s": Raw(b"1")}}), first, second, tier, Extra(), Finished(0, STOP), Done()])
    choice = folded.choices[0]
    assert choice.logprobs == (TokenLogprob("a", -1), TokenLogprob("b", -1))
    assert choice.ext == {"x": {"k": Raw(b"2"), "l": Raw(b"1")}, "y": {"m": Raw(b"3")}}
    assert folded.service_tier == "flex"
    assert folded.ext == {"x": {"s": Raw(b"1"), "t": Raw(b"1")}}


TEXT = Begin(0, 0, Text(""))
BROKEN: dict[str, list[Event]] = {
    "no start": [TEXT],
    "two starts": [Start(), Start()],
    "after the end": [Start(), Done(), Done()],
    "part number out of order": [Start(), Begin(0, 1, Text(""))],
    "delta before begin": [Start(), Delta(0, 0, "x")],
    "delta for a negative part": [Start(), TEXT, Delta(0, -1, "x")],
    "delta after end": [Start(), TEXT, End(0, 0), Delta(0, 0, "x")],
    "delta for media": [Start(), Begin(0, 0, RESPONSE.choices[0].parts[4]), Delta(0, 0, "x")],
    "end twice": [Start(), TEXT, End(0, 0), End(0, 0)],
    "finish with an open part": [Start(), TEXT, Finished(0, STOP)],
    "two finishes": [Start(), Finished(0, STOP), Finished(0, STOP)],
    "part after finish": [Start(), Finished(0, STOP), TEXT],
    "done without finish": [Start(), TEXT, End(0, 0), Done()],
    "no end": [Start(), TEXT],
    "failed": [Start(), Failed(FAILURE)],
    "nothing": [],
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_grammar_is_an_event_error(name: str) -> None:
    with pytest.raises(EventError):
        fold(BROKEN[name])


def test_a_stream_may_fail_before_it_starts() -> None:
    folding = Fold()
    folding.feed(Failed(FAILURE))
    assert folding.failure == FAILURE


def test_ten_thousand_fragments_fold_to_one_text() -> None:
    events: list[Event] = [Start(), TEXT, *[Delta(0, 0, "ab")] * 10_000, End(0, 0), Finished(0, STOP), Done()]
    assert fold(events).choices[0].parts == (Text("ab" * 10_000),)


def test_a_choice_that_did_not_finish_is_told_without_an_end() -> None:
    assert list(unfold(ChatResponse((Choice(0, ()),)))) == [Start(), Done()]


def test_leftovers_told_in_several_events_become_one() -> None:
    told = [b'{"a":{"x":1,"y":{"z":[1]}},"b":1}', b'{"a":{"y":{"w":2.0}},"b":{"c":1}}', b'{"a":{"x":"2"},"b":{"d":1}}']
    extras = [Extra(0, ext={"openai": {"message": Raw(one)}}) for one in told]
    start = Start("i", "m", 1, {"openai": {"k": Raw(b"1")}})
    events: list[Event] = [start, *extras, Extra(ext={"openai": {"l": Raw(b"2")}})]
    answer = fold([*events, Extra(0, ext={"gemini": {"message": Raw(b"null")}}), Done()])
    assert answer.ext == {"openai": {"k": Raw(b"1"), "l": Raw(b"2")}}
    ext = answer.choices[0].ext
    assert ext is not None
    assert bytes(ext["openai"]["message"]) == b'{"a":{"x":"2","y":{"z":[1],"w":2.0}},"b":{"c":1,"d":1}}'
    assert ext["gemini"] == {"message": Raw(b"null")}


def test_it_takes_linear_time_to_make_one_of_them() -> None:
    def seconds(count: int) -> float:
        extras = [Extra(0, ext={"x": {"m": Raw(b'{"a":{"k%d":1}}' % n)}}) for n in range(count)]
        start = perf_counter()
        fold([Start("i", "m", 1), *extras, Done()])
        return perf_counter() - start

    seconds(100)
    assert seconds(8000) < 40 * min(seconds(800) for _ in range(3))
