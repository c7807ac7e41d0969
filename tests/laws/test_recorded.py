"""The laws on every recorded chat document: both protocols, requests and whole responses."""

import pytest

from . import corpus, laws, official
from .corpus import Doc, Kind, Protocol
from .engine import converter
from .profile import long

pytestmark = pytest.mark.skipif(not corpus.present(), reason=corpus.ABSENT)

BOTH = [(protocol, kind) for protocol in corpus.PROTOCOLS for kind in corpus.KINDS]
each = pytest.mark.parametrize(("protocol", "kind"), BOTH, ids=[f"{protocol}-{kind}" for protocol, kind in BOTH])

SAMPLED = 400  # documents of each protocol and kind that a short run takes where each costs many conversions
LEAVES = 80  # documents with more leaves than this are sampled by shape


def hold(law: laws.Law, docs: tuple[Doc, ...]) -> None:
    failures = [failure for doc in docs for failure in law(doc, converter)]
    if failures:
        pytest.fail(laws.summary(failures), pytrace=False)


@each
def test_reads_and_writes(protocol: Protocol, kind: Kind) -> None:
    hold(laws.reads, corpus.documents(protocol, kind, failures=True))


@each
def test_identity(protocol: Protocol, kind: Kind) -> None:
    hold(laws.identity, corpus.documents(protocol, kind, failures=True))


@each
@pytest.mark.skipif(not official.present(), reason="no official schemas")
def test_follows_the_official_schema(protocol: Protocol, kind: Kind) -> None:
    hold(laws.schema, corpus.documents(protocol, kind))


@each
def test_losses_name_real_places(protocol: Protocol, kind: Kind) -> None:
    hold(laws.losses, corpus.documents(protocol, kind))


@each
def test_there_and_back(protocol: Protocol, kind: Kind) -> None:
    hold(laws.returns, corpus.documents(protocol, kind))


@each
def test_twice_the_same(protocol: Protocol, kind: Kind) -> None:
    docs = corpus.documents(protocol, kind)
    hold(laws.deterministic, docs if long() else corpus.sample(docs, SAMPLED))


@each
def test_unknown_keys(protocol: Protocol, kind: Kind) -> None:
    docs = corpus.documents(protocol, kind)
    hold(laws.unknown, docs if long() else corpus.sample(docs, SAMPLED))


@each
def test_nothing_in_silence(protocol: Protocol, kind: Kind) -> None:
    docs = corpus.documents(protocol, kind)
    known = laws.vocabulary(corpus.sample(docs, 500))
    law = laws.Silence(known, None, 0) if long() else laws.Silence(known, LEAVES, 1)
    hold(law, docs if long() else corpus.sample(docs, SAMPLED))
