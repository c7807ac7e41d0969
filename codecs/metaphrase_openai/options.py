"""Which dialect a codec writes. All of them are read."""

from __future__ import annotations

from typing import Literal, Protocol

from msgspec import Struct

ThinkingField = Literal["reasoning_content", "reasoning", "google", "think_tags"]
ImageField = Literal["images", "markdown", "parts"]
SignatureField = Literal["extra_content", "reasoning_details", "provider_specific_fields", "store"]


class Store(Protocol):
    """Where a caller keeps thought signatures by call id, for clients that drop unknown fields. A ``dict`` is one."""

    def get(self, key: str, /) -> str | None: ...
    def __setitem__(self, key: str, value: str, /) -> None: ...


class Choices(Struct, frozen=True, forbid_unknown_fields=True):
    """How OpenAI is written, by plain values: see ``Options``."""

    thinking: ThinkingField = "reasoning_content"
    images: ImageField = "images"
    signatures: Literal["extra_content", "reasoning_details", "provider_specific_fields"] = "extra_content"
    google_compat: bool = False
    read_think_tags: bool = False


class Options(Struct, frozen=True):
    """How a codec shows what OpenAI's own schema has no field for.

    ``thinking``: thoughts as ``reasoning_content``; as ``reasoning`` with ``reasoning_details``; as Google's compatible
    endpoint does, in ``<thought>`` tags with its flag; or in ``<think>`` tags. ``images``: in ``message.images[]``, as
    Markdown, or as parts of a content list. ``signatures``: the carrier of thought signatures; ``store``: none in the
    document, the caller keeps those of calls in ``store``. ``google_compat``: write ``extra_body.google``.
    ``read_think_tags``: read ``<think>`` at the start of content as thinking.
    """

    thinking: ThinkingField = "reasoning_content"
    images: ImageField = "images"
    signatures: SignatureField = "extra_content"
    google_compat: bool = False
    read_think_tags: bool = False
    store: Store | None = None
