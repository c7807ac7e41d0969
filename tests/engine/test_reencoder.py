"""The Reencoder with codecs of its own: what a reader or a writer raises becomes the target's error event."""

import pytest

import metaphrase as mp
from metaphrase.answer import Question, question
from metaphrase.ir import (
    Begin,
    ChatRequest,
    ChatResponse,
    Choice,
    Custom,
    Delta,
    Done,
    End,
    Event,
    Failed,
    Function,
    Start,
    Text,
    ToolCall,
)
from metaphrase.ir.node import At
from metaphrase.loss import Report
from metaphrase.registry import resolve


class Reader:
    """Gives what it is told to; one word a feed."""

    def __init__(self, report: Report) -> None:
        self.error: mp.ReadError | None = None
        self.begun = False
        del report

    def feed(self, data: bytes) -> list[Event]:
        word = data.decode()
        if word == "raise":
            raise mp.ReadError("odd")
        if word == "fail":
            self.error = mp.ReadError("worse")
            return [Delta(0, 0, "last"), Failed(mp.Failure(502, "UNAVAILABLE", "worse"))]
        start: list[Event] = [] if self.begun else [Start(), Begin(0, 0, Text(""))]
        self.begun = True
        return [*start, *[Delta(0, 0, one) for one in word.split()]]

    def close(self) -> list[Event]:
        if not self.begun:
            raise mp.ReadError("nothing")
        return [End(0, 0), Done()]


class Writer:
    def __init__(self, asked: ChatRequest | None, report: Report) -> None:
        self.asked = asked
        del report

    def feed(self, event: Event) -> bytes:
        if isinstance(event, Delta):
            if event.text == "unsayable":
                raise mp.WriteError("no word for it")
            return event.text.encode() + b";"
        if isinstance(event, Failed):
            return f"failed: {event.failure.message};".encode()
        return b"usage;" if isinstance(event, Start) and self.asked and self.asked.include_usage else b""

    def close(self) -> bytes:
        return b"end"


class Streams:
    def reader(self, report: Report) -> Reader:
        return Reader(report)

    def writer(self, asked: ChatRequest | None, report: Report) -> Writer:
        return Writer(asked, report)


FAKE = mp.Codec("fake", chat=resolve("openai").chat, stream=Streams())


def again(**more: bool) -> mp.Reencoder:
    return mp.Reencoder(FAKE, FAKE, **more)  # type: ignore[arg-type]  # on purpose


def test_a_whole_stream() -> None:
    one = again()
    assert [one.feed(b"a b"), one.feed(b"c"), one.feed(b""), one.close()] == [b"a;b;", b"c;", b"", b"end"]
    assert [one.feed(b"d"), one.close(), one.abort(mp.Failure(500, "INTERNAL", "x"))] == [b"", b"", b""]
    assert one.failure is None
    assert one.error is None
    assert one.losses == ()


def test_the_wish_for_usage() -> None:
    assert again(include_usage=True).feed(b"a") == b"usage;a;"
    assert mp.Reencoder(FAKE, FAKE, asked=ChatRequest((), include_usage=True)).feed(b"a") == b"usage;a;"
    assert mp.Reencoder(FAKE, FAKE, asked=ChatRequest(()), include_usage=True).feed(b"a") == b"usage;a;"


def test_a_reader_that_raises() -> None:
    one = again()
    assert one.feed(b"a") + one.feed(b"raise") == b"a;failed: The upstream's stream cannot be read: odd;end"
    assert one.failure is not None
    assert str(one.error) == "odd - at `$`"
    empty = again()
    assert empty.close() == b"failed: The upstream's stream cannot be read: nothing;end"


def test_a_reader_that_says_why() -> None:
    one = again()
    assert one.feed(b"a") + one.feed(b"fail") == b"a;last;failed: worse;end"
    assert one.error is not None
    assert one.error.message == "worse"


@pytest.mark.parametrize("feeds", [[b"a unsayable b"], [b"a", b"unsayable"]])
def test_a_writer_that_raises(feeds: list[bytes]) -> None:
    one = again()
    out = b"".join([one.feed(data) for data in feeds]) + one.close()
    assert out == b"a;failed: The upstream's stream cannot be written: no word for it;end"
    assert isinstance(one.error, mp.WriteError)
    assert one.failure is not None


def test_a_recorded_stream() -> None:
    done = mp.convert(b"a b", source=FAKE, target=FAKE, kind="chat.stream")
    assert (done.body, done.status, done.headers) == (b"usage;a;b;end", 200, ())
    with pytest.raises(mp.ReadError):
        mp.convert(b"raise", source=FAKE, target=FAKE, kind="chat.stream")
    with pytest.raises(mp.MetaphraseError, match="no streams"):
        mp.convert(b"a", source=mp.Codec("mute"), target=FAKE, kind="chat.stream")


SSE = b'data: {"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}],"modelVersion":"up"}\r\n\r\n'
ASKED = b'{"model":"mine","messages":[{"role":"user","content":"x"}]}'


def test_the_question_of_a_recorded_stream() -> None:
    done = mp.convert(SSE, source="gemini", target="openai", kind="chat.stream", asked=ASKED, now=5, seed="s")
    assert b'"id":"s"' in done.body
    assert b'"created":5' in done.body
    assert b'"model":"mine"' in done.body
    assert [(loss.kind, loss.path) for loss in done.losses if loss.feature == "response.model"] == [
        ("approximated", "$[0].modelVersion")
    ]
    assert ("content-type", "text/event-stream") in [(name, value.partition(";")[0]) for name, value in done.headers]
    alike = mp.Reencoder("gemini", "openai", asked=ASKED, now=5, seed="s", include_usage=True)
    assert alike.feed(SSE) + alike.close() == done.body
    with pytest.raises(mp.LossRefused):
        mp.convert(SSE, source="gemini", target="openai", kind="chat.stream", on_loss="refuse")


def test_what_an_answer_owes_to_its_question() -> None:
    report = Report()
    renamed = Question(ChatRequest((), "mine"), {"up_name": "own name"}, "t", 9, "s")
    call, text = ToolCall("i", "up_name", "{}"), Text("x")
    whole = renamed.on_response(ChatResponse((Choice(0, (call, text)),), model="up"), report)
    assert (whole.id, whole.created, whole.model) == ("s", 9, "mine")
    assert [part.name for part in whole.choices[0].parts if isinstance(part, ToolCall)] == ["own name"]
    start = renamed.on_event(Start(model="up", at=At(None, 0)), report)
    assert start == Start("s", "mine", 9, at=At(None, 0))
    begun = renamed.on_event(Begin(0, 0, call), report)
    assert isinstance(begun, Begin)
    assert isinstance(begun.head, ToolCall)
    assert begun.head.name == "own name"
    assert renamed.on_event(Begin(0, 0, text), report) == Begin(0, 0, text)
    assert renamed.on_event(Done(), report) == Done()
    plain = Question()
    given = ChatResponse((), "i", "m", 3)
    assert plain.on_response(given, report) is given
    assert plain.on_event(Start("i", "m", 3), report) == Start("i", "m", 3)
    assert plain.on_event(Begin(0, 0, call), report) == Begin(0, 0, call)


def test_names_that_the_upstream_cannot_say() -> None:
    tools = (Function("a b"), Custom("ok"))
    found = question(ChatRequest((), tools=tools), resolve("gemini"), resolve("openai"), 0, "")
    assert list(found.names.values()) == ["a b"]
