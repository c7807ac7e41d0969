"""`metaphrase codecs`: what is installed."""

from __future__ import annotations

import click
from rich import box
from rich.table import Table

import metaphrase as mp

from .common import stopping
from .show import console


@click.command()
def codecs() -> None:
    """List the installed codecs and what each can do."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("codec")
    table.add_column("operations")
    with stopping():
        for name, codec in mp.codecs().items():
            table.add_row(name, ", ".join(_operations(codec)) or "none")
    console().print(table)


def _operations(codec: mp.Codec) -> list[str]:
    return ["chat"] if codec.chat is not None else []
