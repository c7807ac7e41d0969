"""Each SDK, each operation, each outcome: what comes through the gateway is what the SDK's own vendor would have given.

The vendors' answers are written by hand in both protocols (answers.py). Each case runs twice: against its own vendor,
and through the gateway against the other one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import anyio
import pytest

from metaphrase.testing.simulate import Simulated
from tests.http.loopback import serving

from . import drivers
from .answers import CHATS, MARK, PIXEL, PROTOCOLS, SIGNATURE, Protocol
from .cases import BROKEN, SILENT, TABLE, Case, upstream, vendor
from .drivers import Driver, Outcome
from .house import House, house, playing
from .said import summary

OTHER: dict[Protocol, Protocol] = {"openai": "gemini", "gemini": "openai"}
PATIENCE = "[patience]\nidle = 2.0\nfirst_byte = 2.0\n[server]\nheartbeat = 0.1"


class Sdks(NamedTuple):
    """SDKs, and the event loop that the gateway runs on."""

    drive: Driver
    backend: str


SDKS = {
    "python": Sdks(drivers.python, "asyncio"),
    "python-threads": Sdks(drivers.threads, "trio"),
    "node": Sdks(drivers.node, "asyncio"),
}


@dataclass
class Ran:
    """All cases of some SDKs: what came through the gateway, what the vendor gave, what the upstream was told."""

    through: dict[str, Outcome]
    native: dict[str, Outcome]
    told: dict[str, bytes]
    logged: dict[str, str]  # how each call ended, by the gateway's log


@asynccontextmanager
async def _street() -> AsyncIterator[tuple[dict[Protocol, House], dict[Protocol, str]]]:
    """A gateway and a vendor for the clients of each protocol."""
    async with AsyncExitStack() as stack:
        houses: dict[Protocol, House] = {}
        vendors: dict[Protocol, str] = {}
        for client in PROTOCOLS:
            other = OTHER[client]
            houses[client] = await stack.enter_async_context(house(other, upstream(other), PATIENCE))
            own = serving(playing(Simulated(client, vendor(client))))
            vendors[client] = f"http://127.0.0.1:{(await stack.enter_async_context(own))[1]}"
        yield houses, vendors


async def _run(drive: Driver) -> Ran:
    async with _street() as (houses, vendors):
        gateways = {client: f"http://127.0.0.1:{at.port}" for client, at in houses.items()}
        every = [case.asked(bases[case.client]) for case in TABLE.values() for bases in (gateways, vendors)]
        outcomes = await drive(every)
        for at in houses.values():
            await at.logged(sum([case.requests for case in TABLE.values() if at is houses[case.client]]))
        requests = [request for at in houses.values() for request in at.upstream.requests]
        return Ran(
            {case.id: outcomes[gateways[case.client], case.id] for case in TABLE.values()},
            {case.id: outcomes[vendors[case.client], case.id] for case in TABLE.values()},
            {request.header("x-request-id") or "": request.body for request in requests},
            {entry.id: entry.outcome for at in houses.values() for entry in at.entries},
        )


@cache
def _ran(name: str) -> Ran:
    sdks = SDKS[name]
    return anyio.run(_run, sdks.drive, backend=sdks.backend)


@pytest.fixture(scope="module", params=SDKS)
def ran(request: pytest.FixtureRequest) -> Iterator[Ran]:
    lacking = drivers.lacking() if request.param == "node" else None
    if lacking is not None:
        pytest.skip(lacking)
    yield _ran(request.param)
    _ran.cache_clear()


GOOD = {name: case for name, case in TABLE.items() if case.outcome == "ok"}
SAYS: dict[str, tuple[str, ...]] = {
    "text": ("'Bonjour, le monde \N{GRINNING FACE}.'", "(7, 3, 10)"),
    "vision": ("'One pixel'",),
    "structured": ("""'{"city":"Paris"}'""",),
    "length": ("'Once upon'",),
    "filtered": ("'Well'",),
    "two": ("0: {'text': 'Heads or tails'", "1: {'text': 'Heads or tails'"),
    "call": ("'find'", "{'city': 'Paris'}", SIGNATURE),
    "returned": ("'It is here'",),
    "agent": ("'find'", "{'city': 'Paris'}", SIGNATURE, "'It is here'"),
    "thinking": ("'thought': 'Let me see.'", "'text': 'Yes.'"),
    "drawing": ("'Here:'", f"'data:image/png;base64,{PIXEL}'"),
    "embeddings": ("[0.25, -0.5, 1", "0.125, -1"),
    "models": ("echo-1", "gemini-2.5-flash"),
    "model": ("gemini-2.5-flash",),
    "tokens": ("12",),
}
"""What must stand in the summary of each answer; how a chat ends is in ``Said``."""


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)
def test_it_is_what_the_vendor_gives(ran: Ran, case: Case) -> None:
    through, native = ran.through[case.id], ran.native[case.id]
    assert (through.error is None) == (case.outcome == "ok"), through.error
    assert _class(through) == _class(native)
    assert _said(case, through) == _said(case, native)
    assert ran.logged[case.id] == _logged(case)
    if through.error and case.outcome not in (*BROKEN, *SILENT):
        assert MARK in through.error["message"]


@pytest.mark.parametrize("case", GOOD.values(), ids=GOOD)
def test_nothing_is_missing_on_either_side(ran: Ran, case: Case) -> None:
    shown = str(_said(case, ran.through[case.id]))
    assert [text for text in SAYS[case.op] if text not in shown] == []
    told = ran.told[case.id].decode()
    assert [text for text in case.needles if text not in told] == []
    if case.op in CHATS:
        ends = CHATS[case.op].finish if case.client == "openai" else CHATS[case.op].reason
        assert shown.count(f"'finish': '{ends}'") == CHATS[case.op].choices


def _logged(case: Case) -> str:
    """How the gateway's log says that the call ended."""
    if case.outcome == "ok":
        return "ok"
    return "broken" if case.stream and case.outcome in (*BROKEN, "event") else "error"


def _class(outcome: Outcome) -> dict[str, Any] | None:
    """The error without its message, which says whose fault it was."""
    return outcome.error and {key: value for key, value in outcome.error.items() if key != "message"}


def _said(case: Case, outcome: Outcome) -> Any:
    """Of a stream that broke off the text: OpenAI counts tokens at the end, Gemini all the time."""
    said = summary(case.client, case.op, outcome)
    return {key: value for key, value in said.items() if key is not None} if outcome.error and case.stream else said
