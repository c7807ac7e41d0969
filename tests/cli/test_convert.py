"""`metaphrase convert` on one document."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Cli = Callable[..., Result]

PLAIN = {"model": "gemini-2.5-flash", "messages": [{"role": "user", "content": "Hello"}], "temperature": 0.5}
NAMED = {**PLAIN, "user": "ada"}


def test_openai_to_gemini(cli: Cli) -> None:
    result = cli("convert", "--from", "openai", "--to", "gemini", "-", stdin=json.dumps(PLAIN))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["contents"] == [{"role": "user", "parts": [{"text": "Hello"}]}]
    assert result.stderr == "path: /v1beta/models/gemini-2.5-flash:generateContent\n"


def test_gemini_to_openai_takes_the_model_from_the_path(cli: Cli, fixtures: Path) -> None:
    path = "/v1beta/models/gemini-2.5-pro:generateContent"
    result = cli("convert", "--path", path, fixtures / "gemini_request_tools.json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["model"] == "gemini-2.5-pro"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("openai_request_plain.json", "contents"),
        ("openai_response_tools.json", "candidates"),
        ("gemini_request_image.json", "messages"),
        ("gemini_response_thinking.json", "choices"),
    ],
)
def test_protocol_and_kind_are_detected(cli: Cli, fixtures: Path, name: str, key: str) -> None:
    result = cli("convert", fixtures / name)
    assert result.exit_code == 0
    assert key in json.loads(result.stdout)


def test_a_document_can_be_converted_to_its_own_protocol(cli: Cli, fixtures: Path) -> None:
    file = fixtures / "openai_request_tools.json"
    result = cli("convert", "--to", "openai", file)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(file.read_bytes())


def test_losses_are_a_table_on_stderr(cli: Cli) -> None:
    result = cli("convert", "--to", "gemini", "-", stdin=json.dumps(NAMED))
    assert result.exit_code == 0
    row = next(line for line in result.stderr.splitlines() if "$.user" in line)
    assert row.split()[:2] == ["dropped", "$.user"]


def test_losses_as_json(cli: Cli, tmp_path: Path) -> None:
    result = cli("convert", "--to", "gemini", "--losses", "losses.json", "-", stdin=json.dumps(NAMED))
    assert result.exit_code == 0
    assert "user" not in result.stderr
    losses = json.loads((tmp_path / "losses.json").read_bytes())
    assert [(loss["kind"], loss["path"]) for loss in losses] == [("dropped", "$.user")]


def test_no_losses_are_an_empty_list(cli: Cli, tmp_path: Path) -> None:
    assert cli("convert", "--to", "gemini", "--losses", "losses.json", "-", stdin=json.dumps(PLAIN)).exit_code == 0
    assert json.loads((tmp_path / "losses.json").read_bytes()) == []


def test_refusing_writes_nothing(cli: Cli, tmp_path: Path) -> None:
    arguments = ["convert", "--to", "gemini", "--on-loss", "refuse", "--losses", "losses.json"]
    for more in ([], ["-o", "out.json"]):
        result = cli(*arguments, *more, "-", stdin=json.dumps(NAMED))
        assert result.exit_code == 3
        assert result.stdout == ""
        assert "$.user" in result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert list(tmp_path.iterdir()) == []


def test_refusing_writes_what_loses_nothing(cli: Cli) -> None:
    result = cli("convert", "--to", "gemini", "--on-loss", "refuse", "-", stdin=json.dumps(PLAIN))
    assert result.exit_code == 0
    assert "contents" in json.loads(result.stdout)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"model": "m", "messages": [', "`$"),
        (b'{"model": "m", "messages": 3}', "`$.messages`"),
        (b'{"model": "m", "messages": [{"role": "user", "content": 3}]}', "`$.messages[0].content`"),
        (b'{"messages": [{"role": "user", "content": "\xff"}]}', "`$"),
        (b'{"messages": ' + b"[" * 5000 + b"]" * 5000 + b"}", "`$"),
        (b"", "`$"),
    ],
    ids=["cut", "type", "deep type", "utf-8", "depth", "empty"],
)
def test_bad_input_is_one_line_with_its_place(cli: Cli, body: bytes, place: str) -> None:
    arguments = ["convert", "--from", "openai", "--to", "gemini", "--kind", "chat.request", "-o", "out.json", "-"]
    result = cli(*arguments, stdin=body)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert place in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not Path("out.json").exists()


@pytest.mark.parametrize("body", [b"[]", b"{}", b"7", b"nothing", b'{"object": "response"}'])
def test_what_cannot_be_told_is_asked_for(cli: Cli, body: bytes) -> None:
    result = cli("convert", "-", stdin=body)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--from", "klingon", "-"],
        ["--kind", "poem", "-"],
        ["missing.json"],
        ["-o", "no/such/folder/out.json", "-"],
        ["--losses", "no/such/folder/losses.json", "-"],
    ],
    ids=" ".join,
)
def test_wrong_arguments(cli: Cli, arguments: list[str]) -> None:
    result = cli("convert", *arguments, stdin=json.dumps(PLAIN))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_an_unknown_codec_is_answered_with_the_known_ones(cli: Cli) -> None:
    result = cli("convert", "--to", "klingon", "-", stdin=json.dumps(PLAIN))
    assert "gemini, openai" in result.stderr


def test_a_failure_leaves_the_old_output(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text("old")
    assert cli("convert", "--to", "gemini", "-o", out, "-", stdin=b'{"messages": 3}').exit_code == 2
    assert out.read_text() == "old"
    assert cli("convert", "--to", "gemini", "-o", out, "-", stdin=json.dumps(PLAIN)).exit_code == 0
    assert "contents" in json.loads(out.read_bytes())


def test_output_may_be_a_device(cli: Cli) -> None:
    assert cli("convert", "--to", "gemini", "-o", "/dev/null", "-", stdin=json.dumps(PLAIN)).exit_code == 0
    assert not Path("/dev/null").is_file()


def test_now_is_the_time_of_creation(cli: Cli, fixtures: Path) -> None:
    result = cli("convert", "--now", "1795341600", fixtures / "gemini_response_thinking.json")
    assert json.loads(result.stdout)["created"] == 1795341600


def test_the_same_input_gives_the_same_bytes(cli: Cli, fixtures: Path) -> None:
    first, second = (cli("convert", fixtures / "gemini_response_thinking.json") for _ in range(2))
    assert first.stdout_bytes == second.stdout_bytes
