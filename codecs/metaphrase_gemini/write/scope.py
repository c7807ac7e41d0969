"""What every writer is handed."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from metaphrase import ir
from metaphrase.loss import LossKind, Report
from metaphrase_gemini.models import Family
from metaphrase_gemini.options import Options
from metaphrase_gemini.words import CODEC


class Scope(Struct):
    """One document being written. ``same``: it came from this codec and is restored, not translated.

    ``detailed``: media with a wish for detail that could not be written beside them. ``answer``: it is the model's.
    """

    report: Report
    same: bool
    family: Family
    options: Options
    detailed: list[ir.Media] = []
    answer: bool = False

    def lose(
        self,
        kind: LossKind,
        node: ir.Node,
        field: str | None,
        feature: str,
        detail: str = "",
        target: str = "",
        below: tuple[str | int, ...] = (),
    ) -> None:
        """Report what Gemini cannot say."""
        self.report.lose(kind, node, field, feature, CODEC, detail, target, below)

    def add(self, kind: LossKind, feature: str, detail: str, target: str = "") -> None:
        """Report what was added."""
        self.report.add(kind, None, None, feature, CODEC, detail, target)


Signed = ir.Text | ir.Thinking | ir.Media | ir.ToolCall | ir.Code | ir.CodeResult
RAW_DUMMIES = {
    "skip_thought_signature_validator": "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",
    "context_engineering_is_the_way_to_go": "Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv",
}
"""The documented stand-ins for a signature, as text: the field is bytes, and only their base64 survives every hop."""


def signature(part: Signed, to: Scope) -> str | UnsetType:
    """The signature that this part must carry back to Gemini. Another vendor's state stays where it is."""
    state = part.state
    if state is None:
        return UNSET
    if state.issuer == CODEC:
        return state.value if to.same else RAW_DUMMIES.get(state.value, state.value)
    to.lose("dropped", part, "state", "thinking.signature", f"state of {state.issuer}")
    return UNSET
