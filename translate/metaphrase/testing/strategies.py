"""Hypothesis strategies for the intermediate representation: every node, in conversations that make sense.

Each is a function that returns a strategy, so that a test names the variety that it wants.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from metaphrase import ir
from metaphrase.fold import unfold

Strategy = st.SearchStrategy[Any]


@cache
def texts() -> st.SearchStrategy[str]:
    """Text as models and people write it, with the characters that break careless code."""
    awkward = ["", " ", "\n", "\r\n", "\u2028", "data: [DONE]", "</thought>", "🙂🙂 a", '"\\', "{}"]
    plain = st.text('ab é数据🙂"\\\n\u2028\0<', max_size=8)
    return plain | st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(awkward)


@cache
def names() -> st.SearchStrategy[str]:
    """Tool names that every protocol allows."""
    return st.text("abcxyz_019", max_size=8).map("f".__add__)


def mappings(keys: st.SearchStrategy[str], values: Strategy, most: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of few members. (Hypothesis' own dictionaries put their whole repr together for each key drawn twice.)"""
    return st.lists(st.tuples(keys, values), max_size=most).map(dict[str, Any])


@cache
def json_values() -> Strategy:
    """Any JSON value of modest size."""
    numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False, width=32)
    leaf = st.none() | st.booleans() | numbers | texts()
    few = st.lists(leaf, max_size=2) | mappings(texts(), leaf)
    return leaf | few | mappings(texts(), few)


@cache
def json_objects() -> st.SearchStrategy[str]:
    """A JSON object as text, compact or with spaces."""
    objects = mappings(texts(), json_values(), 3)
    return st.builds(_dump, objects, st.booleans())


def _dump(value: object, spaced: bool) -> str:
    return json.dumps(value, ensure_ascii=False, separators=None if spaced else (",", ":"))


def raw_objects() -> st.SearchStrategy[Raw]:
    """A JSON object, verbatim."""
    return json_objects().map(lambda text: Raw(text.encode()))


# --- parts ---------------------------------------------------------------------------------------------------


@cache
def signatures() -> st.SearchStrategy[ir.Opaque | None]:
    """No state, or a thought signature of Gemini's."""
    some = st.binary(min_size=3, max_size=30).map(lambda raw: ir.Opaque("gemini", _base64(raw)))
    return st.none() | some


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()


@cache
def media() -> st.SearchStrategy[ir.Media]:
    """Images, sounds, videos and documents: inline, at an address, or stored by a provider."""
    inline = st.binary(min_size=1, max_size=40).map(lambda raw: ir.Inline.of(_base64(raw)))
    kinds: st.SearchStrategy[tuple[Any, str]] = st.sampled_from(
        [
            ("image", "image/png"),
            ("image", "image/jpeg"),
            ("audio", "audio/wav"),
            ("video", "video/mp4"),
            ("document", "application/pdf"),
            ("other", "application/x-odd"),
        ]
    )
    placed = st.builds(
        _placed,
        kinds,
        inline,
        st.sampled_from([None, "a.pdf"]),
        st.sampled_from([None, "low", "high"]),
    )
    remote = st.sampled_from(["https://example.org/a.png", "https://example.org/b.jpeg"])
    stored = st.just(ir.Media("document", ir.FileId("file-abc", "openai"), "application/pdf"))
    clip = st.builds(
        ir.Clip, st.sampled_from([None, "1.5s"]), st.sampled_from([None, "9s"]), st.sampled_from([None, 1])
    )
    video = clip.map(lambda piece: ir.Media("video", ir.Uri("https://example.org/v.mp4"), "video/mp4", clip=piece))
    return placed | remote.map(lambda uri: ir.Media("image", ir.Uri(uri))) | stored | video


def _placed(kind: tuple[Any, str], source: ir.Inline, name: str | None, detail: str | None) -> ir.Media:
    return ir.Media(kind[0], source, kind[1], name, detail)


@cache
def tool_calls() -> st.SearchStrategy[ir.ToolCall]:
    """Calls with arguments that are objects, empty, or broken; and calls of tools that take free text."""
    arguments = json_objects() | st.sampled_from(["", "{}", "null", "[1]", '{"a":', "15 * 4", "{}{}"])
    function = st.builds(ir.ToolCall, st.just(""), names(), arguments, signatures())
    return function | st.builds(ir.ToolCall, st.just(""), names(), texts(), kind=st.just("custom"))


@cache
def server_parts() -> Strategy:
    """What a server ran on the model's behalf, what that printed, and parts that only one vendor understands."""
    ids = st.sampled_from([None, "c1"])
    outcomes = st.sampled_from(["OUTCOME_OK", "OUTCOME_FAILED"])
    return st.one_of(
        st.builds(ir.Code, texts(), st.sampled_from(["PYTHON", ""]), ids, signatures()),
        st.builds(ir.CodeResult, outcomes, st.none() | texts(), ids, signatures()),
        st.builds(ir.Foreign, st.sampled_from(["vendor", "gemini", "openai"]), st.just("toolCall"), raw_objects()),
    )


@cache
def model_parts() -> st.SearchStrategy[tuple[ir.Part, ...]]:
    """What a model says: thoughts, texts, then calls; now and then a refusal, an image, or what a server ran."""
    thoughts = st.lists(st.builds(ir.Thinking, texts(), signatures()), max_size=1)
    plain = st.builds(ir.Text, texts())
    said = st.lists(plain | plain | st.builds(ir.Text, texts(), signatures()), max_size=2)
    calls = st.lists(tool_calls(), max_size=3)
    usual = st.builds(_chained, thoughts, said, calls)
    odd: Strategy = st.builds(ir.Refusal, texts()) | server_parts() | media()
    return usual | usual | st.lists(odd | plain, min_size=1, max_size=3).map(tuple)


def _chained(*several: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(chain(*several))


@cache
def user_parts() -> st.SearchStrategy[tuple[ir.Part, ...]]:
    """What a user says: texts and media."""
    return st.lists(st.builds(ir.Text, texts()) | media(), min_size=1, max_size=3).map(tuple)


# --- requests ------------------------------------------------------------------------------------------------


@st.composite
def conversations(draw: st.DrawFn) -> tuple[ir.Message, ...]:
    """A conversation in which every call is answered, in order, right after the step that made it."""
    messages: list[ir.Message] = []
    if draw(st.booleans()):
        messages.append(ir.Message("system", (ir.Text(draw(texts())),)))
    for turn in range(draw(st.integers(1, 3))):
        messages.append(ir.Message("user", draw(user_parts()), draw(st.sampled_from([None, None, "ada"]))))
        parts = _numbered(draw(model_parts()), turn)
        if parts:
            messages.append(ir.Message("model", parts))
        for call in parts:
            if isinstance(call, ir.ToolCall):
                messages.append(ir.Message("tool", (draw(_results(call)),)))  # noqa: PERF401 - each is drawn in turn
    return tuple(messages)


def _results(call: ir.ToolCall) -> st.SearchStrategy[ir.ToolResult]:
    """An answer to this call: text, an object, or parts."""
    plain = (texts() | json_objects() | raw_objects()).map(lambda output: ir.ToolResult(call.id, call.name, output))
    return plain | user_parts().map(lambda parts: ir.ToolResult(call.id, call.name, None, parts))


def _numbered(parts: tuple[ir.Part, ...], turn: int) -> tuple[ir.Part, ...]:
    """The parts, each call with an id of its own."""
    return tuple(
        [
            replace(part, id=f"call_{turn}_{i}") if isinstance(part, ir.ToolCall) else part
            for i, part in enumerate(parts)
        ]
    )


@cache
def tools() -> st.SearchStrategy[tuple[ir.Tool, ...]]:
    """Declarations of functions and free-text tools with different names, and tools that the server runs."""
    schemas = json_objects().map(lambda text: ir.JsonSchema(Raw(_schema(text))))
    function = st.builds(ir.Function, names(), st.none() | texts(), st.none() | schemas, st.none() | st.booleans())
    named = function | function | st.builds(ir.Custom, names(), st.none() | texts())
    kinds = st.sampled_from(["web_search", "url_context", "code_execution", "maps", "computer_use", "vendor_tool"])
    hosted = st.lists(st.builds(ir.Builtin, kinds, st.just("vendor"), st.none() | raw_objects()), max_size=1)
    declared = st.lists(named, max_size=3).map(lambda found: list({tool.name: tool for tool in found}.values()))
    return st.builds(_chained, declared, hosted)


def _schema(example: str) -> bytes:
    """An object schema whose properties are named like those of the example."""
    properties = {key: {"type": "string", "description": key} for key in json.loads(example)}
    return json.dumps({"type": "object", "properties": properties}).encode()


@cache
def samplings() -> st.SearchStrategy[ir.Sampling]:
    """Generation parameters in the ranges that both protocols allow; few at a time."""
    unit = st.floats(0, 1, width=16)
    fields: dict[str, Strategy] = {
        "temperature": unit,
        "top_p": unit,
        "top_k": st.integers(1, 40),
        "max_tokens": st.integers(1, 4096),
        "stop": st.lists(st.text("ab\n", min_size=1, max_size=5), min_size=1, max_size=4).map(tuple),
        "seed": st.integers(-(2**31), 2**31 - 1),
        "presence_penalty": unit,
        "frequency_penalty": unit,
        "n": st.integers(1, 3),
        "logprobs": st.booleans(),
        "top_logprobs": st.integers(0, 5),
    }
    return _few(fields).map(lambda found: ir.Sampling(**found))


def _few(fields: dict[str, Strategy], most: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these fields."""
    return _picked(fields, st.lists(st.sampled_from(list(fields)), max_size=most, unique=True))


@st.composite
def _picked(draw: st.DrawFn, fields: dict[str, Strategy], picks: st.SearchStrategy[list[str]]) -> dict[str, Any]:
    return {key: draw(fields[key]) for key in draw(picks)}


@cache
def tool_choices() -> st.SearchStrategy[ir.ToolChoice]:
    """Every mode, among all tools or some."""
    modes: Strategy = st.sampled_from(["auto", "none", "required", "validated"])
    return st.builds(ir.ToolChoice, modes, st.just(()) | st.lists(names(), min_size=1, max_size=2).map(tuple))


@cache
def output_formats() -> st.SearchStrategy[ir.OutputFormat]:
    """Text, any JSON, JSON held to a schema, one word of an enumeration."""
    held = json_objects().map(lambda text: ir.OutputFormat("schema", ir.JsonSchema(Raw(_schema(text))), "answer"))
    plain: st.SearchStrategy[Any] = st.sampled_from(["text", "json"])
    picked = ir.OutputFormat("enum", ir.JsonSchema(Raw(b'{"type":"string","enum":["a","b"]}')))
    return held | plain.map(ir.OutputFormat) | st.just(picked)


@cache
def thinking_settings() -> st.SearchStrategy[ir.ThinkingSetting]:
    """By effort, by level, by budget, or only whether and whether to show it."""
    shown = st.sampled_from([None, True, False])
    efforts = st.sampled_from(["none", "minimal", "low", "medium", "high", "xhigh"])
    return st.one_of(
        st.builds(ir.ThinkingSetting, effort=efforts, include=shown),
        st.builds(ir.ThinkingSetting, level=st.sampled_from(["low", "high"]), include=shown),
        st.builds(ir.ThinkingSetting, budget=st.sampled_from([-1, 0, 1024]), include=shown),
        st.builds(ir.ThinkingSetting, enabled=st.booleans()),
    )


@cache
def settings() -> st.SearchStrategy[dict[str, Any]]:
    """Further fields of a request, few at a time."""
    harm = st.builds(ir.SafetySetting, st.just("HARM_CATEGORY_HARASSMENT"), st.sampled_from(["BLOCK_NONE", "OFF"]))
    fields: dict[str, Strategy] = {
        "tools": tools(),
        "tool_choice": tool_choices(),
        "parallel_tool_calls": st.booleans(),
        "output": output_formats(),
        "thinking": thinking_settings(),
        "modalities": st.sampled_from([("text",), ("text", "image"), ("audio",)]),
        "image": st.builds(ir.ImageSetting, st.sampled_from([None, "16:9"]), st.sampled_from([None, "1K"])),
        "speech": st.builds(ir.SpeechSetting, st.just("Kore"), st.sampled_from([None, "wav"])),
        "media_detail": st.sampled_from(["low", "medium", "high"]),
        "safety": st.lists(harm, max_size=1).map(tuple),
        "cached_content": st.just("cachedContents/abc"),
        "service_tier": st.sampled_from(["auto", "default", "flex", "priority", "scale"]),
        "store": st.booleans(),
        "labels": mappings(names(), names()),
        "include_usage": st.booleans(),
    }
    return _few(fields, 4)


@cache
def chat_requests() -> st.SearchStrategy[ir.ChatRequest]:
    """Requests with conversations, tools and parameters; written by hand, as ``origin`` says."""
    return st.builds(
        _request,
        conversations(),
        st.sampled_from(["gemini-2.5-flash", "gemini-3-flash-preview", "gpt-x"]),
        samplings(),
        st.booleans(),
        settings(),
    )


def _request(
    messages: tuple[ir.Message, ...], model: str, sampling: ir.Sampling, stream: bool, more: dict[str, Any]
) -> ir.ChatRequest:
    return ir.ChatRequest(messages, model, sampling=sampling, stream=stream, **more)


# --- answers -------------------------------------------------------------------------------------------------


@cache
def finishes() -> st.SearchStrategy[ir.Finish]:
    """Every neutral reason of an answer that came, without a vendor's word."""
    reasons: st.SearchStrategy[Any] = st.sampled_from(["stop", "length", "filter"])
    return st.builds(ir.Finish, reasons)


@cache
def usages() -> st.SearchStrategy[ir.Usage]:
    """Counts whose sum is their total."""
    return st.builds(_usage, *[st.integers(0, 10_000)] * 3, cached=st.none() | st.integers(0, 100))


def _usage(given: int, output: int, reasoning: int, cached: int | None) -> ir.Usage:
    cached = None if cached is None else min(cached, given)
    total = given + output + reasoning
    return ir.Usage(input=given, cached=cached, output=output, reasoning=reasoning, total=total)


@cache
def logprobs() -> st.SearchStrategy[tuple[ir.TokenLogprob, ...]]:
    """Tokens with their rivals."""
    chance = st.sampled_from([-0.25, -2, 0])
    rivals = st.lists(st.builds(ir.TokenLogprob, texts(), chance), max_size=2).map(tuple)
    one = st.builds(ir.TokenLogprob, texts(), chance, top=rivals)
    return st.lists(one, max_size=2).map(tuple)


@cache
def choices() -> st.SearchStrategy[ir.Choice]:
    """One answer; its index is for the list to give. What is cited lies in its text."""
    return st.builds(
        _choice, model_parts(), finishes(), st.booleans(), st.none() | st.none() | logprobs(), st.booleans()
    )


def _choice(
    parts: tuple[ir.Part, ...],
    finish: ir.Finish,
    cites: bool,
    chances: tuple[ir.TokenLogprob, ...] | None,
    rated: bool,
) -> ir.Choice:
    length = sum([len(part.text) for part in parts if isinstance(part, ir.Text)])
    cited = (ir.Citation("https://example.org/a", "A", 0, length),) if cites and length else ()
    safety = (ir.SafetyRating("HARM_CATEGORY_HARASSMENT", "LOW", blocked=False),) if rated else ()
    return ir.Choice(0, _numbered(parts, 0), finish, cited, chances, safety)


@cache
def chat_responses() -> st.SearchStrategy[ir.ChatResponse]:
    """Whole answers with one or two choices."""
    listed = st.lists(choices(), min_size=1, max_size=2)
    return st.builds(
        ir.ChatResponse,
        listed.map(lambda found: tuple([replace(one, index=i) for i, one in enumerate(found)])),
        id=st.sampled_from(["chatcmpl-1", "r2"]),
        model=st.sampled_from(["gemini-2.5-flash", "gpt-x"]),
        created=st.integers(1, 2**31),
        usage=st.none() | usages(),
        service_tier=st.sampled_from([None, None, "default", "flex"]),
    )


@cache
def event_streams() -> st.SearchStrategy[list[ir.Event]]:
    """Streams that obey the grammar, with their texts cut into several deltas."""
    return st.builds(_cut, chat_responses(), st.integers(1, 5))


def _cut(response: ir.ChatResponse, size: int) -> list[ir.Event]:
    events: list[ir.Event] = []
    for event in unfold(response):
        if isinstance(event, ir.Delta):
            pieces = [event.text[i : i + size] for i in range(0, len(event.text), size)]
            events += [ir.Delta(event.choice, event.part, piece) for piece in pieces]
        else:
            events.append(event)
    return events
