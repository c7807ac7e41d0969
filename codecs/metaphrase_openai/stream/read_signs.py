"""Which part a signature belongs to that came with the whole message, as ``read/signatures.py`` decides it.

Parts that have ended cannot take one any more: it then stands on an empty text at the end, where Gemini itself puts it.
"""

from __future__ import annotations

from typing import NamedTuple

from metaphrase import ir

from ..read.signatures import alike, opaque
from .read_calls import Slot

_RANKS: dict[type[ir.Part], int] = {ir.Thinking: 0, ir.Text: 1, ir.Refusal: 2, ir.Media: 3}


class Sign(NamedTuple):
    """A signature, with the number of its part or the id of its call if it came with one."""

    value: str
    place: int | None
    call: str | None


def settle(
    signs: list[Sign], slots: list[Slot], text: int | None, shown: list[type[ir.Part]]
) -> tuple[dict[int, ir.Opaque], list[str]]:
    """The state of each open part that gets one, and the signatures that are left. ``text``: the open text part."""
    states: dict[int, ir.Opaque] = {slot.part: slot.state for slot in slots if slot.state is not None}
    lone: list[str] = []
    order = sorted([kind for kind in shown if kind in _RANKS], key=_RANKS.__getitem__)
    for sign in signs:
        part = _target(sign, slots, text, order, states)
        if part is None or part in states:
            known = [*[state.value for state in states.values()], *lone]
            if not any(alike(sign.value, value) for value in known):
                lone.append(sign.value)
        else:
            states[part] = opaque(sign.value)
    return states, lone


def _target(
    sign: Sign, slots: list[Slot], text: int | None, order: list[type[ir.Part]], states: dict[int, ir.Opaque]
) -> int | None:
    if sign.place is not None:
        return text if sign.place < len(order) and order[sign.place] is ir.Text else None
    unsigned = [slot.part for slot in slots if slot.part not in states]
    if sign.call is not None:
        called = [slot.part for slot in slots if slot.id == sign.call]
        return called[0] if called else (unsigned[0] if unsigned else text)
    return text if text is not None else (unsigned[0] if unsigned and ir.Text not in order else None)
