"""Law 7: whatever the bytes, there is a result or a ReadError or a WriteError, and soon."""

import os
import time
from functools import cache
from random import Random

import pytest

import metaphrase as mp
from metaphrase.testing.damage import damaged

from . import corpus
from .corpus import Doc, Protocol
from .profile import long

EXAMPLES = 2_000
LONG_EXAMPLES = 100_000
SLOWEST = 2.0  # seconds for one document, on a busy machine
LARGEST = 60_000  # bytes; larger documents are damaged as well as smaller ones, only later

# A long run looks elsewhere each time; a failure says with which seed.
SEED = os.environ.get("METAPHRASE_SEED", str(time.time_ns()) if long() else "")

SMALL: tuple[tuple[str, Protocol, corpus.Kind, bytes], ...] = (
    (
        "request",
        "openai",
        "chat.request",
        b'{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.5}',
    ),
    ("request", "gemini", "chat.request", b'{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}'),
    (
        "response",
        "openai",
        "chat.response",
        b'{"id":"1","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"}}]}',
    ),
    (
        "response",
        "gemini",
        "chat.response",
        b'{"candidates":[{"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP"}],"usageMetadata":{}}',
    ),
)


@cache
def whole_documents() -> tuple[Doc, ...]:
    """What is damaged: a few documents that are always here, the fixtures, and the recordings where they are."""
    small = tuple(Doc(*row) for row in SMALL)
    recorded = tuple(doc for doc in corpus.everything() if len(doc.body) < LARGEST)
    return (*small, *corpus.raw_documents(), *recorded)


def check(doc: Doc, body: bytes, target: Protocol) -> str | None:
    """What is wrong with the conversion of a damaged document."""
    start = time.perf_counter()
    try:
        done = mp.convert(body, source=doc.protocol, target=target, kind=doc.kind, path=doc.path)
    except (mp.ReadError, mp.WriteError) as error:
        if not error.path.startswith("$"):
            return f"{type(error).__name__} has the path {error.path!r}"
    except Exception as error:  # noqa: BLE001 - whatever escapes is what the law looks for
        return f"{type(error).__name__} escaped: {error}"
    else:
        if not done.body:
            return "the result is empty"
    seconds = time.perf_counter() - start
    return f"took {seconds:.1f} s" if seconds > SLOWEST else None


@pytest.mark.parametrize("target", corpus.PROTOCOLS)
def test_damaged_documents(target: Protocol) -> None:
    docs = whole_documents()
    failures: list[str] = []
    for number in range((LONG_EXAMPLES if long() else EXAMPLES) // 2):
        random = Random(f"{SEED}{target}-{number}")
        doc = random.choice(docs)
        body = damaged(doc.body, random)
        wrong = check(doc, body, target)
        if wrong is not None:
            failures.append(f"example {number} ({doc.id}, {doc.protocol} {doc.kind}): {wrong}: {body[:200]!r}")
    if failures:
        pytest.fail("\n".join([f"{len(failures)} failures (METAPHRASE_SEED={SEED})", *failures[:20]]), pytrace=False)


@pytest.mark.parametrize(
    "body", [b"", b" ", b"null", b"[]", b"1", b'"x"', b"{}", b"\xff", b"{", b"[" * 100_000, b"\xef\xbb\xbf{}"]
)
@pytest.mark.parametrize("kind", corpus.KINDS)
@pytest.mark.parametrize("source", corpus.PROTOCOLS)
def test_what_is_no_document(source: Protocol, kind: corpus.Kind, body: bytes) -> None:
    for target in corpus.PROTOCOLS:
        assert check(Doc("x", source, kind, body), body, target) is None
