"""Text in a place where Gemini wants a JSON object (`Struct`): a call's arguments, a function's response.

Both wrappings are bijections: whatever text or object goes in comes out again, so no hop nests what another wrapped.
"""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw

from metaphrase.wirejson import encode, raw_object

RESULT = "result"
BROKEN = "__raw_arguments"
EMPTY = Raw(b"{}")
_NO_ARGUMENTS = frozenset({"", "null"})

_RESULT_FIRST = re.compile(rb'\s*\{\s*"result"\s*:\s*"').match
_BROKEN_FIRST = re.compile(r'\s*\{\s*"__raw_arguments"\s*:\s*"').match
_strings = msgspec.json.Decoder(dict[str, str]).decode


def wrap_result(text: str) -> Raw:
    """A function's answer as an object: the object that the text is, else `{"result": text}`."""
    found = raw_object(text)
    if found is not None and (not _RESULT_FIRST(found) or _result_in(bytes(found)) is None):
        return found
    return Raw(encode({RESULT: text}))


def unwrap_result(response: Raw) -> str | Raw:
    """The text that `wrap_result` wraps into this object, or the object itself."""
    if not _RESULT_FIRST(response):
        return response
    text = _result_in(bytes(response))
    return response if text is None else text


def _result_in(data: bytes) -> str | None:
    """The text of `{"result": text}` if it is one that gets wrapped: no object, or one of this very form."""
    text = _only(data, RESULT) if _RESULT_FIRST(data) else None
    if text is None or not text.lstrip(" \t\r\n").startswith("{"):
        return text
    return text if raw_object(text) is None or _result_in(text.encode()) is not None else None


def wrap_arguments(text: str) -> tuple[Raw, bool]:
    """Arguments as an object, and whether that says the same: `""`, blank and `null` mean none."""
    found = raw_object(text)
    if found is not None:
        if not _BROKEN_FIRST(text) or unwrap_arguments(text) is text:
            return found, True
    elif text.strip(" \t\r\n") in _NO_ARGUMENTS:
        return EMPTY, True
    return Raw(encode({BROKEN: text})), False


def unwrap_arguments(text: str) -> str:
    """The text that `wrap_arguments` wraps into this object, or the same text."""
    if not _BROKEN_FIRST(text):
        return text
    inner = _only(text.encode(), BROKEN)
    return text if inner is None or wrap_arguments(inner)[1] else inner


def _only(data: bytes, key: str) -> str | None:
    try:
        found = _strings(data)
    except msgspec.DecodeError:
        return None
    return found[key] if len(found) == 1 else None
