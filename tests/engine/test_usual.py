"""A type that nothing else fits tells the usual document from all others."""

from __future__ import annotations

import msgspec

from metaphrase.usual import Usual


class Text(msgspec.Struct, forbid_unknown_fields=True):
    text: str


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
