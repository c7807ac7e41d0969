"""Model lists and token counts."""

from __future__ import annotations

from .chat import ChatRequest
from .node import Node


class Model(Node, frozen=True):
    """One model. ``created``: Unix seconds; token limits in tokens; None where not said. ``origin``: who read it."""

    id: str
    name: str | None = None
    description: str | None = None
    version: str | None = None
    created: int | None = None
    owner: str | None = None
    input_limit: int | None = None
    output_limit: int | None = None
    methods: tuple[str, ...] | None = None
    origin: str = ""


class Catalog(Node, frozen=True):
    """Models in order; ``next_page`` is the token of the page that follows, if any."""

    models: tuple[Model, ...]
    next_page: str | None = None
    origin: str = ""


class TokenRequest(Node, frozen=True):
    """Count the tokens of a chat request. ``form``: which of the protocol's several forms it came in, in its words."""

    chat: ChatRequest
    origin: str = ""
    target: str = ""
    form: str = ""


class TokenCount(Node, frozen=True):
    """The count, how much of it was cached, and its split by modality in lower case."""

    total: int | None = None
    cached: int | None = None
    by: tuple[tuple[str, int], ...] = ()
    origin: str = ""
