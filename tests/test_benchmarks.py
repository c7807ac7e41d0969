"""The workloads convert, and the figures come out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measure import compare, converting, peak_memory, untyped
from benchmarks.streams import CHUNKS, StreamLoad, reencoding, streams, untyped_chunks
from benchmarks.workloads import LIMITS, Workload, tools, workloads

ROOT = Path(__file__).resolve().parents[1]
LOADS = workloads()


def test_workloads_are_the_same_each_time() -> None:
    assert workloads() == LOADS
    assert {load.name for load in LOADS} >= LIMITS.keys()


@pytest.mark.parametrize("load", LOADS, ids=lambda load: f"{load.name}-{load.source}")
def test_workloads_convert(load: Workload) -> None:
    assert converting(load)()


@pytest.mark.parametrize("load", streams(), ids=lambda load: f"{load.name}-{load.source}")
def test_streams_convert(load: StreamLoad) -> None:
    assert streams() == streams()
    assert len(load.events) in (CHUNKS, CHUNKS + 1)
    pieces, whole = reencoding(load, whole=False)(), reencoding(load, whole=True)()
    assert isinstance(pieces, list)
    assert isinstance(whole, list)
    assert b"".join(pieces) == b"".join(whole)
    assert b'"error"' not in pieces[-1]
    assert untyped_chunks(load)()


def test_a_workload_has_as_many_rounds_as_asked_for() -> None:
    openai, gemini = tools(30, count=1)
    assert len(openai["messages"]) == 2 + 2 * 30
    assert len(gemini["contents"]) == 1 + 2 * 30


def test_measures_are_positive() -> None:
    timing = compare(untyped(b"[1]"), untyped(b"[1]"), rounds=1, budget=0.001)
    assert min(timing.ours, timing.untyped, timing.ratio) > 0
    assert peak_memory(lambda: bytes(100_000)) >= 100_000


def test_figures_as_json() -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "small", "--rounds", "1", "--json"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert [figure["name"] for figure in json.loads(result.stdout)] == [
        "small openai -> gemini",
        "small gemini -> openai",
    ]
