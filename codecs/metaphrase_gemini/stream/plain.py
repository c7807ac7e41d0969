"""The usual chunk of a stream, and no other: one piece of text for one candidate, counters and names.

A type that nothing else fits tells it from all other chunks at the cost of decoding it. Some servers add members of
their own to every chunk; types that know those are made when they are met.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Raw, UnsetType

from metaphrase.learned import SIMPLE
from metaphrase_gemini.wire.content import Content, Gemini, Part
from metaphrase_gemini.wire.plain import Plain
from metaphrase_gemini.wire.response import Candidate, Chunk

Names = tuple[str, ...]
Decode = Callable[[bytes], Any]
Strangers = tuple[Names, Names, Names, Names]
"""Names of unknown members: of the chunk, its candidate, the content, the part."""

_LEVELS: tuple[type[Gemini], ...] = (Chunk, Candidate, Content, Part)

_MOST = 16  # names: each makes one more type, and whoever sends chunks chooses them

NONE: Strangers = ((), (), (), ())


@lru_cache(maxsize=64)
def decoder(strangers: Strangers = NONE) -> Decode:
    """What decodes the usual chunk with these unknown members, each as raw JSON in a field called after its place."""
    chunk, candidate, content, part = strangers
    piece = _type("PlainPart", [("text", str), ("thought", bool, False)], part)
    said = _type("PlainContent", [("parts", _one(piece)), ("role", Literal["model"], "model")], content)
    one = _type("PlainCandidate", [("content", said), ("index", int, 0)], candidate)
    names = ("model_version", "response_id", "create_time")
    counts: list[Any] = [("candidates", _one(one)), ("usage_metadata", Raw | UnsetType, UNSET)]
    whole = _type("PlainChunk", [*counts, *[(name, str | UnsetType, UNSET) for name in names]], chunk)
    return msgspec.json.Decoder(whole).decode


def _one(item: Any) -> Any:
    """An array of exactly one."""
    return tuple.__class_getitem__((item,))


def _type(name: str, fields: list[Any], strangers: Names) -> Any:
    found = [(field(i), Raw | UnsetType, UNSET) for i in range(len(strangers))]
    rename = {field(i): stranger for i, stranger in enumerate(strangers)}
    own = {one[0]: _camel(one[0]) for one in fields}
    return msgspec.defstruct(name, [*fields, *found], bases=(Plain,), rename={**own, **rename}, gc=False)


def field(number: int) -> str:
    """The field that holds an unknown member."""
    return f"stranger_{number}"


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join([word.capitalize() for word in rest])


def learned(known: Strangers, met: tuple[Gemini, ...]) -> Strangers:
    """The unknown members known so far and those of one more chunk; as before where there are too many, or odd ones."""
    levels = tuple([tuple(dict.fromkeys([*names, *one.extra])) for names, one in zip(known, met, strict=True)])
    if levels == known or sum(map(len, levels)) > _MOST:
        return known
    for names, level in zip(levels, _LEVELS, strict=True):
        own = _own(level)
        if any(not SIMPLE(name) or name.replace("_", "").lower() in own for name in names):
            return known  # a null in a known place, which may hold something the next time
    return levels[0], levels[1], levels[2], levels[3]


def _own(level: type[Gemini]) -> frozenset[str]:
    return frozenset([name.replace("_", "").lower() for name in level.__struct_fields__])
