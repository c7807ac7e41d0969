"""What the writer of a stream shares with the writers of its choices and parts."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from metaphrase import ir
from metaphrase.loss import Report

from ..options import Options
from .write_chunk import Envelope


class Scene(NamedTuple):
    """``same``: this protocol has read the stream. ``declared``: the tools of the client, None if nobody said."""

    envelope: Envelope
    report: Report
    options: Options
    same: bool
    answer_id: str
    declared: frozenset[str]
    sound: str | None = None  # the form of speech that the client asked for


class Telling(Protocol):
    """A part while it is being written."""

    def delta(self, text: str) -> bytes: ...
    def end(self, state: ir.Opaque | None) -> bytes: ...
