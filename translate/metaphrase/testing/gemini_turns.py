"""Which turns Google's server refuses: calls and results that do not pair, calls without a thought signature.

A step is what one role says until the other speaks: the server counts calls and results per step, however many
contents they are spread over. Signatures are demanded by Gemini 3 and later, in the current turn only: from the last
user content that holds more than results, on the first call of each step. Up to Gemini 2.0 calls may stay without any
result.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from .objection import listed

Part = dict[str, Any]

NOT_AFTER_USER = (
    "Please ensure that function call turn comes immediately after a user turn or after a function response turn."
)
NOT_AFTER_CALL = "Please ensure that function response turn comes immediately after a function call turn."
UNEQUAL = (
    "Please ensure that the number of function response parts is equal to the number of function call parts of the "
    "function call turn."
)
UNSIGNED = (
    "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, "
    "and missing thought_signature may lead to degraded model performance. Additional data, function call "
    "`default_api:{name}` , position {position}. Please refer to https://ai.google.dev/gemini-api/docs/"
    "thought-signatures for more details."
)
_VERSION = re.compile(r"gemini-([0-9]+)(?:\.([0-9]+))?")


class Step(Struct):
    """What one role says until the other speaks; ``start`` is the number of its first content."""

    role: str
    start: int
    contents: list[list[Part]]

    @property
    def calls(self) -> list[Part]:
        """The calls that a client has to answer: not those that the server answered in the same breath."""
        calls = self._all("functionCall")
        return calls[: max(0, len(calls) - len(self.results))] if self.role == "model" else []

    @property
    def results(self) -> list[Part]:
        """The parts that are results."""
        return self._all("functionResponse")

    def _all(self, kind: str) -> list[Part]:
        return [part for parts in self.contents for part in parts if kind in part]


def turn_fault(contents: list[dict[str, Any]], model: str) -> str | None:
    """What is wrong with the order of turns, in the server's words; None if nothing is."""
    steps = _steps(contents)
    found = _VERSION.search(model)
    version = (0, 0) if found is None else (int(found[1]), int(found[2] or 0))
    lenient = (0, 0) < version <= (2, 0)
    for i, step in enumerate(steps):
        before = steps[i - 1] if i else None
        after = steps[i + 1] if i + 1 < len(steps) else None
        fault = _pairing_fault(step, before, after, lenient)
        if fault is not None:
            return fault
    return None if version < (3, 0) or "image" in model else _signature_fault(contents, steps)


def _steps(contents: list[dict[str, Any]]) -> list[Step]:
    steps: list[Step] = []
    for number, content in enumerate(contents):
        role, parts = str(content.get("role", "user")).lower(), listed(content.get("parts"))
        if steps and steps[-1].role == role:
            steps[-1].contents.append(parts)
        else:
            steps.append(Step(role, number, [parts]))
    return steps


def _pairing_fault(step: Step, before: Step | None, after: Step | None, lenient: bool) -> str | None:
    if step.role == "model":
        if step.calls and before is None:
            return NOT_AFTER_USER
        answers = len(step.calls) if after is None else len(after.results)
        return None if answers == len(step.calls) or (lenient and not answers) or not step.calls else UNEQUAL
    if not step.results:
        return None
    first = step.contents[0]
    if before is None or not before.calls or not any("functionResponse" in part for part in first):
        return NOT_AFTER_CALL
    return None


def _signature_fault(contents: list[dict[str, Any]], steps: list[Step]) -> str | None:
    spoken = [i for i, content in enumerate(contents) if _is_spoken(content)]
    current = spoken[-1] if spoken else -1
    for step in steps:
        if step.role == "model" and step.start > current and step.calls and not step.calls[0].get("thoughtSignature"):
            name = step.calls[0]["functionCall"].get("name")
            return UNSIGNED.format(name=name, position=step.start + 1)
    return None


def _is_spoken(content: dict[str, Any]) -> bool:
    """Whether a user says something here, besides handing over results."""
    if str(content.get("role", "user")).lower() != "user":
        return False
    return any("functionResponse" not in part for part in listed(content.get("parts")))
