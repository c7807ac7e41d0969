"""Parameters of another protocol, as the model's family takes them."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from metaphrase import ir
from metaphrase.loss import LossKind
from metaphrase_gemini import schemas
from metaphrase_gemini.wire import request as wire
from metaphrase_gemini.words import DETAIL_WORDS, INT32, MIME_WORDS, OUTPUT_MODALITIES, TIER_WORDS

from .restore import speech_config
from .scope import Scope
from .thinking import write_thinking
from .tools import wants_schema

_MOST_STOPS = 5
_RANKS = {"low": 1, "medium": 2, "high": 3, "ultra": 4}


def write_config(chat: ir.ChatRequest, to: Scope) -> wire.GenerationConfig | UnsetType:
    """The generation parameters, in the order of the schema."""
    s = chat.sampling
    if to.family.sampling and s == ir.Sampling(s.temperature, s.top_p, UNSET, s.max_tokens):
        tokens = UNSET if s.max_tokens is UNSET else _int32(chat, "max_tokens", s.max_tokens, to)
        out = wire.GenerationConfig(s.temperature, s.top_p, UNSET, tokens)
    else:
        out = wire.GenerationConfig()
        _sampling(chat, s, out, to)
    if chat.output is not None:
        _output(chat, chat.output, out, to)
    if chat.thinking is not None:
        out.thinking_config = write_thinking(chat, chat.thinking, to)
    if chat.modalities is not UNSET:
        _modalities(chat, chat.modalities, out, to)
    detail = chat.media_detail
    if to.detailed:
        detail = _shared_detail(detail, to)
    if detail is not None:
        _detail(chat, detail, out, to)
    if chat.image is not None:
        out.image_config = wire.ImageConfig(_set(chat.image.aspect), _set(chat.image.size))
    if chat.speech is not None:
        if chat.speech.format is not None:
            to.lose("dropped", chat, "speech.format", "output.audio.format", "answers are raw PCM")
        found = speech_config(_speech(chat, chat.speech, to))
        out.speech_config = UNSET if found == wire.SpeechConfig() else found
    return UNSET if out == _EMPTY else out


_EMPTY = wire.GenerationConfig()


def _speech(chat: ir.ChatRequest, speech: ir.SpeechSetting, to: Scope) -> ir.SpeechSetting:
    """The voice under Gemini's name, where the caller has a table of them."""
    voice = to.options.voices.get(speech.voice or "")
    if voice is None:
        return speech
    to.lose("approximated", chat, "speech.voice", "output.audio.voice", f"as {voice}")
    return replace(speech, voice=voice)


def _set(value: Any) -> Any:
    return UNSET if value is None else value


def _sampling(chat: ir.ChatRequest, s: ir.Sampling, out: wire.GenerationConfig, to: Scope) -> None:
    family = to.family
    out.temperature = _kept(chat, "temperature", s.temperature, family.sampling, to)
    out.top_p = _kept(chat, "top_p", s.top_p, family.sampling, to)
    out.top_k = _whole(chat, _kept(chat, "top_k", s.top_k, family.sampling, to), to)
    out.max_output_tokens = _int32(chat, "max_tokens", s.max_tokens, to)
    out.stop_sequences = UNSET if s.stop is UNSET else _stop(chat, s.stop, to)
    out.candidate_count = _candidates(chat, s.n, to)
    out.seed = _int32(chat, "seed", s.seed, to)
    out.presence_penalty = _kept(chat, "presence_penalty", s.presence_penalty, family.penalties, to)
    out.frequency_penalty = _kept(chat, "frequency_penalty", s.frequency_penalty, family.penalties, to)
    out.response_logprobs = _kept(chat, "logprobs", s.logprobs, family.logprobs or s.logprobs is False, to)
    out.logprobs = _kept(chat, "top_logprobs", s.top_logprobs, family.logprobs, to)


def _kept(chat: ir.ChatRequest, field: str, value: Any, taken: bool, to: Scope) -> Any:
    """A parameter that the family takes; one that it ignores or refuses is reported."""
    if value is not UNSET and not taken:
        to.lose("dropped", chat, f"sampling.{field}", f"sampling.{field}", "this model ignores or refuses it")
        return UNSET
    return value


def _whole(chat: ir.ChatRequest, value: Any, to: Scope) -> Any:
    """TopK is a whole number in the Developer API."""
    if not isinstance(value, float):
        return value
    if not value.is_integer():
        to.lose("approximated", chat, "sampling.top_k", "sampling.top_k", "a whole number")
    return int(value)


def _int32(chat: ir.ChatRequest, field: str, value: int | UnsetType, to: Scope) -> int | UnsetType:
    if value is UNSET or value in INT32:
        return value
    if field == "seed":
        to.lose("dropped", chat, "sampling.seed", "sampling.seed", "seeds have 32 bits")
        return UNSET
    to.lose("approximated", chat, f"sampling.{field}", f"sampling.{field}", "32 bits")
    return INT32[-1]


def _stop(chat: ir.ChatRequest, stop: tuple[str, ...], to: Scope) -> list[str] | UnsetType:
    for place in range(_MOST_STOPS, len(stop)):
        to.lose("dropped", chat, "sampling.stop", "sampling.stop", "five at most", below=(place,))
    return list(stop[:_MOST_STOPS]) or UNSET


def _candidates(chat: ir.ChatRequest, n: int | UnsetType, to: Scope) -> int | UnsetType:
    if n is UNSET or n <= to.family.candidates:
        return n
    most = to.family.candidates
    to.lose("approximated", chat, "sampling.n", "sampling.n", f"{most} at most")
    return most


def _output(chat: ir.ChatRequest, output: ir.OutputFormat, out: wire.GenerationConfig, to: Scope) -> None:
    out.response_mime_type = MIME_WORDS[output.kind]
    if output.name is not None:
        to.lose("dropped", chat, "output.name", "output.name")
    if output.description is not None:
        to.lose("dropped", chat, "output.description", "output.description")
    if output.strict is False:
        to.lose("dropped", chat, "output.strict", "output.strict", "a schema always holds")
    if output.schema is None:
        return
    if not wants_schema(to):
        out.response_json_schema = output.schema.raw
        return
    found, losses = schemas.down(bytes(output.schema.raw))
    for loss in losses:
        to.lose(loss.kind, chat, "output.schema", loss.feature, loss.detail, below=loss.keys)
    out.response_schema = found


def _modalities(chat: ir.ChatRequest, given: tuple[str, ...], out: wire.GenerationConfig, to: Scope) -> None:
    found: list[str | int] = []
    for place, word in enumerate(given):
        if word in OUTPUT_MODALITIES:
            found.append(word.upper())
        else:
            to.lose("dropped", chat, "modalities", "output.modalities", "unknown", below=(place,))
    out.response_modalities = found or UNSET


def _shared_detail(detail: str | None, to: Scope) -> str | None:
    """Detail for all media at once, for models that take no other: the highest that any of them asks for."""
    ranked = [part.detail for part in to.detailed if part.detail in _RANKS]
    highest = max(ranked, key=lambda word: _RANKS[word or ""], default=detail)
    for part in to.detailed:
        if part.detail != highest or highest == "ultra":  # which is for single media only
            kind: LossKind = "approximated" if part.detail in _RANKS else "dropped"
            to.lose(kind, part, "detail", "media.detail", "one for all media of the request")
    return highest


def _detail(chat: ir.ChatRequest, detail: str, out: wire.GenerationConfig, to: Scope) -> None:
    word = DETAIL_WORDS.get("high" if detail == "ultra" else detail)
    if word is None:
        to.lose("dropped", chat, "media_detail", "media.detail", "unknown")
    else:
        out.media_resolution = word


def write_tier(chat: ir.ChatRequest, tier: str, to: Scope) -> str | UnsetType:
    """`auto` is what absence says."""
    word = TIER_WORDS.get(tier, UNSET)
    if word is UNSET and tier != "auto":
        to.lose("dropped", chat, "service_tier", "request.service_tier", "unknown here")
    return word
