"""Token counts: https://ai.google.dev/api/tokens. What is counted is a chat request, which the chat codec reads.

It stands in `generateContentRequest`, or is `contents` alone; Vertex AI takes all its members at the top level.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Raw
from msgspec.structs import replace

from metaphrase.codec import ChatCodec
from metaphrase.errors import ReadError
from metaphrase.http import Request, Response
from metaphrase.ir import At, ChatRequest, Spelling, TokenCount, TokenRequest
from metaphrase.loss import Keys, Report, render
from metaphrase.wirejson import Document, encode, join, keep, members

from .counts import read_counts, write_counts
from .leftovers import encoded, with_numerals
from .paths import model_in, write_target
from .wire_tokens import CountRequest, CountResponse
from .words import CODEC

VERB = ":countTokens"
WRAPPED = "generateContentRequest"
_CHAT = ":generateContent"
_DETAILS = "promptTokensDetails"
_KEYS: Keys = {TokenCount: {"total": "totalTokens", "cached": "cachedContentTokenCount", "by": _DETAILS}}
_requests = Document(CountRequest)
_answers = Document(CountResponse)


class Tokens:
    """Token counts of chat requests. ``chat`` reads and writes the request that is counted."""

    def __init__(self, chat: ChatCodec) -> None:
        self._chat = chat

    def read_request(self, wire: Request, report: Report) -> TokenRequest:
        """A request, in any of its forms."""
        path, mark, query = wire.target.partition("?")
        target = path.removesuffix(VERB) + _CHAT + mark + query if path else ""
        inner = _wrapped(wire, report)
        body = wire.body if inner is None else bytes(inner)
        chat = self._read(Request(wire.method, target, wire.headers, body), report)
        if inner is not None:
            report.respelt(wire.body)  # keys inside are looked up from the root
        spelt = {"chat": Spelling(CODEC, chat, {"body": Raw(wire.body)})}
        return TokenRequest(chat, CODEC, wire.target, "" if inner is None else WRAPPED, spelt=spelt)

    def _read(self, wire: Request, report: Report) -> ChatRequest:
        try:
            return self._chat.read_request(wire, report)
        except ReadError as error:
            raise ReadError(error.message, render(report.base) + error.path.removeprefix("$")) from None

    def write_request(self, tokens: TokenRequest, report: Report) -> Request:
        """A request; what was read is restored if the chat in it is still the same."""
        kept = _kept(tokens)
        if kept is not None:
            return kept
        wire = self._chat.write_request(tokens.chat, report)
        head = wire.target.partition("?")[0].rpartition(":")[0]
        body = members(wire.body)
        if body.keys() <= {"contents"}:
            return Request("POST", head + VERB if head else "", (), wire.body)
        model = model_in(head)
        named: dict[str, Any] = {} if model is None else {"model": _resource(model)}
        return Request("POST", head + VERB if head else "", (), encode({WRAPPED: named | body | named}))

    def read_response(self, wire: Response, report: Report) -> TokenCount:
        """A count."""
        report.keys = _KEYS
        body = _answers.decode(wire.body)
        if body.respelt:
            report.respelt(wire.body)
        by, raw = read_counts(body.prompt_tokens_details, At(None, _DETAILS), report)
        spelt: dict[str, Spelling] = {} if raw is None else {"by": Spelling(CODEC, by, {_DETAILS: raw})}
        return TokenCount(
            None if body.total_tokens is UNSET else body.total_tokens,
            None if body.cached_content_token_count is UNSET else body.cached_content_token_count,
            by,
            CODEC,
            ext=keep(body.extra, None, CODEC, report),
            spelt=with_numerals(spelt or None, body),
        )

    def write_response(self, tokens: TokenCount, report: Report) -> Response:
        """A count."""
        del report  # all of it has a place here
        kept = tokens.spelling(CODEC, "by")
        body = CountResponse(
            total_tokens=UNSET if tokens.total is None else tokens.total,
            cached_content_token_count=UNSET if tokens.cached is None else tokens.cached,
        )
        if kept is None and tokens.by:
            body.prompt_tokens_details = write_counts(tokens.by)
        out = join(body, tokens.leftovers(CODEC) | (kept or {}))
        return Response(200, (("content-type", "application/json"),), encoded(out, tokens))


def _kept(tokens: TokenRequest) -> Request | None:
    """The request as it was read, under the model that is asked for now; None if the chat is another."""
    kept = tokens.spelt.get("chat") if tokens.spelt is not None else None
    if kept is None or kept.codec != CODEC:
        return None
    chat = tokens.chat
    if replace(kept.value, model=chat.model, target=chat.target) != chat:
        return None
    body = bytes(kept.members["body"])
    if chat.model == kept.value.model or chat.model is None:
        target = tokens.target or ("" if chat.model is None else _target(chat.model))
        return Request("POST", target, (), body)
    if tokens.form == WRAPPED:
        found = members(body)
        inner = members(found[WRAPPED]) | {"model": Raw(encode(_resource(chat.model)))} if WRAPPED in found else None
        if inner is None:  # in snake_case
            return None
        body = encode(found | {WRAPPED: Raw(encode(inner))})
    return Request("POST", _target(chat.model), (), body)


def _target(model: str) -> str:
    return write_target(model, False).rpartition(":")[0] + VERB


def _wrapped(wire: Request, report: Report) -> Raw | None:
    """The wrapped chat request; what stands beside it is ignored by the server."""
    found = members(wire.body)
    if WRAPPED not in found and "generate_content_request" not in found:
        return None
    body = _requests.decode(wire.body)
    if body.generate_content_request is UNSET or bytes(body.generate_content_request) == b"null":
        return None
    keep(body.extra, None, CODEC, report)
    if body.contents is not UNSET:
        report.leftover(None, "contents", CODEC)
    report.base = (WRAPPED,)
    return body.generate_content_request


def _resource(model: str) -> str:
    return model if model.startswith(("models/", "tunedModels/", "projects/")) else "models/" + model
