"""Ids of tool calls: OpenAI wants one on every call, at most 40 characters, and one answer to each."""

from __future__ import annotations

from collections.abc import Sequence

from metaphrase import ir
from metaphrase.loss import Report

from ..leftovers import Json
from ..names import CODEC, LONGEST_ID, call_prefix, made_id, tool_name

_IDS = "$.messages[*].tool_calls[*].id"


class Ids:
    """The ids to write for the calls of one message, which stands at ``place``."""

    __slots__ = ("_place", "_prefix", "_report")

    def __init__(self, report: Report, *place: int | str) -> None:
        self._report = report
        self._place = place
        self._prefix = ""

    def of(self, calls: Sequence[ir.ToolCall], first: int = 0) -> list[str]:
        """Of calls in order, from number ``first`` on: a call's own; where there is none, one made of its place."""
        ids: list[str] = []
        missing, prefix = 0, self._prefix
        for number, call in enumerate(calls, first):
            own = call.id
            if not own:
                missing += 1
                if not prefix:
                    prefix = self._prefix = call_prefix(*self._place)
                own = f"{prefix}{number}"
            elif len(own) > LONGEST_ID:
                own = self._short(call)
            ids.append(own)
        if missing:
            self._report.add("synthesised", None, None, "tools.id", CODEC, "The call has no id", _IDS, missing)
        return ids

    def _short(self, call: ir.ToolCall) -> str:
        """One made of an id that is too long."""
        self._report.lose("approximated", call, "id", "tools.id", CODEC, f"Longer than {LONGEST_ID} characters")
        return made_id("call_", call.id)


class Calls:
    """The calls of the last step that wait for their results."""

    __slots__ = ("_report", "open")

    def __init__(self, report: Report) -> None:
        self._report = report
        self.open: list[tuple[str, str, str]] = []  # the source's id, the name, the id written

    def ask(self, calls: Sequence[ir.ToolCall], ids: Ids) -> list[str]:
        """The ids to write for the calls of a message, which wait for their results from now on."""
        made = ids.of(calls)
        for call, written in zip(calls, made, strict=True):
            self.open.append((call.id, call.name, written))
        return made

    def result(self, result: ir.ToolResult) -> tuple[str, list[Json]]:
        """The id to write for a result, and a call to write before it if there was none."""
        found = self._match(result)
        if found is not None:
            self.open.remove(found)
            if result.call_id and not found[0]:
                self._report.lose("approximated", result, "call_id", "tools.id", CODEC, "Its call has no id")
            if result.name is not None and result.name != found[1]:
                self._report.lose("dropped", result, "name", "tools.result_name", CODEC, "Not the name of its call")
            return found[2], []
        name = result.name or "unknown"
        written = result.call_id
        if len(written) > LONGEST_ID:
            self._report.lose("approximated", result, "call_id", "tools.id", CODEC, f"Over {LONGEST_ID} characters")
        if not written or len(written) > LONGEST_ID:
            written = made_id("call_", written, name)
        self._report.lose("repaired", result, None, "tools.orphan", CODEC, "Its call is missing: one is put before it")
        call: Json = {"id": written, "type": "function", "function": {"name": tool_name(name), "arguments": "{}"}}
        return written, [{"role": "assistant", "content": None, "tool_calls": [call]}]

    def _match(self, result: ir.ToolResult) -> tuple[str, str, str] | None:
        """By id, or by name among calls that have none; else by name, in order; else the next that waits."""
        if self.open:
            first = self.open[0]
            if first[0] == result.call_id and first[1] == result.name:  # as a rule
                return first
        if result.call_id:
            exact = next((one for one in self.open if one[0] == result.call_id), None)
            nameless = (one for one in self.open if not one[0] and one[1] == result.name)
            return exact if exact is not None else next(nameless, None)
        named = next((one for one in self.open if one[1] == result.name), None)
        return named if named is not None or result.name is not None else next(iter(self.open), None)

    def missing(self, place: int) -> list[Json]:
        """Answers to the calls that got none, so that the conversation can go on."""
        found: list[Json] = []
        for _, _, written in self.open:
            here = f"$.messages[{place + len(found)}]"
            self._report.add(
                "synthesised", None, None, "tools.missing_result", CODEC, "A call without its result", here
            )
            found.append({"role": "tool", "tool_call_id": written, "content": ""})
        self.open.clear()
        return found
