"""The configuration as it is used: every name resolved, every secret read, every contradiction found."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from msgspec.structs import asdict

from metaphrase import codecs
from metaphrase.clients import Clients
from metaphrase.refusal import OnLoss

from .config import Config, LimitsTable, ModelTable, PatienceTable, UpstreamTable
from .environment import CLIENT_PROTOCOL, SIMULATED_PROTOCOL, VENDORS
from .keys import ConfigError, Keyring, reveal
from .limits import Limits, Patience
from .origin import Origin
from .routes import Route, route
from .tls import context, unchecked
from .upstreams import Played, Remote, Upstream, simulated

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._~-%@+")


@dataclass(frozen=True, slots=True)
class Settings:
    """What one request is served by. A reload makes others; a request keeps those that it began with."""

    default: Upstream
    protocols: Clients  # what clients may speak
    routes: Mapping[str, Route] = field(default_factory=dict[str, Route])  # by models; others go to the default
    clients: Keyring | None = None  # None: who comes is let in
    hosts: frozenset[str] = frozenset()  # empty: any
    on_loss: OnLoss = "report"
    heartbeat: float = 15
    patience: Patience = field(default_factory=Patience)
    limits: Limits = field(default_factory=Limits)
    warnings: tuple[str, ...] = ()
    upstreams: tuple[Upstream, ...] = ()

    @property
    def elsewhere(self) -> Mapping[str, str]:
        """The models of other upstreams that have a name here. The default's list shows them, and knows no more."""
        return {name: "" for name, one in self.routes.items() if one.upstream is not self.default}

    @property
    def holds_keys(self) -> bool:
        """Whether an upstream's key is here, for whoever may come in."""
        return any(upstream.key is not None for upstream in self.upstreams)


def settle(config: Config, host: str, environment: Mapping[str, str] = os.environ) -> Settings:
    """Resolve a configuration for a server on this host. Raises ConfigError."""
    known = {name: codec for name, codec in codecs().items() if codec.recognise is not None}
    server = config.server
    if server.protocol is not None and server.protocol not in known:
        raise ConfigError(f"server.protocol: there is no protocol {server.protocol}; there are {', '.join(known)}")
    name = _default(config)
    upstreams = {each: _upstream(each, table, config, name, environment) for each, table in config.upstreams.items()}
    keys = [reveal(secret, environment) for secret in config.clients.keys]
    settings = Settings(
        default=upstreams[name],
        protocols=Clients(known.values(), default=server.protocol or CLIENT_PROTOCOL),
        routes={one: route(one, at, upstreams[_home(one, at, config, name)]) for one, at in config.models.items()},
        clients=Keyring(keys) if keys else None,
        hosts=frozenset([each.lower() for each in server.hosts] + (list(LOOPBACK) if is_loopback(host) else [])),
        on_loss=server.on_loss,
        heartbeat=server.heartbeat,
        patience=patience_of(config.patience),
        limits=limits_of(config.limits),
        warnings=tuple(
            [f"{each} is not checked for who it is" for each, at in config.upstreams.items() if at.insecure]
        ),
        upstreams=tuple(upstreams.values()),
    )
    if settings.holds_keys and settings.clients is None and not is_loopback(host):
        raise ConfigError(
            f"refusing to listen on {host} with an upstream's key and no client keys: anybody could use it "
            "(clients.keys in the configuration says who may)"
        )
    return settings


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def limits_of(table: LimitsTable) -> Limits:
    """The server's limits, as far as the file says something about them."""
    return Limits(**{name: value for name, value in asdict(table).items() if value is not None})


def patience_of(table: PatienceTable) -> Patience:
    """The same for upstreams."""
    return Patience(**{name: value for name, value in asdict(table).items() if value is not None})


def _default(config: Config) -> str:
    names = list(config.upstreams)
    if not names:
        raise ConfigError("there are no upstreams")
    name = config.server.upstream
    if name is None and len(names) > 1:
        raise ConfigError("of several upstreams server.upstream has to name one")
    name = name or names[0]
    if name not in config.upstreams:
        raise ConfigError(f"server.upstream: there is no upstream {name}; there are {', '.join(names)}")
    return name


def _home(alias: str, at: str | ModelTable, config: Config, default: str) -> str:
    name = default if isinstance(at, str) else at.upstream or default
    if name not in config.upstreams:
        raise ConfigError(f"models.{alias}: there is no upstream {name}")
    return name


def _upstream(
    name: str, table: UpstreamTable, config: Config, default: str, environment: Mapping[str, str]
) -> Upstream:
    models = {
        alias: at if isinstance(at, str) else at.model
        for alias, at in config.models.items()
        if _home(alias, at, config, default) == name
    }
    try:
        if table.simulate is None:
            return _remote(name, table, models, environment)
        return _played(name, table, table.simulate, models)
    except ConfigError as error:
        raise ConfigError(f"upstreams.{name}: {error}") from None


def _remote(name: str, table: UpstreamTable, models: Mapping[str, str], environment: Mapping[str, str]) -> Remote:
    protocol = _known(table.protocol or name)
    vendor = VENDORS.get(protocol)
    url = table.url or (vendor.url if vendor is not None else "")
    try:
        origin = Origin.of(url, _tls(table))
        base = urlsplit(url).path.rstrip("/")
    except ValueError:  # whose message may hold what stands in the URL
        raise ConfigError("url: it has to be http or https, with a host and without credentials") from None
    if not _SAFE.issuperset(base) or "?" in url or "#" in url:
        raise ConfigError("url: its path holds characters that do not belong there")
    return Remote(
        name,
        codecs()[protocol],
        origin,
        base,
        "" if vendor is None else vendor.replaces,
        None if table.key is None else reveal(table.key, environment),
        models,
    )


def _played(name: str, table: UpstreamTable, what: str, models: Mapping[str, str]) -> Played:
    if table.url or table.key:
        raise ConfigError("what is simulated has no url and no key")
    return Played(name, simulated(what, _known(table.protocol or SIMULATED_PROTOCOL)), models)


def _known(protocol: str) -> str:
    known = codecs()
    if protocol not in known:
        raise ConfigError(f"there is no protocol {protocol}; there are {', '.join(known)}")
    return protocol


def _tls(table: UpstreamTable) -> ssl.SSLContext | None:
    if table.insecure:
        return unchecked()
    if table.authority is None:
        return None
    try:
        return context(Path(table.authority))
    except OSError:  # ssl.SSLError is one
        raise ConfigError("authority: no file with certificates") from None
