"""Which call a result belongs to. A lookup, not a search: a step may have thousands of calls."""

from __future__ import annotations

from collections import deque

from msgspec import Struct

from metaphrase import ir


class Waiting(Struct, gc=False):
    """The calls of one step, and which of them have no result yet."""

    calls: list[ir.ToolCall] = []
    _next: int = 0  # results came in the order of the calls up to here: nearly always, no lookup is needed
    _index: _Index | None = None

    def answered_by(self, result: ir.ToolResult) -> int | None:
        """The place of the call that a result belongs to: by id, else by name, else the next one."""
        place, calls, wanted = self._next, self.calls, result.call_id
        if self._index is None:
            if place < len(calls):
                call = calls[place]
                if (call.id == wanted) if wanted else (result.name is None or result.name == call.name):
                    self._next = place + 1
                    return place
            self._index = _Index(calls, place)
        return self._index.answered_by(result)


class _Index:
    """The calls by id and by name, the first ``answered`` of which have their results."""

    def __init__(self, calls: list[ir.ToolCall], answered: int) -> None:
        self._answered = set(range(answered))
        self._all = deque(range(len(calls)))
        self._ids: dict[str, deque[int]] = {}
        self._names: dict[str | None, deque[int]] = {}
        self._without_id: dict[str | None, deque[int]] = {}  # calls without an id, by name
        for place, call in enumerate(calls):
            self._names.setdefault(call.name, deque()).append(place)
            if call.id:
                self._ids.setdefault(call.id, deque()).append(place)
            else:
                self._without_id.setdefault(call.name, deque()).append(place)

    def answered_by(self, result: ir.ToolResult) -> int | None:
        """The place of the call, as said above."""
        if result.call_id:
            queues = [self._ids.get(result.call_id), self._without_id.get(result.name)]
        else:
            queues = [self._all if result.name is None else self._names.get(result.name)]
        place = min([first for queue in queues if (first := self._first(queue)) is not None], default=None)
        if place is not None:
            self._answered.add(place)
        return place

    def _first(self, queue: deque[int] | None) -> int | None:
        while queue and queue[0] in self._answered:
            queue.popleft()
        return queue[0] if queue else None
