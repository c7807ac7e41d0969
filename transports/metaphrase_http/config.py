"""The configuration as it is written: a TOML file in which no member is unknown."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from .keys import ConfigError, Secret

Positive = Annotated[float, Meta(gt=0)]
Size = Annotated[int, Meta(gt=0)]


class Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file."""


class ServerTable(Table, frozen=True):
    """``[server]``. ``upstream``: the one for models without an alias. ``protocol``: where the address and the key of
    a request leave open which one its client speaks. ``hosts``: names by which it may be addressed.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8787
    workers: Annotated[int, Meta(ge=1, le=256)] = 1
    upstream: str | None = None
    protocol: str | None = None
    hosts: tuple[str, ...] = ()
    heartbeat: Positive = 15
    on_loss: Literal["report", "refuse"] = "report"


class UpstreamTable(Table, frozen=True):
    """``[upstreams.NAME]``: a server (``protocol``, ``url``), or a simulated one (``simulate``)."""

    protocol: str | None = None
    url: str | None = None
    key: Secret | None = None
    authority: str | None = None
    insecure: bool = False
    simulate: str | None = None


class AliasTable(Table, frozen=True):
    """``[models.NAME]``: what clients call NAME, where it is not the upstream's own name, or not the usual upstream."""

    model: str
    upstream: str | None = None


class ClientsTable(Table, frozen=True):
    """``[clients]``: the keys with which they come in."""

    keys: tuple[Secret, ...] = ()


class LimitsTable(Table, frozen=True):
    """``[limits]``: what clients may do."""

    body: Size | None = None
    connections: Size | None = None
    header_timeout: Positive | None = None
    body_timeout: Positive | None = None
    write_timeout: Positive | None = None
    keep_alive: Positive | None = None
    drain: Positive | None = None


class PatienceTable(Table, frozen=True):
    """``[patience]``: what upstreams may do."""

    connect: Positive | None = None
    write: Positive | None = None
    first_byte: Positive | None = None
    idle: Positive | None = None
    body: Size | None = None
    keep_alive: Positive | None = None


class Config(Table, frozen=True):
    """The whole file."""

    server: ServerTable = ServerTable()
    upstreams: dict[str, UpstreamTable] = {}
    models: dict[str, str | AliasTable] = {}
    clients: ClientsTable = ClientsTable()
    limits: LimitsTable = LimitsTable()
    patience: PatienceTable = PatienceTable()


def read_config(file: Path) -> Config:
    """Read the file. Raises ConfigError."""
    try:
        return parse_config(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    except (ConfigError, UnicodeDecodeError) as error:
        why = str(error) if isinstance(error, ConfigError) else "not UTF-8"
        raise ConfigError(f"{file}: {why}") from None


def parse_config(text: str) -> Config:
    """Read the text of the file. Raises ConfigError."""
    try:
        return msgspec.convert(tomllib.loads(text), Config)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"no TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise ConfigError(str(error)) from None
