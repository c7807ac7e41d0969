"""`metaphrase convert`: one document, or JSONL."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

import click

import metaphrase_files as files
from metaphrase_files import Failed, Job, LossWriter, Outcome, Tally

from .common import BAD_INPUT, complain, document_options, name_of, placed, stopping
from .show import console, loss_table

_MOST_PATHS = 8


@dataclass
class Run:
    """What is counted while documents go by."""

    failed: int = 0
    tally: Tally = field(default_factory=Tally)
    paths: Counter[str] = field(default_factory=Counter[str])


@click.command()
@document_options
@click.option(
    "--on-loss", type=click.Choice(["report", "refuse"]), default="report", help="refuse: exit 3, write nothing."
)
@click.option("--losses", type=click.Path(path_type=Path, dir_okay=False), help="Write losses as JSON to this file.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write here instead of stdout.")
@click.option("--envelope", is_flag=True, help='Write {"path": ..., "body": ...}: keeps the path of each request.')
@click.option("--now", type=click.IntRange(min=0), default=0, help="Unix seconds for `created`.")
@click.option("--seed", default="", help="Seed for ids that have to be made.")
@click.argument("file", type=click.File("rb"))
@click.pass_context
def convert(
    context: click.Context,
    file: BinaryIO,
    source: str | None,
    target: str | None,
    kind: str | None,
    path: str | None,
    on_loss: Literal["report", "refuse"],
    losses: Path | None,
    output: Path | None,
    now: int,
    seed: str,
    *,
    envelope: bool,
) -> None:
    """Convert FILE (- for stdin) from one protocol to another.

    One JSON document, a recorded stream, or JSONL with one document a line. Protocol and kind are told from the
    document where they are not given. Losses go to stderr as a table, or to a file with --losses.

    Exit codes: 0 converted; 2 the input (or a line of it) cannot be read; 3 a loss was refused, nothing is written.
    """
    job = Job(source, target, kind, path, on_loss, now, seed)
    run = Run()
    with stopping():
        given = files.read_input(file, name_of(file))
        with ExitStack() as stack:
            # What is refused, and a whole document that fails, must leave no trace.
            at_once = on_loss == "refuse" or not given.lines
            out = stack.enter_context(files.output(output, at_once=at_once))
            writer = LossWriter(stack.enter_context(files.output(losses))) if losses else None
            for outcome in files.convert_all(given.documents, job):
                if isinstance(outcome, Failed):
                    _failed(run, outcome, fatal=at_once)
                else:
                    _write(run, outcome, out, writer, envelope=envelope)
            if writer is not None:
                writer.close()
    _tell(run, paths=not envelope, losses=losses is None)
    context.exit(BAD_INPUT if run.failed else 0)


def _failed(run: Run, failed: Failed, *, fatal: bool) -> None:
    """A bad line is named and the next one taken; where all or nothing was wanted it is the end."""
    if fatal:
        with stopping(failed.line):
            raise failed.error
    run.failed += 1
    complain(placed(failed.error, failed.line))


def _write(run: Run, outcome: Outcome, out: BinaryIO, writer: LossWriter | None, *, envelope: bool) -> None:
    converted = outcome.converted
    end = b"" if outcome.guess.kind == "chat.stream" and not envelope else b"\n"  # a stream ends as its protocol says
    out.write((files.envelope(converted) if envelope else converted.body) + end)
    if converted.path is not None and (len(run.paths) < _MOST_PATHS or converted.path in run.paths):
        run.paths[converted.path] += 1
    if writer is not None:
        writer.add(converted.losses, outcome.document.line)
    else:
        run.tally.add(converted.losses, outcome.document.line)


def _tell(run: Run, *, paths: bool, losses: bool) -> None:
    """Say on stderr what is not in the output: the paths that belong to the bodies, and the losses."""
    if paths:
        for path, count in run.paths.items():
            click.echo(f"path: {path}" + (f" ({count} documents)" if count > 1 else ""), err=True)
        if len(run.paths) > 1:
            click.echo("The bodies above have different paths; --envelope writes each with its own.", err=True)
    if losses and run.tally.rows:
        console(stderr=True).print(loss_table(list(run.tally.rows.values())))
    if losses and run.tally.beyond:
        click.echo(f"and {run.tally.beyond} further losses; --losses FILE writes them all", err=True)
