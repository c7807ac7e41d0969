"""OpenAI's addresses, credentials and headers.

Paths are known by their ends, whatever stands before them: servers that speak this protocol mount it at `/v1`,
`/openai/v1`, `/api/v1`, `/api/paas/v4`, `/openai/deployments/{model}` (Azure) and more. Google's native API is told
apart by its version: `/v1beta/models` is its own, `/v1beta/openai/models` is not.

Sources: github.com/openai/openai-openapi; learn.microsoft.com/azure/ai-foundry/openai/reference for Azure's.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote

import msgspec
from msgspec import Struct

from metaphrase.codec import Operation, Page
from metaphrase.http import Headers, Request
from metaphrase.ir import ChatRequest

_KEPT = 256  # addresses whose meaning is remembered

_POST: dict[str, Operation] = {
    "/chat/completions": "chat",
    "/embeddings": "embedding",
    "/responses/input_tokens": "tokens",
}
_MODELS = re.compile(r"(?P<before>(?:/[^/]*)*?)/models(?:/(?P<model>.+))?\Z")
_DEPLOYMENT = re.compile(r"/deployments/([^/]+)/")
_GOOGLE = re.compile(r"/(?:v1alpha|v1beta|v1beta1)(?:/publishers/google)?\Z|/projects/")
_BEARER = re.compile(r"bearer +(\S.*)\Z", re.IGNORECASE)


class _Streams(Struct):
    """The one member of a request that decides what it asks for."""

    stream: bool | None = None


_streams = msgspec.json.Decoder(_Streams).decode


def recognise(request: Request) -> Operation | None:
    """Which operation a client asks for."""
    operation = _addressed(request.method, _path(request))
    return "chat.stream" if operation == "chat" and _wants_stream(request.body) else operation


@lru_cache(_KEPT)
def _addressed(method: str, path: str) -> Operation | None:
    if method == "GET":
        found = _models(path)
        return None if found is None else "model" if found["model"] else "models"
    if method != "POST":
        return None
    return next((operation for end, operation in _POST.items() if path.endswith(end)), None)


def credentials(key: str) -> Headers:
    """The header that carries a key."""
    return (("authorization", f"Bearer {key}"),)


class Routes(Struct, frozen=True):
    """What OpenAI's protocol says outside its bodies."""

    headers: tuple[str, ...] = (
        "idempotency-key",
        "openai-beta",
        "openai-organization",
        "openai-project",
        "x-client-request-id",
    )
    query: tuple[str, ...] = ("api-version",)  # Azure's: which edition of this protocol the client speaks

    def claims(self, request: Request) -> bool:
        """Whether it carries a bearer token, or Azure's `api-key`."""
        return self.key(request) is not None

    def key(self, request: Request) -> str | None:
        """The key of `Authorization: Bearer`, or of Azure's `api-key`."""
        match = _BEARER.match(request.header("authorization") or "")
        return match[1].strip() if match is not None else request.header("api-key")

    def model(self, request: Request) -> str | None:
        """The model of `/models/{id}`, or Azure's deployment."""
        path = _path(request)
        if request.method == "POST":
            match = _DEPLOYMENT.search(path)
            return None if match is None else unquote(match[1])
        found = _models(path)
        return unquote(found["model"]) if found is not None and found["model"] else None

    def page(self, request: Request) -> Page:
        """The whole list: it has no pages."""
        del request
        return Page()

    def catalog(self, model: str | None, page: Page) -> str:
        """The target of the model list, or of one model."""
        del page
        return "/v1/models" if model is None else f"/v1/models/{quote(model, safe='')}"

    def stream_headers(self, asked: ChatRequest | None) -> Headers:
        """Server-sent events, which no proxy should keep."""
        del asked
        return (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))


ROUTES = Routes()


def _path(request: Request) -> str:
    return request.target.partition("?")[0].removesuffix("/")


def _models(path: str) -> re.Match[str] | None:
    found = _MODELS.match(path)
    return None if found is None or _GOOGLE.search(found["before"]) else found


def _wants_stream(body: bytes) -> bool:
    """Whether a body asks for a stream; one that cannot be read asks for nothing, and its reader will say why."""
    if b'"stream"' not in body:
        return False
    try:
        return bool(_streams(body.removeprefix(b"\xef\xbb\xbf")).stream)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
