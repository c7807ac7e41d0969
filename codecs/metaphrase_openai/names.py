"""The codec's own name, and the names and ids that OpenAI allows."""

from __future__ import annotations

import re
from hashlib import blake2s

from metaphrase.kept import Names
from metaphrase.wirejson import encode

CODEC = "openai"
GOOGLE = "gemini"  # the issuer of what stands under `extra_content.google`
PATH = "/v1/chat/completions"

LONGEST_ID = 40  # "string_above_max_length" beyond
_LONGEST_NAME = 64
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")
_PLACE = re.compile(r"[a-zA-Z0-9_-]{1,25}\Z").match  # which leaves room for the number of the call
_FORBIDDEN = re.compile(r"[^a-zA-Z0-9_-]")


def _allowed(name: str) -> str:
    if _NAME.match(name):
        return name
    digest = blake2s(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{_FORBIDDEN.sub('_', name)[: _LONGEST_NAME - 9]}_{digest}"


tool_name = Names(_allowed).__getitem__
"""The name under which OpenAI accepts a tool (openapi.yaml, FunctionObject): its own, or one made of it."""


def call_prefix(place: str) -> str:
    """What the ids made for the calls of one message begin with: its place, readable where that fits."""
    return f"call_mp_{place}_" if _PLACE(place) else made_id("call_", place) + "_"


def _seed(seed: object) -> str:
    return str(seed) if type(seed) is int else encode(seed).decode()


def made_id(prefix: str, *seeds: object) -> str:
    """An id that depends on nothing but what it stands for: the same input gives the same id."""
    # As JSON: the repr of raw JSON is an address in memory.
    text = "\x1f".join([seed if isinstance(seed, str) else _seed(seed) for seed in seeds])
    return prefix + blake2s(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
