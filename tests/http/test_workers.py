"""Listeners, processes and signals."""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from metaphrase_http.workers import backend, bind, close, rarely_collect

PROGRAM = """
import os, signal, sys, time
import anyio
from metaphrase_http import Limits, Server
import metaphrase_http.workers
from metaphrase_http.workers import bind, listeners, obey, run

metaphrase_http.workers._SOON = 0.05

async def handle(request, respond):
    if request.target == "/pid":
        await respond.whole(200, (), b"%d" % os.getpid())
    elif request.target == "/die":
        os._exit(3)
    else:
        respond.start(200)
        await respond.send(b"begun ")
        await anyio.sleep(float(request.target[1:]))
        await respond.finish(b"ended")

async def reload():
    os.write(1, b"reloaded\\n")

async def main(sockets):
    server = Server(handle, Limits(drain=5))
    async with anyio.create_task_group() as tasks:
        await tasks.start(obey, server, reload)
        os.write(1, b"ready\\n")
        await server.serve(await listeners(sockets))
        tasks.cancel_scope.cancel()

taken = bind("127.0.0.1", 0, int(sys.argv[1]))
print(taken[0][0].getsockname()[1], flush=True)
sys.exit(run(main, taken))
"""


@contextmanager
def program(workers: int) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server in a process of its own, ready."""
    command = [sys.executable, "-c", PROGRAM, str(workers)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            for _ in range(workers):
                assert process.stdout.readline() == "ready\n"
            yield process, port
        finally:
            process.kill()


def ask(port: int, target: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=5)
    client.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    return client


def everything(client: socket.socket) -> bytes:
    with client:
        data = b""
        while piece := client.recv(65536):
            data += piece
        return data


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_signal_drains_and_the_exit_is_clean(workers: int) -> None:
    with program(workers) as (process, port):
        clients = [ask(port, "/0.25") for _ in range(6)]
        for client in clients:
            assert client.recv(15, socket.MSG_PEEK)
        process.send_signal(signal.SIGTERM)
        answers = [everything(client) for client in clients]
        assert [answer.endswith(b"5\r\nended\r\n0\r\n\r\n") for answer in answers] == [True] * 6
        assert process.wait(3) == 0
        with pytest.raises(ConnectionRefusedError):
            ask(port, "/pid")


@pytest.mark.parametrize("workers", [1, 2])
def test_the_second_signal_is_now_and_a_hangup_reloads(workers: int) -> None:
    with program(workers) as (process, port):
        process.send_signal(signal.SIGHUP)
        assert process.stdout is not None
        for _ in range(workers):
            assert process.stdout.readline() == "reloaded\n"
        client = ask(port, "/30")
        assert client.recv(15, socket.MSG_PEEK)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(2) == 0
        assert not everything(client).endswith(b"0\r\n\r\n")


def test_connections_are_dealt_out_and_a_dead_worker_is_replaced() -> None:
    with program(2) as (process, port):
        pids = {everything(ask(port, "/pid"))[-12:].split()[-1] for _ in range(40)}
        assert len(pids) == 2
        everything_or_reset(ask(port, "/die"))
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        now = {everything(ask(port, "/pid"))[-12:].split()[-1] for _ in range(40)}
        assert len(now) == 2
        assert len(now & pids) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(3) == 0


def everything_or_reset(client: socket.socket) -> None:
    try:
        everything(client)
    except ConnectionResetError:
        client.close()


@pytest.mark.parametrize("workers", [1, 3])
def test_a_busy_port_is_noticed(workers: int) -> None:
    for others in (1, 2):
        taken = bind("127.0.0.1", 0, others)
        port = taken[0][0].getsockname()[1]
        with pytest.raises(OSError, match="in use") as caught:
            bind("127.0.0.1", port, workers)
        assert caught.value.errno == errno.EADDRINUSE
        close(taken)
        close(bind("127.0.0.1", port, workers))


def test_all_addresses_of_a_host_get_the_same_port() -> None:
    taken = bind("localhost", 0, 2)
    assert len({one.getsockname()[1] for sockets in taken for one in sockets}) == 1
    close(taken)


def test_the_garbage_collector_runs_seldom() -> None:
    before = gc.get_threshold()
    try:
        rarely_collect()
        assert gc.get_freeze_count() > 0
        assert gc.isenabled()
        assert gc.get_threshold()[0] > 10 * before[0]
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def test_uvloop_is_taken_where_it_is() -> None:
    assert backend("trio") == {"backend": "trio"}
    assert backend()["backend"] == "asyncio"
