"""The laws as functions: one document in, failures out. Tests and the explorer are two ways to run them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from metaphrase import codecs
from metaphrase.testing import strangers
from metaphrase.testing.answering import answering
from metaphrase.testing.document import Convert, Refused
from metaphrase.testing.mutate import Vocabulary
from metaphrase.testing.paths import look, parse, places, shape
from metaphrase.testing.silence import Judged, judged

from . import back as there_and_back
from . import canonical, official
from .corpus import Doc, Kind, Protocol, encode

_ANSWERING = {
    "openai": answering(codecs()["openai"], codecs()["gemini"]),
    "gemini": answering(codecs()["gemini"], codecs()["openai"]),
}
MakeConvert = Callable[[Protocol, Protocol, Kind], Convert]


_NAMES = re.compile(r"(\.(?:properties|\$?defs|arguments|args|response))(?:\.\w+|\[\".*?\"\])")  # the user's own names


# Requests that the recorded server answered with 400 for a value of the wrong type: to refuse that value is right too.
INVALID = {"rig-b28948d3bd2fc2": "$.temperature", "open-router-enhanced-6977ea36b464eb": "$.messages[0].role"}


class Failure(NamedTuple):
    id: str
    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.id}  {self.path}  {self.reason}"


Law = Callable[[Doc, MakeConvert], Iterator[Failure]]


def reads(doc: Doc, make: MakeConvert) -> Iterator[Failure]:
    """Every document reads and is written to its own protocol, and to the other."""
    for target in (doc.protocol,) if doc.failure else (doc.protocol, doc.other):
        yield from _guarded(doc, f"to {target}: ", lambda _: (), make(doc.protocol, target, doc.kind), must_read=True)


def identity(doc: Doc, make: MakeConvert) -> Iterator[Failure]:
    """Law 1."""

    def check(output: Any) -> Iterable[tuple[str, str]]:
        before, after = doc.value(), Doc("", doc.protocol, doc.kind, output.body).value()
        if doc.protocol == "gemini":
            odd = canonical.respelt(before, after)
            if odd is not None:
                yield "$", f"the key {odd} was not there"
            before, after = canonical.gemini(before), canonical.gemini(after)
        found = canonical.difference(before, after)
        if found is not None:
            yield found
        if doc.kind == "chat.request" and output.path != doc.path:
            yield "(path)", f"{doc.path} became {output.path}"

    yield from _guarded(doc, "", check, make(doc.protocol, doc.protocol, doc.kind), must_read=True)


def schema(doc: Doc, make: MakeConvert) -> Iterator[Failure]:
    """What is written to the other protocol follows its official schema. Answers that became errors have none."""

    def check(output: Any) -> Iterable[tuple[str, str]]:
        if output.status is not None and output.status >= 400:
            return ()
        after = Doc("", doc.other, doc.kind, output.body).value()
        found = official.problems(doc.other, doc.kind, after)
        return [problem for problem in found if not _inherited(doc, after, problem)]

    yield from _guarded(doc, "", check, make(doc.protocol, doc.other, doc.kind))


def _inherited(doc: Doc, after: Any, problem: tuple[str, str]) -> bool:
    """Text that has the wrong form in the source already, such as base64 that is none: it is passed along."""
    path, text = problem
    return "does not match" in text and encode(look(after, parse(path) or ())).strip(b'"') in doc.body


def losses(doc: Doc, make: MakeConvert) -> Iterator[Failure]:
    """A loss names a place that is there, in the source's own spelling; to its own protocol nothing is lost."""

    def check(output: Any) -> Iterable[tuple[str, str]]:
        document = doc.value()
        for loss in output.losses:
            steps = parse(loss.path)
            if loss.path and (steps is None or places(document, steps) == 0):
                yield loss.path, f"a loss names no place of the document: {loss}"

    def nothing(output: Any) -> Iterable[tuple[str, str]]:
        return [(loss.path, f"a loss to its own protocol: {loss}") for loss in output.losses]

    yield from _guarded(doc, "", check, make(doc.protocol, doc.other, doc.kind))
    yield from _guarded(doc, "", nothing, make(doc.protocol, doc.protocol, doc.kind))


def unknown(doc: Doc, make: MakeConvert) -> Iterator[Failure]:
    """Law 2 for keys that no schema knows."""
    own, other = make(doc.protocol, doc.protocol, doc.kind), make(doc.protocol, doc.other, doc.kind)
    try:
        for path, reason in strangers.strays(doc, own, other):
            yield Failure(doc.id, path, reason)
    except Refused:
        return  # the document itself is the business of `reads`
    except Exception as error:  # noqa: BLE001 - whatever escapes is what the laws look for
        yield Failure(doc.id, "$", f"escaped: {type(error).__name__}: {error}")


def returns(doc: Doc, make: MakeConvert) -> Iterator[Failure]:
    """Law 3."""
    there, back = make(doc.protocol, doc.other, doc.kind), make(doc.other, doc.protocol, doc.kind)
    try:
        for path, reason in there_and_back.broken(doc, there, back):
            yield Failure(doc.id, path, reason)
    except Refused as error:
        yield Failure(doc.id, error.path, f"the way back was refused: {error}")
    except Exception as error:  # noqa: BLE001 - whatever escapes is what the laws look for
        yield Failure(doc.id, "$", f"escaped: {type(error).__name__}: {error}")


def deterministic(doc: Doc, make: MakeConvert) -> Iterator[Failure]:
    """Law 8."""
    convert = make(doc.protocol, doc.other, doc.kind)

    def check(output: Any) -> Iterable[tuple[str, str]]:
        if output != convert(doc.body, doc.path):
            yield "$", "the second conversion differs from the first"

    yield from _guarded(doc, "", check, convert)


def _guarded(
    doc: Doc,
    prefix: str,
    check: Callable[[Any], Iterable[tuple[str, str]]],
    convert: Convert,
    *,
    must_read: bool = False,
) -> Iterator[Failure]:
    """The failures that a check finds. That a document must be read at all is the business of the first two laws."""
    try:
        for path, reason in check(convert(doc.body, doc.path)):
            yield Failure(doc.id, path, prefix + reason)
    except Refused as error:
        if must_read and INVALID.get(doc.id) != error.path:
            yield Failure(doc.id, error.path, f"{prefix}refused: {error}")
    except Exception as error:  # noqa: BLE001 - whatever escapes is what the laws look for
        yield Failure(doc.id, "$", f"{prefix}escaped: {type(error).__name__}: {error}")


class Silence:
    """Law 2, both halves, over many documents. Refusals of the document itself are the business of `reads`."""

    def __init__(self, known: Vocabulary | None, limit: int | None, each: int) -> None:
        self.known, self.limit, self.each = known, limit, each
        self.counts: Counter[str] = Counter()
        self.excused: Counter[str] = Counter()

    def __call__(self, doc: Doc, make: MakeConvert) -> Iterator[Failure]:
        convert = make(doc.protocol, doc.other, doc.kind)
        try:
            answer = _ANSWERING[doc.protocol] if doc.kind == "chat.request" else None
            for one in judged(convert, doc, self.known, self.limit, self.each, answer=answer):
                yield from self._count(doc, one)
        except Refused:
            self.counts["documents refused"] += 1
        except Exception as error:  # noqa: BLE001 - whatever escapes is what the laws look for
            yield Failure(doc.id, "$", f"escaped: {type(error).__name__}: {error}")

    def _count(self, doc: Doc, one: Judged) -> Iterator[Failure]:
        self.counts[one.verdict] += 1
        if one.verdict in ("excused", "refused"):
            self.excused[f"{one.verdict} {shape(one.path)}"] += 1
        if one.dropped:
            yield Failure(doc.id, one.path, f"false drop: {one.reason}")
        if one.verdict in ("silent", "escaped"):
            yield Failure(doc.id, one.path, f"{one.verdict}: {one.reason}")
        if one.verdict == "misplaced":
            yield Failure(doc.id, one.path, f"refused elsewhere: {one.reason}")


def vocabulary(docs: Iterable[Doc]) -> Vocabulary:
    known = Vocabulary()
    for doc in docs:
        known.learn(doc.value())
    return known


def grouped(failures: Iterable[Failure], words: int = 6) -> list[tuple[int, str, str, list[Failure]]]:
    """Failures by index-less path and the first words of the reason, the most frequent first."""
    groups: dict[tuple[str, str], list[Failure]] = {}
    for failure in failures:
        reason = " ".join(failure.reason.split()[:words])
        groups.setdefault((_NAMES.sub(r"\1.*", shape(failure.path)), shape(reason)), []).append(failure)
    rows = [(len(found), path, reason, found) for (path, reason), found in groups.items()]
    return sorted(rows, key=lambda row: (-row[0], row[1], row[2]))


def summary(failures: list[Failure], examples: int = 20) -> str:
    """What a test prints: groups with counts, then the first failures in full."""
    groups = [f"{count:6}  {path}  {reason}" for count, path, reason, _ in grouped(failures)[:30]]
    return "\n".join([f"{len(failures)} failures", *groups, "", *map(str, failures[:examples])])
