"""How an upstream's certificate is checked."""

from __future__ import annotations

import ssl
from pathlib import Path

import truststore


def context(authority: Path | None = None) -> ssl.SSLContext:
    """TLS 1.2 or newer; certificate and host name are checked against the system's roots, or one authority's file."""
    if authority is None:
        return _bounded(truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(cafile=authority)
    return _bounded(made)


def unchecked() -> ssl.SSLContext:
    """Takes any certificate. For one upstream that the configuration names, never for all; who asks for it warns."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return _bounded(made)


def _bounded(made: ssl.SSLContext) -> ssl.SSLContext:
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    return made


def complaint(error: ssl.SSLError) -> str:
    """What was wrong, in OpenSSL's words: they name no secret."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    return f"TLS: {error.reason or 'handshake failed'}"
