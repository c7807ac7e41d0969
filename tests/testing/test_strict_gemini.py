"""What the simulated Gemini refuses, in Google's words, and what it takes though it looks wrong."""

from typing import Any

import msgspec
import pytest

from metaphrase.testing.objection import Objection
from metaphrase.testing.strict_gemini import objection
from tests.laws import corpus

CHAT = "/v1beta/models/gemini-2.5-flash:generateContent"
NEW = "/v1beta/models/gemini-3-flash-preview:streamGenerateContent?alt=sse"
OLD = "/v1beta/models/gemini-2.0-flash:generateContent"
VERTEX = "/v1beta1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:generateContent"
HELLO = {"role": "user", "parts": [{"text": "hello"}]}
UNEQUAL = "number of function response parts is equal to the number of function call parts"
NOT_AFTER_CALL = "function response turn comes immediately after a function call turn"


def ask(request: Any, target: str = CHAT) -> Objection | None:
    return objection(target, msgspec.json.encode(request))


def refusal(request: Any, target: str = CHAT) -> str:
    found = ask(request, target)
    assert found is not None
    assert found.status == found.body["error"]["code"]
    return found.message


def chat(**members: Any) -> dict[str, Any]:
    return {"contents": [HELLO], **members}


def turns(*contents: dict[str, Any]) -> dict[str, Any]:
    return {"contents": [HELLO, *contents]}


def call(*names: str, signed: bool = False) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"functionCall": {"name": name, "args": {}}} for name in names]
    if signed:
        parts[0]["thoughtSignature"] = "c2ln"
    return {"role": "model", "parts": parts}


def result(*names: str, text: str | None = None) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"functionResponse": {"name": name, "response": {}}} for name in names]
    return {"role": "user", "parts": [*parts, {"text": text}] if text is not None else parts}


def test_an_unknown_field_in_the_servers_words() -> None:
    found = ask(chat(generationConfig={"max_tokens": 1}))
    assert found is not None
    text = "Invalid JSON payload received. Unknown name \"max_tokens\" at 'generation_config': Cannot find field."
    detail = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": "generation_config", "description": text}],
    }
    error = {"code": 400, "message": text, "status": "INVALID_ARGUMENT", "details": [detail]}
    assert found == Objection(400, {"error": error})


@pytest.mark.parametrize(
    ("request_", "place"),
    [
        (chat(messages=[]), '"messages": Cannot'),
        ({"contents": [{"parts": [{"text": "x", "type": "text"}]}]}, "\"type\" at 'contents[0].parts[0]'"),
        (
            chat(tools=[{"functionDeclarations": [{"name": "f", "parameters": {"properties": {"a": {"not": {}}}}}]}]),
            "\"not\" at 'tools[0].function_declarations[0].parameters.properties[0].value'",
        ),
        (
            chat(tools={"function_declarations": {"name": "f", "parameters": {"additionalProperties": False}}}),
            "\"additionalProperties\" at 'tools[0].function_declarations[0].parameters'",
        ),
        (chat(safetySettings=[{"method": "SEVERITY"}]), "\"method\" at 'safety_settings[0]'"),
        (chat(generation_Config={}), '"generation_Config"'),
    ],
)
def test_unknown_fields_anywhere(request_: dict[str, Any], place: str) -> None:
    assert place in refusal(request_)


def test_vertex_knows_more_fields() -> None:
    request = chat(safetySettings=[{"method": "SEVERITY"}], labels={"a": "b"})
    assert ask(request, VERTEX) is None
    assert "method" in refusal(request)


@pytest.mark.parametrize(
    "config",
    [
        {"temperature": 1},
        {"temperature": "0.5"},
        {"topK": 3.0},
        {"topK": "3"},
        {"seed": None},
        {"thinkingConfig": {"includeThoughts": True, "thinking_budget": -1}},
        {"thinkingConfig": {"thinkingLevel": "low"}},
        {"responseSchema": {"type": "object", "minItems": "3", "properties": {"a": {"type": 6}}}},
        {"responseJsonSchema": {"anything": [{"goes": None}]}},
        {"responseModalities": ["TEXT", "IMAGE"]},
        {"responseModalities": "TEXT"},
    ],
)
def test_spellings_that_the_server_takes(config: dict[str, Any]) -> None:
    assert ask(chat(generationConfig=config)) is None
    assert ask(chat(generation_config=config)) is None


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"temperature": True}, "'generation_config.temperature' (TYPE_NUMBER), true"),
        ({"temperature": "warm"}, "(TYPE_NUMBER)"),
        ({"topK": 3.5}, "(TYPE_INT32)"),
        ({"maxOutputTokens": "all"}, "(TYPE_INT32)"),
        ({"stopSequences": [1]}, "'generation_config.stop_sequences[0]' (TYPE_STRING)"),
        ({"stopSequences": [None]}, "null is no element"),
        ({"responseLogprobs": "yes"}, "(TYPE_BOOL)"),
        ({"thinkingConfig": []}, "Invalid value"),
        ({"thinkingConfig": "none"}, "a message was expected"),
        ({"thinkingConfig": {"thinkingLevel": "EXTREME"}}, "ThinkingConfig.thinkingLevel"),
        ({"responseModalities": [["TEXT"]]}, "GenerationConfig.responseModalities"),
        ({"topK": 1, "top_k": 2}, "already set"),
        ({"thinkingConfig": {"thinkingBudget": 1, "thinkingLevel": "LOW"}}, "only one of thinking budget"),
    ],
)
def test_values_that_the_server_refuses(config: dict[str, Any], complaint: str) -> None:
    assert complaint in refusal(chat(generationConfig=config))


def test_objects_are_objects() -> None:
    part = {"functionCall": {"name": "f", "args": "{}"}}
    assert "(TYPE_OBJECT)" in refusal(turns({"role": "model", "parts": [part]}))
    assert "Invalid value" in refusal(chat(tools=[{"functionDeclarations": [{"parameters": {"properties": 1}}]}]))


@pytest.mark.parametrize("data", ["aGk=", "aGk", "-_-_", ""])
def test_both_alphabets_of_base64_pass(data: str) -> None:
    assert ask({"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": data}}]}]}) is None


@pytest.mark.parametrize("data", ["data:image/png;base64,aGk=", "a b", "a=b", 1])
def test_what_is_no_base64(data: object) -> None:
    assert "inline_data.data" in refusal({"contents": [{"parts": [{"inlineData": {"data": data}}]}]})


@pytest.mark.parametrize("contents", [[], None])
def test_contents_must_not_be_empty(contents: object) -> None:
    assert refusal({"contents": contents}) == "* GenerateContentRequest.contents: contents is not specified\n"


@pytest.mark.parametrize("content", [{"role": "user"}, {"role": "user", "parts": []}, {"parts": None}])
def test_parts_must_not_be_empty(content: dict[str, Any]) -> None:
    assert refusal(turns(content)) == "* GenerateContentRequest.contents[1].parts: contents.parts must not be empty.\n"


@pytest.mark.parametrize("part", [{}, {"thought": True}, {"text": None}])
def test_a_part_must_say_something(part: dict[str, Any]) -> None:
    complaint = "required oneof field 'data' must have one initialized field"
    assert complaint in refusal({"contents": [{"parts": [part]}]})
    assert "system_instruction" in refusal(chat(systemInstruction={"parts": [part]}))


@pytest.mark.parametrize("part", [{"text": ""}, {"thoughtSignature": "c2ln"}, {"text": "x", "thought": False}])
def test_parts_that_say_little(part: dict[str, Any]) -> None:
    assert ask({"contents": [{"parts": [part]}]}) is None
    assert ask({"contents": {"parts": part}}) is None


def test_a_part_says_one_thing() -> None:
    assert "already set" in refusal({"contents": [{"parts": [{"text": "x", "fileData": {"fileUri": "gs://x"}}]}]})


@pytest.mark.parametrize("role", ["function", "assistant", "system", "tool", ""])
def test_roles_that_the_server_refuses(role: str) -> None:
    assert refusal(turns({"role": role, "parts": [{"text": "x"}]})) == "Please use a valid role: user, model."


def test_neighbours_of_one_role_pass() -> None:
    assert ask(turns(HELLO, HELLO, {"role": "MODEL", "parts": [{"text": "x"}]}, {"parts": [{"text": "y"}]})) is None


@pytest.mark.parametrize("name", ["", None, "1st", "-x", "a b", "a" * 129, "ü"])
def test_names_of_functions(name: object) -> None:
    assert "Invalid function name" in refusal(chat(tools=[{"functionDeclarations": [{"name": name}]}]))


@pytest.mark.parametrize("name", ["f", "_f", "a.b:c-d", "a" * 128])
def test_names_that_pass(name: str) -> None:
    assert (
        ask(chat(tools=[{"functionDeclarations": [{"name": name}]}, {"functionDeclarations": [{"name": "g"}]}])) is None
    )


def test_declarations_that_contradict_themselves() -> None:
    twice = [{"functionDeclarations": [{"name": "f"}]}, {"functionDeclarations": [{"name": "f"}]}]
    assert refusal(chat(tools=twice)) == "Duplicate function declaration found: f"
    both = {"name": "f", "parameters": {"type": "OBJECT"}, "parametersJsonSchema": {}}
    assert "only one of" in refusal(chat(tools=[{"functionDeclarations": [both]}]))


def test_calls_and_results_have_names() -> None:
    nameless = {"role": "model", "parts": [{"functionCall": {"args": {}}}]}
    assert "contents[1].parts[0].function_call.name: Name cannot be empty" in refusal(turns(nameless))
    nameless = {"role": "user", "parts": [{"functionResponse": {"response": {}}}]}
    assert "function_response.name" in refusal(turns(call("f"), nameless))


@pytest.mark.parametrize(
    "contents",
    [
        [call("f"), result("f")],
        [call("f", "g"), result("f", "g")],
        [call("f", "g"), result("f"), result("g")],
        [call("f"), call("g"), result("f"), result("g")],
        [call("f"), result("f"), call("g"), result("g")],
        [call("f"), result("f", text="and?")],
        [call("f"), result("f"), HELLO],
        [call("f")],
        [{"role": "model", "parts": [*call("f")["parts"], *result("f")["parts"]]}, HELLO],
    ],
)
def test_calls_and_results_that_pair(contents: list[dict[str, Any]]) -> None:
    assert ask(turns(*contents)) is None


@pytest.mark.parametrize(
    ("contents", "complaint"),
    [
        ([call("f", "g"), result("f")], UNEQUAL),
        ([call("f"), result("f", "f")], UNEQUAL),
        ([call("f"), HELLO], UNEQUAL),
        ([call("f", "g"), result("f"), call("g")], UNEQUAL),
        ([result("f")], NOT_AFTER_CALL),
        ([{"role": "model", "parts": [{"text": "x"}]}, result("f")], NOT_AFTER_CALL),
        ([call("f"), HELLO, result("f")], NOT_AFTER_CALL),
    ],
)
def test_trap_19_calls_and_results_that_do_not_pair(contents: list[dict[str, Any]], complaint: str) -> None:
    assert complaint in refusal(turns(*contents))


def test_a_call_does_not_come_first() -> None:
    assert "function call turn comes immediately after a user turn" in refusal({"contents": [call("f")]})


def test_calls_without_results_passed_until_gemini_2_0() -> None:
    assert ask(turns(call("f"), HELLO), OLD) is None
    assert UNEQUAL in refusal(turns(call("f", "g"), result("f")), OLD)


@pytest.mark.parametrize(
    "contents",
    [
        [call("f", signed=True), result("f")],
        [call("f", "g", signed=True), result("f", "g")],
        [call("f", signed=True), result("f"), call("g", signed=True), result("g")],
        [call("f"), result("f"), HELLO],
        [call("f"), result("f", text="and?")],
        [call("f"), result("f"), HELLO, call("g", signed=True), result("g")],
    ],
)
def test_trap_55_signed_steps_of_the_current_turn(contents: list[dict[str, Any]]) -> None:
    assert ask(turns(*contents), NEW) is None


@pytest.mark.parametrize(
    ("contents", "position"),
    [
        ([call("f"), result("f")], 2),
        ([call("f", signed=True), result("f"), call("f"), result("f")], 4),
        ([call("g", signed=True), result("g"), HELLO, call("f"), result("f")], 5),
    ],
)
def test_trap_55_a_step_without_a_signature(contents: list[dict[str, Any]], position: int) -> None:
    message = refusal(turns(*contents), NEW)
    assert message.startswith("Function call is missing a thought_signature in functionCall parts.")
    assert f"function call `default_api:f` , position {position}." in message
    assert ask(turns(*contents), CHAT) is None
    assert ask(turns(*contents), NEW.replace("preview", "image")) is None


def test_a_history_of_results_only_has_no_turn() -> None:
    assert refusal({"contents": [result("f"), call("f")]}, NEW) != ""


@pytest.mark.parametrize(
    ("target", "body", "status"),
    [
        ("/v1beta/models/x:sing", b"{}", 404),
        ("/v1/chat/completions", b"{}", 404),
        ("/v1beta/models/a/b:generateContent", b"{}", 404),
        (CHAT, b"{", 400),
        (CHAT, b"\xff", 400),
        (CHAT, b"[" * 5000, 400),
        (CHAT, b"[]", 400),
        (CHAT, b"null", 400),
    ],
)
def test_what_is_no_request(target: str, body: bytes, status: int) -> None:
    found = objection(target, body)
    assert found is not None
    assert found.status == status


def test_other_operations() -> None:
    target = "/v1beta/models/e:embedContent"
    assert ask({"content": {"parts": [{"text": "x"}]}}, target) is None
    assert ask({}, target) is not None
    assert "input" in refusal({"input": "x"}, target)
    assert ask({"contents": [HELLO]}, "/v1beta/models/e:countTokens") is None
    requests = [{"model": "models/e", "content": {"parts": [{"text": "x"}]}}]
    assert ask({"requests": requests}, "/v1beta/models/e:batchEmbedContents") is None


@pytest.mark.skipif(not corpus.present(), reason=corpus.ABSENT)
def test_every_recorded_request_that_the_server_took_passes() -> None:
    from tests.testing.recorded import recorded

    taken = [one for one in recorded("gemini") if one["status"] == 200]
    assert len(taken) > 900
    refused = {
        one["id"]: found.message
        for one in taken
        if (found := objection(one["path"], corpus.encode(one["request_body"]))) is not None
    }
    assert refused == {}
