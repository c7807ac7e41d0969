"""Why an answer ended, in OpenAI's word and in the one that it quotes."""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from metaphrase import ir

from .. import finish
from ..leftovers import value_of
from ..names import CODEC, GOOGLE


def read_finish(word: str, quoted: Raw | UnsetType) -> ir.Finish:
    """The reason. ``quoted`` is ``native_finish_reason``: Google's own word counts where it is of the same class."""
    native = None if quoted is UNSET else value_of(quoted, str)
    reason = finish.QUOTED.get(native) if isinstance(native, str) else None
    if reason is not None and isinstance(native, str) and finish.WRITE[reason] == word:
        return ir.Finish(reason, native, GOOGLE)
    return ir.Finish(finish.READ.get(word, "other"), word, CODEC)
