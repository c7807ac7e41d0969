"""A type that nothing else fits tells the usual document from all others."""

from __future__ import annotations

import msgspec
import pytest

from metaphrase.usual import Usual


class Text(msgspec.Struct, forbid_unknown_fields=True):
    text: str


class Call(msgspec.Struct, forbid_unknown_fields=True):
    args: msgspec.Raw


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    first: tuple[Call]
    more: tuple[Call, ...] = ()
    either: tuple[Call, ...] | str = ""
    text: str = ""


USUAL, OTHER = b'{"text":"a"}', b'{"text":"a","x":1}'


def test_the_usual_one_is_decoded_and_any_other_is_not() -> None:
    usual = Usual(Text)
    assert usual.read(USUAL) == Text("a")
    for body in (OTHER, b'{"text":1}', b"{", b'{"text":"\xff"}', b"[" * 5000):
        assert Usual(Text).read(body) is None


def test_after_another_one_it_is_tried_again_soon() -> None:
    usual = Usual(Text)
    assert usual.read(OTHER) is None
    tries = [usual.read(USUAL) for _ in range(16)]
    assert tries[0] is None
    assert tries[-1] == Text("a")
    assert usual.read(USUAL) == Text("a")


BAD = (b'{"a":"\xff"}', b"[" * 130 + b"]" * 130)


@pytest.mark.parametrize("size", [10, 20_000], ids=["small", "large"])
@pytest.mark.parametrize("bad", BAD, ids=["not UTF-8", "too deep"])
@pytest.mark.parametrize("key", ["first", "more", "either"])
def test_raw_json_in_it_is_proven(key: str, bad: bytes, size: int) -> None:
    usual = Usual(Answer)
    body = b'{"text":"%b","first":[{"args":1}]%b}'
    text = ("é" * size).encode()
    assert usual.read(body % (text, b"")) is not None
    assert usual.read(body % (text, b',"%b":[{"args":["\xc3\xa9"]}]' % key.encode())) is not None
    assert usual.read(body % (text, b',"%b":[{"args":%b}]' % (key.encode(), bad))) is None
