"""Other values for one leaf of a document, of the same kind and as likely to be legal as can be guessed."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .paths import Steps, leaves, look, put, render, shape

Leaf = tuple[Steps, Any]

_DATA_URL = re.compile(r"data:[^,]*;base64,", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}\Z")
_BASE64_KEYS = frozenset({"data", "file_data", "thoughtSignature", "thought_signature", "imageBytes", "signature"})
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}\Z")
_MANY = 12  # a shape with more values than this is no enumeration
_LONG_TEXT = 100_000

SAME: tuple[frozenset[str], ...] = (
    frozenset({"assistant", "model"}),
    frozenset({"system", "developer"}),
    frozenset({"tool", "function"}),
    frozenset({"user", "function"}),
    frozenset({"required", "any"}),
    frozenset({"priority", "fast"}),
    frozenset({"image/jpg", "image/jpeg"}),
    frozenset({"{}", "null", ""}),  # a call without arguments
)
"""Words that mean the same: one for the other may give the same output, and nothing is lost."""


def same(one: object, two: object) -> bool:
    """Whether two leaves are two spellings of one value."""
    if not (isinstance(one, str) and isinstance(two, str)):
        return type(one) is type(two) and one == two
    a, b = one.lower(), two.lower()
    return a == b or any(a in names and b in names for names in SAME)


class Vocabulary:
    """Which words stand at which shape of path in a set of documents: the legal values, as far as they were seen."""

    def __init__(self) -> None:
        self._words: dict[str, dict[str, None]] = defaultdict(dict)

    def learn(self, document: object) -> None:
        """Note the words of one more document."""
        for steps, value in leaves(document):
            if isinstance(value, str) and _WORD.match(value):
                words = self._words[shape(render(steps))]
                if len(words) <= _MANY:
                    words[value] = None

    def others(self, steps: Steps, value: str) -> list[str]:
        """What else stood at places of this shape; nothing where that was free text."""
        words = self._words.get(shape(render(steps)), {})
        return [] if len(words) > _MANY else [word for word in words if not same(word, value)]


def candidates(leaf: Leaf, known: Vocabulary | None = None) -> list[Any]:
    """Other values for a leaf; the first is the plainest change."""
    steps, value = leaf
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1] if value > 1 else [value + 1, value + 2]
    if isinstance(value, float):
        return [_nudge(value), value + 1 if abs(value) < 100 else value / 4]
    words = known.others(steps, value)[:2] if known is not None else []
    return [new for new in (*_strings(steps, value), *words) if new != value]


def _nudge(value: float) -> float:
    """A neighbour that is likely to stay in range: 0.3 -> 0.4, 1.0 -> 0.9."""
    if abs(value) >= 100:
        return value / 2
    return round(value - 0.1 if value >= 0.95 else value + 0.1, 12)


def _strings(steps: Steps, value: str) -> list[str]:
    url = _DATA_URL.match(value)
    if url is not None:
        head = value[: url.end()]
        return [
            head + _flip(value[url.end() :]),
            head.replace("png", "webp").replace("jpeg", "png") + value[url.end() :],
        ]
    if _is_base64(steps, value):
        return [_flip(value)]
    inside = _inside_json(value)
    return [inside, value + "~"] if inside is not None else [value + "~"]


def _is_base64(steps: Steps, value: str) -> bool:
    key = next((step for step in reversed(steps) if isinstance(step, str)), "")
    return len(value) % 4 == 0 and key in _BASE64_KEYS and _BASE64.match(value) is not None


def _flip(data: str) -> str:
    """Another character in the middle of base64 text."""
    middle = max(0, len(data) // 2 - 2)
    return data[:middle] + ("B" if data[middle : middle + 1] == "A" else "A") + data[middle + 1 :]


def _inside_json(value: str) -> str | None:
    """For JSON in a string, such as a call's arguments: the text with one leaf changed."""
    if not value.startswith(("{", "[")) or len(value) > _LONG_TEXT:
        return None
    try:
        document = json.loads(value)
    except ValueError:
        return None
    first = next(leaves(document), None)
    if first is None:
        return None
    put(document, first[0], candidates(first)[0])
    return json.dumps(document, ensure_ascii=False)


def chosen(document: object, limit: int | None = None, each: int = 2) -> list[Leaf]:
    """The leaves to try: all of them, or at most `each` of a shape where there are more than `limit`."""
    found = list(leaves(document))
    if limit is None or len(found) <= limit:
        return found
    shapes: Mapping[str, list[Leaf]] = _by_shape(found)
    return [leaf for same_shape in shapes.values() for leaf in _spread(same_shape, each)]


def _by_shape(found: Iterable[Leaf]) -> dict[str, list[Leaf]]:
    shapes: dict[str, list[Leaf]] = defaultdict(list)
    for leaf in found:
        shapes[shape(render(leaf[0]))].append(leaf)
    return shapes


def _spread(same_shape: Sequence[Leaf], count: int) -> list[Leaf]:
    if len(same_shape) <= count:
        return list(same_shape)
    last = len(same_shape) - 1
    places = {round(turn * last / max(1, count - 1)) for turn in range(count)}
    return [same_shape[place] for place in sorted(places)]


class Changed:
    """A document in which one leaf stands changed for as long as the block lasts."""

    def __init__(self, document: Any, steps: Steps, new: Any) -> None:
        self._document, self._steps, self._new = document, steps, new

    def __enter__(self) -> Any:
        self._old: Any = look(self._document, self._steps)
        put(self._document, self._steps, self._new)
        return self._document

    def __exit__(self, *_: object) -> None:
        put(self._document, self._steps, self._old)
