"""Server-sent events, incrementally, after the WHATWG HTML standard, section 9.2 (server-sent events).

Lines end with CR, LF or CRLF, cut anywhere; one byte order mark is dropped; invalid UTF-8 becomes U+FFFD and is
counted. Two things go beyond the standard, because servers do them: the last event counts although no blank line
follows it, and lines that are no field but JSON (errors written bare into a stream) come out as an event of their own.
"""

from __future__ import annotations

from msgspec import Struct

from .errors import ReadError

LARGEST = 16 * 1024 * 1024  # bytes of one event

_BOM = b"\xef\xbb\xbf"
_JSON_STARTS = frozenset(b'{}[],"')


class Event(Struct, frozen=True, gc=False):
    """One event: its name ("" if it gave none) and its data, lines joined with LF, valid UTF-8.

    ``stray``: the data stood bare in the stream, outside any field.
    """

    name: str
    data: bytes
    stray: bool = False


class Decoder:
    """Bytes, cut anywhere, to events.

    ``fault`` is set once an event outgrows ``largest``, counted as its lines stand in the stream: the events before it
    are given all the same, and none after it.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self.repaired = 0  # events in which invalid UTF-8 was replaced
        self.fault: ReadError | None = None
        self._largest = largest
        self._marked = False  # past a possible byte order mark
        self._begun = False  # past white space before the first field
        self._skip_lf = False  # the last byte was CR: an LF that follows belongs to it
        self._pending: list[bytes] = []  # pieces of a line that has not ended
        self._part = 0  # bytes in them
        self._size = 0  # bytes of the open event's lines
        self._name = ""
        self._data: list[bytes] = []
        self._stray = False

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete."""
        if not self._begun:
            data = self._begin(data)
            if not self._begun:
                return []
        if self._pending or self._data or self._skip_lf or self._name:
            return self._any(data)
        blank = b"\r\n\r\n" if data.find(b"\r\n\r\n") >= 0 else b"\n\n"
        blocks = data.split(blank)
        rest = blocks.pop()
        events: list[Event] = []
        if self._all_plain(data, blocks, rest, blank):
            events += [Event("", block[6:]) for block in blocks]
            return events + self._any(rest) if rest else events
        for block in blocks:  # nearly always one line each, which needs no state
            plain = block.startswith(b"data: ") and b"\n" not in block and b"\r" not in block
            if plain and len(block) <= self._largest:
                value = block[6:]
                events.append(Event("", value if value.isascii() else self._valid(value)))
            else:
                events += self._any(block + blank)
                if self.fault is not None:
                    return events
        return events + self._any(rest) if rest else events

    def _all_plain(self, data: bytes, blocks: list[bytes], rest: bytes, blank: bytes) -> bool:
        """Whether every block is one line of data, and all of it UTF-8."""
        ends = len(data) - len(rest)
        breaks = blank.count(b"\n") * len(blocks)
        returns = breaks if blank.startswith(b"\r") else 0
        if data.count(b"\n", 0, ends) != breaks or data.count(b"\r", 0, ends) != returns or ends >= self._largest:
            return False
        if not all(block.startswith(b"data: ") for block in blocks):
            return False
        try:
            return data.isascii() or bool(str(memoryview(data)[:ends], "utf-8"))
        except UnicodeDecodeError:
            return False

    def single(self, data: bytes) -> bytes | None:
        """The data, where these bytes are one plain event and nothing else: nearly every read of a live stream is.

        None where they are not; nothing has been taken then.
        """
        if data[-4:] == b"\r\n\r\n":
            value = data[6:-4]
        elif data[-2:] == b"\n\n":
            value = data[6:-2]
        else:
            return None
        if data[:6] != b"data: " or not value or b"\n" in value or b"\r" in value or len(data) > self._largest:
            return None
        if self._pending or self._data or self._skip_lf or self._name or not self._begun:
            return None
        return value if value.isascii() else self._valid(value)

    def _any(self, data: bytes) -> list[Event]:
        """The general case, line by line."""
        if self._skip_lf and data:
            data = data.removeprefix(b"\n")
            self._skip_lf = False
        if b"\n" not in data and b"\r" not in data:
            self._hold(data)
            return []
        if self._pending:
            data = b"".join((*self._pending, data))
            self._pending.clear()
            self._part = 0
        if b"\r" in data:
            self._skip_lf = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = data.split(b"\n")
        rest = lines.pop()
        events = self._lines(lines)
        self._hold(rest)
        return events

    def _hold(self, piece: bytes) -> None:
        """Keep the beginning of a line."""
        if piece and self.fault is None:
            self._pending.append(piece)
            self._part += len(piece)
            self._grown(self._part)

    def close(self) -> list[Event]:
        """The event that the end of the bytes completes, if one is open."""
        line = b"".join(self._pending)
        self._pending.clear()
        events = self._lines([line]) if line else []
        return events + self._dispatch()

    def _begin(self, data: bytes) -> bytes:
        """Drop a byte order mark and white space before the first field, even if they arrive byte by byte."""
        if self.fault is not None:
            return b""
        if not self._marked:
            data = b"".join((*self._pending, data))
            self._pending.clear()
            if len(data) < len(_BOM) and _BOM.startswith(data):
                self._pending.append(data)
                return b""
            self._marked = True
            data = data.removeprefix(_BOM)
        data = data.lstrip(b" \r\n")
        self._begun = bool(data)
        return data

    def _lines(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            if not line:
                events += self._dispatch()
                self._name = ""
            elif self._grown(len(line)):
                break
            elif line.startswith(b"data:"):
                if self._stray:
                    events += self._dispatch()
                self._data.append(line[6:] if line.startswith(b" ", 5) else line[5:])
                self._size += len(line)
            elif line[0] in _JSON_STARTS or self._stray or (line[0] == 0x20 and not self._data):
                events += self._bare(line)
            elif line.startswith(b"event:"):
                self._name = line[6:].strip().decode(errors="replace")
        return events

    def _bare(self, line: bytes) -> list[Event]:
        before = [] if self._stray else self._dispatch()
        self._stray = True
        self._data.append(line)
        self._size += len(line)
        return before

    def _dispatch(self) -> list[Event]:
        if not self._data:
            return []
        data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        if not data.isascii():
            data = self._valid(data)
        event = Event(self._name, data, self._stray)
        self._data.clear()
        self._name, self._stray = "", False
        self._size = 0
        return [event]

    def _valid(self, data: bytes) -> bytes:
        try:
            data.decode()
        except UnicodeDecodeError:
            self.repaired += 1
            return data.decode(errors="replace").encode()
        return data

    def _grown(self, line: int) -> bool:
        """Whether a line of so many bytes is more than the open event may have; then nothing is kept of it."""
        if self._size + line <= self._largest:
            return False
        self.fault = ReadError(f"An event of more than {self._largest} bytes")
        self._data.clear()
        self._pending.clear()
        self._skip_lf = self._begun = False
        self._name = ""
        return True


def one_line(json: bytes) -> bytes:
    """JSON text without line breaks. In strings they are always escaped, so each is white space between tokens."""
    if b"\n" not in json and b"\r" not in json:
        return json
    return json.replace(b"\r", b" ").replace(b"\n", b" ")
