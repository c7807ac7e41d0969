"""Where calls go."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port (RFC 9110, 4.3.1), and how the host proves that it is who it should be.

    ``tls`` is the client's own context where it is None. Connections are shared within an origin, and never beyond.
    """

    scheme: str
    host: str
    port: int
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str, tls: ssl.SSLContext | None = None) -> Origin:
        """The origin of a URL. Raises ValueError on anything but http and https with a host."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("not an http or https URL with a host")
        if parts.username is not None or parts.password is not None:
            raise ValueError("credentials do not belong in a URL")
        return cls(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme], tls)

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """The value of Host (RFC 9112, 3.2): the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"
