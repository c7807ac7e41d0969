"""Codecs by name, from the entry points of installed distributions (group ``metaphrase.codecs``)."""

from __future__ import annotations

from functools import cache

from .codec import Codec
from .errors import MetaphraseError


def resolve(codec: str | Codec) -> Codec:
    """The codec of this name, or the value itself. An unknown name is a MetaphraseError that lists the known ones."""
    return _load(codec) if isinstance(codec, str) else codec


def codecs() -> dict[str, Codec]:
    """All installed codecs by name."""
    return {name: resolve(name) for name in sorted(_entry_points())}


@cache
def _load(name: str) -> Codec:
    points = _entry_points()
    if name not in points:
        raise MetaphraseError(f"No codec of this name is installed; there are: {', '.join(sorted(points)) or 'none'}")
    module, _, attribute = points[name].partition(":")
    codec = getattr(__import__(module, fromlist=[attribute]), attribute)
    if not isinstance(codec, Codec):
        raise MetaphraseError(f"The entry point of codec {name!r} does not name a Codec")
    return codec


@cache
def _entry_points() -> dict[str, str]:
    from importlib.metadata import entry_points  # here: it costs more than the rest of the import

    return {point.name: point.value for point in entry_points(group="metaphrase.codecs")}
