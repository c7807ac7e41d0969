"""Token counts in both protocols and between them."""

from typing import Any

import pytest
from msgspec.structs import replace

import metaphrase as mp
from metaphrase import ir
from metaphrase.loss import Report
from tests.operations import CODECS, again, convert, encode, lost, to

ASK, ANSWER = "tokens.request", "tokens.response"
PATH = "/v1beta/models/m:countTokens"
CONTENTS = [{"role": "user", "parts": [{"text": "hi"}]}]
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def test_contents_alone() -> None:
    body, losses = to("openai", ASK, {"contents": CONTENTS}, path=PATH)
    assert body == {
        "model": "m",
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}],
    }
    assert losses == ()
    done = convert(encode(body), "openai", "gemini", ASK)
    assert (done.path, decode(done.body)) == (PATH, {"contents": CONTENTS})
    assert convert(encode({"contents": CONTENTS}), "gemini", "openai", ASK).path == "/v1/responses/input_tokens"


def test_a_whole_request_is_wrapped() -> None:
    value = {"model": "m", "instructions": "be kind", "input": "hi"}
    body, losses = to("gemini", ASK, value)
    inner = body["generateContentRequest"]
    assert inner["model"] == "models/m"
    assert inner["systemInstruction"]["parts"] == [{"text": "be kind"}]
    assert inner["contents"] == CONTENTS
    assert losses == ()


def test_a_wrapped_request_is_unwrapped_and_losses_name_its_own_paths() -> None:
    wrapped = {"model": "models/m", "contents": CONTENTS, "generationConfig": {"max_output_tokens": 5}, "odd": 1}
    value = {"generateContentRequest": wrapped, "contents": [], "extra": 2}
    body, losses = to("openai", ASK, value, path=PATH)
    assert body["model"] == "m"
    at = "$.generateContentRequest."
    assert lost(losses) == {
        ("dropped", at + "generationConfig.max_output_tokens"), ("dropped", at + "odd"), ("dropped", "$.extra"),
        ("dropped", "$.contents"),
    }  # fmt: skip
    assert again("gemini", ASK, value, path=PATH) == value
    assert to("openai", ASK, value)[0]["model"] == "m"


@pytest.mark.parametrize("named", [{}, {"model": None}])
def test_a_wrapped_request_that_names_no_model(named: dict[str, Any]) -> None:
    body, _ = to("openai", ASK, {"generate_content_request": {"contents": CONTENTS} | named})
    assert "model" not in body
    assert again("gemini", ASK, {"generateContentRequest": None, "contents": CONTENTS})["contents"] == CONTENTS


def test_vertex_puts_everything_at_the_top() -> None:
    value = {
        "contents": CONTENTS,
        "systemInstruction": {"parts": [{"text": "s"}]},
        "tools": [
            {"functionDeclarations": [{"name": "f", "description": "d", "parametersJsonSchema": SCHEMA}]},
            {"googleSearch": {}},
        ],
    }
    body, losses = to("openai", ASK, value, path="/v1/projects/p/locations/l/publishers/google/models/m:countTokens")
    assert body["tools"] == [
        {"type": "function", "name": "f", "strict": False, "description": "d", "parameters": SCHEMA}
    ]
    assert body["input"][0] == {
        "type": "message",
        "role": "developer",
        "content": [{"type": "input_text", "text": "s"}],
    }
    assert [(loss.kind, loss.feature) for loss in losses] == [("dropped", "tokens.tool")]


def test_a_chat_request_is_read_as_one() -> None:
    value = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    done = convert(encode(value), "openai", "gemini", ASK)
    assert (done.path, decode(done.body)) == (PATH, {"contents": CONTENTS})
    assert again("openai", ASK, value) == value


TALK: list[dict[str, Any]] = [
    {"role": "user", "content": [
        {"type": "input_text", "text": "look"},
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto"},
        {"type": "input_image", "image_url": "https://x/y.png", "detail": "low"},
        {"type": "input_file", "file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf"},
        {"type": "input_file", "file_url": "https://x/y.pdf"},
    ]},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "calling"}]},
    {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a":"b"}'},
    {"type": "function_call_output", "call_id": "c1", "output": "42"},
    {"type": "message", "role": "system", "content": "late"},
]  # fmt: skip


def test_a_conversation() -> None:
    tool = {"type": "function", "name": "f", "parameters": SCHEMA, "strict": True}
    value = {"model": "m", "input": TALK, "tools": [tool]}
    body, losses = to("gemini", ASK, value)
    contents = body["generateContentRequest"]["contents"]
    parts = [key for content in contents for part in content["parts"] for key in part]
    assert {"text", "inlineData", "fileData", "functionCall", "functionResponse"} <= set(parts)
    assert contents[2]["parts"][0]["functionResponse"]["name"] == "f"
    assert "system.position" in {loss.feature for loss in losses}
    assert again("openai", ASK, value) == value
    back, _ = to("openai", ASK, body, path=PATH)
    assert to("gemini", ASK, {"model": "m", "instructions": "only"})[1] != ()
    kinds = [item["type"] for item in back["input"]]
    assert kinds == ["message", "message", "message", "function_call", "function_call_output"]


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ({"type": "reasoning", "id": "r"}, "Foreign"),
        ({"type": "item_reference"}, "Foreign"),
        ({"role": "critic", "content": "x"}, "Foreign"),
        ({"role": "user"}, "Foreign"),
        ({"type": "function_call", "name": "f"}, "Foreign"),
        ({"type": "function_call", "name": "f", "call_id": "c"}, "ToolCall"),
        ({"type": "function_call_output", "call_id": "c", "output": [1]}, "Foreign"),
        ({"role": "user", "content": [{"type": "input_audio", "x": 1}]}, "Foreign"),
        ({"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}, "Foreign"),
        ({"role": "user", "content": [{"type": "input_file", "filename": "f"}]}, "Foreign"),
        ({"role": "user", "content": [{"text": "x"}]}, "Foreign"),
    ],
)
def test_items_of_other_kinds(item: dict[str, Any], kind: str) -> None:
    chat = read("openai", {"input": [item]}).chat
    assert type(chat.messages[0].parts[0]).__name__ == kind
    assert again("openai", ASK, {"input": [item]}) == {"input": [item]}


def read(name: Any, value: Any, target: str = "") -> ir.TokenRequest:
    codec = CODECS[name].tokens
    assert codec is not None
    return codec.read_request(mp.Request("POST", target, (), encode(value)), Report())


def write(name: Any, tokens: ir.TokenRequest) -> tuple[mp.Request, Report]:
    report = Report()
    codec = CODECS[name].tokens
    assert codec is not None
    return codec.write_request(tokens, report), report


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"input": 5}, "$.input"),
        ({"input": [5]}, "$.input[0]"),
        ({"input": [{"role": "user", "content": 5}]}, "$.input[0].content"),
        ({"input": [{"role": "user", "content": [5]}]}, "$.input[0].content[0]"),
        ({"input": "x", "tools": [{"type": 5}]}, "$.tools[0].type"),
    ],
)
def test_faults_are_named(value: Any, path: str) -> None:
    with pytest.raises(mp.ReadError) as caught:
        to("gemini", ASK, value)
    assert caught.value.path == path


def test_faults_inside_a_wrapped_request_are_named_from_the_root() -> None:
    with pytest.raises(mp.ReadError) as caught:
        to("openai", ASK, {"generateContentRequest": {"contents": [{"parts": [{"text": 5}]}]}})
    assert caught.value.path == "$.generateContentRequest.contents[0].parts[0].text"


def test_tools_without_a_schema_or_of_another_kind() -> None:
    value = {
        "input": "x",
        "tools": [
            {"type": "function", "name": "f"},
            {"type": "web_search", "x": 1},
            {"type": "function", "name": "g", "parameters": None},
        ],
    }
    tools = read("openai", value).chat.tools
    assert isinstance(tools, tuple)
    assert [type(tool).__name__ for tool in tools] == ["Function", "Builtin", "Function"]
    odd = {
        "input": "x",
        "tools": [{"type": "function", "name": "f", "parameters": 5, "description": "d", "defer": True}],
    }
    _, losses = to("gemini", ASK, odd)
    assert {("dropped", "$.tools[0].parameters"), ("dropped", "$.tools[0].defer")} <= lost(losses)


def test_the_model_may_be_changed() -> None:
    """As a gateway does: it names its upstream's model and leaves the address to the codec."""

    def renamed(tokens: ir.TokenRequest, model: str | None) -> ir.TokenRequest:
        return replace(tokens, chat=replace(tokens.chat, model=model, target=""), target="")

    for value in (
        {"contents": CONTENTS},
        {"generateContentRequest": {"contents": CONTENTS, "model": "models/m"}},
        {"generate_content_request": {"contents": CONTENTS, "model": "models/m"}},
    ):
        out, _ = write("gemini", renamed(read("gemini", value, PATH), "n"))
        assert out.target == "/v1beta/models/n:countTokens"
        assert b"models/m" not in out.body
        out, _ = write("gemini", renamed(read("gemini", value, PATH), "m"))
        assert out.target == PATH
    assert write("gemini", renamed(read("gemini", {"contents": CONTENTS}), None))[0].target == ""
    for asked in (
        {"model": "m", "input": "x", "truncation": "auto"},
        {"model": "m", "messages": [{"role": "user", "content": "x"}]},
    ):
        out, _ = write("openai", renamed(read("openai", asked), "n"))
        assert out.body == encode(asked | {"model": "n"})
        assert write("openai", renamed(read("openai", asked), "m"))[0].body == encode(asked)


def test_a_request_that_was_changed_is_written_anew() -> None:
    tokens = read("gemini", {"contents": CONTENTS}, PATH)
    out, _ = write("gemini", replace(tokens, chat=replace(tokens.chat, messages=())))
    assert b"hi" not in out.body
    tokens = read("openai", {"model": "m", "input": "x"})
    out, _ = write("openai", replace(tokens, chat=replace(tokens.chat, messages=())))
    assert out.body == b'{"input":[],"model":"m"}'


def test_a_request_made_by_hand() -> None:
    parts = (
        ir.Text("a"),
        ir.Thinking("t"),
        ir.Media("image", ir.FileId("f", "openai")),
        ir.Media("document", ir.Inline.of("AAAA"), "application/pdf"),
        ir.Media("audio", ir.Inline.of("AAAA"), "audio/wav"),
        ir.ToolResult("c", "f", ir_raw('{"a":1}'), (ir.Text("more"), ir.Media("image", ir.Uri("u")))),
        ir.ToolResult("d", "f", None, (ir.Text("more"),)),
        ir.Refusal("no"),
    )
    answered = (ir.Text("b"), ir.Media("image", ir.Uri("u")), ir.ToolCall("c", "f", "{}"), ir.Text("after"))
    chat = ir.ChatRequest(
        (ir.Message("user", parts), ir.Message("model", answered)),
        sampling=ir.Sampling(temperature=1, seed=2),
        tools=(ir.Function("f"), ir.Custom("g")),
        parallel_tool_calls=False,
        thinking=ir.ThinkingSetting(effort="low"),
    )
    out, report = write("openai", ir.TokenRequest(chat))
    assert [item["type"] for item in decode(out.body)["input"]] == [
        "message", "function_call_output", "function_call_output", "message", "message", "function_call", "message",
    ]  # fmt: skip
    features = {loss.feature for loss in report.losses}
    assert {
        "tokens.part",
        "tokens.tool",
        "tokens.sampling.temperature",
        "tokens.sampling.seed",
        "tokens.thinking",
    } <= features
    assert "tokens.parallel_tool_calls" in features
    out, _ = write("gemini", ir.TokenRequest(replace(chat, messages=(), tools=mp.ir.ChatRequest(()).tools)))
    assert out.target == ""
    assert b'"model"' not in out.body


def decode(body: bytes) -> Any:
    import msgspec

    return msgspec.json.decode(body)


def ir_raw(text: str) -> Any:
    from msgspec import Raw

    return Raw(text.encode())


def test_counts_each_way() -> None:
    details = [{"modality": "TEXT", "tokenCount": 5}]
    body, losses = to("openai", ANSWER, {"totalTokens": 5, "promptTokensDetails": details})
    assert body == {"object": "response.input_tokens", "input_tokens": 5}
    assert losses == ()
    body, losses = to("gemini", ANSWER, body)
    assert (body, losses) == ({"totalTokens": 5}, ())


def test_what_a_count_of_openai_cannot_say() -> None:
    value = {
        "totalTokens": 9,
        "cachedContentTokenCount": 4,
        "promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 9}],
        "cacheTokensDetails": [1],
    }
    _, losses = to("openai", ANSWER, value)
    assert lost(losses) == {
        ("dropped", "$.cachedContentTokenCount"), ("dropped", "$.promptTokensDetails"),
        ("dropped", "$.cacheTokensDetails"),
    }  # fmt: skip
    assert again("gemini", ANSWER, value) == value


@pytest.mark.parametrize(
    "value", [{}, {"totalTokens": 0}, {"promptTokensDetails": [{"modality": 1, "x": 2}, {}]}, {"total_billable": 5}]
)
def test_gemini_counts_stay_as_they_are(value: Any) -> None:
    assert again("gemini", ANSWER, value) == value


def test_snake_case_is_named_as_it_stood() -> None:
    _, losses = to("openai", ANSWER, {"total_tokens": 5, "cached_content_token_count": 2})
    assert lost(losses) == {("dropped", "$.cached_content_token_count")}


@pytest.mark.parametrize(
    "value",
    [{}, {"object": "count", "input_tokens": 5}, {"object": "response.input_tokens"}, {"input_tokens": 5, "x": 1}],
)
def test_openai_counts_stay_as_they_are(value: Any) -> None:
    assert again("openai", ANSWER, value) == value


def test_a_count_that_says_nothing() -> None:
    body, losses = to("openai", ANSWER, {})
    assert body["input_tokens"] == 0
    assert lost(losses) == {("defaulted", "$.input_tokens")}
    assert lost(to("gemini", ANSWER, {"object": "count", "input_tokens": 5})[1]) == {("dropped", "$.object")}
    codec = CODECS["gemini"].tokens
    assert codec is not None
    out = codec.write_response(ir.TokenCount(2, by=(("text", 2),)), Report())
    assert decode(out.body) == {"totalTokens": 2, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 2}]}
