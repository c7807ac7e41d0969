"""`Content` and its parts: https://ai.google.dev/api/caching#Content.

Fields that are rare are not declared: what is not declared is read all the same, as raw JSON (`Wire.extra`).
"""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from metaphrase.wirejson import Wire


class Gemini(Wire, rename="camel"):
    """Base: proto3 JSON, which takes snake_case and, at the live server, one object for a list of one."""

    lenient = True


class FunctionCall(Gemini):
    """A call of a client's function. `id` is absent from most answers up to Gemini 2.5."""

    name: str | UnsetType = UNSET
    args: Raw | UnsetType = UNSET
    id: str | UnsetType = UNSET


class Blob(Gemini):
    """Bytes, in either base64 alphabet."""

    mime_type: str | UnsetType = UNSET
    data: Raw | UnsetType = UNSET
    display_name: str | UnsetType = UNSET


class FileData(Gemini):
    """Bytes elsewhere."""

    mime_type: str | UnsetType = UNSET
    file_uri: str | UnsetType = UNSET
    display_name: str | UnsetType = UNSET


class ExecutableCode(Gemini):
    """Code that the server ran."""

    language: str | int | UnsetType = UNSET
    code: str | UnsetType = UNSET
    id: str | UnsetType = UNSET


class CodeExecutionResult(Gemini):
    """What it printed."""

    outcome: str | int | UnsetType = UNSET
    output: str | UnsetType = UNSET
    id: str | UnsetType = UNSET


class FunctionResponse(Gemini):
    """What a client's function answered."""

    name: str | UnsetType = UNSET
    response: Raw | UnsetType = UNSET
    id: str | UnsetType = UNSET
    parts: list[Part] | UnsetType = UNSET


class VideoMetadata(Gemini):
    """Which piece of a video to look at."""

    start_offset: str | UnsetType = UNSET
    end_offset: str | UnsetType = UNSET
    fps: int | float | UnsetType = UNSET


class MediaResolution(Gemini):
    """How closely to look at one medium (Gemini 3 and later)."""

    level: str | UnsetType = UNSET


class AudioTranscription(Gemini):
    """What a sound says."""

    text: str | UnsetType = UNSET


class Part(Gemini):
    """One part: exactly one of its data fields, and what is said about it."""

    text: str | UnsetType = UNSET
    thought: bool | UnsetType = UNSET
    thought_signature: str | UnsetType = UNSET
    function_call: FunctionCall | UnsetType = UNSET
    function_response: FunctionResponse | UnsetType = UNSET
    inline_data: Blob | UnsetType = UNSET
    file_data: FileData | UnsetType = UNSET
    executable_code: ExecutableCode | UnsetType = UNSET
    code_execution_result: CodeExecutionResult | UnsetType = UNSET
    media_resolution: MediaResolution | UnsetType = UNSET
    video_metadata: VideoMetadata | UnsetType = UNSET
    audio_transcription: AudioTranscription | UnsetType = UNSET
    tool_call: Raw | UnsetType = UNSET
    tool_response: Raw | UnsetType = UNSET


class Content(Gemini):
    """One turn. No role means the user's."""

    parts: list[Part] | UnsetType = UNSET
    role: str | UnsetType = UNSET
