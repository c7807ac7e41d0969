"""`metaphrase demo --gateway`: calls over loopback, from either protocol to a strict upstream of the other."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import msgspec
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

import metaphrase as mp
from metaphrase.testing.simulate import Reply, Simulated
from metaphrase_http import Client, Handler, Incoming, Origin, Respond, Server
from metaphrase_http.config import Config, UpstreamTable
from metaphrase_http.gateway import LOSSES, Gateway, dress
from metaphrase_http.settings import settle
from metaphrase_http.workers import bind, listeners

from .common import Stop
from .show import Json, SideBySide, document, loss_table, total

_LINES = 30
_WIDEST = 120
_LONGEST = 60  # characters of a string that are shown: most of what is longer is base64
_JSON = (("content-type", "application/json"),)
_SAID = "$said"  # in a body: what was answered before, at this path


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One call: what the client's SDK sends, and what the upstream answers, each in its own protocol."""

    client: str
    title: str
    target: str
    body: dict[str, Any]
    answer: dict[str, Any] | None = None
    stream: tuple[dict[str, Any] | str, ...] = ()

    def reply(self) -> Reply:
        """The upstream's answer: whole, or a stream of events."""
        if self.answer is not None:
            return Reply(200, _JSON, (msgspec.json.encode(self.answer),))
        events = [item.encode() if isinstance(item, str) else msgspec.json.encode(item) for item in self.stream]
        return Reply(200, (("content-type", "text/event-stream"),), tuple([b"data: %b\n\n" % one for one in events]))


class Said(msgspec.Struct, frozen=True):
    """One call as it went: both forms of the question and of the answer, and what was lost."""

    scene: Scene
    asked: mp.Request
    sent: mp.Request
    told: mp.Response
    got: mp.Response
    losses: tuple[mp.Loss, ...]

    @property
    def right(self) -> bool:
        """Whether it was answered, and the gateway counted as many losses as it should."""
        if self.got.status != 200:
            return False
        # The head of a stream is sent before its answer is known.
        return bool(self.scene.stream) or self.got.header(LOSSES) == str(total(self.losses))


def walk(screen: Console, folder: Path) -> None:
    """All scenes; what the client and the upstream say, side by side. Stop where one is not answered."""
    screen.width = min(screen.width, _WIDEST)
    table = Table("call", "client", "upstream", "status", "losses", "lost")
    for said in anyio.run(_walk, scenes(folder)):
        if not said.right:
            raise Stop(f"{said.scene.title}: the gateway answered {said.got.status}: {said.got.body[:200]!r}")
        show(screen, said)
        features = ", ".join(dict.fromkeys([loss.feature for loss in said.losses]))
        row = (said.scene.title, said.scene.client, OTHER[said.scene.client], str(said.got.status))
        table.add_row(*row, str(total(said.losses)), Text(features))
    screen.print(Rule(Text("Through the gateway")))
    screen.print(table)


OTHER = {"openai": "gemini", "gemini": "openai"}


def scenes(folder: Path) -> list[Scene]:
    """Those of the file. Raises Stop."""
    try:
        return msgspec.json.decode((folder / "demo.json").read_bytes(), type=list[Scene])
    except FileNotFoundError:
        raise Stop("no fixtures here: run this from a checkout, or name their folder with --fixtures") from None
    except msgspec.DecodeError as error:
        raise Stop(f"{folder / 'demo.json'}: {error}") from error


async def _walk(found: Sequence[Scene]) -> list[Said]:
    said: list[Said] = []
    for protocol in dict.fromkeys([scene.client for scene in found]):
        playing: list[Scene] = []
        simulated = Simulated(OTHER[protocol], lambda _: playing[-1].reply())  # noqa: B023 - it ends with the round
        async with _serving(_server(simulated)) as upstream:
            url = f"http://127.0.0.1:{upstream.port}"
            config = Config(upstreams={"up": UpstreamTable(protocol=OTHER[protocol], url=url)})
            gateway = Gateway(settle(config, "127.0.0.1", {}), write=lambda _: None)
            async with _serving(gateway) as origin, Client() as client:
                for scene in found:
                    if scene.client == protocol and all(one.right for one in said):
                        playing.append(scene)
                        said.append(await _call(client, origin, simulated, scene, said))
            await gateway.aclose()
    return said


async def _call(client: Client, origin: Origin, upstream: Simulated, scene: Scene, before: Sequence[Said]) -> Said:
    last = msgspec.json.decode(before[-1].got.body) if before and not before[-1].scene.stream else None
    key = mp.codecs()[scene.client].credentials
    headers = (*_JSON, *(key("any-key") if key is not None else ()))
    request = mp.Request("POST", scene.target, headers, msgspec.json.encode(filled(scene.body, last)))
    async with await client.call(origin, request) as answer:
        got = await answer.whole()
    if got.status != 200:
        return Said(scene, request, mp.Request(), mp.Response(), got, ())
    sent = upstream.requests[-1]
    told = scene.reply().response()
    exchange = mp.Exchange(scene.client, upstream.codec, now=1)
    exchange.request(request)
    exchange.response(told)
    return Said(scene, request, sent, told, got, exchange.losses)


def filled(node: Json, last: Any) -> Json:
    """A body with what was answered in the place of what points there."""
    if isinstance(node, list):
        return [filled(item, last) for item in node]
    if not isinstance(node, dict):
        return node
    path = node.get(_SAID)
    if not isinstance(path, list):
        return {name: filled(item, last) for name, item in node.items()}
    there: Any = last
    for step in path:
        there = there[step]
    found: Json = there
    return found


def show(screen: Console, said: Said) -> None:
    """The call, side by side."""
    client, upstream = said.scene.client, OTHER[said.scene.client]
    screen.print(Rule(Text(f"{said.scene.title}: {client} client, {upstream} upstream")))
    screen.print(
        SideBySide(
            document(said.asked.body, f"{client} asks", said.asked.target, _LINES, _LONGEST),
            document(said.sent.body, f"{upstream} is asked", said.sent.target, _LINES, _LONGEST),
        )
    )
    screen.print(
        SideBySide(
            document(said.got.body, f"{client} gets", None, _LINES, _LONGEST),
            document(said.told.body, f"{upstream} answers", None, _LINES, _LONGEST),
        )
    )
    screen.print(loss_table(said.losses) if said.losses else Text("Nothing is lost."))
    screen.print()


def _server(simulated: Simulated) -> Handler:
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
