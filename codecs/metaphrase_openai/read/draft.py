"""A message while it is being read."""

from __future__ import annotations

from msgspec import Raw, UnsetType

from metaphrase import ir
from metaphrase.ir.node import At
from metaphrase.loss import Report

from ..leftovers import verbatim
from ..names import CODEC
from ..options import Options
from ..wire import Message, Part

# The members that a message's parts are read from; a layout of its own is kept as these.
_SPEAKING = (
    "content",
    "refusal",
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "images",
    "audio",
    "tool_calls",
    "function_call",
    "extra_content",
)
_USUAL = Options()


class Draft:
    """Parts in order, what is left over, and whether the layout is the one that the writer chooses by itself."""

    __slots__ = ("at", "left", "options", "parts", "plain", "report", "wire")

    def __init__(self, wire: Message, at: At, report: Report, options: Options = _USUAL) -> None:
        self.wire = wire
        self.at = at
        self.report = report
        self.options = options
        self.parts: list[ir.Part] = []
        self.left: dict[str, Raw] = {}
        self.plain = True

    def aside(self, key: str, raw: Raw) -> None:
        """Keep a member that no part expresses, and report it."""
        self.left[key] = raw
        self.report.leftover(self.at, key, CODEC)

    def spelling(self, parts: tuple[ir.Part, ...]) -> ir.Spelling | None:
        """How these parts were laid out, if not in the usual way."""
        if self.plain:
            return None
        members = {
            key: verbatim(value)
            for key in _SPEAKING
            if key not in self.left and not isinstance(value := getattr(self.wire, key), UnsetType)
        }
        return ir.Spelling(CODEC, parts, members)


def whole(wire: Part) -> dict[str, Raw]:
    """Every member of a part, verbatim; its type last, since losses are named by the first."""
    found = dict(wire.extra)
    for key in ("image_url", "input_audio", "file", "text", "refusal", "type"):
        value = getattr(wire, key)
        if not isinstance(value, UnsetType):
            found[key] = verbatim(value)
    return found
