"""Output that is whole or not there."""

import io
import json
from pathlib import Path

import pytest

import metaphrase as mp
from metaphrase_files import LossWriter, Tally, envelope, output


def fail(path: Path | None) -> None:
    with output(path, at_once=True) as stream:
        stream.write(b"half")
        raise RuntimeError


def test_a_file_appears_when_all_went_well(tmp_path: Path) -> None:
    file = tmp_path / "out"
    with output(file) as stream:
        stream.write(b"new")
        assert not file.exists()
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


def test_a_failure_leaves_no_trace(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        fail(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at_once", [False, True])
def test_stdout(capfdbinary: pytest.CaptureFixture[bytes], *, at_once: bool) -> None:
    with output(None, at_once=at_once) as stream:
        stream.write(b"bytes \xff")
    assert capfdbinary.readouterr().out == b"bytes \xff"


def test_stdout_at_once_is_silent_after_a_failure(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with pytest.raises(RuntimeError):
        fail(None)
    assert capfdbinary.readouterr().out == b""


def test_an_envelope_holds_the_body_as_it_is() -> None:
    assert envelope(mp.Converted(b'{"n": 1.0}', "/p")) == b'{"path":"/p","body":{"n": 1.0}}'
    assert envelope(mp.Converted(b"{}", None)) == b'{"path":null,"body":{}}'


def loss(path: str = "$.a[0].b", *, feature: str = "x", count: int = 1) -> mp.Loss:
    return mp.Loss("dropped", path, feature, "gemini", count=count)


def test_losses_are_one_array() -> None:
    stream = io.BytesIO()
    writer = LossWriter(stream)
    writer.add([loss()])
    writer.add([loss("$.b", count=2)], line=7)
    writer.close()
    assert json.loads(stream.getvalue()) == [
        {"kind": "dropped", "path": "$.a[0].b", "feature": "x", "codec": "gemini"},
        {"kind": "dropped", "path": "$.b", "feature": "x", "codec": "gemini", "count": 2, "line": 7},
    ]


def test_a_tally_merges_what_differs_in_indexes_only() -> None:
    tally = Tally()
    tally.add([loss(), loss("$.a[0].c")], 1)
    tally.add([loss("$.a[1].b", count=2)], 2)
    assert [(row.path, row.count, row.line) for row in tally.rows.values()] == [("$.a[*].b", 3, 1), ("$.a[0].c", 1, 1)]


def test_a_tally_is_bounded() -> None:
    tally = Tally()
    tally.add(loss(feature=f"f{n}") for n in range(1000))
    assert (len(tally.rows), tally.beyond) == (256, 744)
