"""Gemini's own streams for Gemini's own clients: each chunk as it came, its usage and all."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from metaphrase import ir
from metaphrase.ir import Event
from metaphrase.relay import Form
from metaphrase_gemini.failure import error_body
from metaphrase_gemini.words import CODEC

from .reader import Reader


class _Status(Struct):
    code: Annotated[int, Meta(ge=400, lt=600)]
    message: str
    status: str


class _Error(Struct, forbid_unknown_fields=True):
    """What Google's SDKs raise an error for: nothing may stand beside it."""

    error: _Status


FORM = Form(CODEC, b"\r\n\r\n", b"", ("modelVersion", "model_version"), _Error, error_body)


class RelayReader(Reader):
    """Reads like any reader, and finds the same faults; what it tells is the chunks themselves."""

    def _tell_held(self, events: list[Event]) -> None:
        """Nothing: the chunks have said it."""

    def _take(self, text: bytes, events: list[Event]) -> None:
        number, place = self._number, len(events)
        super()._take(text, events)
        if self._number > number:
            failed = len(events) > place and isinstance(events[-1], ir.Failed)
            events[place:] = [events[-1] if failed else ir.Chunk(text)]
