"""The path grammar of losses: `.key`, `["any string"]`, `[n]`, and `[*]` for several indexes at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from .values import is_array, is_object

Step = str | int
Steps = tuple[Step, ...]

ANY = -1
"""Stands for `[*]`."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_STEP = re.compile(r'\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|\[(\*)\]|\[("(?:[^"\\]|\\.)*")\]')
_INDEX = re.compile(r"\[(?:\d+|\*)\]")


def render(steps: Sequence[Step]) -> str:
    """Steps as a path: the inverse of ``parse``.

    >>> render(("messages", 0, "odd key", ANY))
    '$.messages[0]["odd key"][*]'
    """
    return "$" + "".join([_render_step(step) for step in steps])


def _render_step(step: Step) -> str:
    if isinstance(step, int):
        return "[*]" if step == ANY else f"[{step}]"
    return f".{step}" if _PLAIN.match(step) else f"[{json.dumps(step, ensure_ascii=False)}]"


def parse(path: str) -> Steps | None:
    """Steps of a path; None for the empty path and for whatever does not follow the grammar."""
    if not path.startswith("$"):
        return None
    steps: list[Step] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            return None
        name, index, star, quoted = match.groups()
        if name is not None:
            steps.append(name)
        elif quoted is not None:
            steps.append(str(json.loads(quoted)))
        else:
            steps.append(ANY if star else int(index))
        at = match.end()
    return tuple(steps)


def shape(path: str) -> str:
    """The path without its indexes, to group by."""
    return _INDEX.sub("[]", path)


def covers(pattern: Steps, steps: Steps) -> bool:
    """Whether ``pattern`` is ``steps`` or stands above it."""
    if len(pattern) > len(steps):
        return False
    return all(a == b or (a == ANY and isinstance(b, int)) for a, b in zip(pattern, steps, strict=False))


def leaves(value: object, up: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Every string, number and boolean with its steps. null, `[]` and `{}` carry nothing that must show."""
    if is_object(value):
        for key, below in value.items():
            yield from leaves(below, (*up, key))
    elif is_array(value):
        for index, below in enumerate(value):
            yield from leaves(below, (*up, index))
    elif value is not None:
        yield up, value


def objects(value: object, up: Steps = ()) -> Iterator[Steps]:
    """The steps of every object, the root included."""
    if is_object(value):
        yield up
        for key, below in value.items():
            yield from objects(below, (*up, key))
    elif is_array(value):
        for index, below in enumerate(value):
            yield from objects(below, (*up, index))


def nodes(value: object, deepest: int = 100) -> list[Steps]:
    """The steps of every node but the root, however deep the recursion would be."""
    found: list[Steps] = []
    waiting: list[tuple[Steps, Any]] = [((), value)]
    while waiting:
        steps, node = waiting.pop()
        if steps:
            found.append(steps)
        if len(steps) < deepest and is_object(node):
            waiting.extend([((*steps, key), below) for key, below in node.items()])
        elif len(steps) < deepest and is_array(node):
            waiting.extend([((*steps, index), below) for index, below in enumerate(node)])
    return found


def places(value: Any, pattern: Sequence[Step]) -> int:
    """How many values of a document stand where the pattern says."""
    if not pattern:
        return 1
    step, *rest = pattern
    if step == ANY:
        return sum([places(below, rest) for below in value]) if is_array(value) else 0
    try:
        return places(value[step], rest)
    except (LookupError, TypeError):
        return 0


def look(value: Any, steps: Sequence[Step]) -> Any:
    """The value at the end of these steps; LookupError or TypeError where there is none."""
    for step in steps:
        value = value[step]
    return value


def put(value: Any, steps: Sequence[Step], new: object) -> None:
    """Set one value in place."""
    look(value, steps[:-1])[steps[-1]] = new
