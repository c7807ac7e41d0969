"""Upstreams: the servers behind the gateway, real ones and simulated ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import anyio

from metaphrase import Codec, MetaphraseError, Request, client_of, codecs
from metaphrase.http import Headers, header
from metaphrase.registry import resolve
from metaphrase.testing.echo import echo
from metaphrase.testing.replay import address, exact, load, replay, request_of
from metaphrase.testing.simulate import Asked, Reply, Simulated

from .client import Client
from .errors import UpstreamBroken
from .keys import ConfigError
from .origin import Origin

_NOT_FOUND = 404


class Answering(Protocol):
    """An answer on its way, as the gateway sees it: `Answer`, or a simulated one."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Headers: ...
    def header(self, name: str) -> str | None: ...
    def __aiter__(self) -> Self: ...
    async def __anext__(self) -> bytes: ...
    async def read(self) -> bytes: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Upstream(Protocol):
    """Where a call may go. ``key``: what it is sent in place of the client's own; ``models``: its names by ours."""

    @property
    def name(self) -> str: ...
    @property
    def codec(self) -> Codec: ...
    @property
    def key(self) -> str | None: ...
    @property
    def models(self) -> Mapping[str, str]: ...
    async def open(self, client: Client, request: Request) -> Answering:
        """Send the request; the head of the answer is there when this returns. Raises UpstreamError."""
        ...


@dataclass(frozen=True, slots=True)
class Remote:
    """A server. ``base``: the path of its URL, which takes the place of ``replaces`` at the start of addresses."""

    name: str
    codec: Codec
    origin: Origin
    base: str = ""
    replaces: str = ""
    key: str | None = field(default=None, repr=False)
    models: Mapping[str, str] = field(default_factory=dict[str, str])

    async def open(self, client: Client, request: Request) -> Answering:
        """Call it."""
        target = placed(self.base, self.replaces, request.target)
        return await client.call(self.origin, Request(request.method, target, request.headers, request.body))


@dataclass(frozen=True, slots=True)
class Played:
    """A simulated server, in this process."""

    name: str
    simulated: Simulated
    models: Mapping[str, str] = field(default_factory=dict[str, str])
    key: None = None

    @property
    def codec(self) -> Codec:
        """What it speaks."""
        return self.simulated.codec

    async def open(self, client: Client, request: Request) -> Answering:
        """Ask it."""
        del client
        reply = self.simulated(request)
        self.simulated.requests.clear()  # kept for tests; a server would keep them for ever
        return Performance(reply)


class Performance:
    """A simulated answer, piece by piece."""

    __slots__ = ("_chunks", "_ending", "headers", "status")

    def __init__(self, reply: Reply) -> None:
        self.status = reply.status
        self.headers = reply.headers
        self._chunks = iter(reply.chunks)
        self._ending = reply.ending

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return header(self.headers, name)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        await anyio.lowlevel.checkpoint()
        for chunk in self._chunks:
            return chunk
        if self._ending == "cut":
            raise UpstreamBroken("connection reset")
        if self._ending == "stall":
            await anyio.sleep_forever()
        raise StopAsyncIteration

    async def read(self) -> bytes:
        """All of it."""
        return b"".join([piece async for piece in self])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held."""


def placed(base: str, replaces: str, target: str) -> str:
    """The address below a base path; a version that both name stands there once."""
    if not base:
        return target
    if replaces and target.startswith(replaces + "/"):
        return base + target[len(replaces) :]
    first = "/" + target.removeprefix("/").partition("/")[0]
    return base + (target.removeprefix(first) if base.endswith(first) else target)


def simulated(what: str, protocol: str) -> Simulated:
    """``echo``, or ``replay:FOLDER`` in the protocol of its recordings. Raises ConfigError."""
    kind, _, folder = what.partition(":")
    if kind == "echo" and not folder:
        return Simulated(protocol, echo)
    if kind == "replay" and folder:
        return _replaying(Path(folder))
    raise ConfigError("what can be simulated is echo and replay:FOLDER")


def _replaying(folder: Path) -> Simulated:
    """The recording of the same request answers; where there is none, one of the same model and operation."""
    try:
        recordings = list(load(folder))
        codec = resolve(client_of(request_of(recordings[0]), codecs().values()))
        same, near = replay(codec, recordings, exact), replay(codec, recordings, address)
    except IndexError:
        raise ConfigError(f"there are no recordings in {folder}") from None
    except (OSError, ValueError, AttributeError, MetaphraseError):
        raise ConfigError(f"what is in {folder} is no recording") from None

    def behave(asked: Asked) -> Reply:
        found = same(asked)
        return near(asked) if found.status == _NOT_FOUND else found

    return Simulated(codec, behave, strict=False)
