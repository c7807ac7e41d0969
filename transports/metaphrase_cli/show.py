"""How losses and documents look in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import msgspec
from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.panel import Panel
from rich.segment import Segment
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

import metaphrase as mp
from metaphrase_files import LossLine

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

_PIPE_WIDTH = 200
_LONGEST = 160
_COLOUR = {
    "dropped": "red",
    "approximated": "yellow",
    "defaulted": "cyan",
    "synthesised": "cyan",
    "repaired": "yellow",
    "moved": "blue",
}


def console(*, stderr: bool = False) -> Console:
    """A console; where nobody watches it is wide, so that no path is broken over two lines."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else _PIPE_WIDTH)


def loss_table(losses: Sequence[mp.Loss | LossLine], title: str | None = None, *, brief: bool = False) -> Table:
    """Losses as a table. All text is given as it is: a path holds brackets, which rich would take for markup."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    lined = any(isinstance(loss, LossLine) and loss.line is not None for loss in losses)
    for name in _columns(lined=lined, brief=brief):
        table.add_column(name, overflow="fold", justify="right" if name in {"line", "count"} else "left")
    for loss in losses:
        line = [str(loss.line or "")] if lined and isinstance(loss, LossLine) else []
        cells = [loss.kind, loss.path or f"+ {loss.target}".rstrip(), loss.feature]
        more = [] if brief else [loss.codec, str(loss.count), _detail(loss)]
        table.add_row(*(Text(cell, style=_COLOUR.get(cell, "")) for cell in line + cells + more))
    return table


def document(
    body: bytes, title: str, path: str | None = None, lines: int | None = None, longest: int = _LONGEST
) -> Panel:
    """A JSON document in a frame, indented, strings cut to `longest` letters; with `lines`, cut to so many."""
    text = pretty(body, longest)
    shown = text.splitlines()
    if lines is not None and len(shown) > lines:
        text = "\n".join([*shown[: lines - 1], f"... {len(shown) - lines + 1} more lines"])
    shape = Syntax(text, "json", word_wrap=True, background_color="default")
    inside = Group(Text(path, style="bold", overflow="fold"), shape) if path else shape
    return Panel(inside, title=Text(title), title_align="left")


class SideBySide:
    """Two things beside one another, each half of the width."""

    def __init__(self, left: Panel, right: Panel) -> None:
        self.left = left
        self.right = right

    def __rich_console__(self, _console: Console, _options: ConsoleOptions) -> RenderResult:
        """Rich's way to ask for the parts."""
        grid = Table.grid(expand=True)
        grid.add_column(ratio=1)
        grid.add_column(ratio=1)
        grid.add_row(self.left, self.right)
        yield grid
        yield Segment.line()


def pretty(body: bytes, longest: int = _LONGEST) -> str:
    """JSON text, indented, with long strings cut; a stream line by line. Only for the eye."""
    try:
        body = msgspec.json.encode(_cut(msgspec.json.decode(body), longest))
    except msgspec.DecodeError:
        # A stream, or a number that passed verbatim and that no float can hold.
        lines = [line for line in body.decode(errors="replace").splitlines() if line]
        return "\n".join([line if len(line) <= _LONGEST else f"{line[:_LONGEST]}... ({len(line):,})" for line in lines])
    return msgspec.json.format(body, indent=2).decode()


def total(losses: Iterable[mp.Loss | LossLine]) -> int:
    """How many losses, counting merged ones."""
    return sum(loss.count for loss in losses)


def _columns(*, lined: bool, brief: bool) -> list[str]:
    return (["line"] if lined else []) + ["loss", "path", "feature"] + ([] if brief else ["codec", "count", "detail"])


def _detail(loss: mp.Loss | LossLine) -> str:
    moved = f"now at {loss.target}" if loss.target and loss.path else ""
    return "; ".join(filter(None, [loss.detail, moved]))


def _cut(node: Json, longest: int) -> Json:
    if isinstance(node, str) and len(node) > longest:
        return f"{node[:longest]}... ({len(node):,} characters)"
    if isinstance(node, list):
        return [_cut(item, longest) for item in node]
    if isinstance(node, dict):
        return {key: _cut(value, longest) for key, value in node.items()}
    return node
