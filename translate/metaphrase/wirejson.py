"""Decoding with one error type, a depth limit, leftovers and key spellings.

A wire type is a Struct that forbids unknown fields, so a document that the schema knows is decoded in one pass of
msgspec. Only when that fails is it read again, object by object: unknown members and explicit nulls are set aside as
raw JSON on the object where they stood (``extra``), other spellings are accepted, and what is left must fit
(``Reading``). Most of that is learned, so that the next document that has it is decoded in one pass too (``Learned``).

Duplicate keys: the last one wins (RFC 8259 section 4 leaves it open). A byte order mark is dropped (section 8.1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import UNSET, DecodeError, Raw

from .body import DEPTH as DEPTH
from .body import TOO_DEEP, brackets, too_deep
from .body import checked as checked
from .body import opened as opened
from .body import shallow as shallow
from .errors import ReadError
from .faults import why
from .ir.node import At, Ext
from .learned import Learned
from .loss import Report
from .proof import trusted
from .tolerant import Reading
from .untyped import raw_elements, raw_members
from .wiretype import ABSENT as ABSENT
from .wiretype import Extra
from .wiretype import Only as Only
from .wiretype import Wire as Wire

encode = msgspec.json.Encoder().encode
_raw = msgspec.json.Decoder(Raw).decode

_EMPTY = frozenset({b"null", b"[]", b"{}"})
_MISFIT = (DecodeError, UnicodeDecodeError, RecursionError)
W = TypeVar("W", bound=Wire)


class Document(Generic[W]):
    """Decodes one kind of document. A fault is a ReadError with its JSON path."""

    def __init__(self, cls: type[W]) -> None:
        self._cls = cls
        self._strange = False  # the last document was; the next one from the same server will be, too
        self._learned = Learned(cls)
        self.strict: Callable[[bytes | Raw], W] = msgspec.json.Decoder(cls).decode  # raises msgspec's own errors

    def decode(self, body: bytes) -> W:
        """Decode a whole document that ``checked`` has let through."""
        if not self._strange:
            try:
                return self.strict(body)  # a chunk of a stream, as a rule: no call more
            except _MISFIT:
                self._strange = True
        found = self._at_once(body)
        return self._anew(body) if found is None else found[0]

    def read(self, body: bytes) -> W:
        """Decode a whole document of unknown origin, and check what msgspec does not."""
        found = self._at_once(body)
        if found is None:
            return self._anew(checked(body))
        wire, odd = found
        if odd or not trusted(wire, body):
            checked(body)
        return wire

    def decode_tolerantly(self, body: bytes | Raw) -> W:
        """Decode without the strict attempt first, where something odd is expected."""
        found = self._learned.decode(body)
        return self._anew(body) if found is None else found[0]

    def _at_once(self, body: bytes) -> tuple[W, bool] | None:
        """A document with nothing odd about it but what was learned, and whether it has that. None: to be read anew."""
        first, second = (self._learned.decode, self._plain) if self._strange else (self._plain, self._learned.decode)
        found = first(body) or second(body)
        self._strange = found is None or found[1]
        return found

    def _plain(self, body: bytes | Raw) -> tuple[W, bool] | None:
        try:
            return self.strict(body), False
        except _MISFIT:
            return None

    def _anew(self, body: bytes | Raw) -> W:
        """Read object by object. What is wrong with a document is said here only, whatever was read before it."""
        reading = Reading(self._cls.lenient)
        try:
            root: W = reading.read(body, self._cls, ())
        except RecursionError:
            raise ReadError(TOO_DEEP) from None
        self._strange = bool(reading.met) or not reading.learnable
        if reading.met and reading.learnable:
            self._learned.learn(frozenset(reading.met))
        if reading.numerals or reading.respelt:
            root.found = Extra(root.extra, reading.numerals, respelt=reading.respelt)
        return root


def parse(text: str | bytes | Raw, path: str = "$") -> Any:
    """Any JSON as plain objects; for small documents of any shape."""
    try:
        return msgspec.json.decode(text)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReadError(why(error), path) from None


def raw_object(text: str) -> Raw | None:
    """JSON text as a raw object, verbatim; None if it is not valid JSON or no object, or too deep."""
    if text[:1] != "{" and not text.lstrip(" \t\r\n").startswith("{"):
        return None
    try:
        body = text.encode()
        raw = _raw(body)
    except (DecodeError, UnicodeEncodeError, RecursionError):
        return None
    if len(body) > 2 * DEPTH and brackets(body) > DEPTH and too_deep(body):
        return None
    return raw


def members(raw: Raw | bytes) -> dict[str, Raw]:
    """The members of a raw object, each verbatim; a ReadError if it is none."""
    try:
        return raw_members(raw)
    except DecodeError as error:
        raise ReadError(why(error)) from None


def elements(raw: Raw | bytes) -> list[Raw]:
    """The elements of a raw array, each verbatim; a ReadError if it is none."""
    try:
        return raw_elements(raw)
    except DecodeError as error:
        raise ReadError(why(error)) from None


def keep(extra: dict[str, Raw], at: At | None, codec: str, report: Report) -> Ext | None:
    """What a reader sets aside on a node: leftovers of ``codec``, reported unless they say nothing (null, [], {})."""
    if not extra:
        return None
    for key, raw in extra.items():
        if len(memoryview(raw)) > 4 or bytes(raw) not in _EMPTY:
            report.leftover(at, key, codec)
    return {codec: extra}


def join(wire: Wire, extra: dict[str, Raw]) -> Any:
    """A wire value with leftovers beside its own members, ready to encode. Its own members win."""
    if not extra:
        return wire
    own = zip(wire.__struct_encode_fields__, msgspec.structs.astuple(wire), strict=True)
    return extra | {key: value for key, value in own if value is not UNSET}
