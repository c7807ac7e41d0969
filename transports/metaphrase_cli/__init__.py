"""The command line. One module per command; `main` is the console script."""

from __future__ import annotations

import sys

HINT = "metaphrase: the command line needs click and rich; install them with: pip install 'metaphrase[cli]'\n"
_EXTRA = frozenset({"click", "rich"})


def main() -> None:
    """Run the command line, or say in one line what is missing."""
    try:
        from .app import app
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _EXTRA:
            raise
        sys.stderr.write(HINT)
        sys.exit(1)
    app()
