"""Media at web addresses, for servers or models that do not fetch them."""

from __future__ import annotations

from collections.abc import Iterator

from metaphrase import ir

from .media import fetched_by_server
from .words import CODEC


def addresses(chat: ir.ChatRequest) -> tuple[str, ...]:
    """The addresses that the caller must fetch: of all media but those that only Google can open."""
    if chat.origin == CODEC:
        return ()
    found = [uri for message in chat.messages for uri in _of(message.parts)]
    return tuple(dict.fromkeys(found))


def _of(parts: tuple[ir.Part, ...]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, ir.ToolResult):
            yield from _of(part.parts)
        elif isinstance(part, ir.Media) and isinstance(part.source, ir.Uri):
            uri = part.source.uri
            if not fetched_by_server(uri):
                yield uri
