"""Requests that need no care, as most without tools and media: texts of a user and a model in turn, and parameters.

They are written as plain objects, which is cheaper than the types that can say everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from metaphrase import ir
from metaphrase_gemini.words import INT32

from .scope import Scope


def plain_request(chat: ir.ChatRequest, to: Scope) -> dict[str, Any] | None:
    """The request; None for one that is more than that, or whose model is particular."""
    s = chat.sampling
    if not (to.family.sampling and ir.is_bare(chat) and s == ir.Sampling(s.temperature, s.top_p, UNSET, s.max_tokens)):
        return None
    said = plain_turns(chat.messages, to)
    if said is None:
        return None
    system, contents = said
    config: dict[str, Any] = {}
    if s.temperature is not UNSET:
        config["temperature"] = s.temperature
    if s.top_p is not UNSET:
        config["topP"] = s.top_p
    if s.max_tokens is not UNSET:
        if s.max_tokens not in INT32:
            return None
        config["maxOutputTokens"] = s.max_tokens
    out: dict[str, Any] = {"contents": contents}
    if system:
        out["systemInstruction"] = {"parts": system}
    if config:
        out["generationConfig"] = config
    return out


def plain_turns(messages: Sequence[ir.Message], to: Scope) -> tuple[list[Any], list[Any]] | None:
    """The parts of the system instruction, and the contents; None for a conversation that needs care (``Turns``)."""
    system: list[Any] = []
    contents: list[Any] = []
    last = "model"
    for message in messages:
        parts, role = message.parts, message.role
        if len(parts) != 1 or message.name is not None:
            return None
        part = parts[0]
        if not isinstance(part, ir.Text) or part.state is not None or part.ext is not None:
            return None
        if role == "system":
            if contents or not to.family.system:
                return None
            system.append({"text": part.text})
        elif role in (last, "tool"):
            return None
        else:
            contents.append({"parts": [{"text": part.text}], "role": role})
            last = role
    return (system, contents) if contents else None
