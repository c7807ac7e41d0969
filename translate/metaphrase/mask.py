"""Keys and tokens in the words of an upstream: they belong to whoever runs the gateway, not to its clients.

Masked are the keys whose form is known, bearer tokens, JSON web tokens, and what follows `key=`. Every expression has
one way to match and a bounded way to fail, so that the time is linear in the text.
"""

from __future__ import annotations

import re

_START = r"(?<![A-Za-z0-9_-])"
_WORD = r"(?=[A-Za-z._~+/-]{0,64}[0-9])[A-Za-z0-9._~+/-]{12,}"  # a word without a digit is a word
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # OpenAI, OpenRouter, Anthropic, DeepSeek; Groq; xAI; Perplexity; Hugging Face; Nvidia; Google's keys and tokens
    (re.compile(_START + r"(sk-|gsk_|xai-|pplx-|hf_|nvapi-|AIza|AQ\.|ya29\.)[A-Za-z0-9_-]{12,}"), r"\1***"),
    (re.compile(_START + r"eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"), "eyJ***"),
    (re.compile(r"(?<![A-Za-z])(Bearer[ \t]{1,8})" + _WORD + "=*", re.IGNORECASE), r"\1***"),
    (re.compile(r"(key[ \t]{0,8}=[ \t]{0,8})" + _WORD, re.IGNORECASE), r"\1***"),
    (re.compile(r"(api[-_]?key\\?\"[ \t]{0,8}:[ \t]{0,8}\\?\")[^\"\\]{1,512}", re.IGNORECASE), r"\1***"),
)


def mask(text: str) -> str:
    """The text with each key or token in it replaced by its prefix and `***`."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text
