"""The laws as functions: one document in, faults out. ``check_codec`` runs them on generated documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from metaphrase import Codec, WriteError

from . import items, strangers
from .answering import answering
from .back import Item, broken
from .damage import Random, damaged
from .document import Convert, Document, Output, Refused, converter
from .mutate import Vocabulary
from .paths import ANY, Steps, parse, places
from .silence import WHOLE, judged
from .values import decode, difference


class Fault(NamedTuple):
    """Where a law is broken, and how."""

    path: str
    reason: str


class Bench(NamedTuple):
    """What documents of one kind are tried on: a codec, a partner to cross to, and the words known to be legal."""

    codec: Codec
    partner: Codec
    kind: str
    known: Vocabulary | None = None

    @property
    def own(self) -> Convert:
        """From the codec to itself."""
        return converter(self.codec, self.codec, self.kind)

    @property
    def there(self) -> Convert:
        """From the codec to its partner."""
        return converter(self.codec, self.partner, self.kind)

    @property
    def back(self) -> Convert:
        """From the partner to the codec."""
        return converter(self.partner, self.codec, self.kind)


Law = Callable[[Bench, Document], Iterator[Fault]]


def identity(bench: Bench, doc: Document) -> Iterator[Fault]:
    """Law 1: what a codec reads and writes again is the same JSON, at the same path, and nothing is lost."""
    output = bench.own(doc.body, doc.path)
    found = difference(decode(doc.written or doc.body), decode(output.body))
    if found is not None:
        yield Fault(*found)
    if doc.path is not None and output.path != doc.path:
        yield Fault("(path)", f"{doc.path} became {output.path}")
    for loss in output.losses:
        yield Fault(loss.path, f"a loss to its own protocol: {loss}")


def losses(bench: Bench, doc: Document) -> Iterator[Fault]:
    """Law 2, in part: a loss names a place that is there, as the document spells it; what is absent, if defaulted."""
    document = decode(doc.body)
    for loss in bench.there(doc.body, doc.path).losses:
        steps = parse(loss.path)
        if loss.path and (steps is None or (loss.kind != "defaulted" and places(document, steps) == 0)):
            yield Fault(loss.path, f"a loss names no place of the document: {loss}")


def silence(bench: Bench, doc: Document) -> Iterator[Fault]:
    """Law 2: each leaf shows or is named by a loss, and what is said to be dropped does not show."""
    if _failed(bench.there(doc.body, doc.path)):
        return
    answer = answering(bench.codec, bench.partner) if bench.kind == "chat.request" else None
    for one in judged(bench.there, doc, bench.known, whole=_wholes(bench, doc), answer=answer):
        if one.dropped:
            yield Fault(one.path, f"said to be dropped, and it shows ({one.reason})")
        if one.verdict == "silent":
            yield Fault(one.path, f"its change neither shows nor is named by a loss ({one.reason})")
        if one.verdict == "escaped":
            yield Fault(one.path, f"changed, an exception escapes ({one.reason})")
        if one.verdict == "misplaced":
            yield Fault(one.path, f"changed, an error elsewhere ({one.reason})")


def unknown(bench: Bench, doc: Document) -> Iterator[Fault]:
    """Law 2 for members that no schema knows."""
    if _failed(bench.there(doc.body, doc.path)):
        return
    for path, reason in strangers.strays(doc, bench.own, bench.there, whole=_wholes(bench, doc)):
        yield Fault(path, f"an unknown member: {reason}")


def returns(bench: Bench, doc: Document) -> Iterator[Fault]:
    """Law 3: what a chat says comes back from the other protocol, in order."""
    chat = items.read(bench.codec, bench.kind, doc.body, doc.path)
    if chat is None:
        return
    out = bench.there(doc.body, doc.path)
    if _failed(out):
        return
    try:
        again = bench.back(out.body, out.path)
    except Refused as error:
        yield Fault(error.path, f"the way back was refused: {error}; on the way stood {out.body.decode()}")
        return
    came_back = items.read(bench.codec, bench.kind, again.body, again.path)
    before = [_placed(item, doc) for item in items.said(chat)]
    after = [] if came_back is None else items.said(came_back)
    whole = items.joined(before)  # neighbouring texts may have become one
    for one, two in ((before, after), (whole, after), (whole, items.joined(after))):
        if not broken(one, two, out, again):
            return
    for path, reason in broken(before, after, out, again):
        yield Fault(path, f"{reason}; on the way stood {out.body.decode()}")


def deterministic(bench: Bench, doc: Document) -> Iterator[Fault]:
    """Law 8: the same input gives the same bytes."""
    for convert in (bench.own, bench.there):
        if convert(doc.body, doc.path) != convert(doc.body, doc.path):
            yield Fault("$", "the second conversion differs from the first")


def total(bench: Bench, body: bytes, path: str | None) -> Iterator[Fault]:
    """Law 7: any bytes give a result, or a ReadError or WriteError with a path."""
    for convert in (bench.own, bench.there):
        try:
            output: Output = convert(body, path)
        except Refused as error:
            if not error.path.startswith("$"):
                yield Fault("$", f"an error without a path: {error}")
        except Exception as error:  # noqa: BLE001 - whatever escapes is what the law looks for
            yield Fault("$", f"{type(error).__name__} escapes: {error}")
        else:
            if not output.body:
                yield Fault("$", "an empty document came out")


def writes(codec: Codec, kind: str, chat: items.Chat) -> Iterator[Fault]:
    """Law 7 for writers: any value of the representation is written, and keeps law 1, or is a WriteError."""
    try:
        doc = items.write(codec, chat)
    except WriteError:
        return
    yield from identity(Bench(codec, codec, kind), doc)


def spoilt(doc: Document, chance: Random) -> bytes:
    """A document with faults in it, for ``total``."""
    return damaged(doc.body, chance)


AT_HOME: Mapping[str, Law] = {"identity": identity}
ABROAD: Mapping[str, Law] = {
    "deterministic": deterministic,
    "losses name real places": losses,
    "nothing in silence": silence,
    "nothing in silence: unknown members": unknown,
    "there and back": returns,
}
"""The laws that need a partner."""


def guarded(found: Iterable[Fault]) -> Iterator[Fault]:
    """The faults that a law finds; that the document is refused, or that anything else escapes, is one as well."""
    try:
        yield from found
    except Refused as error:
        yield Fault(error.path, f"the document is refused: {error}")
    except Exception as error:  # noqa: BLE001 - whatever escapes is what the laws look for
        yield Fault("$", f"{type(error).__name__} escapes: {error}")


def _failed(output: Output) -> bool:
    """Whether it is an answer that means a failed call, and has become an error: nothing of it is to be said."""
    return output.status is not None and output.status >= 400


def _placed(item: Item, doc: Document) -> Item:
    """Losses name places as the document spells them; so must the items."""
    return item if doc.written is None else item._replace(path=items.spelt(item.path, doc.body))


def _wholes(bench: Bench, doc: Document) -> tuple[Steps, ...]:
    """What excuses nothing inside it when it is dropped as a whole."""
    chat = items.read(bench.codec, bench.kind, doc.body, doc.path)
    if chat is None:
        return WHOLE
    small = {_anywhere(steps, doc) for steps in items.pieces(chat)}
    large = [_anywhere(steps, doc) for steps in sorted(items.wholes(chat), key=str)]
    return tuple([steps for steps in (*WHOLE, *large) if steps not in small])


def _anywhere(steps: Steps, doc: Document) -> Steps:
    """Steps as the document spells them, at any index."""
    if doc.written is not None and steps:
        steps = parse(items.spelt_steps(steps, doc.body)) or steps
    return tuple([ANY if isinstance(step, int) else step for step in steps])
