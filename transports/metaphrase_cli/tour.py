"""`metaphrase demo --gateway`: calls over loopback, from either protocol to a strict upstream of the other."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

import anyio
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

import metaphrase as mp
from metaphrase.testing.echo import echo
from metaphrase.testing.simulate import Simulated
from metaphrase_http import Client, Handler, Incoming, Origin, Respond, Server
from metaphrase_http.config import Config, UpstreamTable
from metaphrase_http.gateway import LOSSES, Gateway, dress
from metaphrase_http.settings import settle
from metaphrase_http.workers import bind, listeners

from .show import SideBySide, document

_LINES = 24
_TOOL = b'{"name":"weather","parameters":{"type":"object","properties":{"place":{"type":"string"}}}}'
_ASKED = b'"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Bonjour, Gemini!"}]'
_SAID = b'"contents":[{"role":"user","parts":[{"text":"Hello, OpenAI!"}]}],"generationConfig":{"topK":3}'


class Stop(NamedTuple):
    """One call of the tour."""

    title: str
    target: str
    body: bytes = b""


TOURS: dict[str, tuple[Stop, ...]] = {
    "openai": (
        Stop("chat", "/v1/chat/completions", b'{"model":"echo-1","user":"u-1",' + _ASKED + b"}"),
        Stop("stream", "/v1/chat/completions", b'{"model":"echo-1","stream":true,' + _ASKED + b"}"),
        Stop(
            "tools",
            "/v1/chat/completions",
            b'{"model":"echo-1","tools":[{"type":"function","function":' + _TOOL + b"}]," + _ASKED + b"}",
        ),
        Stop("embeddings", "/v1/embeddings", b'{"model":"echo-1","input":["one","two"]}'),
        Stop("models", "/v1/models"),
    ),
    "gemini": (
        Stop("chat", "/v1beta/models/echo-1:generateContent", b"{" + _SAID + b"}"),
        Stop("stream", "/v1beta/models/echo-1:streamGenerateContent?alt=sse", b"{" + _SAID + b"}"),
        Stop("tokens", "/v1beta/models/echo-1:countTokens", b'{"contents":[{"parts":[{"text":"one two"}]}]}'),
    ),
}
OTHER = {"openai": "gemini", "gemini": "openai"}


def walk(screen: Console) -> None:
    """All tours; what the client and the upstream say, side by side."""
    anyio.run(_walk, screen)


async def _walk(screen: Console) -> None:
    table = Table("call", "status", "losses")
    for protocol, stops in TOURS.items():
        simulated = Simulated(OTHER[protocol], echo)
        async with _serving(_playing(simulated)) as upstream:
            url = f"http://127.0.0.1:{upstream.port}"
            config = Config(upstreams={"up": UpstreamTable(protocol=OTHER[protocol], url=url)})
            gateway = Gateway(settle(config, "127.0.0.1", {}), write=lambda _: None)
            async with _serving(gateway) as origin, Client() as client:
                for stop in stops:
                    table.add_row(*await _call(screen, client, origin, simulated, protocol, stop))
            await gateway.aclose()
    screen.print(Rule(Text("Through the gateway")))
    screen.print(table)


async def _call(
    screen: Console, client: Client, origin: Origin, upstream: Simulated, protocol: str, stop: Stop
) -> tuple[str, str, str]:
    key = mp.codecs()[protocol].credentials
    headers = (("content-type", "application/json"), *(key("any-key") if key is not None else ()))
    request = mp.Request("POST" if stop.body else "GET", stop.target, headers, stop.body)
    async with await client.call(origin, request) as answer:
        response = await answer.whole()
    sent = upstream.requests[-1]
    there = upstream(sent).response()
    title = f"{stop.title}: {protocol} client, {upstream.codec.name} upstream"
    screen.print(Rule(Text(title)))
    if stop.body:
        screen.print(
            SideBySide(
                document(stop.body, protocol, stop.target, _LINES),
                document(sent.body, upstream.codec.name, sent.target, _LINES),
            )
        )
    screen.print(
        SideBySide(
            document(response.body, f"{protocol} answer", None, _LINES),
            document(there.body, f"{upstream.codec.name} answer", None, _LINES),
        )
    )
    return title, str(response.status), response.header(LOSSES) or ""


def _playing(simulated: Simulated) -> Handler:
    async def handle(incoming: Incoming, respond: Respond) -> None:
        reply = simulated(await incoming.whole())
        respond.start(reply.status, reply.headers)
        for chunk in reply.chunks:
            await respond.send(chunk)
        await respond.finish()

    return handle


@asynccontextmanager
async def _serving(handler: Handler) -> AsyncGenerator[Origin]:
    sockets = bind("127.0.0.1", 0)[0]
    server = Server(handler, dress=dress)
    async with anyio.create_task_group() as tasks:
        await tasks.start(server.serve, await listeners(sockets))
        try:
            yield Origin("http", "127.0.0.1", sockets[0].getsockname()[1])
        finally:
            server.stop(now=True)
