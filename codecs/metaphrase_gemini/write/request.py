"""Chat requests to `GenerateContentRequest`."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from metaphrase import ir
from metaphrase.errors import WriteError
from metaphrase.http import Headers, Request
from metaphrase.loss import Report
from metaphrase.wirejson import encode
from metaphrase_gemini.leftovers import encoded
from metaphrase_gemini.models import family_of
from metaphrase_gemini.options import Options
from metaphrase_gemini.paths import read_target, write_target
from metaphrase_gemini.wire import request as wire
from metaphrase_gemini.wire.content import Content
from metaphrase_gemini.words import CODEC

from .plain import plain_request, plain_turns
from .restore import restore
from .scope import Scope
from .settings import write_config, write_tier
from .tools import write_choice, write_tools
from .turns import Turns

JSON: Headers = (("content-type", "application/json"),)


def write_request(chat: ir.ChatRequest, report: Report, options: Options) -> Request:
    """A request to generateContent, or to streamGenerateContent where the answer is to be streamed."""
    same = chat.origin == CODEC
    to = Scope(report, same, family_of(chat.model or "", options.models), options)
    if same:
        return Request("POST", _target(chat, to), JSON, encoded(restore(chat, to), chat))
    body = plain_request(chat, to) or _translate(chat, to)
    return Request("POST", _target(chat, to), JSON, encode(body))


def _target(chat: ir.ChatRequest, to: Scope) -> str:
    """Where the request goes; a target that was read is restored as long as it still says the same."""
    if to.same and (chat.target or not chat.model) and _still_right(chat):
        return chat.target
    if not chat.model:
        to.add("defaulted", "request.model", "no model is named: the path is not known")
        if chat.stream:
            to.lose("dropped", chat, "stream", "request.stream", "the path says it")
        return ""
    try:
        return write_target(chat.model, chat.stream)
    except ValueError as error:
        raise WriteError(str(error), "$.model") from None


def _still_right(chat: ir.ChatRequest) -> bool:
    try:
        model, stream = read_target(chat.target)
    except ValueError:
        return False
    return stream == chat.stream and model in (None, chat.model)


def _translate(chat: ir.ChatRequest, to: Scope) -> wire.GenerateContentRequest:
    said = plain_turns(chat.messages, to)
    if said is None:
        turns = Turns(to)
        for message in chat.messages:
            turns.add(message)
        said = turns.system, turns.contents()
    system, contents = said
    body = wire.GenerateContentRequest(contents)
    if system:
        _instruct(chat, body, system, to)
    body.generation_config = write_config(chat, to)
    tools: list[Any] = []
    if chat.tools is not UNSET and chat.tools:
        tools = write_tools(chat.tools, to)
        body.tools = tools or UNSET
    if chat.tool_choice is not None or len(tools) > 1:
        body.tool_config = write_choice(chat, tools, to)
    if chat.parallel_tool_calls is False:
        to.lose("dropped", chat, "parallel_tool_calls", "tool_choice.parallel")
    _envelope(chat, body, to)
    return body


def _instruct(chat: ir.ChatRequest, body: wire.GenerateContentRequest, system: list[Any], to: Scope) -> None:
    """The system instruction; a model that takes none is told by its user."""
    if to.family.system:
        body.system_instruction = Content(system)
        return
    for message in chat.messages:
        if message.role == "system":
            where = "this model takes no system instruction"
            to.lose("moved", message, None, "system.position", where, "$.contents[0]")
    first: Any = body.contents[0] if body.contents is not UNSET else Content([])
    first.parts = [*system, *first.parts]


def _envelope(chat: ir.ChatRequest, body: wire.GenerateContentRequest, to: Scope) -> None:
    if chat.safety is not UNSET and chat.safety:
        body.safety_settings = [
            wire.SafetySetting(one.category, one.threshold, UNSET if one.method is None else one.method)
            for one in chat.safety
        ]
    if chat.cached_content is not None:
        body.cached_content = chat.cached_content
    if chat.service_tier is not None:
        body.service_tier = write_tier(chat, chat.service_tier, to)
    body.store = chat.store
    if chat.labels is not UNSET and chat.labels:
        body.labels = chat.labels
