"""Events to OpenAI's stream: https://platform.openai.com/docs/api-reference/chat-streaming.

Each choice tells its role once and ends once, after all events; then the usage if it was asked for, in a chunk without
choices; then ``[DONE]``. A failure is an error event, and nothing follows it: to a client a clean end is a success.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from metaphrase import ir
from metaphrase.loss import Report

from ..failure import error_body
from ..leftovers import NULL, Json
from ..names import CODEC, made_id
from ..options import Options
from ..write.answer import write_usage
from ..write.response import blocked_choices, failed_answer, wanted_sound
from .write_choice import Choice
from .write_chunk import DONE, Envelope, event
from .write_scene import Scene


class Writer:
    """Satisfies ``metaphrase.codec.StreamWriter``."""

    def __init__(self, asked: ir.ChatRequest | None, report: Report, options: Options) -> None:
        self._asked = asked
        self._report = report
        self._options = options
        self._scene: Scene | None = None
        self._choices: dict[int, Choice] = {}
        self._finished: dict[int, ir.Finished] = {}
        self._usage: ir.Usage | None = None
        self._blocked: ir.Blocked | None = None

    def feed(self, event: ir.Event) -> bytes:
        """What this event adds to the stream."""
        if type(event) is ir.Delta:  # nearly always
            return self._choices[event.choice].deltas[event.part](event.text)
        return self._FEED[type(event)](self, event)

    def close(self) -> bytes:
        """Done and Failed have said all."""
        return b""

    def _on_start(self, start: ir.Start) -> bytes:
        same = start.origin == CODEC
        answer_id, created = start.id, start.created
        if not (answer_id or same):
            answer_id = made_id("chatcmpl-", start.model, created)
            self._report.add("synthesised", None, None, "response.id", CODEC, "The answer has no id", "$.id")
        if created is None and not same:
            created = 0
            self._report.add("defaulted", None, None, "response.created", CODEC, "The time is not known", "$.created")
        shared: Json = {"id": answer_id, "object": "chat.completion.chunk", "created": created, "model": start.model}
        if created is None:
            del shared["created"]
        if same and start.spelt is not None:
            _respell(shared, start)
        if same and start.ext is not None:
            shared = {**start.ext.get(CODEC, {}), **shared}
        tools = () if self._asked is None else self._asked.tools or ()
        declared = frozenset([tool.name for tool in tools if not isinstance(tool, ir.Builtin)])
        sound = wanted_sound(self._asked)
        self._scene = Scene(Envelope(shared), self._report, self._options, same, answer_id, declared, sound)
        return b""

    def _on_begin(self, begin: ir.Begin) -> bytes:
        return self._choice(begin.choice).begin(begin.head)

    def _on_end(self, end: ir.End) -> bytes:
        return self._choices[end.choice].end(end.part, end.state)

    def _on_extra(self, extra: ir.Extra) -> bytes:
        if extra.choice is not None:
            return self._choice(extra.choice).extra(extra)
        self._blocked = extra.blocked or self._blocked
        scene = self._started()
        if extra.service_tier is not None:
            scene.envelope.share("service_tier", extra.service_tier)
        if scene.same and extra.ext is not None:
            for key, raw in extra.ext.get(CODEC, {}).items():
                scene.envelope.share(key, raw)
        return b""

    def _on_usage(self, seen: ir.UsageSeen) -> bytes:
        self._usage = seen.usage
        return b""

    def _on_finished(self, finished: ir.Finished) -> bytes:
        self._choice(finished.choice)
        self._finished[finished.choice] = finished
        return b""

    def _on_done(self, _: ir.Done) -> bytes:
        scene = self._started()
        out: list[bytes] = []
        if not scene.same:
            failed = failed_answer(self._whole())
            if failed is not None:
                return event(failed)
            if self._blocked is not None:
                out += self._refused(self._blocked)
        out += [self._choices[index].finish(finished) for index, finished in sorted(self._finished.items())]
        if self._usage is not None and self._asked is not None and self._asked.include_usage:
            counted = self._count(self._usage)
            out += [scene.envelope.chunk([], counted)] if counted else []
        out.append(DONE)
        return b"".join(out)

    def _on_failed(self, failed: ir.Failed) -> bytes:
        return event(error_body(failed.failure, self._report))

    def _started(self) -> Scene:
        assert self._scene is not None  # noqa: S101 - the grammar has Start first
        return self._scene

    def _choice(self, index: int) -> Choice:
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = Choice(index, self._started())
        return choice

    def _whole(self) -> ir.ChatResponse:
        """As much of the whole answer as decides whether it is a failure: the choices, if none of them has a part."""
        if any(choice.told for choice in self._choices.values()):
            return ir.ChatResponse(())
        finished = sorted(self._finished.items())
        return ir.ChatResponse(tuple([ir.Choice(index, (), one.finish) for index, one in finished]))

    def _refused(self, blocked: ir.Blocked) -> list[bytes]:
        """A refused prompt is an answer that refuses."""
        if self._choices:
            told = {index: self._choices[index].ended(self._finished.get(index)) for index in sorted(self._choices)}
            blocked_choices(blocked, list(told.values()), self._report)
            words = {index: one["message"]["refusal"] for index, one in told.items()}
            return [
                self._choices[index].say({"refusal": said})
                for index, said in words.items()
                if said and said is not NULL
            ]
        made = blocked_choices(blocked, [], self._report)
        choice = self._choice(made[0]["index"])
        said = choice.say(made[0]["message"])
        return [said, choice.say({}, {"finish_reason": made[0]["finish_reason"]})]

    def _count(self, usage: ir.Usage) -> Json:
        """The usage as a member of the last chunk; none where a choice of this protocol's own stream has said it."""
        kept = usage.spelling(CODEC, "ext") if self._started().same and usage.spelt is not None else None
        return {"usage": write_usage(usage, self._report)} if kept is None else kept

    _FEED: ClassVar[dict[type, Callable[[Writer, Any], bytes]]] = {
        ir.Start: _on_start,
        ir.Begin: _on_begin,
        ir.End: _on_end,
        ir.Extra: _on_extra,
        ir.UsageSeen: _on_usage,
        ir.Finished: _on_finished,
        ir.Done: _on_done,
        ir.Failed: _on_failed,
    }


# Fields of Start that may be spelt in a way of their own, and the member that each usually is.
_RESPELT = {"id": "id", "model": "model", "origin": "object"}


def _respell(shared: Json, start: ir.Start) -> None:
    """What every chunk says as the source said it, or not at all where it did not."""
    for field, usual in _RESPELT.items():
        kept = (start.spelt or {}).get(field)
        if kept is not None and kept.codec == CODEC and kept.value == getattr(start, field):
            del shared[usual]
            shared |= kept.members
