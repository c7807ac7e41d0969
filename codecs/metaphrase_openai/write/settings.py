"""Parameters of a request that came in another protocol."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.loss import Report
from metaphrase.wirejson import members

from ..leftovers import Json
from ..names import CODEC
from ..options import Options
from .output import response_format

_MOST_STOPS = 4  # openapi.yaml, StopConfiguration
_TIERS = frozenset({"auto", "default", "flex", "scale", "priority", "fast"})
_EFFORTS = frozenset({"none", "minimal", "low", "medium", "high", "xhigh", "max"})
_MODALITIES = frozenset({"text", "audio", "image"})


def write_settings(chat: ir.ChatRequest, out: Json, report: Report, options: Options) -> None:
    """Everything but messages, tools and sampling parameters."""
    google: Json = {}
    if chat.output is not None:
        _output(chat, chat.output, out, report)
    if chat.thinking is not None:
        _thinking(chat, chat.thinking, out, google, report, options)
    _media(chat, out, google, report, options)
    if chat.parallel_tool_calls is not UNSET:
        out["parallel_tool_calls"] = chat.parallel_tool_calls
    if chat.store is not UNSET:
        out["store"] = chat.store
    if chat.labels is not UNSET:
        out["metadata"] = chat.labels
    if chat.service_tier is not None:
        if chat.service_tier in _TIERS:
            out["service_tier"] = chat.service_tier
        else:
            report.lose("dropped", chat, "service_tier", "request.service_tier", CODEC, "No tier of OpenAI's")
    _safety(chat, google, report, options)
    if google:
        out["extra_body"] = {"google": google}


def write_changed(chat: ir.ChatRequest, out: Json, left: Mapping[str, Raw], report: Report, options: Options) -> None:
    """Thinking and images of a request that is restored, where they are not spelt as they were read.

    ``left``: its leftovers, which give way to ``out``.
    """
    google: Json = {}
    thinking = chat.thinking
    if thinking is not None and chat.spelling(CODEC, "thinking") is None:
        if thinking == ir.ThinkingSetting(thinking.effort):
            out["reasoning_effort"] = thinking.effort
        else:
            _thinking(chat, thinking, out, google, report, options)
    if chat.image is not None and chat.spelling(CODEC, "image") is None:
        _image(chat.image, out, google, options)
    if google:
        beside = members(left["extra_body"]) if "extra_body" in left else {}
        kept = members(beside["google"]) if "google" in beside else {}
        out["extra_body"] = beside | {"google": kept | google}


def write_sampling(chat: ir.ChatRequest, out: Json, report: Report) -> None:
    """Parameters that both protocols share."""
    sampling = chat.sampling
    temperature, most = sampling.temperature, sampling.max_tokens
    if sampling == ir.Sampling(temperature, UNSET, UNSET, most):  # nearly all requests
        if temperature is not UNSET:
            out["temperature"] = temperature
        if most is not UNSET:
            out["max_completion_tokens"] = most
        return
    for field, key in _SAMPLING.items():
        value = getattr(sampling, field)
        if value is not UNSET:
            out[key] = value
    stop = sampling.stop
    if stop is not UNSET and stop:
        out["stop"] = stop[:_MOST_STOPS]
        if len(stop) > _MOST_STOPS:
            report.lose("approximated", chat, "sampling.stop", "sampling.stop", CODEC, f"The first {_MOST_STOPS} only")
    top = sampling.top_logprobs
    if top is not UNSET:
        out["top_logprobs"] = top
        if sampling.logprobs is not True:
            out["logprobs"] = True
            said = "sampling.top_logprobs" if sampling.logprobs is UNSET else "sampling.logprobs"
            report.lose("repaired", chat, said, "sampling.logprobs", CODEC, "top_logprobs wants it")


_SAMPLING = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "max_tokens": "max_completion_tokens",
    "seed": "seed",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "n": "n",
    "logprobs": "logprobs",
}


def _output(chat: ir.ChatRequest, output: ir.OutputFormat, out: Json, report: Report) -> None:
    if output.kind == "text":
        if output.schema is not None:
            report.lose("dropped", chat, "output.schema", "output.schema", CODEC, "The answer is to be text")
        return
    if output.kind == "json" or output.schema is None:
        out["response_format"] = {"type": "json_object"}
        return
    if output.kind == "enum":
        report.lose("approximated", chat, "output.kind", "output.enum", CODEC, "as a JSON string")
    if output.schema.dialect != "json":
        report.lose("approximated", chat, "output.schema", "output.schema", CODEC, "Passed on as JSON Schema")
    made = response_format(output)
    if output.name is None:
        made["json_schema"] = {"name": "response", **made["json_schema"]}
        report.add(
            "defaulted", None, None, "output.name", CODEC, "OpenAI wants a name", "$.response_format.json_schema.name"
        )
    out["response_format"] = made


# --- thinking -----------------------------------------------------------------------------------------------------


def effort_of(budget: int) -> str | None:
    """The effort nearest to a number of tokens; -1 leaves it to the model."""
    if budget < 0:
        return None
    if budget == 0:
        return "none"
    return "low" if budget <= 1024 else "medium" if budget <= 8192 else "high"


def _thinking(
    chat: ir.ChatRequest, setting: ir.ThinkingSetting, out: Json, google: Json, report: Report, options: Options
) -> None:
    """``reasoning_effort``. Google's own words go to ``extra_body`` where the server is Google's; never both."""
    if options.google_compat and setting.effort is None:
        said = {
            "thinking_level": None if setting.level is None else setting.level.lower(),
            "thinking_budget": 0 if setting.enabled is False and setting.budget is None else setting.budget,
            "include_thoughts": setting.include,
        }
        config = {key: value for key, value in said.items() if value is not None}
        if config:
            google["thinking_config"] = config
        return
    if options.thinking == "reasoning":
        _reasoning(chat, setting, out, report)
        return
    words = [
        ("effort", setting.effort),
        ("level", None if setting.level is None else setting.level.lower()),
        ("budget", None if setting.budget is None else effort_of(setting.budget)),
        ("enabled", "none" if setting.enabled is False else None),
    ]
    for field, word in words:
        given = getattr(setting, field)
        if given is None:
            continue
        if "reasoning_effort" not in out and word in _EFFORTS:
            out["reasoning_effort"] = word
            if field == "budget" and given:
                report.lose("approximated", chat, "thinking.budget", "thinking.budget", CODEC, f"as {word}")
        elif field != "enabled" or given is not True:
            report.lose("dropped", chat, f"thinking.{field}", f"thinking.{field}", CODEC)
    if setting.include is not None:
        report.lose("dropped", chat, "thinking.include", "thinking.include", CODEC)


def _reasoning(chat: ir.ChatRequest, setting: ir.ThinkingSetting, out: Json, report: Report) -> None:
    """OpenRouter's ``reasoning``: an effort or a number of tokens, and whether to leave the thoughts out."""
    said: Json = {}
    level = None if setting.level is None else setting.level.lower()
    for field, word in (("effort", setting.effort), ("level", level)):
        if word in _EFFORTS and "effort" not in said:
            said["effort"] = word
        elif word is not None:
            report.lose("dropped", chat, f"thinking.{field}", f"thinking.{field}", CODEC)
    budget = setting.budget
    if budget is not None and not said and budget >= 0:
        said |= {"max_tokens": budget} if budget else {"enabled": False}
    elif budget is not None:
        report.lose("dropped", chat, "thinking.budget", "thinking.budget", CODEC)
    if setting.enabled is not None:
        said.setdefault("enabled", setting.enabled)
    if setting.include is not None:
        said["exclude"] = not setting.include
    if said:
        out["reasoning"] = said


# --- what a model may make ----------------------------------------------------------------------------------------


def _media(chat: ir.ChatRequest, out: Json, google: Json, report: Report, options: Options) -> None:
    if chat.modalities is not UNSET and chat.modalities:
        known = [word for word in chat.modalities if word in _MODALITIES]
        if known:
            out["modalities"] = known
        if len(known) < len(chat.modalities):
            report.lose("dropped", chat, "modalities", "output.modalities", CODEC)
    speech = chat.speech
    if speech is not None:
        if speech.voice is not None:
            out["audio"] = {"voice": speech.voice, "format": speech.format or "pcm16"}
            if speech.format is None:
                why = "OpenAI wants one; where none is named, speech is raw PCM"
                report.add("defaulted", None, None, "speech.format", CODEC, why, "$.audio.format")
        elif speech.format is not None:
            report.lose("dropped", chat, "speech.format", "speech.format", CODEC, "Without a voice")
        if speech.language is not None:
            report.lose("dropped", chat, "speech.language", "speech.language", CODEC)
    if chat.image is not None:
        _image(chat.image, out, google, options)


def _image(image: ir.ImageSetting, out: Json, google: Json, options: Options) -> None:
    said = {"aspect_ratio": image.aspect, "image_size": image.size}
    config = {key: value for key, value in said.items() if value is not None}
    if config and options.google_compat:
        google["image_config"] = config
    elif config:
        out["image_config"] = config


def _safety(chat: ir.ChatRequest, google: Json, report: Report, options: Options) -> None:
    """What only Google's endpoint takes."""
    if options.google_compat:
        if chat.cached_content is not None:
            google["cached_content"] = chat.cached_content
        if chat.safety is not UNSET and chat.safety:
            google["safety_settings"] = [_setting(one) for one in chat.safety]
        return
    if chat.cached_content is not None:
        report.lose("dropped", chat, "cached_content", "request.cached_content", CODEC)
    for one in chat.safety or ():
        report.lose("dropped", one, None, "safety.settings", CODEC)


def _setting(one: ir.SafetySetting) -> Json:
    said = {"category": one.category, "threshold": one.threshold, "method": one.method}
    return {key: value for key, value in said.items() if value is not None}
