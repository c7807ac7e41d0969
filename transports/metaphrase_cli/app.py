"""The group that holds the commands."""

from __future__ import annotations

import click

import metaphrase as mp

from .codecs import codecs
from .convert import convert
from .demo import demo
from .inspect import inspect
from .serve import check_config, serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(mp.__version__, prog_name="metaphrase")
def app() -> None:
    """Translate between the wire protocols of model APIs, and lose nothing in silence."""


for _command in (convert, inspect, demo, codecs, serve, check_config):
    app.add_command(_command)
