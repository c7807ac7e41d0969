"""Where Gemini's wire keeps what the IR's nodes hold: losses are reported at these places."""

from __future__ import annotations

from collections.abc import Callable

from metaphrase import ir
from metaphrase.loss import Key, Keys

CONFIG = "generationConfig"
_CALLING = ("toolConfig", "functionCallingConfig")
_THINKING = (CONFIG, "thinkingConfig")
_IMAGE = (CONFIG, "imageConfig")
_SPEECH = (CONFIG, "speechConfig")
_VOICE = (*_SPEECH, "voiceConfig", "prebuiltVoiceConfig", "voiceName")


def _of_media(inline: str, file: str) -> Callable[[ir.Media], Key]:
    def key(media: ir.Media) -> Key:
        return ("inlineData", inline) if isinstance(media.source, ir.Inline) else ("fileData", file)

    return key


def _of_schema(chat: ir.ChatRequest) -> Key:
    kept = chat.spelt.get("schema") if chat.spelt else None
    return (CONFIG, next(iter(kept.members)) if kept and kept.members else "responseJsonSchema")


def _of_citation(key: str) -> Callable[[ir.Citation], Key]:
    def place(citation: ir.Citation) -> Key:
        up = citation.at.up if citation.at is not None else None
        return ("segment", key) if up is not None and up.key == "groundingSupports" else key

    return place


REQUEST_KEYS: Keys = {
    ir.ChatRequest: {
        "sampling.temperature": (CONFIG, "temperature"),
        "sampling.top_p": (CONFIG, "topP"),
        "sampling.top_k": (CONFIG, "topK"),
        "sampling.max_tokens": (CONFIG, "maxOutputTokens"),
        "sampling.stop": (CONFIG, "stopSequences"),
        "sampling.seed": (CONFIG, "seed"),
        "sampling.presence_penalty": (CONFIG, "presencePenalty"),
        "sampling.frequency_penalty": (CONFIG, "frequencyPenalty"),
        "sampling.n": (CONFIG, "candidateCount"),
        "sampling.logprobs": (CONFIG, "responseLogprobs"),
        "sampling.top_logprobs": (CONFIG, "logprobs"),
        "tool_choice": _CALLING,
        "tool_choice.mode": (*_CALLING, "mode"),
        "tool_choice.names": (*_CALLING, "allowedFunctionNames"),
        "output": (CONFIG, "responseMimeType"),
        "output.kind": (CONFIG, "responseMimeType"),
        "output.schema": _of_schema,
        "thinking": _THINKING,
        "thinking.include": (*_THINKING, "includeThoughts"),
        "thinking.budget": (*_THINKING, "thinkingBudget"),
        "thinking.level": (*_THINKING, "thinkingLevel"),
        "modalities": (CONFIG, "responseModalities"),
        "image": _IMAGE,
        "image.aspect": (*_IMAGE, "aspectRatio"),
        "image.size": (*_IMAGE, "imageSize"),
        "speech": _SPEECH,
        "speech.voice": _VOICE,
        "speech.language": (*_SPEECH, "languageCode"),
        "media_detail": (CONFIG, "mediaResolution"),
        "safety": "safetySettings",
        "cached_content": "cachedContent",
        "service_tier": "serviceTier",
    },
    ir.Function: {"parameters": "parametersJsonSchema"},
    ir.Builtin: {"config": ()},
    ir.Message: {},
    ir.SafetySetting: {},
}

PART_KEYS: Keys = {
    ir.Text: {"state": "thoughtSignature"},
    ir.Thinking: {"state": "thoughtSignature"},
    ir.Media: {
        "source": _of_media("data", "fileUri"),
        "mime": _of_media("mimeType", "mimeType"),
        "name": _of_media("displayName", "displayName"),
        "detail": ("mediaResolution", "level"),
        "clip": "videoMetadata",
        "clip.start": ("videoMetadata", "startOffset"),
        "clip.end": ("videoMetadata", "endOffset"),
        "clip.fps": ("videoMetadata", "fps"),
        "state": "thoughtSignature",
        "transcript": ("audioTranscription", "text"),
    },
    ir.ToolCall: {
        "id": ("functionCall", "id"),
        "name": ("functionCall", "name"),
        "arguments": ("functionCall", "args"),
        "state": "thoughtSignature",
    },
    ir.ToolResult: {
        "call_id": ("functionResponse", "id"),
        "name": ("functionResponse", "name"),
        "output": ("functionResponse", "response"),
        "parts": ("functionResponse", "parts"),
    },
    ir.Code: {
        "code": ("executableCode", "code"),
        "language": ("executableCode", "language"),
        "id": ("executableCode", "id"),
        "state": "thoughtSignature",
    },
    ir.CodeResult: {
        "outcome": ("codeExecutionResult", "outcome"),
        "output": ("codeExecutionResult", "output"),
        "id": ("codeExecutionResult", "id"),
        "state": "thoughtSignature",
    },
}

RESPONSE_KEYS: Keys = {
    ir.ChatResponse: {
        "id": "responseId",
        "model": "modelVersion",
        "created": "createTime",
        "service_tier": ("usageMetadata", "serviceTier"),
        "usage": "usageMetadata",
        "blocked": "promptFeedback",
    },
    ir.Choice: {
        "finish": "finishReason",
        "finish.reason": "finishReason",
        "finish.native": "finishReason",
        "finish.message": "finishMessage",
        "citations": "groundingMetadata",
        "logprobs": "logprobsResult",
        "safety": "safetyRatings",
    },
    ir.Blocked: {"reason": "blockReason", "message": "blockReasonMessage", "safety": "safetyRatings"},
    ir.Citation: {
        "start": _of_citation("startIndex"),
        "end": _of_citation("endIndex"),
        "url": "uri",
    },
    ir.TokenLogprob: {"logprob": "logProbability", "id": "tokenId"},
    ir.Usage: {
        "input": "promptTokenCount",
        "cached": "cachedContentTokenCount",
        "tool_input": "toolUsePromptTokenCount",
        "output": "candidatesTokenCount",
        "reasoning": "thoughtsTokenCount",
        "total": "totalTokenCount",
        "input_by": "promptTokensDetails",
        "output_by": "candidatesTokensDetails",
    },
}

REQUEST: Keys = {**REQUEST_KEYS, **PART_KEYS}
RESPONSE: Keys = {**RESPONSE_KEYS, **PART_KEYS}
