"""A behaviour of simulated upstreams: it answers as a real one did, from recorded exchanges.

A recording is a JSON object: ``method``, ``path``, ``request_body`` (a JSON value), ``status``, ``response_headers``,
and ``response_body``: a JSON value, or the raw text of a stream.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..codec import Codec
from ..http import Headers, Request
from ..ir import Failure
from ..registry import resolve
from .objection import members
from .simulate import Asked, Behaviour, Reply, failure_reply

Recording = Mapping[str, Any]
Match = Callable[[Codec, Request], Hashable]

_BLOCKS = re.compile(rb".*?(?:\r?\n){2}|.+", re.DOTALL)


def exact(codec: Codec, request: Request) -> Hashable:
    """Two requests are the same if they ask one model for one thing with the same JSON."""
    try:
        body = json.dumps(json.loads(request.body or b"null"), sort_keys=True)
    except (ValueError, RecursionError):
        body = request.body.decode(errors="replace")
    return address(codec, request), body


def address(codec: Codec, request: Request) -> Hashable:
    """Two requests are the same if they ask one model for one thing, in whatever words."""
    operation = None if codec.recognise is None else codec.recognise(request)
    return operation, None if codec.routes is None else codec.routes.model(request)


def replay(codec: str | Codec, recordings: Iterable[Recording], match: Match = exact) -> Behaviour:
    """Answers with the first recording whose request is the same; where there is none, with 404."""
    own = resolve(codec)
    known: dict[Hashable, Recording] = {}
    for recording in recordings:
        known.setdefault(match(own, request_of(recording)), recording)

    def behave(asked: Asked) -> Reply:
        found = known.get(match(own, asked.request))
        if found is None:
            return failure_reply(own, Failure(404, "NOT_FOUND", "There is no recording of this request"))
        return reply_of(found)

    return behave


def request_of(recording: Recording) -> Request:
    """The request of a recording."""
    body = recording.get("request_body")
    return Request(
        str(recording.get("method") or "POST"),
        str(recording.get("path") or ""),
        _headers(recording.get("request_headers")),
        b"" if body is None else _bytes(body),
    )


def reply_of(recording: Recording) -> Reply:
    """The answer of a recording, a stream event by event."""
    body = recording.get("response_body")
    raw = b"" if body is None else _bytes(body)
    headers = _headers(recording.get("response_headers"))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers = (*headers, ("content-type", "text/event-stream" if isinstance(body, str) else "application/json"))
    streamed = isinstance(body, str) and raw.lstrip().startswith((b"data:", b":", b"event:"))
    chunks = tuple(_BLOCKS.findall(raw)) if streamed else (raw,)
    return Reply(int(recording.get("status") or 200), headers, chunks)


def load(folder: Path) -> Iterator[Recording]:
    """The recordings in a folder and those below it, in the order of their paths."""
    for file in sorted(folder.rglob("*.json")):
        yield json.loads(file.read_text("utf-8"))


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _headers(found: object) -> Headers:
    """Headers without those that spoke of the bytes on the wire."""
    return tuple([(name, str(value)) for name, value in members(found).items() if name.lower() not in _FRAMING])


_FRAMING = ("content-length", "content-encoding", "transfer-encoding", "connection")
