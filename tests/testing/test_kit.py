"""``check_codec`` on our own codecs, on somebody else's, and on codecs that break one law each."""

import hypothesis
import pytest
from hypothesis import strategies as st

from metaphrase import Codec, MetaphraseError, codecs, ir
from metaphrase.testing import Document, LawBrokenError, check_codec
from metaphrase.testing import check as kit

from . import toy as toys


def examples(quick: int) -> int:
    return 2_000 if hypothesis.settings.get_current_profile_name() == "long" else quick


@pytest.mark.parametrize(("codec", "partner"), [("openai", "gemini"), ("gemini", "openai")])
def test_our_codecs_keep_the_laws(codec: str, partner: str) -> None:
    check_codec(codec, partner=partner, examples=examples(25))


def test_somebody_elses_codec_keeps_the_laws() -> None:
    check_codec(toys.toy(), partner=toys.terse(), documents=toys.documents, examples=examples(40))


def test_a_codec_without_documents_is_tried_on_what_it_writes() -> None:
    check_codec(toys.toy(), partner=toys.toy(), examples=examples(20))


LAWS = [
    ("path", "identity", "became"),
    ("empty", "identity", "escapes"),
    ("plaintive", "identity", "a loss to its own protocol"),
    ("forgetful", "nothing in silence: unknown members", "it stands 0 times in its own protocol"),
    ("tacit", "nothing in silence: unknown members", "silent to the other protocol"),
    ("mute", "nothing in silence", "neither shows nor is named"),
    ("touchy", "nothing in silence", "an exception escapes"),
    ("liar", "nothing in silence", "said to be dropped"),
    ("misplaced", "nothing in silence", "an error elsewhere"),
    ("nowhere", "losses name real places", "names no place"),
    ("reversed", "there and back", "did not come back"),
    ("mangling", "there and back", "the way back was refused"),
    ("counting", "deterministic", "differs from the first"),
    ("crash", "total", "KeyError escapes"),
    ("pathless", "total", "without a path"),
    ("bytewise", "split invariance", "cut at"),
    ("endless", "stream grammar", "broke off"),
    ("loud", "fold", "what is said differs"),
    ("stream crash", "total", "escapes"),
]


# Faults in how the documents of others are written: here the partner has them.
ABROAD = ("mute", "liar", "nowhere", "reversed", "mangling", "counting")
STREAMS = ("bytewise", "endless", "loud", "stream crash")
RARE = ("crash", "pathless")  # it takes the right fault in a document to see these


@pytest.mark.parametrize(("flaw", "law", "reason"), LAWS, ids=[flaw for flaw, *_ in LAWS])
def test_each_law_that_is_broken_is_named(flaw: str, law: str, reason: str) -> None:
    codec, partner = (toys.toy(), toys.terse(flaw)) if flaw in ABROAD else (toys.toy(flaw), toys.terse())
    if flaw in STREAMS:
        codec, partner = Codec("toy", codec.chat, codec.stream), Codec("nothing")
    documents = toys.no_documents if flaw in STREAMS else toys.documents
    with pytest.raises(LawBrokenError) as found:
        check_codec(codec, partner=partner, documents=documents, examples=200 if flaw in RARE else 40)
    assert found.value.law == law
    assert reason in str(found.value)
    assert str(found.value).startswith(law)


class Deaf(toys.Writer):
    """Passes on everything but texts."""

    def feed(self, event: ir.Event) -> bytes:
        return b"" if isinstance(event, ir.Delta) else super().feed(event)


@pytest.mark.parametrize("writer", [toys.Writer, Deaf])
def test_a_relay_has_to_pass_everything_on(writer: type[toys.Writer]) -> None:
    whole = toys.toy()
    relaying = Codec(
        "toy", whole.chat, whole.stream, relay=lambda _, report: (whole.streaming().reader(report), writer(""))
    )
    partner, documents = Codec("nothing"), toys.no_documents
    if writer is toys.Writer:
        check_codec(relaying, partner=partner, documents=documents, examples=20)
        return
    with pytest.raises(LawBrokenError, match="passed on, it is") as found:
        check_codec(relaying, partner=partner, documents=documents, examples=20)
    assert found.value.law == "relay"


def test_a_document_that_is_refused_breaks_a_law() -> None:
    def wrong(kind: str) -> st.SearchStrategy[Document]:
        return st.just(Document(b'{"turns":[{}]}')) if kind == "chat.request" else st.nothing()

    with pytest.raises(LawBrokenError, match=r"at \$\.turns\[0\]: the document is refused"):
        check_codec(toys.toy(), partner=toys.terse(), documents=wrong)


def test_the_document_that_shows_it_is_small() -> None:
    with pytest.raises(AssertionError) as found:
        check_codec(toys.toy(), partner=toys.terse("mute"), documents=toys.documents)
    assert '{"model":"m","turns":[],"heat":0.5}' in str(found.value)
    assert "path: /ask" in str(found.value)


def test_the_partner_is_another_registered_codec_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kit._another(codecs()["openai"]).name == "gemini"
    assert kit._another(codecs()["gemini"]).name == "openai"
    monkeypatch.setattr(kit, "codecs", dict)
    with pytest.raises(MetaphraseError, match="name a partner"):
        check_codec(toys.toy())


def test_a_codec_with_nothing_has_nothing_to_check() -> None:
    check_codec(Codec("empty"), partner=toys.toy(streams=False))
