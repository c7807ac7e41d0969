"""The pieces of the kit that its own users take one by one; the detectors of silence are tried in tests/laws."""

from random import Random
from typing import Any

import pytest
from msgspec import Raw

import metaphrase as mp
from metaphrase import codecs, ir, testing
from metaphrase.testing import back, items, laws, paths, streams, values
from metaphrase.testing.answering import answering
from metaphrase.testing.check import documents_of
from metaphrase.testing.damage import damaged
from metaphrase.testing.document import Document, Output, Refused
from metaphrase.testing.mutate import Vocabulary, candidates, chosen
from metaphrase.testing.silence import WHOLE, false_drops, judged, silent_leaves
from metaphrase.testing.strangers import strays

from . import toy as toys


def test_what_the_kit_exports_is_there() -> None:
    assert {name: getattr(testing, name).__name__ for name in testing.__all__} == {
        name: name for name in testing.__all__
    }
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = testing.nothing


def test_json_is_written_however_large_its_numbers() -> None:
    assert values.encode({"a": 10**40}) == b'{"a":1' + b"0" * 40 + b"}"
    assert values.encode(["\ud800"]) == b'["\xed\xa0\x80"]'


@pytest.mark.parametrize(
    ("one", "two", "found"),
    [
        ({"a": [1]}, {"a": [1.0]}, None),
        ({"a": [1]}, {"a": [1, 2]}, ("$.a", "1 elements became 2")),
        ({"a": 1}, {"a": True}, ("$.a", "1 became True")),
        ({"a": 1}, {}, ("$.a", "1 vanished")),
        ({}, {"b": "x" * 90}, ("$.b", f"'{'x' * 39}...{'x' * 11}' was added")),
    ],
)
def test_the_first_difference_is_told(one: Any, two: Any, found: Any) -> None:
    assert values.difference(one, two) == found
    assert values.equal(one, two) is (found is None)


def test_equality_is_deep() -> None:
    assert values.equal([{"a": 1}], [{"a": 1}])
    assert not values.equal([{"a": 1}], [{"a": 2}])
    assert not values.equal([1], [1, 2])


def test_damage_takes_anything() -> None:
    deep = b"[" * 100_000
    for body in (b"", b"1", b"{}", b"[]", b"no json", deep, b'{"a":{"b":[1,"x",null]},"c":{}}'):
        results = {damaged(body, Random(seed)) for seed in range(200)}
        assert len(results) > 5


def test_places_of_a_path() -> None:
    document = {"a": [{"b": 1}, {"b": 2}, {}]}
    assert paths.places(document, ("a", paths.ANY, "b")) == 2
    assert paths.places(document, ("c", paths.ANY)) == 0
    assert paths.places(document, ("a", 0, "b", "c")) == 0
    assert list(paths.objects(document)) == [(), ("a", 0), ("a", 1), ("a", 2)]


def test_one_leaf_of_a_shape_may_stand_for_all() -> None:
    assert [steps for steps, _ in chosen({"a": [1, 2, 3], "b": 1}, 2, 1)] == [("a", 0), ("b",)]


def test_a_shape_with_many_words_is_no_enumeration() -> None:
    known = Vocabulary()
    for number in range(20):
        known.learn({"a": f"word{number}", "b": "x"})
    known.learn({"b": "y"})
    assert known.others(("a",), "word1") == []
    assert known.others(("b",), "x") == ["y"]


def test_json_in_a_text_is_changed_inside_where_it_is_any() -> None:
    assert candidates((("arguments",), '{"a":"x"}')) == ['{"a": "x~"}', '{"a":"x"}~']
    assert candidates((("arguments",), '{"a":{}}')) == ['{"a":{}}~']
    assert candidates((("arguments",), '{"a":')) == ['{"a":~']


# --- verdicts ----------------------------------------------------------------------------------------------------


def losing(*losses: mp.Loss) -> Any:
    """A converter that writes nothing, and reports these losses."""
    return lambda _, path: Output(b"{}", path, None, losses)


def loss(kind: Any, path: str) -> mp.Loss:
    return mp.Loss(kind, path, "f", "x")


BODY = b'{"messages":[{"role":"user","content":"x"}]}'


def test_what_was_repaired_needs_no_further_word() -> None:
    assert silent_leaves(losing(loss("repaired", "$.messages[0]")), Document(BODY)) == []
    assert len(silent_leaves(losing(loss("approximated", "$.messages[0]")), Document(BODY))) == 2


def test_a_message_that_was_dropped_excuses_nothing_in_it() -> None:
    assert len(silent_leaves(losing(loss("dropped", "$.messages[0]")), Document(BODY))) == 2
    assert len(silent_leaves(losing(loss("dropped", "$.messages[*]")), Document(BODY))) == 2
    assert silent_leaves(losing(loss("dropped", "$.messages[0].content")), Document(BODY)) == ["$.messages[0].role"]


def test_a_loss_whose_path_is_none_names_nothing() -> None:
    assert len(silent_leaves(losing(loss("dropped", "messages"), loss("dropped", "")), Document(BODY))) == 2
    assert false_drops(losing(loss("dropped", "messages")), Document(BODY)) == []


def test_an_exception_is_a_verdict() -> None:
    def convert(body: bytes, path: str | None) -> Output:
        if b"~" in body:
            raise KeyError
        return Output(body, path, None, ())

    assert {one.verdict for one in judged(convert, Document(BODY))} == {"escaped"}


WISH = Document(b'{"usage":true}')


def test_what_the_answer_obeys_is_not_lost() -> None:
    def obeyed(body: bytes, _: str | None) -> bytes:
        return b"counted" if b"true" in body else b""

    silent = [one.path for one in judged(losing(), WISH, answer=lambda *_: b"") if one.verdict == "silent"]
    assert silent == ["$.usage"]
    assert [one.verdict for one in judged(losing(), WISH, answer=obeyed)] == ["shows"]
    said = list(judged(losing(loss("dropped", "$.usage")), WISH, answer=obeyed))
    assert [(one.verdict, one.dropped) for one in said] == [("shows", True)]  # to say that it was lost is false then


def test_an_answer_obeys_its_request() -> None:
    both = codecs()
    answer = answering(both["openai"], both["gemini"])
    assert answer is not None
    wished = answer(b'{"messages":[],"stream":true,"stream_options":{"include_usage":true}}', None)
    assert b'"usage":{"prompt_tokens":1' in wished
    assert b'"usage"' not in answer(b'{"messages":[],"stream":true}', None)
    assert answering(both["openai"], toys.toy(streams=False)) is None


def test_what_stands_in_one_of_several_elements_is_not_excused_by_all() -> None:
    body = b'{"contents":[{"parts":[{"text":"x"}]},{}]}'
    assert silent_leaves(losing(loss("dropped", "$.contents[*].parts")), Document(body)) == [
        "$.contents[0].parts[0].text"
    ]


def test_an_address_may_be_refused() -> None:
    def convert(body: bytes, path: str | None) -> Output:
        if path == "/b":
            raise Refused("$")
        return Output(body, None, None, ())

    assert silent_leaves(convert, Document(b"{}", "/a", None, ("/b",))) == []


def test_an_unknown_member_may_be_refused_where_it_stands() -> None:
    def convert(path: str) -> Any:
        def refuse(body: bytes, _: str | None) -> Output:
            if b"zzUnknown" in body:
                raise Refused(path)
            return Output(body, None, None, ())

        return refuse

    document = Document(b'{"a":{}}')
    assert [path for path, _ in strays(document, convert("$.a.zzUnknown"), convert("$.a"))] == []
    assert [path for path, _ in strays(document, convert("$.b"), convert("$"))] == ["$.a.zzUnknown"]


def test_an_unknown_member_must_not_change_anything_else() -> None:
    def convert(body: bytes, _: str | None) -> Output:
        return Output(body.replace(b"1", b"2") if b"zzUnknown" in body else body, None, None, ())

    reasons = [reason for _, reason in strays(Document(b'{"a":1}'), convert, convert)]
    assert reasons == ["it changes something else in its own protocol: $.a 1 became 2"]


def test_all_that_is_wrong_is_told() -> None:
    document = Document(b'{"turns":[{"who":"human","say":"a"},{"who":"machine","say":"b"}]}')
    bench = laws.Bench(toys.toy(), toys.terse("reversed"), "chat.request")
    assert [fault.path for fault in laws.returns(bench, document)] == ["$.turns[0].say"]
    mangling = bench._replace(partner=toys.terse("mangling"))
    assert [fault.path for fault in laws.returns(mangling, document)] == ["$.turns[0]"]
    empty = laws.Bench(toys.toy("empty"), toys.terse(), "chat.request")
    assert [fault.reason for fault in laws.total(empty, document.body, None)] == ["an empty document came out"]


def test_an_address_that_says_something_else_must_show() -> None:
    document = Document(b"{}", "/a", None, ("/b", "/c"))
    assert silent_leaves(lambda body, _: Output(body, None, None, ()), document) == ["(path)"]
    assert silent_leaves(lambda body, path: Output(body, path, None, ()), document) == []


# --- there and back ----------------------------------------------------------------------------------------------


def test_items_of_every_part() -> None:
    audio = ir.Media("audio", ir.Inline.of("-_8="), "audio/wav")
    parts: tuple[ir.Part, ...] = (
        ir.Text(""),
        ir.Text("a"),
        ir.Thinking("b"),
        ir.Refusal("c"),
        audio,
        ir.Media("image", ir.Uri("u")),
        ir.Media("image", ir.FileId("f", "x")),
        ir.ToolCall("1", "f", ' {"b": 1, "a": 2} '),
        ir.ToolCall("", "g", ""),
        ir.ToolCall("", "h", "text", kind="custom"),
        ir.ToolResult("1", "f", '"text"'),
        ir.ToolResult("", None, None, (ir.Text("x"), ir.Text("y"), audio)),
        ir.ToolResult("", None, Raw(b'{"b":1,"a":2}')),
        ir.Code("1+1"),
        ir.CodeResult("OK"),
        ir.Foreign("x", "odd", Raw(b"[]")),
    )
    said = items.said(ir.ChatRequest((ir.Message("model", parts),)))
    assert [(item.role, item.what, *item.value, item.id) for item in said] == [
        ("model", "text", "a", None),
        ("model", "thought", "b", None),
        ("model", "refusal", "c", None),
        ("model", "media", "audio", "+/8", None),
        ("model", "media", "uri", "u", None),
        ("model", "media", "file", "f", None),
        ("model", "call", "f", '{"a":2,"b":1}', "1"),
        ("model", "call", "g", "{}", None),
        ("model", "call", "h", '{"input":"text"}', None),
        ("tool", "result", "text", "1"),
        ("tool", "result", "xy", None),
        ("tool", "media", "audio", "+/8", None),
        ("tool", "result", '{"a":2,"b":1}', None),
        ("model", "code", "1+1", None),
        ("model", "code result", "", None),
        ("model", "foreign", "x", "odd", "[]", None),
    ]
    answer = ir.ChatResponse((ir.Choice(1, (ir.Text("a"), ir.ToolResult("", None, "x"))),))
    assert [item.role for item in items.said(answer)] == ["1:model", "1:tool"]
    assert items.meaning(Raw(b"{")) == "{"
    assert items.arguments(" null ") == "{}"


def item(value: str, what: str = "text", role: str = "user", key: str | None = None) -> back.Item:
    return back.Item(role, what, (value,), f"$.{value}", key)


def broken(before: list[back.Item], after: list[back.Item], there: Any = (), again: Any = ()) -> list[str]:
    outs = [Output(b"", None, None, losses) for losses in (there, again)]
    return [path for path, _ in back.broken(before, after, outs[0], outs[1])]


def test_items_find_one_another_in_order() -> None:
    a, b, c = item("a"), item("b"), item("c")
    assert broken([a, b, c], [a, b, c]) == []
    assert broken([a, b, c], [c, a, b]) == ["$.c"]
    assert broken([a, b, c], [c, a, b], [loss("moved", "$.c")]) == []
    assert broken([a, b], [a]) == ["$.b"]
    assert broken([a], [a, b]) == ["$.b"]
    assert broken([a], [a, b], [loss("synthesised", "")]) == []
    assert broken([a, b], [a], [loss("dropped", "$.b.deeper")]) == []
    assert broken([a, b], [a, item("b", "thought")]) == ["$.b"]
    assert broken([a, b], [a], [loss("dropped", "")]) == ["$.b"]


def test_an_id_tells_which_is_which() -> None:
    first, second = item("x", "result", "tool"), item("x", "result", "tool", "1")
    assert broken([first, second], [second], [loss("moved", "$.y"), loss("repaired", "$.x")]) == []
    assert broken([second], [item("x", "result", "tool", "2")]) == ["$.x"]
    assert broken([item("x", "call", key="9" * 41)], [item("x", "call", key="short")]) == []


def test_what_was_joined_is_still_said() -> None:
    a, b = item("a", "thought"), item("b", "thought")
    assert broken([a, b], [item("ab", "thought")]) == ["$.a", "$.b"]
    assert broken([a, b], [item("ab", "thought")], (), [loss("approximated", "$.x")]) == []
    assert broken([a, b], [item("a", "thought")], (), [loss("approximated", "$.x")]) == ["$.b"]
    assert items.joined([item("a"), item("b", "refusal"), item("c", role="model")]) == [
        item("a")._replace(value=("ab",)),
        item("c", role="model"),
    ]


# --- the rest ----------------------------------------------------------------------------------------------------


def test_other_kinds_of_documents_say_nothing() -> None:
    assert items.read(toys.toy(), "models.response", b"{}", None) is None
    bench = laws.Bench(toys.toy(), toys.toy(), "models.response")
    assert laws._wholes(bench, Document(b"{}")) == WHOLE
    assert list(laws.returns(bench._replace(kind="tokens.response"), Document(b"{}"))) == []


def test_documents_are_those_of_the_codecs_package() -> None:
    assert documents_of(mp.codecs()["gemini"]).__module__ == "metaphrase_gemini.testing"
    by_hand: Any = type("Typed", (), {"__module__": "__main__"})()
    for codec in (toys.toy(), mp.Codec("empty"), mp.Codec("typed", by_hand)):
        assert documents_of(codec)("embedding.request").is_empty


def test_a_stream_that_becomes_an_error_is_not_compared() -> None:
    body = b'{"id":"1"}\n{"why":"fault"}\n'
    assert list(streams.folds(toys.toy(), toys.terse(), body)) == []
