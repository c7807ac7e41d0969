"""HTTP messages as plain values: no sockets, no clients."""

from __future__ import annotations

from msgspec import Struct

Headers = tuple[tuple[str, str], ...]


class Request(Struct, frozen=True, gc=False):
    """A whole request. ``target`` is path and query as they stand in the request line ("" if unknown)."""

    method: str = "POST"
    target: str = ""
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return header(self.headers, name)


class Response(Struct, frozen=True, gc=False):
    """A whole response, or only its head where the body is still to come."""

    status: int = 200
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return header(self.headers, name)


def header(headers: Headers, name: str) -> str | None:
    """The first header of this name, in any case."""
    wanted = name.lower()
    for key, value in headers:  # a generator takes three times as long, and a call has half a dozen of these
        if key == wanted or key.lower() == wanted:
            return value
    return None
