"""Gemini's addresses, credentials and headers.

`/{version}/models/{model}:{verb}` on the Developer API, `/{version}/projects/.../models/{model}:{verb}` on Vertex AI,
after any mount. `v1` is a version here too.

Sources: https://ai.google.dev/api/generate-content, https://docs.cloud.google.com/vertex-ai/docs/reference/rest, and
https://docs.cloud.google.com/apis/docs/system-parameters for `$alt` and `key`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

from msgspec import Struct

from metaphrase.codec import Operation, Page
from metaphrase.errors import ReadError
from metaphrase.http import Headers, Request
from metaphrase.ir import ChatRequest
from metaphrase.query import parameters

from .paths import model_in, write_target

_KEPT = 256  # addresses whose meaning is remembered

_VERBS: dict[str, Operation] = {
    "generateContent": "chat",
    "streamGenerateContent": "chat.stream",
    "embedContent": "embedding",
    "batchEmbedContents": "embedding",
    "predict": "embedding",
    "countTokens": "tokens",
}
_VERSION = r"/(?:v1|v1alpha|v1beta|v1beta1)"
_VERSIONED = re.compile(_VERSION + r"(?=/)")
_CALLED = ("/models/", "/tunedModels/", "/endpoints/")
_CATALOG = re.compile(_VERSION + r"(?:/projects/[^/]+/locations/[^/]+)?(?:/publishers/google)?/models(/[^:]+)?\Z")
_MOST = 1000  # the largest page that the server gives
_BEARER = re.compile(r"bearer +(\S.*)\Z", re.IGNORECASE)


def recognise(request: Request) -> Operation | None:
    """Which operation a client asks for."""
    return _addressed(request.method, _path(request))


@lru_cache(_KEPT)
def _addressed(method: str, path: str) -> Operation | None:
    if method == "GET":
        found = _CATALOG.search(path)
        return None if found is None else "model" if found[1] else "models"
    if method != "POST":
        return None
    head, _, verb = path.rpartition(":")
    version = _VERSIONED.search(head)
    known = version is not None and any(where in head[version.end() :] for where in _CALLED)
    return _VERBS.get(verb) if known else None


def credentials(key: str) -> Headers:
    """The header that carries a key."""
    return (("x-goog-api-key", key),)


def wants_events(asked: ChatRequest | None) -> bool:
    """Whether a stream is to be server-sent events: `alt=sse` says so, and an address that is not known at all."""
    return asked is None or not asked.target or parameters(asked.target).get("alt") == "sse"


class Routes(Struct, frozen=True):
    """What Gemini's protocol says outside its bodies."""

    headers: tuple[str, ...] = ("x-goog-user-project", "x-server-timeout")
    query: tuple[str, ...] = ("alt", "key", "pageSize", "page_size", "pageToken", "page_token")

    def claims(self, request: Request) -> bool:
        """Whether it carries a key as Google's clients do, or any other header of Google's."""
        google = any(name.lower().startswith("x-goog-") for name, _ in request.headers)
        return google or "key" in parameters(request.target)

    def key(self, request: Request) -> str | None:
        """The key of `x-goog-api-key` or `?key=`; the token of a Vertex client."""
        key = request.header("x-goog-api-key") or parameters(request.target).get("key")
        if key is not None:
            return key
        match = _BEARER.match(request.header("authorization") or "")
        return match[1].strip() if match is not None else None

    def model(self, request: Request) -> str | None:
        """The model in the path."""
        path = _path(request)
        return model_in(path if request.method == "GET" else path.rpartition(":")[0])

    def page(self, request: Request) -> Page:
        """`pageSize` and `pageToken`."""
        query = parameters(request.target)
        size = query.get("pageSize") or query.get("page_size")
        if size is not None and not (size.isascii() and size.isdigit() and len(size) < 10):
            raise ReadError("pageSize is no number")
        return Page(
            int(size) if size and int(size) else None, query.get("pageToken") or query.get("page_token") or None
        )

    def catalog(self, model: str | None, page: Page) -> str:
        """The target of one model, or of the model list: all that one page can hold, unless less is asked for."""
        if model is not None:
            return write_target(model, False).rpartition(":")[0]
        token = "" if page.token is None else f"&pageToken={quote(page.token, safe='')}"
        return f"/v1beta/models?pageSize={min(page.size or _MOST, _MOST)}{token}"

    def stream_headers(self, asked: ChatRequest | None) -> Headers:
        """Server-sent events, or one JSON array where the client did not ask for them."""
        if wants_events(asked):
            return (("content-type", "text/event-stream"), ("cache-control", "no-cache"))
        return (("content-type", "application/json; charset=UTF-8"),)


ROUTES = Routes()


def _path(request: Request) -> str:
    return request.target.partition("?")[0].removesuffix("/")
