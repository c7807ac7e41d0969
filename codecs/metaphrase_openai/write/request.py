"""A whole request."""

from __future__ import annotations

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.errors import WriteError
from metaphrase.http import Request
from metaphrase.ir.node import NOTHING
from metaphrase.loss import Report
from metaphrase.wirejson import encode

from ..leftovers import Json, put_back
from ..names import CODEC, PATH
from ..options import Options
from .messages import Conversation, plain_messages
from .output import response_format
from .restored import Restored
from .settings import write_changed, write_sampling, write_settings
from .tools import restore_choice, restore_tools, write_choice, write_tools

HEADERS = (("content-type", "application/json"),)


def write_request(chat: ir.ChatRequest, report: Report, options: Options) -> Request:
    """Write a request: as it was read if it is one of ours, else as OpenAI can say it."""
    if chat.origin == CODEC:
        return Request("POST", chat.target or PATH, HEADERS, encoded(_restored(chat, report, options)))
    out: Json = {}
    if chat.model is None:
        report.add("defaulted", None, "model", "request.model", CODEC, "No model is named")
    else:
        out["model"] = chat.model
    detail = None if chat.media_detail is None else _detail(chat, report)
    out["messages"] = plain_messages(chat.messages) or Conversation(report, options, detail).write(chat.messages)
    write_sampling(chat, out, report)
    if chat.stream:
        out["stream"] = True
        if chat.include_usage:
            out["stream_options"] = _USAGE
    if not ir.is_bare(chat):
        write_tools(chat, out, report)
        write_choice(chat, out, report)
        write_settings(chat, out, report, options)
    return Request("POST", PATH, HEADERS, encoded(out))


def encoded(out: Json) -> bytes:
    """The document's bytes."""
    try:
        return encode(out)
    except (OverflowError, ValueError):  # of a value built by hand: a lone surrogate, an endless number
        raise WriteError("A number or a text that JSON cannot hold") from None


def _detail(chat: ir.ChatRequest, report: Report) -> str | None:
    """One detail for all media becomes the detail of each image."""
    word = chat.media_detail
    images = any(isinstance(part, ir.Media) and part.kind == "image" for m in chat.messages for part in m.parts)
    if not images:
        report.lose("dropped", chat, "media_detail", "media.detail", CODEC, "No image to say it of")
        return None
    if word in ("low", "high"):
        return word
    report.lose("approximated", chat, "media_detail", "media.detail", CODEC, "as auto")
    return "auto"


def _restored(chat: ir.ChatRequest, report: Report, options: Options) -> Json:
    """The document that was read; what has been changed since is said in the usual way."""
    talk = Restored(report, options)
    out: Json = {} if chat.model is None else {"model": chat.model}
    out["messages"] = [talk.message(message) for message in chat.messages]
    _restore_sampling(chat.sampling, out)
    if chat.tools is not UNSET:
        restore_tools(chat, out)
        restore_choice(chat, out)
    elif chat.tool_choice is not None:
        restore_choice(chat, out)
    if chat.stream:
        out["stream"] = True
    if chat.include_usage:
        out["stream_options"] = _USAGE
    _restore_others(chat, out)
    if chat.spelt is not None:
        _respell(chat, out)
    left = chat.leftovers(CODEC)
    if chat.thinking is not None or chat.image is not None:
        write_changed(chat, out, left, report, options)
    return out if left is NOTHING else put_back(out, left)


def _restore_sampling(sampling: ir.Sampling, out: Json) -> None:
    """One by one: a loop over the names takes more than twice as long."""
    if sampling.temperature is not UNSET:
        out["temperature"] = sampling.temperature
    if sampling.top_p is not UNSET:
        out["top_p"] = sampling.top_p
    if sampling.top_k is not UNSET:
        out["top_k"] = sampling.top_k
    if sampling.max_tokens is not UNSET:
        out["max_tokens"] = sampling.max_tokens
    if sampling.stop is not UNSET:
        out["stop"] = sampling.stop
    if sampling.seed is not UNSET:
        out["seed"] = sampling.seed
    if sampling.presence_penalty is not UNSET:
        out["presence_penalty"] = sampling.presence_penalty
    if sampling.frequency_penalty is not UNSET:
        out["frequency_penalty"] = sampling.frequency_penalty
    if sampling.n is not UNSET:
        out["n"] = sampling.n
    if sampling.logprobs is not UNSET:
        out["logprobs"] = sampling.logprobs
    if sampling.top_logprobs is not UNSET:
        out["top_logprobs"] = sampling.top_logprobs


def _restore_others(chat: ir.ChatRequest, out: Json) -> None:
    if chat.parallel_tool_calls is not UNSET:
        out["parallel_tool_calls"] = chat.parallel_tool_calls
    if chat.store is not UNSET:
        out["store"] = chat.store
    if chat.service_tier is not None:
        out["service_tier"] = chat.service_tier
    if chat.modalities is not UNSET:
        out["modalities"] = chat.modalities
    if chat.output is not None:
        out["response_format"] = response_format(chat.output)
    if chat.labels is not UNSET:
        out["metadata"] = chat.labels


_USAGE = {"include_usage": True}


# Fields whose usual member gives way to the spelling that was read.
_RESPELT: dict[str, str] = {
    "sampling.max_tokens": "max_tokens",
    "sampling.stop": "stop",
    "include_usage": "stream_options",
    "thinking": "reasoning_effort",
    "output": "response_format",
    "modalities": "modalities",
    "speech": "audio",
    "image": "image_config",
    "safety": "safety_settings",
    "cached_content": "cached_content",
}


def _respell(chat: ir.ChatRequest, out: Json) -> None:
    for field in chat.spelt or ():
        if field == "stream":  # many clients say that they want no stream
            if not chat.stream:
                out["stream"] = False
            continue
        usual = _RESPELT.get(field)
        if usual is not None:
            members: dict[str, Raw] | None = chat.spelling(CODEC, field)
            if members is not None:
                out.pop(usual, None)
                out |= members
