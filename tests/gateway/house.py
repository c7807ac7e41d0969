"""A strict simulated upstream and a gateway before it, both on 127.0.0.1, for the length of a block."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import openai
from google import genai

from metaphrase import Request
from metaphrase.testing.simulate import Behaviour, Simulated
from metaphrase_http import Handler, Incoming, Respond
from metaphrase_http.config import Config, parse_config
from metaphrase_http.gateway import Gateway, dress
from metaphrase_http.log import Entry
from metaphrase_http.settings import settle
from tests.http.loopback import serving, until

OPENAI_KEY = "sk-openai-canary-0123456789"
GEMINI_KEY = "AIza-gemini-canary-0123456789"


@dataclass
class House:
    """A gateway with its upstream, and what was seen."""

    gateway: Gateway
    port: int
    upstream: Simulated
    upstream_port: int
    entries: list[Entry] = field(default_factory=list)
    active: list[int] = field(default_factory=lambda: [0])

    def openai(self, key: str = OPENAI_KEY) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(api_key=key, base_url=f"http://127.0.0.1:{self.port}/v1", max_retries=0)

    def google(self, key: str = GEMINI_KEY, version: str = "v1beta") -> Any:
        options = genai.types.HttpOptions(base_url=f"http://127.0.0.1:{self.port}", api_version=version)
        return genai.Client(api_key=key, vertexai=False, http_options=options).aio

    async def logged(self, number: int = 1) -> list[Entry]:
        """So many entries: each is written when its request is over, which is after its client knows."""
        await until(lambda: len(self.entries) >= number)
        return self.entries

    @property
    def last(self) -> Request:
        """What the upstream was last sent."""
        return self.upstream.requests[-1]


def playing(upstream: Simulated, active: list[int] | None = None, pause: float = 0) -> Handler:
    """A simulated upstream as a server."""
    active = active or [0]

    async def handle(incoming: Incoming, respond: Respond) -> None:
        active[0] += 1
        try:
            reply = upstream(await incoming.whole())
            if reply.ending == "stall" and not reply.chunks:
                await anyio.sleep_forever()
            respond.start(reply.status, reply.headers)
            for chunk in reply.chunks:
                await respond.send(chunk)
                await anyio.sleep(pause)
            if reply.ending == "stall":
                await respond.send(b"")
                await anyio.sleep_forever()
            if reply.ending == "cut":
                await respond.send(b"")
                respond.abort()
            else:
                await respond.finish()
        finally:
            active[0] -= 1

    return handle


def config(protocol: str, url: str, text: str = "") -> Config:
    """A configuration with this upstream; ``text`` is the rest of the file."""
    return parse_config(f'[upstreams.up]\nprotocol = "{protocol}"\nurl = "{url}"\n{text}')


@asynccontextmanager
async def house(
    protocol: str,
    behave: Behaviour,
    text: str = "",
    *,
    strict: bool = True,
    base: str = "",
    host: str = "127.0.0.1",
    environment: Mapping[str, str] | None = None,
    pause: float = 0,
) -> AsyncIterator[House]:
    upstream = Simulated(protocol, behave, strict=strict)
    entries: list[Entry] = []
    active = [0]
    write: Callable[[Entry], None] = entries.append
    async with serving(playing(upstream, active, pause)) as (_, upstream_port):
        found = config(protocol, f"http://127.0.0.1:{upstream_port}{base}", text)
        gateway = Gateway(settle(found, host, environment or {}), write=write)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(gateway.deadlines.run)
            async with serving(gateway, gateway.settings.limits, dress) as (_, port):
                yield House(gateway, port, upstream, upstream_port, entries, active)
            tasks.cancel_scope.cancel()
        await gateway.aclose()
        assert len(gateway.deadlines) == 0
