"""Requests that have two readings, or none: refused, the connection closed, and what follows is never a request.

Behind each stands a canary, a request that another server might see there. Sent whole and byte by byte.
"""

from __future__ import annotations

import pytest

from metaphrase_http import Limits

from .loopback import Seen, serving, status, talk

pytestmark = pytest.mark.anyio

CANARY = b"GET /canary HTTP/1.1\r\nHost: a\r\n\r\n"
LIMITS = Limits(linger=0.5, body=1000, header_timeout=2, body_timeout=2)


def post(*lines: bytes, body: bytes = b"", first: bytes = b"POST /x HTTP/1.1") -> bytes:
    return b"".join(b"%b\r\n" % line for line in (first, b"Host: a", *lines, b"")) + body


def get(first: bytes, *lines: bytes) -> bytes:
    return b"".join(b"%b\r\n" % line for line in (first, *(lines or (b"Host: a",)), b""))


CHUNKED = b"Transfer-Encoding: chunked"
END = b"0\r\n\r\n"
CORPUS = {
    # RFC 9112, 6.3: two ways to say how long the body is
    "length and chunks": (400, post(b"Content-Length: 5", CHUNKED, body=END)),
    "chunks and length": (400, post(CHUNKED, b"Content-Length: 50", body=END)),
    "two lengths": (400, post(b"Content-Length: 0", b"Content-Length: 50")),
    "one length twice": (400, post(b"Content-Length: 3", b"Content-Length: 3", body=b"abc")),
    "a list of lengths": (400, post(b"Content-Length: 3, 3", body=b"abc")),
    "a list of different lengths": (400, post(b"Content-Length: 0, 50")),
    "a signed length": (400, post(b"Content-Length: +3", body=b"abc")),
    "a negative length": (400, post(b"Content-Length: -1")),
    "a hexadecimal length": (400, post(b"Content-Length: 0x3", body=b"abc")),
    "a length with an underscore": (400, post(b"Content-Length: 1_0", body=b"0123456789")),
    "no length": (400, post(b"Content-Length: ")),
    "a length of Unicode digits": (400, post("Content-Length: ٣".encode(), body=b"abc")),
    "an endless length": (400, post(b"Content-Length: " + b"9" * 30)),
    # RFC 9112, 6.1 and 7: transfer codings
    "chunks in HTTP/1.0": (400, post(CHUNKED, first=b"POST / HTTP/1.0", body=END)),
    "an unknown coding": (501, post(b"Transfer-Encoding: xchunked", body=END)),
    "chunked is not last": (501, post(b"Transfer-Encoding: chunked, identity", body=END)),
    "gzip, then chunked": (501, post(b"Transfer-Encoding: gzip, chunked", body=END)),
    "chunked twice": (501, post(CHUNKED, CHUNKED, body=END)),
    "a coding behind a tab of another kind": (400, post(b"Transfer-Encoding: \x0bchunked", body=END)),
    "white space before the colon": (400, post(b"Transfer-Encoding : chunked", body=END)),
    "a chunk that overflows": (400, post(CHUNKED, body=b"F" * 20 + b"\r\nabc")),
    "a chunk of 2^64": (400, post(CHUNKED, body=b"1" + b"0" * 16 + b"\r\nabc")),
    "a chunk with 0x": (400, post(CHUNKED, body=b"0x3\r\nabc\r\n" + END)),
    "a chunk with a sign": (400, post(CHUNKED, body=b"+3\r\nabc\r\n" + END)),
    "a chunk behind a space": (400, post(CHUNKED, body=b" 3\r\nabc\r\n" + END)),
    "a chunk's line with bare LF": (400, post(CHUNKED, body=b"3\nabc\r\n" + END)),
    "a chunk that ends elsewhere": (400, post(CHUNKED, body=b"3\r\nabcd\r\n" + END)),
    "a bare LF in an extension": (400, post(CHUNKED, body=b"3;a\nb\r\nabc\r\n" + END)),
    "a folded trailer": (400, post(CHUNKED, body=b"0\r\na: b\r\n c\r\n\r\n")),
    "a trailer with bare LF": (400, post(CHUNKED, body=b"0\r\na: b\nc: d\r\n\r\n")),
    "more than is allowed in chunks": (413, post(CHUNKED, body=b"3E9\r\n")),
    "more than is allowed by length": (413, post(b"Content-Length: 1001")),
    "ten gigabytes": (413, post(b"Content-Length: 10000000000")),
    # RFC 9112, 2.2 and 5: lines
    "bare LF": (400, b"POST /x HTTP/1.1\nHost: a\n\n"),
    "one bare LF": (400, post(b"A: b\nContent-Length: 50")),
    "a bare LF at the end": (400, b"GET /x HTTP/1.1\r\nHost: a\r\n\n"),
    "bare CR": (400, post(b"A: b\rContent-Length: 50")),
    "a folded header": (400, post(b"A: b", b" c: d")),
    "a folded header behind a tab": (400, post(b"Transfer-Encoding:", b"\tchunked")),
    "a folded first header": (400, b"GET /x HTTP/1.1\r\n Host: a\r\n\r\n"),
    "NUL": (400, post(b"A: b\x00c")),
    "no colon": (400, post(b"A")),
    "no name": (400, post(b": b")),
    "a name with a space": (400, post(b"A B: c")),
    "a name that is not ASCII": (400, post("Ä: b".encode())),
    # RFC 9112, 3: request lines
    "two spaces": (400, get(b"GET  /x HTTP/1.1")),
    "a tab": (400, get(b"GET\t/x\tHTTP/1.1")),
    "a space in the target": (400, get(b"GET /x y HTTP/1.1")),
    "a space at the start": (400, get(b" GET /x HTTP/1.1")),
    "no version": (400, get(b"GET /x")),
    "HTTP/0.9": (400, get(b"GET /x HTTP/0.9")),
    "HTTP/1.2": (400, get(b"GET /x HTTP/1.2")),
    "HTTP/2.0": (400, get(b"GET /x HTTP/2.0")),
    "HTTP/9.9": (400, get(b"GET /x HTTP/9.9")),
    "a long version": (400, get(b"GET /x HTTP/1.10")),
    "http in small letters": (400, get(b"GET /x http/1.1")),
    "the preface of HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    "a method with a slash": (400, get(b"GE/T /x HTTP/1.1")),
    "CONNECT": (501, get(b"CONNECT a:443 HTTP/1.1")),
    "TRACE": (501, get(b"TRACE /x HTTP/1.1")),
    # RFC 9112, 3.2: targets and Host
    "another host in the target": (400, get(b"GET http://b/x HTTP/1.1")),
    "a user in the target": (400, get(b"GET http://a@b/x HTTP/1.1")),
    "a scheme of its own": (400, get(b"GET ftp://a/x HTTP/1.1")),
    "no slash": (400, get(b"GET x HTTP/1.1")),
    "a fragment": (400, get(b"GET /x#y HTTP/1.1")),
    "a star": (400, get(b"GET * HTTP/1.1")),
    "no Host": (400, get(b"GET /x HTTP/1.1", b"A: b")),
    "two Hosts": (400, get(b"GET /x HTTP/1.1", b"Host: a", b"Host: a")),
    "a Host with a path": (400, get(b"GET /x HTTP/1.1", b"Host: a/b")),
    "a Host with a user": (400, get(b"GET /x HTTP/1.1", b"Host: a@b")),
    "a Host that is a list": (400, get(b"GET /x HTTP/1.1", b"Host: a, b")),
    # RFC 9110: what we do not do
    "an expectation": (417, post(b"Expect: miracles", b"Content-Length: 3", body=b"abc")),
    "gzip": (415, post(b"Content-Encoding: gzip", b"Content-Length: 3", body=b"abc")),
    "gzip among others": (415, post(b"Content-Encoding: gzip", b"Content-Encoding: identity")),
    # Limits
    "a long target": (414, get(b"GET /" + b"a" * 8192 + b" HTTP/1.1")),
    "a longer target": (414, get(b"GET /" + b"a" * 40000 + b" HTTP/1.1")),
    "too many headers": (431, get(b"GET / HTTP/1.1", b"Host: a", *[b"A: b"] * 100)),
    "large headers": (431, get(b"GET / HTTP/1.1", b"Host: a", b"A: " + b"b" * 33 * 1024)),
}


def test_the_corpus_is_large_enough() -> None:
    assert len(CORPUS) > 70


@pytest.mark.parametrize("byte_by_byte", [False, True], ids=["whole", "byte by byte"])
async def test_a_bad_request_is_refused_and_the_canary_is_not_seen(byte_by_byte: bool) -> None:
    seen = Seen()
    wrong: dict[str, bytes] = {}
    async with serving(seen, LIMITS) as (_, port):
        for name, (expected, data) in CORPUS.items():
            if byte_by_byte and len(data) > 2000:  # the same for heads of 300 bytes: test_head.py
                continue
            answer = await talk(port, data + CANARY, byte_by_byte=byte_by_byte)
            lines = answer.partition(b"\r\n\r\n")[0].lower().split(b"\r\n")
            if status(answer) != expected or b"connection: close" not in lines or answer.count(b"HTTP/1.1 ") != 1:
                wrong[name] = answer[:60]
    assert wrong == {}
    assert seen.bodies == []
    assert "/canary" not in seen.targets


GOOD = {
    "in origin form": (get(b"GET /x?a=b HTTP/1.1"), "/x?a=b"),
    "in absolute form": (get(b"GET http://A/x?a=b HTTP/1.1"), "/x?a=b"),
    "in absolute form, with nothing more": (get(b"GET http://a HTTP/1.1"), "/"),
    "in asterisk form": (get(b"OPTIONS * HTTP/1.1"), "*"),
    "behind an empty line": (b"\r\n" + get(b"GET /x HTTP/1.1"), "/x"),
    "with a port": (get(b"GET /x HTTP/1.1", b"Host: [::1]:80"), "/x"),
    "with an empty Host": (get(b"GET /x HTTP/1.1", b"Host:"), "/x"),
    "with many headers": (get(b"GET /x HTTP/1.1", b"Host: a", *[b"A: b"] * 99), "/x"),
    "with large headers": (get(b"GET /x HTTP/1.1", b"Host: a", b"A: " + b"b" * (32 * 1024 - 33)), "/x"),
    "with a long target": (get(b"GET /" + b"a" * 8191 + b" HTTP/1.1"), "/" + "a" * 8191),
    "with chunks": (post(CHUNKED, body=b"3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n"), "/x"),
    "with its whole body": (post(b"Content-Length: 1000", body=b"a" * 1000), "/x"),
    "with a coding that is none": (post(b"Content-Encoding: identity", b"Content-Length: 1", body=b"a"), "/x"),
    "of another kind": (get(b"BREW /x HTTP/1.1"), "/x"),
}


@pytest.mark.parametrize("byte_by_byte", [False, True], ids=["whole", "byte by byte"])
async def test_a_good_request_is_taken_and_the_next_one_too(byte_by_byte: bool) -> None:
    async with serving(seen := Seen(), LIMITS) as (_, port):
        for name, (data, target) in GOOD.items():
            if byte_by_byte and len(data) > 4000:
                continue
            seen.targets.clear()
            last = get(b"GET /last HTTP/1.1", b"Host: a", b"Connection: close")
            answer = await talk(port, data + last, byte_by_byte=byte_by_byte)
            assert (seen.targets, answer.count(b"HTTP/1.1 200 OK")) == ([target, "/last"], 2), name


def test_the_large_head_is_as_large_as_allowed() -> None:
    assert len(GOOD["with large headers"][0]) == 32 * 1024
