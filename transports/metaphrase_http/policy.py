"""Which requests are taken: what h11's parser lets through and a server beside others must not (RFC 9112, 3, 5 and 6).

A request that two servers in a row read differently is how one client's bytes become another's request. So whatever
has two readings is refused and the connection closed, also where the RFC would let us repair it.

Nearly all heads are plain: one regular expression proves that h11 would take them as they stand, in a sixth of its
time. All others are h11's to judge; `tests/http/test_policy.py` holds the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import h11
from msgspec import Struct

from metaphrase.http import Headers

from .errors import Refused
from .head import fields
from .limits import Limits

_PLAIN = re.compile(
    r"([A-Z]{1,16}) (/[\x21-\x7e]*) HTTP/1\.1\r\n"
    r"((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\x00-\x08\x0a-\x1f\x7f]*\r\n)*)\r\n"
)
_PLAIN_LENGTH = re.compile(r"[0-9]{1,15}")
_FOLDED = re.compile(rb"\r\n[ \t]")
_LENGTHS = re.compile(rb"\r\ncontent-length:([^\r]*)", re.IGNORECASE)
_HOST = re.compile(r"(?:[A-Za-z0-9._~%!$&'()*+;=-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
_ABSOLUTE = re.compile(r"https?://([^/?#]+)(/[^#]*)?(\?[^#]*)?", re.IGNORECASE)

_VERSIONS = {b"1.1": True, b"1.0": False}  # whether chunks, Expect and persistent connections are known there
_METHODS = {"CONNECT": 501, "TRACE": 501, "PRI": 400}  # a tunnel, an echo of credentials, HTTP/2's preface
_ONCE = frozenset({"host", "content-length"})
_NO_CODINGS = frozenset({"", "identity"})

# What h11 says in words that hold the peer's bytes, we say in ours.
_PARSER_SAID = {400: "malformed head", 501: "transfer coding not supported"}


class Head(Struct, frozen=True):
    """A request that was taken, before its body."""

    method: str
    target: str  # in origin form
    headers: Headers  # names in lower case
    known: Mapping[str, str]  # the first header of each name
    modern: bool  # HTTP/1.1
    keep_alive: bool
    expects: bool  # the client waits for "100 Continue"
    length: int | None  # of the body; None: in chunks


def read_head(raw: bytes, limits: Limits) -> Head:
    """Parse one head, blank line included, and apply the policy. Raises Refused."""
    said = plain(raw)
    return judged(raw, parsed(raw), limits) if said is None else judged(None, said, limits)


class Lines(Struct, frozen=True):
    """What stands in a head."""

    method: str
    target: str
    headers: Headers  # names in lower case
    known: Mapping[str, str]  # the first header of each name
    modern: bool


def plain(raw: bytes) -> Lines | None:
    """A head that nobody could read in another way; None if it has to be looked at more closely."""
    match = _PLAIN.fullmatch(raw.decode("latin-1"))
    if match is None:
        return None
    headers = fields(match[3])
    known = dict(reversed(headers))
    if "host" not in known or "transfer-encoding" in known:
        return None
    if "content-length" in known and not _PLAIN_LENGTH.fullmatch(known["content-length"]):
        return None
    if len(known) < len(headers) and not _ONCE.isdisjoint(_repeated(headers)):
        return None
    return Lines(match[1], match[2], headers, known, modern=True)


def _repeated(headers: Headers) -> set[str]:
    """The names that more than one header has."""
    names = [name for name, _ in headers]
    return {name for name in names if names.count(name) > 1}


def parsed(raw: bytes) -> Lines:
    """Any head, as h11 reads it. Raises Refused."""
    if _FOLDED.search(raw):  # RFC 9112, 5.2
        raise Refused(400, "folded header")
    event = _parse(raw)
    modern = _VERSIONS.get(event.http_version)
    if modern is None:  # RFC 9110, 2.5: 505 is for what the server might learn; this is refused for good
        raise Refused(400, "version not supported")
    headers = tuple([(name.decode().lower(), value.decode("latin-1")) for name, value in event.headers.raw_items()])
    known = dict(reversed(headers))
    return Lines(event.method.decode("ascii"), event.target.decode("ascii"), headers, known, modern)


def judged(raw: bytes | None, said: Lines, limits: Limits) -> Head:
    """The policy. ``raw``: the head itself, unless it is `plain`. Raises Refused."""
    method, target, headers, known, modern = said.method, said.target, said.headers, said.known, said.modern
    if method in _METHODS:
        raise Refused(_METHODS[method], "method not supported")
    if len(target) > limits.target:  # RFC 9110, 4.1
        raise Refused(414, "target too long")
    tokens = _tokens(headers, "connection") if "connection" in known else ()
    return Head(
        method,
        _target(method, target, known.get("host")),
        headers,
        known,
        modern,
        modern and "close" not in tokens,
        modern and _expects(known.get("expect")),
        _length(raw, said, limits.body),
    )


def _parse(raw: bytes) -> h11.Request:
    """h11 on exactly one head: it holds no state that a later request could meet."""
    parser = h11.Connection(h11.SERVER, max_incomplete_event_size=len(raw))
    parser.receive_data(raw)
    try:
        event = parser.next_event()
    except h11.RemoteProtocolError as error:
        status = error.error_status_hint
        raise Refused(status, _PARSER_SAID.get(status, "malformed head")) from None
    if not isinstance(event, h11.Request):
        raise Refused(400, "malformed head")
    return event


def _target(method: str, target: str, host: str | None) -> str:
    """RFC 9112, 3.2: origin form, absolute form for the host that Host names, or `OPTIONS *`."""
    if host is not None and not _HOST.fullmatch(host):
        raise Refused(400, "malformed Host")
    if target.startswith("/"):
        if "#" in target:
            raise Refused(400, "malformed target")
        return target
    if target == "*" and method == "OPTIONS":
        return target
    match = _ABSOLUTE.fullmatch(target)
    if match is None:
        raise Refused(400, "malformed target")
    # 3.2.2 would let the target win. Somebody in front of us may have looked at Host: they must agree.
    if match[1].lower() != (host or "").lower():
        raise Refused(400, "target and Host differ")
    return (match[2] or "/") + (match[3] or "")


def _length(raw: bytes | None, said: Lines, most: int) -> int | None:
    """RFC 9112, 6.3: how long the body is. Two ways to say it, or one said twice, are refused."""
    known = said.known
    if "content-encoding" in known and not _tokens(said.headers, "content-encoding") <= _NO_CODINGS:
        raise Refused(415, "content coding not supported")
    if "transfer-encoding" in known:
        if not said.modern:
            raise Refused(400, "Transfer-Encoding in HTTP/1.0")
        if "content-length" in known:
            raise Refused(400, "Content-Length with Transfer-Encoding")
        return None
    if "content-length" not in known:
        return 0
    length = int(known["content-length"] if raw is None else _only_length(raw))
    if length > most:
        raise Refused(413, "body too large")
    return length


def _only_length(raw: bytes) -> bytes:
    """h11 makes one of several that agree ("3, 3"), so the bytes are asked."""
    lengths: list[bytes] = _LENGTHS.findall(raw)
    if len(lengths) != 1 or not lengths[0].strip(b" \t").isdigit():
        raise Refused(400, "more than one Content-Length")
    return lengths[0]


def _expects(expect: str | None) -> bool:
    """RFC 9110, 10.1.1."""
    if expect is None:
        return False
    if expect.lower() != "100-continue":
        raise Refused(417, "expectation not supported")
    return True


def _tokens(headers: Headers, name: str) -> frozenset[str]:
    values = ",".join(value for key, value in headers if key == name)
    return frozenset(token.strip().lower() for token in values.split(","))
