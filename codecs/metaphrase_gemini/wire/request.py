"""`GenerateContentRequest`: https://ai.google.dev/api/generate-content#request-body."""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType, field

from .content import Content, Gemini


class FunctionDeclaration(Gemini):
    """A function that the model may call. The two kinds of parameters exclude one another."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    parameters_json_schema: Raw | UnsetType = UNSET
    parameters: Raw | UnsetType = UNSET


class Tool(Gemini):
    """Functions, and one field for each tool that Google runs."""

    function_declarations: list[FunctionDeclaration] | UnsetType = UNSET
    google_search: Raw | UnsetType = UNSET
    url_context: Raw | UnsetType = UNSET
    code_execution: Raw | UnsetType = UNSET
    google_maps: Raw | UnsetType = UNSET
    file_search: Raw | UnsetType = UNSET
    computer_use: Raw | UnsetType = UNSET
    mcp_servers: Raw | UnsetType = UNSET
    google_search_retrieval: Raw | UnsetType = UNSET
    retrieval: Raw | UnsetType = UNSET
    enterprise_web_search: Raw | UnsetType = UNSET
    exa_ai_search: Raw | UnsetType = UNSET
    parallel_ai_search: Raw | UnsetType = UNSET


class FunctionCallingConfig(Gemini):
    """Whether and what to call."""

    mode: str | int | UnsetType = UNSET
    allowed_function_names: list[str] | UnsetType = UNSET


class ToolConfig(Gemini):
    """How tools are used."""

    function_calling_config: FunctionCallingConfig | UnsetType = UNSET


class ThinkingConfig(Gemini):
    """How much to think: by budget up to Gemini 2.5, by level from Gemini 3 on."""

    include_thoughts: bool | UnsetType = UNSET
    thinking_budget: int | UnsetType = UNSET
    thinking_level: str | int | UnsetType = UNSET


class ImageConfig(Gemini):
    """Generated images."""

    aspect_ratio: str | UnsetType = UNSET
    image_size: str | UnsetType = UNSET


class PrebuiltVoiceConfig(Gemini):
    """A voice by name."""

    voice_name: str | UnsetType = UNSET


class VoiceConfig(Gemini):
    """A voice."""

    prebuilt_voice_config: PrebuiltVoiceConfig | UnsetType = UNSET


class SpeechConfig(Gemini):
    """Generated speech."""

    voice_config: VoiceConfig | UnsetType = UNSET
    language_code: str | UnsetType = UNSET


class GenerationConfig(Gemini):
    """Parameters. `_responseJsonSchema` is the documented name of what everybody sends as `responseJsonSchema`."""

    temperature: int | float | UnsetType = UNSET
    top_p: int | float | UnsetType = UNSET
    top_k: int | float | UnsetType = UNSET
    max_output_tokens: int | UnsetType = UNSET
    stop_sequences: list[str] | UnsetType = UNSET
    seed: int | UnsetType = UNSET
    presence_penalty: int | float | UnsetType = UNSET
    frequency_penalty: int | float | UnsetType = UNSET
    candidate_count: int | UnsetType = UNSET
    response_logprobs: bool | UnsetType = UNSET
    logprobs: int | UnsetType = UNSET
    response_mime_type: str | UnsetType = UNSET
    response_schema: Raw | UnsetType = UNSET
    response_json_schema: Raw | UnsetType = UNSET
    documented_json_schema: Raw | UnsetType = field(default=UNSET, name="_responseJsonSchema")
    thinking_config: ThinkingConfig | UnsetType = UNSET
    response_modalities: list[str | int] | UnsetType = UNSET
    media_resolution: str | int | UnsetType = UNSET
    image_config: ImageConfig | UnsetType = UNSET
    speech_config: SpeechConfig | UnsetType = UNSET


class SafetySetting(Gemini):
    """A threshold for one category of harm."""

    category: str | int | UnsetType = UNSET
    threshold: str | int | UnsetType = UNSET
    method: str | int | UnsetType = UNSET


class GenerateContentRequest(Gemini):
    """The body of generateContent and of streamGenerateContent. The model stands in the path."""

    contents: list[Content] | UnsetType = UNSET
    system_instruction: Content | UnsetType = UNSET
    generation_config: GenerationConfig | UnsetType = UNSET
    tools: list[Tool] | UnsetType = UNSET
    tool_config: ToolConfig | UnsetType = UNSET
    safety_settings: list[SafetySetting] | UnsetType = UNSET
    cached_content: str | UnsetType = UNSET
    service_tier: str | UnsetType = UNSET
    store: bool | UnsetType = UNSET
    labels: dict[str, str] | UnsetType = UNSET
    model: str | UnsetType = UNSET
