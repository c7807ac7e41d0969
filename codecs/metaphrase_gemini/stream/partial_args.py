"""Arguments of a call that arrive in pieces (Vertex AI, `streamFunctionCallArguments`).

A piece names its place by a JSONPath such as `$.a.b[0]` and brings one value; strings may continue in later pieces of
the same place. Source: https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import UNSET, UnsetType

from metaphrase.errors import ReadError
from metaphrase.wirejson import encode
from metaphrase_gemini.schema_base import is_array, is_object
from metaphrase_gemini.wire.content import Gemini

_STEP = re.compile(r"""\.([^.\[\]]+)|\[(\d{1,5})\]|\[(?:"([^"]*)"|'([^']*)')\]""")
_DEEPEST = 100


class Piece(Gemini):
    """One value, or a piece of a string."""

    json_path: str | UnsetType = UNSET
    string_value: str | UnsetType = UNSET
    number_value: int | float | UnsetType = UNSET
    bool_value: bool | UnsetType = UNSET
    null_value: str | int | UnsetType | None = UNSET
    will_continue: bool | UnsetType = UNSET


class _Pieces:
    """A string that may go on."""

    __slots__ = ("texts",)

    def __init__(self) -> None:
        self.texts: list[str] = []


class Arguments:
    """Collects the pieces of one call. Linear in their number."""

    def __init__(self) -> None:
        self._root: dict[str, Any] = {}
        self._strings: dict[str, _Pieces] = {}

    def add(self, piece: Piece) -> None:
        """Take one piece; a ReadError where its place cannot be."""
        path = "" if piece.json_path is UNSET else piece.json_path
        if piece.string_value is not UNSET:
            if path not in self._strings:
                self._strings[path] = _Pieces()
                self._put(_steps(path), self._strings[path])
            self._strings[path].texts.append(piece.string_value)
        elif piece.number_value is not UNSET:
            self._put(_steps(path), piece.number_value)
        elif piece.bool_value is not UNSET:
            self._put(_steps(path), piece.bool_value)
        elif piece.null_value is not UNSET:
            self._put(_steps(path), None)

    def text(self) -> str:
        """The arguments as JSON text."""
        return encode(_joined(self._root)).decode()

    def _put(self, steps: list[str | int], value: object) -> None:
        node: Any = self._root
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            new: Any = value if following is None else [] if isinstance(following, int) else {}
            node = _child(node, step, new, last=following is None)


def _child(node: Any, step: str | int, new: Any, *, last: bool) -> Any:
    """The value at one step, made where it is missing; lists grow one by one."""
    if isinstance(step, str) and is_object(node):
        if last or step not in node:
            node[step] = new
        return node[step]
    if isinstance(step, int) and is_array(node):
        if step > len(node):
            raise ReadError("A piece of the arguments is out of order")
        if step == len(node):
            node.append(new)
        elif last:
            node[step] = new
        return node[step]
    raise ReadError("A piece of the arguments fits nowhere")


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    position = 1 if path.startswith("$") else 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None or len(steps) >= _DEEPEST:
            raise ReadError("Expected a JSONPath")
        name, index, double, single = match.groups()
        steps.append(int(index) if index is not None else name or double or single or "")
        position = match.end()
    if not steps:
        raise ReadError("Expected a JSONPath")
    return steps


def _joined(node: Any) -> Any:
    """The same with its strings put together."""
    if isinstance(node, _Pieces):
        return "".join(node.texts)
    if is_object(node):
        return {key: _joined(below) for key, below in node.items()}
    if is_array(node):
        return [_joined(below) for below in node]
    return node
