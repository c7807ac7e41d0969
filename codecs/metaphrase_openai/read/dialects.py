"""Members of a request that OpenAI's plain chat does not need: legacy ones, vendors' own, and Google's."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import UNSET, DecodeError, Raw, UnsetType, ValidationError

from metaphrase import ir
from metaphrase.ir.node import At
from metaphrase.loss import Key, Report
from metaphrase.wirejson import members

from ..leftovers import NULL, is_null, object_of, report_below, report_members, says_nothing, value_of, verbatim
from ..names import CODEC
from ..wire import Request
from .google import GoogleBody
from .thinking import OBJECTS, SCALARS, Knobs
from .tools import read_choice, read_functions, read_plugins, read_web_search

_labels = msgspec.json.Decoder(dict[str, str])


class Dialects:
    """What the further members say. ``left`` keeps those that stay as they are; ``spelt`` how a field was said."""

    def __init__(self, doc: Request, tools: tuple[ir.Tool, ...] | UnsetType, report: Report) -> None:
        self.doc = doc
        self.report = report
        self.left: dict[str, Raw] = {}
        self.spelt: dict[str, ir.Spelling] = {}
        self.knobs = Knobs(report)
        self.google = GoogleBody(self.knobs, report)
        self.tools: list[ir.Tool] = [] if tools is UNSET else list(tools)
        self.had_tools = tools is not UNSET
        self.choice: ir.ToolChoice | None = None
        self.labels: dict[str, str] | UnsetType = UNSET
        self.speech: ir.SpeechSetting | None = None
        self._knobs: dict[str, Raw] = {}
        self._listed: dict[str, Raw] = {}

    def read(self) -> None:
        """Every member that the wire type does not name, and explicit nulls."""
        if self.doc.reasoning_effort is not UNSET:
            self.on_scalar("reasoning_effort", verbatim(self.doc.reasoning_effort))
        for key, raw in self.doc.extra.items():
            handler = _HANDLERS.get(key)
            if handler is None or is_null(raw):
                self.left[key] = raw
                report_below(raw, None, key, self.report)
            else:
                handler(self, key, raw)
        self._tools()

    @property
    def keys(self) -> dict[str, Key]:
        """Where the fields stood that have no one place."""
        return {**self.knobs.keys, **self.google.keys}

    @property
    def thinking(self) -> ir.ThinkingSetting | None:
        """The setting that all knobs together make."""
        setting = self.knobs.setting()
        if list(self._knobs) != ["reasoning_effort"] and (self._knobs or setting is not None):
            self.spelt["thinking"] = ir.Spelling(CODEC, setting, self._knobs)
        return setting

    @property
    def image(self) -> ir.ImageSetting | None:
        """How generated images should look."""
        if not self.google.image:
            return None
        return ir.ImageSetting(self.google.image.get("aspect"), self.google.image.get("size"))

    @property
    def safety(self) -> tuple[ir.SafetySetting, ...] | UnsetType:
        """Safety settings, if any were said."""
        return tuple(self.google.safety) if self.google.safety else UNSET

    def _tools(self) -> None:
        """Tools from all lists."""
        self.tools += self.google.tools
        if "functions" in self._listed:
            if self.had_tools:
                self._listed["tools"] = verbatim(self.doc.tools)
            self.spelt["tools"] = ir.Spelling(CODEC, tuple(self.tools), self._listed)
        elif self.had_tools and self.doc.tools == [] and self.tools:
            self.left["tools"] = Raw(b"[]")

    def on_scalar(self, key: str, raw: Raw) -> None:
        self._knobs[key] = raw
        self.knobs.scalar(key, raw)

    def on_object(self, key: str, raw: Raw) -> None:
        self._knobs[key] = raw
        self.knobs.object(key, raw, OBJECTS[key])

    def on_extra_body(self, key: str, raw: Raw) -> None:
        self.left[key] = raw
        if memoryview(raw)[0] != 0x7B:
            report_below(raw, None, key, self.report)
            return
        at = At(None, key)
        for name, value in object_of(raw, None, key).items():
            if name == "google":
                self.google.read(value, at)
            elif name in SCALARS:
                self.knobs.scalar(name, value, at)
            elif name in OBJECTS:
                self.knobs.object(name, value, OBJECTS[name], at)
            else:
                report_below(value, at, name, self.report)

    def on_google(self, key: str, raw: Raw) -> None:
        self.left[key] = raw
        self.google.read(raw, None)

    def on_functions(self, key: str, raw: Raw) -> None:
        if says_nothing(raw):
            self.left[key] = raw
            return
        self.tools += read_functions(raw, self.report)
        self._listed[key] = raw

    def on_function_call(self, key: str, raw: Raw) -> None:
        choice, _ = read_choice(raw, key, self.report)
        if choice is None or self.doc.tool_choice is not UNSET:
            self.left[key] = raw
            if choice is not None:
                report_below(raw, None, key, self.report)
            return
        self.choice = choice
        self.spelt["tool_choice"] = ir.Spelling(CODEC, choice, {key: raw})

    def on_web_search(self, key: str, raw: Raw) -> None:
        if memoryview(raw)[0] != 0x7B:
            self.left[key] = raw
            self.report.leftover(None, key, CODEC)
            return
        self.tools.append(read_web_search(raw))
        self._listed[key] = raw

    def on_plugins(self, key: str, raw: Raw) -> None:
        self.left[key] = raw
        self.tools += read_plugins(raw, self.report)

    def on_metadata(self, key: str, raw: Raw) -> None:
        try:
            self.labels = _labels.decode(raw)
        except (ValidationError, DecodeError):
            self.left[key] = raw
            report_below(raw, None, key, self.report)

    def on_audio(self, key: str, raw: Raw) -> None:
        inside = members(raw) if memoryview(raw)[0] == 0x7B else {}
        at = At(None, key)
        voice = value_of(inside.get("voice", NULL), str)
        word = value_of(inside.get("format", NULL), str)
        custom = inside.get("voice", NULL)
        if voice is None and memoryview(custom)[0] == 0x7B:
            named = members(custom)
            voice = value_of(named.get("id", NULL), str)
            if isinstance(voice, str):
                report_members({k: v for k, v in named.items() if k != "id"}, At(at, "voice"), self.report)
        if not isinstance(voice, str) and not isinstance(word, str):
            self.left[key] = raw
            report_below(raw, None, key, self.report)
            return
        report_members({k: v for k, v in inside.items() if k not in ("voice", "format")}, at, self.report)
        self.speech = ir.SpeechSetting(
            voice if isinstance(voice, str) else None, word if isinstance(word, str) else None
        )
        self.spelt["speech"] = ir.Spelling(CODEC, self.speech, {key: raw})

    def on_image_config(self, key: str, raw: Raw) -> None:
        if memoryview(raw)[0] != 0x7B:
            self.left[key] = raw
            report_below(raw, None, key, self.report)
            return
        for name, value in members(raw).items():
            if not says_nothing(value):
                self.google.on_picture(name, value, At(None, key))
        self.spelt["image"] = ir.Spelling(CODEC, self.image, {key: raw})

    def on_safety(self, key: str, raw: Raw) -> None:
        self.google.on_safety(key, raw, None)
        self.left[key] = raw

    def on_cached(self, key: str, raw: Raw) -> None:
        self.google.on_cache(key, raw, None)
        self.left[key] = raw


_HANDLERS: dict[str, Callable[[Dialects, str, Raw], None]] = {
    **dict.fromkeys(SCALARS, Dialects.on_scalar),
    **dict.fromkeys(OBJECTS, Dialects.on_object),
    "extra_body": Dialects.on_extra_body,
    "google": Dialects.on_google,
    "functions": Dialects.on_functions,
    "function_call": Dialects.on_function_call,
    "web_search_options": Dialects.on_web_search,
    "plugins": Dialects.on_plugins,
    "metadata": Dialects.on_metadata,
    "audio": Dialects.on_audio,
    "image_config": Dialects.on_image_config,
    "safety_settings": Dialects.on_safety,
    "cached_content": Dialects.on_cached,
}
