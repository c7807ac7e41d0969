"""Identity, usage, finish, errors and the end of a stream: what stands in no part of an answer."""

from __future__ import annotations

from typing import Any

import pytest

from metaphrase import ir
from metaphrase.fold import fold
from metaphrase.loss import Report
from metaphrase.sse import LARGEST
from tests.openai.streaming import DONE, STARTED, STOP, chunk, dropped, placeless, read, said, sse, streams

A = chunk({"content": "a"})
END = chunk(finish="stop")


def kinds(body: bytes) -> list[str]:
    return [type(event).__name__ for event in read(body)]


def failure(body: bytes) -> ir.Failure:
    *_, last = read(body)
    assert isinstance(last, ir.Failed)
    return last.failure


# --- who answers ----------------------------------------------------------------------------------------------------


def test_azure_begins_with_a_blank_chunk() -> None:
    blank = chunk(None, id="", model="", object="", created=0, prompt_filter_results=[{"prompt_index": 0}])
    assert read(sse(blank, A, END, DONE))[0] == STARTED


def test_the_first_id_holds() -> None:
    other = chunk({"content": "b"}, id="y", model="n", created=2, object="chat.completion.done")
    stream = sse(A, other, other, END, DONE)
    assert read(stream)[0] == STARTED
    assert dropped(stream) == {f"dropped $[*].{key}" for key in ("id", "model", "created", "object")}


_UNSAID = ir.Spelling("openai", "", {})
UNNAMED = ir.Start(origin="openai", spelt={"id": _UNSAID, "model": _UNSAID})


def test_a_stream_that_names_nothing() -> None:
    bare = chunk({"content": "a"}, "stop", id=..., model=..., created=..., object=...)
    assert read(sse(bare))[0] == UNNAMED


def test_the_id_may_come_before_any_choice() -> None:
    reader = streams().reader(Report())
    assert [placeless(event) for event in reader.feed(sse(chunk(None)))] == [STARTED]


def test_several_choices() -> None:
    choices = [chunk({"content": text}, index=index) for index, text in ((1, "b"), (0, "a"), (1, "d"), (0, "c"))]
    answer = fold(read(sse(*choices, chunk(finish="stop", index=1), chunk(finish="length"), DONE)))
    told = [
        (choice.index, [part.text for part in choice.parts if isinstance(part, ir.Text)]) for choice in answer.choices
    ]
    assert told == [(0, ["ac"]), (1, ["bd"])]
    assert [choice.finish.reason for choice in answer.choices if choice.finish] == ["length", "stop"]


def test_choices_without_an_index_are_numbered_by_place() -> None:
    two = chunk() | {"choices": [{"delta": {"content": "a"}}, {"delta": {"content": "b"}}]}
    assert [choice.index for choice in fold(read(sse(two, DONE))).choices] == [0, 1]


# --- why it ended ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["stop"], ("stop", "stop")),
        (["tool_calls", "tool_calls"], ("tool_calls", "tool_calls")),
        (["tool_calls", "stop"], ("tool_calls", "tool_calls")),
        (["stop", "content_filter"], ("filter", "content_filter")),
        (["", "end_turn"], ("stop", "end_turn")),
        (["length"], ("length", "length")),
        (["insufficient_system_resource"], ("other", "insufficient_system_resource")),
    ],
)
def test_finishes(words: list[str], expected: tuple[str, str]) -> None:
    events = read(sse(A, *[chunk(finish=word) for word in words], chunk(), DONE))
    (finished,) = [event for event in events if isinstance(event, ir.Finished)]
    assert (finished.finish.reason, finished.finish.native) == expected


def test_a_choice_that_only_ends() -> None:
    bare = chunk() | {"choices": [{"index": 0, "finish_reason": "stop"}]}
    assert kinds(sse(bare)) == ["Start", "Finished", "Done"]


def test_content_after_the_finish_counts() -> None:
    answer = fold(read(sse(A, END, chunk({"content": "b"}), DONE)))
    assert answer.choices[0].parts == (ir.Text("ab"),)


def test_snowflake_gives_no_reason() -> None:
    stream = sse(A, DONE)
    assert read(stream)[-2:] == [ir.Finished(0, ir.Finish("stop", None, "openai")), ir.Done()]
    assert "defaulted " in dropped(stream)


# --- usage ----------------------------------------------------------------------------------------------------------


def counts(total: int, **more: Any) -> dict[str, Any]:
    return {"prompt_tokens": 1, "completion_tokens": total - 1, "total_tokens": total, **more}


@pytest.mark.parametrize(
    "stream",
    [
        sse(A, END, chunk(None, usage=counts(9)), DONE),
        sse(A, chunk(finish="stop", usage=counts(9)), DONE),
        sse(chunk({"content": "a"}, usage=counts(2)), chunk(finish="stop", usage=counts(9)), chunk(usage=None), DONE),
        sse(A, chunk(finish="stop", usage=counts(9)), chunk(None, usage=counts(9)), DONE),
        sse(A, END, chunk(..., usage=counts(9)), DONE),
        sse(A, END, {"usage": counts(9)}, DONE),
    ],
    ids=["last", "with the finish", "in every chunk", "twice", "after the finish", "alone"],
)
def test_the_last_usage_counts(stream: bytes) -> None:
    seen = [event.usage for event in read(stream) if isinstance(event, ir.UsageSeen)]
    assert [(usage.input, usage.output, usage.total) for usage in seen] == [(1, 8, 9)]
    assert read(stream)[-1] == ir.Done()


def test_unknown_counts_are_named_at_their_place() -> None:
    assert dropped(sse(A, END, chunk(None, usage=counts(2, cost=1)), DONE)) == {"dropped $[2].usage.cost"}


def test_usage_that_cannot_be_read() -> None:
    reader = streams().reader(Report())
    *_, last = reader.feed(sse(A, chunk(finish="stop", usage={"total_tokens": "9"}), DONE))
    assert isinstance(last, ir.Failed)
    assert reader.error is not None
    assert reader.error.path == "$[1].usage.total_tokens"


# --- what else stands in chunks -------------------------------------------------------------------------------------


def extras(body: bytes) -> list[ir.Extra]:
    return [event for event in read(body) if isinstance(event, ir.Extra)]


def test_logprobs() -> None:
    token = {"token": "a", "logprob": -1, "bytes": [97], "top_logprobs": []}
    scored = chunk({"content": "a"}, beside={"logprobs": {"content": [token], "refusal": None}})
    stream = sse(scored, chunk({"content": "b"}, beside={"logprobs": None}), scored, END, DONE)
    assert [extra.logprobs for extra in extras(stream)] == [(ir.TokenLogprob("a", -1, (97,)),)] * 2
    assert len(fold(read(stream)).choices[0].logprobs or ()) == 2
    assert extras(sse(chunk({"content": "a"}, beside={"logprobs": {"content": None}}), DONE))[0].logprobs is None


def test_annotations() -> None:
    cited = {"type": "url_citation", "url_citation": {"url": "u", "title": "t", "start_index": 1, "end_index": 2}}
    (extra,) = extras(said({"content": "abc"}, {"annotations": [cited]}, {"annotations": []}))
    assert extra.citations == (ir.Citation("u", "t", 1, 2),)


def test_perplexity_says_everything_so_far_in_each_chunk() -> None:
    def so_far(piece: str, text: str, cited: list[str], **members: Any) -> dict[str, Any]:
        return chunk(
            {"content": piece}, beside={"message": {"role": "assistant", "content": text}}, citations=cited, **members
        )

    stream = sse(so_far("a", "a", ["u"]), so_far("b", "ab", ["u", "v"]), chunk(finish="stop", citations=[]))
    answer = fold(read(stream))
    assert answer.choices[0].parts == (ir.Text("ab"),)
    assert answer.choices[0].citations == (ir.Citation("u"), ir.Citation("v"))
    assert dropped(stream) == {"dropped $[*].choices[0].message"}


def test_citations_of_no_answer() -> None:
    assert "dropped $[0].citations" in dropped(sse(chunk(None, citations=["u", 5]), DONE))


def test_the_tier() -> None:
    assert (
        extras(sse(chunk({"content": "a"}, service_tier="flex"), chunk(service_tier=None), DONE))[0].service_tier
        == "flex"
    )


def test_what_no_schema_knows() -> None:
    chunks = [
        chunk({"content": "a", "token": n, "same": True}, beside={"seed": n}, mark=n, obfuscation="xyz"[n:], p="ab")
        for n in range(3)
    ]
    stream = sse(*chunks, chunk({"content": "b", "token": {}}, finish="stop", mark=None, native_finish_reason=1), DONE)
    choice, root = extras(stream)
    assert choice.ext is not None
    kept = {key: bytes(raw) for key, raw in choice.ext["openai"].items()}
    assert kept == {"seed": b"2", "message": b'{"same":true,"token":{}}'}
    assert root.ext is not None
    assert {key: bytes(raw) for key, raw in root.ext["openai"].items()} == {
        "obfuscation": b'"z"', "p": b'"ab"', "mark": b"2", "native_finish_reason": b"1",
    }  # fmt: skip
    assert dropped(stream) == {
        "dropped $[*].obfuscation",
        "dropped $[*].p",
        "dropped $[*].mark",
        "dropped $[3].native_finish_reason",
        "dropped $[*].choices[0].seed",
        "dropped $[*].choices[0].delta.token",
        "dropped $[*].choices[0].delta.same",
    }


def test_what_stands_beside_a_choice() -> None:
    beside = {"native_finish_reason": "STOP", "content_filter_results": {"hate": {"filtered": False}}}
    stream = sse(A, chunk(finish="stop", beside=beside), DONE)
    assert {bytes(raw) for raw in (extras(stream)[0].ext or {})["openai"].values()} == {
        b'"STOP"',
        b'{"hate":{"filtered":false}}',
    }


def test_a_message_is_not_a_person() -> None:
    stream = said({"role": "user", "content": "a", "name": "n", "tool_call_id": "t", "thinking_blocks": []})
    assert dropped(stream) == {f"dropped $[0].choices[0].delta.{key}" for key in ("role", "name", "tool_call_id")}


def test_what_repeats_is_reported_twice_at_most() -> None:
    report = Report()
    reader = streams().reader(report)
    reader.feed(said(*[{"role": "user", "content": "a"}] * 5))
    assert [(loss.path, loss.count) for loss in report.losses] == [("$[*].choices[0].delta.role", 2)]


def test_a_stream_names_any_number_of_members() -> None:
    names = [chunk({"content": "a"}, **{f"k{n}": n}) for n in range(1500)]
    report = Report()
    reader = streams().reader(report)
    *_, root, _, _ = reader.feed(sse(*names, END, DONE))
    assert isinstance(root, ir.Extra)
    assert len((root.ext or {})["openai"]) == 64


# --- the end --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stream",
    [
        sse(A, END, DONE),
        sse(A, END),
        sse(A, END)[:-2],
        b"\n\n: OPENROUTER PROCESSING\n\n" + sse(A, END, DONE),
        b" " + sse(A, END, DONE),
        sse(A, END, DONE).replace(b"\n", b"\r\n"),
        sse(A, b"data:\n\n", END, DONE),
        sse(A, END, "  [DONE]"),
        sse(A, END, DONE, DONE),
        b"event: message\n" + sse(A, END, DONE),
    ],
    ids=["done", "no [DONE]", "no blank line", "comments", "a space", "CRLF", "empty data", "spaces", "twice", "named"],
)
def test_a_clean_end(stream: bytes) -> None:
    assert kinds(stream) == ["Start", "Begin", "Delta", "End", "Finished", "Done"]


def test_nothing_but_done() -> None:
    assert read(sse(DONE)) == [UNNAMED, ir.Done()]


def test_done_comes_at_once_and_nothing_after_it() -> None:
    report = Report()
    reader = streams().reader(report)
    assert reader.feed(sse(A, END, DONE))[-1] == ir.Done()
    assert reader.feed(sse(A, "", DONE)) == []
    assert reader.close() == []
    assert [(loss.path, loss.feature) for loss in report.losses] == [("$[2]", "stream.after_done")]


@pytest.mark.parametrize(
    "stream",
    [b"", sse(A), sse(A, chunk(finish="stop", index=1)), sse(chunk(None))],
    ids=["nothing", "no finish", "one of two choices", "no choice"],
)
def test_an_early_end_is_a_failure(stream: bytes) -> None:
    assert failure(stream) == ir.Failure(502, "UNAVAILABLE", "The stream ended early")


@pytest.mark.parametrize(
    ("stream", "message", "status"),
    [
        (sse({"error": {"message": "no", "type": "server_error", "code": "503"}}), "no", 503),
        (sse(b"event: error\n", {"error": {"message": "no", "code": 400}}), "no", 400),
        (sse(b"event: error\n", {"message": "no"}), "no", 500),
        (sse([{"error": {"code": 429, "message": "no", "status": "RESOURCE_EXHAUSTED"}}]), "no", 429),
        (sse({"error": "no"}), "no", 500),
        (sse({"object": "error", "message": "no", "type": "invalid_request_message_order", "code": "3051"}), "no", 400),
        (sse({"detail": "no"}), "no", 500),
        (sse(A) + b'{\n  "error": {\n "message": "no",\n "code": 503}\n}\n', "no", 503),
    ],
    ids=["object", "named event", "flat, named", "Google's array", "text", "Mistral", "detail", "bare lines"],
)
def test_errors(stream: bytes, message: str, status: int) -> None:
    found = failure(stream + sse(A, END, DONE))
    assert (found.message, found.status) == (message, status)


def test_what_stands_beside_an_error_is_told_before_it() -> None:
    error = {"error": {"code": 502, "message": "no", "kind": "k"}}
    stream = sse(A, chunk({"content": "b"}, "error", **error), A)
    assert kinds(stream) == ["Start", "Begin", "Delta", "Delta", "Failed"]
    assert "dropped $[1].error.kind" in dropped(stream)


@pytest.mark.parametrize("nothing", [None, {}, "", False])
def test_errors_that_are_none(nothing: Any) -> None:
    assert kinds(sse(chunk({"content": "a"}, "stop", error=nothing), DONE))[-1] == "Done"


NO_IMAGE = {"type": "image_url", "image_url": {}}


@pytest.mark.parametrize(
    ("broken", "path"),
    [
        ("{", "$[1]"),
        ('"text"', "$[1]"),
        ("5", "$[1]"),
        ("[1]", "$[1]"),
        ({"choices": 5}, "$[1].choices"),
        ({"choices": [{"delta": {"content": 5}}]}, "$[1].choices[0].delta.content"),
        ({"choices": [{"delta": {"content": [NO_IMAGE]}}]}, "$[1].choices[0].delta.content[0].image_url"),
        ('{"choices":' + "[" * 200 + "]" * 200 + "}", "$[1]"),
        ({"choices": [{"message": {"content": 5}}]}, "$[1].choices[0].message.content"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(broken: Any, path: str) -> None:
    reader = streams().reader(Report())
    events = reader.feed(sse(A, broken, A, END, DONE))
    assert [type(event).__name__ for event in events] == ["Start", "Begin", "Delta", "Failed"]
    assert isinstance(events[-1], ir.Failed)
    assert events[-1].failure.message.startswith("The upstream's stream cannot be read: ")
    assert reader.error is not None
    assert reader.error.path == path
    assert reader.feed(sse(A)) == reader.close() == []


def test_an_event_without_end() -> None:
    reader = streams().reader(Report())
    assert len(reader.feed(sse(A))) == 3
    (failed,) = reader.feed(b"data: " + b"x" * (LARGEST + 1))
    assert isinstance(failed, ir.Failed)
    assert reader.feed(b"y" * 10) == []


def test_bytes_that_are_no_utf8() -> None:
    report = Report()
    reader = streams().reader(report)
    stream = sse(A, A, A, A).replace(b'"a"', b'"\xff"', 1) + sse(END, DONE)
    texts = [event.text for event in reader.feed(stream) if isinstance(event, ir.Delta)]
    assert texts == ["\ufffd", "a", "a", "a"]
    assert [(loss.kind, loss.feature) for loss in report.losses] == [("repaired", "stream.utf8")]


def test_a_server_that_does_not_stream() -> None:
    message = {"role": "assistant", "content": "a", "refusal": None}
    whole = {
        "id": "x",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
    body = sse(whole)[len("data: ") :]
    assert read(body) == [STARTED, *read(sse(A, END))[1:4], STOP, ir.Done()]
