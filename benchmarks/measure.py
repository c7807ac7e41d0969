"""How time and memory are taken. Machines are noisy: what is compared runs in turn, and only the ratio counts."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable

import msgspec

import metaphrase as mp

from .workloads import Workload, dump, tools

Call = Callable[[], object]
BUDGET = 0.03
"""Seconds that one batch of calls takes."""

_IMPORT = "import time; t = time.perf_counter(); import metaphrase; print(time.perf_counter() - t)"


class Timing(msgspec.Struct, frozen=True):
    """Medians in seconds, and the median of the rounds' ratios."""

    ours: float
    untyped: float
    ratio: float


def converting(load: Workload) -> Call:
    """What is measured."""
    return lambda: mp.convert(
        load.body,
        source=load.source,
        target=load.target,
        kind=load.kind,
        path=load.path,
        asked=load.asked,
        now=1_795_341_600,
    )


def untyped(body: bytes) -> Call:
    """What it is measured against."""
    return lambda: msgspec.json.encode(msgspec.json.decode(body))


def compare(ours: Call, floor: Call, rounds: int, budget: float = BUDGET) -> Timing:
    """Both in turn: A B A B, the garbage collected in between."""
    return _in_turn([(ours, floor)], rounds, budget)[0]


def per_round(counts: tuple[int, ...], rounds: int) -> dict[int, Timing]:
    """What one tool round costs in a request of so many: the same, if time is linear."""
    loads = [Workload("", "openai", "gemini", "chat.request", dump(tools(n, count=1)[0])) for n in counts]
    timings = _in_turn([(converting(load), untyped(load.body)) for load in loads], rounds, BUDGET)
    return {
        count: Timing(timing.ours / count, timing.untyped / count, timing.ratio)
        for count, timing in zip(counts, timings, strict=True)
    }


def _in_turn(pairs: list[tuple[Call, Call]], rounds: int, budget: float) -> list[Timing]:
    often = [(_often(ours, budget), _often(floor, budget)) for ours, floor in pairs]
    taken: list[list[tuple[float, float]]] = [[] for _ in pairs]
    for _ in range(rounds):
        for times, (ours, floor), (more, most) in zip(taken, pairs, often, strict=True):
            times.append((_batch(ours, more), _batch(floor, most)))
    return [_timing(times) for times in taken]


def _timing(times: list[tuple[float, float]]) -> Timing:
    return Timing(
        statistics.median(ours for ours, _ in times),
        statistics.median(floor for _, floor in times),
        statistics.median(ours / floor for ours, floor in times),
    )


def peak_memory(call: Call) -> int:
    """The most bytes that were held at once during a call, beyond what was held before."""
    call()
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        call()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - before


def import_time(rounds: int) -> float:
    """Seconds that `import metaphrase` takes in a fresh interpreter; the first run, which compiles, does not count."""
    command = [sys.executable, "-I", "-c", _IMPORT]
    runs = [float(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(rounds + 1)]
    return statistics.median(runs[1:])


def _often(call: Call, budget: float) -> int:
    """How many calls fill the budget."""
    call()
    start = time.perf_counter()
    call()
    return max(1, int(budget / max(time.perf_counter() - start, 1e-7)))


def _batch(call: Call, times: int) -> float:
    gc.collect()
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times
