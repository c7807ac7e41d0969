"""Roles: OpenAI's words and ours."""

from __future__ import annotations

from metaphrase.ir.chat import Role

READ: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "model",
    "model": "model",  # as Google's pages about its OpenAI-compatible endpoint print it
    "tool": "tool",
    "function": "tool",
}
WRITE: dict[Role, str] = {"system": "system", "user": "user", "model": "assistant", "tool": "tool"}
