"""``extra_body.google``: what Google's OpenAI-compatible endpoint takes beside OpenAI's own parameters.

https://ai.google.dev/gemini-api/docs/openai, "extra_body". Always read; also where a client put ``google`` at the root.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from metaphrase import ir
from metaphrase.ir.node import At
from metaphrase.loss import Key, Report, steps_of
from metaphrase.wirejson import elements, members

from ..leftovers import elsewhere, object_of, report_below, report_members, says_nothing, value_of
from ..names import CODEC, GOOGLE
from .thinking import GOOGLE as THINKING
from .thinking import Knobs

_TOOLS = {
    "googleSearch": "web_search",
    "urlContext": "url_context",
    "codeExecution": "code_execution",
    "googleMaps": "maps",
}
_IMAGE = {"aspectRatio": "aspect", "imageSize": "size"}
_SAFETY = ("category", "threshold", "method")


def camel(key: str) -> str:
    """Google takes both spellings of its keys."""
    first, *rest = key.split("_")
    return first + "".join([word.capitalize() for word in rest])


class GoogleBody:
    """What such an object says, each with its place."""

    __slots__ = ("cached", "image", "keys", "knobs", "report", "safety", "tools")

    def __init__(self, knobs: Knobs, report: Report) -> None:
        self.knobs = knobs
        self.report = report
        self.cached: str | None = None
        self.safety: list[ir.SafetySetting] = []
        self.tools: list[ir.Tool] = []
        self.image: dict[str, str] = {}
        self.keys: dict[str, Key] = {}

    def read(self, raw: Raw, at: At | None) -> None:
        """The object under ``google``."""
        if memoryview(raw)[0] != 0x7B:
            report_below(raw, at, "google", self.report)
            return
        below = At(at, "google")
        for key, value in object_of(raw, at, "google").items():
            if not says_nothing(value):
                self._member(key, value, below)

    def _member(self, key: str, raw: Raw, at: At) -> None:
        member = _MEMBERS.get(camel(key))
        if member is None:
            report_below(raw, at, key, self.report)
        else:
            member(self, key, raw, at)

    def on_thinking(self, key: str, raw: Raw, at: At) -> None:
        """``thinking_config``."""
        self.knobs.object(key, raw, THINKING, at)

    def on_image(self, key: str, raw: Raw, at: At) -> None:
        """``image_config``."""
        for name, value in _members(raw, at, key, self.report).items():
            self.on_picture(name, value, At(at, key))

    def on_generation(self, key: str, raw: Raw, at: At) -> None:
        """``generation_config``: of what it may hold, what has no other place at OpenAI."""
        for name, value in _members(raw, at, key, self.report).items():
            if camel(name) in ("thinkingConfig", "imageConfig"):
                self._member(name, value, At(at, key))
            else:
                report_members({name: value}, At(at, key), self.report)

    def on_tools(self, key: str, raw: Raw, at: At) -> None:
        """Tools that Google's server runs."""
        if memoryview(raw)[0] != 0x5B:
            self.report.leftover(at, key, CODEC)
            return
        for i, one in enumerate(elements(raw)):
            self._tool(one, At(at, key), i)

    def on_cache(self, key: str, raw: Raw, at: At | None) -> None:
        """The name of a cached content."""
        name = value_of(raw, str)
        if isinstance(name, str) and self.cached is None:
            self.cached = name
            self.keys["cached_content"] = steps_of(at, key)
        elif name != self.cached:
            report_below(raw, at, key, self.report)

    def on_picture(self, key: str, raw: Raw, at: At | None) -> None:
        """A property of generated images."""
        field = _IMAGE.get(camel(key))
        value = value_of(raw, str)
        if field is None or not isinstance(value, str):
            report_below(raw, at, key, self.report)
        elif field not in self.image:
            self.image[field] = value
            self.keys[f"image.{field}"] = steps_of(at, key)
        elif self.image[field] != value:
            self.report.leftover(at, key, CODEC)

    def on_safety(self, key: str, raw: Raw, at: At | None) -> None:
        """Safety settings, in Google's words."""
        if memoryview(raw)[0] != 0x5B or self.safety:
            report_below(raw, at, key, self.report)
            return
        here = At(at, key)
        self.keys["safety"] = steps_of(at, key)
        for i, one in enumerate(elements(raw)):
            inside = object_of(one, here, i)
            words = {name: value_of(inside[name], (str, int)) for name in _SAFETY if name in inside}
            category, threshold = words.get("category"), words.get("threshold")
            if not isinstance(category, (str, int)) or not isinstance(threshold, (str, int)):
                report_members(inside, At(here, i), self.report)
                continue
            method = words.get("method")
            setting = ir.SafetySetting(
                category, threshold, method if isinstance(method, (str, int)) else None, at=At(here, i)
            )
            self.safety.append(setting)
            report_members({k: v for k, v in inside.items() if k not in _SAFETY}, At(here, i), self.report)

    def _tool(self, raw: Raw, at: At, place: int) -> None:
        for key, config in object_of(raw, at, place).items():
            here = At(At(at, place), key)
            kind = _TOOLS.get(camel(key))
            if kind is None:
                report_below(config, At(at, place), key, self.report)
            else:
                said = None if says_nothing(config) else config
                self.tools.append(ir.Builtin(kind, GOOGLE, said, at=here, spelt=elsewhere("kind", kind)))


def _members(raw: Raw, at: At, key: str, report: Report) -> dict[str, Raw]:
    if memoryview(raw)[0] == 0x7B:
        return members(raw)
    report_below(raw, at, key, report)
    return {}


_MEMBERS: dict[str, Callable[[GoogleBody, str, Raw, At], None]] = {
    "thinkingConfig": GoogleBody.on_thinking,
    "cachedContent": GoogleBody.on_cache,
    "safetySettings": GoogleBody.on_safety,
    "imageConfig": GoogleBody.on_image,
    "aspectRatio": GoogleBody.on_picture,
    "generationConfig": GoogleBody.on_generation,
    "tools": GoogleBody.on_tools,
}
