"""Many clients at once, impatient ones and slow ones: ``make load``, or ``python -m benchmarks.load``.

The gateway as `metaphrase serve` runs it, an upstream and the clients are processes of their own, on 127.0.0.1. Each
figure stands beside its limit; the exit code is 1 if one is broken. Linux only: it looks into /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import resource
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from .forms import GEMINI, OPENAI
from .load_clients import WAYS, Crowd, asked, connect, crowd, expected, response, says
from .processes import Child, running

KIB = 1024
BODY = 1024 * KIB  # what the gateway of this benchmark takes
SOON = 30.0
_SLOW = 2.0  # seconds in which a slow reader reads nothing
_LIMITS = f"[limits]\nbody = {BODY}"


class Figure(NamedTuple):
    """One value; `most`: its limit."""

    name: str
    value: float
    unit: str
    most: float
    exact: bool = True  # it does not depend on how fast the machine is

    @property
    def broken(self) -> bool:
        """Whether it is over its limit."""
        return self.value > self.most


class Stage(NamedTuple):
    """The two programs."""

    gateway: Child
    upstream: Child


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Both, for the length of a block."""
    with (
        running("benchmarks.load_upstream", core=0) as upstream,
        running("benchmarks.our_gateway", upstream.port, _LIMITS, core=-1) as gateway,
    ):
        yield Stage(gateway, upstream)


async def until(child: Child, said: str, **wanted: int) -> None:
    """Wait until it holds that. If it never does, the figures tell."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SOON):
            while not wanted.items() <= (await child.ask(said)).items():  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.05)


# --- many streams -----------------------------------------------------------------------------------------------------


async def streams(count: int, chunks: int) -> list[Figure]:
    """All of them open at one moment, half way through; memory is taken there."""
    async with stage() as at:
        await _warm(at)
        before = (await at.gateway.ask())["resident"]
        tasks = [asyncio.create_task(_stream(at.gateway.port, nonce, chunks)) for nonce in range(count)]
        await until(at.upstream, "held", waiting=count)
        held = await at.gateway.ask()
        start = time.monotonic()
        await at.upstream.ask("open")
        right = await asyncio.gather(*tasks)
        taken = time.monotonic() - start
        each = (held["resident"] - before) / count
        print(f"    the second halves: {count * chunks / 2 / taken:,.0f} chunks/s", flush=True)
        return [
            Figure(f"streams of {chunks} chunks that were not open together", count - held["connections"], "", 0),
            Figure("  with a wrong byte", sum([not one for one, _ in right]), "", 0),
            Figure("  with words of another stream, or without their own", sum([not one for _, one in right]), "", 0),
            Figure("  memory for each connection", each / KIB, "KiB", 100, exact=False),
        ]


async def _warm(at: Stage) -> None:
    """What is loaded or grows once is there before anything is measured."""
    for client, upstream in WAYS * 5:
        for live in (False, True):
            reader, writer = await connect(at.gateway.port)
            writer.write(client.request(upstream.name.encode(), asked(0, "warm", 3), streams=live))
            await response(reader)
            writer.close()
    await until(at.gateway, "", connections=0)


async def _stream(port: int, nonce: int, chunks: int) -> tuple[bool, bool]:
    """Whether every byte is right, and whether it says its own words and no others."""
    client, upstream = WAYS[nonce % len(WAYS)]
    reader, writer = await connect(port)
    writer.write(client.request(upstream.name.encode(), asked(nonce, "gated", chunks), streams=True))
    status, body, ended = await response(reader)
    writer.close()
    whole = status == 200 and ended and body == expected(client, upstream, nonce, chunks, body)
    return whole, says(body, nonce, chunks)


# --- clients that leave -----------------------------------------------------------------------------------------------


async def leavers(count: int, lanes: int, seed: int) -> list[Figure]:
    """Mixed requests; a fifth of the clients leave at random points."""
    async with stage() as at:
        await _warm(at)
        before = await at.gateway.ask()
        people = Crowd(at.gateway.port)
        start = time.monotonic()
        await people.run(crowd(count, 0.2, seed), lanes)
        print(f"    {count / (time.monotonic() - start):,.0f} requests/s", flush=True)
        for line in people.wrong[:5]:
            print(f"    {line}", flush=True)
        await until(at.gateway, "", connections=0)
        await until(at.upstream, "held", calls=0)
        after, held = await at.gateway.ask(), await at.upstream.ask("held")
        await until(at.upstream, "held", connections=after["pooled"])
        held = await at.upstream.ask("held")
        closed = _closed(await at.upstream.ask("diary"), people.left)
        code = at.gateway.stop()
        return [
            Figure(f"of {count} mixed requests, wrong answers", len(people.wrong), "", 0),
            Figure("  tasks left over", after["tasks"] - before["tasks"], "", 0),
            Figure("  connections of clients left over", after["connections"], "", 0),
            Figure("  descriptors left over", _files(after) - _files(before), "", 0),
            Figure("  pooled connections", after["pooled"], "", 2 * 64),
            Figure("  connections at the upstream that are not pooled", held["connections"] - after["pooled"], "", 0),
            Figure("  calls that go on at the upstream", held["calls"], "", 0),
            Figure("  exit code", code, "", 0),
            Figure(f"  {len(closed)} calls cancelled, closed after (p99)", _p99(closed), "ms", 100, exact=False),
            Figure("    (median)", statistics.median(closed) if closed else 0, "ms", 100, exact=False),
        ]


def _files(held: dict[str, int]) -> int:
    return held["files"] - held["pooled"]


def _closed(diary: list[dict[str, object]], left: dict[int, float]) -> list[float]:
    """Milliseconds from leaving to the end that the upstream saw, for each call that was still going on."""
    found: list[float] = []
    for call in diary:
        nonce, ended = call["nonce"], call["ended"]
        assert isinstance(nonce, int)
        assert isinstance(ended, float | int)
        gone = left.get(nonce)
        if gone is not None and (call["how"] != "done" or ended > gone + 0.1):
            found.append(max(ended - gone, 0) * 1000 if call["how"] != "open" else 1e9)
    return found


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)] if values else 0.0


# --- slow readers, large bodies ---------------------------------------------------------------------------------------


async def slow(count: int, seconds: float = _SLOW) -> list[Figure]:
    """Readers of an endless stream that stop reading, and go on after a while."""
    async with stage() as at:
        await _warm(at)
        readers = await asyncio.gather(*[_stall(at.gateway.port, number) for number in range(count)])
        most, consumed = 0.0, 0
        for _ in range(3):
            await asyncio.sleep(seconds)
            floods = await at.upstream.ask("flood")
            most = max([most, *[read - consumed for read in floods]])
            for reader, _ in readers:
                await reader.readexactly(16 * KIB)
            consumed += 16 * KIB
        started = len(await at.upstream.ask("flood"))
        for _, writer in readers:
            writer.close()
        await until(at.upstream, "held", calls=0)
        return [
            Figure(f"of {count} slow readers, streams that did not begin", count - started, "", 0),
            Figure("  read ahead of the slowest", most / KIB, "KiB", 256),
            Figure("  calls that go on at the upstream", (await at.upstream.ask("held"))["calls"], "", 0),
        ]


async def _stall(port: int, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """An endless stream of which nothing is read; the same protocol on both sides, so that bytes can be compared."""
    form = (OPENAI, GEMINI)[number % 2]
    reader, writer = await connect(port, 16 * KIB)
    writer.write(form.request(form.name.encode(), asked(number, "flood", 0), streams=True))
    return reader, writer


async def large(count: int) -> list[Figure]:
    """Bodies over the limit: by their announced length, and in chunks."""
    async with stage() as at:
        await _warm(at)
        before = (await at.gateway.ask())["resident"]
        calls = len(await at.upstream.ask("diary"))
        said = await asyncio.gather(*[_announce(at.gateway.port, number) for number in range(count)])
        grown = (await at.gateway.ask())["resident"] - before
        return [
            Figure(f"of {count} bodies over the limit, answers that are not 413", count - said.count(413), "", 0),
            Figure("  calls at the upstream", len(await at.upstream.ask("diary")) - calls, "", 0),
            Figure("  memory for each", max(grown, 0) / count / KIB, "KiB", 100, exact=False),
        ]


async def _announce(port: int, number: int) -> int:
    """The status; not one byte of the body is sent."""
    reader, writer = await connect(port)
    form = (OPENAI, GEMINI)[number % 2]
    request = form.request(form.name.encode(), b"a", streams=False)
    head, _, _ = request.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    writer.write(b"\r\n".join([*lines, b"Content-Length: %d" % (BODY + 1), b"", b""]))
    async with asyncio.timeout(SOON):
        status, _, _ = await response(reader)
    writer.close()
    return status


# --- all of it --------------------------------------------------------------------------------------------------------


def descriptors(wanted: int) -> int:
    """As many open files as are wanted, if the system allows; how many there are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard < 0 else min(wanted, hard), hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def figures(options: argparse.Namespace) -> Iterator[Figure]:
    """All of them, part after part."""
    parts: dict[str, Callable[[], Coroutine[Any, Any, list[Figure]]]] = {
        "streams": lambda: streams(options.streams, options.chunks),
        "leavers": lambda: leavers(options.requests, options.lanes, options.seed),
        "slow": lambda: slow(options.slow),
        "large": lambda: large(options.large),
    }
    for name, part in parts.items():
        if name.startswith(options.only):
            yield from asyncio.run(part())


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--chunks", type=int, default=200)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--lanes", type=int, default=50, help="requests at one time")
    parser.add_argument("--slow", type=int, default=8)
    parser.add_argument("--large", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", default="", help="only the part whose name begins so")
    options = parser.parse_args()
    have, need = descriptors(options.streams * 2 + 200), options.streams * 2 + 200
    if have < need:
        print(f"{need} open files are needed and {have} are allowed: see ulimit -n", file=sys.stderr)
        return 1
    good = True
    for figure in figures(options):
        good = good and not figure.broken
        value = f"{figure.value:,.1f}" if figure.value % 1 else f"{figure.value:,.0f}"
        mark = "BROKEN" if figure.broken else ""
        print(f"{figure.name:<58}{value:>9} {figure.unit:<4} at most {figure.most:,.0f} {mark}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
