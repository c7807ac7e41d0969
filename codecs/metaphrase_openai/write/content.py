"""Content as a list of parts."""

from __future__ import annotations

from msgspec import Raw

from metaphrase import ir
from metaphrase.loss import Report

from ..leftovers import Json, put_back
from ..names import CODEC
from .media import media_part


def content_list(
    parts: tuple[ir.Part, ...], report: Report, *, same: bool, detail: str | None = None
) -> list[Json | Raw]:
    """Texts and media in order; what a list cannot hold is reported."""
    found: list[Json | Raw] = []
    for part in parts:
        if isinstance(part, ir.Text):
            found.append(put_back({"type": "text", "text": part.text}, part.leftovers(CODEC)))
        elif isinstance(part, ir.Media):
            made = media_part(part, report, same=same, detail=detail)
            if made is not None:
                found.append(made)
        elif isinstance(part, ir.Foreign) and part.codec == CODEC:
            found.append(part.raw)
        else:
            report.lose("dropped", part, None, "content.foreign", CODEC)
    return found


def output_text(output: str | Raw) -> str:
    """A tool's output as text: JSON verbatim."""
    return output if isinstance(output, str) else str(output, "utf-8")
