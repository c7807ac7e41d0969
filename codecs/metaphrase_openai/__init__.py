"""The OpenAI Chat Completions codec."""

from __future__ import annotations

from msgspec.structs import asdict

from metaphrase import Codec, Dialects, MetaphraseError

from .catalog import Models
from .chat import Chat
from .embedding import Embeddings
from .failure import failures
from .options import Choices, ImageField, Options, SignatureField, Store, ThinkingField
from .route import ROUTES, credentials, recognise
from .stream import Streams
from .tokens import Tokens


def openai(
    *,
    thinking: ThinkingField = "reasoning_content",
    images: ImageField = "images",
    signatures: SignatureField = "extra_content",
    google_compat: bool = False,
    read_think_tags: bool = False,
    store: Store | None = None,
) -> Codec:
    """The codec in another dialect: how thoughts are shown, where images go, what carries thought signatures."""
    if (signatures == "store") is (store is None):
        raise MetaphraseError("signatures='store' and store= go together")
    options = Options(thinking, images, signatures, google_compat, read_think_tags, store)
    chat, stream = Chat(options), Streams(options)
    return Codec(
        "openai",
        chat=chat,
        stream=stream,
        embedding=Embeddings(),
        catalog=Models(),
        tokens=Tokens(chat),
        failure=failures,
        recognise=recognise,
        credentials=credentials,
        routes=ROUTES,
        proves=True,
        dialects=DIALECTS,
        relay=stream.relay,
    )


DIALECTS = Dialects(Choices, lambda said: openai(**asdict(said)))
codec = openai()

__all__ = ["Options", "Store", "codec", "openai"]
