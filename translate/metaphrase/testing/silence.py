"""Law 2, nothing in silence: change one leaf, and the output changes or a loss names it; and no loss is false.

`silent_leaves` and `false_drops` are the two halves. The converter is an argument, so that the detectors can be tried
on converters that are known to be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from .document import Convert, LossLike, Output, Refused, Subject
from .mutate import Changed, Leaf, Vocabulary, candidates, chosen
from .paths import ANY, Steps, covers, look, parse, places, render
from .values import decode, encode, is_array, is_object, short

Verdict = Literal["shows", "named", "excused", "refused", "misplaced", "silent", "escaped"]


Answer = Callable[[bytes, str | None], bytes]
"""What a client that sent this request, body and path, is answered."""


class Judged(NamedTuple):
    """What became of a changed leaf.

    shows: the output changed; named: a loss says so; excused: it stood in something small that was dropped as a whole;
    refused: an error at its place; misplaced: an error elsewhere; silent: nothing changed and nobody said so; escaped:
    an exception that is no error of the engine's.
    """

    path: str
    verdict: Verdict
    reason: str
    dropped: bool = False  # said to be dropped although it shows


WHOLE: tuple[Steps, ...] = tuple(
    steps
    for path in (
        "$",
        "$.messages",
        "$.messages[*]",
        "$.contents",
        "$.contents[*]",
        "$.contents[*].parts",
        "$.systemInstruction",
        "$.system_instruction",
        "$.generationConfig",
        "$.generation_config",
        "$.tools",
        "$.choices",
        "$.choices[*]",
        "$.choices[*].message",
        "$.candidates",
        "$.candidates[*]",
        "$.candidates[*].content",
        "$.candidates[*].content.parts",
        "$.usage",
        "$.usageMetadata",
    )
    if (steps := parse(path)) is not None
)
"""Losing one of these as a whole excuses nothing inside it that could have been said."""

_MADE_ID = re.compile(rb'"((?:[A-Za-z][A-Za-z0-9]*[-_])?[A-Za-z0-9]{20,40}(?:_[0-9]+)?)"')
PATH_LEAF = "(path)"
"""Stands for the path of a request where it is said to be silent."""


def plain(output: Output, source: bytes) -> tuple[bytes, str | None, int | None]:
    """What the output shows, with made-up ids numbered: they derive from the whole body, so any change changes them."""
    numbers: dict[bytes, bytes] = {}

    def number(match: re.Match[bytes]) -> bytes:
        name = match.group(1)
        if name in source or not any(byte in b"0123456789" for byte in name):
            return match.group(0)
        return numbers.setdefault(name, b'"<%d>"' % len(numbers))

    return (_MADE_ID.sub(number, output.body), output.path, output.status)


def differs(one: Output, two: Output, source: bytes, changed: bytes | None = None) -> bool:
    """Whether two outputs show different things; each with the source that it was made of."""
    if one.shown == two.shown:
        return False
    return plain(one, source) != plain(two, source if changed is None else changed)


def naming(
    steps: Steps, losses: Sequence[LossLike], document: object, whole: Sequence[Steps] = WHOLE
) -> Literal["named", "excused", ""]:
    """Whether a loss names a leaf: at its own path, or by dropping as a whole something that it stands in.

    Of an object that was repaired, such as a result without a call, nothing says any more what it was.
    """
    floor = _nearest_object(steps)
    excused = False
    for loss in losses:
        pattern = parse(loss.path)
        if pattern is None or not covers(pattern, steps):
            continue
        if len(pattern) > floor or (len(pattern) == floor and loss.kind == "repaired"):
            return "named"
        if loss.kind != "dropped" or not _small(pattern, document, whole):
            continue
        if len(pattern) == floor:
            return "named"
        excused = True
    return "excused" if excused else ""


def _nearest_object(steps: Steps) -> int:
    """How many steps lead to the object nearest above a leaf."""
    depth = len(steps)
    while depth and isinstance(steps[depth - 1], int):
        depth -= 1
    return max(0, depth - 1)


def _small(pattern: Steps, document: object, wholes: Sequence[Steps]) -> bool:
    """Whether dropping the whole of it may excuse what is in it."""
    if not any(len(whole) == len(pattern) and covers(whole, pattern) for whole in wholes):
        return True
    try:
        below = look(document, pattern)
    except (LookupError, TypeError):
        return False
    return not (is_object(below) or is_array(below)) or len(below) == 0


def drops(steps: Steps, losses: Sequence[LossLike], document: object) -> bool:
    """Whether a loss says that the leaf, or what it stands in, was dropped. `[*]` says so only if it counts all."""
    for loss in losses:
        pattern = parse(loss.path) if loss.kind == "dropped" else None
        if pattern and covers(pattern, steps) and (ANY not in pattern or loss.count >= places(document, pattern)):
            return True
    return False


class Trial:
    """One document and its conversion, to change leaf by leaf. ``answer``: see ``judged``."""

    def __init__(
        self,
        convert: Convert,
        doc: Subject,
        known: Vocabulary | None = None,
        whole: Sequence[Steps] = WHOLE,
        answer: Answer | None = None,
    ) -> None:
        self.convert, self.doc, self.known, self.whole, self.answer = convert, doc, known, whole, answer
        self.document = decode(doc.body)
        self.plainly = convert(doc.body, doc.path)

    def judge(self, leaf: Leaf) -> Judged:
        """The worst verdict over the values tried; refusals count only when nothing else is there."""
        steps, value = leaf
        path = render(steps)
        refused: Judged | None = None
        best: Judged | None = None
        for new in candidates(leaf, self.known):
            judged = self._try(steps, path, value, new)
            if judged.verdict in ("refused", "misplaced"):
                refused = refused or judged
            elif judged.verdict in ("silent", "escaped") or judged.dropped:
                return judged
            else:
                best = best or judged
        return best or refused or Judged(path, "shows", "no other value to try")

    def _try(self, steps: Steps, path: str, value: Any, new: Any) -> Judged:
        with Changed(self.document, steps, new) as document:
            body = encode(document)
        reason = f"{short(value)} -> {short(new)}"
        try:
            output = self.convert(body, self.doc.path)
        except Refused as error:
            return self._refusal(steps, path, error)
        except Exception as error:  # noqa: BLE001 - whatever escapes is what the laws look for
            return Judged(path, "escaped", f"{reason}: {type(error).__name__}: {error}")
        before, after = self.plainly.losses, output.losses
        if differs(self.plainly, output, self.doc.body, body) or self._obeyed(body):
            said = drops(steps, before, self.document) and drops(steps, after, self.document)
            return Judged(path, "shows", reason, dropped=said)
        name = self._naming(steps, after) or self._naming(steps, before)
        return Judged(path, name or "silent", reason)

    def _obeyed(self, body: bytes) -> bool:
        """Whether the change shows in the answer: the translation itself does what the request asks for."""
        path = self.doc.path
        return self.answer is not None and self.answer(self.doc.body, path) != self.answer(body, path)

    def _naming(self, steps: Steps, losses: Sequence[LossLike]) -> Literal["named", "excused", ""]:
        return naming(steps, losses, self.document, self.whole)

    def _refusal(self, steps: Steps, path: str, error: Refused) -> Judged:
        at = parse(error.path)
        near = at is not None and (covers(at, steps) or covers(steps, at))
        return Judged(path, "refused" if near else "misplaced", str(error))

    def judge_path(self, others: Sequence[str]) -> Judged:
        """Some protocols keep the model, or more, in the request's path. ``others`` mean something else."""
        for new in others:
            try:
                output = self.convert(self.doc.body, new)
            except Refused:
                continue
            if not differs(self.plainly, output, self.doc.body):
                return Judged(PATH_LEAF, "silent", f"{self.doc.path} -> {new}")
        return Judged(PATH_LEAF, "shows", "")


def judged(
    convert: Convert,
    doc: Subject,
    known: Vocabulary | None = None,
    limit: int | None = None,
    each: int = 2,
    *,
    whole: Sequence[Steps] = WHOLE,
    answer: Answer | None = None,
) -> Iterator[Judged]:
    """A verdict for each leaf tried; Refused if the document itself is. ``limit``, ``each``: see ``chosen``.

    ``answer``: what the client gets for a request and an upstream's answer that is always the same. What shows there is
    not lost, even if the upstream is not told of it.
    """
    trial = Trial(convert, doc, known, whole, answer)
    for leaf in chosen(trial.document, limit, each):
        yield trial.judge(leaf)
    others: Sequence[str] = getattr(doc, "elsewhere", ())
    if others:
        yield trial.judge_path(others)


def silent_leaves(convert: Convert, doc: Subject, **options: Any) -> list[str]:
    """Paths of the leaves whose change neither shows nor is named."""
    return [one.path for one in judged(convert, doc, **options) if one.verdict == "silent"]


def false_drops(convert: Convert, doc: Subject, **options: Any) -> list[str]:
    """Paths of the leaves that are said to be dropped and show all the same."""
    return [one.path for one in judged(convert, doc, **options) if one.dropped]
