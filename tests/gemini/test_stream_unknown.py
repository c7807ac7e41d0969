"""Members of chunks that no schema knows: read once, looked at in every chunk, and counted."""

import json
from typing import Any

import pytest
from msgspec import Raw

from metaphrase import ir
from metaphrase.fold import fold
from metaphrase_gemini.stream.told import Told

from .helpers import bare
from .streams import NAMES, STOP, chunk, end, losses, parts, read, text


def place(level: int, value: Any, said: str = "x") -> dict[str, Any]:
    """A chunk of text with an unknown member on the chunk, its candidate, the content or the part."""
    found = chunk(text(said))
    one = found["candidates"][0]
    node = (found, one, one["content"], one["content"]["parts"][0])[level]
    node["zz"] = value
    return found


PATHS = ["zz", "candidates[0].zz", "candidates[0].content.zz", "candidates[0].content.parts[0].zz"]


@pytest.mark.parametrize("level", range(4))
def test_an_unknown_member_in_each_chunk(level: int) -> None:
    same = [place(level, {"a": 1}) for _ in range(6)]
    answer = fold(read(*same, end()))
    assert losses(*same, end()) == [("dropped", f"$[*].{PATHS[level]}", 6)]
    assert losses(*same, end(), target="gemini") == []
    assert bare(answer.choices[0].parts) == (ir.Text("x" * 6),)
    assert answer.choices[0].parts[0].ext == _ext(level, 3, {"a": 1})
    assert answer.ext == _ext(level, 0, {"a": 1})
    held = answer.choices[0].ext
    assert held == _ext(level, 1, {"a": 1}) or (level == 2 and held == {"gemini": {"content": Raw(b'{"zz":{"a": 1}}')}})


def _ext(level: int, where: int, value: Any) -> ir.Ext | None:
    return {"gemini": {"zz": Raw(json.dumps(value).encode())}} if level == where else None


def test_an_unknown_member_of_several_candidates() -> None:
    def one(index: int, value: int) -> dict[str, Any]:
        return chunk(text("x"), index=index, zz=value)

    ends = {"candidates": [{**STOP, "index": 0}, {**STOP, "index": 1}], **NAMES}
    answer = fold(read(one(0, 1), one(1, 1), one(0, 1), one(1, 1), one(0, 2), one(1, 2), ends))
    assert [choice.ext for choice in answer.choices] == [_ext(1, 1, 2)] * 2


@pytest.mark.parametrize("level", range(4))
def test_an_unknown_member_that_changes(level: int) -> None:
    others = [place(level, n) for n in (1, 1, 2, 3, None, 3)]
    answer = fold(read(*others, chunk(text("x")), chunk(text("x")), end()))
    assert losses(*others, end())[0][:2] == ("dropped", f"$[*].{PATHS[level]}")
    assert "".join([part.text for part in answer.choices[0].parts if isinstance(part, ir.Text)]) == "x" * 8
    assert len(answer.choices[0].parts) == (6 if level == 3 else 1)
    if level == 0:
        assert answer.ext == _ext(0, 0, 3)
    if level == 1:
        assert answer.choices[0].ext == _ext(1, 1, 3)


def test_unknown_members_that_are_too_many_or_odd() -> None:
    many = [chunk(text("x"), beside={f"zz{n}": 1 for n in range(20)}) for _ in range(3)]
    assert len(losses(*many, end())) == 20
    odd = [chunk(text("x"), beside={'z"z': 1, "z z": 1}) for _ in range(3)]
    assert len(losses(*odd, end())) == 2
    new = [chunk(text("x"), beside={f"zz{n}": 1}) for n in range(200)]
    assert len(losses(*new, end())) == 200
    ext = fold(read(*new, end())).ext
    assert ext is not None
    assert len(ext["gemini"]) == 64
    nulls = [chunk(text("x"), finishReason=None) for _ in range(3)]
    assert fold(read(*nulls, chunk(text("y"), finishReason="STOP"))).choices[0].finish is not None


def test_a_long_answer_of_many_parts() -> None:
    turns = [chunk(text("x", thought=n % 2 == 0)) for n in range(5000)]
    assert len(fold(read(*turns, end())).choices[0].parts) == 5000


def test_texts_with_other_members_are_told_apart() -> None:
    chunks = [place(3, 1), place(3, 1), chunk(text("y")), chunk(text("y")), place(0, 1), place(3, 2)]
    assert [part.text for part in parts(*chunks, end()) if isinstance(part, ir.Text)] == ["xx", "yyx", "x"]


def test_what_is_kept_for_offsets_is_bounded_by_its_parts_too() -> None:
    told = Told()
    for _ in range(1000):
        told.begin(ir.Text)
        told.keep("a")
    assert told.long
    assert len(told.parts()) == 1
