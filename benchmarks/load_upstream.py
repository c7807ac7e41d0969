"""The upstream of `benchmarks.load`: paced, gated, flooding and failing answers in both protocols, and a diary.

Run as ``python -m benchmarks.load_upstream``; prints its port. What a call is to be answered with stands in its text:
``nonce-NUMBER kind-WORD count-NUMBER``. Lines on standard input: ``held`` tells what is open, ``open`` lets gated
streams go on, ``diary`` tells of all calls, ``flood`` how far each flood has come.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
import time
from collections.abc import Callable
from typing import cast

import msgspec

from metaphrase_http.workers import backend

from .forms import LAST, LENGTH, STREAM_HEAD, Form, framed, spoken, unary

PACE = 0.01  # seconds between two chunks
FILLER = b"x" * 1000  # of each chunk of a flood
_BYTES_ACKED = 120  # linux/tcp.h: where struct tcp_info has tcpi_bytes_acked
_PLAN = re.compile(rb"nonce-(\d+) kind-(\w+) count-(\d+)")
_EMBEDDINGS = {
    "openai": b'{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,%b]}],"model":"m",'
    b'"usage":{"prompt_tokens":1,"total_tokens":1}}',
    "gemini": b'{"embeddings":[{"values":[0.5,%b]}]}',
}
_MODELS = {
    "openai": b'{"object":"list","data":[{"id":"m","object":"model","created":1,"owned_by":"o"}]}',
    "gemini": b'{"models":[{"name":"models/m"}]}',
}


class Call(msgspec.Struct):
    """One call in the diary. Times are those of the machine's monotonic clock, which all processes share."""

    nonce: int
    received: float
    ended: float = 0
    how: str = "open"  # done: all was written; closed: the gateway hung up before


def texts(nonce: int, count: int) -> list[bytes]:
    """What a stream says, chunk by chunk."""
    return [b"%d:%d " % (nonce, n) for n in range(count)]


class House:
    """What all connections share."""

    def __init__(self) -> None:
        self.connections: set[Upstream] = set()
        self.diary: list[Call] = []
        self.gate = asyncio.Event()
        self.waiting = 0


class Upstream(asyncio.Protocol):
    """One connection from the gateway."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._data = b""
        self._call: Call | None = None
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._room.set()
        self.before: int | None = None  # bytes that the gateway had acknowledged when a flood began

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._house.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._house.connections.discard(self)
        if self._call is not None and self._call.how == "open":
            self._call.ended, self._call.how = time.monotonic(), "closed"
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def data_received(self, data: bytes) -> None:
        self._data += data
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return
        found = LENGTH.search(self._data)
        if found is not None and len(self._data) < end + 4 + int(found[1]):
            return
        request, self._data = self._data, b""
        form, streams = spoken(request)
        plan = _PLAN.search(request)
        if plan is None:  # the list of models has no text
            self.transport.write(unary(_MODELS[form.name]))
            return
        self._call = Call(int(plan[1]), time.monotonic())
        self._house.diary.append(self._call)
        self._task = asyncio.ensure_future(self._answer(form, streams, plan[2].decode(), int(plan[3])))

    async def _answer(self, form: Form, streams: bool, kind: str, count: int) -> None:
        assert self._call is not None
        nonce = self._call.nonce
        if kind == "flood":
            await self._flood(form)
        elif streams:
            if not await self._stream(form, kind, texts(nonce, count)):
                return
        else:
            await asyncio.sleep(count * PACE)
            if kind == "error":
                self.transport.write(unary(form.error, b"500 Internal Server Error"))
            elif kind == "embed":
                self.transport.write(unary(_EMBEDDINGS[form.name] % b"%d" % nonce))
            else:
                self.transport.write(unary(form.answer(b"nonce-%d" % nonce)))
        self._call.ended, self._call.how = time.monotonic(), "done"

    async def _stream(self, form: Form, kind: str, said: list[bytes]) -> bool:
        """Whether it came to its end."""
        chunks = form.stream(said)
        self.transport.write(STREAM_HEAD)
        for number, chunk in enumerate(chunks):
            if kind == "gated" and number == len(chunks) // 2:
                self._house.waiting += 1
                await self._house.gate.wait()
                self._house.waiting -= 1
            if kind == "cut" and number == len(chunks) // 2:
                self.transport.abort()
                return False
            self.transport.write(chunk)
            if kind in {"paced", "cut"}:
                await asyncio.sleep(PACE)
        self.transport.write(LAST)
        return True

    async def _flood(self, form: Form) -> None:
        """Without an end, as fast as it is taken."""
        self.transport.set_write_buffer_limits(0)
        self.before = self._acknowledged()
        self.transport.write(STREAM_HEAD)
        number = 0
        while not self.transport.is_closing():
            await self._room.wait()
            self.transport.write(framed(form.event(b"%09d %b" % (number, FILLER))))
            number += 1
            await asyncio.sleep(0)

    def taken(self) -> int:
        """Bytes of a flood that the gateway's process has read: it acknowledged them, and they do not wait for it."""
        one = self.transport.get_extra_info("socket")
        waiting = _unread(one.getpeername()[1], one.getsockname()[1])
        return self._acknowledged() - (self.before or 0) - waiting

    def _acknowledged(self) -> int:
        told = self.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
        return int.from_bytes(told[_BYTES_ACKED : _BYTES_ACKED + 8], sys.byteorder)


def _unread(local: int, remote: int) -> int:
    """Bytes that wait in the kernel for the process at the ``local`` end of a connection of this machine."""
    ends = f":{local:04X}", f":{remote:04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:  # noqa: PTH123 - no file of ours
        for line in table:
            fields = line.split()
            if fields[1].endswith(ends[0]) and fields[2].endswith(ends[1]):
                return int(fields[4].partition(":")[2], 16)
    return 0


def _commands(house: House) -> dict[str, Callable[[], object]]:
    def held() -> object:
        calls = [call for call in house.diary if call.how == "open"]
        return {"connections": len(house.connections), "calls": len(calls), "waiting": house.waiting}

    def go_on() -> object:
        house.gate.set()
        return True

    return {
        "held": held,
        "open": go_on,
        "diary": lambda: house.diary,
        "flood": lambda: [one.taken() for one in house.connections if one.before is not None],
    }


async def main() -> None:
    loop, house, over = asyncio.get_running_loop(), House(), asyncio.Event()
    commands = _commands(house)

    def hear() -> None:
        said = os.read(sys.stdin.fileno(), 4096).decode()
        if not said:
            over.set()
            loop.remove_reader(sys.stdin.fileno())
        for line in said.split():
            print(msgspec.json.encode(commands[line]()).decode(), flush=True)

    server = await loop.create_server(lambda: Upstream(house), "127.0.0.1", 0, backlog=2048)
    loop.add_reader(sys.stdin.fileno(), hear)
    print(server.sockets[0].getsockname()[1], flush=True)
    await over.wait()


if __name__ == "__main__":
    if backend().get("backend_options"):
        import uvloop  # only where it is installed

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(main())
