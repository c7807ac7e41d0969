"""`GenerateContentResponse`: https://ai.google.dev/api/generate-content#generatecontentresponse."""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from .content import Content, Gemini


class SafetyRating(Gemini):
    """How likely one category of harm is."""

    category: str | int | UnsetType = UNSET
    probability: str | int | UnsetType = UNSET
    blocked: bool | UnsetType = UNSET


class Candidate(Gemini):
    """One answer. proto3 JSON leaves out an index of 0."""

    content: Content | UnsetType = UNSET
    finish_reason: str | int | UnsetType = UNSET
    index: int | UnsetType = UNSET
    finish_message: str | UnsetType = UNSET
    avg_logprobs: Raw | UnsetType = UNSET
    safety_ratings: list[SafetyRating] | UnsetType = UNSET
    citation_metadata: Raw | UnsetType = UNSET
    grounding_metadata: Raw | UnsetType = UNSET
    logprobs_result: Raw | UnsetType = UNSET


class PromptFeedback(Gemini):
    """What was found in the prompt; with a block reason there are no candidates."""

    block_reason: str | int | UnsetType = UNSET
    block_reason_message: str | UnsetType = UNSET
    safety_ratings: list[SafetyRating] | UnsetType = UNSET


class ModalityTokenCount(Gemini):
    """Tokens of one modality."""

    modality: str | int | UnsetType = UNSET
    token_count: int | UnsetType = UNSET


class UsageMetadata(Gemini):
    """Token counts. The total has prompt, candidates, thoughts and tool use; the prompt has what was cached."""

    prompt_token_count: int | UnsetType = UNSET
    candidates_token_count: int | UnsetType = UNSET
    total_token_count: int | UnsetType = UNSET
    thoughts_token_count: int | UnsetType = UNSET
    cached_content_token_count: int | UnsetType = UNSET
    tool_use_prompt_token_count: int | UnsetType = UNSET
    prompt_tokens_details: list[ModalityTokenCount] | UnsetType = UNSET
    candidates_tokens_details: list[ModalityTokenCount] | UnsetType = UNSET
    cache_tokens_details: Raw | UnsetType = UNSET
    tool_use_prompt_tokens_details: Raw | UnsetType = UNSET
    service_tier: str | UnsetType = UNSET
    traffic_type: Raw | UnsetType = UNSET


class GenerateContentResponse(Gemini):
    """A whole answer, or one chunk of a streamed one."""

    candidates: list[Candidate] | UnsetType = UNSET
    usage_metadata: UsageMetadata | UnsetType = UNSET
    model_version: str | UnsetType = UNSET
    response_id: str | UnsetType = UNSET
    prompt_feedback: PromptFeedback | UnsetType = UNSET
    create_time: Raw | UnsetType = UNSET
    error: Raw | UnsetType = UNSET


class Chunk(Gemini):
    """One chunk of a streamed answer. Only the last chunk's usage counts, so it is not decoded before the end."""

    candidates: list[Candidate] | UnsetType = UNSET
    usage_metadata: Raw | UnsetType = UNSET
    model_version: str | UnsetType = UNSET
    response_id: str | UnsetType = UNSET
    prompt_feedback: PromptFeedback | UnsetType = UNSET
    create_time: str | UnsetType = UNSET
    error: Raw | UnsetType = UNSET


class LogprobCandidate(Gemini):
    """A token and the natural logarithm of its probability (0 may be left out)."""

    token: str | UnsetType = UNSET
    log_probability: int | float | UnsetType = UNSET
    token_id: int | UnsetType = UNSET


class TopCandidates(Gemini):
    """The likeliest tokens at one step."""

    candidates: list[LogprobCandidate] | UnsetType = UNSET


class LogprobsResult(Gemini):
    """What was chosen and, in a list beside it, what else was likely."""

    chosen_candidates: list[LogprobCandidate] | UnsetType = UNSET
    top_candidates: list[TopCandidates] | UnsetType = UNSET


class Source(Gemini):
    """Where a grounding chunk comes from: a web page, a retrieved document, a place."""

    uri: str | UnsetType = UNSET
    title: str | UnsetType = UNSET


class ImageSource(Gemini):
    """An image found by a search, and the page it stands on."""

    source_uri: str | UnsetType = UNSET
    title: str | UnsetType = UNSET


class GroundingChunk(Gemini):
    """One source."""

    web: Source | UnsetType = UNSET
    retrieved_context: Source | UnsetType = UNSET
    maps: Source | UnsetType = UNSET
    image: ImageSource | UnsetType = UNSET


class Segment(Gemini):
    """A span of a part, in bytes of its UTF-8, end excluded. A start of 0 is left out."""

    part_index: int | UnsetType = UNSET
    start_index: int | UnsetType = UNSET
    end_index: int | UnsetType = UNSET
    text: str | UnsetType = UNSET


class GroundingSupport(Gemini):
    """Which sources stand behind which span."""

    segment: Segment | UnsetType = UNSET
    grounding_chunk_indices: list[int] | UnsetType = UNSET


class GroundingMetadata(Gemini):
    """What an answer is based on: https://ai.google.dev/api/generate-content#GroundingMetadata."""

    grounding_chunks: list[GroundingChunk] | UnsetType = UNSET
    grounding_supports: list[GroundingSupport] | UnsetType = UNSET


class CitationSource(Gemini):
    """A span that repeats a known text, in bytes of the answer."""

    start_index: int | UnsetType = UNSET
    end_index: int | UnsetType = UNSET
    uri: str | UnsetType = UNSET
    license: str | UnsetType = UNSET
    title: str | UnsetType = UNSET


class CitationMetadata(Gemini):
    """Recitations: `citationSources` in the Developer API, `citations` in Vertex AI."""

    citation_sources: list[CitationSource] | UnsetType = UNSET
    citations: list[CitationSource] | UnsetType = UNSET
