"""Events to a whole answer, checking the stream grammar on the way, and a whole answer to events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from msgspec import Raw
from msgspec.structs import replace

from .errors import EventError
from .ir import (
    At,
    Begin,
    Blocked,
    ChatResponse,
    Choice,
    Chunk,
    Citation,
    Delta,
    Done,
    End,
    Event,
    Ext,
    Extra,
    Failed,
    Failure,
    Finish,
    Finished,
    Opaque,
    Part,
    Refusal,
    SafetyRating,
    Spelling,
    Start,
    Text,
    Thinking,
    TokenLogprob,
    ToolCall,
    Usage,
    UsageSeen,
)
from .wirejson import encode, members

_BRACE = 0x7B

GROWS: dict[type[Part], str] = {Text: "text", Thinking: "text", Refusal: "text", ToolCall: "arguments"}
"""The field of a part that deltas append to; every other part arrives whole in its Begin."""


def fold(events: Iterable[Event]) -> ChatResponse:
    """The whole answer that these events tell. A broken grammar, or a stream that failed, is an EventError."""
    folding = Fold()
    for event in events:
        folding.feed(event)
    return folding.response()


def unfold(response: ChatResponse) -> Iterator[Event]:
    """The events that tell this answer, each part in one delta."""
    yield Start(response.id, response.model, response.created, response.ext, response.origin, response.spelt)
    if response.blocked is not None or response.service_tier is not None:
        yield Extra(blocked=response.blocked, service_tier=response.service_tier)
    number = 0
    for choice in response.choices:
        for part in choice.parts:
            yield from _unfold_part(choice.index, number, part)
            number += 1
        number = 0
        if choice.citations or choice.logprobs is not None or choice.safety or choice.ext or choice.spelt:
            yield Extra(
                choice.index, choice.citations, choice.logprobs, choice.safety, ext=choice.ext, spelt=choice.spelt
            )
        if choice.finish is not None:
            yield Finished(choice.index, choice.finish, choice.at)
    if response.usage is not None:
        yield UsageSeen(response.usage)
    yield Done()


def _unfold_part(choice: int, number: int, part: Part) -> Iterator[Event]:
    field = GROWS.get(type(part))
    if field is None:
        yield Begin(choice, number, part)
    else:
        text: str = getattr(part, field)
        yield Begin(choice, number, replace(part, **{field: ""}) if text else part)
        if text:
            yield Delta(choice, number, text)
    yield End(choice, number)


class Fold:
    """Folds events one by one. ``feed`` raises EventError where the grammar is broken."""

    def __init__(self) -> None:
        self.failure: Failure | None = None
        self._start: Start | None = None
        self._ended = False
        self._choices: dict[int, _Choice] = {}
        self._usage: Usage | None = None
        self._blocked: Blocked | None = None
        self._tier: str | None = None
        self._exts: list[Ext] = []
        self._spelt: dict[str, Spelling] = {}

    def feed(self, event: Event) -> None:
        """Take one event."""
        if self._ended:
            raise EventError("An event after the end")
        if self._start is None and not isinstance(event, Start | Failed):
            raise EventError("An event before the start")
        self._FEED[type(event)](self, event)

    def response(self) -> ChatResponse:
        """The whole answer, once Done has been fed."""
        if self.failure is not None:
            raise EventError("The stream failed; there is no whole answer")
        if self._start is None or not self._ended:
            raise EventError("The stream has not ended")
        start = self._start
        return ChatResponse(
            choices=tuple([choice.folded() for _, choice in sorted(self._choices.items())]),
            id=start.id,
            model=start.model,
            created=start.created,
            origin=start.origin,
            usage=self._usage,
            blocked=self._blocked,
            service_tier=self._tier,
            ext=_merged(self._exts if start.ext is None else [start.ext, *self._exts]),
            spelt={**(start.spelt or {}), **self._spelt} or None,
        )

    def _on_start(self, event: Start) -> None:
        if self._start is not None:
            raise EventError("A second start")
        self._start = event

    def _on_begin(self, event: Begin) -> None:
        self._open_choice(event.choice).begin(event)

    def _on_delta(self, event: Delta) -> None:
        self._open_choice(event.choice).part(event.part).append(event.text)

    def _on_end(self, event: End) -> None:
        self._open_choice(event.choice).part(event.part).close(event.state)

    def _on_finished(self, event: Finished) -> None:
        self._open_choice(event.choice).finished(event)

    def _on_usage(self, event: UsageSeen) -> None:
        self._usage = event.usage

    def _on_extra(self, event: Extra) -> None:
        if event.choice is not None:
            self._choice(event.choice).take(event)
            return
        self._blocked = event.blocked or self._blocked
        self._tier = event.service_tier if event.service_tier is not None else self._tier
        self._exts += [] if event.ext is None else [event.ext]
        self._spelt |= event.spelt or {}

    def _on_done(self, _: Done) -> None:
        for index, choice in self._choices.items():
            choice.check_done(index)
        self._ended = True

    def _on_failed(self, event: Failed) -> None:
        self.failure = event.failure
        self._ended = True

    def _on_chunk(self, _: Chunk) -> None:
        raise EventError("A chunk that is passed on says nothing of what it holds")

    def _choice(self, index: int) -> _Choice:
        return self._choices.setdefault(index, _Choice(index))

    def _open_choice(self, index: int) -> _Choice:
        choice = self._choice(index)
        if choice.finish is not None:
            raise EventError(f"Choice {index} goes on after its finish")
        return choice

    _FEED: ClassVar[dict[type[Event], Callable[[Fold, Any], None]]] = {
        Start: _on_start,
        Begin: _on_begin,
        Delta: _on_delta,
        End: _on_end,
        Finished: _on_finished,
        UsageSeen: _on_usage,
        Extra: _on_extra,
        Done: _on_done,
        Failed: _on_failed,
        Chunk: _on_chunk,
    }


class _Part:
    """A part that is being told."""

    def __init__(self, head: Part) -> None:
        self._head = head
        self._field = GROWS.get(type(head))
        self._pieces: list[str] = [getattr(head, self._field)] if self._field else []
        self._state: Opaque | None = None
        self.closed = False

    def append(self, text: str) -> None:
        if self.closed:
            raise EventError("A delta for a part that has ended")
        if self._field is None:
            raise EventError("A delta for a part that arrives whole")
        self._pieces.append(text)

    def close(self, state: Opaque | None) -> None:
        if self.closed:
            raise EventError("A part ends twice")
        self._state = state
        self.closed = True

    def folded(self) -> Part:
        changes: dict[str, object] = {}
        if self._field is not None:
            changes[self._field] = "".join(self._pieces)
        if self._state is not None:
            changes["state"] = self._state
        return replace(self._head, **changes) if changes else self._head


class _Choice:
    """A choice that is being told."""

    def __init__(self, index: int) -> None:
        self.finish: Finish | None = None
        self._at: At | None = None
        self._index = index
        self._parts: list[_Part] = []
        self._citations: tuple[Citation, ...] = ()
        self._logprobs: list[TokenLogprob] | None = None
        self._safety: tuple[SafetyRating, ...] = ()
        self._exts: list[Ext] = []
        self._spelt: dict[str, Spelling] = {}

    def begin(self, event: Begin) -> None:
        if event.part != len(self._parts):
            raise EventError("Parts are numbered in order of their beginning")
        self._parts.append(_Part(event.head))

    def part(self, number: int) -> _Part:
        if not 0 <= number < len(self._parts):
            raise EventError("An event for a part that has not begun")
        return self._parts[number]

    def finished(self, event: Finished) -> None:
        if not all(part.closed for part in self._parts):
            raise EventError(f"Choice {self._index} finishes with a part still open")
        self.finish, self._at = event.finish, event.at

    def take(self, event: Extra) -> None:
        self._citations += event.citations
        if event.logprobs is not None:
            self._logprobs = [*(self._logprobs or ()), *event.logprobs]
        self._safety = event.safety or self._safety
        self._exts += [] if event.ext is None else [event.ext]
        self._spelt |= event.spelt or {}

    def check_done(self, index: int) -> None:
        if self._parts and self.finish is None:
            raise EventError(f"Choice {index} did not finish")

    def folded(self) -> Choice:
        return Choice(
            self._index,
            tuple([part.folded() for part in self._parts]),
            self.finish,
            self._citations,
            None if self._logprobs is None else tuple(self._logprobs),
            self._safety,
            at=self._at,
            ext=_merged(self._exts),
            spelt=self._spelt or None,
        )


def _merged(told: list[Ext]) -> Ext | None:
    """Leftovers of one node told in several events. Objects become one; of anything else the later value wins."""
    if len(told) < 2:
        return told[0] if told else None
    merged: dict[str, dict[str, Any]] = {}
    for ext in told:
        for codec, kept in ext.items():
            _take(merged.setdefault(codec, {}), kept)
    return {codec: {key: Raw(encode(value)) for key, value in kept.items()} for codec, kept in merged.items()}


def _take(known: dict[str, Any], kept: dict[str, Raw]) -> None:
    """Each object is opened once, so that the time is linear however often it is told."""
    for key, raw in kept.items():
        if key not in known or memoryview(raw)[0] != _BRACE:
            known[key] = raw
            continue
        old = known[key]
        if isinstance(old, Raw):
            old = known[key] = members(old) if memoryview(old)[0] == _BRACE else {}
        _take(old, members(raw))
