"""How much to think: every vendor's knob, as one setting.

Where two of them disagree the first counts, and a loss names the other.
"""

from __future__ import annotations

from msgspec import Raw

from metaphrase import ir
from metaphrase.ir.node import At
from metaphrase.loss import Key, Report, steps_of

from ..leftovers import object_of, report_below, report_members, says_nothing, value_of
from ..names import CODEC

_Field = tuple[str, type]
# members of an object -> the setting's field and the type of its value
REASONING: dict[str, _Field] = {  # OpenRouter
    "effort": ("effort", str),
    "max_tokens": ("budget", int),
    "enabled": ("enabled", bool),
    "exclude": ("exclude", bool),
}
THINKING: dict[str, _Field] = {"type": ("type", str), "budget_tokens": ("budget", int)}  # Anthropic, Z.ai, DeepSeek
TEMPLATE: dict[str, _Field] = {  # vLLM, SGLang: chat_template_kwargs
    "enable_thinking": ("enabled", bool),
    "thinking": ("enabled", bool),
    "thinking_budget": ("budget", int),
    "reasoning_effort": ("effort", str),
}
GOOGLE: dict[str, _Field] = {  # extra_body.google.thinking_config
    "thinking_budget": ("budget", int),
    "thinkingBudget": ("budget", int),
    "thinking_level": ("level", str),
    "thinkingLevel": ("level", str),
    "include_thoughts": ("include", bool),
    "includeThoughts": ("include", bool),
}
SCALARS: dict[str, _Field] = {
    "reasoning_effort": ("effort", str),
    "enable_thinking": ("enabled", bool),
    "thinking_budget": ("budget", int),
    "include_reasoning": ("include", bool),
}
OBJECTS: dict[str, dict[str, _Field]] = {"reasoning": REASONING, "thinking": THINKING, "chat_template_kwargs": TEMPLATE}
_TYPES: dict[str, tuple[str, object]] = {
    "enabled": ("enabled", True),
    "disabled": ("enabled", False),
    "adaptive": ("budget", -1),
    "auto": ("budget", -1),
}


class Knobs:
    """Collects what the knobs say, and where each field was said."""

    __slots__ = ("_report", "_values", "keys")

    def __init__(self, report: Report) -> None:
        self._report = report
        self._values: dict[str, object] = {}
        self.keys: dict[str, Key] = {}

    def turn(self, field: str, value: object, at: At | None, key: str) -> None:
        """One knob."""
        if field == "type":
            meant = _TYPES.get(str(value))
            if meant is None:
                self._report.leftover(at, key, CODEC)
                return
            field, value = meant
        elif field == "exclude":
            field, value = "include", not value
        if field not in self._values:
            self._values[field] = value
            self.keys[f"thinking.{field}"] = steps_of(at, key)
        elif self._values[field] != value:
            self._report.leftover(at, key, CODEC)

    def scalar(self, key: str, raw: Raw, at: At | None = None) -> None:
        """A knob that is one value."""
        field, kind = SCALARS[key]
        self._one(field, kind, raw, at, key)

    def object(self, key: str, raw: Raw, fields: dict[str, _Field], at: At | None = None) -> None:
        """A knob that is an object; members that are no knobs are reported."""
        if memoryview(raw)[0] != 0x7B:
            report_below(raw, at, key, self._report)
            return
        below = At(at, key)
        for name, value in object_of(raw, at, key).items():
            known = fields.get(name)
            if known is None:
                report_members({name: value}, below, self._report)
            else:
                self._one(known[0], known[1], value, below, name)

    def _one(self, field: str, kind: type, raw: Raw, at: At | None, key: str) -> None:
        value = value_of(raw, kind)
        if value is not None:
            self.turn(field, value, at, key)
        elif not says_nothing(raw):
            self._report.leftover(at, key, CODEC)

    def setting(self) -> ir.ThinkingSetting | None:
        """The one setting."""
        return ir.ThinkingSetting(**self._values) if self._values else None  # type: ignore[arg-type]  # checked by field
