"""The Gemini generateContent codec: https://ai.google.dev/api/generate-content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec.structs import asdict

from metaphrase.codec import Codec, Dialects

from .catalog import Models
from .chat import Chat
from .embedding import Embeddings
from .failure import failures
from .models import Family
from .options import Choices, Options
from .references import addresses
from .route import ROUTES, credentials, recognise
from .stream import Streams
from .tokens import Tokens
from .words import CODEC

__all__ = ["Family", "codec", "gemini"]


def gemini(
    *,
    models: Iterable[Family] = (),
    schema: Literal["json", "openapi"] = "json",
    references: Literal["pass", "ask"] = "pass",
    voices: Mapping[str, str] | None = None,
) -> Codec:
    """A codec with its own choices. ``models``: what your models take, looked up before the built-in table.

    >>> gemini(schema="openapi").name
    'gemini'
    """
    options = Options(tuple(models), schema, references, voices or {})
    chat, stream = Chat(options), Streams(options)
    return Codec(
        CODEC,
        chat,
        stream,
        embedding=Embeddings(),
        catalog=Models(),
        tokens=Tokens(chat),
        failure=failures,
        recognise=recognise,
        credentials=credentials,
        routes=ROUTES,
        proves=True,
        needs=addresses if references == "ask" else None,
        dialects=DIALECTS,
        relay=stream.relay,
    )


DIALECTS = Dialects(Choices, lambda said: gemini(**asdict(said)))
codec = gemini()
