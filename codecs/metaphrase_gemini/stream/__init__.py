"""Streamed answers: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent."""

from __future__ import annotations

from msgspec import Struct

from metaphrase import ir
from metaphrase.codec import StreamReader, StreamWriter
from metaphrase.loss import Report
from metaphrase.relay import RelayWriter, Unheard
from metaphrase_gemini.numbers import wants_numbers
from metaphrase_gemini.options import Options
from metaphrase_gemini.route import wants_events

from .array import ArrayWriter
from .reader import Reader
from .relay import FORM, RelayReader
from .writer import Writer


class Streams(Struct, frozen=True):
    """streamGenerateContent, with a caller's options."""

    options: Options = Options()

    def reader(self, report: Report) -> Reader:
        """Server-sent events or one JSON array, from the server."""
        return Reader(report)

    def writer(self, asked: ir.ChatRequest | None, report: Report) -> StreamWriter:
        """Server-sent events for a client, or one JSON array if it did not ask for events."""
        return self._framed(Writer(report, self.options), asked)

    def relay(self, asked: ir.ChatRequest | None, report: Report) -> tuple[StreamReader, StreamWriter]:
        """The same two without a translation between them."""
        return RelayReader(Unheard(heard=report)), self._framed(RelayWriter(FORM, asked, report), asked)

    def _framed(self, events: StreamWriter, asked: ir.ChatRequest | None) -> StreamWriter:
        return events if wants_events(asked) else ArrayWriter(events, wants_numbers(asked))
