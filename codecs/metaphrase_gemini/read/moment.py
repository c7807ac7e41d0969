"""`Timestamp` of proto3 JSON: https://protobuf.dev/programming-guides/json/."""

from __future__ import annotations

from datetime import UTC, datetime
from math import floor

import msgspec
from msgspec import Raw

_moment = msgspec.json.Decoder(datetime).decode


def unix_seconds(raw: Raw) -> tuple[int, bool] | None:
    """The second in which it lies, and whether it is its beginning; None: no moment."""
    try:
        moment = _moment(raw)
    except msgspec.DecodeError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return floor(moment.timestamp()), not moment.microsecond
