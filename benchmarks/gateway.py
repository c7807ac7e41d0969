"""What the HTTP layer and the gateway cost, against a bare anyio + h11 proxy in the same run: ``make bench-gateway``.

Three programs in processes of their own, in front of the same upstream and driven in turn, forth and back: the bare
proxy, the same on our HTTP layer, and the gateway as `metaphrase serve` runs it, its log included. Where there are two
cores, a proxy has one and the upstream and the clients the other. Only the ratios count.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
from pathlib import Path
from typing import NamedTuple

from metaphrase_http.workers import backend

from .forms import GEMINI, OPENAI, Form
from .processes import Child, pin, running
from .traffic import Sample, drive, upstream

PROGRAMS = {name: f"benchmarks.{name}" for name in ("bare_proxy", "our_proxy", "our_gateway")}


class Load(NamedTuple):
    """One kind of load. `least`: of the bare proxy's rate. `most`: added seconds for one request."""

    name: str
    streams: bool
    connections: int
    least: float
    most: float | None = None


class Way(NamedTuple):
    """What is measured: a program, who asks, for which model (it names the gateway's upstream), against what."""

    name: str
    program: str
    client: Form
    model: bytes
    floor: str = ""  # the way that it is compared with; "": it is a floor itself


LOADS = (
    Load("unary, 1 connection", False, 1, 0.85, 300e-6),
    Load("unary, 16 connections", False, 16, 0.85),
    Load("unary, 64 connections", False, 64, 0.85),
    Load("streams, 1 connection", True, 1, 0.7),
    Load("streams, 64 connections", True, 64, 0.7),
)
WAYS = (
    Way("bare, openai", "bare_proxy", OPENAI, b"openai"),
    Way("bare, gemini", "bare_proxy", GEMINI, b"gemini"),
    Way("HTTP layer alone", "our_proxy", OPENAI, b"openai", "bare, openai"),
    Way("openai to openai", "our_gateway", OPENAI, b"openai", "bare, openai"),
    Way("gemini to gemini", "our_gateway", GEMINI, b"gemini", "bare, gemini"),
    Way("openai to gemini", "our_gateway", OPENAI, b"gemini", "bare, gemini"),
    Way("gemini to openai", "our_gateway", GEMINI, b"openai", "bare, openai"),
)


def processor_time(process: int) -> float:
    """Seconds that it has computed, where the system tells."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(
    load: Load, ways: list[Way], proxies: dict[str, Child], rounds: int, seconds: float
) -> dict[str, list[Sample]]:
    """Each way in turn, the order reversed each time."""
    found: dict[str, list[Sample]] = {way.name: [] for way in ways}
    for number in range(-1, rounds):  # the first round warms up
        for way in ways if number % 2 == 0 else reversed(ways):
            at = proxies[way.program]
            before = processor_time(at.process)
            for_so_long = seconds if number >= 0 else 0.2
            sample = await drive(at.port, way.client, way.model, load.connections, for_so_long, streams=load.streams)
            taken = processor_time(at.process) - before
            if number >= 0:
                found[way.name].append(sample._replace(processor=taken / sample.rate / seconds))
    return found


def report(load: Load, way: Way, found: dict[str, list[Sample]]) -> bool:
    """One line; whether the limits are met."""
    floor, ours = found[way.floor], found[way.name]
    ratio = statistics.median([two.rate / one.rate for one, two in zip(floor, ours, strict=True)])
    added = statistics.median([two.median - one.median for one, two in zip(floor, ours, strict=True)])
    good = ratio >= load.least and (load.most is None or added <= load.most)
    rates = [statistics.median([sample.rate for sample in samples]) for samples in (ours, floor)]
    costs = [statistics.median([sample.processor for sample in samples]) * 1e6 for samples in (ours, floor)]
    print(
        f"{load.name:<24}{way.name:<18}{rates[0]:>9,.0f}{rates[1]:>9,.0f}{ratio:>7.2f}{load.least:>6.2f}"
        f"{added * 1e6:>9,.0f}{'' if load.most is None else f'{load.most * 1e6:.0f}':>6}"
        f"{costs[0]:>8.1f}{costs[1]:>8.1f}  {'meets' if good else 'MISSES'}",
        flush=True,
    )
    return good


async def compare(rounds: int, seconds: float, only: str, way: str) -> bool:
    """All loads and ways; whether all limits are met."""
    chosen = [one for one in WAYS if one.floor and one.name.startswith(way)]
    ways = [one for one in WAYS if one in chosen or one.name in {two.floor for two in chosen}]
    good = True
    async with upstream() as port:
        with contextlib.ExitStack() as stack:
            programs = dict.fromkeys([one.program for one in ways])
            proxies = {name: stack.enter_context(running(PROGRAMS[name], port, core=-1)) for name in programs}
            pin(0, 0)
            for load in LOADS:
                if load.name.startswith(only):
                    found = await measure(load, ways, proxies, rounds, seconds)
                    met = [report(load, one, found) for one in chosen]
                    good = good and all(met)
    return good


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.8, help="of each run")
    parser.add_argument("--only", default="", help="only loads whose name begins so")
    parser.add_argument("--way", default="", help="only ways whose name begins so")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is missed")
    options = parser.parse_args()
    print(
        f"{'requests or chunks/s':<42}{'ours':>9}{'bare':>9}{'ratio':>7}{'least':>6}{'added us':>9}{'most':>6}"
        f"{'CPU us':>8}{'bare':>8}"
    )
    loops = backend().get("backend_options", {})
    if loops:
        import uvloop  # noqa: PLC0415 - only where it is installed

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    good = asyncio.run(compare(options.rounds, options.seconds, options.only, options.way))
    return 1 if options.check and not good else 0


if __name__ == "__main__":
    sys.exit(main())
