"""The rows: each field of a protocol, its class, and what becomes of it in the other protocol."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

Protocol = Literal["openai", "gemini"]
Class = Literal["exact", "emulated", "carried", "lost", "struct"]

PROTOCOLS: tuple[Protocol, ...] = ("openai", "gemini")
OTHER: dict[Protocol, Protocol] = {"openai": "gemini", "gemini": "openai"}
NAMES: dict[Protocol, str] = {"openai": "OpenAI", "gemini": "Gemini"}
HERE = Path(__file__).parent


class Row(msgspec.Struct, frozen=True):
    """One field.

    ``path``: where it stands; `[]` is any element, `[<Type>]` one of this `@type`, `{key}` any key. ``by``: who speaks
    it, where not everybody does: `google` (Google's OpenAI endpoint), `others` (other servers), `vertex` (Vertex AI
    only), `newer` (not in every published schema). ``values``: legal values to try, each different from the others;
    none where the rows below it say what becomes of it. ``becomes``: what stands for it in the other protocol.
    """

    path: str
    group: Class
    by: str
    values: tuple[Any, ...]
    becomes: str


def rows(protocol: Protocol) -> tuple[Row, ...]:
    """The fields of both vendors' schemas, and of the best known dialects."""
    return _read(f"{protocol}.tsv")


def also(protocol: Protocol) -> tuple[Row, ...]:
    """What is read besides: words of single servers, and operations that only one of the two protocols has so."""
    return _read(f"{protocol}_also.tsv")


@cache
def _read(name: str) -> tuple[Row, ...]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return tuple([_row(fields) for fields in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)])


def _row(fields: dict[str, str]) -> Row:
    values = tuple(msgspec.json.decode(fields["values"])) if fields["values"] else ()
    group = cast(Class, fields["class"])
    return Row(fields["path"], group, fields["by"], values, fields["becomes"])


def paths(protocol: Protocol) -> frozenset[str]:
    """All paths of a protocol that have a row."""
    return frozenset([row.path for row in (*rows(protocol), *also(protocol))])
