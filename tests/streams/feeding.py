"""Feeding a stream through the Reencoder in pieces."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from random import Random

from msgspec.structs import replace

import metaphrase as mp
from metaphrase.registry import resolve
from tests.laws.corpus import Protocol

from . import fold_gemini, fold_openai, grammar_gemini, grammar_openai

NOW, SEED = 1_795_341_600, "answer-1"
FOLD = {"openai": fold_openai.folded, "gemini": fold_gemini.folded}


def translating(protocol: Protocol) -> mp.Codec:
    """A codec that reads and writes its own streams too; tests/streams/test_relay.py has those that are passed on."""
    return replace(resolve(protocol), relay=None)


def reencoder(source: Protocol, target: Protocol, *, include_usage: bool = True) -> mp.Reencoder:
    codecs = translating(source), translating(target)
    return mp.Reencoder(*codecs, include_usage=include_usage, now=NOW, seed=SEED)


def fed(source: Protocol, target: Protocol, pieces: Iterable[bytes]) -> bytes:
    """All that goes out for these pieces."""
    again = reencoder(source, target)
    return b"".join([again.feed(piece) for piece in pieces]) + again.close()


def bytewise(body: bytes) -> Iterator[bytes]:
    return (body[i : i + 1] for i in range(len(body)))


def cut(body: bytes, random: Random, pieces: int = 12) -> Iterator[bytes]:
    places = sorted([0, len(body), *[random.randrange(len(body) + 1) for _ in range(pieces)]])
    return (body[one:two] for one, two in pairwise(places))


def clean(source: Protocol, target: Protocol, body: bytes, *, usage: bool = True, damaged: bool = False) -> bool:
    """Whether a stream that was written ends well (True) or with a failure; Broken if it breaks the grammar."""
    if target == "openai":
        return grammar_openai.check(body, usage=usage, own=source == target, damaged=damaged)
    return grammar_gemini.check(body, own=source == target)
