"""Events to streamed chunks, one line of JSON each.

Google's SDKs read lines that begin exactly with `data: ` and break on comments, event names, ids and `[DONE]`. A chunk
goes out as soon as its part can be said: texts at once, calls when their arguments are complete, in the order in which
they began. What ends an answer goes out with the end, so that usage is in the last chunk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from msgspec.structs import replace

from metaphrase import ir
from metaphrase.ir import Event
from metaphrase.ir.node import NOTHING
from metaphrase.loss import Report
from metaphrase.sse import one_line
from metaphrase.wirejson import encode
from metaphrase_gemini.failure import error_body
from metaphrase_gemini.leftovers import graft
from metaphrase_gemini.models import FAMILIES
from metaphrase_gemini.options import Options
from metaphrase_gemini.wire import content, response
from metaphrase_gemini.words import CODEC
from metaphrase_gemini.write.content import write_part
from metaphrase_gemini.write.response import write_candidate, write_envelope
from metaphrase_gemini.write.scope import Scope

from .told import Told

_BEFORE, _AFTER = b"data: ", b"\r\n\r\n"


class _Part:
    """A part that is being told."""

    __slots__ = ("head", "pieces", "said", "thought")

    def __init__(self, head: ir.Part) -> None:
        self.head = head
        self.thought = isinstance(head, ir.Thinking)
        self.said = False  # something of it has gone out
        self.pieces: list[str] | None = None  # arguments of a call


class _Choice:
    """One candidate: its open parts, and what its last chunk will say."""

    def __init__(self, index: int) -> None:
        self.open: dict[int, _Part] = {}
        self.waiting: dict[int, ir.ToolCall | None] = {}  # calls in order of their beginning; None: not complete yet
        self.told = Told()
        self.end = ir.Choice(index, ())


class Writer:
    """One stream. After Done or Failed nothing follows."""

    def __init__(self, report: Report, options: Options) -> None:
        self._report, self._options = report, options
        self._to = Scope(report, False, FAMILIES[-1], options, answer=True)
        self._rest = ir.ChatResponse(())  # what stands beside the candidates
        self._names = b""  # the members of every chunk
        self._news: dict[str, Any] = {}  # members of the next one
        self._choices: dict[int, _Choice] = {}
        self._at = (-1, -1)  # choice and number of the text that is being told
        self._told: Told | None = None
        self._head = self._tail = b""  # what stands around its pieces
        self._ended = False

    def feed(self, event: Event) -> bytes:
        """The bytes that say this event, or nothing yet."""
        if type(event) is ir.Delta and (event.choice, event.part) == self._at:
            if self._told is not None:
                self._told.keep(event.text)
            return self._head + encode(event.text) + self._tail
        if self._ended:
            return b""
        self._at = (-1, -1)
        return self._feed[type(event)](self, event)

    def close(self) -> bytes:
        """Nothing: the stream's end is the end of its bytes."""
        self._ended = True
        return b""

    def _on_delta(self, event: ir.Delta) -> bytes:
        choice = self._choices[event.choice]
        part = choice.open[event.part]
        head = part.head
        if part.pieces is not None:
            part.pieces.append(event.text)
            return b""
        first, part.said = not part.said, True
        if isinstance(head, ir.Refusal):
            return self._part(event.choice, replace(head, text=event.text))
        assert isinstance(head, ir.Text | ir.Thinking)  # noqa: S101 - the grammar of events: no other part has deltas
        if not part.thought and not self._to.same:
            choice.told.keep(event.text)
        if first and self._to.same and (head.state is not None or head.ext is not None or head.spelt is not None):
            return self._part(event.choice, replace(head, text=event.text))
        return self._piece(event, part)

    def _piece(self, event: ir.Delta, part: _Part) -> bytes:
        """A piece of plain text; those that follow it are said by `feed`."""
        head = _BEFORE + b'{"candidates":[{"content":{"parts":[{"text":'
        flags = b',"thought":true' if part.thought else b""
        left = b"" if part.head.ext is None else _members(part.head.leftovers(CODEC))
        tail = b'%b%b}],"role":"model"},"index":%d}]' % (flags, left, event.choice)
        out = head + encode(event.text) + tail + self._closing()
        self._at, self._head, self._tail = (event.choice, event.part), head, tail + self._closing()
        self._told = None if part.thought or self._to.same else self._choices[event.choice].told
        return out

    def _on_start(self, event: ir.Start) -> bytes:
        self._to = Scope(self._report, event.origin == CODEC, FAMILIES[-1], self._options, answer=True)
        self._rest = ir.ChatResponse(
            (), event.id, event.model, event.created, event.origin, at=event.at, spelt=event.spelt
        )
        self._names = encode(write_envelope(self._rest, self._to))[1:-1]
        self._names = b"," + self._names if self._names else b""
        return self._hear(event.ext)

    def _on_begin(self, event: ir.Begin) -> bytes:
        choice = self._choices.setdefault(event.choice, _Choice(event.choice))
        head = event.head
        part = choice.open[event.part] = _Part(head)
        if isinstance(head, ir.ToolCall):
            part.pieces = [head.arguments]
            choice.waiting[event.part] = None
            choice.told.begin(ir.ToolCall)
            return b""
        if isinstance(head, ir.Text | ir.Thinking | ir.Refusal):
            text, part.head = head.text, replace(head, text="") if head.text else head
            choice.told.begin(type(head))
            return self._on_delta(ir.Delta(event.choice, event.part, text)) if text else b""
        out = self._part(event.choice, head)
        if out:  # offsets count the parts that were written
            choice.told.begin(type(head))
        return out

    def _on_end(self, event: ir.End) -> bytes:
        choice = self._choices[event.choice]
        part = choice.open.pop(event.part)
        head, late = part.head, event.state
        if isinstance(head, ir.ToolCall):
            arguments = "".join(part.pieces or ())
            choice.waiting[event.part] = replace(head, arguments=arguments, state=late or head.state)
            return self._calls(event.choice, choice)
        if not isinstance(head, ir.Text | ir.Thinking):
            return self._part(event.choice, head) if isinstance(head, ir.Refusal) and not part.said else b""
        if not part.said:  # an empty text, perhaps for its signature
            return self._part(event.choice, head if late is None else replace(head, state=late))
        if late is None and not self._to.same:
            late = head.state  # a signature goes with the whole of its text, which may have come in many pieces
        return b"" if late is None else self._part(event.choice, replace(head, text="", state=late, spelt=None))

    def _calls(self, index: int, choice: _Choice) -> bytes:
        """The calls that are complete, up to the first that is not."""
        out: list[bytes] = []
        for number, call in list(choice.waiting.items()):
            if call is None:
                break
            del choice.waiting[number]
            out.append(self._part(index, call))
        return b"".join(out)

    def _on_extra(self, event: ir.Extra) -> bytes:
        if event.choice is None:
            rest = self._rest
            spelt = {**(rest.spelt or {}), **(event.spelt or {})} or None
            self._rest = replace(rest, blocked=event.blocked or rest.blocked, spelt=spelt)
            if event.service_tier is not None:
                self._rest = replace(self._rest, service_tier=event.service_tier, at=event.at or rest.at)
            return self._hear(event.ext)
        choice = self._choices.setdefault(event.choice, _Choice(event.choice))
        end = choice.end
        spelt = {**(end.spelt or {}), **(event.spelt or {})} or None
        if event.logprobs is not None:
            said = ir.Choice(event.choice, (), logprobs=event.logprobs, spelt=event.spelt)
            spelt = {key: one for key, one in (spelt or {}).items() if key != "logprobs"}
            out = self._line(response.GenerateContentResponse([write_candidate(said, self._to)]))
        else:
            out = b""
        if self._to.same and event.ext is not None:
            out += self._contradicted(choice, event.ext.get(CODEC, NOTHING))
            end = choice.end
        ext = event.ext if end.ext is None else end.ext if event.ext is None else _both(end.ext, event.ext)
        citations = end.citations + event.citations
        choice.end = replace(end, citations=citations, safety=event.safety or end.safety, ext=ext, spelt=spelt or None)
        return out

    def _contradicted(self, choice: _Choice, news: dict[str, Any]) -> bytes:
        """Leftovers of a candidate that a later chunk says otherwise: they go out before, in a chunk of their own."""
        held = choice.end.leftovers(CODEC)
        old = {key: raw for key, raw in held.items() if news.get(key, raw) != raw}
        if not old:
            return b""
        choice.end = replace(choice.end, ext={CODEC: {key: raw for key, raw in held.items() if key not in old}})
        said = response.Candidate(index=choice.end.index)
        return self._line(response.GenerateContentResponse([graft(said, old)]))

    def _on_usage(self, event: ir.UsageSeen) -> bytes:
        self._rest = replace(self._rest, usage=event.usage)
        return b""

    def _on_finished(self, event: ir.Finished) -> bytes:
        choice = self._choices.setdefault(event.choice, _Choice(event.choice))
        choice.end = replace(choice.end, finish=event.finish, at=event.at)
        return b""

    def _on_done(self, _: ir.Done) -> bytes:
        """The last chunk of each candidate; the very last, which is there in any case, has the usage."""
        self._ended = True
        ends = [self._end(choice) for _, choice in sorted(self._choices.items())]
        out = [self._line(response.GenerateContentResponse([end])) for end in ends[:-1]]
        body = write_envelope(self._rest, self._to)
        if ends:
            body.candidates = ends[-1:]
        out.append(_BEFORE + one_line(encode(body))[:-1] + _members(self._news) + b"}" + _AFTER)
        return b"".join(out)

    def _on_failed(self, event: ir.Failed) -> bytes:
        self._ended = True
        return _BEFORE + encode(error_body(event.failure, self._report)) + _AFTER

    def _end(self, choice: _Choice) -> Any:
        return write_candidate(replace(choice.end, parts=choice.told.parts()), self._to, told=True)

    def _part(self, index: int, part: ir.Part) -> bytes:
        out = write_part(part, self._to)
        if out is None:
            return b""
        said = response.Candidate(content.Content([out], "model"), index=index)
        return self._line(response.GenerateContentResponse([said]))

    def _line(self, body: Any) -> bytes:
        return _BEFORE + one_line(encode(body))[:-1] + self._closing()

    def _closing(self) -> bytes:
        """The end of a chunk."""
        news, self._news = self._news, {}
        return _members(news) + self._names + b"}" + _AFTER

    def _hear(self, ext: ir.Ext | None) -> bytes:
        """Leftovers of the answer go out with the next chunk; before one says otherwise, in a chunk of their own."""
        left = NOTHING if ext is None or not self._to.same else ext.get(CODEC, NOTHING)
        out = b""
        if any(key in self._news and self._news[key] != raw for key, raw in left.items()):
            out = _BEFORE + one_line(encode(self._news))[:-1] + self._names + b"}" + _AFTER
            self._news = {}
        if left:
            self._news = {**self._news, **left}
        return out

    _feed: ClassVar[dict[type[Event], Callable[[Writer, Any], bytes]]] = {
        ir.Start: _on_start,
        ir.Begin: _on_begin,
        ir.Delta: _on_delta,
        ir.End: _on_end,
        ir.Extra: _on_extra,
        ir.UsageSeen: _on_usage,
        ir.Finished: _on_finished,
        ir.Done: _on_done,
        ir.Failed: _on_failed,
    }


def _members(left: dict[str, Any]) -> bytes:
    """Members to stand behind others."""
    return b"" if not left else b"," + one_line(encode(left))[1:-1]


def _both(old: ir.Ext, new: ir.Ext) -> ir.Ext:
    """Leftovers told in two events: the later value of a key wins."""
    return {codec: old.get(codec, {}) | new.get(codec, {}) for codec in {**old, **new}}
