"""Whole documents and JSONL, told apart."""

import io
from collections.abc import Iterator

import pytest

from metaphrase_files import Document, read_input


def read(data: bytes, name: str = "-") -> tuple[bool, list[Document]]:
    given = read_input(io.BytesIO(data), name)
    return given.lines, list(given.documents)


@pytest.mark.parametrize("data", [b'{"a": 1}', b'{"a": 1}\n', b'\n\n{"a": 1}\n\n'])
def test_one_line_is_a_document(data: bytes) -> None:
    lines, (document,) = read(data)
    assert not lines
    assert document.body.strip() == b'{"a": 1}'
    assert document.line is None


def test_an_indented_document_is_one() -> None:
    data = b'{\n  "a": [\n    {}\n  ]\n}\n'
    assert read(data) == (False, [Document(data)])


def test_many_lines_are_numbered_as_they_stand_in_the_file() -> None:
    assert read(b'{"a": 1}\r\n\n{"b": 2}\n') == (True, [Document(b'{"a": 1}', 1), Document(b'{"b": 2}', 3)])


def test_a_bad_line_is_given_as_it_is() -> None:
    assert read(b'{"a": 1}\nnonsense')[1][1] == Document(b"nonsense", 2)


@pytest.mark.parametrize("name", ["x.jsonl", "x.NDJSON"])
def test_the_name_may_say_that_it_is_jsonl(name: str) -> None:
    assert read(b'{"a": 1}\n', name) == (True, [Document(b'{"a": 1}', 1)])
    assert read(b"nonsense\n", name) == (True, [Document(b"nonsense", 1)])
    assert read(b"", name) == (True, [])


def test_nothing_is_an_empty_document() -> None:
    assert read(b" \n") == (False, [Document(b"")])


@pytest.mark.parametrize("path", ['"/v1beta/models/m:generateContent"', "null"])
def test_an_envelope_is_opened(path: str) -> None:
    lines, (document,) = read(f'{{"path": {path}, "body": {{"contents": []}}}}'.encode())
    assert not lines
    assert document.body == b'{"contents": []}'
    assert document.path == (None if path == "null" else path.strip('"'))


@pytest.mark.parametrize("body", [b'{"path": 3, "body": {}}', b'{"path": "x", "body": {}, "more": 1}', b'{"path": "x"'])
def test_what_only_looks_like_an_envelope_stays(body: bytes) -> None:
    assert read(body) == (False, [Document(body)])


def test_lines_are_read_as_they_are_asked_for() -> None:
    class Endless(io.RawIOBase):
        """More lines than anybody could hold."""

        def __iter__(self) -> Iterator[bytes]:
            while True:
                yield b'{"messages": []}\n'

    given = read_input(Endless(), "-")  # type: ignore[arg-type]  # on purpose
    assert [next(given.documents).line for _ in range(5)] == [1, 2, 3, 4, 5]
