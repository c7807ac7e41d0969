"""What the laws are tried on: documents, and converters as functions from bytes to an outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from metaphrase import Codec, ReadError, WriteError, convert


class Subject(Protocol):
    """What a law needs to know of a document."""

    @property
    def body(self) -> bytes: ...
    @property
    def path(self) -> str | None: ...


class Document(NamedTuple):
    """One document of one protocol. ``path``: the HTTP target of a request, where it has one.

    ``written``: the body that its own codec writes for it, where that is not the same JSON (an accepted spelling that
    is not kept). ``elsewhere``: other paths that mean something else, where the path is part of what a request says.
    """

    body: bytes
    path: str | None = None
    written: bytes | None = None
    elsewhere: tuple[str, ...] = ()


class LossLike(Protocol):
    """What a converter says about one loss; ``metaphrase.Loss`` is one."""

    @property
    def kind(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def count(self) -> int: ...


class Output(NamedTuple):
    """A converted document."""

    body: bytes
    path: str | None
    status: int | None
    losses: Sequence[LossLike]

    @property
    def shown(self) -> tuple[bytes, str | None, int | None]:
        """All but the losses."""
        return (self.body, self.path, self.status)


class Refused(Exception):
    """The document was refused, with the path that the error names."""

    def __init__(self, path: str, text: str = "") -> None:
        super().__init__(f"{path}: {text}" if text else path)
        self.path = path


Convert = Callable[[bytes, str | None], Output]
"""Body and path to what comes out; raises Refused."""


def converter(source: Codec, target: Codec, kind: str) -> Convert:
    """The engine as the laws take it. Whatever is neither a ReadError nor a WriteError passes as the fault it is."""
    return partial(_run, source, target, kind)


def _run(source: Codec, target: Codec, kind: str, body: bytes, path: str | None) -> Output:
    try:
        done = convert(body, source=source, target=target, kind=kind, path=path)
    except (ReadError, WriteError) as error:
        raise Refused(error.path, f"{type(error).__name__}: {error.message}") from error
    return Output(done.body, done.path, done.status, done.losses)
