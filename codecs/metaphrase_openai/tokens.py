"""Token counts: `POST /v1/responses/input_tokens`, https://platform.openai.com/docs/api-reference/responses.

Chat Completions has no such operation. A body with `messages` is read as a chat request all the same, and restored.
"""

from __future__ import annotations

from msgspec import UNSET, Raw
from msgspec.structs import replace

from metaphrase.codec import ChatCodec
from metaphrase.http import Request, Response
from metaphrase.ir import Spelling, TokenCount, TokenRequest
from metaphrase.loss import Keys, Report
from metaphrase.wirejson import Document, encode, keep, members

from .names import CODEC
from .tokens_input import read_input
from .tokens_output import write_input
from .wire_tokens import TokenCountBody

PATH = "/v1/responses/input_tokens"
_OBJECT = "response.input_tokens"
_KEYS: Keys = {TokenCount: {"total": "input_tokens"}}
_answers = Document(TokenCountBody)


class Tokens:
    """Token counts of chat requests. ``chat`` reads a body that is a chat request."""

    def __init__(self, chat: ChatCodec) -> None:
        self._chat = chat

    def read_request(self, wire: Request, report: Report) -> TokenRequest:
        """A request in the words of the Responses API, or a chat request."""
        form = "messages" if "messages" in members(wire.body) else "input"
        chat = self._chat.read_request(wire, report) if form == "messages" else read_input(wire.body, report)
        spelt = {"chat": Spelling(CODEC, chat, {"body": Raw(wire.body)})}
        return TokenRequest(chat, CODEC, wire.target, form, spelt=spelt)

    def write_request(self, tokens: TokenRequest, report: Report) -> Request:
        """A request; what was read is restored if the chat in it is still the same."""
        target = tokens.target if tokens.origin == CODEC and tokens.target else PATH
        kept = _kept(tokens)
        if kept is not None:
            return Request("POST", target, (), kept)
        return Request("POST", target, (), encode(write_input(tokens.chat, report)))

    def read_response(self, wire: Response, report: Report) -> TokenCount:
        """A count."""
        report.keys = _KEYS
        body = _answers.decode(wire.body)
        spelt = None
        if body.object != _OBJECT:
            if body.object is not UNSET:
                report.leftover(None, "object", CODEC)
            stood = {} if body.object is UNSET else {"object": Raw(encode(body.object))}
            spelt = {"origin": Spelling(CODEC, CODEC, stood)}
        total = None if body.input_tokens is UNSET else body.input_tokens
        return TokenCount(total, None, (), CODEC, ext=keep(body.extra, None, CODEC, report), spelt=spelt)

    def write_response(self, tokens: TokenCount, report: Report) -> Response:
        """A count, which says nothing of modalities and caches."""
        kept = tokens.spelling(CODEC, "origin")
        out: dict[str, object] = {"object": _OBJECT} if kept is None else dict(kept)
        if tokens.total is not None:
            out["input_tokens"] = tokens.total
        elif tokens.origin != CODEC:
            out["input_tokens"] = 0
            report.add("defaulted", None, None, "tokens.total", CODEC, "the upstream did not say", "$.input_tokens")
        if tokens.cached:
            report.lose("dropped", tokens, "cached", "tokens.cached", CODEC)
        if tokens.by and tokens.by != (("text", tokens.total),):
            report.lose("dropped", tokens, "by", "tokens.details", CODEC)
        body = encode(tokens.leftovers(CODEC) | out)
        return Response(200, (("content-type", "application/json"),), body)


def _kept(tokens: TokenRequest) -> bytes | None:
    """The body as it was read, under the model that is asked for now; None if the chat is another."""
    kept = tokens.spelt.get("chat") if tokens.spelt is not None else None
    if kept is None or kept.codec != CODEC:
        return None
    chat = tokens.chat
    if replace(kept.value, model=chat.model, target=chat.target) != chat:
        return None
    body = bytes(kept.members["body"])
    if chat.model == kept.value.model or chat.model is None:
        return body
    return encode(members(body) | {"model": chat.model})
