"""Programs of the benchmarks in processes of their own: started, asked and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

STOP = 15.0


class Child:
    """One that runs, and has said on which port."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process.pid
        self._running = process
        self._in, self._out = process.stdin, process.stdout
        self.port = int(self._out.readline())

    async def ask(self, what: str = "") -> Any:
        """Say a line; the line that comes back."""
        self._in.write(what.encode() + b"\n")
        self._in.flush()
        return msgspec.json.decode(await asyncio.to_thread(self._out.readline))

    def stop(self) -> int:
        """End it as a service manager would, and wait; its exit code."""
        self._running.terminate()
        return self._running.wait(STOP)


@contextlib.contextmanager
def running(module: str, *arguments: object, core: int | None = None) -> Iterator[Child]:
    """A module of ours, for the length of a block; on the core of this number where there are several."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    pipe, root = subprocess.PIPE, Path(__file__).resolve().parents[1]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, cwd=root) as process:
        try:
            if core is not None:
                pin(process.pid, core)
            yield Child(process)
        finally:
            if process.poll() is None:
                process.kill()


def pin(process: int, core: int) -> None:
    """Where there are several cores."""
    if hasattr(os, "sched_setaffinity") and len(cores := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(process, {cores[core]})
