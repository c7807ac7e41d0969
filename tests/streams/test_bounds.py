"""What is too large or broken ends a stream where it stands: what came before it goes out, however it was cut."""

import json

import pytest

import metaphrase as mp
from metaphrase.loss import MOST_OF_A_STREAM
from metaphrase.sse import LARGEST
from tests.laws.corpus import Protocol

from .feeding import reencoder


def chunk(protocol: Protocol, text: str, **members: object) -> bytes:
    if protocol == "gemini":
        candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
        value: object = {"candidates": [candidate], "modelVersion": "m", "responseId": "r", **members}
    else:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
        about = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        value = {**about, "choices": [choice], **members}
    return json.dumps(value).encode()


def fed(protocol: Protocol, pieces: list[bytes]) -> tuple[bytes, mp.Reencoder]:
    again = reencoder(protocol, "openai" if protocol == "gemini" else "gemini")
    return b"".join([*[again.feed(piece) for piece in pieces], again.close()]), again


BAD = {
    "too large": b'{"x":"' + b"y" * LARGEST + b'"}',
    "too deep": b'{"x":' + b"[" * 300 + b"]" * 300 + b"}",
    "no JSON": b'{"x":}',
}


@pytest.mark.parametrize("protocol", ["openai", "gemini"])
@pytest.mark.parametrize("bad", BAD)
def test_what_came_before_a_bad_event_goes_out(protocol: Protocol, bad: str) -> None:
    events = [b"data: " + data + b"\n\n" for data in (chunk(protocol, "one"), chunk(protocol, "two"), BAD[bad])]
    last = b"data: " + chunk(protocol, "three") + b"\n\n"
    whole, again = fed(protocol, [b"".join(events) + last])
    pieces, cut = fed(protocol, [*events[:2], events[2][:100], events[2][100:], last])
    assert whole == pieces
    assert b'"one"' in whole
    assert b'"two"' in whole
    assert b"three" not in whole
    assert again.failure == cut.failure
    assert again.failure is not None
    assert again.error is not None
    assert again.error.path == "$[2]" or again.error.path.startswith("$[2].")


@pytest.mark.parametrize("bad", [*BAD.values(), b'{"x":"\xff"}', b"nonsense"], ids=[*BAD, "no UTF-8", "no object"])
def test_what_came_before_a_bad_element_goes_out(bad: bytes) -> None:
    first, second, last = (chunk("gemini", text) for text in ("one", "two", "three"))
    stream = b"[" + first + b",\n" + second + b",\n" + bad + b"," + last + b"]"
    whole, again = fed("gemini", [stream])
    cut = len(first) + 3
    pieces, _ = fed("gemini", [stream[:cut], stream[cut : cut + 400], stream[cut + 400 :]])
    assert whole == pieces
    assert b'"one"' in whole
    assert b'"two"' in whole
    assert b"three" not in whole
    assert again.failure is not None
    assert again.error is not None
    assert again.error.path.startswith("$[2]")


@pytest.mark.parametrize("protocol", ["openai", "gemini"])
def test_kinds_of_losses_are_bounded_and_the_rest_is_counted(protocol: Protocol) -> None:
    many = 500
    _, again = fed(protocol, [b"data: " + chunk(protocol, "x", **{f"zz{n}": 1}) + b"\n\n" for n in range(many)])
    strange = [loss for loss in again.losses if "zz" in loss.feature]
    more = [loss for loss in again.losses if loss.feature == "more"]
    assert len(again.losses) == MOST_OF_A_STREAM + 1
    assert [loss.path for loss in more] == ["$"]
    assert sum(loss.count for loss in (*strange, *more)) >= many
