"""Message parts: what the source said, one thing each, in its order; readers never merge or split them."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Raw, Struct

from .node import Node, Opaque

MediaKind = Literal["image", "audio", "video", "document", "other"]


class Inline(Struct, frozen=True, gc=False):
    """Base64 data in the message, kept as the JSON string it stood in, quotes included: passed on, never decoded."""

    raw: Raw

    @classmethod
    def of(cls, base64: str) -> Inline:
        """Wrap base64 text."""
        return cls(Raw(msgspec.json.encode(base64)))

    @property
    def data(self) -> str:
        """The base64 text."""
        return msgspec.json.decode(self.raw, type=str)


class Uri(Struct, frozen=True, gc=False):
    """Data at an address: https, gs, or a Files API address."""

    uri: str


class FileId(Struct, frozen=True, gc=False):
    """A file that one provider stores under its own id; it means nothing to another provider."""

    id: str
    issuer: str


Source = Inline | Uri | FileId


class Clip(Struct, frozen=True, gc=False):
    """The piece of a video to look at. Offsets are protobuf durations such as ``"1.5s"``, ``fps`` frames a second."""

    start: str | None = None
    end: str | None = None
    fps: int | float | None = None


class Citation(Node, frozen=True):
    """A source for a span of the answer, in code points of its text (all text parts, joined), end excluded.

    ``start`` and ``end`` are None where the source named no span.
    """

    url: str
    title: str | None = None
    start: int | None = None
    end: int | None = None
    license: str | None = None


class Text(Node, frozen=True, tag="text"):
    """Visible text."""

    text: str
    state: Opaque | None = None


class Thinking(Node, frozen=True, tag="thinking"):
    """What the model thought, or a summary of it; it may be empty and carry only ``state``."""

    text: str
    state: Opaque | None = None


class Media(Node, frozen=True, tag="media"):
    """An image, a sound, a video or a document. ``mime`` None: not said. ``detail``: low, medium, high, ultra or None.

    ``transcript`` is what a generated sound says, where the source told.
    """

    kind: MediaKind
    source: Source
    mime: str | None = None
    name: str | None = None
    detail: str | None = None
    clip: Clip | None = None
    state: Opaque | None = None
    transcript: str | None = None


class ToolCall(Node, frozen=True, tag="tool_call"):
    """The model calls a tool of the client. ``arguments`` is JSON text as written: perhaps empty (none) or broken.

    ``id`` is "" where the source gave none. ``kind`` custom: ``arguments`` is free text, not JSON.
    """

    id: str
    name: str
    arguments: str
    state: Opaque | None = None
    kind: Literal["function", "custom"] = "function"


class ToolResult(Node, frozen=True, tag="tool_result"):
    """What a tool answered. ``output`` is text (str), a JSON object (Raw), or None where only ``parts`` hold it.

    ``call_id`` is "" and ``name`` None where the source gave none. ``parts``: texts and media of the answer, in order.
    """

    call_id: str
    name: str | None
    output: str | Raw | None
    parts: tuple[Part, ...] = ()


class Refusal(Node, frozen=True, tag="refusal"):
    """The model declines, in words."""

    text: str


class Code(Node, frozen=True, tag="code"):
    """Code that the server ran on the model's behalf."""

    code: str
    language: str = ""
    id: str | None = None
    state: Opaque | None = None


class CodeResult(Node, frozen=True, tag="code_result"):
    """What that code printed. ``output`` None: not said."""

    outcome: str
    output: str | None = None
    id: str | None = None
    state: Opaque | None = None


class Foreign(Node, frozen=True, tag="foreign"):
    """A part that only ``codec`` understands, whole and verbatim; every other codec reports it."""

    codec: str
    kind: str
    raw: Raw


Part = Text | Thinking | Media | ToolCall | ToolResult | Refusal | Code | CodeResult | Foreign
