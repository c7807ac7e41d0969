"""Law 2 for streams: one leaf of one chunk changed, and the output changes or a loss names it at its chunk."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

import metaphrase as mp
from metaphrase.testing.document import Document, Output, Refused
from metaphrase.testing.paths import Steps, parse, places, shape
from metaphrase.testing.silence import WHOLE, Judged, judged
from tests.laws.corpus import Protocol
from tests.laws.profile import long

from . import recorded
from .chunks import DONE, chunks
from .feeding import NOW, SEED, clean, fed, translating
from .recorded import DIRECTIONS

SAMPLED = 40
LONGEST = 30_000
LEAVES = 40
_ANY: Steps = parse("$[*]") or ()
IN_CHUNKS = tuple(_ANY + steps for steps in WHOLE)

# What chunks repeat, and what only the last one counts of, is not reported each time: docs/streams.md, "What is said
# more than once". A leaf below one of these may change in silence if another chunk says it as well.
REPEATED: dict[str, tuple[str, ...]] = {
    "gemini": ("$[].usageMetadata",),
    "openai": (
        "$[].usage", "$[].id", "$[].object", "$[].created", "$[].model", "$[].system_fingerprint", "$[].service_tier",
        "$[].provider", "$[].obfuscation", "$[].p", "$[].timings", "$[].sla_metrics", "$[].citations", "$[].x_groq",
        "$[].search_results", "$[].choices[].finish_reason", "$[].choices[].native_finish_reason",
        "$[].choices[].message", "$[].choices[].text", "$[].choices[].content_filter_results",
        "$[].choices[].delta.role", "$[].choices[].delta.channel", "$[].choices[].delta.token_id",
        "$[].choices[].delta.reasoning_encrypted", "$[].choices[].delta.tool_calls[].type",
    ),
}  # fmt: skip


# These say which pieces belong together, and no more.
STRUCTURE = (
    "$[].choices[].index",
    "$[].choices[].delta.tool_calls[].index",
    "$[].candidates[].content.parts[].functionCall.partialArgs[].willContinue",
)


def sse(body: bytes) -> bytes:
    """A JSON array of chunks as a stream."""
    return "".join(f"data: {one if one == DONE else json.dumps(one)}\n\n" for one in json.loads(body)).encode()


def converted(source: Protocol, target: Protocol, body: bytes, _: str | None) -> Output:
    try:
        done = mp.convert(sse(body), source=source, target=translating(target), kind="chat.stream", now=NOW, seed=SEED)
    except (mp.ReadError, mp.WriteError) as error:
        raise Refused(error.path, str(error)) from error
    return Output(done.body, None, None, done.losses)


def silent(source: Protocol, target: Protocol, counts: Counter[str]) -> Iterator[str]:
    small = tuple(one for one in recorded.of(source) if len(one.body) < LONGEST)
    for stream in small if long() else recorded.sample(small, SAMPLED):
        found = chunks(stream.body)
        if not clean(source, target, fed(source, target, [stream.body])):
            continue  # nothing else is told of a failure
        subject = Document(json.dumps(found).encode())
        try:
            for one in judged(partial(converted, source, target), subject, limit=LEAVES, each=1, whole=IN_CHUNKS):
                counts[one.verdict] += 1
                if one.verdict in ("silent", "escaped") and not repeated(source, one, found):
                    yield f"{stream.id} {one.path} {one.verdict}: {one.reason}"
        except Refused:
            counts["streams refused"] += 1


def repeated(source: Protocol, one: Judged, found: list[Any]) -> bool:
    path = shape(one.path)
    if path in STRUCTURE:
        return True
    top = next((top for top in REPEATED[source] if path == top or path.startswith((f"{top}.", f"{top}["))), None)
    if top is None:
        return False
    steps = parse(top.replace("[]", "[*]")) or ()
    return places(found, steps) > 1


@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
def test_nothing_in_silence(source: Protocol, target: Protocol) -> None:
    counts: Counter[str] = Counter()
    wrong = list(silent(source, target, counts))
    assert wrong == []
    assert counts["shows"] > counts["named"] or not recorded.PRESENT


@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
def test_losses_name_places_of_the_stream(source: Protocol, target: Protocol) -> None:
    """`$[n]` is the chunk that it stood in; to its own protocol hardly anything is lost."""
    found = recorded.of(source)
    wrong: list[str] = []
    for stream in found if long() else recorded.sample(found, 200):
        body = json.dumps(chunks(stream.body)).encode()
        document = json.loads(body)
        for loss in converted(source, target, body, None).losses:
            steps = parse(loss.path)
            if loss.path and (steps is None or places(document, steps) == 0):
                wrong.append(f"{stream.id} {loss}")
    assert wrong == []
