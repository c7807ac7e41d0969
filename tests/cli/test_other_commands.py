"""`inspect`, `demo`, `codecs`, and what a bare installation says."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import metaphrase as mp
import metaphrase_cli
from metaphrase_cli.show import pretty

Cli = Callable[..., Result]
COMMAND = [sys.executable, "-m", "metaphrase_cli"]


def test_inspect_shows_both_sides_and_the_losses(cli: Cli, fixtures: Path) -> None:
    result = cli("inspect", fixtures / "openai_request_tools.json")
    assert result.exit_code == 0
    for text in ("openai chat.request", "gemini chat.request", '"tool_calls"', '"functionCall"', "$.logit_bias"):
        assert text in result.stdout


def test_inspect_says_when_nothing_is_lost(cli: Cli, fixtures: Path) -> None:
    result = cli("inspect", fixtures / "openai_request_plain.json")
    assert "Nothing is lost." in result.stdout


def test_long_strings_are_cut() -> None:
    shown = pretty(json.dumps({"messages": [{"content": "x" * 5000}]}).encode())
    assert "x... (5,000 characters)" in shown
    assert len(shown) < 300


def test_inspect_takes_one_line_of_many(cli: Cli, fixtures: Path) -> None:
    result = cli("inspect", "--line", "2", fixtures / "openai_requests.jsonl")
    assert "Two plus two?" in result.stdout
    missing = cli("inspect", "--line", "9", fixtures / "openai_requests.jsonl")
    assert (missing.exit_code, len(missing.stderr.splitlines())) == (2, 1)


def test_inspect_of_bad_input_is_one_line(cli: Cli) -> None:
    result = cli("inspect", "-", stdin=b'{"messages": 3}')
    assert result.exit_code == 2
    assert "`$.messages`" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_inspect_shows_numbers_that_no_float_can_hold(cli: Cli) -> None:
    tool = '{"type": "function", "function": {"name": "f", "parameters": {"maximum": 1e400}}}'
    body = '{"model": "m", "messages": [{"role": "user", "content": "x"}], "tools": [' + tool + "]}"
    result = cli("inspect", "-", stdin=body)
    assert result.exit_code in {0, 2}
    assert "Traceback" not in result.output


def test_codecs_lists_what_is_installed(cli: Cli) -> None:
    result = cli("codecs")
    assert result.exit_code == 0
    for name in mp.codecs():
        assert name in result.stdout


def test_the_demo_walks_all_fixtures_in_time(fixtures: Path, tmp_path: Path) -> None:
    start = time.perf_counter()
    result = subprocess.run([*COMMAND, "demo"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert result.returncode == 0, result.stderr
    assert time.perf_counter() - start < 5
    for stage in json.loads((fixtures / "tour.json").read_bytes()):
        assert stage["file"] in result.stdout


def test_the_tour_names_every_document(fixtures: Path) -> None:
    named = {stage["file"] for stage in json.loads((fixtures / "tour.json").read_bytes())}
    assert named == {file.name for file in fixtures.glob("*") if file.suffix in (".json", ".sse")} - {
        "tour.json",
        "demo.json",
    }


def test_the_demo_says_where_it_looked(cli: Cli, tmp_path: Path) -> None:
    missing = cli("demo", "--fixtures", tmp_path)
    assert (missing.exit_code, len(missing.stderr.splitlines())) == (2, 1)
    (tmp_path / "tour.json").write_text('[{"file": 3}]')
    broken = cli("demo", "--fixtures", tmp_path)
    assert (broken.exit_code, len(broken.stderr.splitlines())) == (2, 1)


def test_as_a_real_command(fixtures: Path) -> None:
    body = (fixtures / "openai_request_plain.json").read_bytes()
    result = subprocess.run([*COMMAND, "convert", "--to", "gemini", "-"], input=body, capture_output=True, check=False)
    assert result.returncode == 0
    assert json.loads(result.stdout)["contents"]
    bad = subprocess.run([*COMMAND, "convert", "-"], input=b"{", capture_output=True, check=False)
    assert bad.returncode == 2
    assert b"Traceback" not in bad.stderr


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_it_says_how_to_get_it(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; import metaphrase_cli; metaphrase_cli.main()"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (1, metaphrase_cli.HINT)


def test_another_missing_module_is_not_hidden() -> None:
    code = "import sys; sys.modules['metaphrase_files'] = None; import metaphrase_cli; metaphrase_cli.main()"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError" in result.stderr
