"""`metaphrase serve` and `metaphrase check-config`: the gateway, whose parts are imported when it is started."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from .common import Stop, complain

if TYPE_CHECKING:
    from metaphrase_http.settings import Settings

HINT = "the gateway needs anyio, h11 and truststore; install them with: pip install 'metaphrase[gateway]'"
_EXTRA = frozenset({"anyio", "h11", "truststore"})


class Unavailable(Stop):
    """Nothing is wrong with what was said, but it cannot be done here and now."""

    exit_code = 1


@contextmanager
def starting() -> Generator[None]:
    """A missing extra as one line."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _EXTRA:
            raise
        raise Unavailable(HINT) from None


@click.command()
@click.option("--host", metavar="HOST", help="Where to listen; default: 127.0.0.1, which only this machine can reach.")
@click.option("--port", type=click.IntRange(0, 65535), help="Default: 8787; 0: any that is free.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; default: 1.")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="A TOML file: see docs/gateway.md.")
@click.option(
    "--upstream", metavar="NAME", help="openai, gemini, echo or replay:FOLDER; with --config one of its upstreams."
)
def serve(host: str | None, port: int | None, workers: int | None, config: Path | None, upstream: str | None) -> None:
    """Serve clients of any known protocol with an upstream of any other.

    Without a file, OPENAI_API_KEY (OPENAI_BASE_URL) or GEMINI_API_KEY, GOOGLE_API_KEY (GOOGLE_GEMINI_BASE_URL) say
    which upstream; without these it is echo, which says again what was said. SIGHUP reads the configuration again;
    SIGTERM ends after the requests that run, a second one at once. Each request is one line of JSON on stderr.

    Exit codes: 0 told to stop; 1 the address is taken; 2 the configuration cannot be used.
    """
    with starting():
        from metaphrase_http.keys import ConfigError
        from metaphrase_http.serve import CannotListen, Plan
        from metaphrase_http.serve import serve as run
    try:
        code = run(Plan(config, upstream, host, port, workers), _announce)
    except ConfigError as error:
        raise Stop(str(error)) from None
    except CannotListen as error:
        raise Unavailable(str(error)) from None
    except KeyboardInterrupt:
        code = 0
    sys.exit(code)


@click.command("check-config")
@click.option("--connect", is_flag=True, help="Also try to connect to each upstream.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of such files instead.")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
def check_config(file: Path | None, *, connect: bool, schema: bool) -> None:
    """Read FILE as `serve --config FILE` would, and say what is wrong with it.

    Exit codes: 0 it can be used; 1 an upstream cannot be reached; 2 it cannot be used.
    """
    with starting():
        from metaphrase_http.config import json_schema
        from metaphrase_http.keys import ConfigError
        from metaphrase_http.serve import Plan, unreachable
        from metaphrase_http.settings import settle
    if schema:
        click.echo(msgspec.json.format(msgspec.json.encode(json_schema())))
        return
    if file is None:
        raise Stop("which file? give its name")
    try:
        found = Plan(file).read()
        settings = settle(found, found.server.host)
    except ConfigError as error:
        raise Stop(str(error)) from None
    lost = unreachable(settings) if connect else []
    for line in lost:
        complain(line)
    if lost:
        sys.exit(Unavailable.exit_code)
    click.echo(f"{file}: ok; upstreams: {', '.join([upstream.name for upstream in settings.upstreams])}")


def _announce(address: str, settings: Settings) -> None:
    """Where it listens, and what answers."""
    name, protocol = settings.default.name, settings.default.codec.name
    if settings.clients is not None:
        keys = "for clients with a key"
    elif settings.holds_keys:
        keys = "with the key of this server"
    else:
        keys = "with the keys of its clients"
    if name == "echo":
        click.echo(f"metaphrase: {address} serves echo: no upstream is configured, and no key is set", err=True)
    else:
        click.echo(f"metaphrase: {address} serves {name} ({protocol}), {keys}", err=True)
