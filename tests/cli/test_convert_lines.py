"""`metaphrase convert` on JSONL."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Cli = Callable[..., Result]


def request(text: str, model: str = "gemini-2.5-flash", **more: object) -> str:
    return json.dumps({"model": model, "messages": [{"role": "user", "content": text}], **more})


GOOD = "\n".join([request("one"), "", request("two", user="ada"), request("three", user="bob")]) + "\n"
BAD = "\n".join([request("one"), '{"model": "m", "messages": 3}', request("three"), '{"mess']) + "\n"


def texts(output: str) -> list[str]:
    return [json.loads(line)["contents"][0]["parts"][0]["text"] for line in output.splitlines()]


def test_a_line_for_each_line(cli: Cli) -> None:
    result = cli("convert", "--to", "gemini", "-", stdin=GOOD)
    assert result.exit_code == 0
    assert texts(result.stdout) == ["one", "two", "three"]


def test_losses_are_counted_over_all_lines(cli: Cli) -> None:
    result = cli("convert", "--to", "gemini", "-", stdin=GOOD)
    row = next(line.split() for line in result.stderr.splitlines() if "$.user" in line)
    assert row[:3] == ["3", "dropped", "$.user"]
    assert "2" in row[3:]


def test_losses_as_json_name_their_line(cli: Cli, tmp_path: Path) -> None:
    assert cli("convert", "--to", "gemini", "--losses", "losses.json", "-", stdin=GOOD).exit_code == 0
    losses = json.loads((tmp_path / "losses.json").read_bytes())
    assert [(loss["line"], loss["path"]) for loss in losses] == [(3, "$.user"), (4, "$.user")]


def test_bad_lines_are_named_and_the_rest_is_converted(cli: Cli) -> None:
    result = cli("convert", "--to", "gemini", "-", stdin=BAD)
    assert result.exit_code == 2
    assert texts(result.stdout) == ["one", "three"]
    bad = [line for line in result.stderr.splitlines() if "line " in line]
    assert "line 2: " in bad[0]
    assert "`$.messages`" in bad[0]
    assert "line 4: " in bad[1]
    assert len(bad) == 2


def test_refusing_is_all_or_nothing(cli: Cli, tmp_path: Path) -> None:
    for body, code, line in [(GOOD, 3, "line 3: "), (BAD, 2, "line 2: ")]:
        for more in ([], ["-o", "out.jsonl"]):
            result = cli("convert", "--to", "gemini", "--on-loss", "refuse", *more, "-", stdin=body)
            assert result.exit_code == code
            assert result.stdout == ""
            assert line in result.stderr
            assert list(tmp_path.iterdir()) == []


def test_one_line_in_a_file_called_jsonl_is_a_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_text('{"messages": 3}\n')
    result = cli("convert", "one.jsonl")
    assert result.exit_code == 2
    assert "line 1: " in result.stderr


def test_an_empty_jsonl_file_gives_an_empty_one(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text("\n")
    result = cli("convert", "none.jsonl")
    assert result.exit_code == 0
    assert result.output == ""


def test_an_envelope_keeps_the_path_of_each_line(cli: Cli) -> None:
    body = request("one", "gemini-2.5-flash") + "\n" + request("two", "gemini-2.5-pro") + "\n"
    bare = cli("convert", "--to", "gemini", "-", stdin=body)
    assert "--envelope" in bare.stderr
    wrapped = cli("convert", "--to", "gemini", "--envelope", "-", stdin=body)
    assert [json.loads(line)["path"].split("/")[-1] for line in wrapped.stdout.splitlines()] == [
        "gemini-2.5-flash:generateContent",
        "gemini-2.5-pro:generateContent",
    ]
    back = cli("convert", "--to", "openai", "-", stdin=wrapped.stdout)
    assert [json.loads(line) for line in back.stdout.splitlines()] == [json.loads(line) for line in body.splitlines()]
