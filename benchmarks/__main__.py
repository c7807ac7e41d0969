"""Prints every figure beside its limit."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import msgspec

from .measure import compare, converting, import_time, peak_memory, per_round, untyped
from .streams import StreamLoad, reencoding, streams, untyped_chunks
from .workloads import Workload, workloads

ROUNDS = (10, 100, 1000)
MOST_SPREAD = 1.2
MOST_IMPORT = 0.060


class Figure(msgspec.Struct, frozen=True):
    """One measured value. `limit` is the most that it may be, None where no limit was set."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    note: str = ""

    @property
    def over(self) -> bool:
        """Whether the limit is broken."""
        return self.limit is not None and self.value > self.limit


def figures(only: str, rounds: int) -> Iterator[Figure]:
    """All figures whose name begins so."""
    loads = workloads()
    for load in loads:
        name = f"{load.name} {load.source} -> {load.target}"
        if name.startswith(only):
            yield _speed(name, load, rounds)
    for stream in streams():
        name = f"{stream.name} {stream.source} -> {stream.target}"
        if name.startswith(only):
            yield _stream(f"{name}, events", stream, rounds, whole=False)
            yield _stream(f"{name}, whole", stream, rounds, whole=True)
    if "linearity".startswith(only):
        yield _linearity(rounds)
    if "memory".startswith(only):
        yield from _memory(load for load in loads if load.name == "image")
    if "import".startswith(only):
        yield Figure("import metaphrase", import_time(rounds) * 1000, "ms", MOST_IMPORT * 1000)


def _speed(name: str, load: Workload, rounds: int) -> Figure:
    timing = compare(converting(load), untyped(load.body), rounds)
    note = f"{timing.ours * 1e6:,.1f} us; untyped {timing.untyped * 1e6:,.1f} us; {len(load.body):,} bytes"
    return Figure(name, timing.ratio, "x untyped", load.limit, note)


def _stream(name: str, load: StreamLoad, rounds: int, *, whole: bool) -> Figure:
    timing = compare(reencoding(load, whole=whole), untyped_chunks(load), rounds)
    each = len(load.events)
    note = f"{timing.ours / each * 1e6:,.2f} us a chunk; untyped {timing.untyped / each * 1e6:,.2f} us; {each:,} chunks"
    return Figure(name, timing.ratio, "x untyped", load.limit, note)


def _linearity(rounds: int) -> Figure:
    """Untyped msgspec stands beside it: what it grows by, the machine's caches and collector cost anybody."""
    cost = per_round(ROUNDS, rounds)
    ours = [timing.ours for timing in cost.values()]
    note = "; ".join(
        f"{n:,} rounds: {timing.ours * 1e6:.2f} us each, untyped {timing.untyped * 1e6:.2f}"
        for n, timing in cost.items()
    )
    return Figure("linearity, dearest / cheapest", max(ours) / min(ours), "x", MOST_SPREAD, note)


def _memory(loads: Iterator[Workload]) -> Iterator[Figure]:
    for load in loads:
        peak = peak_memory(converting(load))
        name = f"memory {load.name} {load.source} -> {load.target}"
        yield Figure(name, peak / len(load.body), "x body", None, f"peak {peak / 1e6:.1f} MB")


def _row(figure: Figure) -> str:
    limit = "" if figure.limit is None else f"{figure.limit:g}"
    mark = "OVER" if figure.over else ""
    return f"{figure.name:<36}{figure.value:>8.2f} {figure.unit:<10}{limit:>6} {mark:<5} {figure.note}"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default="", help="only figures whose name begins so: small, turns, linearity, ...")
    parser.add_argument("--rounds", type=int, default=9, help="rounds to take the median of")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is broken")
    options = parser.parse_args()
    if not options.json:
        print(f"{'workload':<36}{'value':>8} {'unit':<10}{'limit':>6}       median time")
    found: list[Figure] = []
    for figure in figures(options.only, options.rounds):
        found.append(figure)
        if not options.json:
            print(_row(figure), flush=True)
    if options.json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
    return 1 if options.check and any(figure.over for figure in found) else 0


if __name__ == "__main__":
    sys.exit(main())
