"""Where a field stands: its frame, and the documents that differ in nothing but the field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import msgspec

from metaphrase.testing.paths import Step, Steps, put
from metaphrase.testing.values import is_array, is_object

from . import frames_gemini, frames_openai
from .frame import MARK, STREAM, Frame
from .table import Protocol

FRAMES: dict[Protocol, dict[str, Frame]] = {"openai": frames_openai.FRAMES, "gemini": frames_gemini.FRAMES}
EACH: dict[Protocol, dict[str, tuple[Frame, ...]]] = {"openai": frames_openai.EACH, "gemini": frames_gemini.EACH}
ROOTS: dict[Protocol, tuple[str, ...]] = {
    "openai": (
        "request",
        "response",
        "chunk",
        "embeddings.request",
        "embeddings.response",
        "input_tokens.request",
        "input_tokens.response",
        "models.get.response",
        "models.list.response",
    ),
    "gemini": (
        "generateContent.request",
        "generateContent.response",
        "embedContent.request",
        "embedContent.response",
        "batchEmbedContents.request",
        "batchEmbedContents.response",
        "countTokens.request",
        "countTokens.response",
        "predict.request",
        "predict.response",
        "models.get.response",
        "models.list.response",
    ),
}
"""The documents; what a path has after its root are the steps in the document. An `error` is its own root."""
_TOKEN = re.compile(r"\.([^.\[\]]+)|\[(<\w+>)?\]")
_TYPE = "type.googleapis.com/google.rpc."


class Place(msgspec.Struct, frozen=True):
    """A field in its frame: a document that leads to it, and the steps."""

    frame: Frame
    document: Any
    steps: Steps

    def holding(self, value: object) -> Any:
        """The document with this value in the field's place."""
        document = deepcopy(self.document)
        put(document, self.steps, value)
        return _unmarked(document)

    def without(self) -> Any:
        """The document without the field."""
        document = deepcopy(self.document)
        node = document
        for step in self.steps[:-1]:
            node = node[step]
        del node[self.steps[-1]]
        return _unmarked(document)


def places(protocol: Protocol, path: str, count: int) -> list[Place]:
    """A place for each of ``count`` values; none for what stands in no document."""
    if count == 0:
        return []
    each = EACH[protocol].get(path)
    if each is not None:
        return [_place(protocol, path, frame) for frame in each]
    frame = frame_of(protocol, path)
    return [] if frame is None else [_place(protocol, path, frame)] * count


def frame_of(protocol: Protocol, path: str) -> Frame | None:
    """The frame of a field; None for what stands in no document."""
    frames = FRAMES[protocol]
    key = max([key for key in frames if leads(key, path)], key=len, default=None)
    return None if key is None else frames[key]


def leads(prefix: str, path: str) -> bool:
    """Whether one path is the other, or stands above it."""
    return path == prefix or path.startswith((prefix + ".", prefix + "["))


def _place(protocol: Protocol, path: str, frame: Frame) -> Place:
    root = next((root for root in ROOTS[protocol] if leads(root, path)), "")
    keys = list(tokens(path[len(root) :]))
    document = deepcopy(frame.document)
    steps: list[Step] = []
    if frame.kind == STREAM:
        steps.append(_chosen(document, ""))
    node: Any = document[steps[0]] if steps else document
    for key, following in zip(keys, [*keys[1:], None], strict=True):
        node = _step(node, key, following, steps)
    return Place(frame, document, tuple(steps))


def tokens(rest: str) -> Iterator[str]:
    """`.a[]` as keys; an element is `[]` or `[<Type>]`."""
    rest = rest if not rest or rest.startswith((".", "[")) else "." + rest
    at = 0
    while at < len(rest):
        match = _TOKEN.match(rest, at)
        if match is None:
            raise ValueError(f"{rest}: not a path")
        key = match.group(1)
        yield f"[{match.group(2) or ''}]" if key is None else key
        at = match.end()


def _step(node: Any, key: str, following: str | None, steps: list[Step]) -> Any:
    """One step further; what is missing on the way is made."""
    empty: Any = None if following is None else [] if following.startswith("[") else {}
    step: Step = _chosen(node, key[2:-2]) if key.startswith("[") else {"{key}": "k"}.get(key, key)
    if step == len(node) and isinstance(step, int):
        node.append({"@type": _TYPE + key[2:-2]} if key != "[]" else empty)
    if isinstance(step, str):
        node.setdefault(step, empty)
    if empty is not None and type(node[step]) is not type(empty):
        node[step] = empty
    steps.append(step)
    return node[step]


def _chosen(array: list[Any], kind: str) -> int:
    """The index of the element that is probed: the marked one, or that of this type, or the last."""
    if kind:
        return next((n for n, one in enumerate(array) if one.get("@type") == _TYPE + kind), len(array))
    marked = [n for n, one in enumerate(array) if is_object(one) and MARK in one]
    return marked[0] if marked else max(0, len(array) - 1)


def _unmarked(node: Any) -> Any:
    if is_object(node):
        return {key: _unmarked(value) for key, value in node.items() if key != MARK}
    return [_unmarked(value) for value in node] if is_array(node) else node
