"""A whole request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import replace

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.http import Request
from metaphrase.ir.node import At
from metaphrase.loss import Key, Report
from metaphrase.usual import Usual
from metaphrase.wirejson import Document, encode

from .. import keys, wire
from ..leftovers import elsewhere, ext_of, is_null, report_members, verbatim
from ..names import CODEC
from ..options import Options
from ..places import messages as message_places
from .dialects import Dialects
from .message import read_message
from .plain_request import STREAM_OFF, PlainRequest, plain_request
from .tools import read_choice, read_tools

_usual = Usual(PlainRequest)
_document = Document(wire.Request)


def read_request(http: Request, report: Report, options: Options) -> ir.ChatRequest:
    """Read a request; the HTTP target is kept, for the way back."""
    usual = _usual.read(http.body)
    chat = None if usual is None else plain_request(usual, http.target, options)
    if chat is None:
        return any_request(http, report, options)
    report.keys = keys.REQUEST
    return chat


def any_request(http: Request, report: Report, options: Options) -> ir.ChatRequest:
    """A request of any kind."""
    doc = _document.read(http.body)
    if doc.messages is UNSET:
        raise ReadError("A request without messages", "$.messages")
    report.keys = keys.REQUEST
    places = message_places(len(doc.messages))
    messages = tuple([read_message(one, place, report, options) for one, place in zip(doc.messages, places)])  # noqa: B905 - more places than messages
    spelt: dict[str, ir.Spelling] = {}
    left: dict[str, Raw] = {}
    tools = UNSET if doc.tools is UNSET else read_tools(doc.tools, report)
    choice = None if doc.tool_choice is UNSET else _choice(doc.tool_choice, spelt, left, report)
    output = None if doc.response_format is UNSET else _output(doc.response_format, spelt, left, report)
    include_usage = False if doc.stream_options is UNSET else _stream_options(doc.stream_options, spelt, report)
    if doc.stream is False:
        spelt |= STREAM_OFF
    chat = ir.ChatRequest(
        messages,
        None if doc.model is UNSET else doc.model,
        CODEC,
        http.target,
        _sampling(doc, spelt, left, report),
        tools,
        choice,
        doc.parallel_tool_calls,
        output,
        None if doc.reasoning_effort is UNSET else ir.ThinkingSetting(doc.reasoning_effort),
        UNSET if doc.modalities is UNSET else _modalities(doc.modalities, spelt),
        service_tier=None if doc.service_tier is UNSET else doc.service_tier,
        store=doc.store,
        stream=doc.stream is True,
        include_usage=include_usage,
        ext=ext_of(left),
        spelt=spelt or None,
    )
    return chat if doc.found is UNSET else _further(chat, doc, report)


def _further(chat: ir.ChatRequest, doc: wire.Request, report: Report) -> ir.ChatRequest:
    """The same request with what its other members say."""
    more = Dialects(doc, chat.tools, report)
    more.read()
    thinking = more.thinking
    if more.keys:
        request: dict[str, Key | Callable[[Any], Key]] = {**keys.REQUEST[ir.ChatRequest], **more.keys}
        report.keys = {**keys.REQUEST, ir.ChatRequest: request}
    image, safety, cached = more.image, more.safety, more.google.cached
    for field, value in (("image", image), ("safety", safety or None), ("cached_content", cached)):
        if value is not None and field not in more.spelt:
            more.spelt |= elsewhere(field, value)
    left = {**chat.leftovers(CODEC), **more.left}
    spelt = {**(chat.spelt or {}), **more.spelt}
    return replace(
        chat,
        tools=tuple(more.tools) if more.tools or more.had_tools else UNSET,
        tool_choice=chat.tool_choice if more.choice is None else more.choice,
        thinking=thinking,
        image=image,
        speech=more.speech,
        safety=safety,
        cached_content=cached,
        labels=more.labels,
        ext=ext_of(left),
        spelt=spelt or None,
    )


def _sampling(doc: wire.Request, spelt: dict[str, ir.Spelling], left: dict[str, Raw], report: Report) -> ir.Sampling:
    most = doc.max_tokens
    if doc.max_completion_tokens is not UNSET:
        most = doc.max_completion_tokens
        spelt["sampling.max_tokens"] = ir.Spelling(CODEC, most, {"max_completion_tokens": Raw(encode(most))})
        if doc.max_tokens is not UNSET:  # the older name gives way
            left["max_tokens"] = Raw(encode(doc.max_tokens))
            if doc.max_tokens != most:
                report.leftover(None, "max_tokens", CODEC)
    stop: tuple[str, ...] | UnsetType = UNSET
    if isinstance(doc.stop, str):
        stop = (doc.stop,)
        spelt["sampling.stop"] = ir.Spelling(CODEC, stop, {"stop": Raw(encode(doc.stop))})
    elif doc.stop is not UNSET:
        stop = tuple(doc.stop)
    return ir.Sampling(
        doc.temperature,
        doc.top_p,
        doc.top_k,
        most,
        stop,
        doc.seed,
        doc.presence_penalty,
        doc.frequency_penalty,
        doc.n,
        doc.logprobs,
        doc.top_logprobs,
    )


def _choice(raw: Raw, spelt: dict[str, ir.Spelling], left: dict[str, Raw], report: Report) -> ir.ToolChoice | None:
    choice, usual = read_choice(raw, "tool_choice", report)
    if choice is None:
        left["tool_choice"] = raw
    elif not usual:
        spelt["tool_choice"] = ir.Spelling(CODEC, choice, {"tool_choice": raw})
    return choice


def _output(
    given: wire.ResponseFormat, spelt: dict[str, ir.Spelling], left: dict[str, Raw], report: Report
) -> ir.OutputFormat | None:
    """``response_format``. What does not fit the usual form is kept as it was."""
    schema = given.json_schema
    at = At(None, "response_format")
    if given.type == "json_schema" and schema is not UNSET:
        found = None if schema.schema is UNSET or is_null(schema.schema) else ir.JsonSchema(schema.schema)
        output = ir.OutputFormat(
            "schema",
            found,
            None if schema.name is UNSET else schema.name,
            None if schema.description is UNSET else schema.description,
            None if schema.strict is UNSET else schema.strict,
        )
        usual = given.found is UNSET and schema.found is UNSET and schema.strict is not None
        if not usual or (found is None and schema.schema is not UNSET):
            report_members(given.extra, at, report)
            report_members(schema.extra, At(at, "json_schema"), report)
            spelt["output"] = ir.Spelling(CODEC, output, {"response_format": verbatim(given)})
        return output
    kind = {"text": "text", "json_object": "json"}.get(given.type or "")
    if kind is None:
        raw = left["response_format"] = verbatim(given)
        report_members({"response_format": raw}, None, report)
        return None
    output = ir.OutputFormat("text" if kind == "text" else "json")
    if given.found is not UNSET or schema is not UNSET:
        report_members(given.extra, at, report)
        if schema is not UNSET:
            report.leftover(at, "json_schema", CODEC)
        spelt["output"] = ir.Spelling(CODEC, output, {"response_format": verbatim(given)})
    return output


def _stream_options(options: wire.StreamOptions, spelt: dict[str, ir.Spelling], report: Report) -> bool:
    include = options.include_usage is True
    if not include or options.found is not UNSET:
        report_members(options.extra, At(None, "stream_options"), report)
        spelt["include_usage"] = ir.Spelling(CODEC, include, {"stream_options": verbatim(options)})
    return include


def _modalities(words: list[str], spelt: dict[str, ir.Spelling]) -> tuple[str, ...]:
    found = tuple([word.lower() for word in words])
    if list(found) != words:
        spelt["modalities"] = ir.Spelling(CODEC, found, {"modalities": Raw(encode(words))})
    return found
