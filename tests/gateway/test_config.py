"""What is wrong with a configuration is one line, and holds no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from metaphrase.http import Request
from metaphrase_http import Limits, Patience
from metaphrase_http.config import parse_config, read_config
from metaphrase_http.environment import from_environment
from metaphrase_http.keys import ConfigError, Keyring, Secret, reveal, without_credentials
from metaphrase_http.settings import Settings, is_loopback, settle
from metaphrase_http.upstreams import Played, Remote, placed

UP = '[upstreams.up]\nprotocol = "openai"\nurl = "http://127.0.0.1:1/v1"\n'
SECRET = "sk-CANARY-0123456789"


def settled(text: str, host: str = "127.0.0.1", **environment: str) -> Settings:
    return settle(parse_config(text), host, environment)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there are no upstreams"),
        ("x", "no TOML"),
        ("[serve]", "`serve`"),
        (UP + "[server]\nprot = 1", "`prot`"),
        (UP + "[server]\nport = 70000", "$.server.port"),
        (UP + "[server]\nworkers = 0", "$.server.workers"),
        (UP + '[server]\nupstream = "no"', "there is no upstream no"),
        (UP + '[server]\nprotocol = "no"', "there is no protocol no"),
        (UP + '[server]\non_loss = "cry"', "on_loss"),
        (UP + '[upstreams.b]\nprotocol = "openai"', "server.upstream has to name one"),
        (UP + '[models.m]\nmodel = "x"\nupstream = "no"', "models.m: there is no upstream no"),
        (UP + "[limits]\nbody = 0", "$.limits.body"),
        (UP + "[patience]\nidle = -1", "$.patience.idle"),
        (UP + f'key = "{SECRET}"', "Expected `object"),
        (UP + "key = {}", "a secret is"),
        (UP + 'key = { env = "NONE" }', "the variable NONE is empty or not set"),
        (UP + 'key = { env = "ODD" }', "characters that no key has"),
        (UP + 'key = { file = "/nowhere/at/all" }', "cannot be read"),
        (UP + 'authority = "/nowhere/at/all"', "authority"),
        ('[upstreams.up]\nprotocol = "openai"\nurl = "ftp://a"', "upstreams.up: url"),
        (f'[upstreams.up]\nprotocol = "openai"\nurl = "http://u:{SECRET}@a"', "upstreams.up: url"),
        ('[upstreams.up]\nprotocol = "openai"\nurl = "http://a/b?c"', "upstreams.up: url"),
        ('[upstreams.up]\nurl = "http://a"', "there is no protocol up"),
        ('[upstreams.up]\nsimulate = "song"', "echo and replay:FOLDER"),
        ('[upstreams.up]\nsimulate = "replay:/nowhere/at/all"', "there are no recordings"),
        ('[upstreams.up]\nsimulate = "echo"\nurl = "http://a"', "no url"),
    ],
)
def test_one_line_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settled(text, ODD=f"{SECRET}\x07")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for file in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigError, match=str(file)):
            read_config(file)
    (tmp_path / "latin.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_config(tmp_path / "latin.toml")


def test_what_the_file_says_counts(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    found = settled(
        UP
        + f'key = {{ file = "{tmp_path / "key"}" }}\n[models]\nfast = "m-1"\n'
        + "[limits]\nbody = 10\ndrain = 1.5\n[patience]\nidle = 3\n[server]\nheartbeat = 2",
    )
    assert (found.limits, found.patience) == (Limits(body=10, drain=1.5), Patience(idle=3))
    assert isinstance(found.default, Remote)
    assert (found.default.key, found.default.models, found.heartbeat) == (SECRET, {"fast": "m-1"}, 2)
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("environment", "name", "url"),
    [
        ({}, "echo", ""),
        ({"OPENAI_API_KEY": "k"}, "openai", "api.openai.com"),
        ({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://here:8000/v1"}, "openai", "here:8000"),
        ({"OPENAI_BASE_URL": "http://here:8000/v1"}, "openai", "here:8000"),
        ({"GEMINI_API_KEY": "k"}, "gemini", "generativelanguage.googleapis.com"),
        ({"GOOGLE_API_KEY": "k", "GEMINI_API_KEY": "other"}, "gemini", "generativelanguage.googleapis.com"),
        ({"GEMINI_API_KEY": "k", "GOOGLE_GEMINI_BASE_URL": "http://there"}, "gemini", "there"),
    ],
)
def test_the_environment_chooses(environment: dict[str, str], name: str, url: str) -> None:
    upstream = settle(from_environment(None, environment), "127.0.0.1", environment).default
    assert upstream.name == name
    assert isinstance(upstream, Remote if url else Played)
    if isinstance(upstream, Remote):
        assert upstream.origin.authority == url
        assert upstream.key == ("k" if len(environment) > 1 or "OPENAI_BASE_URL" not in environment else None)


def test_an_environment_with_several_upstreams_has_to_be_told() -> None:
    environment = {"OPENAI_API_KEY": "k", "GEMINI_API_KEY": "g"}
    with pytest.raises(ConfigError, match="--upstream"):
        from_environment(None, environment)
    assert settle(from_environment("openai", environment), "127.0.0.1", environment).default.key == "k"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "gate.example", ""])
def test_no_key_for_everybody(host: str) -> None:
    text = UP + 'key = { env = "K" }\n'
    with pytest.raises(ConfigError, match="refusing to listen"):
        settled(text, host, K="k")
    assert settled(text + '[clients]\nkeys = [{ env = "C" }]', host, K="k", C="c").clients is not None
    assert settled(UP, host).clients is None
    assert not is_loopback(host)


def test_this_machine_is_this_machine() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.8.8.8", "::1", "localhost")))
    assert settled(UP).hosts == {"localhost", "127.0.0.1", "::1"}
    assert settled(UP, "0.0.0.0").hosts == set()


@pytest.mark.parametrize(
    ("base", "replaces", "target", "wanted"),
    [
        ("", "/v1", "/v1/models", "/v1/models"),
        ("/v1", "/v1", "/v1/models", "/v1/models"),
        ("/api/paas/v4", "/v1", "/v1/chat/completions", "/api/paas/v4/chat/completions"),
        ("/mount", "", "/v1beta/models?pageSize=3", "/mount/v1beta/models?pageSize=3"),
        ("/mount/v1beta", "", "/v1beta/models/m:countTokens", "/mount/v1beta/models/m:countTokens"),
    ],
)
def test_where_a_call_goes(base: str, replaces: str, target: str, wanted: str) -> None:
    assert placed(base, replaces, target) == wanted


def test_only_a_whole_key_opens() -> None:
    ring = Keyring(["one", "two"])
    assert ring.admits("one")
    assert ring.admits("two")
    assert not any(map(ring.admits, (None, "", "on", "one ", "ONE", "\ud800")))
    assert "one" not in repr(ring)
    assert not Keyring([""]).admits(None)


def test_credentials_are_taken_off() -> None:
    headers = (("Authorization", "a"), ("x-goog-api-key", "b"), ("api-key", "c"), ("accept", "d"))
    found = without_credentials(Request("GET", "/v1beta/models?key=a&pageSize=2&$key=b", headers))
    assert found == Request("GET", "/v1beta/models?pageSize=2", (("accept", "d"),))
    assert without_credentials(Request("GET", "/a?key=b")).target == "/a"


def test_a_secret_is_where_it_is_said_to_be() -> None:
    assert reveal(Secret(env="A"), {"A": " k\n"}) == "k"
    with pytest.raises(ConfigError):
        reveal(Secret(env="A", file="b"), {"A": "k"})
