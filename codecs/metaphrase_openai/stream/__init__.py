"""Streamed answers of OpenAI's protocol, in one dialect."""

from __future__ import annotations

from msgspec import Struct

from metaphrase import ir
from metaphrase.codec import StreamReader, StreamWriter
from metaphrase.loss import Report
from metaphrase.relay import RelayWriter, Unheard

from ..options import Options
from .reader import Reader
from .relay import FORM, RelayReader
from .writer import Writer


class Streams(Struct, frozen=True):
    """Reads and writes; satisfies ``metaphrase.codec.StreamCodec``."""

    options: Options = Options()

    def reader(self, report: Report) -> Reader:
        """For the stream of a server of OpenAI's protocol."""
        return Reader(report, self.options)

    def writer(self, asked: ir.ChatRequest | None, report: Report) -> Writer:
        """For an OpenAI client. ``asked``: its request."""
        return Writer(asked, report, self.options)

    def relay(self, asked: ir.ChatRequest | None, report: Report) -> tuple[StreamReader, StreamWriter]:
        """For the stream of a server of OpenAI's protocol that goes to an OpenAI client. No dialect applies."""
        return RelayReader(Unheard(heard=report), self.options), RelayWriter(FORM, asked, report)


stream = Streams()

__all__ = ["Reader", "Streams", "Writer", "stream"]
