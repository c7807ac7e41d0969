"""What the simulated OpenAI refuses, in its words."""

from typing import Any

import msgspec
import pytest

from metaphrase.testing.objection import Objection
from metaphrase.testing.strict_openai import objection
from tests.laws import corpus

CHAT = "/v1/chat/completions"
HELLO = {"role": "user", "content": "hello"}


def ask(request: Any, target: str = CHAT, *, extensions: bool = True) -> Objection | None:
    return objection(target, msgspec.json.encode(request), extensions=extensions)


def chat(**members: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": [HELLO], **members}


def turns(*messages: Any) -> dict[str, Any]:
    return chat(messages=[HELLO, *messages])


def call(*ids: str, name: str = "f", arguments: object = "{}") -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"role": "assistant", "tool_calls": [{"id": id_, "type": "function", "function": function} for id_ in ids]}


def result(id_: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": id_, "content": "x"}


@pytest.mark.parametrize(
    "request_",
    [
        chat(),
        chat(temperature=2, top_p=0.5, presence_penalty=-2, frequency_penalty=None, stop=["a"] * 4),
        chat(tools=[{"type": "function", "function": {"name": "f-1_A"}}, {"function": {"name": "g"}}]),
        chat(tools=[{"type": "custom", "custom": {"name": "c"}}]),
        turns({"role": "assistant", "content": ""}, {"role": "developer", "content": "x"}),
        turns({"role": "assistant", "refusal": "no"}),
        turns({"role": "assistant", "content": []}),
        turns(call("a", "b"), result("b"), result("a"), HELLO),
        turns({"role": "assistant", "tool_calls": [{"id": "a", "type": "custom", "custom": {}}]}, result("a")),
        chat(top_k=3),
    ],
)
def test_what_passes(request_: dict[str, Any]) -> None:
    assert ask(request_) is None


@pytest.mark.parametrize(
    ("request_", "code", "complaint"),
    [
        ({"messages": [HELLO]}, None, "you must provide a model parameter"),
        (chat(model=""), None, "you must provide a model parameter"),
        (chat(contents=[]), None, "Unrecognized request argument supplied: contents"),
        ({"model": "m"}, "missing_required_parameter", "Missing required parameter: 'messages'."),
        (chat(messages="hello"), "missing_required_parameter", "messages"),
        (chat(messages=[]), "empty_array", "Invalid 'messages': empty array."),
        (chat(temperature=99.0), "decimal_above_max_value", "Expected a value <= 2, but got 99.0 instead."),
        (chat(top_p=-1), "decimal_below_min_value", "Expected a value >= 0, but got -1 instead."),
        (chat(temperature="1"), "invalid_type", "Invalid type for 'temperature'"),
        (chat(temperature=True), "invalid_type", "Invalid type for 'temperature'"),
        (chat(stop=["a"] * 5), "array_above_max_length", "Invalid 'stop': array too long."),
        (chat(tools=[{"type": "function"}]), "missing_required_parameter", "tools[0].function.name"),
        (chat(tools=["f"]), "missing_required_parameter", "tools[0].function.name"),
        (chat(tools=[{"function": {"name": "a.b"}}]), "invalid_value", "does not match pattern"),
        (chat(tools=[{"function": {"name": "a" * 65}}]), "string_above_max_length", "got a string with length 65"),
        (turns({"role": "model", "content": "x"}), "invalid_value", "Supported values are: 'system', 'assistant'"),
        (turns("hello"), "invalid_value", "Supported values are"),
        (turns({"role": "user", "content": None}), None, "expected a string, got null"),
        (turns({"role": "assistant", "content": None}), None, "expected a string, got null"),
        (turns({"role": "user", "content": []}), "empty_array", "messages[1].content"),
        (turns(call("")), "missing_required_parameter", "messages[1].tool_calls[0].id"),
        (turns(call("a" * 41)), "string_above_max_length", "Expected a string with maximum length 40"),
        (turns(call("a", name="a:b")), "invalid_value", "messages[1].tool_calls[0].function.name"),
        (turns(call("a", arguments={})), "invalid_type", "function.arguments': expected a string"),
        (turns({"role": "assistant", "tool_calls": "x", "content": "x"}), "invalid_type", "an array of objects"),
        (turns({"role": "assistant", "tool_calls": ["x"]}), "invalid_type", "an array of objects"),
        (turns(call("a", "b"), result("a"), HELLO), None, "did not have response messages: b"),
        (turns(call("a")), None, "did not have response messages: a"),
        (turns(result("a")), None, "must be a response to a preceeding message with 'tool_calls'."),
        (turns(call("a"), result("a"), result("a")), None, "must be a response to a preceeding message"),
    ],
)
def test_what_does_not_pass(request_: dict[str, Any], code: str | None, complaint: str) -> None:
    found = ask(request_)
    assert found is not None
    assert complaint in found.message
    assert (found.status, found.body["error"]["code"]) == (400, code)
    assert found.body["error"]["type"] == "invalid_request_error"


def test_extensions_of_other_servers_may_be_refused() -> None:
    found = ask(chat(top_k=3), extensions=False)
    assert found is not None
    assert found.message == "Unrecognized request argument supplied: top_k"


@pytest.mark.parametrize("input_", ["x", ["x", "y"], [[1, 2]]])
def test_embeddings_that_pass(input_: object) -> None:
    assert ask({"model": "e", "input": input_}, "/v1/embeddings") is None


@pytest.mark.parametrize("input_", ["", [], ["x", ""], None])
def test_embeddings_of_nothing(input_: object) -> None:
    assert ask({"model": "e", "input": input_}, "/v1/embeddings") is not None


@pytest.mark.parametrize(
    ("target", "body", "status"),
    [
        ("/v1/models/x:generateContent", b"{}", 404),
        (CHAT, b"{", 400),
        (CHAT, b"\xff", 400),
        (CHAT, b"[]", 400),
        (CHAT, b"[" * 5000, 400),
    ],
)
def test_what_is_no_request(target: str, body: bytes, status: int) -> None:
    found = objection(target, body)
    assert found is not None
    assert found.status == status


@pytest.mark.skipif(not corpus.present(), reason=corpus.ABSENT)
def test_every_recorded_request_that_the_server_took_passes() -> None:
    from tests.testing.recorded import recorded

    taken = [one for one in recorded("openai") if one["status"] == 200]
    assert len(taken) > 900
    refused = {
        one["id"]: found.message
        for one in taken
        if (found := objection(one["path"], corpus.encode(one["request_body"]))) is not None
    }
    assert refused == {}


@pytest.mark.skipif(not corpus.present(), reason=corpus.ABSENT)
def test_what_it_refuses_the_server_refused_in_the_same_words() -> None:
    from tests.testing.recorded import recorded

    same = 0
    for one in recorded("openai"):
        found = objection(one["path"], corpus.encode(one["request_body"]))
        if found is not None:
            assert 400 <= one["status"] < 500
            same += found.body == one["response_body"]
    assert same >= 2
