"""What docs/testing.md shows is run: its snippets in one namespace, in order."""

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks() -> list[tuple[str, str]]:
    return [(match[1], match[2]) for match in _BLOCK.finditer((ROOT / "docs" / "testing.md").read_text("utf-8"))]


def test_snippets_do_what_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    found = blocks()
    namespace: dict[str, Any] = {}
    ran = 0
    for (language, text), (after, output) in zip(found, [*found[1:], ("", "")], strict=True):
        if language == "python":
            exec(compile(text, "docs/testing.md", "exec"), namespace)
            assert capsys.readouterr().out == (output if after == "output" else "")
            ran += 1
    assert ran >= 5
