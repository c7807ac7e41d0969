"""`metaphrase inspect`: a payload in both protocols side by side."""

from __future__ import annotations

from itertools import islice
from typing import BinaryIO

import click

import metaphrase_files as files
from metaphrase_files import Document, Job

from .common import Stop, document_options, name_of, stopping
from .show import SideBySide, console, document, loss_table


@click.command()
@document_options
@click.option("--line", type=click.IntRange(min=1), default=1, help="Which document of a JSONL file.")
@click.argument("file", type=click.File("rb"))
def inspect(
    file: BinaryIO, source: str | None, target: str | None, kind: str | None, path: str | None, line: int
) -> None:
    """Show FILE (- for stdin) in both protocols side by side, with what is lost between them."""
    with stopping():
        chosen = _pick(file, line)
    with stopping(chosen.line):
        outcome = files.convert_one(chosen, Job(source, target, kind, path))
    converted = outcome.converted
    left = document(chosen.body, f"{outcome.guess.protocol} {outcome.guess.kind}", chosen.path or path)
    right = document(converted.body, f"{outcome.target} {outcome.guess.kind}", converted.path)
    screen = console()
    screen.print(SideBySide(left, right))
    if converted.losses:
        screen.print(loss_table(converted.losses, "What is lost"))
    else:
        screen.print("Nothing is lost.")


def _pick(file: BinaryIO, line: int) -> Document:
    given = files.read_input(file, name_of(file))
    if not given.lines and line == 1:
        return next(given.documents)
    found = next(islice((item for item in given.documents if item.line == line), 1), None)
    if found is None:
        raise Stop(f"there is no document on line {line}")
    return found
