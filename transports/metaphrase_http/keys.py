"""Keys: where they are kept, who may come in with one, and how none goes further than it should."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from msgspec import Struct
from msgspec.structs import replace

from metaphrase.http import Request

_HEADERS = frozenset({"authorization", "x-goog-api-key", "api-key"})
_PARAMETERS = frozenset({"key", "$key"})


class ConfigError(Exception):
    """The configuration cannot be used. The message is one line, and holds no secret."""


class Secret(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a secret is: the name of a variable of the environment, or a file. The secret itself is never written."""

    env: str | None = None
    file: str | None = None


def reveal(secret: Secret, environment: Mapping[str, str] = os.environ) -> str:
    """The secret, without the space around it. Raises ConfigError."""
    if (secret.env is None) is (secret.file is None):
        raise ConfigError("a secret is { env = NAME } or { file = PATH }")
    if secret.env is not None:
        found = environment.get(secret.env, "").strip()
        where = f"the variable {secret.env}"
    else:
        where = f"the file {secret.file}"
        try:
            found = Path(secret.file or "").read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "not text"
            raise ConfigError(f"{where} cannot be read: {why}") from None
    if not found:
        raise ConfigError(f"{where} is empty or not set")
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise ConfigError(f"{where} holds characters that no key has")
    return found


class Keyring:
    """The keys with which clients may come in. Only digests are kept, and comparing takes as long for each."""

    __slots__ = ("_digests",)

    def __init__(self, keys: Iterable[str]) -> None:
        self._digests = tuple([_digest(key) for key in keys])

    def admits(self, key: str | None) -> bool:
        """Whether this is one of them."""
        given = _digest(key or "")
        found = False
        for digest in self._digests:  # all of them, always
            found |= hmac.compare_digest(digest, given)
        return found and key is not None


def without_credentials(request: Request) -> Request:
    """The request without the key that let its client in: that one is for us, and for nobody behind us."""
    headers = tuple([(name, value) for name, value in request.headers if name.lower() not in _HEADERS])
    path, mark, query = request.target.partition("?")
    if mark:
        kept = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] not in _PARAMETERS]
        path += "?" + urlencode(kept) if kept else ""
    return replace(request, headers=headers, target=path)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
