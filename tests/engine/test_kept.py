"""Values by number that are made once."""

from __future__ import annotations

import pytest

from metaphrase.kept import Kept


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
