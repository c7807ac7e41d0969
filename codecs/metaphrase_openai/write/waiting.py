"""Which call a result answers: OpenAI wants one answer to each."""

from __future__ import annotations

from collections.abc import Sequence

from metaphrase import ir
from metaphrase.loss import Report

from ..leftovers import Json
from ..names import CODEC, LONGEST_ID, made_id, tool_name


class Calls:
    """The calls of the last step that wait for their results."""

    __slots__ = ("_report", "open")

    def __init__(self, report: Report) -> None:
        self._report = report
        self.open: list[tuple[str, str, str]] = []  # the source's id, the name, the id written

    def ask(self, calls: Sequence[ir.ToolCall], written: Sequence[Json]) -> None:
        """The calls of a message, and how they were written: they wait for their results from now on."""
        for call, out in zip(calls, written, strict=True):
            self.open.append((call.id, call.name, out["id"]))

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
