"""What the HTTP layer costs, against a bare anyio + h11 proxy in the same run: ``python -m benchmarks.gateway``.

Both are pass-through proxies in processes of their own, in front of the same upstream and driven in turn (A B B A);
where there are two cores, a proxy has one and the upstream and the clients the other. Only the ratios count.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from metaphrase_http.workers import backend

from .traffic import Sample, drive, upstream

BARE, OURS = "benchmarks.bare_proxy", "benchmarks.our_proxy"


class Case(NamedTuple):
    """One kind of load. `least`: of the bare proxy's rate. `most`: added seconds for one request."""

    name: str
    path: bytes
    connections: int
    least: float | None = None
    most: float | None = None


class Proxy(NamedTuple):
    """One that runs."""

    process: int
    port: int


CASES = (
    Case("unary, 1 connection", b"unary", 1, 0.85, 300e-6),
    Case("unary, 16 connections", b"unary", 16, 0.85),
    Case("unary, 64 connections", b"unary", 64, 0.85),
    Case("streams, 1 connection", b"stream", 1, 0.7),
    Case("streams, 64 connections", b"stream", 64, 0.7),
)


@contextlib.contextmanager
def proxy(module: str, port: int) -> Iterator[Proxy]:
    """A proxy in a process of its own."""
    with subprocess.Popen([sys.executable, "-m", module, str(port)], stdout=subprocess.PIPE, text=True) as process:
        try:
            _pin(process.pid, -1)
            assert process.stdout is not None
            yield Proxy(process.pid, int(process.stdout.readline()))
        finally:
            process.terminate()


def _pin(process: int, core: int) -> None:
    if hasattr(os, "sched_setaffinity") and len(cores := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(process, {cores[core]})


def processor_time(process: int) -> float:
    """Seconds that it has computed, where the system tells."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(case: Case, proxies: dict[str, Proxy], rounds: int, seconds: float) -> dict[str, list[Sample]]:
    """Each in turn, the order reversed each time."""
    found: dict[str, list[Sample]] = {name: [] for name in proxies}
    for number in range(-1, rounds):  # the first round warms up
        for name in sorted(proxies, reverse=number % 2 == 0):
            before = processor_time(proxies[name].process)
            sample = await drive(proxies[name].port, case.path, case.connections, seconds if number >= 0 else 0.2)
            taken = processor_time(proxies[name].process) - before
            if number >= 0:
                found[name].append(sample._replace(processor=taken / sample.rate / seconds))
    return found


def report(case: Case, found: dict[str, list[Sample]]) -> bool:
    """One line; whether the targets are met."""
    bare, ours = found[BARE], found[OURS]
    ratio = statistics.median(two.rate / one.rate for one, two in zip(bare, ours, strict=True))
    added = statistics.median(two.median - one.median for one, two in zip(bare, ours, strict=True))
    good = (case.least is None or ratio >= case.least) and (case.most is None or added <= case.most)
    rates = [statistics.median(sample.rate for sample in samples) for samples in (ours, bare)]
    costs = [statistics.median(sample.processor for sample in samples) * 1e6 for samples in (ours, bare)]
    print(
        f"{case.name:<28}{rates[0]:>9,.0f}{rates[1]:>9,.0f}{ratio:>7.2f}{case.least or 0:>7.2f}"
        f"{added * 1e6:>11,.0f} us{costs[0]:>9,.1f}{costs[1]:>9,.1f} us  {'' if good else 'MISSED'}",
        flush=True,
    )
    return good


async def compare(rounds: int, seconds: float, only: str) -> bool:
    """All cases; whether all targets are met."""
    async with upstream() as port:
        with proxy(BARE, port) as bare, proxy(OURS, port) as ours:
            _pin(0, 0)
            proxies = {BARE: bare, OURS: ours}
            cases = [case for case in CASES if case.name.startswith(only)]
            return all([report(case, await measure(case, proxies, rounds, seconds)) for case in cases])


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each run")
    parser.add_argument("--only", default="", help="only cases whose name begins so")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a target is missed")
    options = parser.parse_args()
    print(
        f"{'requests or chunks a second':<28}{'ours':>9}{'bare':>9}{'ratio':>7}{'least':>7}"
        f"{'added time':>14}{'CPU ours':>9}{'CPU bare':>12}"
    )
    loops = backend().get("backend_options", {})
    if loops:
        import uvloop  # noqa: PLC0415 - only where it is installed

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    good = asyncio.run(compare(options.rounds, options.seconds, options.only))
    return 1 if options.check and not good else 0


if __name__ == "__main__":
    sys.exit(main())
