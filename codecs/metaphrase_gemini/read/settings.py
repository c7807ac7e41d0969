"""`generationConfig`: parameters, the form of the answer, thinking, images and speech."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.ir import At, Spelling
from metaphrase.loss import Report
from metaphrase.wirejson import encode, keep
from metaphrase_gemini import schemas
from metaphrase_gemini.leftovers import EMPTY, residue, set_aside, spelling
from metaphrase_gemini.wire import request as wire
from metaphrase_gemini.wire.content import Gemini
from metaphrase_gemini.words import CODEC, DETAILS, MIMES, OUTPUT_MODALITIES

from .keys import CONFIG

_AT = At(None, CONFIG)
_SCHEMAS = ("responseJsonSchema", "_responseJsonSchema", "responseSchema")


def read_sampling(config: wire.GenerationConfig) -> tuple[ir.Sampling, bool]:
    """The parameters that are the same in both worlds, and whether nothing else is there."""
    first = wire.GenerationConfig(config.temperature, config.top_p, config.top_k, config.max_output_tokens)
    if config == first:
        return ir.Sampling(first.temperature, first.top_p, first.top_k, first.max_output_tokens), config != _NONE
    stop = config.stop_sequences
    first.stop_sequences = stop
    first.seed = config.seed
    first.presence_penalty, first.frequency_penalty = config.presence_penalty, config.frequency_penalty
    first.candidate_count = config.candidate_count
    first.response_logprobs, first.logprobs = config.response_logprobs, config.logprobs
    sampling = ir.Sampling(
        config.temperature,
        config.top_p,
        config.top_k,
        config.max_output_tokens,
        UNSET if stop is UNSET else tuple(stop),
        config.seed,
        config.presence_penalty,
        config.frequency_penalty,
        config.candidate_count,
        config.response_logprobs,
        config.logprobs,
    )
    return sampling, config == first


_NONE = wire.GenerationConfig()
OutputKind = Literal["text", "json", "schema", "enum"]


class Reading:
    """One configuration: fields for the request, its leftovers and its spellings."""

    def __init__(self, config: wire.GenerationConfig, report: Report) -> None:
        self.config, self.report = config, report
        self.fields: dict[str, Any] = {}
        self.spelt: dict[str, Spelling] = {}
        self.left: dict[str, Raw] = dict(config.extra)
        keep(config.extra, _AT, CODEC, report)

    def read(self) -> Raw | None:
        """Read all but the sampling parameters; what is left over, as an object."""
        config = self.config
        self._output()
        if config.thinking_config is not UNSET:
            self._thinking(config.thinking_config)
        if config.response_modalities is not UNSET:
            self._modalities(config.response_modalities)
        if config.media_resolution is not UNSET:
            self._detail(config.media_resolution)
        if config.image_config is not UNSET:
            image = config.image_config
            self.fields["image"] = ir.ImageSetting(_or(image.aspect_ratio), _or(image.image_size))
            self._rest("imageConfig", image)
        if config.speech_config is not UNSET:
            self._speech(config.speech_config)
        return Raw(encode(self.left)) if self.left else EMPTY if config == _NONE else None

    def _rest(self, key: str, value: Gemini) -> None:
        """Set aside what a nested object holds besides its fields."""
        left = residue(value, At(_AT, key), self.report)
        if left is not None:
            self.left[key] = left

    def _aside(self, key: str, value: object) -> None:
        raw = value if isinstance(value, Raw) else Raw(encode(value))
        self.left = set_aside(self.left, _AT, key, raw, self.report)

    def _output(self) -> None:
        config = self.config
        mime = config.response_mime_type
        schema = self._schema()
        kind: OutputKind | None = None if mime is UNSET else MIMES.get(mime)
        if mime is not UNSET and kind is None:
            self._aside("responseMimeType", mime)
        if kind is None and schema is None:
            return
        if kind is None:
            self.spelt["mime"] = spelling("schema", {})
        if schema is not None and kind in ("json", None):
            kind = "schema"
        self.fields["output"] = ir.OutputFormat(kind or "schema", schema)

    def _schema(self) -> ir.JsonSchema | None:
        """The schema of the answer, under the first of its three names; any other is left over."""
        config = self.config
        found: ir.JsonSchema | None = None
        values = (config.response_json_schema, config.documented_json_schema, config.response_schema)
        for key, raw in zip(_SCHEMAS, values, strict=True):
            if raw is UNSET:
                continue
            if found is not None or memoryview(raw)[0] not in b"{tf":
                self._aside(key, raw)
            elif key == "responseSchema":
                found = schemas.up(bytes(raw), _AT, key, self.report)
                self.spelt["schema"] = spelling(found, {key: raw})
            else:
                found = ir.JsonSchema(raw)
                if key != "responseJsonSchema":
                    self.spelt["schema"] = spelling(found, {key: raw})
        return found

    def _thinking(self, config: wire.ThinkingConfig) -> None:
        level = config.thinking_level
        word = level.lower() if isinstance(level, str) else None
        if word == "thinking_level_unspecified":
            word = None
        if level is not UNSET and word is None:
            self._nested("thinkingConfig", config, "thinkingLevel", level)
        else:
            if isinstance(level, str) and level != level.upper():
                self.spelt["level"] = spelling(word, {"thinkingLevel": Raw(encode(level))})
            self._rest("thinkingConfig", config)
        include, budget = config.include_thoughts, config.thinking_budget
        self.fields["thinking"] = ir.ThinkingSetting(
            level=word, budget=None if budget is UNSET else budget, include=None if include is UNSET else include
        )

    def _nested(self, key: str, value: Gemini, inner: str, given: object) -> None:
        """Leftovers of a nested object, with one field that the IR has no word for."""
        at = At(_AT, key)
        keep(value.extra, at, CODEC, self.report)
        left = set_aside(dict(value.extra), at, inner, Raw(encode(given)), self.report)
        self.left[key] = Raw(encode(left))

    def _modalities(self, given: list[str | int]) -> None:
        words = tuple([_modality(word) for word in given])
        self.fields["modalities"] = words
        if given != [word.upper() for word in words]:
            self.spelt["modalities"] = spelling(words, {"responseModalities": Raw(encode(given))})

    def _detail(self, given: str | int) -> None:
        detail = DETAILS.get(given) if isinstance(given, str) else None
        if detail is None:
            self._aside("mediaResolution", given)
        else:
            self.fields["media_detail"] = detail

    def _speech(self, speech: wire.SpeechConfig) -> None:
        voice: str | None = None
        if speech.voice_config is not UNSET and speech.voice_config.prebuilt_voice_config is not UNSET:
            voice = _or(speech.voice_config.prebuilt_voice_config.voice_name)
        self.fields["speech"] = ir.SpeechSetting(voice, None, _or(speech.language_code))
        self._rest("speechConfig", speech)


def _modality(word: str | int) -> str:
    if isinstance(word, str):
        return word.lower()
    return OUTPUT_MODALITIES[word - 1] if 0 < word <= len(OUTPUT_MODALITIES) else str(word)


def _or(value: Any) -> Any:
    return None if value is UNSET else value
