"""What README.md shows is run: Python snippets in one namespace, in order, and the commands."""

import re
import shlex
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from metaphrase_cli.app import app

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Snippet(NamedTuple):
    code: str
    output: str


def snippets() -> list[Snippet]:
    blocks = [(match[1], match[2]) for match in _BLOCK.finditer(README)]
    following = [*blocks[1:], ("", "")]
    return [
        Snippet(text, after[1] if after[0] == "output" else "")
        for (language, text), after in zip(blocks, following, strict=True)
        if language == "python"
    ]


def commands() -> list[list[str]]:
    lines = [line for match in _BLOCK.finditer(README) if match[1] == "console" for line in match[2].splitlines()]
    return [shlex.split(line) for line in lines]


def test_snippets_do_what_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    found = snippets()
    assert len(found) >= 3
    namespace: dict[str, Any] = {}
    for snippet in found:
        exec(compile(snippet.code, "README.md", "exec"), namespace)
        assert capsys.readouterr().out == snippet.output


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_commands_work(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "fixtures", tmp_path / "fixtures")
    monkeypatch.chdir(tmp_path)
    assert command[0] == "metaphrase"
    result = CliRunner().invoke(app, command[1:])
    assert result.exit_code == 0, result.output


def test_links_inside_the_repository_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
