"""The report: paths in the source's own spelling, merged, bounded, sorted."""

from __future__ import annotations

from msgspec import Raw

from metaphrase import Loss, Report
from metaphrase.ir import At, ChatRequest, Message, Spelling, ToolCall
from metaphrase.loss import ANY, MOST_KINDS, render, snake, steps_of

MESSAGES = At(None, "messages")


def test_paths_are_rendered_in_one_grammar() -> None:
    assert render(()) == "$"
    assert render(steps_of(At(MESSAGES, 2), "content")) == "$.messages[2].content"
    assert render(("a b", "", "1x", 'q"', "ok_1", 0)) == '$["a b"][""]["1x"]["q\\""].ok_1[0]'
    assert render(steps_of(None, ("a", 3, "b")), "*") == "$.a[*].b"
    assert render(("a", 3), None) == "$.a"
    assert render(("a", ANY)) == "$.a[*]"
    assert render(("*",)) == '$["*"]'


def test_positions_are_equal_and_hash_alike() -> None:
    assert At(None, "a") == At(None, "b")
    assert hash(At(None, "a")) == hash(At(None, "b"))
    assert At(None, "a") != "a"


def test_what_was_added_stood_nowhere() -> None:
    report = Report()
    report.add("synthesised", None, None, "thinking.signature", "gemini", target="$.contents[0]")
    assert report.losses == (Loss("synthesised", "", "thinking.signature", "gemini", "", "$.contents[0]"),)


def test_one_feature_lost_in_many_elements_is_one_loss() -> None:
    report = Report()
    for i in (0, 3):
        report.add("dropped", At(MESSAGES, i), "name", "message.name", "gemini")
    report.add("dropped", None, "seed", "sampling.seed", "gemini")
    assert report.losses == (
        Loss("dropped", "$.messages[*].name", "message.name", "gemini", count=2),
        Loss("dropped", "$.seed", "sampling.seed", "gemini"),
    )


def test_the_same_place_twice_keeps_its_index() -> None:
    report = Report()
    for _ in range(2):
        report.add("dropped", At(MESSAGES, 4), "name", "message.name", "gemini", target="$.t")
    assert report.losses == (Loss("dropped", "$.messages[4].name", "message.name", "gemini", target="$.t", count=2),)


def test_leftovers_are_lost_only_to_another_codec() -> None:
    for codec, lost in (("openai", 0), ("gemini", 1)):
        report = Report()
        report.leftover(None, "logit_bias", "openai")
        report.settle(codec)
        assert [loss.feature for loss in report.losses] == ["openai.logit_bias"] * lost


def test_crossings_are_merged_before_they_pile_up() -> None:
    report = Report()
    for i in range(20_000):
        report.crossing("approximated", At(None, i), "p", "x.p", "openai")
        report.lose("dropped", Message("user", (), at=At(None, i)), "name", "message.name", "gemini")
    assert len(report._crossings) < 5_000
    assert len(report._entries) < 5_000
    report.settle("gemini")
    assert [(loss.feature, loss.count) for loss in report.losses] == [("message.name", 20_000), ("x.p", 20_000)]


def test_lose_finds_the_place_by_the_readers_table() -> None:
    report = Report()
    report.keys = {ToolCall: {"name": ("function", "name")}}
    call = ToolCall("", "f", "", at=At(At(At(MESSAGES, 1), "tool_calls"), 0))
    report.lose("approximated", call, "name", "tools.name", "gemini")
    report.lose("dropped", call, "state", "thinking.signature", "gemini")
    report.lose("dropped", call, None, "tools.call", "gemini")
    assert [loss.path for loss in report.losses] == [
        "$.messages[1].tool_calls[0]",
        "$.messages[1].tool_calls[0].function.name",
        "$.messages[1].tool_calls[0].state",
    ]


def test_lose_follows_another_spelling_of_the_field() -> None:
    most = Spelling("openai", 5, {"max_tokens": Raw(b"5")})
    spelt = {"sampling.max_tokens": most, "name": Spelling("openai", "", {})}
    chat = ChatRequest((Message("user", ()),), spelt=spelt)
    report = Report()
    report.lose("dropped", chat, "sampling.max_tokens", "sampling.max_tokens", "gemini")
    report.lose("dropped", chat, "name", "message.name", "gemini")
    assert [loss.path for loss in report.losses] == ["$.max_tokens", "$.name"]


def test_kinds_are_bounded_and_the_rest_is_counted() -> None:
    report = Report()
    for i in range(MOST_KINDS + 7):
        report.leftover(None, f"k{i}", "openai")
    report.settle("gemini")
    losses = report.losses
    assert len(losses) == MOST_KINDS + 1
    assert losses[0].feature == "more"
    assert losses[0].count == 7


def test_a_long_stream_of_equal_losses_does_not_grow() -> None:
    report = Report()
    for i in range(20_000):
        report.add("dropped", At(None, i), "p", "openai.p", "gemini")
        report.leftover(At(None, i), "q", "openai")
    assert len(report._entries) < 5_000
    assert len(report._leftovers) < 5_000
    report.settle("gemini")
    assert next((loss.path, loss.count) for loss in report.losses) == ("$[*].p", 20_000)


def test_paths_are_looked_up_in_a_source_that_spelt_them_otherwise() -> None:
    report = Report()
    report.respelt(b'{"contents":{"the_parts":[{"fooBar":1}]},"generation_config":{"top_k":1},"x":1}')
    part = At(At(At(At(None, "contents"), 0), "theParts"), 0)
    report.add("dropped", part, "fooBar", "a", "openai")
    report.add("dropped", At(None, "generationConfig"), "topK", "b", "openai")
    report.add("dropped", At(None, "generationConfig"), "missingKey", "c", "openai")
    report.add("dropped", At(At(None, "x"), "deeper"), 3, "d", "openai")
    report.add("dropped", At(At(At(None, "contents"), 0), "theParts"), 9, "e", "openai")
    report.add("synthesised", None, None, "f", "openai")
    assert [loss.path for loss in report.losses] == [
        "",
        "$.contents.the_parts[0].fooBar",
        "$.contents.the_parts[9]",
        "$.generation_config.missingKey",
        "$.generation_config.top_k",
        "$.x.deeper[3]",
    ]


def test_snake() -> None:
    assert snake("parametersJsonSchema") == "parameters_json_schema"
    assert snake("topK") == "top_k"


def test_several_elements_are_looked_up_where_one_of_them_has_what_was_lost() -> None:
    report = Report()
    report.respelt(b'{"contents":[{},{"the_parts":[{"x":1},{"foo_bar":1}]},{"the_parts":[{"foo_bar":2}]},7]}')
    for content, part in ((1, 1), (2, 0)):
        report.add("dropped", At(At(At(At(None, "contents"), content), "theParts"), part), "fooBar", "a", "openai")
    assert [loss.path for loss in report.losses] == ["$.contents[*].the_parts[*].foo_bar"]


def test_each_spelling_of_a_loss_is_named_by_itself() -> None:
    report = Report()
    report.respelt(b'{"parts":[{"foo_bar":1},{"fooBar":2},{"foo_bar":3},{"fooBar":4}],"several":{"x":1}}')
    for part in (3, 2, 1, 0):
        report.add("dropped", At(At(None, "parts"), part), "fooBar", "a", "openai")
    report.add("dropped", At(At(None, "several"), 0), "x", "b", "openai")
    found = [(loss.path, loss.count) for loss in report.losses]
    assert found == [("$.parts[*].fooBar", 2), ("$.parts[*].foo_bar", 2), ("$.several.x", 1)]


def test_each_spelling_is_named_however_many_losses_there_are() -> None:
    report = Report()
    report.respelt(b'{"parts":[' + b",".join([b'{"foo_bar":1},{"fooBar":2}'] * 500) + b"]}")
    for part in range(1000):
        report.add("dropped", At(At(None, "parts"), part), "fooBar", "a", "openai")
    assert [(loss.path, loss.count) for loss in report.losses] == [
        ("$.parts[*].fooBar", 500),
        ("$.parts[*].foo_bar", 500),
    ]


def test_numbers_that_nobody_reads_do_not_stand_in_the_way_of_paths() -> None:
    report = Report()
    report.respelt(b'{"top_k":{"x":1},"other":[1e400,' + b"9" * 5000 + b"]}")
    report.add("dropped", At(None, "topK"), "x", "a", "openai")
    assert [loss.path for loss in report.losses] == ["$.top_k.x"]


def test_very_many_kinds_are_not_held() -> None:
    report = Report()
    for number in range(3000):
        report.leftover(At(None, number), f"zz{number}", "gemini")
        report.add("dropped", At(None, number), f"y{number}", f"y.{number}", "openai")
    report.leftover(None, "often", "gemini", 5)
    assert len(report._entries) + len(report._crossings) + len(report._leftovers) < 3000
    report.settle("openai")
    losses = report.losses
    assert len(losses) == 257
    assert sum(loss.count for loss in losses) == 6005
