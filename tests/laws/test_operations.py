"""The laws on recorded embeddings, models, token counts and errors."""

import struct
from base64 import b64decode
from collections import Counter
from typing import Any

import msgspec
import pytest

from metaphrase import WriteError
from metaphrase.testing.silence import judged
from tests.laws import canonical
from tests.laws.corpus import ABSENT, encode, present
from tests.operations import KINDS, Document, convert, converter, recorded

pytestmark = pytest.mark.skipif(not present(), reason=ABSENT)

# What a client asked for and gets in its answer: it has no place in the upstream's request.
HONOURED = {"$.encoding_format"}
SHORT = 6  # numbers of a vector that are tried


def of(kind: str) -> list[Document]:
    return [doc for doc in recorded() if doc.kind == kind]


def parsed(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body


def same(doc: Document, body: bytes) -> tuple[str, str] | None:
    before, after = parsed(doc.body), parsed(body)
    if isinstance(before, bytes):
        return None if before == after else ("$", "another text")
    if doc.protocol == "gemini":
        before, after = canonical.gemini(before), canonical.gemini(after)
    return canonical.difference(before, after)


@pytest.mark.parametrize("kind", KINDS)
def test_identity(kind: str) -> None:
    docs = of(kind)
    assert docs
    for doc in docs:
        done = convert(doc.body, doc.protocol, doc.protocol, kind, path=doc.path, status=doc.status)
        assert same(doc, done.body) is None, doc.id
        assert done.losses == (), doc.id
        assert done.path == doc.path, doc.id
        if doc.status is not None:
            assert done.status == doc.status, doc.id


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_in_silence(kind: str) -> None:
    verdicts: Counter[str] = Counter()
    wrong: list[str] = []
    for doc in of(kind):
        short = Document(doc.id, doc.protocol, kind, encode(_shortened(parsed(doc.body))), doc.path)
        if isinstance(parsed(doc.body), bytes):
            continue
        if holds_tokens(doc):
            with pytest.raises(WriteError, match="array of tokens"):
                convert(doc.body, doc.protocol, doc.other, kind)
            continue
        make = converter(doc.protocol, doc.other, kind, doc.status)
        for one in judged(make, short, None, 60, 2):
            verdicts[one.verdict] += 1
            if one.path not in HONOURED and (one.dropped or one.verdict in ("silent", "escaped", "misplaced")):
                wrong.append(f"{doc.id} {one.path} {one.verdict} dropped={one.dropped} {one.reason}")
    assert wrong == []
    assert verdicts["shows"]


def _shortened(value: Any) -> Any:
    if isinstance(value, list):
        if len(value) > SHORT and all(isinstance(one, int | float) for one in value):
            return value[:SHORT]
        return [_shortened(one) for one in value[:SHORT]]
    if isinstance(value, dict):
        return {key: _shortened(one) for key, one in value.items()}
    return value[:32] if isinstance(value, str) and len(value) > 4000 else value


def floats(vector: list[float] | str) -> bytes:
    """A vector's bits as float32."""
    return b64decode(vector) if isinstance(vector, str) else struct.pack(f"<{len(vector)}f", *vector)


def vectors(answer: Any) -> list[bytes]:
    if "predictions" in answer:
        return [floats(one["embeddings"]["values"]) for one in answer["predictions"]]
    if "data" in answer:
        return [floats(one["embedding"]) for one in sorted(answer["data"], key=lambda one: int(one["index"]))]
    many = [answer["embedding"]] if "embedding" in answer else answer["embeddings"]
    return [floats(one["values"]) for one in many]


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_vectors_there_and_back_are_the_same_float32(encoding: str) -> None:
    for doc in of("embedding.response"):
        asked = encode({"model": "m", "input": ["x"], "encoding_format": encoding})
        there = convert(doc.body, doc.protocol, doc.other, doc.kind, asked=asked if doc.other == "openai" else None)
        back = convert(there.body, doc.other, doc.protocol, doc.kind, asked=asked if doc.other == "gemini" else None)
        assert vectors(parsed(doc.body)) == vectors(parsed(there.body)) == vectors(parsed(back.body)), doc.id


def test_every_answer_suits_its_question() -> None:
    """An answer converted for the client that asked in the other protocol has one vector for each input, in order."""
    for doc in of("embedding.response"):
        if doc.asked is None:
            continue
        question = Document(doc.id, doc.protocol, "embedding.request", doc.asked)
        if holds_tokens(question):
            continue
        asked = convert(doc.asked, doc.protocol, doc.other, "embedding.request").body
        done = convert(doc.body, doc.protocol, doc.other, doc.kind, asked=asked)
        assert vectors(parsed(done.body)) == vectors(parsed(doc.body))


def test_inputs_there_and_back() -> None:
    for doc in of("embedding.request"):
        if doc.protocol != "openai" or holds_tokens(doc):
            continue
        there = convert(doc.body, "openai", "gemini", doc.kind)
        back = parsed(convert(there.body, "gemini", "openai", doc.kind, path=there.path).body)
        before = parsed(doc.body)
        given = before["input"]
        assert back["input"] == ([given] if isinstance(given, str) else given), doc.id
        assert back["model"] == before["model"], doc.id
        assert back.get("dimensions") == before.get("dimensions", before.get("output_dimension")), doc.id


def holds_tokens(doc: Document) -> bool:
    given = doc.value().get("input") if doc.kind == "embedding.request" else None
    return isinstance(given, list) and any(not isinstance(one, str) for one in given)


def test_errors_there_and_back_keep_status_type_code_and_parameter() -> None:
    for doc in of("failure"):
        if doc.protocol != "openai":
            continue
        there = convert(doc.body, "openai", "gemini", "failure", status=doc.status)
        back = convert(there.body, "gemini", "openai", "failure", status=there.status)
        before, after = parsed(doc.body), parsed(back.body)["error"]
        error = before.get("error", before)
        assert back.status == doc.status, doc.id
        if isinstance(error, dict) and "metadata" not in error:
            for key in ("type", "param"):
                assert error.get(key) in (None, after[key]), doc.id
            code = error.get("code")
            assert code in (None, after["code"], doc.status, str(doc.status)), doc.id
            assert after["message"] == (error.get("message") or error.get("detail")), doc.id
