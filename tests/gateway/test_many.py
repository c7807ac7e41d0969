"""Many clients at once: nobody gets another's answer, and nothing is left behind by those that leave."""

from __future__ import annotations

import json
import random

import anyio
import pytest

from metaphrase.testing.echo import echo
from tests.http.loopback import raw, until

from .house import House, house

pytestmark = pytest.mark.anyio


async def ask(at: House, number: int, leaves: float | None) -> bool:
    """One stream over a connection of its own; whether all of it came. Leaves after some seconds, if told so."""
    nonce = f"nonce-{number}-" * 12
    asked = {"model": "m", "stream": True, "messages": [{"role": "user", "content": nonce}]}
    body = json.dumps(asked).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    async with raw(at.port) as client:
        await client.send(f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        if leaves is not None:
            await anyio.sleep(leaves)
            return True
        data = await client.all()
    events = [line[6:] for line in data.decode().split("\n") if line.startswith("data: {")]
    chunks = [json.loads(event)["choices"][0]["delta"].get("content") or "" for event in events]
    return "".join(chunks) == nonce and data.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")


async def test_every_byte_is_right_and_nothing_leaks() -> None:
    chance = random.Random(7)
    right: list[bool] = []
    async with house("gemini", echo, pause=0.001) as at:
        lane = anyio.CapacityLimiter(40)

        stayed = 0

        async def one(number: int) -> None:
            nonlocal stayed
            leaves = chance.random() / 20 if chance.random() < 0.2 else None
            stayed += leaves is None
            async with lane:
                right.append(await ask(at, number, leaves))

        async with anyio.create_task_group() as tasks:
            for number in range(100):
                tasks.start_soon(one, number)
        assert right == [True] * 100
        await until(lambda: at.active == [0])
        await anyio.sleep(0.05)
        assert {entry.outcome for entry in at.entries} == {"ok", "left"}
        assert sum([entry.outcome == "ok" for entry in at.entries]) >= stayed
        assert len({entry.id for entry in at.entries}) == len(at.entries)
        assert len(at.gateway.client.pool) <= 64
    await anyio.sleep(0.1)  # the loop closes what was aborted
