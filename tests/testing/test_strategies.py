"""What the strategies make: documents that are what they say, and values of every kind."""

from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from metaphrase import convert, ir
from metaphrase.fold import Fold
from metaphrase.testing import Document, strategies, wire
from metaphrase.testing.values import decode
from metaphrase_gemini.testing import documents as gemini
from metaphrase_gemini.wire.request import GenerateContentRequest
from metaphrase_openai.testing import documents as openai
from metaphrase_openai.testing.messages import _answered, data_urls, messages
from metaphrase_openai.testing.response import logprobs

SEARCH = settings(max_examples=2_000, database=None, derandomize=True, deadline=None)


def exists(strategy: st.SearchStrategy[Any], wanted: Any) -> bool:
    try:
        find(strategy, wanted, settings=SEARCH)
    except NoSuchExample:
        return False
    return True


# --- the intermediate representation -----------------------------------------------------------------------------


def seen(strategy: st.SearchStrategy[Any], kinds: Any) -> set[Any]:
    """What a function tells of 300 values."""
    found: set[Any] = set()

    @settings(max_examples=300, database=None, derandomize=True, deadline=None, phases=[Phase.generate])
    @given(strategy)
    def look(value: Any) -> None:
        found.update(kinds(value))

    look()
    return found


def test_models_say_parts_of_every_kind() -> None:
    found = seen(strategies.model_parts(), lambda parts: map(type, parts))
    assert found == {ir.Text, ir.Thinking, ir.Media, ir.ToolCall, ir.Refusal, ir.Code, ir.CodeResult, ir.Foreign}


def test_media_come_from_everywhere() -> None:
    assert seen(strategies.media(), lambda media: [type(media.source), type(media.clip)]) == {
        ir.Inline, ir.Uri, ir.FileId, ir.Clip, type(None),
    }  # fmt: skip


def test_requests_have_every_field() -> None:
    plain = ir.ChatRequest(())
    names = set(ir.ChatRequest.__struct_fields__) - {"origin", "target", "at", "ext", "spelt"}
    told = seen(strategies.chat_requests(), lambda chat: [n for n in names if getattr(chat, n) != getattr(plain, n)])
    assert told == names


def test_answers_have_every_field() -> None:
    names = set(ir.Choice.__struct_fields__) - {"at", "ext", "spelt"}
    told = seen(strategies.choices(), lambda choice: [n for n in names if getattr(choice, n) not in (None, ())])
    assert told == names


@settings(max_examples=50)
@given(strategies.conversations())
def test_every_call_is_answered_by_its_result(messages: tuple[ir.Message, ...]) -> None:
    parts = [part for message in messages for part in message.parts]
    calls = [part.id for part in parts if isinstance(part, ir.ToolCall)]
    assert [part.call_id for part in parts if isinstance(part, ir.ToolResult)] == calls


@settings(max_examples=50)
@given(strategies.event_streams())
def test_streams_obey_the_grammar(events: list[ir.Event]) -> None:
    folding = Fold()
    for event in events:
        folding.feed(event)
    assert folding.response().choices


# --- documents ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["chat.request", "chat.response"])
@pytest.mark.parametrize(("codec", "documents"), [("openai", openai), ("gemini", gemini)])
def test_documents_are_read_by_their_codec(codec: str, documents: Any, kind: str) -> None:
    @settings(max_examples=40)
    @given(documents(kind))
    def check(document: Document) -> None:
        convert(document.body, source=codec, target=codec, kind=kind, path=document.path)

    check()


@pytest.mark.parametrize("documents", [openai, gemini])
def test_a_kind_that_is_not_offered_has_no_documents(documents: Any) -> None:
    assert documents("no.kind").is_empty


def test_data_urls_are_spelt_in_many_ways() -> None:
    told = seen(data_urls("image/png"), lambda url: [url.startswith("DATA:"), len(url.partition(",")[2]) % 4])
    assert told >= {True, False, 2}


def test_a_call_without_an_id_is_left_without_a_result() -> None:
    assert [len(_answered(call, "x")) for call in ({"id": "1"}, {})] == [2, 1]


def test_some_calls_have_no_id() -> None:
    assert seen(messages(), lambda said: ["id" in call for one in said for call in one.get("tool_calls") or ()]) == {
        True, False,
    }  # fmt: skip


def test_gemini_is_also_spelt_otherwise() -> None:
    found = find(gemini("chat.request"), lambda document: document.written is not None, settings=SEARCH)
    assert decode(found.body) != decode(found.written or b"{}")


def test_other_spellings_change_what_the_schema_names_and_nothing_else() -> None:
    asked = {
        "contents": [{"parts": [{"functionCall": {"name": "f", "args": {"aB": [1]}}}, {"text": "x"}], "role": None}],
        "generationConfig": {"topP": 1, "zzAnd": 2, "seed": None},
        "tools": [{"functionDeclarations": []}],
        "labels": {"aB": "c"},
    }
    assert wire.respelt(asked, GenerateContentRequest, keys=True, lists=True) == {
        "contents": {"parts": [{"function_call": {"name": "f", "args": {"aB": [1]}}}, {"text": "x"}], "role": None},
        "generation_config": {"top_p": 1, "zzAnd": 2, "seed": None},
        "tools": {"function_declarations": []},
        "labels": {"aB": "c"},
    }
    assert wire.respelt(asked, GenerateContentRequest, keys=False, lists=False) == asked
    assert wire.respelt({"contents": "no list", "toolConfig": 1}, GenerateContentRequest, keys=False, lists=True) == {
        "contents": "no list",
        "toolConfig": 1,
    }


def test_objects_are_open() -> None:
    shown = wire.objects({"a": st.just(1)}, {"b": st.just(2)})
    assert exists(shown, lambda value: value == {"a": 1})
    assert exists(shown, lambda value: value == {"a": 1, "b": 2})
    assert exists(shown, lambda value: value.get("b", 0) is None)
    assert exists(shown, lambda value: any(key in value for key in wire.STRANGERS))
    closed = wire.objects({"a": st.just(1)}, {"b": st.just(2)}, open_=False)
    assert not exists(closed, lambda value: value not in ({"a": 1}, {"a": 1, "b": 2}))
    assert exists(wire.rarely(st.just(1), st.just(2)), lambda value: value == 2)


def test_the_bytes_of_a_token_are_told_or_not() -> None:
    def told(found: Any) -> list[Any]:
        return [] if found is None else [one["bytes"] is None for one in found["content"] or ()]

    assert seen(logprobs(), told) == {True, False}
