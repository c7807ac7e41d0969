"""For testers: strategies for documents and for the intermediate representation, and the laws as checks.

``check_codec`` and ``Document`` are what the author of a codec needs; ``strategies`` makes values of the intermediate
representation, ``wire`` helps to make documents. They need the extra ``metaphrase[testing]`` (Hypothesis).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .check import LawBrokenError as LawBrokenError
    from .check import check_codec as check_codec
    from .document import Document as Document

# Imported when asked for, so that the simulated upstreams beside them do without Hypothesis.
_HOMES = {"LawBrokenError": ".check", "check_codec": ".check", "Document": ".document"}

__all__ = ["Document", "LawBrokenError", "check_codec"]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home, __name__), name)
