"""Signatures of the parts that are no calls: they wait for the end of the choice, when their numbers are known.

The numbers are those that ``write/assistant.py`` gives the parts of a whole message.
"""

from __future__ import annotations

from metaphrase import ir
from metaphrase.loss import Report

from ..leftovers import Json
from ..names import CODEC, GOOGLE
from ..options import Options
from ..write.signatures import Signed, sign_message

Signable = ir.Text | ir.Thinking | ir.Media
_Value = tuple[str, ir.Part]


class Signs:
    """What a choice shows, and the signatures of it."""

    __slots__ = (
        "_audio", "_content", "_images", "_thoughts", "_trailing", "audio", "content", "images", "refusal", "thoughts",
        "verbatim",
    )  # fmt: skip

    def __init__(self) -> None:
        self.thoughts = False
        self.content = False
        self.refusal = False
        self.images = 0
        self.audio = False
        self.verbatim: list[bytes] = []  # members of this protocol that have been passed on
        self._thoughts: list[_Value] = []
        self._content: list[_Value] = []
        self._trailing: list[_Value] = []  # of empty texts that nothing follows as yet: they take no place
        self._images: list[tuple[int, _Value]] = []
        self._audio: list[_Value] = []

    def repeats(self, state: ir.Opaque) -> bool:
        """Whether the signature stood in what has been passed on."""
        value = state.value.encode()
        return any(value in raw for raw in self.verbatim)

    def sign(
        self, part: Signable, state: ir.Opaque | None, report: Report, *, empty: bool = False, heard: bool = False
    ) -> None:
        """A part has ended. Only Gemini's own signatures have a carrier. ``heard``: it is the answer's sound."""
        found: list[_Value] = []
        if state is not None and state.issuer != GOOGLE:
            report.lose("dropped", part, "state", "thinking.signature", CODEC, "Another issuer's state")
        elif state is not None and not self.repeats(state):
            found.append((state.value, part))
        if isinstance(part, ir.Thinking):
            self._thoughts += found
        elif heard:
            self._audio += found
        elif isinstance(part, ir.Media):
            self._images += [(self.images - 1, one) for one in found]
        elif empty and state is not None:
            self._trailing += found
        else:
            self._content += self._trailing + found
            self._trailing = []
            self.content = True

    def write(self, options: Options, report: Report) -> Json:
        """The delta that carries them; empty if there are none."""
        content = 1 if self.thoughts else 0
        images = content + (1 if self.content else 0) + (1 if self.refusal else 0)
        audio = images + self.images
        total = audio + (1 if self.audio else 0)
        signed = [Signed(0, *one) for one in self._thoughts]
        signed += [Signed(content, *one) for one in self._content]
        signed += [Signed(total, *one) for one in self._trailing]
        signed += [Signed(images + place, *one) for place, one in self._images]
        signed += [Signed(audio, *one) for one in self._audio]
        out: Json = {}
        if signed:
            visible = images < total or (self.content and not self.refusal)
            sign_message(out, signed, total - 1 if visible else None, options, report)
        return out
