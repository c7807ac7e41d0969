"""The usual request without tools: texts, and few parameters. Types that nothing else fits tell it from all others."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Raw, UnsetType

from metaphrase import ir
from metaphrase.wirejson import ABSENT, Only

from ..names import CODEC
from ..options import Options
from ..places import messages as message_places
from ..roles import READ
from .pictures import MARK

Number = int | float
STREAM_OFF = {"stream": ir.Spelling(CODEC, False, {"stream": Raw(b"false")})}
"""Many clients say that they want no stream."""


class PlainMessage(Only):
    """A text."""

    role: Literal["system", "user", "assistant"]
    content: str


class PlainRequest(Only):
    """A conversation. It holds no raw JSON, so nothing of it has to be proven."""

    messages: list[PlainMessage]
    model: str = ABSENT
    temperature: Number | UnsetType = UNSET
    top_p: Number | UnsetType = UNSET
    max_tokens: int | UnsetType = UNSET
    stream: bool | UnsetType = UNSET


def plain_request(body: PlainRequest, target: str, options: Options) -> ir.ChatRequest | None:
    """The request. None where a text of the model's may hold more than text."""
    messages: list[ir.Message] = []
    for message, (at, inside) in zip(body.messages, message_places(len(body.messages))):  # noqa: B905 - more places than messages
        word, text = message.role, message.content
        if word == "assistant" and (options.read_think_tags or MARK in text):
            return None
        messages.append(ir.Message(READ[word], (ir.Text(text, at=inside),), at=at))
    return ir.ChatRequest(
        tuple(messages),
        body.model,
        CODEC,
        target,
        ir.Sampling(body.temperature, body.top_p, UNSET, body.max_tokens),
        stream=body.stream is True,
        spelt=STREAM_OFF if body.stream is False else None,
    )
