"""What the chunks of one text have in common, so that each costs a comparison and not a reading.

Servers repeat a chunk hundreds of times with another piece of text in it, and perhaps one more value that says nothing
here (padding, an unknown member). A pattern is such a chunk with holes for both. Bytes that equal it outside the holes
and hold valid JSON scalars in them are the same document with other values: nothing else can be in it.
"""

from __future__ import annotations

from msgspec import UNSET, DecodeError, Raw, Struct
from msgspec.json import Decoder

from metaphrase import ir
from metaphrase.wirejson import Document, encode

from ..wire import Message
from ..wire_stream import Chunk

_PROBE = "\x00probe\x00"
_NO_SCALARS = b"[{ \t\r\n"  # what begins with none of these is a scalar, or no JSON
_LONGEST = 4096  # bytes of a piece of text; longer ones do not come by the hundred
_text = Decoder(str).decode
_raw = Decoder(Raw).decode
_document = Document(Chunk)


class Idle(Struct, gc=False):
    """A value that nothing is made of but a leftover: the last one is kept."""

    key: str
    raw: Raw
    kept: dict[str, Raw]


class Pattern:
    """A chunk with holes. ``tell`` turns what fits into an event."""

    __slots__ = ("_after", "_before", "_between", "_choice", "_first", "_idle", "_last", "_part", "_size", "_start")

    def __init__(self, pieces: list[bytes], event: ir.Delta, idle: Idle | None, *, idle_first: bool) -> None:
        self._before, *between, self._after = pieces
        self._between = between[0] if between else None
        self._start = len(self._before)
        self._size = len(self._after)
        self._choice = event.choice
        self._part = event.part
        self._idle = idle
        self._first = idle_first
        self._last: bytes | None = None

    def read(self, data: bytes) -> ir.Delta | None:
        """The event that a chunk tells, or None if it does not fit."""
        if not (data.startswith(self._before) and data.endswith(self._after)):
            return None
        hole = data[self._start : len(data) - self._size]
        last = None
        if self._between is not None:
            one, found, other = hole.partition(self._between)
            hole, last = (other, one) if self._first else (one, other)
            if not found or not last or last[0] in _NO_SCALARS:
                return None
        try:
            text = _text(hole)
            if last is not None:
                _raw(last)
                self._last = last if last != b"null" else self._last
        except (DecodeError, UnicodeDecodeError):
            return None
        return ir.Delta(self._choice, self._part, text) if text else None

    def settle(self) -> None:
        """No more chunks come this way: the last idle value is the one to keep."""
        if self._idle is not None and self._last is not None:
            self._idle.kept[self._idle.key] = Raw(self._last)


def learn(data: bytes, doc: Chunk, event: ir.Delta, idle: list[Idle]) -> Pattern | None:
    """The pattern of a chunk that told nothing but this event; None if its text cannot be told from the rest."""
    choices = doc.choices
    if choices is UNSET or len(choices) != 1 or len(_spoken(choices[0].delta)) != 1:
        return None
    raw = encode(event.text)
    start = data.find(raw)
    if start < 0 or len(raw) > _LONGEST or data.find(raw, start + 1) >= 0:
        return None
    varying = [one for one in idle if memoryview(one.raw)[0] not in _NO_SCALARS]
    holes = [(start, start + len(raw))]
    other = _span(data, varying[0]) if len(varying) == 1 else None
    if other is not None and (other[1] < holes[0][0] or other[0] > holes[0][1]):
        holes.append(other)
    idle_first = holes[-1] < holes[0]
    pieces = _cut(data, sorted(holes))
    if not _proven(pieces):
        return None
    return Pattern(pieces, event, varying[0] if len(holes) == 2 else None, idle_first=idle_first)


def _cut(data: bytes, holes: list[tuple[int, int]]) -> list[bytes]:
    pieces: list[bytes] = []
    begin = 0
    for start, end in holes:
        pieces.append(data[begin:start])
        begin = end
    return [*pieces, data[begin:]]


def _span(data: bytes, idle: Idle) -> tuple[int, int] | None:
    """Where a member's value stands, if its key stands there once."""
    key = encode(idle.key)
    start = data.find(key)
    if start < 0 or data.find(key, start + 1) >= 0:
        return None
    start += len(key)
    while data[start : start + 1] in (b":", b" "):
        start += 1
    raw = bytes(idle.raw)
    return (start, start + len(raw)) if data.startswith(raw, start) else None


def _spoken(delta: object) -> list[str]:
    """The texts of a delta, each in a field of its own."""
    if not isinstance(delta, Message):
        return []
    texts = [delta.content, delta.reasoning_content, delta.reasoning, delta.refusal]
    for call in delta.tool_calls or ():
        if call.id is not UNSET or call.function is UNSET or call.function.name is not UNSET:
            return []  # the next piece may be another call
        texts.append(call.function.arguments)
    return [text for text in texts if isinstance(text, str) and text]


def _proven(pieces: list[bytes]) -> bool:
    """Whether the hole is where the text stood: a probe in it is read as the text."""
    doc = _document.decode(encode(_PROBE).join(pieces))
    return doc.choices is not UNSET and [_spoken(one.delta) for one in doc.choices] == [[_PROBE]]
