"""Error answers of any shape as failures.

Shapes seen: `{"error": {...}}`; the same in an array (Google, not streamed as events); flat (`{"message", "code"}`); a
string (`{"error": "..."}`); `{"detail": ...}` as text or as a list; `{"type": "error", "error": {...}}`; plain text,
HTML, nothing; with a status of 200. A code may be a number, digits, a word, or null.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import DecodeError, Raw, Struct

from .errors import ReadError
from .failure_headers import is_request_id, read_request_id, read_retry_after, read_retryable, write_headers
from .failure_words import class_of, status_of, words
from .http import Response
from .ir import At, Failure, Spelling
from .loss import Report
from .mask import mask
from .rpc import HTTP_OF, Said, said
from .untyped import is_array, is_object
from .wirejson import checked, encode, keep

_decode = msgspec.json.decode
_MOST_TEXT = 4000  # of a body that is no JSON
_MESSAGES = ("message", "msg", "error_description", "detail", "title", "error")
_INNER = "metadata"
_NAMES = ("type", "code", "param")

Members = dict[str, Any]


class _Found(Struct):
    """The object that tells of the error: where it stands, its members, what of them has been understood."""

    at: At | None
    members: Members
    used: set[str]
    raw: dict[str, Raw]
    rest: dict[str, Raw] = {}  # members of ``metadata`` that were not understood

    def text(self, key: str) -> str | None:
        value = self.members.get(key)
        if not isinstance(value, str):
            return None
        self.used.add(key)
        return value


def read_failure(wire: Response, codec: str, report: Report) -> Failure:
    """Any error answer. Keys and tokens in it are masked before anything else is looked at."""
    text = mask(wire.body.decode("utf-8", "replace").removeprefix("\ufeff"))
    found = _find(text, codec, report)
    if found is None:
        return _of_text(text, wire, codec, report)
    failure = _of_object(found, wire)
    ext = keep({key: raw for key, raw in found.raw.items() if key not in found.used}, found.at, codec, report)
    keep(found.rest, At(found.at, _INNER), codec, report)
    kept = {"body": Raw(text.encode())}
    return msgspec.structs.replace(
        failure, origin=codec, ext=ext, spelt={"message": Spelling(codec, failure.message, kept)}
    )


def write_failure_answer(failure: Failure, codec: str, status: int, body: Callable[[], Any]) -> Response:
    """An error answer: what ``codec`` has read, as it was but for keys and tokens, else what ``body`` says."""
    kept = _kept_body(failure, codec)
    if kept is not None:
        return Response(status, write_headers(failure, kept[1]), kept[0])
    return Response(status, write_headers(failure), encode(body()))


def _kept_body(failure: Failure, codec: str) -> tuple[bytes, str] | None:
    """The body that this codec read, and its content type, if the failure is still the same."""
    kept = failure.spelling(codec, "message")
    if kept is None:
        return None
    if "text" in kept:
        return _decode(kept["text"], type=str).encode(), _decode(kept["type"], type=str)
    return bytes(kept["body"]), "application/json"


def _of_text(text: str, wire: Response, codec: str, report: Report) -> Failure:
    status = wire.status if wire.status >= 400 else 500
    message = plain(text)
    if not message:
        message = f"The server answered with status {wire.status} and no message"
        report.add("defaulted", None, None, "failure.message", codec, "the body says nothing")
    elif len(message) > _MOST_TEXT:
        message = message[:_MOST_TEXT]
        report.crossing("approximated", None, (), "failure.message", codec, "cut short")
    kind = wire.header("content-type") or "text/plain; charset=utf-8"
    kept = {"text": Raw(encode(text)), "type": Raw(encode(kind))}
    return Failure(
        status,
        class_of(status, None),
        message,
        retry_after=read_retry_after(wire),
        request_id=read_request_id(wire),
        retryable=read_retryable(wire),
        origin=codec,
        spelt={"message": Spelling(codec, message, kept)},
    )


def plain(text: str) -> str:
    """What a text says to a reader: a page's title or else its words, white space made one space each."""
    if "<" in text and "</" in text:
        lowered = text.lower()
        start = lowered.find("<title")
        end = lowered.find("</title", start) if start >= 0 else -1
        if end >= 0:
            text = text[start:end]
        pieces = text.split("<")
        text = pieces[0] + " ".join([piece.partition(">")[2] for piece in pieces[1:]])
    return " ".join(text.split())


def _find(text: str, codec: str, report: Report) -> _Found | None:
    try:
        body = checked(text.encode())
        value = _decode(body)
        raw = Raw(body)
    except (ReadError, DecodeError):
        return None
    up: At | None = None
    if is_array(value) and value and is_object(value[0]):
        rest = _decode(raw, type=list[Raw])
        for place in range(1, len(rest)):
            report.crossing("dropped", At(None, place), None, "failure.more", codec)
        up, value, raw = At(None, 0), value[0], rest[0]
    if not is_object(value) or not value:
        return None
    return _within(_Found(up, value, set(), _decode(raw, type=dict[str, Raw])), codec, report)


def _within(outer: _Found, codec: str, report: Report) -> _Found | None:
    """The object that tells of the error, and a report of what stands beside it."""
    for key in ("error", "errors", "detail"):
        value, at, raw = outer.members.get(key), At(outer.at, key), outer.raw.get(key)
        if is_array(value) and value and raw is not None and key == "errors":
            value, at, raw = value[0], At(at, 0), _decode(raw, type=list[Raw])[0]
        if is_object(value) and raw is not None:
            call = outer.members.get("request_id")
            moves = (key, "request_id") if is_request_id(call) else (key,)
            beside = {name: one for name, one in outer.raw.items() if name not in moves}
            if beside.get("type") == Raw(b'"error"'):
                del beside["type"]
            keep(beside, outer.at, codec, report)
            inner = _Found(at, value, set(), _decode(raw, type=dict[str, Raw]))
            if is_request_id(call):
                inner.members.setdefault("request_id", call)
            return inner
    return outer if any(outer.members.get(key) for key in _MESSAGES) else None


def _of_object(found: _Found, wire: Response) -> Failure:
    kind = found.text("type")
    code, status = _code_and_status(found, wire.status)
    name = _class_name(found)
    message, inner = _message(found)
    if inner is not None:
        kind, code = kind or inner.text("type"), code or inner.text("code")
    param = found.text("param") or (inner.text("param") if inner is not None else None)
    details: tuple[Raw, ...] = ()
    if is_array(found.members.get("details")):
        found.used.add("details")
        details = tuple(_decode(found.raw["details"], type=list[Raw]))
    told = said(details)
    if status == 0:
        status = HTTP_OF.get(name or "") or status_of(code, kind)
    if told.status is not None:
        status = told.status
    name = name or class_of(status, code)
    kind, code = _named(told, name, message, kind, code)
    if found.members.get("object") == "error":
        found.used.add("object")
    delay = read_retry_after(wire)
    return Failure(
        status,
        name,
        message,
        kind,
        code,
        param or told.param,
        told.delay if delay is None else delay,
        details,
        read_request_id(wire) or _request_id(found) or told.request_id,
        retryable=read_retryable(wire),
        at=found.at,
    )


def _request_id(found: _Found) -> str | None:
    return found.text("request_id") if is_request_id(found.members.get("request_id")) else None


def _code_and_status(found: _Found, http: int) -> tuple[str | None, int]:
    """The error's own code, None if it only repeats the status; and the status, 0 if it is not known."""
    status = http if http >= 400 else 0
    word: str | None = None
    for key in ("code", "status", "statusCode", "status_code", "raw_status_code", "http_status"):
        value = found.members.get(key)
        if isinstance(value, bool) or not isinstance(value, str | int):
            continue
        number = int(value) if isinstance(value, int) or (value.isascii() and value.isdigit() and len(value) < 9) else 0
        if not status and 400 <= number < 600:
            status = number
        if number == status and number:
            found.used.add(key)
        elif key == "code" and isinstance(value, str):
            found.used.add(key)
            word = value
    return word, status


def _class_name(found: _Found) -> str | None:
    """Google's name for the class of the failure."""
    name = found.members.get("status")
    if not isinstance(name, str) or name not in HTTP_OF:
        return None
    found.used.add("status")
    return name


def _message(found: _Found) -> tuple[str, _Found | None]:
    """What the error says, together with what an upstream further on said (OpenRouter's ``metadata.raw``)."""
    message = ""
    for key in _MESSAGES:
        value = found.members.get(key)
        if value == "":
            found.used.add(key)
        elif value:
            found.used.add(key)
            message = value if isinstance(value, str) else _spoken(value)
            break
    metadata = found.members.get(_INNER)
    if not is_object(metadata):
        return message, None
    found.used.add(_INNER)
    found.rest = _decode(found.raw[_INNER], type=dict[str, Raw])
    quoted = metadata.get("raw")
    if not isinstance(quoted, str):
        return message, None
    del found.rest["raw"]
    named = any(isinstance(found.members.get(key), str) for key in _NAMES)
    inner = None if named else _quoted(quoted)
    text = quoted if inner is None else _message(inner)[0]
    return f"{message}: {text}" if message else text, inner


def _quoted(text: str) -> _Found | None:
    """An error body in a string, if it is one that only repeats what is understood."""
    try:
        value = _decode(text)
    except DecodeError:
        return None
    error = value.get("error") if is_object(value) and len(value) == 1 else None
    if not is_object(error) or not isinstance(error.get("message"), str):
        return None
    plainly = all(key in _NAMES and isinstance(one, str | None) for key, one in error.items() if key != "message")
    return _Found(None, error, set(), {}) if plainly else None


def _spoken(value: Any) -> str:
    """A message that is no text: a list of validation errors (FastAPI's ``detail``), or any JSON."""
    if is_array(value) and all(is_object(one) and isinstance(one.get("msg"), str) for one in value):
        return "; ".join([_complaint(one) for one in value])
    return encode(value).decode()


def _complaint(one: Members) -> str:
    rest = {key: value for key, value in one.items() if key != "msg"}
    return f"{one['msg']} {encode(rest).decode()}" if rest else str(one["msg"])


def _named(told: Said, name: str, message: str, kind: str | None, code: str | None) -> tuple[str | None, str | None]:
    """Type and code, with what Google's details and messages say beside the class."""
    if kind is not None or code is not None:
        return kind, code
    if told.carried:
        return told.type, told.reason
    if told.reason == "api_key_invalid":
        return told.type or words("UNAUTHENTICATED", 401)[0], "invalid_api_key"
    if name == "RESOURCE_EXHAUSTED" and told.daily:
        return "insufficient_quota", "insufficient_quota"
    if name == "NOT_FOUND" and "model" in message.lower():
        return None, "model_not_found"
    if name == "INVALID_ARGUMENT":
        long = "exceeds the maximum number of tokens" in message
        return None, "context_length_exceeded" if long else told.reason
    return None, None
