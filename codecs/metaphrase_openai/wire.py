"""Chat Completions as data: https://github.com/openai/openai-openapi, openapi.yaml 2.3.0, and what is common beside it.

Nothing is required and little is nullable: what is rare comes out of the tolerant path, in ``extra``.
"""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from metaphrase.wirejson import Wire

Number = int | float


class ImageUrl(Wire):
    """``url`` is an address or a data URL; it may be megabytes and is never decoded as a whole."""

    url: Raw | UnsetType = UNSET
    detail: str | UnsetType = UNSET
    format: str | UnsetType = UNSET
    media_resolution: str | UnsetType = UNSET


class InputAudio(Wire):
    data: Raw | UnsetType = UNSET
    format: str | UnsetType = UNSET


class File(Wire):
    file_data: Raw | UnsetType = UNSET
    filename: str | UnsetType = UNSET
    file_id: str | UnsetType = UNSET
    format: str | UnsetType = UNSET


class Part(Wire):
    """A content part; ``type`` says which of the others is meant. Vendors' own kinds come out of the tolerant path."""

    type: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    image_url: ImageUrl | str | UnsetType = UNSET
    input_audio: InputAudio | str | UnsetType = UNSET
    file: File | UnsetType = UNSET
    refusal: str | UnsetType = UNSET


class FunctionCall(Wire):
    name: str | UnsetType = UNSET
    arguments: str | UnsetType = UNSET


class CustomCall(Wire):
    name: str | UnsetType = UNSET
    input: str | UnsetType = UNSET


class ToolCall(Wire):
    id: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    function: FunctionCall | UnsetType = UNSET
    custom: CustomCall | UnsetType = UNSET
    index: int | UnsetType = UNSET
    extra_content: Raw | UnsetType = UNSET


class Message(Wire):
    """A message of any role, in a request or in an answer. Cloudflare's JSON mode answers with an object."""

    role: str | UnsetType = UNSET
    content: str | list[Part] | dict[str, Raw] | UnsetType | None = UNSET
    tool_calls: list[ToolCall] | UnsetType | None = UNSET
    tool_call_id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    refusal: str | UnsetType | None = UNSET
    reasoning_content: str | UnsetType | None = UNSET
    reasoning: str | UnsetType | None = UNSET
    reasoning_details: Raw | UnsetType = UNSET
    annotations: Raw | UnsetType = UNSET
    extra_content: Raw | UnsetType = UNSET
    images: Raw | UnsetType = UNSET
    audio: Raw | UnsetType = UNSET
    function_call: Raw | UnsetType = UNSET


class FunctionTool(Wire):
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    parameters: Raw | UnsetType = UNSET
    strict: bool | UnsetType | None = UNSET


class CustomTool(Wire):
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    format: Raw | UnsetType = UNSET


class Tool(Wire):
    type: str | UnsetType = UNSET
    function: FunctionTool | UnsetType = UNSET
    custom: CustomTool | UnsetType = UNSET


class JsonSchema(Wire):
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    schema: Raw | UnsetType = UNSET
    strict: bool | UnsetType | None = UNSET


class ResponseFormat(Wire):
    type: str | UnsetType = UNSET
    json_schema: JsonSchema | UnsetType = UNSET


class StreamOptions(Wire):
    include_usage: bool | UnsetType = UNSET


class Request(Wire):
    """The members that OpenAI and nearly all who speak its protocol know; the others are looked up in ``extra``."""

    messages: list[Message] | UnsetType = UNSET
    model: str | UnsetType = UNSET
    temperature: Number | UnsetType = UNSET
    top_p: Number | UnsetType = UNSET
    top_k: Number | UnsetType = UNSET
    max_tokens: int | UnsetType = UNSET
    max_completion_tokens: int | UnsetType = UNSET
    stop: str | list[str] | UnsetType = UNSET
    seed: int | UnsetType = UNSET
    presence_penalty: Number | UnsetType = UNSET
    frequency_penalty: Number | UnsetType = UNSET
    n: int | UnsetType = UNSET
    logprobs: bool | UnsetType = UNSET
    top_logprobs: int | UnsetType = UNSET
    stream: bool | UnsetType = UNSET
    stream_options: StreamOptions | UnsetType = UNSET
    tools: list[Tool] | UnsetType = UNSET
    tool_choice: Raw | UnsetType = UNSET
    parallel_tool_calls: bool | UnsetType = UNSET
    response_format: ResponseFormat | UnsetType = UNSET
    reasoning_effort: str | UnsetType = UNSET
    modalities: list[str] | UnsetType = UNSET
    service_tier: str | UnsetType = UNSET
    store: bool | UnsetType = UNSET


class TokenLogprob(Wire):
    token: str | UnsetType = UNSET
    logprob: Number | UnsetType = UNSET
    bytes: list[int] | UnsetType | None = UNSET
    top_logprobs: list[TokenLogprob] | UnsetType = UNSET
    id: int | UnsetType = UNSET


class Logprobs(Wire):
    content: list[TokenLogprob] | UnsetType | None = UNSET
    refusal: Raw | UnsetType = UNSET


class UrlCitation(Wire):
    url: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    start_index: int | UnsetType = UNSET
    end_index: int | UnsetType = UNSET


class Annotation(Wire):
    type: str | UnsetType = UNSET
    url_citation: UrlCitation | UnsetType = UNSET


class Choice(Wire):
    index: int | UnsetType = UNSET
    message: Message | UnsetType = UNSET
    finish_reason: str | UnsetType | None = UNSET
    logprobs: Raw | UnsetType = UNSET
    native_finish_reason: Raw | UnsetType = UNSET


class PromptDetails(Wire):
    """Counts that are absent and counts that are null need not be told apart: the usage is kept as it was said."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    text_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None
    video_tokens: int | None = None


class CompletionDetails(Wire):
    reasoning_tokens: int | None = None
    text_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None
    accepted_prediction_tokens: int | None = None
    rejected_prediction_tokens: int | None = None


class Usage(Wire):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None


class Response(Wire):
    id: str | UnsetType = UNSET
    object: str | UnsetType = UNSET
    created: int | UnsetType = UNSET
    model: str | UnsetType = UNSET
    choices: list[Choice] | UnsetType = UNSET
    usage: Raw | UnsetType = UNSET
    service_tier: str | UnsetType | None = UNSET
    system_fingerprint: Raw | UnsetType = UNSET
    error: Raw | UnsetType = UNSET
