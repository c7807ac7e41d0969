"""A stream as one JSON array, for clients that did not ask for events: `[{...}, {...}]`.

Google's gapic clients always stream this way (ai.google.dev/api/generate-content#method:-models.streamgeneratecontent).
"""

from __future__ import annotations

from metaphrase.codec import StreamWriter
from metaphrase.ir import Event
from metaphrase_gemini.numbers import numbered

_START, _END = b"data: ", b"\r\n\r\n"


class ArrayWriter:
    """Makes one array of the events of another writer, element by element; ``numbers``: enums by number."""

    def __init__(self, events: StreamWriter, numbers: bool) -> None:
        self._events = events
        self._numbers = numbers
        self._begun = False
        self._ended = False

    def feed(self, event: Event) -> bytes:
        """The elements that say this event."""
        return self._elements(self._events.feed(event))

    def close(self) -> bytes:
        """The end of the array, after an error too: a client can only read it whole."""
        if self._ended:
            return b""
        self._ended = True
        return self._elements(self._events.close()) + (b"]" if self._begun else b"[]")

    def _elements(self, events: bytes) -> bytes:
        out: list[bytes] = []
        for event in events.split(_END)[:-1]:
            element = event.removeprefix(_START)
            out += (b",\r\n" if self._begun else b"[", numbered(element) if self._numbers else element)
            self._begun = True
        return b"".join(out)
