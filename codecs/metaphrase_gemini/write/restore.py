"""A request that came from Gemini goes back as it was: nothing is merged, clamped or repaired."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from metaphrase import ir
from metaphrase.wirejson import elements, members
from metaphrase_gemini.leftovers import EMPTY, graft, is_object, spelt
from metaphrase_gemini.wire import request as wire
from metaphrase_gemini.wire.content import Content
from metaphrase_gemini.words import BUILTIN_WORDS, CODEC, DETAIL_WORDS, MIME_WORDS, MODE_WORDS, TIER_WORDS

from .content import write_parts
from .scope import Scope
from .thinking import write_thinking
from .tools import declaration

_NO_SAMPLING = ir.Sampling()


def restore(chat: ir.ChatRequest, to: Scope) -> Any:
    """The body of a request as it was read."""
    body = wire.GenerateContentRequest()
    system = [message for message in chat.messages if message.role == "system"]
    if system:
        body.system_instruction = _content(system[0], to, None)
        if len(system) > 1:
            body.system_instruction = Content([part for message in system for part in write_parts(message.parts, to)])
    contents = [_content(message, to, message.role) for message in chat.messages if message.role != "system"]
    left = chat.leftovers(CODEC)
    if contents:
        body.contents = contents
    body.generation_config = _config(chat, left.get("generationConfig"), to)
    if chat.tools is not UNSET:
        groups = left.get("tools")
        body.tools = _tools(chat.tools, elements(groups) if groups is not None else [], to)
        left = {key: raw for key, raw in left.items() if key != "tools"}
    if chat.tool_choice is not None:
        body.tool_config = wire.ToolConfig(_calling(chat, chat.tool_choice))
    if chat.safety is not UNSET:
        body.safety_settings = [_safety(one) for one in chat.safety]
    if chat.cached_content is not None:
        body.cached_content = chat.cached_content
    if chat.service_tier is not None:
        kept = chat.spelling(CODEC, "service_tier")
        body.service_tier = chat.service_tier if kept else TIER_WORDS.get(chat.service_tier, chat.service_tier)
    body.store, body.labels = chat.store, chat.labels
    return graft(body, left)


def _content(message: ir.Message, to: Scope, role: str | None) -> Any:
    parts: Any = write_parts(message.parts, to)
    word: Any = UNSET if role is None else "user" if role == "tool" else role
    if message.spelt is not None:
        kept = spelt(message, "role", message.role)
        if kept is not None:
            word = msgspec.json.decode(kept["role"]) if kept else UNSET
        if spelt(message, "parts", message.parts) is not None:
            parts = UNSET
    out = Content(parts, word)
    return out if message.ext is None else graft(out, message.leftovers(CODEC))


def _config(chat: ir.ChatRequest, left: Raw | None, to: Scope) -> Any:
    s = chat.sampling
    out = wire.GenerationConfig(
        s.temperature,
        s.top_p,
        s.top_k,
        s.max_tokens,
        UNSET if s.stop is UNSET else list(s.stop),
        s.seed,
        s.presence_penalty,
        s.frequency_penalty,
        s.n,
        s.logprobs,
        s.top_logprobs,
    )
    odd = (chat.output, chat.thinking, chat.image, chat.speech, chat.media_detail) != (None,) * 5
    if odd or chat.modalities is not UNSET:
        _output(chat, out)
        _kinds(chat, out, to)
    elif s == _NO_SAMPLING and (left is None or not is_object(left)):
        return UNSET
    return out


def _output(chat: ir.ChatRequest, out: wire.GenerationConfig) -> None:
    output = chat.output
    if output is None:
        return
    if spelt(chat, "mime", output.kind) is None:
        out.response_mime_type = MIME_WORDS[output.kind]
    if output.schema is not None:
        kept = spelt(chat, "schema", output.schema) or {"responseJsonSchema": output.schema.raw}
        out.response_json_schema = kept.get("responseJsonSchema", UNSET)
        out.documented_json_schema = kept.get("_responseJsonSchema", UNSET)
        out.response_schema = kept.get("responseSchema", UNSET)


def _kinds(chat: ir.ChatRequest, out: wire.GenerationConfig, to: Scope) -> None:
    """Thinking, modalities, images, speech."""
    if chat.thinking is not None:
        out.thinking_config = _thinking(chat, chat.thinking, to)
    if chat.modalities is not UNSET:
        kept = spelt(chat, "modalities", chat.modalities)
        words: list[str | int] = [word.upper() for word in chat.modalities]
        out.response_modalities = msgspec.json.decode(kept["responseModalities"]) if kept else words
    if chat.media_detail is not None:
        out.media_resolution = DETAIL_WORDS.get(chat.media_detail, chat.media_detail)
    if chat.image is not None:
        out.image_config = wire.ImageConfig(_set(chat.image.aspect), _set(chat.image.size))
    if chat.speech is not None:
        out.speech_config = speech_config(chat.speech)


def speech_config(speech: ir.SpeechSetting) -> wire.SpeechConfig:
    """A voice by name and a language."""
    found = wire.SpeechConfig(language_code=_set(speech.language))
    if speech.voice is not None:
        found.voice_config = wire.VoiceConfig(wire.PrebuiltVoiceConfig(speech.voice))
    return found


def _thinking(chat: ir.ChatRequest, thinking: ir.ThinkingSetting, to: Scope) -> wire.ThinkingConfig | UnsetType:
    if thinking.effort is not None or thinking.enabled is not None:  # not read: Gemini has no word for these
        return write_thinking(chat, thinking, to)
    level = _set(thinking.level)
    if level is not UNSET:
        kept = spelt(chat, "level", thinking.level)
        level = msgspec.json.decode(kept["thinkingLevel"]) if kept else str(level).upper()
    return wire.ThinkingConfig(_set(thinking.include), _set(thinking.budget), level)


def _set(value: Any) -> Any:
    return UNSET if value is None else value


def _tools(tools: tuple[ir.Tool, ...], left: list[Raw], to: Scope) -> list[Any]:
    """Tools in the groups they stood in, with the nulls that stood there."""
    out: list[Any] = [dict(members(raw)) for raw in left]
    functions: dict[int, list[Any]] = {}
    for tool in tools:
        group = 0 if isinstance(tool, ir.Custom) else min(tool.group, len(out))
        if group == len(out):
            out.append({})
        if isinstance(tool, ir.Builtin):
            out[group][BUILTIN_WORDS.get(tool.kind, tool.kind)] = tool.config or EMPTY
        else:
            declared = _function(tool) if isinstance(tool, ir.Function) else declaration(tool, to)
            functions.setdefault(group, []).append(declared)
    for group, listed in functions.items():  # also where a null or an empty list stood, and the tools were changed
        out[group]["functionDeclarations"] = listed
    return out


def _function(tool: ir.Function) -> Any:
    out = wire.FunctionDeclaration(tool.name, UNSET if tool.description is None else tool.description)
    if tool.parameters is not None:
        kept = spelt(tool, "parameters", tool.parameters)
        if kept is not None:
            out.parameters = kept["parameters"]
        else:
            out.parameters_json_schema = tool.parameters.raw
    return out if tool.ext is None else graft(out, tool.leftovers(CODEC))


def _calling(chat: ir.ChatRequest, choice: ir.ToolChoice) -> wire.FunctionCallingConfig:
    out = wire.FunctionCallingConfig(MODE_WORDS[choice.mode])
    kept = spelt(chat, "mode", choice.mode)
    if kept is not None:
        out.mode = msgspec.json.decode(kept["mode"])
    if choice.names or spelt(chat, "names", choice.names) is not None:
        out.allowed_function_names = list(choice.names)
    return out


def _safety(one: ir.SafetySetting) -> Any:
    out = wire.SafetySetting(_word(one.category), _word(one.threshold), _set(one.method))
    return out if one.ext is None else graft(out, one.leftovers(CODEC))


def _word(value: str | int) -> Any:
    return UNSET if value == "" else value
