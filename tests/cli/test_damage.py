"""Damaged documents end in exit code 2 and one line, never in a traceback."""

from pathlib import Path

from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from metaphrase_cli.app import app

FIXTURES = sorted(Path(__file__).resolve().parents[2].glob("fixtures/*_re*.json*"))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A fixture with a few bytes of it cut out or written over."""
    body = draw(st.sampled_from(FIXTURES)).read_bytes()
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 12)))
        body = body[:start] + draw(st.binary(max_size=6)) + body[end:]
    return body


@given(damaged(), st.sampled_from(["convert", "inspect"]))
@settings(max_examples=150)
def test_never_a_traceback(body: bytes, command: str) -> None:
    result = CliRunner().invoke(app, [command, "-"], input=body)
    assert result.exit_code in {0, 2}, result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit)
