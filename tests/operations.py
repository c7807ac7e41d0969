"""Everything but chat: recorded documents of embeddings, models, token counts and errors, and codecs to try them on."""

import csv
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import msgspec

import metaphrase as mp
from metaphrase.testing.document import Convert, Output, Refused
from metaphrase_gemini import codec as gemini_chat
from metaphrase_gemini.catalog import Models as GeminiModels
from metaphrase_gemini.embedding import Embeddings as GeminiEmbeddings
from metaphrase_gemini.failure import Failures as GeminiFailures
from metaphrase_gemini.tokens import Tokens as GeminiTokens
from metaphrase_openai import codec as openai_chat
from metaphrase_openai.catalog import Models as OpenaiModels
from metaphrase_openai.embedding import Embeddings as OpenaiEmbeddings
from metaphrase_openai.failure import Failures as OpenaiFailures
from metaphrase_openai.tokens import Tokens as OpenaiTokens
from tests.laws.corpus import RECORDED, Protocol, present
from tests.laws.corpus import encode as encode

CODECS: dict[Protocol, mp.Codec] = {
    "openai": mp.Codec(
        "openai",
        chat=openai_chat.chat,
        embedding=OpenaiEmbeddings(),
        catalog=OpenaiModels(),
        tokens=OpenaiTokens(openai_chat.chatting()),
        failure=OpenaiFailures(),
    ),
    "gemini": mp.Codec(
        "gemini",
        chat=gemini_chat.chat,
        embedding=GeminiEmbeddings(),
        catalog=GeminiModels(),
        tokens=GeminiTokens(gemini_chat.chatting()),
        failure=GeminiFailures(),
    ),
}
_FAMILIES = {
    "embeddings": "embedding",
    "embedContent": "embedding",
    "batchEmbedContents": "embedding",
    "predict": "embedding",
    "models": "models",
    "countTokens": "tokens",
}
KINDS = (
    "embedding.request",
    "embedding.response",
    "models.response",
    "model.response",
    "tokens.request",
    "tokens.response",
    "failure",
)


class Document(msgspec.Struct):
    """One recorded document. ``exchange`` is its name; ``asked`` the request that it answers."""

    id: str
    protocol: Protocol
    kind: str
    body: bytes
    path: str | None = None
    status: int | None = None
    asked: bytes | None = None

    @property
    def other(self) -> Protocol:
        return "gemini" if self.protocol == "openai" else "openai"

    def value(self) -> Any:
        return msgspec.json.decode(self.body)


def convert(body: bytes, source: Protocol, target: Protocol, kind: str, **options: Any) -> mp.Converted:
    return mp.convert(body, source=CODECS[source], target=CODECS[target], kind=kind, **options)


def to(target: Protocol, kind: str, value: Any, **options: Any) -> tuple[Any, tuple[mp.Loss, ...]]:
    """A document of the other protocol as one of this, and what was lost."""
    source: Protocol = "gemini" if target == "openai" else "openai"
    done = convert(encode(value), source, target, kind, **options)
    return msgspec.json.decode(done.body), done.losses


def again(protocol: Protocol, kind: str, value: Any, **options: Any) -> Any:
    """A document through the IR and back to its own protocol, which loses nothing."""
    done = convert(encode(value), protocol, protocol, kind, **options)
    assert done.losses == ()
    return msgspec.json.decode(done.body)


def lost(losses: tuple[mp.Loss, ...]) -> set[tuple[str, str]]:
    return {(loss.kind, loss.path or loss.target) for loss in losses}


def converter(source: Protocol, target: Protocol, kind: str, status: int | None = None) -> Convert:
    """As the laws take it."""
    return partial(_run, source, target, kind, status)


def _run(source: Protocol, target: Protocol, kind: str, status: int | None, body: bytes, path: str | None) -> Output:
    try:
        done = convert(body, source, target, kind, path=path, status=status)
    except (mp.ReadError, mp.WriteError) as error:
        raise Refused(error.path, f"{type(error).__name__}: {error.message}") from error
    return Output(done.body, done.path, done.status, done.losses)


@cache
def recorded() -> tuple[Document, ...]:
    """All recorded documents of the other operations, and all recorded errors."""
    if not present():
        return ()
    with (RECORDED / "INDEX.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    found: list[Document] = []
    for row in rows:
        bad = not 200 <= int(row["status"] or 0) < 300
        if bad or row["operation"] in _FAMILIES:
            exchange = msgspec.json.decode((RECORDED / row["path"]).read_bytes())
            found.extend(_documents(row, exchange, bad=bad))
    return tuple(found)


def _documents(row: dict[str, str], exchange: dict[str, Any], *, bad: bool) -> Iterator[Document]:
    protocol: Protocol = "gemini" if row["provider"] == "gemini" else "openai"
    family, name = _FAMILIES.get(row["operation"]), row["id"]
    asked, answer = exchange.get("request_body"), exchange.get("response_body")
    if family in ("embedding", "tokens") and isinstance(asked, dict):
        yield Document(name, protocol, family + ".request", encode(asked), exchange["path"])
    if bad and answer is not None:
        body = answer.encode() if isinstance(answer, str) else encode(answer)
        yield Document(name, protocol, "failure", body, status=int(row["status"]))
    elif family is not None and isinstance(answer, dict):
        single = family == "models" and not {"data", "models"} & answer.keys()
        kind = "model.response" if single else family + ".response"
        yield Document(name, protocol, kind, encode(answer), asked=encode(asked) if asked else None)
