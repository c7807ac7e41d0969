"""The elements of a JSON array, or a row of JSON values, as they arrive.

Gemini streams one JSON array where ``alt=sse`` was not asked for (ai.google.dev, "Streaming"), and Google's servers
write errors as a bare object or as a one-element array.
"""

from __future__ import annotations

import re

from .errors import ReadError
from .sse import LARGEST

_MARKS = re.compile(rb'["\\{}\[\]]')


class Splitter:
    """Bytes, cut anywhere, to the objects at the top level or directly inside a top-level array, each as its own text.

    Anything between them but white space, commas and the array's brackets is a fault, and so is an element of more
    than ``largest`` bytes: the elements before it are given all the same, and none after it. Whether an element is
    valid JSON is for its reader to find out.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self.fault: ReadError | None = None
        self._largest = largest
        self._held: list[bytes] = []  # pieces of the element that has not ended
        self._size = 0
        self._depth = 0  # of brackets inside the element
        self._in_string = False
        self._escaped = False  # the last byte of the last piece was a backslash inside a string
        self.array = False  # the top-level bracket is open
        self.begun = False

    def feed(self, data: bytes) -> list[bytes]:
        """The elements that these bytes complete."""
        done: list[bytes] = []
        if self.fault is None:
            try:
                self._split(data, done)
            except ReadError as error:
                self.fault = error
                self._held.clear()
        return done

    def _split(self, data: bytes, done: list[bytes]) -> None:
        start = 0  # where the open element begins in data
        position = 0
        if self._escaped and data:
            position, self._escaped = 1, False
        while (mark := _MARKS.search(data, position)) is not None:
            at = mark.start()
            if self._depth == 0:
                self._between(data[position:at])
            position = at + 1
            byte = data[at]
            if self._in_string:
                position = self._inside(byte, position, len(data))
            elif byte == 0x22:
                self._in_string = self._element_open()
            elif byte in b"{[":
                start = self._open(byte, at, start)
            elif byte in b"}]" and self._close(byte):
                self._grow(position - start)
                done.append(b"".join((*self._held, data[start:position])))
                self._held.clear()
                self._size = 0
        self._hold(data, start, position)

    def close(self) -> bool:
        """Whether the bytes ended between elements, with the array closed."""
        return self._depth == 0 and not self.array

    def _inside(self, byte: int, position: int, end: int) -> int:
        if byte == 0x22:
            self._in_string = False
        elif byte == 0x5C:
            self._escaped = position >= end
            return position + 1
        return position

    def _element_open(self) -> bool:
        if self._depth == 0:
            raise ReadError("Expected an object")
        return True

    def _open(self, byte: int, at: int, start: int) -> int:
        self.begun = True
        if self._depth == 0 and byte == 0x5B:
            if self.array:
                raise ReadError("Expected an object, got `array`")
            self.array = True
            return start
        self._depth += 1
        return at if self._depth == 1 else start

    def _close(self, byte: int) -> bool:
        """Whether this bracket ends an element."""
        if self._depth == 0:
            if byte != 0x5D or not self.array:
                raise ReadError("JSON is malformed: a bracket closes nothing")
            self.array = False
            return False
        self._depth -= 1
        return self._depth == 0

    def _between(self, text: bytes) -> None:
        if text.strip(b" \t\r\n,"):
            raise ReadError("JSON is malformed: expected an object")

    def _hold(self, data: bytes, start: int, position: int) -> None:
        """Keep what belongs to an element that has not ended."""
        if self._depth == 0:
            self._between(data[position:])
            return
        self._held.append(data[start:])
        self._grow(len(data) - start)

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > self._largest:
            raise ReadError(f"An element of more than {self._largest} bytes")
