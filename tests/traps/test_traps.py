"""What breaks naive translators, from end to end: each test is named after the rule that it holds us to.

Those that concern one codec alone stand beside that codec's other tests.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import metaphrase as mp

MODEL = "gemini-2.5-flash"
SCHEMA = {"type": "object", "properties": {"at": {"type": "string", "const": "x"}}, "additionalProperties": False}
TOOL = {"type": "function", "function": {"name": "f", "parameters": SCHEMA}}


def to_gemini(*messages: dict[str, Any], **members: Any) -> Any:
    body = {"model": MODEL, "messages": list(messages) or [{"role": "user", "content": "a"}], **members}
    return crossed(body, "openai", "gemini", "chat.request")[0]


def crossed(body: Any, source: str, target: str, kind: str, **options: Any) -> tuple[Any, list[mp.Loss]]:
    done = mp.convert(json.dumps(body).encode(), source=source, target=target, kind=kind, now=1, seed="s", **options)
    return json.loads(done.body), list(done.losses)


def answer(*parts: dict[str, Any], **members: Any) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": "STOP", "index": 0, **members}
    return {"candidates": [candidate], "modelVersion": MODEL, "responseId": "r1"}


def chunks(*found: dict[str, Any], usage: bool = False) -> list[Any]:
    """What an OpenAI client is sent for such chunks of Gemini's."""
    again = mp.Reencoder("gemini", "openai", now=1, include_usage=usage)
    out = b"".join([again.feed(b"data: " + json.dumps(one).encode() + b"\r\n\r\n") for one in found]) + again.close()
    lines = [line.removeprefix(b"data: ") for line in out.split(b"\n\n") if line]
    assert lines.pop() == b"[DONE]"
    return [json.loads(line) for line in lines]


def call(name: str, **members: Any) -> dict[str, Any]:
    return {"functionCall": {"name": name, **members}}


# --- messages -------------------------------------------------------------------------------------------------------


def test_trap_30_a_message_of_the_model_is_one_of_the_assistant() -> None:
    contents = to_gemini({"role": "user", "content": "a"}, {"role": "model", "content": "b"})["contents"]
    assert contents[1] == {"role": "model", "parts": [{"text": "b"}]}


def test_trap_31_content_may_be_a_list_in_requests_and_in_answers() -> None:
    said = [{"type": "text", "text": "a"}, {"type": "refusal", "refusal": "no"}]
    contents = to_gemini({"role": "user", "content": "q"}, {"role": "assistant", "content": said})["contents"]
    assert contents[1]["parts"] == [{"text": "a"}, {"text": "no"}]
    choice = {"index": 0, "message": {"role": "assistant", "content": said[:1]}, "finish_reason": "stop"}
    found, _ = crossed({"model": "m", "choices": [choice]}, "openai", "gemini", "chat.response")
    assert found["candidates"][0]["content"]["parts"] == [{"text": "a"}]


# --- tools ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "arguments"), [({}, "{}"), ({"args": {}}, "{}"), ({"args": {"a": 1}}, '{"a":1}')])
def test_trap_37_calls_without_arguments_have_an_empty_object(given: dict[str, Any], arguments: str) -> None:
    found, _ = crossed(answer(call("f", **given)), "gemini", "openai", "chat.response")
    assert json.loads(found["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]) == json.loads(arguments)


def test_trap_38_calls_of_one_step_are_counted_over_all_chunks() -> None:
    first = {"candidates": [{"content": {"role": "model", "parts": [call("f", args={"n": 1})]}, "index": 0}]}
    found = chunks(first, answer(call("f", args={"n": 2})))
    calls = [one for chunk in found for one in chunk["choices"][0]["delta"].get("tool_calls", ())]
    opened = [one for one in calls if "id" in one]
    assert [one["index"] for one in opened] == [0, 1]
    assert len({one["id"] for one in opened}) == 2


def test_trap_41_the_whole_stream_decides_that_tools_are_called() -> None:
    first = {"candidates": [{"content": {"role": "model", "parts": [call("f", args={})]}, "index": 0}]}
    assert chunks(first, answer({"text": ""}))[-1]["choices"][0]["finish_reason"] == "tool_calls"
    run = {"executableCode": {"language": "PYTHON", "code": "1"}}
    assert chunks(answer(run, {"text": "one"}))[-1]["choices"][0]["finish_reason"] == "stop"


def test_trap_42_every_candidate_has_its_own_counters() -> None:
    parts = [
        {"content": {"role": "model", "parts": [call("f", args={})]}, "finishReason": "STOP", "index": n}
        for n in (0, 1)
    ]
    found = chunks({"candidates": parts, "responseId": "r1"})
    for index in (0, 1):
        mine = [one for chunk in found for one in chunk["choices"] if one["index"] == index]
        assert [one["delta"]["role"] for one in mine if "role" in one["delta"]] == ["assistant"]
        assert [one["index"] for chunk in mine for one in chunk["delta"].get("tool_calls", ()) if "id" in one] == [0]
        assert [one["finish_reason"] for one in mine if one["finish_reason"]] == ["tool_calls"]


def test_trap_43_ids_are_short_and_made_in_the_same_way_each_time() -> None:
    body = answer(call("f", args={}), call("f", args={}))
    ids = [
        [
            one["id"]
            for one in crossed(body, "gemini", "openai", "chat.response")[0]["choices"][0]["message"]["tool_calls"]
        ]
        for _ in range(2)
    ]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
    assert max(map(len, ids[0])) <= 40


def test_trap_45_schemas_pass_as_they_are() -> None:
    declared = to_gemini(tools=[TOOL])["tools"][0]["functionDeclarations"]
    assert declared == [{"name": "f", "parametersJsonSchema": SCHEMA}]


def test_trap_46_a_function_without_parameters_is_declared_without() -> None:
    declared = to_gemini(tools=[{"type": "function", "function": {"name": "f"}}])["tools"][0]["functionDeclarations"]
    assert declared == [{"name": "f"}]


@pytest.mark.parametrize(
    ("schema", "gone"),
    [
        ({"type": "integer", "enum": [1, 2]}, "enum"),  # trap 47: enums are texts
        ({"type": "string", "enum": ["", "a"]}, None),
        ({"type": "object", "properties": {}, "additionalProperties": False}, "additionalProperties"),  # trap 49
    ],
)
def test_traps_47_and_49_what_googles_own_schema_cannot_say_is_said(schema: dict[str, Any], gone: str | None) -> None:
    codec = mp.codecs()["gemini"].dialects
    assert codec is not None
    whole = {"type": "object", "properties": {"p": schema}}
    body = {"model": MODEL, "messages": [{"role": "user", "content": "a"}]}
    body["tools"] = [{"type": "function", "function": {"name": "f", "parameters": whole}}]
    done = mp.convert(
        json.dumps(body).encode(), source="openai", target=codec.of({"schema": "openapi"}), kind="chat.request"
    )
    found = json.loads(done.body)["tools"][0]["functionDeclarations"][0]["parameters"]["properties"]["p"]
    assert all(isinstance(one, str) and one for one in found.get("enum", ()))
    assert "additionalProperties" not in found
    assert any(loss.path.endswith(f".{gone}") or f".{gone}[" in loss.path for loss in done.losses) == (gone is not None)


def test_trap_48_a_schema_of_alternatives_holds_nothing_else() -> None:
    codec = mp.codecs()["gemini"].dialects
    assert codec is not None
    either = {"description": "d", "anyOf": [{"type": "string"}, {"type": "integer"}]}
    whole = {"type": "object", "properties": {"p": either}}
    body = {"model": MODEL, "messages": [{"role": "user", "content": "a"}]}
    body["tools"] = [{"type": "function", "function": {"name": "f", "parameters": whole}}]
    done = mp.convert(
        json.dumps(body).encode(), source="openai", target=codec.of({"schema": "openapi"}), kind="chat.request"
    )
    found = json.loads(done.body)["tools"][0]["functionDeclarations"][0]["parameters"]["properties"]["p"]
    assert [one["type"].lower() for one in found["anyOf"]] == ["string", "integer"]
    assert set(found) <= {"anyOf", "description"}


def test_trap_50_no_tools_may_be_called_but_they_are_there() -> None:
    found = to_gemini(tools=[TOOL], tool_choice="none")
    assert found["tools"]
    assert found["toolConfig"] == {"functionCallingConfig": {"mode": "NONE"}}
    allowed = {
        "type": "allowed_tools",
        "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]},
    }
    calling = to_gemini(tools=[TOOL], tool_choice=allowed)["toolConfig"]["functionCallingConfig"]
    assert calling == {"mode": "VALIDATED", "allowedFunctionNames": ["f"]}


def test_trap_52_a_call_need_not_come_last() -> None:
    found, _ = crossed(answer(call("f", args={}), {"text": "after"}), "gemini", "openai", "chat.response")
    message = found["choices"][0]["message"]
    assert (message["content"], len(message["tool_calls"]), found["choices"][0]["finish_reason"]) == (
        "after",
        1,
        "tool_calls",
    )


# --- answers --------------------------------------------------------------------------------------------------------


def test_trap_64_thinking_may_leave_no_room_for_an_answer() -> None:
    body: dict[str, Any] = {"candidates": [{"finishReason": "MAX_TOKENS", "index": 0}], "responseId": "r1"}
    body["usageMetadata"] = {"promptTokenCount": 3, "thoughtsTokenCount": 50, "totalTokenCount": 53}
    found, _ = crossed(body, "gemini", "openai", "chat.response")
    assert (found["choices"][0]["message"]["content"], found["choices"][0]["finish_reason"]) == (None, "length")
    assert found["usage"]["completion_tokens"] == 50


def test_trap_71_an_answer_that_goes_on_has_not_stopped() -> None:
    found, _ = crossed(answer({"text": "a"}, finishReason="CONTINUATION"), "gemini", "openai", "chat.response")
    assert found["choices"][0]["finish_reason"] == "length"
    assert found["choices"][0]["native_finish_reason"] == "CONTINUATION"


def test_trap_72_a_malformed_call_is_no_success() -> None:
    body = {"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "m", "index": 0}]}
    done = mp.convert(json.dumps(body).encode(), source="gemini", target="openai", kind="chat.response")
    assert done.status == 502
    assert json.loads(done.body)["error"]["message"] == "m"


def test_trap_73_usage_comes_once_and_only_where_it_was_asked_for() -> None:
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 1, "totalTokenCount": 4}
    first = {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "a"}]}, "index": 0}],
        "usageMetadata": usage,
    }
    last = {**answer({"text": "b"}), "usageMetadata": {**usage, "candidatesTokenCount": 2, "totalTokenCount": 5}}
    assert not any(one.get("usage") or not one["choices"] for one in chunks(first, last))
    asked = chunks(first, last, usage=True)
    assert (asked[-1]["choices"], asked[-1]["usage"]["completion_tokens"]) == ([], 2)
    assert not any(one.get("usage") for one in asked[:-1])


def test_trap_79_all_chunks_have_one_id_and_one_time() -> None:
    first = {"candidates": [{"content": {"role": "model", "parts": [{"text": "a"}]}, "index": 0}]}
    assert len({(one["id"], one["created"], one["model"]) for one in chunks(first, answer({"text": "b"}))}) == 1


def test_trap_80_the_first_delta_names_the_role() -> None:
    first, *rest = chunks(answer({"text": "a"}))
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": "a"}
    assert not any("role" in one["choices"][0]["delta"] for one in rest)


def test_trap_81_candidates_come_in_any_order() -> None:
    def said(*texts: tuple[int, str], **members: Any) -> dict[str, Any]:
        found = [{"content": {"role": "model", "parts": [{"text": text}]}, "index": n, **members} for n, text in texts]
        return {"candidates": found, "responseId": "r1"}

    found = chunks(said((1, "c"), (0, "a")), said((0, "b")), said((1, "d"), (0, "."), finishReason="STOP"))
    texts: dict[int, str] = {}
    for one in [one for chunk in found for one in chunk["choices"]]:
        texts[one["index"]] = texts.get(one["index"], "") + one["delta"].get("content", "")
    assert texts == {0: "ab.", 1: "cd"}
    assert sum(one["finish_reason"] is not None for chunk in found for one in chunk["choices"]) == 2
