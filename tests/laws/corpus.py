"""Chat requests and whole chat responses out of recorded HTTP exchanges.

The recordings are not part of this repository: they lie beside it in `shared/recorded`, or where METAPHRASE_SHARED
points. Whatever needs them is skipped where they are absent.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from metaphrase.testing.values import encode as encode

Protocol = Literal["openai", "gemini"]
Kind = Literal["chat.request", "chat.response"]

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("METAPHRASE_SHARED", ROOT.parent / "shared"))
RECORDED = SHARED / "recorded"
FIXTURES = ROOT / "fixtures"

PROTOCOLS: tuple[Protocol, ...] = ("openai", "gemini")
KINDS: tuple[Kind, ...] = ("chat.request", "chat.response")
UNARY: dict[str, Protocol] = {"chat.completions": "openai", "generateContent": "gemini"}
STREAMED: dict[str, Protocol] = {"chat.completions.stream": "openai", "streamGenerateContent": "gemini"}
ABSENT = f"no recorded exchanges at {RECORDED} (set METAPHRASE_SHARED)"


class Doc(NamedTuple):
    """One JSON document of one protocol, as bytes."""

    id: str
    protocol: Protocol
    kind: Kind
    body: bytes
    path: str | None = None  # the request's path and query
    failure: bool = False  # status 2xx with an error in the body

    @property
    def other(self) -> Protocol:
        return "gemini" if self.protocol == "openai" else "openai"

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """Paths that mean something else: Gemini keeps the model and the streaming flag there."""
        if self.path is None or self.protocol != "gemini" or self.kind != "chat.request":
            return ()
        head, colon, method = self.path.rpartition(":")
        verb, mark, query = method.partition("?")
        other = "generateContent" if verb == "streamGenerateContent" else "streamGenerateContent"
        return (f"{head}-x{colon}{method}", f"{head}{colon}{other}{mark}{query}")

    def value(self) -> Any:
        return msgspec.json.decode(self.body)


def present() -> bool:
    return (RECORDED / "INDEX.tsv").is_file()


def _index() -> Iterator[tuple[str, str]]:
    """Operation and file name of every recorded chat exchange."""
    lines = (RECORDED / "INDEX.tsv").read_text("utf-8").splitlines()
    head = lines[0].split("\t")
    for line in lines[1:]:
        row = dict(zip(head, line.split("\t"), strict=False))
        if row["operation"] in UNARY or row["operation"] in STREAMED:
            yield row["operation"], row["path"]


def _documents(operation: str, exchange: dict[str, Any]) -> Iterator[Doc]:
    protocol = (UNARY | STREAMED)[operation]
    name = exchange["id"]
    asked = exchange.get("request_body")
    if isinstance(asked, dict):
        yield Doc(name, protocol, "chat.request", encode(asked), exchange.get("path"))
    answer = exchange.get("response_body")
    good = 200 <= int(exchange.get("status") or 0) < 300
    if operation in UNARY and good and isinstance(answer, dict):
        yield Doc(name, protocol, "chat.response", encode(answer), failure="error" in answer)


@cache
def everything() -> tuple[Doc, ...]:
    """All chat documents of the recordings, in the order of the index."""
    if not present():
        return ()
    found: list[Doc] = []
    for operation, file in _index():
        exchange = msgspec.json.decode((RECORDED / file).read_bytes())
        found.extend(_documents(operation, exchange))
    return tuple(found)


@cache
def documents(protocol: Protocol, kind: Kind, *, failures: bool = False) -> tuple[Doc, ...]:
    return tuple(
        doc for doc in everything() if doc.protocol == protocol and doc.kind == kind and (failures or not doc.failure)
    )


def sample(docs: tuple[Doc, ...], count: int, offset: int = 0) -> tuple[Doc, ...]:
    """About `count` documents spread evenly over all, always the same ones for the same offset."""
    if len(docs) <= count:
        return docs
    step = len(docs) / count
    return tuple(docs[(int(turn * step) + offset) % len(docs)] for turn in range(count))


def raw_documents() -> tuple[Doc, ...]:
    """The repository's own fixtures, to damage; the recorded ones come on top where they are."""
    found: list[Doc] = []
    for file in sorted(FIXTURES.rglob("*.json")):
        body = file.read_bytes()
        try:
            value = msgspec.json.decode(body)
        except msgspec.DecodeError:
            continue
        guess = guess_kind(value)
        if guess is not None:
            found.append(Doc(file.stem, *guess, body))
    return tuple(found)


MARKS: dict[str, tuple[Protocol, Kind]] = {
    "messages": ("openai", "chat.request"),
    "contents": ("gemini", "chat.request"),
    "choices": ("openai", "chat.response"),
    "candidates": ("gemini", "chat.response"),
    "promptFeedback": ("gemini", "chat.response"),
}


def guess_kind(value: Any) -> tuple[Protocol, Kind] | None:
    if not isinstance(value, dict):
        return None
    return next((what for key, what in MARKS.items() if key in value), None)
