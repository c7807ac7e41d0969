"""``check_codec``: every law on a codec, in one line."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from metaphrase import Codec, MetaphraseError, codecs
from metaphrase.registry import resolve

from . import items, strategies, streams
from .damage import Random
from .document import Document
from .laws import ABROAD, AT_HOME, Bench, Fault, Law, guarded, spoilt, total, writes
from .mutate import Vocabulary
from .values import decode

Documents = Callable[[str], st.SearchStrategy[Document]]
"""Documents of a kind; ``hypothesis.strategies.nothing()`` for a kind that is not offered."""

OPERATIONS = {
    "chat.request": "chat",
    "chat.response": "chat",
    "embedding.request": "embedding",
    "embedding.response": "embedding",
    "models.response": "catalog",
    "model.response": "catalog",
    "tokens.request": "tokens",
    "tokens.response": "tokens",
}
"""The kinds of documents, and the operation of a codec that each belongs to."""

_PATIENCE = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
)
_LEARNT = 60  # documents whose words are taken for legal values


class LawBrokenError(AssertionError):
    """A law does not hold. ``document`` is the smallest one that was found to show it."""

    def __init__(self, law: str, about: str, fault: Fault, document: bytes, path: str | None = None) -> None:
        target = "" if path is None else f"\n  path: {path}"
        body = document.decode("utf-8", "backslashreplace")
        super().__init__(f"{law}: {about}\n  at {fault.path}: {fault.reason}{target}\n  document: {body}")
        self.law, self.fault, self.document, self.path = law, fault, document, path


_KINDS_OF_BREACH: dict[str, type[LawBrokenError]] = {}


def _breach(law: str) -> type[LawBrokenError]:
    """A class for each law: Hypothesis keeps to one kind of error while it makes an example smaller."""
    return _KINDS_OF_BREACH.setdefault(law, type("LawBrokenError", (LawBrokenError,), {}))


def check_codec(
    codec: str | Codec, *, partner: str | Codec | None = None, documents: Documents | None = None, examples: int = 100
) -> None:
    """Run every law that applies to a codec's operations; AssertionError for the first that does not hold.

    ``partner``: the protocol to cross to, and from; by default the first registered one of another name. ``documents``:
    the codec's own documents by kind; by default the function ``documents`` of the module ``testing`` in the codec's
    package, or else what the codec writes for generated values of the intermediate representation. ``examples``: how
    many documents of each kind. Where it looks, and how often it repeats itself, is up to Hypothesis' settings.
    """
    first = resolve(codec)
    second = resolve(partner) if partner is not None else _another(first)
    ours, theirs = documents or documents_of(first), documents_of(second)
    for kind in [kind for kind in OPERATIONS if _has(first, kind)]:
        both = _has(second, kind)
        bench = Bench(first, second if both else first, kind)
        _check_documents(bench, ours(kind), examples, {**AT_HOME, **ABROAD} if both else AT_HOME)
        _check_damage(bench, ours(kind), examples)
        if both:
            _check_documents(Bench(second, first, kind), theirs(kind), examples, ABROAD)
        if kind in _CHATS:
            _check_writing(first, kind, examples)
    if first.stream is not None:
        _check_streams(streams.translating(first), streams.translating(first), examples)
        _check_relay(first, examples)
        if second.stream is not None:
            _check_streams(first, second, examples)
            _check_streams(second, first, examples)


def documents_of(codec: Codec) -> Documents:
    """The documents that a codec's package brings for testing, or else what it writes itself."""
    package = type(codec.chat or codec.embedding or codec).__module__.partition(".")[0]
    found: Documents | None = getattr(_module(f"{package}.testing"), "documents", None)
    return found or partial(_self_written, codec)


def _module(name: str) -> object:
    """The module of this name, None if there is none. What it imports in vain is an error all the same."""
    try:
        there = find_spec(name) is not None
    except ModuleNotFoundError:  # the package is a module, or was typed in by hand
        there = False
    return import_module(name) if there else None


_CHATS: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
    "chat.request": strategies.chat_requests,
    "chat.response": strategies.chat_responses,
}


def _self_written(codec: Codec, kind: str) -> st.SearchStrategy[Document]:
    """What the codec writes for generated requests and answers."""
    chats = _CHATS.get(kind)
    return st.nothing() if chats is None else chats().map(partial(_unless_refused, codec))


def _unless_refused(codec: Codec, chat: items.Chat) -> Document:
    try:
        return items.write(codec, chat)
    except MetaphraseError:
        reject()


def _another(codec: Codec) -> Codec:
    found = next((other for name, other in codecs().items() if name != codec.name), None)
    if found is None:
        raise MetaphraseError("There is no other codec to cross to: name a partner")
    return found


def _has(codec: Codec, kind: str) -> bool:
    return getattr(codec, OPERATIONS[kind]) is not None


# --- documents -----------------------------------------------------------------------------------------------


def _check_documents(
    bench: Bench, documents: st.SearchStrategy[Document], examples: int, laws: Mapping[str, Law]
) -> None:
    if documents.is_empty:
        return
    bench = bench._replace(known=_vocabulary(documents, min(examples, _LEARNT)))
    about = f"{bench.kind} of {bench.codec.name!r}, to {bench.partner.name!r}"

    def check(document: Document) -> None:
        for name, law in laws.items():
            _raise(name, about, guarded(law(bench, document)), document.body, document.path)

    _try(check, documents, examples)


def _check_damage(bench: Bench, documents: st.SearchStrategy[Document], examples: int) -> None:
    if documents.is_empty:
        return
    about = f"a damaged {bench.kind} of {bench.codec.name!r}, to {bench.partner.name!r}"
    broken = st.builds(_spoilt, documents, st.randoms(use_true_random=False))

    def check(document: Document) -> None:
        found = total(bench, document.body, document.path)
        _raise("total", about, found, document.body, document.path)

    _try(check, broken, examples)


def _check_writing(codec: Codec, kind: str, examples: int) -> None:
    about = f"a {kind} built by hand, written by {codec.name!r}"

    def check(chat: items.Chat) -> None:
        _raise("total", about, guarded(writes(codec, kind, chat)), repr(chat).encode("utf-8", "backslashreplace"))

    _try(check, _CHATS[kind](), examples)


def _spoilt(document: Document, chance: Random) -> Document:
    return document._replace(body=spoilt(document, chance))


def _vocabulary(documents: st.SearchStrategy[Document], count: int) -> Vocabulary:
    """The words of some documents: other legal values for their leaves."""
    known = Vocabulary()
    _try(lambda document: known.learn(decode(document.body)), documents, count, repeatable=True)
    return known


# --- streams -------------------------------------------------------------------------------------------------


Streamed = Callable[[bytes, list[int], bytes], Iterable[tuple[str, bytes, Iterable[Fault]]]]
"""The laws of a stream that was cut at these places and damaged so: their names, what each looks at, its faults."""


def _check_streams(source: Codec, target: Codec, examples: int) -> None:
    def laws(body: bytes, cuts: list[int], broken: bytes) -> Iterable[tuple[str, bytes, Iterable[Fault]]]:
        yield "total", broken, streams.total(source, target, broken)
        yield "stream grammar", body, streams.grammar(source, body)
        yield "split invariance", body, streams.split(source, target, body, cuts)
        yield "split invariance", broken, streams.split(source, target, broken, cuts)
        yield "fold", body, streams.folds(source, target, body)

    _check_streamed(source, f"a stream of {source.name!r}, to {target.name!r}", laws, examples)


def _check_relay(codec: Codec, examples: int) -> None:
    """What a codec passes on to its own protocol."""

    def laws(body: bytes, cuts: list[int], broken: bytes) -> Iterable[tuple[str, bytes, Iterable[Fault]]]:
        yield "relay", body, streams.relayed(codec, body, cuts)
        yield "total", broken, streams.total(codec, codec, broken)
        yield "split invariance", broken, streams.split(codec, codec, broken, cuts)

    if codec.relay is not None:
        _check_streamed(codec, f"a stream of {codec.name!r}, passed on", laws, examples)


def _check_streamed(source: Codec, about: str, laws: Streamed, examples: int) -> None:
    cuts = st.lists(st.integers(0, 4000), min_size=1, max_size=20)

    def check(example: tuple[bytes, list[int], bytes]) -> None:
        for law, document, found in laws(*example):
            _raise(law, about, guarded(found), document)

    _try(check, _streams(source, cuts), examples)


def _streams(codec: Codec, cuts: st.SearchStrategy[list[int]]) -> st.SearchStrategy[tuple[bytes, list[int], bytes]]:
    """A stream, places to cut it, and the same stream damaged."""

    def example(events: list[Any], places: list[int], chance: Any) -> tuple[bytes, list[int], bytes]:
        body = streams.written(codec, events)
        return body, places, spoilt(Document(body), chance)

    return st.builds(example, strategies.event_streams(), cuts, st.randoms(use_true_random=False))


# --- Hypothesis ----------------------------------------------------------------------------------------------


def _raise(law: str, about: str, found: Iterable[Fault], document: bytes, path: str | None = None) -> None:
    for fault in found:
        raise _breach(law)(law, about, fault, document, path)


def _try(
    check: Callable[[Any], None], examples: st.SearchStrategy[Any], count: int, *, repeatable: bool = False
) -> None:
    """Check generated examples, and make the first that fails as small as can be."""
    attempt = given(examples)(check)
    chosen = settings(
        settings(derandomize=True) if repeatable else None,
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=_PATIENCE,
    )
    with warnings.catch_warnings():
        # Where it explains itself Hypothesis writes strategies out, and these are large.
        warnings.filterwarnings("ignore", "Generating overly large repr")
        chosen(attempt)()
