"""Recorded streams, and small ones that are always here."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import msgspec

from tests.laws import corpus
from tests.laws.corpus import Protocol

PRESENT = corpus.present()
ABSENT = corpus.ABSENT
PROTOCOLS = corpus.PROTOCOLS
DIRECTIONS: tuple[tuple[Protocol, Protocol], ...] = tuple((one, two) for one in PROTOCOLS for two in PROTOCOLS)


class Stream(NamedTuple):
    """The bytes of one streamed answer, and what of the recording else counts."""

    id: str
    protocol: Protocol
    body: bytes
    asked: bytes | None = None  # the client's request


def _body(answer: Any) -> bytes:
    """A stream of one JSON array was recorded as its value."""
    return answer.encode() if isinstance(answer, str) else msgspec.json.encode(answer)


@cache
def everything() -> tuple[Stream, ...]:
    return tuple(_read()) if PRESENT else ()


def _read() -> Iterator[Stream]:
    for operation, file in _index():
        exchange = msgspec.json.decode((corpus.RECORDED / file).read_bytes())
        answer = exchange.get("response_body")
        if exchange.get("status") == 200 and isinstance(answer, str | list):
            asked = exchange.get("request_body")
            question = msgspec.json.encode(asked) if isinstance(asked, dict) else None
            yield Stream(exchange["id"], corpus.STREAMED[operation], _body(answer), question)


def _index() -> Iterator[tuple[str, str]]:
    lines = (corpus.RECORDED / "INDEX.tsv").read_text("utf-8").splitlines()
    head = lines[0].split("\t")
    for line in lines[1:]:
        row = dict(zip(head, line.split("\t"), strict=False))
        if row["operation"] in corpus.STREAMED:
            yield row["operation"], row["path"]


@cache
def of(protocol: Protocol) -> tuple[Stream, ...]:
    return tuple(one for one in everything() if one.protocol == protocol)


def sample(streams: tuple[Stream, ...], count: int) -> tuple[Stream, ...]:
    """About so many, spread evenly over all, always the same."""
    if len(streams) <= count:
        return streams
    step = len(streams) / count
    return tuple(streams[int(turn * step)] for turn in range(count))


@cache
def fixtures() -> tuple[Stream, ...]:
    """Those of this repository."""
    named = re.compile(r"(openai|gemini)_")
    return tuple(
        Stream(file.stem, "openai" if match[1] == "openai" else "gemini", file.read_bytes())
        for file in sorted(corpus.FIXTURES.glob("*.sse"))
        if (match := named.match(file.name)) is not None
    )
