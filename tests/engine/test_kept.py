"""Values that are made once."""

from __future__ import annotations

import pytest

from metaphrase.kept import Kept, Names


@pytest.mark.parametrize("count", [0, 1, 64, 65, 4096, 4097, 9000])
def test_there_are_as_many_as_asked_for(count: int) -> None:
    kept = Kept(str)
    for _ in range(2):
        found = kept.upto(count)
        assert len(found) >= count
        assert list(found) == [str(number) for number in range(len(found))]


def test_those_of_a_very_long_document_are_not_kept() -> None:
    kept = Kept(str)
    some = kept.upto(100)
    assert kept.upto(3) is kept.upto(100) is some
    assert len(kept.upto(4097)) == 4097
    assert kept.upto(100) is some


def test_a_name_is_made_once_and_the_next_time_kept() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    names = Names(make)
    long = "x" * 65
    assert [names[name] for name in ("a", long, "a", long)] == ["A", long.upper()] * 2
    assert made == ["a", long, long]


def test_of_very_many_names_only_some_are_kept() -> None:
    names = Names(str.upper)
    for number in range(5_000):
        assert names[f"n{number}"] == f"N{number}"
        assert len(names) <= 1024
    assert len(names) > 0
