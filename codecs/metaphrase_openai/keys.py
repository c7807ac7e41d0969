"""Where the wire keeps the fields of each IR node, relative to the node: so losses name a place in the source."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Raw

from metaphrase.ir import (
    Builtin,
    ChatRequest,
    ChatResponse,
    Choice,
    Citation,
    Custom,
    Function,
    Media,
    Message,
    Refusal,
    Text,
    Thinking,
    TokenLogprob,
    ToolCall,
    ToolResult,
    Usage,
)
from metaphrase.ir.node import Node
from metaphrase.loss import Key, Keys
from metaphrase.wirejson import members

from .leftovers import NULL, value_of
from .media import DETAIL

_SCHEMA = ("response_format", "json_schema")
_SIGNATURE = ("extra_content", "google", "thought_signature")

_MEDIA_DATA: dict[str, tuple[str, str]] = {
    "image_url": ("image_url", "url"),
    "input_audio": ("input_audio", "data"),
    "file": ("file", "file_data"),
    "video_url": ("video_url", "url"),
    "audio_url": ("audio_url", "url"),
}
_MEDIA_KIND = {"image": "image_url", "audio": "input_audio", "video": "video_url"}


def _data(node: Node) -> Key:
    """Where a part keeps its data: that depends on its kind, and on the spelling if it has one of its own."""
    if node.at is not None and node.at.key == "audio":  # speech of an answer
        return "data"
    spelt = (node.spelt or {}).get("source")
    if spelt is not None:
        return _MEDIA_DATA.get(next(iter(spelt.members), ""), ())
    kind = node.kind if isinstance(node, Media) else ""
    return _MEDIA_DATA[_MEDIA_KIND.get(kind, "file")]


def _detail(node: Node) -> Key:
    """Google's compatible endpoint calls it ``media_resolution``; ``detail`` counts where it says something."""
    image = _spelling(node).get("image_url")
    said = members(image) if image is not None and memoryview(image)[0] == 0x7B else {}
    usual = "media_resolution" not in said or value_of(said.get("detail", NULL), str) in DETAIL
    return "image_url", "detail" if usual else "media_resolution"


def _name(node: Node) -> Key:
    return "document_name" if "document_name" in _spelling(node) else ("file", "filename")


def _spelling(node: Node) -> Mapping[str, Raw]:
    """The members of a part that is spelt in its own way."""
    spelt = (node.spelt or {}).get("source")
    return {} if spelt is None else spelt.members


REQUEST: Keys = {
    ChatRequest: {
        "sampling.temperature": "temperature",
        "sampling.top_p": "top_p",
        "sampling.top_k": "top_k",
        "sampling.max_tokens": "max_tokens",
        "sampling.stop": "stop",
        "sampling.seed": "seed",
        "sampling.presence_penalty": "presence_penalty",
        "sampling.frequency_penalty": "frequency_penalty",
        "sampling.n": "n",
        "sampling.logprobs": "logprobs",
        "sampling.top_logprobs": "top_logprobs",
        "tool_choice.names": "tool_choice",
        "tool_choice.mode": "tool_choice",
        "tool_choice.kind": "tool_choice",
        "output": "response_format",
        "output.kind": ("response_format", "type"),
        "output.schema": (*_SCHEMA, "schema"),
        "output.name": (*_SCHEMA, "name"),
        "output.description": (*_SCHEMA, "description"),
        "output.strict": (*_SCHEMA, "strict"),
        "thinking": "reasoning_effort",
        "thinking.effort": "reasoning_effort",
        "speech": "audio",
        "speech.voice": ("audio", "voice"),
        "speech.format": ("audio", "format"),
        "image": "image_config",
        "image.aspect": ("image_config", "aspect_ratio"),
        "image.size": ("image_config", "image_size"),
        "safety": "safety_settings",
        "labels": "metadata",
        "include_usage": ("stream_options", "include_usage"),
    },
    Message: {"parts": "content"},
    Text: {"text": (), "state": ()},
    Thinking: {"text": (), "state": ()},
    Refusal: {"text": ()},
    Media: {
        "source": _data,
        "mime": _data,
        "detail": _detail,
        "name": _name,
        "clip": "video_metadata",
    },
    ToolCall: {
        "name": ("function", "name"),
        "arguments": ("function", "arguments"),
        "kind": "type",
        "state": _SIGNATURE,
    },
    ToolResult: {"call_id": "tool_call_id", "output": "content", "parts": "content"},
    Function: {
        "name": ("function", "name"),
        "description": ("function", "description"),
        "parameters": ("function", "parameters"),
        "strict": ("function", "strict"),
    },
    Custom: {
        "name": ("custom", "name"),
        "description": ("custom", "description"),
        "format": ("custom", "format"),
    },
    Builtin: {"kind": "type", "config": ()},
}

RESPONSE: Keys = {
    **REQUEST,
    ChatResponse: {},
    Choice: {
        "finish": "finish_reason",
        "finish.reason": "finish_reason",
        "finish.native": "finish_reason",
        "citations": ("message", "annotations"),
        "parts": "message",
    },
    Citation: {
        "url": ("url_citation", "url"),
        "title": ("url_citation", "title"),
        "start": ("url_citation", "start_index"),
        "end": ("url_citation", "end_index"),
    },
    TokenLogprob: {"top": "top_logprobs"},
    Usage: {
        "input": "prompt_tokens",
        "output": "completion_tokens",
        "total": "total_tokens",
        "cached": ("prompt_tokens_details", "cached_tokens"),
        "cache_write": ("prompt_tokens_details", "cache_write_tokens"),
        "reasoning": ("completion_tokens_details", "reasoning_tokens"),
        "input_by": "prompt_tokens_details",
        "output_by": "completion_tokens_details",
    },
}

STREAM: Keys = {
    **RESPONSE,
    Choice: {
        "finish": "finish_reason",
        "finish.reason": "finish_reason",
        "finish.native": "finish_reason",
        "finish.message": "finish_reason",
        "citations": ("delta", "annotations"),
        "parts": "delta",
    },
}
