"""Server-sent events after the WHATWG rules, however the bytes are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaphrase.sse import Decoder, Event, one_line

# (bytes, events): the cases that the web platform tests name eventsource/format-*, and what real servers do
CASES: dict[str, tuple[bytes, list[Event]]] = {
    "lf": (b"data: a\n\n", [Event("", b"a")]),
    "crlf": (b"data: a\r\n\r\n", [Event("", b"a")]),
    "cr": (b"data: a\r\rdata: b\r\r", [Event("", b"a"), Event("", b"b")]),
    "mixed line ends": (
        b"data: a\n\r\ndata: b\r\n\ndata: c\r\r\n",
        [Event("", b"a"), Event("", b"b"), Event("", b"c")],
    ),
    "byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [Event("", b"a")]),
    "only one mark is dropped": (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),
    "comment": (b": hello\ndata: a\n:\n\n", [Event("", b"a")]),
    "comment block": (b": OPENROUTER PROCESSING\n\ndata: a\n\n", [Event("", b"a")]),
    "several data lines": (b"data: a\ndata:b\ndata\ndata:  c\n\n", [Event("", b"a\nb\n c")]),
    "no space": (b"data:a\n\n", [Event("", b"a")]),
    "empty data": (b"data:\n\ndata: x\n\n", [Event("", b""), Event("", b"x")]),
    "event name": (b"event: error\ndata: a\n\ndata: b\n\n", [Event("error", b"a"), Event("", b"b")]),
    "event without data": (b"event: error\n\ndata: b\n\n", [Event("", b"b")]),
    "id and retry": (b"id: 1\nretry: 5\ndata: a\n\n", [Event("", b"a")]),
    "unknown field": (b"dat: x\nfoo\ndata: a\n\n", [Event("", b"a")]),
    "end without blank line": (b"data: a\n\ndata: b\n", [Event("", b"a"), Event("", b"b")]),
    "end without line end": (b"data: a", [Event("", b"a")]),
    "blank lines first": (b"\n\n\r\n\ndata: a\n\n", [Event("", b"a")]),
    "a space first": (b" data: a\n\n", [Event("", b"a")]),
    "U+2028 is no line end": ("data: a\u2028b\u0085\n\n".encode(), [Event("", "a\u2028b\u0085".encode())]),
    "invalid UTF-8": (b"data: a\xffb\n\n", [Event("", b"a\xef\xbf\xbdb")]),
    "bare object": (b'{\n "error": 1\n}\n', [Event("", b'{\n "error": 1\n}', stray=True)]),
    "bare object after events": (
        b'data: a\n\n[{"error":\n1}]\n\ndata: b\n\n',
        [Event("", b"a"), Event("", b'[{"error":\n1}]', stray=True), Event("", b"b")],
    ),
    "bare object, then data": (b'{"e":1}\ndata: b\n\n', [Event("", b'{"e":1}', stray=True), Event("", b"b")]),
    "data, then a bare object": (b'data: b\n{"e":1}\n\n', [Event("", b"b"), Event("", b'{"e":1}', stray=True)]),
    "nothing": (b"", []),
    "half a mark": (b"\xef\xbb", []),
}


def decode(stream: bytes, cuts: list[int]) -> list[Event]:
    decoder = Decoder()
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    events = [event for a, b in pairwise(edges) for event in decoder.feed(stream[a:b])]
    return events + decoder.close()


@pytest.mark.parametrize("name", CASES)
def test_case_whole_and_byte_by_byte(name: str) -> None:
    stream, events = CASES[name]
    assert decode(stream, []) == events
    assert decode(stream, list(range(len(stream)))) == events


@given(st.lists(st.sampled_from([case[0] for case in CASES.values()]), max_size=5), st.lists(st.integers(0, 200)))
def test_however_it_is_cut(streams: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(streams)
    assert decode(stream, cuts) == decode(stream, [])


def test_replaced_bytes_are_counted() -> None:
    decoder = Decoder()
    decoder.feed(b"data: \xff\n\ndata: \xc3\xa9\n\n")
    assert decoder.repaired == 1


SMALL = b"data: a\n\ndata: " + b"b" * 1494 + b"\n\n"  # as large as may be
LARGE = {
    "two lines": b"data: " + b"x" * 1000 + b"\ndata: " + b"y" * 1000 + b"\n\n",
    "a byte too many": b"data: " + b"x" * 1495 + b"\n\n",
    "a comment": b":" + b"x" * 1500 + b"\n\n",
    "a comment in an event": b"data: " + b"x" * 1000 + b"\n:" + b"y" * 600 + b"\n\n",
    "a line without end": b"data: " + b"x" * 2000,
    "a bare line": b"{" + b"x" * 2000 + b"\n\n",
    "bare lines": b'{"a":\n' + b" " * 1000 + b"\n" + b" " * 1000 + b"}\n\n",
}


@pytest.mark.parametrize("large", LARGE.values(), ids=list(LARGE))
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_an_event_is_bounded_however_it_arrives(large: bytes, end: bytes) -> None:
    stream = (SMALL + large + SMALL).replace(b"\n", end)
    for size in (1, 7, 1501, 100_000):
        decoder = Decoder(largest=1500)
        pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
        events = [event for piece in pieces for event in decoder.feed(piece)] + decoder.close()
        assert [event.data[:1] for event in events] == [b"a", b"b"]
        assert decoder.fault is not None
        assert "1500" in decoder.fault.message
        assert not decoder._pending
        assert not decoder._data


def test_the_last_line_is_bounded_too() -> None:
    decoder = Decoder(largest=10)
    assert decoder.feed(b"data: a\ndata:") == []
    assert decoder.fault is not None
    assert decoder.close() == []


def test_small_events_are_never_too_large_together() -> None:
    decoder = Decoder(largest=100)
    assert sum(len(decoder.feed(b"data: 0123456789\ndata: 1\n\n")) for _ in range(100)) == 100


def test_one_line_takes_out_line_breaks_only() -> None:
    assert one_line(b'{"a":1}') == b'{"a":1}'
    assert one_line(b'{\r\n"a": "\\n"\n}') == b'{  "a": "\\n" }'


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n"])
def test_one_plain_event_is_told_from_all_else(end: bytes) -> None:
    decoder = Decoder(largest=100)
    assert decoder.single(b"data: x" + end) is None  # a mark of byte order, or white space, may stand before it
    decoder.feed(b"data: first" + end)
    assert decoder.single(b"data: x" + end) == b"x"
    assert decoder.single("data: é".encode() + end) == "é".encode()
    assert decoder.single(b"data: \xff" + end) == "\ufffd".encode()
    assert decoder.repaired == 1
    others = [
        b"data:x",
        b"data: ",
        b": x",
        b"event: x\ndata: x",
        b"data: x\ndata: y",
        b"data: x\ry",
        b"data: " + b"x" * 100,
    ]
    assert [decoder.single(other + end) for other in others] == [None] * len(others)
    assert decoder.single(b"data: x\n") is None
    decoder.feed(b"data: half")
    assert decoder.single(b"data: x" + end) is None
