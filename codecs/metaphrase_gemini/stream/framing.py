"""The chunks of a stream, in whichever of its forms they come.

With `alt=sse` they are server-sent events; without it one JSON array; an error may stand bare in either, alone or in
an array of one.
"""

from __future__ import annotations

from collections.abc import Callable

from metaphrase.errors import ReadError
from metaphrase.jsonstream import Splitter
from metaphrase.sse import Decoder, Event
from metaphrase.wirejson import checked

_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"


class Framing:
    """Bytes, cut anywhere, to the JSON texts of chunks, which are UTF-8.

    ``fault``: why there are no more; the chunks before it are given all the same.
    """

    def __init__(self) -> None:
        self.fault: ReadError | None = None
        self._held = b""
        self._events: Decoder | None = None
        self._array: Splitter | None = None

    @property
    def repaired(self) -> int:
        """In how many events bytes that are not UTF-8 were replaced."""
        return 0 if self._events is None else self._events.repaired

    @property
    def single(self) -> Callable[[bytes], bytes | None] | None:
        """What tells the one chunk of a read from all others, once the form is known to have events."""
        return None if self._events is None else self._events.single

    def feed(self, data: bytes) -> list[bytes]:
        """The chunks that these bytes complete."""
        if self._events is not None:
            return self._texts(self._events, self._events.feed(data))
        if self._array is not None:
            return self._elements(self._array, data)
        data = (self._held + data).lstrip(_BLANK)
        if len(data) < len(_BOM) and _BOM.startswith(data):  # also when there is nothing yet
            self._held = data
            return []
        self._held = b""
        first = data.removeprefix(_BOM).lstrip(_BLANK)[:1]
        if first in (b"[", b"{"):
            self._array = Splitter()
            return self._elements(self._array, data.removeprefix(_BOM))
        self._events = Decoder()
        return self._texts(self._events, self._events.feed(data))

    def close(self) -> tuple[list[bytes], bool]:
        """The chunks that the end completes, and whether the form itself came to its end."""
        if self._array is not None:
            return [], self._array.close()
        if self._events is not None:
            return self._texts(self._events, self._events.close()), True
        return [], True

    def _elements(self, array: Splitter, data: bytes) -> list[bytes]:
        found: list[bytes] = []
        for text in array.feed(data):
            try:
                found.append(checked(text))
            except ReadError as error:
                self.fault = error
                return found
        self.fault = array.fault
        return found

    def _texts(self, decoder: Decoder, events: list[Event]) -> list[bytes]:
        """The data of events; an array of one is what it holds."""
        found: list[bytes] = []
        for event in events:
            data = event.data
            if not data.strip():
                continue  # a sign of life
            if data[:1] == b"[" and event.stray:
                found += self._elements(Splitter(), data)
                if self.fault is not None:
                    return found
            else:
                found.append(data)
        self.fault = decoder.fault
        return found
