from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from metaphrase_cli.app import app

Cli = Callable[..., Result]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs a command in an empty folder. An exception that is not an exit is a failure of the test."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path, stdin: bytes | str | None = None) -> Result:
        return CliRunner().invoke(app, [str(item) for item in arguments], input=stdin, catch_exceptions=False)

    return run


@pytest.fixture
def fixtures() -> Path:
    return Path(__file__).resolve().parents[2] / "fixtures"
