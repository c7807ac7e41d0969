"""What the pages in docs/ show is run: the Python snippets of a page in one namespace, in order."""

import re
from pathlib import Path
from typing import Any

import pytest

PAGES = sorted((Path(__file__).resolve().parents[1] / "docs").rglob("*.md"))
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_snippets_do_what_they_say(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = [(match[1], match[2]) for match in _BLOCK.finditer(page.read_text("utf-8"))]
    namespace: dict[str, Any] = {"__name__": page.stem}
    for (language, code), (kind, output) in zip(blocks, [*blocks[1:], ("", "")], strict=False):
        if language == "python":
            exec(compile(code, page.name, "exec"), namespace)
            assert capsys.readouterr().out == (output if kind == "output" else "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|data:)([^)#]+)\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
