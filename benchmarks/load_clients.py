"""The clients of `benchmarks.load`: what they send, what they must get, and how they leave."""

from __future__ import annotations

import asyncio
import random
import re
import socket
import struct
import time
from datetime import datetime
from typing import NamedTuple

import metaphrase as mp

from .forms import FORMS, LENGTH, Form, get, post
from .load_upstream import PACE, texts

WAYS = tuple([(client, upstream) for client in FORMS.values() for upstream in FORMS.values()])
_CREATED = re.compile(rb'"created":(\d+)|"createTime":"([^"]+)"')
_TOKENS = re.compile(rb"(\d+:\d+) ")
_RESET = struct.pack("ii", 1, 0)
_LONGEST = 60.0  # seconds for any one call

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def asked(nonce: int, kind: str, count: int) -> bytes:
    """The text by which the upstream knows what to do."""
    return b"nonce-%d kind-%b count-%d" % (nonce, kind.encode(), count)


async def connect(port: int, buffer: int = 0) -> Streams:
    """A connection; ``buffer``: bytes that the kernel may keep of what was not read."""
    one = socket.socket()
    one.setblocking(False)
    if buffer:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    await asyncio.get_running_loop().sock_connect(one, ("127.0.0.1", port))
    return await asyncio.open_connection(sock=one, limit=max(buffer, 1024) if buffer else 2**16)


async def response(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    """Status and body of one response, and whether it has come to its end."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = LENGTH.search(head)
    if length is not None:
        return status, await reader.readexactly(int(length[1])), True
    body: list[bytes] = []
    try:
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body.append((await reader.readexactly(size + 2))[:-2])
        return status, b"".join(body), await reader.readexactly(2) == b"\r\n"
    except (asyncio.IncompleteReadError, ConnectionError):
        return status, b"".join(body), False


def expected(client: Form, upstream: Form, nonce: int, count: int, body: bytes) -> bytes:
    """Every byte of the stream that the client should have got; its clock is taken from what it got."""
    exchange = mp.Exchange(
        client.name,
        upstream.name,
        now=_clock(body),
        seed="1",
        models={upstream.name: "m"},
    )
    model = upstream.name.encode()
    target, sent = client.target(model, True), client.body(model, asked(nonce, "gated", count), True)
    exchange.request(mp.Request("POST", target.decode(), (), sent))
    exchange.head(mp.Response(200, (("content-type", "text/event-stream"),)))
    events = b"".join([*map(upstream.event, texts(nonce, count)), *upstream.ends])
    return exchange.feed(events) + exchange.close()


def _clock(body: bytes) -> float:
    """The gateway's clock, where the answer says it."""
    found = _CREATED.search(body)
    if found is None:
        return 0
    return int(found[1]) if found[1] else datetime.fromisoformat(found[2].decode()).timestamp()


def says(body: bytes, nonce: int, count: int) -> bool:
    """Whether a stream says this client's words, each of them, in order, and nobody else's."""
    return _TOKENS.findall(body) == [text.strip() for text in texts(nonce, count)]


class Plan(NamedTuple):
    """One request of the crowd. ``leaves``: seconds after which its client does; ``inside``: so many bytes of the
    request are sent by then, None: all of it.
    """

    nonce: int
    kind: str
    client: Form
    upstream: Form
    pieces: int
    leaves: float | None = None
    inside: int | None = None
    way: str = "close"  # close, reset, or half: its side only, and the rest later

    @property
    def request(self) -> bytes:
        """The bytes."""
        model, text = self.upstream.name.encode(), asked(self.nonce, self.kind, self.pieces)
        if self.kind == "models":
            return get(b"/v1/models" if self.client.name == "openai" else b"/v1beta/models")
        if self.kind == "embed":
            if self.client.name == "openai":
                return post(b"/v1/embeddings", b'{"model":"%b","input":"%b"}' % (model, text))
            return post(b"/v1beta/models/%b:embedContent" % model, b'{"content":{"parts":[{"text":"%b"}]}}' % text)
        return self.client.request(model, text, streams=self.kind in {"paced", "cut"})

    def right(self, status: int, body: bytes, ended: bool) -> bool:
        """Whether that is what the client was to get."""
        if self.kind == "paced":
            return status == 200 and ended and says(body, self.nonce, self.pieces)
        if self.kind == "cut":  # an error in the stream, and no end that looks clean
            return status == 200 and not ended and b"error" in body
        if self.kind == "error":
            return status == 500 and ended
        own = {"models": b'"m"' if self.client.name == "openai" else b"models/m", "embed": b"0.5,%d" % self.nonce}
        return status == 200 and ended and own.get(self.kind, b"nonce-%d" % self.nonce) in body.replace(b" ", b"")


_KINDS = {"unary": 35, "paced": 35, "embed": 10, "models": 5, "error": 10, "cut": 5}


def crowd(count: int, share: float, seed: int) -> list[Plan]:
    """So many requests, of which this share is left by its client at some point."""
    chance = random.Random(seed)
    found: list[Plan] = []
    for nonce in range(count):
        kind = chance.choices(list(_KINDS), list(_KINDS.values()))[0]
        client, upstream = chance.choice(WAYS)
        plan = Plan(nonce, kind, client, upstream, chance.randrange(2, 12))
        if chance.random() < share:
            inside = chance.randrange(1, len(plan.request)) if chance.random() < 0.1 else None
            leaves = chance.random() * plan.pieces * PACE
            plan = plan._replace(leaves=leaves, inside=inside, way=chance.choice(["close", "reset", "half"]))
        found.append(plan)
    return found


class Crowd:
    """Makes the calls, some at a time; a connection serves until somebody leaves it or it is closed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[Streams] = []
        self.wrong: list[str] = []
        self.left: dict[int, float] = {}  # when, by nonce

    async def run(self, plans: list[Plan], lanes: int) -> None:
        """All of them."""
        rest = iter(plans)

        async def lane() -> None:
            for plan in rest:
                await asyncio.wait_for(self._one(plan), _LONGEST)

        await asyncio.gather(*[lane() for _ in range(lanes)])
        for _, writer in self._idle:
            writer.close()

    async def _one(self, plan: Plan) -> None:
        if plan.leaves is not None:
            await self._leave(plan, await connect(self._port))
            return
        reader, writer = self._idle.pop() if self._idle else await connect(self._port)
        writer.write(plan.request)
        status, body, ended = await response(reader)
        if not plan.right(status, body, ended):
            self.wrong.append(f"{plan}: {status} {body[-300:]!r}")
        if ended:
            self._idle.append((reader, writer))
        else:
            writer.close()

    async def _leave(self, plan: Plan, streams: Streams) -> None:
        _, writer = streams
        writer.write(plan.request[: plan.inside])
        await asyncio.sleep(plan.leaves or 0)
        self.left[plan.nonce] = time.monotonic()
        if plan.way == "half":
            writer.write_eof()
            await asyncio.sleep(0.2)
        elif plan.way == "reset":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.transport.abort() if plan.way == "reset" else writer.close()
