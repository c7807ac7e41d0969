"""Chat requests and responses, neutral between protocols. UNSET: the source did not say."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Raw, Struct, UnsetType

from .content import Citation, Part
from .node import Node

Role = Literal["system", "user", "model", "tool"]
Number = int | float


class Message(Node, frozen=True):
    """One message of the source: never merged, never split by a reader. ``name`` is the participant's."""

    role: Role
    parts: tuple[Part, ...]
    name: str | None = None


class JsonSchema(Struct, frozen=True, gc=False):
    """A schema, verbatim. ``dialect``: "json" is JSON Schema, "openapi" is Gemini's Schema subset."""

    raw: Raw
    dialect: Literal["json", "openapi"] = "json"


class Function(Node, frozen=True, tag="function"):
    """A function of the client. ``group`` numbers the tool object it stood in, where a protocol groups them."""

    name: str
    description: str | None = None
    parameters: JsonSchema | None = None
    strict: bool | None = None
    group: int = 0


class Custom(Node, frozen=True, tag="custom"):
    """A tool that takes free text. ``format`` is its grammar, verbatim."""

    name: str
    description: str | None = None
    format: Raw | None = None


class Builtin(Node, frozen=True, tag="builtin"):
    """A tool that the server runs. ``kind`` is neutral: web_search, url_context, code_execution, maps, file_search,
    computer_use, mcp, retrieval; any other name is the vendor's own. ``config``: its settings, in ``codec``'s words.
    """

    kind: str
    codec: str
    config: Raw | None = None
    group: int = 0


Tool = Function | Custom | Builtin


class ToolChoice(Node, frozen=True):
    """auto, none, required, or validated (auto, with calls held to their schemas); among ``names`` if any."""

    mode: Literal["auto", "none", "required", "validated"]
    names: tuple[str, ...] = ()
    kind: Literal["function", "custom"] = "function"


class Sampling(Struct, frozen=True, gc=False):
    """Generation parameters, in the units that both protocols share; ``max_tokens`` counts thinking too."""

    temperature: Number | UnsetType = UNSET
    top_p: Number | UnsetType = UNSET
    top_k: Number | UnsetType = UNSET
    max_tokens: int | UnsetType = UNSET
    stop: tuple[str, ...] | UnsetType = UNSET
    seed: int | UnsetType = UNSET
    presence_penalty: Number | UnsetType = UNSET
    frequency_penalty: Number | UnsetType = UNSET
    n: int | UnsetType = UNSET
    logprobs: bool | UnsetType = UNSET
    top_logprobs: int | UnsetType = UNSET


class OutputFormat(Struct, frozen=True, gc=False):
    """``text``; ``json``: any JSON; ``schema``: JSON held to ``schema``; ``enum``: one word of ``schema``'s enum."""

    kind: Literal["text", "json", "schema", "enum"]
    schema: JsonSchema | None = None
    name: str | None = None
    description: str | None = None
    strict: bool | None = None


class ThinkingSetting(Struct, frozen=True, gc=False):
    """How much to think. ``effort`` is OpenAI's word (none .. xhigh), ``level`` Gemini's, ``budget`` tokens.

    Budget -1: the model decides; 0: off. ``include``: show the thoughts. None: not said.
    """

    effort: str | None = None
    level: str | None = None
    budget: int | None = None
    enabled: bool | None = None
    include: bool | None = None


class ImageSetting(Struct, frozen=True, gc=False):
    """Generated images: ``aspect`` as "16:9", ``size`` as "1K"."""

    aspect: str | None = None
    size: str | None = None


class SpeechSetting(Struct, frozen=True, gc=False):
    """Generated speech: the voice's name, the container asked for (wav, mp3, pcm16 ...), a BCP-47 language."""

    voice: str | None = None
    format: str | None = None
    language: str | None = None


class SafetySetting(Node, frozen=True):
    """A threshold for one harm category, in Google's words (OpenAI has none)."""

    category: str | int
    threshold: str | int
    method: str | int | None = None


class ChatRequest(Node, frozen=True):
    """A request for one or more answers. ``origin``: the codec that read it ("" when built by hand).

    Repairs, merges, clamps and model rules apply only when ``origin`` is not the writing codec. ``target`` is the HTTP
    target it came with, restored by the same codec. ``model`` None: not said. ``labels`` are the caller's own tags.
    """

    messages: tuple[Message, ...]
    model: str | None = None
    origin: str = ""
    target: str = ""
    sampling: Sampling = Sampling()
    tools: tuple[Tool, ...] | UnsetType = UNSET
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | UnsetType = UNSET
    output: OutputFormat | None = None
    thinking: ThinkingSetting | None = None
    modalities: tuple[str, ...] | UnsetType = UNSET  # lower case: text, image, audio
    image: ImageSetting | None = None
    speech: SpeechSetting | None = None
    media_detail: str | None = None  # for all media of the request: low, medium, high
    safety: tuple[SafetySetting, ...] | UnsetType = UNSET
    cached_content: str | None = None
    service_tier: str | None = None  # OpenAI's words: auto, default, flex, priority, scale
    store: bool | UnsetType = UNSET
    labels: dict[str, str] | UnsetType = UNSET
    stream: bool = False
    include_usage: bool = False  # a streamed answer ends with its usage


def is_bare(chat: ChatRequest) -> bool:
    """Whether it says nothing but messages and sampling parameters, as most requests without tools."""
    said = ChatRequest(
        chat.messages,
        chat.model,
        chat.origin,
        chat.target,
        chat.sampling,
        stream=chat.stream,
        include_usage=chat.include_usage,
        at=chat.at,
        ext=chat.ext,
        spelt=chat.spelt,
    )
    return chat == said


class Finish(Struct, frozen=True, gc=False):
    """Why an answer ended: the neutral class, and the vendor's own word beside it ("" or None: it gave none).

    ``error``: the model's call or answer was malformed. ``other``: anything unknown. ``codec`` owns ``native``.
    """

    reason: Literal["stop", "length", "tool_calls", "filter", "error", "other"]
    native: str | int | None = None
    codec: str = ""
    message: str | None = None


class TokenLogprob(Node, frozen=True):
    """One token, the natural logarithm of its probability, its likeliest rivals. ``bytes``: its UTF-8, if said."""

    token: str
    logprob: Number
    bytes: tuple[int, ...] | None = None
    top: tuple[TokenLogprob, ...] = ()
    id: int | None = None


class SafetyRating(Node, frozen=True):
    """How likely one kind of harm is, in Google's words."""

    category: str | int
    probability: str | int | None = None
    blocked: bool | None = None


class Choice(Node, frozen=True):
    """One answer. ``role`` is "model" unless the source said otherwise; ``finish`` None: not finished, or not said."""

    index: int
    parts: tuple[Part, ...]
    finish: Finish | None = None
    citations: tuple[Citation, ...] = ()
    logprobs: tuple[TokenLogprob, ...] | None = None
    safety: tuple[SafetyRating, ...] = ()


class Blocked(Node, frozen=True):
    """The prompt was refused before any answer. ``reason`` is the vendor's word."""

    reason: str | int
    message: str | None = None
    safety: tuple[SafetyRating, ...] = ()


class Usage(Node, frozen=True):
    """Token counts; None is not 0. ``input`` includes ``cached`` and excludes ``tool_input``; ``output`` excludes
    ``reasoning``; ``total`` is the vendor's own sum. The ``*_by`` pairs split a count by modality in lower case.
    """

    input: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    tool_input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    total: int | None = None
    input_by: tuple[tuple[str, int], ...] = ()
    output_by: tuple[tuple[str, int], ...] = ()


class ChatResponse(Node, frozen=True):
    """An answer. ``created``: Unix seconds, None if not said. ``id`` and ``model`` are "" if not said."""

    choices: tuple[Choice, ...]
    id: str = ""
    model: str = ""
    created: int | None = None
    origin: str = ""
    usage: Usage | None = None
    blocked: Blocked | None = None
    service_tier: str | None = None  # OpenAI's words
