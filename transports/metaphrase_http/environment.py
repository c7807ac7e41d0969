"""What the environment says where there is no file: the variables that the vendors' own SDKs read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .config import Config, ServerTable, UpstreamTable
from .keys import ConfigError, Secret

ECHO = "echo"


@dataclass(frozen=True, slots=True)
class Vendor:
    """One protocol's home. ``replaces``: the start of its addresses that the path of a URL takes the place of."""

    url: str
    base: str  # the variable with another URL
    keys: tuple[str, ...]  # the variables with a key; the first one that is set counts
    replaces: str = ""


VENDORS: Mapping[str, Vendor] = {
    "gemini": Vendor(
        "https://generativelanguage.googleapis.com", "GOOGLE_GEMINI_BASE_URL", ("GOOGLE_API_KEY", "GEMINI_API_KEY")
    ),
    "openai": Vendor("https://api.openai.com/v1", "OPENAI_BASE_URL", ("OPENAI_API_KEY",), "/v1"),
}
CLIENT_PROTOCOL = "openai"  # of who asks at an address of several protocols, and shows no key of any
SIMULATED_PROTOCOL = "gemini"  # of what is simulated, where nothing else is said


def chosen(environment: Mapping[str, str]) -> str:
    """The upstream that the environment names, else echo. Raises ConfigError where it names several."""
    found = [name for name, vendor in VENDORS.items() if any(map(environment.get, (*vendor.keys, vendor.base)))]
    if len(found) > 1:
        raise ConfigError(f"the environment names several upstreams: choose one with --upstream {found[0]}")
    return found[0] if found else ECHO


def from_environment(upstream: str | None, environment: Mapping[str, str]) -> Config:
    """The configuration with one upstream: the one that is named, or that the environment chooses."""
    name = upstream or chosen(environment)
    vendor = VENDORS.get(name)
    if vendor is None:
        table = UpstreamTable(simulate=name)
    else:
        held = next((one for one in vendor.keys if environment.get(one)), None)
        table = UpstreamTable(
            protocol=name,
            url=environment.get(vendor.base) or vendor.url,
            key=None if held is None else Secret(env=held),
        )
    return Config(server=ServerTable(upstream=name), upstreams={name: table})
