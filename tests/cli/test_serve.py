"""`serve` and `check-config`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import Result

from metaphrase_cli.serve import HINT

Cli = Callable[..., Result]
COMMAND = [sys.executable, "-m", "metaphrase_cli", "serve"]
NAMES = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL")
RECORDING = {
    "method": "POST",
    "path": "/v1/chat/completions",
    "request_body": {"model": "m", "messages": [{"role": "user", "content": "hi"}]},
    "status": 200,
    "response_body": {
        "id": "r",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "recorded"}, "finish_reason": "stop"}],
    },
}


@contextmanager
def serving(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """The program, its address and its first line."""
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    command = [*COMMAND, "--port", "0", *map(str, arguments)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert "http://" in line, line
            yield process, "http://" + line.partition("http://")[2].split()[0], line
        finally:
            process.kill()


def generate(address: str) -> str:
    body = json.dumps({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}).encode()
    url = f"{address}/v1beta/models/m:generateContent"
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        found = json.load(answer)
    return str(found["candidates"][0]["content"]["parts"][0]["text"])


def line(process: subprocess.Popen[str]) -> dict[str, object]:
    assert process.stderr is not None
    found: dict[str, object] = json.loads(process.stderr.readline())
    return found


def test_without_anything_it_serves_echo_and_says_so() -> None:
    with serving("--workers", "2") as (process, address, first):
        assert "serves echo: no upstream is configured" in first
        assert generate(address) == "hi"
        entry = line(process)
        assert (entry["status"], entry["client"], entry["operation"]) == (200, "gemini", "chat")
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


def test_a_file_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "recorded").mkdir()
    (tmp_path / "recorded" / "one.json").write_text(json.dumps(RECORDING))
    file = tmp_path / "gateway.toml"
    file.write_text(f'[upstreams.old]\nsimulate = "replay:{tmp_path / "recorded"}"')
    with serving("--config", file) as (process, address, first):
        assert "serves old (openai)" in first
        assert generate(address) == "recorded"
        assert line(process)["upstream"] == "old"
        file.write_text("[upstreams.new]\nsimulate = 3")
        process.send_signal(signal.SIGHUP)
        assert str(line(process)["message"]).startswith("not reloaded: ")
        assert generate(address) == "recorded"
        assert line(process)["upstream"] == "old"
        file.write_text('[upstreams.new]\nsimulate = "echo"')
        process.send_signal(signal.SIGHUP)
        assert line(process)["message"] == "reloaded"
        assert generate(address) == "hi"
        assert line(process)["upstream"] == "new"
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0


def test_what_stands_in_the_way_is_one_line(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "bad.toml").write_text("[server]\nporf = 1")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for code, arguments in (
            (1, ["--port", port]),
            (1, ["--port", port, "--workers", "2"]),
            (1, ["--host", "192.0.2.1"]),
            (2, ["--config", "bad.toml"]),
            (2, ["--config", "none.toml"]),
            (2, ["--upstream", "song"]),
        ):
            result = cli("serve", *arguments)
            assert (result.exit_code, len(result.stderr.splitlines())) == (code, 1), arguments
    monkeypatch.setenv("GEMINI_API_KEY", "AIza-canary-0123456789")
    result = cli("serve", "--host", "0.0.0.0")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "canary" not in result.output


def test_a_configuration_is_checked(cli: Cli, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        (tmp_path / "a.toml").write_text(f'[upstreams.up]\nprotocol = "openai"\nurl = "http://127.0.0.1:{port}/v1"')
        assert cli("check-config", "a.toml").stdout == "a.toml: ok; upstreams: up\n"
        assert cli("check-config", "--connect", "a.toml").exit_code == 0
    result = cli("check-config", "--connect", "a.toml")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "connection refused" in result.stderr
    (tmp_path / "b.toml").write_text("[upstreams.up]\nurk = 1")
    result = cli("check-config", "b.toml")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "`urk`" in result.stderr


def test_the_schema_of_the_file(cli: Cli) -> None:
    schema = json.loads(cli("check-config", "--schema").stdout)
    tables = schema["$defs"]["Config"]
    assert set(tables["properties"]) == {"server", "upstreams", "models", "clients", "limits", "patience"}
    assert tables["additionalProperties"] is False
    assert cli("check-config").exit_code == 2


@pytest.mark.parametrize("missing", ["anyio", "h11", "truststore"])
@pytest.mark.parametrize("command", ["serve", "check-config"])
def test_without_the_extra_it_says_how_to_get_it(missing: str, command: str) -> None:
    arguments = ["metaphrase", command, *(["a.toml"] if command == "check-config" else [])]
    code = f"import sys; sys.modules[{missing!r}] = None; sys.argv = {arguments}; import metaphrase_cli as m; m.main()"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (1, f"metaphrase: {HINT}\n")
