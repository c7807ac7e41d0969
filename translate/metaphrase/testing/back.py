"""Law 3, there and back: what a conversation says survives a conversion to another protocol and back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from .document import LossLike, Output
from .paths import Steps, covers, parse

LONGEST_ID = 40
"""Longer ids may come back as others: OpenAI allows no more characters."""

_MAKES = frozenset({"synthesised", "repaired", "moved", "approximated"})  # what may make an item that was not there
_JOINED = frozenset({"text", "thought", "refusal"})  # what may have been joined with its neighbour
_SNAKE = re.compile(r"(?<=[a-z0-9])_([a-z0-9])")


class Item(NamedTuple):
    """One thing that a conversation says, and where it stood.

    ``role``: system, user, model, tool; in answers a choice's index and a colon stand before it. ``what``: text,
    thought, call, result, media, refusal and the like. ``id``: of calls and results, where given.
    """

    role: str
    what: str
    value: tuple[Any, ...]
    path: str
    id: str | None = None


def broken(before: list[Item], after: list[Item], out: Output, again: Output) -> list[tuple[str, str]]:
    """(path, reason) of every item that does not come back, and of what was not there before.

    ``before`` is what the document says, ``after`` what ``again`` says; ``out`` is the conversion between the two.
    """
    moved = any(loss.kind == "moved" for loss in (*out.losses, *again.losses))
    hint = _hint(again.losses)
    found: list[tuple[str, str]] = []
    for system in (True, False):
        expected = [item for item in before if (item.role == "system") is system]
        given = [item for item in after if (item.role == "system") is system]
        found += _compare(expected, given, (out.losses, again.losses), loose=moved)
    return [(path, reason + hint) for path, reason in found]


def _hint(losses: Sequence[LossLike]) -> str:
    dropped = sorted({loss.path for loss in losses if loss.kind == "dropped"})
    return f" (way back dropped {', '.join(dropped[:3])})" if dropped else ""


def _compare(
    expected: list[Item], given: list[Item], losses: tuple[Sequence[LossLike], Sequence[LossLike]], *, loose: bool
) -> list[tuple[str, str]]:
    """Every item must come back in order; in any order and role where the conversion says that it moved things."""
    found: list[tuple[str, str]] = []
    if loose:  # of two that are alike, the one that nobody has spoken of comes back
        expected = sorted(expected, key=lambda item: bool(_excused(item, losses[0])))
    missing, rest = _unmatched(expected, given, loose=loose)
    joins = any(loss.kind in ("approximated", "moved") for loss in losses[1])
    excused = 0
    for item in missing:
        excuse = _excused(item, losses[0]) or (item.what in _JOINED and joins)
        if excuse and _still_said(item, given, losses[0]):
            excused += 1
        else:
            found.append((item.path, f"{item.what} of {item.role} did not come back: {_nearest(item, rest)}"))
    made = sum([loss.count for leg in losses for loss in leg if loss.kind in _MAKES])
    added = len(rest) - excused - len(found) - made
    if added > 0 and rest:
        found.append((rest[0].path, f"{rest[0].what} of {rest[0].role} came back and was not there"))
    return found


def _unmatched(expected: list[Item], given: list[Item], *, loose: bool) -> tuple[list[Item], list[Item]]:
    """What is left of both when as many as can be have found one another, in order (``loose``: in any)."""
    if loose:
        by_id = sorted(expected, key=lambda one: one.id is None)  # what has an id knows its own
        missing, rest = _found(by_id, given, loose=False)
        return _found(missing, rest, loose=True)
    start = next((n for n, pair in enumerate(zip(expected, given, strict=False)) if not _matches(*pair)), None)
    if start is None:
        start = min(len(expected), len(given))
    return _aligned(expected[start:], given[start:])


def _found(expected: list[Item], given: list[Item], *, loose: bool) -> tuple[list[Item], list[Item]]:
    """Those that have no match anywhere, and what matches none."""
    missing: list[Item] = []
    rest = list(given)
    for item in expected:
        index = next((n for n, other in enumerate(rest) if _matches(item, other, loose=loose)), None)
        if index is None:
            missing.append(item)
        else:
            rest.pop(index)
    return missing, rest


def _aligned(expected: list[Item], given: list[Item]) -> tuple[list[Item], list[Item]]:
    """The longest common subsequence taken out of both."""
    width = len(given) + 1
    best = [[0] * width for _ in range(len(expected) + 1)]
    for i in range(len(expected) - 1, -1, -1):
        for j in range(len(given) - 1, -1, -1):
            fits = _matches(expected[i], given[j])
            best[i][j] = best[i + 1][j + 1] + 1 if fits else max(best[i + 1][j], best[i][j + 1])
    missing: list[Item] = []
    rest: list[Item] = []
    i = j = 0
    while i < len(expected) and j < len(given):
        if _matches(expected[i], given[j]):
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            missing.append(expected[i])
            i += 1
        else:
            rest.append(given[j])
            j += 1
    return [*missing, *expected[i:]], [*rest, *given[j:]]


def _matches(item: Item, other: Item, *, loose: bool = False) -> bool:
    if item.role != other.role and not (loose and _choice(item) == _choice(other)):
        return False
    if item.id is not None and item.id != other.id and len(item.id) <= LONGEST_ID:
        return False
    return _what(item) == _what(other) and item.value == other.value


def _choice(item: Item) -> str:
    return item.role.rpartition(":")[0]


def _what(item: Item) -> str:
    return "text" if item.what == "refusal" else item.what


def _excused(item: Item, losses: Sequence[LossLike]) -> bool:
    """Whether the way there said that it could not keep the item, or something in it, as it was."""
    return any(_names(loss, item) for loss in losses if loss.kind not in ("moved", "defaulted"))


def _names(loss: LossLike, item: Item) -> bool:
    pattern, steps = _norm(parse(loss.path)), _norm(parse(item.path))
    if not pattern or steps is None:
        return False
    return covers(pattern, steps) or _below(pattern, steps)


def _still_said(item: Item, given: list[Item], losses: Sequence[LossLike]) -> bool:
    """A text that was joined with its neighbour is still somewhere in what came back, unless it was dropped."""
    if item.what not in _JOINED or any(loss.kind == "dropped" and _names(loss, item) for loss in losses):
        return True
    return item.value[0] in "".join([other.value[0] for other in given if _what(other) == _what(item)])


def _below(pattern: Steps, steps: Steps) -> bool:
    return len(pattern) > len(steps) and covers(pattern[: len(steps)], steps)


def _norm(steps: Steps | None) -> Steps | None:
    return None if steps is None else tuple([camel(step) if isinstance(step, str) else step for step in steps])


def camel(key: str) -> str:
    """snake_case as camelCase."""
    return _SNAKE.sub(lambda match: match[1].upper(), key)


def _nearest(item: Item, rest: list[Item]) -> str:
    """What stands in its place, for the report."""
    for other in rest:
        if other.what == item.what:
            pairs = zip(item.value, other.value, strict=False)
            differs = [f"{str(a)[:40]!r} became {str(b)[:40]!r}" for a, b in pairs if a != b]
            differs += ["id"] * (item.id is not None and item.id != other.id) + ["role"] * (item.role != other.role)
            return ", ".join(differs) or "order"
    return "gone"
