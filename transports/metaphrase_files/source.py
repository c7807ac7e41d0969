"""Documents from a file or a pipe: one whole document, or one a line (JSONL)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath
from typing import BinaryIO

import msgspec

from .detect import keys_of

JSONL = frozenset({".jsonl", ".ndjson"})
STREAMS = frozenset({".sse"})
_WHOLE = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True)
class Document:
    """One document. `line` is its line number in a JSONL file, `path` its request path where one came with it."""

    body: bytes
    line: int | None = None
    path: str | None = None


@dataclass(frozen=True)
class Input:
    """What stands in a file. `lines` says whether it is JSONL."""

    lines: bool
    documents: Iterator[Document]


def read_input(stream: BinaryIO, name: str = "-") -> Input:
    """Look at the first lines and say what the file holds. JSONL is then read line by line, as it is asked for."""
    numbered = _filled(stream)
    head = next(numbered, None)
    if PurePath(name).suffix.lower() in JSONL:
        return Input(lines=True, documents=_lines(chain([head] if head else [], numbered)))
    if head is None:
        return Input(lines=False, documents=iter([Document(b"")]))
    if PurePath(name).suffix.lower() in STREAMS or not _is_whole(head[1]):
        rest = stream.read()
        return Input(lines=False, documents=iter([unwrap(head[1] + rest)]))
    second = next(numbered, None)
    if second is None:
        return Input(lines=False, documents=iter([unwrap(head[1])]))
    return Input(lines=True, documents=_lines(chain([head, second], numbered)))


def unwrap(body: bytes, line: int | None = None) -> Document:
    """Take a document out of its envelope, an object of `path` and `body` and nothing else."""
    if b'"path"' not in body:
        return Document(body, line)
    keys = keys_of(body)
    if keys is None or keys.keys() != {"path", "body"}:
        return Document(body, line)
    try:
        path = msgspec.json.decode(keys["path"], type=str | None)
        inner = bytes(keys["body"])
        if inner.startswith(b'"'):  # a stream's text
            inner = msgspec.json.decode(inner, type=str).encode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Document(body, line)
    return Document(inner, line, path)


def _filled(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(stream, 1) if line.strip())


def _lines(numbered: Iterator[tuple[int, bytes]]) -> Iterator[Document]:
    return (unwrap(line.rstrip(b"\r\n"), number) for number, line in numbered)


def _is_whole(line: bytes) -> bool:
    """Whether a line is a JSON value by itself: then more lines mean more documents."""
    try:
        _WHOLE.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
