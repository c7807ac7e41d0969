"""Recorded exchanges whose request is known, for tests that need whole exchanges."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from metaphrase.testing.replay import load
from tests.laws.corpus import RECORDED

OPERATIONS = {
    "openai": ("chat.completions", "chat.completions.stream", "embeddings"),
    "gemini": ("generateContent", "streamGenerateContent", "embedContent", "batchEmbedContents", "countTokens"),
}


@cache
def _all() -> tuple[dict[str, Any], ...]:
    return tuple([dict(one) for one in load(RECORDED)])


def recorded(provider: str) -> Iterator[dict[str, Any]]:
    """The exchanges with this provider itself, not with others that speak its protocol."""
    for one in _all():
        if (
            one["provider"] == provider
            and one["operation"] in OPERATIONS[provider]
            and isinstance(one["request_body"], dict)
        ):
            yield one
