"""Documents of this protocol for tests, every field in odd but legal combinations. Needs ``metaphrase[testing]``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from metaphrase.testing.document import Document
from metaphrase.testing.values import encode
from metaphrase.testing.wire import respelt
from metaphrase.wirejson import Wire

from ..wire.request import GenerateContentRequest
from ..wire.response import GenerateContentResponse
from .request import paths, requests
from .response import responses

__all__ = ["documents"]


def documents(kind: str) -> st.SearchStrategy[Document]:
    """Documents of one kind, such as ``chat.request``; nothing for a kind that is not offered."""
    make = _KINDS.get(kind)
    return st.nothing() if make is None else make()


def _requests() -> st.SearchStrategy[Document]:
    return _spelt(requests(), GenerateContentRequest, paths())


def _responses() -> st.SearchStrategy[Document]:
    return _spelt(responses(), GenerateContentResponse, st.none())


_KINDS: dict[str, Callable[[], st.SearchStrategy[Document]]] = {"chat.request": _requests, "chat.response": _responses}


def _spelt(
    bodies: st.SearchStrategy[Any], wire: type[Wire], targets: st.SearchStrategy[str | None]
) -> st.SearchStrategy[Document]:
    """Mostly as Google documents it; now and then in snake_case, or with one object in place of a list of one."""

    def make(value: Any, target: str | None, spelling: int) -> Document:
        plain = encode(value)
        other = respelt(value, wire, keys=spelling in (6, 8), lists=spelling in (7, 8)) if spelling > 5 else value
        body = encode(other)
        return Document(body, target, None if body == plain else plain, _elsewhere(target))

    return st.builds(make, bodies, targets, st.integers(0, 8))


def _elsewhere(target: str | None) -> tuple[str, ...]:
    """Another model, and the other way to get the answer."""
    if target is None:
        return ()
    head, colon, method = target.rpartition(":")
    verb, mark, query = method.partition("?")
    other = "generateContent" if verb == "streamGenerateContent" else "streamGenerateContent"
    return (f"{head}-x{colon}{method}", f"{head}{colon}{other}{mark}{query}")
