"""Errors as the client's protocol words them: what it did wrong, and what its upstream did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType
from msgspec.structs import replace

from .codec import Codec
from .errors import LossRefused, MetaphraseError, ReadError, RouteError, WriteError
from .http import Response
from .ir import Failure
from .loss import Loss, Report
from .rpc import code_of

Refusing = Literal["refuse"] | Callable[[Loss], bool]
OnLoss = Literal["report"] | Refusing

_STATUS: tuple[tuple[type[MetaphraseError], int], ...] = (
    (RouteError, 404),
    (ReadError, 400),
    (WriteError, 400),
    (LossRefused, 400),
)

_NO_ERROR = (b"null", b"{}", b'""', b"false")


class _Said(Struct):
    """Any JSON object, seen only for its error."""

    error: Raw | UnsetType = UNSET


_said = msgspec.json.Decoder(_Said).decode
_list = msgspec.json.Decoder(list[_Said]).decode


def enforce(losses: tuple[Loss, ...], on_loss: Refusing) -> None:
    """Raise LossRefused if the caller does not allow these losses."""
    refused = losses if on_loss == "refuse" else tuple([loss for loss in losses if on_loss(loss)])
    if refused:
        raise LossRefused(refused)


def failure_of(error: MetaphraseError) -> Failure:
    """What the client did wrong; an operation that a codec does not have is 501."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 501)
    param = error.path.removeprefix("$").removeprefix(".") or None
    return Failure(status, code_of(status), error.message, param=param)


def bad_answer(what: str) -> Failure:
    """The upstream's answer is of no use: 502."""
    return Failure(502, "UNAVAILABLE", what)


def says_error(body: bytes) -> bool:
    """Whether a document is an error object, or an array that begins with one: servers send both with a status 200."""
    body = body.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    try:
        said = _list(body)[:1] if body.startswith(b"[") else [_said(body)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return any(one.error is not UNSET and bytes(one.error) not in _NO_ERROR for one in said)


def upstream_failure(upstream: Codec, wire: Response, report: Report) -> Failure:
    """What an upstream's error answer says. Where the status is no error's, a redirect for one, it is 502."""
    if not (200 <= wire.status < 300 or 400 <= wire.status < 600):
        wire = replace(wire, status=502)
    if upstream.failure is not None:
        return upstream.failure.read(wire, report)
    status = wire.status if wire.status >= 400 else 502
    return Failure(status, code_of(status), f"The upstream answered with status {wire.status}")


def write_failure(client: Codec, failure: Failure, report: Report) -> Response:
    """The client's error answer; a codec without failures gets the members that all of them share."""
    if client.failure is not None:
        return client.failure.write(failure, report)
    said = {"code": failure.status, "message": failure.message, "status": failure.code}
    return Response(failure.status, (("content-type", "application/json"),), msgspec.json.encode({"error": said}))
