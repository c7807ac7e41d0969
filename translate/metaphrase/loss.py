"""The loss report: what the target could not say, where it stood in the source, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeGuard

import msgspec
from msgspec import Struct

from .ir.node import At, Node

LossKind = Literal["dropped", "approximated", "defaulted", "synthesised", "repaired", "moved"]
Key = str | int | tuple[str | int, ...]

Keys = Mapping[type[Node], Mapping[str, Key | Callable[[Any], Key]]]
"""Where a wire keeps the fields of an IR node, relative to the node: ``{ToolCall: {"name": ("function", "name")}}``.

A function tells it from the node, where one kind of node has several homes.
"""

_NO_KEYS: Mapping[str, Key | Callable[[Any], Key]] = {}

ANY = -1  # the index of several elements at once, rendered `[*]`
MOST_KINDS = 256  # a hostile document can name any number of unknown fields
MOST_OF_A_STREAM = 40  # which is held in memory as long as the stream is open
_MORE = "more"
_COMPACT_AT = 64  # entries kept before equal ones are merged, so that a long stream does not grow without bound
_PENDING = 32  # entries beyond those that were merged already, until they are merged again
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Loss(Struct, frozen=True, gc=False):
    """One thing that was not carried over as it stood.

    ``path`` is in the source document, in its own spelling: ``$.messages[2].content[0]``, ``[*]`` where one feature was
    lost in several elements, "" for what was added. ``feature`` is a stable id such as ``sampling.logit_bias``.
    ``codec`` could not say it. ``target`` says where in the target an added or moved thing now stands.
    """

    kind: LossKind
    path: str
    feature: str
    codec: str
    detail: str = ""
    target: str = ""
    count: int = 1


Steps = tuple[str | int, ...]


class _Entry(Struct, gc=False):
    """A loss as it was recorded. Its path is put together only when somebody looks at the losses."""

    kind: LossKind
    where: tuple[Steps, At | None, Key | None, Steps] | None  # base, node, key, below; None: added, it stood nowhere
    feature: str
    codec: str
    detail: str
    target: str
    count: int = 1
    spelt: bool = False  # the steps are the source's own

    def steps(self, source: object) -> Steps | None:
        """From the root to the place of the loss, as ``source`` spells them, if it spells in more than one way."""
        if self.where is None:
            return None
        base, at, key, below = self.where
        steps = (*base, *steps_of(at, key), *below)
        return steps if source is None or self.spelt else _respell(steps, source)


class Report(Struct, eq=False, gc=False):
    """Collects the losses of one call or stream; passed down and written where the loss happens. Not thread-safe.

    ``keys`` is set by the reader: where its wire keeps each field of a node. ``base``: steps in front of every path
    from now on, for a document inside another. ``unsaid``: fields of the request that its source did not say, and
    that were filled in (``thinking.effort``): what happens to them happened nowhere in the source. ``most``: the kinds
    of losses that are listed; a last one says how many more there were. ``writer``: the codec that writes, once that is
    known; what readers of others leave over is lost.
    """

    keys: Keys = {}
    base: Steps = ()
    unsaid: frozenset[str] = frozenset()
    most: int = MOST_KINDS
    writer: str | None = None
    _entries: list[_Entry] = []
    _leftovers: list[tuple[Steps, At | None, str, str]] = []
    _crossings: list[_Entry] = []  # `codec` is the reader's, until another has written
    _source: object = None
    _room: int = _COMPACT_AT

    def add(
        self,
        kind: LossKind,
        at: At | None,
        key: Key | None,
        feature: str,
        codec: str,
        detail: str = "",
        target: str = "",
        count: int = 1,
    ) -> None:
        """Record a loss at ``key`` below ``at`` (None: the root). Both None: something was added and stood nowhere."""
        where = None if at is None and key is None else (self.base, at, key, ())
        self._entries.append(_Entry(kind, where, feature, codec, detail, target, count))
        if len(self._entries) >= self._room:
            self._compact()

    def lose(
        self,
        kind: LossKind,
        node: Node,
        field: str | None,
        feature: str,
        codec: str,
        detail: str = "",
        target: str = "",
        below: tuple[str | int, ...] = (),
    ) -> None:
        """Record what happened to a field of a node (None: the whole node), at the place where its reader found it.

        ``field`` is the IR's name, dotted for what has no node of its own (``sampling.seed``); the reader's ``keys``
        say where its wire keeps it, unless the node was spelt in another way. ``below`` leads on to a piece of it.
        """
        where = None if field in self.unsaid else (self.base, node.at, self._key(node, field), below)
        self._entries.append(_Entry(kind, where, feature, codec, detail, target))
        if len(self._entries) >= self._room:
            self._compact()

    def _key(self, node: Node, field: str | None) -> Key | None:
        if field is None:
            return None
        if node.spelt is not None and field in node.spelt and node.spelt[field].members:
            return next(iter(node.spelt[field].members))
        key = self.keys.get(type(node), _NO_KEYS).get(field, field)
        return key(node) if callable(key) else key

    def crossing(
        self, kind: LossKind, at: At | None, key: Key | None, feature: str, owner: str, detail: str = ""
    ) -> None:
        """A reader of ``owner`` could not bring this into the IR as it stood: it counts if another codec writes."""
        self._crossings.append(_Entry(kind, (self.base, at, key, ()), feature, owner, detail, ""))
        if len(self._crossings) >= self._room:
            self._compact()

    def leftover(self, at: At | None, key: str, codec: str, count: int = 1) -> None:
        """A reader of ``codec`` set an unknown key aside, ``count`` times; it is lost if another codec writes."""
        if count > 1:
            self._crossings.append(_left(self.base, at, key, codec, count))
            return
        self._leftovers.append((self.base, at, key, codec))
        if len(self._leftovers) >= self._room:
            self._compact()

    def _compact(self) -> None:
        """Merge what is equal, so that memory depends on the kinds of losses only."""
        self._crossings += [_left(*one) for one in self._leftovers]
        self._leftovers.clear()
        source, most = self._document, self.most
        self._crossings, self._entries = _bounded(self._crossings, source, most), _bounded(self._entries, source, most)
        self._room = max(_COMPACT_AT, _PENDING + max(len(self._crossings), len(self._entries)))

    def respelt(self, source: bytes) -> None:
        """The reader accepted other spellings in ``source``: paths are looked up there when they are rendered."""
        self._source = source

    @property
    def _document(self) -> object:
        """That source as plain objects; parsed once, since a long list of losses is merged again and again."""
        if isinstance(self._source, bytes):
            self._source = _plain(self._source)
        return self._source

    def place(self, at: At | None) -> str:
        """The path of a place, as the source spells it; for errors."""
        steps = steps_of(at)
        return render(steps if self._source is None else _respell(steps, self._document))

    def settle(self, codec: str) -> None:
        """``codec`` has written: what other readers had left over is now dropped."""
        self.writer = codec

    @property
    def losses(self) -> tuple[Loss, ...]:
        """The losses so far, merged, bounded and sorted by path."""
        self._settled()
        if not self._entries:
            return ()
        source = self._document
        if len(self._entries) == 1:
            return (_loss(self._entries[0], source),)
        losses = [_loss(entry, source) for entry in _bounded(self._entries, source, self.most)]
        losses.sort(key=lambda loss: (loss.path, loss.feature, loss.kind, loss.target))
        return tuple(losses)

    def _settled(self) -> None:
        """Turn what readers set aside into losses, once somebody else has written."""
        writer = self.writer
        if writer is None:
            return
        leftovers, self._leftovers = self._leftovers, []
        crossings, self._crossings = self._crossings, []
        for entry in [*[_left(*one) for one in leftovers], *crossings]:
            if entry.codec != writer:
                entry.codec = writer
                self._entries.append(entry)


def steps_of(at: At | None, key: Key | None = None) -> tuple[str | int, ...]:
    """The keys and indexes from the root to ``key`` below ``at``."""
    steps: list[str | int] = []
    while at is not None:
        steps.append(at.key)
        at = at.up
    steps.reverse()
    if isinstance(key, tuple):
        steps.extend(key)
    elif key is not None:
        steps.append(key)
    return tuple(steps)


def render(steps: Iterable[str | int], index: str | None = "") -> str:
    """Steps as a JSON path. ``index`` replaces every array index; None leaves indexes out; "" keeps them."""
    out = ["$"]
    for step in steps:
        if isinstance(step, int):
            out.append("" if index is None else "[*]" if step == ANY else f"[{index or step}]")
        elif _PLAIN.match(step):
            out.append("." + step)
        else:
            out.append("[" + msgspec.json.encode(step).decode() + "]")
    return "".join(out)


def _left(base: Steps, at: At | None, key: str, owner: str, count: int = 1) -> _Entry:
    """An unknown key of ``owner``, as the loss that it becomes if another codec writes."""
    feature = owner + render((*base, *steps_of(at, key)), None)[1:]
    return _Entry("dropped", (base, at, key, ()), feature, owner, "", "", count)


def _bounded(entries: list[_Entry], source: object, most: int) -> list[_Entry]:
    """Equal ones merged; of very many kinds, the number of what is beyond."""
    merged = list(_merge(entries, source))
    listed = [entry for entry in merged if entry.feature != _MORE]
    beyond = [entry for entry in merged if entry.feature == _MORE] + listed[most:]
    if not beyond:
        return merged
    root: tuple[Steps, None, None, Steps] = ((), None, None, ())
    more = sum([entry.count for entry in beyond])
    said = "further kinds of loss, not listed"
    return [*listed[:most], _Entry("dropped", root, _MORE, merged[-1].codec, said, "", more)]


def _merge(entries: list[_Entry], source: object) -> Iterable[_Entry]:
    """Merge entries of one kind and feature whose paths, as the source spells them, differ in indexes only."""
    merged: dict[tuple[object, ...], _Entry] = {}
    for entry in entries:
        steps = entry.steps(source)
        shape = None if steps is None else tuple([ANY if isinstance(step, int) else step for step in steps])
        key = (entry.kind, entry.feature, shape)
        known = merged.get(key)
        if known is None:
            where = None if steps is None else (steps, None, None, ())
            merged[key] = msgspec.structs.replace(entry, where=where, spelt=source is not None)
            continue
        known.count += entry.count
        old = known.steps(source)
        if steps is not None and old is not None and old != steps:
            known.where = (tuple([a if a == b else ANY for a, b in zip(old, steps, strict=True)]), None, None, ())
            known.target = ""
    return merged.values()


def _loss(entry: _Entry, source: object) -> Loss:
    steps = entry.steps(source)
    path = "" if steps is None else render(steps)
    return Loss(entry.kind, path, entry.feature, entry.codec, entry.detail, entry.target, entry.count)


def _plain(source: bytes) -> object:
    """The document as plain objects. Numbers stay text: one that is too large may stand where nobody reads it."""
    from json import loads  # noqa: PLC0415 - seldom needed

    return loads(source, parse_int=str, parse_float=str)


def _respell(steps: Steps, node: Any) -> Steps:
    """The same steps as the source spelt them: snake_case keys, and one object where a list was meant."""
    out: list[str | int] = []
    for step in steps:
        if _is_object(node):
            if isinstance(step, int):
                continue
            key = other if step not in node and (other := snake(step)) in node else step
            out.append(key)
            node = node.get(key)
        else:
            out.append(step)
            node = node[step] if _is_list(node) and isinstance(step, int) and step < len(node) else None
    return tuple(out)


def _is_object(node: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(node, dict)


def _is_list(node: Any) -> TypeGuard[list[Any]]:
    return isinstance(node, list)


def snake(name: str) -> str:
    """CamelCase as snake_case."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match[1].lower(), name)
