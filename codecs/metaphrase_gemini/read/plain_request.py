"""The usual request without tools, read without the questions that any other raises: `request` reads those."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from metaphrase import ir
from metaphrase.ir import At
from metaphrase_gemini.places import SYSTEM, SYSTEM_PLACE, Place, contents
from metaphrase_gemini.wire.plain import PlainConfig, PlainRequest, PlainText
from metaphrase_gemini.words import CODEC

_EMPTY = PlainConfig()


def plain_request(body: PlainRequest, target: str, model: str | None, stream: bool) -> ir.ChatRequest | None:
    """The request. None where it names its parameters and says none, which is not the same as not to name them."""
    config, system = body.generation_config, body.system_instruction
    sampling = ir.Sampling()
    if config is not UNSET:
        if config == _EMPTY:
            return None
        sampling = ir.Sampling(config.temperature, config.top_p, config.top_k, config.max_output_tokens)
    messages: list[ir.Message] = []
    if system is not UNSET:
        messages.append(ir.Message("system", _texts(system.parts, SYSTEM_PLACE), at=SYSTEM))
    for turn, place in zip(body.contents, contents(len(body.contents))):  # noqa: B905 - more places than contents
        messages.append(ir.Message(turn.role, _texts(turn.parts, place), at=place.at))
    return ir.ChatRequest(tuple(messages), model, CODEC, target, sampling, stream=stream, include_usage=stream)


def _texts(parts: Sequence[PlainText], place: Place) -> tuple[ir.Part, ...]:
    known = place.first
    if len(parts) == 1:
        return (ir.Text(parts[0].text, at=known[0]),)
    if len(parts) > len(known):
        known = tuple([At(place.parts, i) for i in range(len(parts))])
    return tuple([ir.Text(part.text, at=at) for part, at in zip(parts, known)])  # noqa: B905 - more places than parts
