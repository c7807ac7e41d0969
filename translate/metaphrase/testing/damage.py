"""Ways to damage a real document. Random bytes find little; a real one with one fault in it finds much."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from .paths import Steps, leaves, look, nodes, put
from .values import is_array

T = TypeVar("T")


class Random(Protocol):
    """What is needed of ``random.Random``: the caller brings chance, so that a fault can be repeated."""

    def random(self) -> float: ...
    def choice(self, seq: Sequence[T], /) -> T: ...
    def randrange(self, start: int, stop: int | None = None, /) -> int: ...


_ODD_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 10**40, 0.5, -0.0, "", "x", [], {}, [[]], [None], {"": None}, [{}], "\ud800", "\x00",
    "data:;base64,",    {"type": "text"}, {"type": 1}, [1, "a", None], "1e999", "NaN", {"$ref": "#"},
)  # fmt: skip
_ODD_BYTES = (
    b"NaN", b"-Infinity", b"1e400", b"-1e400", b"1e-400", b"\xff", b"\xc3", b"\xed\xa0\x80",
    b'"\\ud800"', b'"\\udc00\\ud800"',
    b"\x00", b"\xef\xbb\xbf", b"00", b"1.", b"'", b"//", b"/**/", b",,", b"\\", b'"\\x41"', b"\t", b"9" * 400, b"tru",
    b"[" * 200, b'{"a":' * 200, b"]" * 5, b"}" * 5,
)  # fmt: skip
_KEY = re.compile(rb'"[A-Za-z_]\w*"(?=\s*:)')


def damaged(body: bytes, random: Random) -> bytes:
    """One to three faults, in the text or in the values."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        body = random.choice(_FAULTS)(body, random)
    return body


def _flip(body: bytes, random: Random) -> bytes:
    at = random.randrange(len(body)) if body else 0
    return body[:at] + bytes([random.randrange(256)]) + body[at + 1 :]


def _cut(body: bytes, random: Random) -> bytes:
    return body[: random.randrange(len(body) + 1)]


def _double(body: bytes, random: Random) -> bytes:
    start, end = sorted((random.randrange(len(body) + 1), random.randrange(len(body) + 1)))
    return body[:end] + body[start : min(end, start + 2000)] + body[end:]


def _remove(body: bytes, random: Random) -> bytes:
    start = random.randrange(len(body) + 1)
    return body[:start] + body[start + random.randrange(1, 40) :]


def _insert(body: bytes, random: Random) -> bytes:
    """An odd token, before a value where one is found, so that the rest stays JSON."""
    odd = random.choice(_ODD_BYTES)
    places = [at for at in (body.find(mark, random.randrange(len(body) + 1)) for mark in (b":", b"[", b",")) if at >= 0]
    at = random.choice(places) + 1 if places else 0
    end = at
    while end < len(body) and body[end] not in b",}]":
        end += 1
    return body[:at] + odd + body[end if random.random() < 0.7 else at :]


def _value(body: bytes, random: Random) -> bytes:
    """Another kind of value at some node."""
    return _edited(body, random, lambda document, steps: put(document, steps, random.choice(_ODD_VALUES)))


def _deep(body: bytes, random: Random) -> bytes:
    depth = random.choice((60, 127, 128, 129, 300, 5000))

    def nest(document: Any, steps: Steps) -> None:
        put(document, steps, "@@deep@@")

    opened, closed = random.choice(((b"[", b"]"), (b'{"a":', b"}")))
    return _edited(body, random, nest).replace(b'"@@deep@@"', opened * depth + b"1" + closed * depth, 1)


def _swap(body: bytes, random: Random) -> bytes:
    """A key takes the name of another one."""
    keys: list[bytes] = _KEY.findall(body)
    if not keys:
        return body
    return body.replace(random.choice(keys), random.choice(keys), random.choice((1, 1, 99)))


def _graft(body: bytes, random: Random) -> bytes:
    """A node replaced by a copy of another one of the same document."""

    def graft(document: Any, steps: Steps) -> None:
        other = look(document, random.choice(nodes(document)))
        put(document, steps, json.loads(json.dumps(other)))

    return _edited(body, random, graft)


def _prune(body: bytes, random: Random) -> bytes:
    def prune(document: Any, steps: Steps) -> None:
        del look(document, steps[:-1])[steps[-1]]

    return _edited(body, random, prune)


def _repeat(body: bytes, random: Random) -> bytes:
    """An element that stands twice, or a value that became a list of itself."""

    def repeat(document: Any, steps: Steps) -> None:
        above, node = look(document, steps[:-1]), look(document, steps)
        if is_array(above):
            above.insert(random.randrange(len(above) + 1), node)
        else:
            put(document, steps, [node, node])

    return _edited(body, random, repeat)


def _reword(body: bytes, random: Random) -> bytes:
    """A text or a number in place of another one, so that roles, types, ids and offsets do not fit together."""

    def reword(document: Any, _: Steps) -> None:
        found = list(leaves(document))
        if found:
            model: object = random.choice(found)[1]
            alike = [leaf for leaf in found if type(leaf[1]) is type(model)]
            put(document, random.choice(alike)[0], random.choice(alike)[1])

    return _edited(body, random, reword)


_FAULTS: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flip, _cut, _double, _remove, _insert, _insert, _value, _value, _value, _deep, _swap, _graft, _graft,
    _prune, _prune, _repeat, _repeat, _reword, _reword, _reword,
)  # fmt: skip


def _edited(body: bytes, random: Random, edit: Callable[[Any, Steps], None]) -> bytes:
    """The document with one node changed; as it was where it is no JSON, or too deep."""
    try:
        document = json.loads(body)
        places = nodes(document)
        if places:
            edit(document, random.choice(places))
        return json.dumps(document).encode()
    except (ValueError, RecursionError):
        return body
