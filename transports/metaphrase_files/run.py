"""Converting what a file holds, one document after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import metaphrase as mp

from .detect import Guess, detect
from .source import Document

# Where nobody says what to convert to: the other one of the two first-party protocols.
OTHER = {"openai": "gemini", "gemini": "openai"}


@dataclass(frozen=True)
class Job:
    """How to convert. What is None is told from each document."""

    source: str | None = None
    target: str | None = None
    kind: str | None = None
    path: str | None = None
    on_loss: Literal["report", "refuse"] = "report"
    now: int = 0
    seed: str = ""


@dataclass(frozen=True)
class Outcome:
    """A document that was converted."""

    document: Document
    guess: Guess
    target: str
    converted: mp.Converted


@dataclass(frozen=True)
class Failed:
    """A document that could not be converted. `line` is None where the input is one whole document."""

    line: int | None
    error: mp.MetaphraseError


def convert_one(document: Document, job: Job) -> Outcome:
    """Convert one document, or raise."""
    guess = detect(document.body, job.source, job.kind)
    target = job.target or other(guess.protocol)
    converted = mp.convert(
        document.body,
        source=guess.protocol,
        target=target,
        kind=guess.kind,
        path=document.path or job.path,
        on_loss=job.on_loss,
        now=job.now,
        seed=job.seed,
    )
    return Outcome(document, guess, target, converted)


def convert_all(documents: Iterable[Document], job: Job) -> Iterator[Outcome | Failed]:
    """Convert one document after the other. A bad one does not stop the rest."""
    for document in documents:
        try:
            yield convert_one(document, job)
        except mp.MetaphraseError as error:
            yield Failed(document.line, error)


def other(source: str) -> str:
    """The protocol to convert to where none is given."""
    try:
        return OTHER[source]
    except KeyError:
        raise mp.WriteError("no target protocol given") from None
