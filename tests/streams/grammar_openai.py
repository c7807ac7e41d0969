"""The strict grammar of an OpenAI stream, checked on its bytes.

::

    stream := chunk* usage? "data: [DONE]\\n\\n"  |  chunk* error
    chunk  := "data: " JSON "\\n\\n"

The role comes once a choice and first; tool calls have the indexes 0, 1, 2... in order of their beginning, and id, type
and name in their first piece only; each choice finishes once and says nothing after it; usage is last and only there
when it was asked for; after an error nothing follows.
"""

import json
from typing import Any

DONE = b"data: [DONE]\n\n"
DELTA = frozenset(
    {
        "role", "content", "refusal", "reasoning_content", "reasoning", "reasoning_details", "tool_calls", "images",
        "audio", "annotations", "extra_content",
    }
)  # fmt: skip
FINISHES = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})


class Broken(AssertionError):
    """A stream that breaks the grammar."""


def must(holds: object, what: str) -> None:
    if not holds:
        raise Broken(what)


def check(body: bytes, *, usage: bool, own: bool = False, damaged: bool = False) -> bool:
    """Whether it is a clean end (True) or a failure; Broken if neither.

    ``own``: the stream was one of OpenAI's family before: it may hold members and words of its own. ``damaged``: it was
    made of events that may have come twice, ids of calls included.
    """
    events = body.split(b"\n\n")
    must(events.pop() == b"", "the last event does not end")
    must(events, "nothing was said")
    reading = _Reading(usage, own, damaged)
    last = len(events) - 1
    for number, event in enumerate(events):
        must(event.startswith(b"data: ") and b"\n" not in event and b"\r" not in event, "a line that is no data")
        if event + b"\n\n" == DONE:
            must(number == last, "something follows [DONE]")
            reading.end()
            return True
        chunk = json.loads(event[6:])
        if chunk.get("error"):
            must(number == last, "something follows an error")
            _error(chunk)
            return False
        reading.chunk(chunk)
    raise Broken("neither [DONE] nor an error at the end")


def _error(chunk: dict[str, Any]) -> None:
    error = chunk["error"]
    must(isinstance(error, dict) and isinstance(error.get("message"), str), "an error without a message")
    must("choices" not in chunk, "an error with choices")


class _Reading:
    def __init__(self, usage: bool, own: bool, damaged: bool) -> None:
        self.usage, self.own, self.damaged = usage, own, damaged
        self.names: tuple[Any, ...] | None = None
        self.choices: dict[int, _Choice] = {}
        self.counted = False

    def chunk(self, chunk: dict[str, Any]) -> None:
        must(not self.counted, "a chunk follows the usage")
        must(chunk.get("object") == "chat.completion.chunk" or self.own, "object")
        names = (chunk.get("id"), chunk.get("created"), chunk.get("model"))
        named = all(isinstance(chunk.get(key), str) or (self.own and key not in chunk) for key in ("id", "model"))
        must(named and (names[0] or self.own), "id or model is missing")
        must(type(names[1]) is int or (self.own and names[1] is None), "created is missing")
        must(self.names in (None, names), "id, created or model changed")
        self.names = names
        choices = chunk.get("choices")
        must(isinstance(choices, list), "choices is no list")
        if not choices:
            must(isinstance(chunk.get("usage"), dict), "a chunk that says nothing")
            must(self.usage, "usage that nobody asked for")
            self.counted = True
        else:
            must(chunk.get("usage") is None, "usage beside choices")
        for choice in choices or ():
            index = choice.get("index")
            must(type(index) is int and (index >= 0 or self.own), "a choice without an index")
            self.choices.setdefault(index, _Choice(self.own, self.damaged)).take(choice)

    def end(self) -> None:
        must(all(choice.finished for choice in self.choices.values()), "a choice did not finish")


class _Choice:
    def __init__(self, own: bool, damaged: bool) -> None:
        self.own, self.damaged = own, damaged
        self.begun = self.finished = False
        self.calls = 0
        self.ids: set[str] = set()

    def take(self, choice: dict[str, Any]) -> None:
        must(not self.finished, "a choice goes on after its finish")
        delta = choice.get("delta")
        must(isinstance(delta, dict), "a choice without a delta")
        assert isinstance(delta, dict)
        must(self.own or delta.keys() <= DELTA, f"unknown members of a delta: {sorted(delta)}")
        must(("role" in delta) != self.begun, "the role must come once, and first")
        must(delta.get("role", "assistant") == "assistant" or self.own, "role")
        self.begun = True
        for name in ("content", "refusal", "reasoning_content", "reasoning"):
            known = isinstance(delta.get(name), str) or delta.get(name) is None
            must(known or (self.own and name == "content"), f"{name} is no text")
        for call in delta.get("tool_calls") or ():
            self.call(call)
        must("finish_reason" in choice, "finish_reason must be there, null until the end")
        if choice["finish_reason"] is not None:
            must(self.own or choice["finish_reason"] in FINISHES, "an unknown finish_reason")
            must(self.own or bool(self.calls) or choice["finish_reason"] != "tool_calls", "no calls, yet tool_calls")
            self.finished = True

    def call(self, call: dict[str, Any]) -> None:
        index, function = call.get("index"), call.get("function", call.get("custom"))
        must(type(index) is int, "a call without an index")
        must(isinstance(function, dict), "a call without its function")
        assert isinstance(index, int)
        assert isinstance(function, dict)
        if index == self.calls:
            self.calls += 1
            must(isinstance(call.get("id"), str) and (call["id"] or self.own), "a call without an id")
            must(self.own or len(call["id"]) <= 40, "an id that is too long")
            must(self.own or self.damaged or call["id"] not in self.ids, "two calls of one id")
            self.ids.add(call["id"])
            must(call.get("type") in ("function", "custom"), "a call without its type")
            must(isinstance(function.get("name"), str), "a call without its name")
        else:
            must(0 <= index < self.calls, "calls are not numbered in order of their beginning")
            must(not call.keys() & {"id", "type"} and "name" not in function, "id, type and name come once")
        texts = [function[key] for key in ("arguments", "input") if key in function]
        must(all(isinstance(text, str) for text in texts), "arguments are no text")
