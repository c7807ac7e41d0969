"""The strict grammar of a Gemini stream, checked on its bytes.

::

    stream := chunk* error?
    chunk  := "data: " JSON "\\r\\n\\r\\n"

Nothing but such lines, which is what Google's SDKs can read; each part whole and of one kind; one id and one model in
all chunks; a chunk with neither candidates nor feedback is the only one; each candidate finishes once and says nothing
after it; usage comes once, in the last chunk; after an error nothing follows.
"""

import json
from typing import Any

from .grammar_openai import Broken, must

DATA = frozenset(
    {
        "text", "functionCall", "functionResponse", "inlineData", "fileData", "executableCode", "codeExecutionResult",
        "toolCall", "toolResponse",
    }
)  # fmt: skip
TOP = frozenset(
    {"candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId", "createTime"}
)  # fmt: skip
REASONS = frozenset({"STOP", "MAX_TOKENS", "SAFETY", "OTHER"})


def check(body: bytes, *, own: bool = False) -> bool:
    """Whether it is a clean end (True) or a failure; Broken if neither.

    ``own``: the stream was one of Gemini's before: it may hold members and words that came with it.
    """
    lines = body.split(b"\r\n\r\n")
    must(lines.pop() == b"", "the last event does not end")
    must(all(line.startswith(b"data: {") for line in lines), "a line that is no data")
    must(not any(b"\n" in line or b"\r" in line for line in lines), "a line break within a line")
    return values([json.loads(line[6:]) for line in lines], own=own)


def array(body: bytes, *, own: bool = False) -> bool:
    """The same for a stream that is one JSON array."""
    return values(json.loads(body), own=own)


def values(chunks: list[Any], *, own: bool = False) -> bool:
    must(chunks, "nothing was said")
    reading = _Reading(own)
    for number, chunk in enumerate(chunks):
        if "error" in chunk:
            must(number == len(chunks) - 1, "something follows an error")
            error = chunk["error"]
            must(chunk.keys() == {"error"} and type(error.get("code")) is int, "an error without its code")
            must(isinstance(error.get("message"), str) and isinstance(error.get("status"), str), "an odd error")
            return False
        reading.chunk(chunk)
    reading.end(alone=len(chunks) == 1)
    return True


class _Reading:
    def __init__(self, own: bool) -> None:
        self.own = own
        self.names: tuple[Any, ...] | None = None
        self.finished: dict[int, bool] = {}
        self.blocked = self.counted = False
        self.empty = 0

    def chunk(self, chunk: dict[str, Any]) -> None:
        must(not self.counted, "a chunk follows the usage")
        must(self.own or chunk.keys() <= TOP, f"unknown members: {sorted(chunk)}")
        names = (chunk.get("responseId"), chunk.get("modelVersion"), chunk.get("createTime"))
        must(self.names in (None, names), "id, model or time changed")
        self.names = names
        candidates = chunk.get("candidates", []) or []
        self.empty += not candidates and "promptFeedback" not in chunk and not self.own
        self.blocked |= "blockReason" in chunk.get("promptFeedback", {})
        self.counted = "usageMetadata" in chunk
        for one in candidates:
            self.candidate(one)

    def candidate(self, one: dict[str, Any]) -> None:
        index = one.get("index")
        must(type(index) is int, "a candidate without an index")
        assert isinstance(index, int)
        must(not self.finished.get(index), "a candidate goes on after its finish")
        self.finished[index] = "finishReason" in one
        must(self.own or one.get("finishReason", "STOP") in REASONS, "an unknown reason")
        content: Any = one.get("content")
        if "content" in one and not (self.own and not (content and content.get("parts"))):
            must(isinstance(content, dict) and content.get("role") == "model", "role")
            must(content.get("parts"), "a content without parts")
            for part in content["parts"]:
                self.part(part)

    def part(self, part: dict[str, Any]) -> None:
        kinds = part.keys() & DATA
        must(len(kinds) == 1 or self.own, f"a part of {len(kinds)} kinds")
        call = part.get("functionCall")
        if call is not None:
            must(isinstance(call.get("name"), str) or self.own, "a call without a name")
            must(isinstance(call.get("args", {}), dict) or self.own, "arguments that are no object")
            must(not call.keys() & {"partialArgs", "willContinue"} or self.own, "a call in pieces")
        must(part.get("thought", True) is True or self.own, "thought: false")

    def end(self, *, alone: bool) -> None:
        must(all(self.finished.values()) or (self.own and self.blocked), "a candidate did not finish")
        must(alone or not self.empty, "a chunk that says nothing")
        must(alone or self.finished or self.blocked, "no candidate, and no reason why")


__all__ = ["Broken", "array", "check", "values"]
