"""Recorded streams on the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import metaphrase as mp

Cli = Callable[..., Result]

CUT = b'data: {"candidates":[{"content":{"parts":[{"text":"x"}]}}]}\r\n\r\n'


def test_a_stream_is_detected(cli: Cli, fixtures: Path) -> None:
    file = fixtures / "openai_stream_tools.sse"
    result = cli("convert", file)
    assert result.exit_code == 0
    assert (
        result.stdout_bytes == mp.convert(file.read_bytes(), source="openai", target="gemini", kind="chat.stream").body
    )
    assert "system_fingerprint" in result.stderr


def test_there_and_back(cli: Cli, fixtures: Path) -> None:
    there = cli("convert", fixtures / "gemini_stream_thinking.sse").stdout_bytes
    assert there.endswith(b"data: [DONE]\n\n")
    back = cli("convert", "--kind", "chat.stream", "-", stdin=there).stdout_bytes
    assert b'"thought":true' in back
    assert back.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("name", ["a.sse", "a.txt"])
def test_whatever_its_first_line_is(cli: Cli, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b": hello\n\nevent: x\n" + CUT)
    result = cli("convert", tmp_path / name)
    assert result.exit_code == 0
    assert json.loads(result.stdout.splitlines()[-2].removeprefix("data: "))["error"]


def test_an_array_over_several_lines(cli: Cli, tmp_path: Path) -> None:
    one = json.loads(CUT.removeprefix(b"data: "))
    (tmp_path / "a.sse").write_text(json.dumps(one) + "\n" + json.dumps(one))
    assert cli("convert", "--from", "gemini", "--kind", "chat.stream", tmp_path / "a.sse").exit_code == 0
    (tmp_path / "b.json").write_text("[" + json.dumps(one) + "\n,\n" + json.dumps(one) + "\n]")
    assert "chat.completion.chunk" in cli("convert", tmp_path / "b.json").stdout


def test_a_stream_that_begins_with_an_error(cli: Cli) -> None:
    error = b'data: {"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}\r\n\r\n'
    result = cli("convert", "-", stdin=error)
    assert result.exit_code == 0
    assert json.loads(result.stdout.removeprefix("data: "))["error"]["message"] == "busy"


def test_in_an_envelope_it_is_text(cli: Cli, fixtures: Path, tmp_path: Path) -> None:
    result = cli("convert", "--envelope", fixtures / "openai_stream_tools.sse")
    inside = json.loads(result.stdout)["body"]
    assert inside.startswith("data: {")
    (tmp_path / "e.json").write_text(result.stdout)
    assert cli("convert", tmp_path / "e.json").stdout.endswith("data: [DONE]\n\n")


def test_a_chunk_that_cannot_be_read(cli: Cli) -> None:
    result = cli("convert", "--from", "gemini", "--kind", "chat.stream", "-", stdin=b"data: {\n\n")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_inspect_shows_both_sides(cli: Cli, fixtures: Path) -> None:
    result = cli("inspect", fixtures / "gemini_stream_thinking.sse")
    assert "gemini chat.stream" in result.stdout
    assert "openai chat.stream" in result.stdout
