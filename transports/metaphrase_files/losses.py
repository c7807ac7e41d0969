"""Losses of many documents: each written to a file as it comes, and a bounded tally for the eye."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO

import msgspec

import metaphrase as mp

_INDEX = re.compile(r"\[\d+\]")
_MOST = 256


class LossLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A loss as it stands in a losses file. `line` is the line number in a JSONL input."""

    kind: str
    path: str
    feature: str
    codec: str
    detail: str = ""
    target: str = ""
    count: int = 1
    line: int | None = None

    @classmethod
    def of(cls, loss: mp.Loss, line: int | None) -> LossLine:
        """A loss, with the line that its document stands on."""
        return cls(loss.kind, loss.path, loss.feature, loss.codec, loss.detail, loss.target, loss.count, line)


class LossWriter:
    """Writes one JSON array of losses, one a line, without holding them."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lead = b"[\n"

    def add(self, losses: Iterable[mp.Loss], line: int | None = None) -> None:
        """Write the losses of one document."""
        for loss in losses:
            self._stream.write(self._lead + msgspec.json.encode(LossLine.of(loss, line)))
            self._lead = b",\n"

    def close(self) -> None:
        """Finish the array. The stream stays open."""
        self._stream.write(b"[]\n" if self._lead == b"[\n" else b"\n]\n")


@dataclass
class Tally:
    """Losses of many documents, counted by kind, feature and path. Bounded: what is beyond is only counted."""

    rows: dict[tuple[str, str, str, str], LossLine] = field(default_factory=dict[tuple[str, str, str, str], LossLine])
    beyond: int = 0

    def add(self, losses: Iterable[mp.Loss], line: int | None = None) -> None:
        """Count the losses of one document."""
        for loss in losses:
            key = (loss.kind, loss.feature, loss.codec, _INDEX.sub("[*]", loss.path or loss.target))
            row = self.rows.get(key)
            if row is not None:
                self.rows[key] = msgspec.structs.replace(
                    row, path=_merged(row.path, loss.path), count=row.count + loss.count
                )
            elif len(self.rows) < _MOST:
                self.rows[key] = LossLine.of(loss, line)
            else:
                self.beyond += loss.count


def _merged(one: str, two: str) -> str:
    return one if one == two else _INDEX.sub("[*]", one)
