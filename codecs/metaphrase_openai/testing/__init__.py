"""Documents of this protocol for tests, every field in odd but legal combinations. Needs ``metaphrase[testing]``."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from metaphrase.testing.document import Document
from metaphrase.testing.wire import documents as as_documents

from .request import requests
from .response import responses

__all__ = ["documents"]

PATH = "/v1/chat/completions"


def documents(kind: str) -> st.SearchStrategy[Document]:
    """Documents of one kind, such as ``chat.request``; nothing for a kind that is not offered."""
    make = _KINDS.get(kind)
    return st.nothing() if make is None else make()


_KINDS: dict[str, Callable[[], st.SearchStrategy[Document]]] = {
    "chat.request": lambda: as_documents(requests(), st.sampled_from([PATH, None])),
    "chat.response": lambda: as_documents(responses()),
}
