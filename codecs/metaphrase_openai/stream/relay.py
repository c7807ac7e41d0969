"""OpenAI's own streams for OpenAI's own clients: each chunk as it came."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from metaphrase import ir, sse
from metaphrase.relay import Form

from ..failure import error_body
from ..names import CODEC
from .reader import Reader
from .write_chunk import DONE


class _Said(Struct):
    message: str


class _Error(Struct):
    """What OpenAI's SDKs raise an error for, whatever stands beside it."""

    error: _Said


FORM = Form(CODEC, b"\n\n", DONE, ("model",), _Error, error_body)


class RelayReader(Reader):
    """Reads like any reader, and finds the same faults; what it tells is the chunks themselves."""

    def feed(self, data: bytes) -> list[ir.Event]:
        """The chunks that these bytes complete."""
        if self._pattern is not None:
            one = self._sse.single(data)
            if one is not None:
                return [ir.Chunk(one)] if self._fits(one) else self._read([sse.Event("", one)])
        return self._read(self._sse.feed(data))

    def _fits(self, data: bytes) -> bool:
        """Whether it is another piece of the same text, which need not be read."""
        if self._pattern is None or self._sse.repaired or self._pattern.read(data) is None:
            return False
        self._scene.number += 1
        return True

    def _take(self, events: Sequence[sse.Event]) -> None:
        scene = self._scene
        for event in events:
            if self._fits(event.data):
                scene.events.append(ir.Chunk(event.data))
                continue
            number = scene.number
            super()._take((event,))
            if scene.number > number and not self._ended:
                scene.events.append(ir.Chunk(event.data))

    def _tell_held(self) -> None:
        """Nothing: the chunks have said it."""

    def _taken(self) -> list[ir.Event]:
        return [event for event in super()._taken() if isinstance(event, ir.Chunk | ir.Done | ir.Failed)]
