"""What the commands share: exit codes, errors of one line, options."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, BinaryIO, TypeVar

import click

import metaphrase as mp

BAD_INPUT = 2
REFUSED = 3

KINDS = ("chat.request", "chat.response", "chat.stream")
"""The kinds that `convert` takes so far."""

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Stop(click.ClickException):
    """Ends the command with one line on stderr and an exit code."""

    exit_code = BAD_INPUT

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))

    def show(self, file: Any = None) -> None:  # noqa: ARG002 -- click's signature
        """Write the line, without click's "Error:"."""
        complain(self.message)


class Refused(Stop):
    """A loss was refused."""

    exit_code = REFUSED


@contextmanager
def stopping(line: int | None = None) -> Generator[None]:
    """Turn the errors that a document or a file can give into a Stop."""
    try:
        yield
    except mp.LossRefused as error:
        raise Refused(placed(error, line)) from error
    except mp.MetaphraseError as error:
        raise Stop(placed(error, line)) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Stop(f"{error.filename or 'output'}: {error.strerror or error}") from error


def placed(error: mp.MetaphraseError, line: int | None) -> str:
    """The error's text, with its line number in front where the input is JSONL."""
    return str(error) if line is None else f"line {line}: {error}"


def name_of(file: BinaryIO) -> str:
    """The name of an opened file; a pipe may have none."""
    return str(getattr(file, "name", "-"))


def one_line(message: str) -> str:
    """The message without line breaks or control characters."""
    return "".join(char if char.isprintable() else " " for char in message)


def complain(message: str) -> None:
    """One line on stderr."""
    click.echo(f"metaphrase: {one_line(message)}", err=True)


def _codec(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is None or value in mp.codecs():
        return value
    raise click.BadParameter(f"no such codec: {value}. Installed: {', '.join(mp.codecs()) or 'none'}")


def _kind(_context: click.Context, _parameter: click.Parameter, value: str) -> str | None:
    return None if value == "auto" else value


def document_options(command: _Command) -> _Command:
    """The options that say what a document is and what it shall become."""
    for option in (
        click.option("--path", help="The request's path, where the protocol keeps the model there."),
        click.option(
            "--kind", type=click.Choice(["auto", *KINDS]), default="auto", callback=_kind, help="Kind of document."
        ),
        click.option("--to", "target", callback=_codec, metavar="CODEC", help="Protocol to convert to."),
        click.option("--from", "source", callback=_codec, metavar="CODEC", help="Protocol of the input."),
    ):
        command = option(command)
    return command
