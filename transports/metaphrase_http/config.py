"""The configuration as it is written: a TOML file in which no member is unknown."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import msgspec
from msgspec import Meta, Struct

from metaphrase import codecs

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


Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
Budget = Annotated[int, Meta(ge=-1, le=2**31 - 1)]  # tokens; 0: off, -1: the model decides


class ThinkingTable(Table, frozen=True):
    """``thinking``: how much, by a word or in tokens, and whether thoughts are shown."""

    effort: Effort | None = None
    budget: Budget | None = None
    show: bool | None = None


Thinking = Effort | Budget | ThinkingTable


class ImageTable(Table, frozen=True):
    """``image``: of images that the model makes."""

    aspect: Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,2}:[1-9][0-9]{0,2}$")] | None = None
    size: Annotated[str, Meta(pattern=r"^(512|[1248]K)$")] | None = None


class ModelTable(Table, frozen=True):
    """``[models.NAME]``: what clients call NAME. ``model``: the upstream's own name of it; ``upstream``: where it is.

    With one of the others it is a variant. ``thinking`` and ``image`` count where a request does not say them;
    ``dialect``: options of codecs, by protocol.
    """

    model: str
    upstream: str | None = None
    thinking: Thinking | None = None
    image: ImageTable | None = None
    dialect: dict[str, dict[str, Any]] = {}


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
    models: dict[str, str | ModelTable] = {}
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
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"no TOML: {error}") from None
    try:
        return msgspec.convert(said, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(_named(said) or str(error)) from None


def json_schema() -> dict[str, Any]:
    """The JSON Schema of such files, with the dialects of the codecs that are installed."""
    found = msgspec.json.schema(Config)
    dialects = {name: codec.dialects.options for name, codec in codecs().items() if codec.dialects is not None}
    found["$defs"]["ModelTable"]["properties"]["dialect"] = {
        "type": "object",
        "properties": {name: _schema(options) for name, options in dialects.items()},
        "additionalProperties": False,
        "default": {},
    }
    return found


def _schema(options: type[Struct]) -> Any:
    """Of a Struct of plain values, without a reference."""
    return msgspec.json.schema(options)["$defs"][options.__name__]


def _named(said: Mapping[str, Any]) -> str | None:
    """What is wrong with the first upstream or model of a name: paths leave the name out."""
    kinds: dict[str, Any] = {"upstreams": UpstreamTable, "models": str | ModelTable}
    for section, kind in kinds.items():
        for name, table in _tables(said.get(section)):
            try:
                msgspec.convert(table, kind)
            except msgspec.ValidationError as error:
                return f"{section}.{name}: {error}"
    return None


def _tables(section: Any) -> Iterable[tuple[str, Any]]:
    return cast(dict[str, Any], section).items() if isinstance(section, dict) else ()
