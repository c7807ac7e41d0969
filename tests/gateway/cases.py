"""The table: each operation with each outcome, and what an upstream does to bring it about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from metaphrase.testing.simulate import JSON, Asked, Behaviour, Reply

from . import answers, calls, drivers
from .answers import CHATS, STATUSES, Protocol

EVENTS = (("content-type", "text/event-stream"),)
BEGUN = 2  # pieces of text that come before a stream breaks off
BROKEN = {"cut": 502, "early": 502, "garbage": 502, "stall": 504}
"""What goes wrong with an upstream amid its answer, and the status with which a vendor's own front end reports that."""

SILENT = {"silent": 504, "page": 503}
"""The same for what is no answer at all: nothing, or some proxy's page."""

OTHERS = tuple(answers.OTHERS)
AGENT = "agent"  # two chats: the SDK's own object of a tool call goes back with what the tool said


class Case(NamedTuple):
    """One call and how it ends: "ok", a status, "key" (a bad one), "event" (an error amid a stream), BROKEN, SILENT."""

    client: Protocol
    op: str
    stream: bool
    outcome: str

    @property
    def id(self) -> str:
        """Its name, which travels as x-request-id."""
        return f"{self.client}.{self.op}.{'stream' if self.stream else 'whole'}.{self.outcome}"

    def asked(self, base: str) -> drivers.Asked:
        """The call."""
        args = self._call.openai if self.client == "openai" else self._call.google
        if self.stream and self.client == "openai":
            args = args | {"stream": True, "stream_options": {"include_usage": True}}
        return drivers.Asked(self.id, self.client, base, "chat" if self.op in CHATS else self.op, self.stream, args)

    @property
    def needles(self) -> tuple[str, ...]:
        """What has to arrive at the upstream."""
        return self._call.needles

    @property
    def requests(self) -> int:
        """How many the upstream gets."""
        return 2 if self.op == AGENT else 1

    @property
    def _call(self) -> calls.Call:
        return (calls.CHATS if self.op in CHATS else calls.OTHERS)[self.op]


def cases() -> Iterator[Case]:
    """All of them."""
    for client in answers.PROTOCOLS:
        for op in (*CHATS, *OTHERS, AGENT):
            for stream in (False, True) if op in CHATS else (False,):
                yield Case(client, op, stream, "ok")
        for op in ("text", *OTHERS):
            for stream in (False, True) if op in CHATS else (False,):
                for outcome in (*map(str, STATUSES), *BROKEN, *SILENT, *(["event"] if stream else []), "key"):
                    yield Case(client, op, stream, outcome)


TABLE = {case.id: case for case in cases()}


def upstream(protocol: Protocol) -> Behaviour:
    """An upstream that does what the case wants."""
    return lambda asked: _reply(TABLE[asked.request.header("x-request-id") or ""], protocol, asked)


def vendor(protocol: Protocol) -> Behaviour:
    """The client's own vendor in the same case: what is wrong behind its front end, it reports in its own words."""

    def behave(asked: Asked) -> Reply:
        case = TABLE[asked.request.header("x-request-id") or ""]
        if case.outcome in SILENT:
            return _error(protocol, SILENT[case.outcome])
        if case.outcome not in BROKEN:
            return _reply(case, protocol, asked)
        status = BROKEN[case.outcome]
        return _event(case, protocol, status) if case.stream else _error(protocol, status)

    return behave


def _reply(case: Case, protocol: Protocol, asked: Asked) -> Reply:
    outcome = case.outcome
    if outcome == "event":
        return _event(case, protocol, 503)
    if outcome.isdigit():
        return _error(protocol, int(outcome))
    if outcome in _SHORT:
        return _SHORT[outcome](protocol)
    if case.stream:
        said = CHATS[case.op]
        chunks = answers.openai_stream(said) if protocol == "openai" else answers.gemini_stream(said)
        return _spoilt(outcome, EVENTS, chunks, _begun(protocol), b'data: {"\x00\xff\n\n')
    body = msgspec.json.encode(_whole(case, protocol, asked))
    half = len(body) // 2
    return _spoilt(outcome, JSON, [body[:half], body[half:]], 1, b"<html>")


def _spoilt(outcome: str, headers: tuple[tuple[str, str], ...], chunks: list[bytes], good: int, junk: bytes) -> Reply:
    """These chunks, or as many of them as are good."""
    match outcome:
        case "ok":
            return Reply(200, headers, tuple(chunks))
        case "garbage":
            return Reply(200, headers, (*chunks[:good], junk))
        case "early":
            return Reply(200, headers, tuple(chunks[:good]))
        case "cut" | "stall":
            return Reply(200, headers, tuple(chunks[:good]), outcome)
    raise AssertionError(outcome)


def _whole(case: Case, protocol: Protocol, asked: Asked) -> object:
    op = case.op
    if op == AGENT:
        op = "returned" if calls.FOUND.encode() in asked.request.body else "call"
    if op in CHATS:
        said = CHATS[op]
        return answers.openai_whole(said) if protocol == "openai" else answers.gemini_whole(said)
    form = " base64" if op == "embeddings" and b'"base64"' in asked.request.body else ""
    return answers.OTHERS[op][protocol + form]


def _begun(protocol: Protocol) -> int:
    return BEGUN + (protocol == "openai")  # whose first chunk has the role alone


def _error(protocol: Protocol, status: int) -> Reply:
    return Reply(status, JSON, (msgspec.json.encode(answers.error(protocol, status)),))


def _key(protocol: Protocol) -> Reply:
    status, body = answers.bad_key(protocol)
    return Reply(status, JSON, (msgspec.json.encode(body),))


_PAGE = b"<html><title>503 Service Temporarily Unavailable</title></html>"
_SHORT: dict[str, Callable[[Protocol], Reply]] = {
    "key": _key,
    "silent": lambda _: Reply(ending="stall"),
    "page": lambda _: Reply(503, (("content-type", "text/html"),), (_PAGE,)),
}


def _event(case: Case, protocol: Protocol, status: int) -> Reply:
    said = CHATS[case.op]
    chunks = answers.openai_stream(said) if protocol == "openai" else answers.gemini_stream(said)
    last = answers.event(protocol, answers.error(protocol, status))
    return Reply(200, EVENTS, (*chunks[: _begun(protocol)], last))
