"""Generated images that stand in the text as Markdown: ``![image](data:image/png;base64,...)``."""

from __future__ import annotations

from msgspec import Raw

from metaphrase import ir
from metaphrase.wirejson import encode

from ..media import parse_data_url
from ..names import CODEC
from .draft import Draft

MARK = "](data:image/"
GAP = "\n\n"  # between an image and what stands beside it
_LONGEST_ALT = 256


def read_pictures(text: str, at: ir.At, draft: Draft) -> None:
    """Texts and images in their order; images at web addresses may be the model's own words and stay text."""
    start = 0
    for begin, middle, end in _places(text):
        found = parse_data_url(Raw(encode(text[middle + 2 : end])))
        assert found is not None  # noqa: S101 - it begins like one, and has a comma
        before = text[start:begin].removesuffix(GAP)
        before = before.removeprefix(GAP) if start else before
        if before:
            draft.parts.append(ir.Text(before, at=at))
        if text[begin + 2 : middle] not in ("", "image"):
            draft.report.crossing("approximated", at, None, "media.alt", CODEC, "Without its alternative text")
        spelt = {"source": ir.Spelling(CODEC, found.inline, {})}
        draft.parts.append(ir.Media("image", found.inline, found.mime, at=at, spelt=spelt))
        start, draft.plain = end + 1, False
    rest = text[start:].removeprefix(GAP) if start else text
    if rest:
        draft.parts.append(ir.Text(rest, at=at))


def _places(text: str) -> list[tuple[int, int, int]]:
    """Where each image begins, where its address does, and where it ends."""
    found: list[tuple[int, int, int]] = []
    start = 0
    while (middle := text.find(MARK, start)) >= 0 and (end := text.find(")", middle)) >= 0:
        begin = text.rfind("![", max(start, middle - _LONGEST_ALT), middle)
        comma = text.find(",", middle, end)
        if begin >= 0 and comma >= 0 and not text[begin:end].count("\n") and " " not in text[middle:end]:
            found.append((begin, middle, end))
        start = end + 1
    return found
