"""The detectors themselves: converters with a known fault must be caught, and a faultless one must not."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from metaphrase.testing import paths
from metaphrase.testing.document import Output, Refused
from metaphrase.testing.mutate import Vocabulary, candidates, chosen, same
from metaphrase.testing.silence import false_drops, judged, plain, silent_leaves
from metaphrase.testing.strangers import strays

from . import back, canonical, corpus, laws, official
from .corpus import Doc, encode
from .projection import project


@dataclass(frozen=True)
class FakeLoss:
    kind: str
    path: str
    count: int = 1


def doc(value: Any, path: str | None = None, **more: Any) -> Doc:
    return Doc("x", more.get("protocol", "openai"), more.get("kind", "chat.request"), encode(value), path)


def fake(change: Callable[[Any], Any], *losses: FakeLoss) -> Callable[[bytes, str | None], Output]:
    """A converter that says the changed document, and always the same losses."""

    def convert(body: bytes, path: str | None) -> Output:
        return Output(encode(change(json.loads(body))), path, None, losses)

    return convert


def without(*keys: str) -> Callable[[Any], Any]:
    return lambda value: {key: below for key, below in value.items() if key not in keys}


def whole(value: Any) -> Any:
    return value


SMALL = {"model": "m", "n": 1, "stream": False, "deep": {"list": [1, {"x": "y"}]}, "none": None, "empty": []}


def test_a_converter_that_keeps_all_is_clean() -> None:
    assert silent_leaves(fake(whole), doc(SMALL)) == []
    assert false_drops(fake(whole), doc(SMALL)) == []


def test_a_lost_leaf_is_silent() -> None:
    assert silent_leaves(fake(without("n", "deep")), doc(SMALL)) == ["$.n", "$.deep.list[0]", "$.deep.list[1].x"]


def test_a_loss_names_a_leaf_by_its_path_or_by_what_was_lost_as_a_whole() -> None:
    losses = (FakeLoss("approximated", "$.n"), FakeLoss("dropped", "$.deep"))
    convert = fake(without("n", "deep"), *losses)
    assert silent_leaves(convert, doc(SMALL)) == []
    verdicts = {one.path: one.verdict for one in judged(convert, doc(SMALL))}
    assert verdicts["$.n"] == "named"
    assert verdicts["$.deep.list[1].x"] == "excused"


def test_only_a_drop_excuses_what_is_below_it() -> None:
    assert "$.deep.list[1].x" in silent_leaves(fake(without("deep"), FakeLoss("approximated", "$.deep")), doc(SMALL))


def test_a_dropped_message_excuses_nothing_in_it() -> None:
    asked = {"messages": [{"role": "user", "content": "hello"}, {"role": "user", "content": "there"}]}
    convert = fake(lambda value: value["messages"][:1], FakeLoss("dropped", "$.messages[1]"))
    assert "$.messages[1].content" in silent_leaves(convert, doc(asked))


def test_a_star_names_every_index() -> None:
    asked = {"messages": [{"name": "a"}, {"name": "b"}]}
    convert = fake(lambda value: len(value["messages"]), FakeLoss("dropped", "$.messages[*].name", 2))
    assert silent_leaves(convert, doc(asked)) == []


def test_a_leaf_that_shows_must_not_be_said_to_be_dropped() -> None:
    assert false_drops(fake(whole, FakeLoss("dropped", "$.n")), doc(SMALL)) == ["$.n"]
    assert false_drops(fake(whole, FakeLoss("dropped", "$.deep")), doc(SMALL)) == ["$.deep.list[0]", "$.deep.list[1].x"]
    assert false_drops(fake(whole, FakeLoss("approximated", "$.n")), doc(SMALL)) == []


def test_a_star_that_counts_fewer_says_nothing_about_one_leaf() -> None:
    asked = {"messages": [{"name": "a"}, {"name": "b"}]}
    assert false_drops(fake(whole, FakeLoss("dropped", "$.messages[*].name", 1)), doc(asked)) == []
    assert len(false_drops(fake(whole, FakeLoss("dropped", "$.messages[*].name", 2)), doc(asked))) == 2


def test_made_up_ids_do_not_make_everything_show() -> None:
    def convert(body: bytes, path: str | None) -> Output:
        return Output(b'{"id":"call_%024x"}' % (hash(body) & 0xFFFFFF), path, None, ())

    assert silent_leaves(convert, doc(SMALL)) == ["$.model", "$.n", "$.stream", "$.deep.list[0]", "$.deep.list[1].x"]


def test_ids_of_the_source_are_not_made_up() -> None:
    output = Output(b'{"id":"call_0123456789abcdef01234567"}', None, None, ())
    assert plain(output, output.body)[0] == output.body
    assert plain(output, b"{}")[0] == b'{"id":"<0>"}'


def test_a_refusal_at_the_leaf_is_loud_and_one_elsewhere_is_misplaced() -> None:
    def convert(body: bytes, path: str | None) -> Output:
        if json.loads(body)["n"] != 1:
            raise Refused("$.model")
        if json.loads(body)["model"] != "m":
            raise Refused("$.model")
        return Output(body, path, None, ())

    verdicts = {one.path: one.verdict for one in judged(convert, doc(SMALL))}
    assert verdicts["$.model"] == "refused"
    assert verdicts["$.n"] == "misplaced"


def test_another_legal_value_is_tried_where_words_are_known() -> None:
    known = Vocabulary()
    for effort in ("high", "low"):
        known.learn({"effort": effort})

    def convert(body: bytes, path: str | None) -> Output:
        effort = json.loads(body)["effort"]
        if effort.endswith("~"):
            raise Refused("$.effort")
        return Output(b"{}", path, None, ())

    assert silent_leaves(convert, doc({"effort": "high"}), known=known) == ["$.effort"]
    assert silent_leaves(convert, doc({"effort": "high"})) == []


def test_the_path_is_a_leaf_of_a_gemini_request() -> None:
    asked = doc({"a": 1}, "/v1beta/models/gemini-x:generateContent", protocol="gemini")
    assert silent_leaves(fake(whole), asked) == []
    assert silent_leaves(lambda body, _: Output(body, None, None, ()), asked) == ["(path)"]


@pytest.mark.parametrize(
    ("one", "two", "alike"),
    [("assistant", "model", True), ("STOP", "stop", True), ("a", "b", False), (1, 1.0, False), (True, 1, False)],
)
def test_spellings_of_one_value(one: Any, two: Any, *, alike: bool) -> None:
    assert same(one, two) is alike


def test_candidates_are_other_values_of_the_same_kind() -> None:
    for value in (True, 0, 1, 2, 0.3, 1.0, 1e300, "", "x", '{"a":{"b":1}}', "data:image/png;base64,AAAABBBB"):
        for new in candidates((("key",), value)):
            assert type(new) is type(value)
            assert new != value
    assert json.loads(candidates((("arguments",), '{"a":{"b":1}}'))[0]) == {"a": {"b": 2}}
    assert candidates((("data",), "AAAABBBBCCCC"))[0] == "AAAAABBBCCCC"
    assert candidates((("temperature",), 0.3))[0] == 0.4


def test_large_documents_are_sampled_by_shape() -> None:
    document = {"list": [{"a": n, "b": "x"} for n in range(100)]}
    assert len(chosen(document)) == 200
    sampled = [paths.render(steps) for steps, _ in chosen(document, limit=10, each=3)]
    assert sampled == ["$.list[0].a", "$.list[50].a", "$.list[99].a", "$.list[0].b", "$.list[50].b", "$.list[99].b"]


def test_the_path_grammar() -> None:
    steps = ("messages", 0, 'odd "key"', "_a1")
    assert paths.render(steps) == '$.messages[0]["odd \\"key\\""]._a1'
    assert paths.parse(paths.render(steps)) == steps
    assert paths.parse("$.a[*]") == ("a", paths.ANY)
    assert paths.parse("") is None
    assert paths.parse("$.a[") is None
    assert paths.shape("$.a[1].b[*]") == "$.a[].b[]"


def test_identity_sees_every_difference_but_the_two_spellings() -> None:
    one = {"contents": {"parts": {"function_call": {"name": "f", "args": {"snake_case": 1}}}}}
    two = {"contents": [{"parts": [{"functionCall": {"name": "f", "args": {"snake_case": 1}}}]}]}
    assert canonical.difference(canonical.gemini(one), two) is None
    two["contents"][0]["parts"][0]["functionCall"]["args"] = {"snakeCase": 1}
    assert canonical.difference(canonical.gemini(one), two) == (
        "$.contents[0].parts[0].functionCall.args.snake_case",
        "1 vanished",
    )
    assert canonical.equal(1, 1.0)
    assert not canonical.equal(1, True)
    assert not canonical.equal({"a": None}, {})


# --- there and back ----------------------------------------------------------------------------------------------

ASKED = {
    "messages": [
        {"role": "system", "content": "S"},
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "u"}}]},
        {"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": '{"x": 1}'}}]},
        {"role": "tool", "tool_call_id": "1", "content": "ok"},
    ]
}


def test_the_projections_of_the_two_protocols_agree() -> None:
    gemini = {
        "system_instruction": {"parts": [{"text": "S"}]},
        "contents": [
            {"parts": [{"text": "a"}, {"file_data": {"file_uri": "u"}}]},
            {"role": "model", "parts": [{"functionCall": {"id": "1", "name": "f", "args": {"x": 1}}}]},
            {"role": "user", "parts": [{"functionResponse": {"id": "1", "name": "f", "response": "ok"}}]},
        ],
    }
    one = [item._replace(path="") for item in project("openai", "chat.request", ASKED)]
    two = [item._replace(path="") for item in project("gemini", "chat.request", gemini)]
    assert one == two
    assert [item.what for item in one] == ["text", "text", "media", "call", "result"]


def drop_message(index: int) -> Callable[[Any], Any]:
    return lambda value: {"messages": value["messages"][:index] + value["messages"][index + 1 :]}


def test_what_does_not_come_back_is_seen_unless_the_way_there_said_so() -> None:
    asked = doc(ASKED)
    assert back.broken(asked, fake(whole), fake(whole)) == []
    lost = back.broken(asked, fake(whole), fake(drop_message(2)))
    assert [path for path, _ in lost] == ["$.messages[2].tool_calls[0]"]
    excuse = FakeLoss("dropped", "$.messages[2].tool_calls[0].function")
    assert back.broken(asked, fake(whole, excuse), fake(drop_message(2))) == []


def test_order_matters_unless_something_was_moved() -> None:
    def turned(value: Any) -> Any:
        return {"messages": [*value["messages"][:1], *value["messages"][:0:-1]]}

    assert back.broken(doc(ASKED), fake(whole), fake(turned)) != []
    assert back.broken(doc(ASKED), fake(whole, FakeLoss("moved", "$.messages[1]")), fake(turned)) == []


def test_what_was_not_there_must_not_come_back() -> None:
    def doubled(value: Any) -> Any:
        return {"messages": value["messages"] * 2}

    assert back.broken(doc(ASKED), fake(whole), fake(doubled)) != []


# --- unknown keys ------------------------------------------------------------------------------------------------


def test_an_unknown_key_must_stay_at_home_and_be_named_abroad() -> None:
    asked = doc({"a": {"b": 1}, "list": [{"c": 1}, {"c": 2}]})
    assert list(strays(asked, fake(whole), fake(whole))) == []
    forgetful = fake(lambda value: {"a": {"b": value["a"]["b"]}, "list": value["list"]})
    assert [path for path, _ in strays(asked, fake(whole), forgetful)] == ["$.zzUnknown", "$.a.zzUnknown"]
    assert [path for path, _ in strays(asked, forgetful, fake(whole))] == ["$.zzUnknown", "$.a.zzUnknown"]
    assert list(strays(asked, fake(whole), fake(without("a"), FakeLoss("dropped", "$.a.zzUnknown")))) == []


# --- what needs the recordings -----------------------------------------------------------------------------------


@pytest.mark.skipif(not official.present(), reason=corpus.ABSENT)
def test_the_official_schemas_take_plain_documents_and_no_others() -> None:
    asked = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    assert official.errors("openai", "chat.request", asked) == []
    assert official.errors("openai", "chat.request", asked | {"reasoning_effort": "none", "top_k": 4}) == []
    wrong = official.errors("openai", "chat.request", asked | {"topK": 4, "n": "1"})
    assert len(wrong) == 2
    deep = {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "txt": "hi"}]}]}
    assert all(line.startswith("$.messages[0].content[0]") for line in official.errors("openai", "chat.request", deep))
    said = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
    assert official.errors("gemini", "chat.request", said) == []
    assert official.errors("gemini", "chat.request", {"contents": [{"parts": []}]}) != []
    assert official.errors("gemini", "chat.request", {"contents": [{"role": "tool", "parts": [{"text": ""}]}]}) != []
    assert official.errors("gemini", "chat.request", said | {"store": True, "safety_settings": []}) != []


@pytest.mark.skipif(not corpus.present(), reason=corpus.ABSENT)
def test_the_corpus_has_both_protocols_and_kinds() -> None:
    for protocol in corpus.PROTOCOLS:
        for kind in corpus.KINDS:
            assert len(corpus.documents(protocol, kind)) > 500
    requests = corpus.documents("gemini", "chat.request")
    assert all(request.path and ":" in request.path for request in requests)
    assert corpus.sample(requests, 10) == corpus.sample(requests, 10)
    assert corpus.sample(requests, 10) != corpus.sample(requests, 10, offset=1)


def test_failures_are_grouped_by_shape() -> None:
    failures = [laws.Failure(str(n), f"$.a[{n}].b", "silent: 1 -> 2") for n in range(3)]
    assert [(count, path) for count, path, *_ in laws.grouped(failures, 1)] == [(3, "$.a[].b")]
    assert laws.summary(failures).startswith("3 failures")
