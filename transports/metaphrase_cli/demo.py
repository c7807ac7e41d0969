"""`metaphrase demo`: a tour over the fixtures, there and back, with what is lost on the way."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from rich import box
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

import metaphrase as mp
import metaphrase_files as files
from metaphrase_files import Document, Job, Outcome

from .common import Stop, stopping
from .serve import starting
from .show import SideBySide, console, document, loss_table, total

_LINES = 32


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stop of the tour."""

    file: str
    title: str
    path: str | None = None


class Leg(msgspec.Struct, frozen=True):
    """One stage with its results: there, and back again."""

    stage: Stage
    there: Outcome
    back: mp.Converted


@click.command()
@click.option(
    "--fixtures",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with tour.json; default: the one of the checkout.",
)
@click.option("--gateway", is_flag=True, help="Calls through a gateway on this machine instead.")
def demo(fixtures: Path | None, *, gateway: bool) -> None:
    """Convert the fixtures both ways and show what is lost."""
    folder = fixtures or _checkout()
    screen = console()
    if gateway:
        with starting():
            from .tour import walk
        walk(screen, folder)
        return
    legs: list[Leg] = []
    with stopping():
        for stage in _tour(folder):
            legs.append(_walk(folder, stage))
            _show(screen, legs[-1])
    screen.print(Rule(Text("There and back")))
    screen.print(_summary(legs))


def _tour(folder: Path) -> list[Stage]:
    try:
        return msgspec.json.decode((folder / "tour.json").read_bytes(), type=list[Stage])
    except FileNotFoundError:
        raise Stop("no fixtures here: run this from a checkout, or name their folder with --fixtures") from None
    except msgspec.DecodeError as error:
        raise Stop(f"{folder / 'tour.json'}: {error}") from error


def _checkout() -> Path:
    """The fixtures beside the source roots, where the package is installed in editable form; else of this folder."""
    beside = Path(__file__).resolve().parents[2] / "fixtures"
    return beside if beside.is_dir() else Path("fixtures")


def _walk(folder: Path, stage: Stage) -> Leg:
    body = (folder / stage.file).read_bytes()
    there = files.convert_one(Document(body, path=stage.path), Job())
    source, target = there.guess.protocol, there.target
    back = mp.convert(
        there.converted.body, source=target, target=source, kind=there.guess.kind, path=there.converted.path
    )
    return Leg(stage, there, back)


def _show(screen: Console, leg: Leg) -> None:
    there, converted = leg.there, leg.there.converted
    screen.print(Rule(Text(leg.stage.title)))
    screen.print(
        SideBySide(
            document(there.document.body, there.guess.protocol, leg.stage.path, _LINES),
            document(converted.body, there.target, converted.path, _LINES),
        )
    )
    if converted.losses:
        screen.print(loss_table(converted.losses))
    else:
        screen.print("Nothing is lost.\n")


def _summary(legs: list[Leg]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("fixture", "direction", "bytes", "losses", "losses on the way back"):
        table.add_column(name, justify="left" if name in {"fixture", "direction"} else "right")
    for leg in legs:
        there = leg.there
        table.add_row(
            leg.stage.file,
            f"{there.guess.protocol} -> {there.target}",
            f"{len(there.document.body)} -> {len(there.converted.body)}",
            str(total(there.converted.losses)),
            str(total(leg.back.losses)),
        )
    return table
