"""Embedding requests and responses."""

from __future__ import annotations

from msgspec import Raw

from .chat import Usage
from .content import Part
from .node import Node


class EmbeddingInput(Node, frozen=True):
    """One thing to embed; several parts give one vector. What is None here may stand on the request.

    ``task`` is what the vector is for, in Google's words (``RETRIEVAL_QUERY``). Token arrays are a Foreign part.
    """

    parts: tuple[Part, ...]
    task: str | None = None
    title: str | None = None
    dimensions: int | None = None


class EmbeddingRequest(Node, frozen=True):
    """Inputs in order. ``encoding``: how the client wants its vectors, "float" or "base64"; None if not said.

    ``form`` tells the several forms of one protocol's operation apart, in its own words (``batchEmbedContents``).
    """

    inputs: tuple[EmbeddingInput, ...]
    model: str | None = None
    dimensions: int | None = None
    encoding: str | None = None
    origin: str = ""
    target: str = ""
    task: str | None = None
    form: str = ""


class Vector(Node, frozen=True):
    """One vector: ``raw`` is a JSON array of numbers as written, or a JSON string of base64 (float32 little-endian)."""

    raw: Raw
    base64: bool
    index: int


class EmbeddingResponse(Node, frozen=True):
    """Vectors in the order of the document. ``form``: see EmbeddingRequest."""

    vectors: tuple[Vector, ...]
    model: str = ""
    usage: Usage | None = None
    origin: str = ""
    form: str = ""
