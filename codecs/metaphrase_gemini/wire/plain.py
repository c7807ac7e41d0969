"""The usual request without tools, and the usual whole answer: one candidate of thoughts, texts and calls.

Types that nothing else fits tell it from all others at the cost of decoding it, and spare its reader all questions.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from msgspec import UNSET, Meta, Raw, UnsetType

from metaphrase.wirejson import ABSENT, Only

T = TypeVar("T")
Number = int | float
Word = Annotated[str, Meta(min_length=1)]
Filled = Annotated[tuple[T, ...], Meta(min_length=1)]


class Plain(Only, rename="camel"):
    """Base: no other member, and those of the wire in camelCase."""


class PlainText(Plain):
    """A part that is a text."""

    text: str


class PlainSystem(Plain):
    """A system instruction."""

    parts: Filled[PlainText]


class PlainTurn(Plain):
    """What one side said."""

    parts: Filled[PlainText]
    role: Literal["user", "model"]


class PlainConfig(Plain):
    """Parameters that both worlds have alike."""

    temperature: Number | UnsetType = UNSET
    top_p: Number | UnsetType = UNSET
    top_k: Number | UnsetType = UNSET
    max_output_tokens: int | UnsetType = UNSET


class PlainRequest(Plain):
    """A conversation of texts. It holds no raw JSON."""

    contents: Filled[PlainTurn]
    system_instruction: PlainSystem | UnsetType = UNSET
    generation_config: PlainConfig | UnsetType = UNSET


class PlainCall(Plain):
    """A call with its arguments."""

    name: str
    args: Raw
    id: Word = ""


class PlainPart(Plain):
    """A text, a thought or a call, with its signature."""

    text: str | UnsetType = UNSET
    thought: bool | UnsetType = UNSET
    thought_signature: str | UnsetType = UNSET
    function_call: PlainCall | UnsetType = UNSET


class PlainContent(Plain):
    """What the model said."""

    parts: list[PlainPart]
    role: Literal["model"]


class PlainRating(Plain):
    """How likely one category of harm is."""

    category: str
    probability: str


class PlainCandidate(Plain):
    """An answer that has ended, without sources and log probabilities of its tokens."""

    content: PlainContent
    finish_reason: str
    index: int | UnsetType = UNSET
    finish_message: str | UnsetType = UNSET
    avg_logprobs: Raw | UnsetType = UNSET
    safety_ratings: Filled[PlainRating] = ()


class PlainCount(Plain):
    """Tokens of one modality."""

    modality: Literal["TEXT", "IMAGE", "VIDEO", "AUDIO", "DOCUMENT"]
    token_count: int


class PlainUsage(Plain):
    """Token counts."""

    prompt_token_count: int = ABSENT
    candidates_token_count: int = ABSENT
    total_token_count: int = ABSENT
    thoughts_token_count: int = ABSENT
    cached_content_token_count: int = ABSENT
    prompt_tokens_details: Filled[PlainCount] = ()
    candidates_tokens_details: Filled[PlainCount] = ()
    cache_tokens_details: Raw | UnsetType = UNSET
    service_tier: Literal["standard", "flex", "priority"] = ABSENT
    traffic_type: Raw | UnsetType = UNSET


class PlainAnswer(Plain):
    """The answer of one candidate."""

    candidates: tuple[PlainCandidate]
    usage_metadata: PlainUsage
    model_version: str = ""
    response_id: str = ""
    create_time: Raw | UnsetType = UNSET
