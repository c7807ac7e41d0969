"""Output files that are whole or not there at all."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

import msgspec

import metaphrase as mp

_SPOOL = 16 * 2**20


class _Envelope(msgspec.Struct, frozen=True):
    path: str | None
    body: msgspec.Raw


def envelope(converted: mp.Converted) -> bytes:
    """Path and body as one JSON object. Gemini keeps the model in the path, which a bare body would leave behind.

    A stream is no JSON: it is the body as text.
    """
    json = converted.body.startswith((b"{", b"["))
    body = msgspec.Raw(converted.body) if json else msgspec.Raw(msgspec.json.encode(converted.body.decode()))
    return msgspec.json.encode(_Envelope(converted.path, body))


@contextmanager
def output(path: Path | None, *, at_once: bool = False) -> Generator[BinaryIO]:
    """A stream to write to: a file that appears only when all went well, or stdout, with `at_once` only then too."""
    if path is None:
        with _stdout(at_once=at_once) as stream:
            yield stream
    elif path.exists() and not path.is_file():
        # A device or a pipe cannot be put in place by renaming.
        with path.open("wb") as stream:
            yield stream
    else:
        with _renamed(path) as stream:
            yield stream


@contextmanager
def _renamed(path: Path) -> Generator[BinaryIO]:
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as stream:
            yield stream
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _stdout(*, at_once: bool) -> Generator[BinaryIO]:
    if not at_once:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with SpooledTemporaryFile(max_size=_SPOOL) as spool:
        yield spool  # type: ignore[misc]  # typed as IO[bytes] without being BinaryIO
        spool.seek(0)
        shutil.copyfileobj(spool, sys.stdout.buffer)
    sys.stdout.buffer.flush()
