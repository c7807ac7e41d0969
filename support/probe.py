"""What a conversion does with a field: documents that differ in nothing else, and what comes out of them.

A field *shows* when another value of it gives another output. A loss *names* it when its path is the field's own, lies
below it, or drops something that it stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

import metaphrase as mp
from metaphrase.testing.document import Output
from metaphrase.testing.paths import Step, Steps, covers, parse
from metaphrase.testing.silence import differs
from metaphrase.testing.values import encode, equal, is_array, is_object
from metaphrase_gemini import gemini
from metaphrase_openai import openai

from .frame import STREAM
from .place import Place, places
from .table import OTHER, Protocol, Row

NOW = 1_795_341_600
OPTIONS: dict[Protocol, dict[str, mp.Codec]] = {
    "openai": {
        "google_compat=True": openai(google_compat=True),
        'thinking="reasoning"': openai(thinking="reasoning"),
        'thinking="google"': openai(thinking="google"),
        'signatures="reasoning_details"': openai(signatures="reasoning_details"),
    },
    "gemini": {'schema="openapi"': gemini(schema="openapi")},
}
"""How else a protocol can be written: tried on what the defaults do not write."""


class Outcome(msgspec.Struct, frozen=True):
    """What became of a field.

    ``shows``: another value gives another output. ``present``: at least that it is there shows. ``always`` and
    ``some``: kinds of losses that name it, whatever its value or for some values. ``refused``: why nothing comes out.
    ``back``: its first value stands in its place again after the way to the other protocol and back. ``option``: the
    first option of the other codec with which it shows, where it does not without.
    """

    shows: bool = False
    present: bool = False
    always: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    refused: str = ""
    back: bool = False
    option: str = ""

    @property
    def silent(self) -> bool:
        """Whether nothing shows and nobody says so."""
        return not (self.shows or self.present or self.always or self.some or self.refused)


class Trial(msgspec.Struct, frozen=True):
    """One value in its place, and what came out: with it and, where the field may be missing, without it."""

    place: Place
    source: bytes
    output: mp.Converted
    bare_source: bytes
    bare: mp.Converted | None

    @property
    def shows(self) -> bool:
        """Whether it shows that the field is there."""
        return self.bare is None or unlike(self.output, self.bare, self.source, self.bare_source)

    @property
    def kinds(self) -> set[str]:
        """The kinds of the losses that name the field."""
        return {loss.kind for loss in self.output.losses if _names(loss, self.place.steps)}


def measure(protocol: Protocol, row: Row) -> Outcome | None:
    """What becomes of a field; None where its row has no values, or where it stands in no document."""
    found = places(protocol, row.path, len(row.values))
    if not found:
        return None
    outcome = _measured(protocol, row, found, OTHER[protocol])
    if outcome.shows or outcome.refused:
        return outcome
    for name, codec in OPTIONS[OTHER[protocol]].items():
        if _measured(protocol, row, found, codec).shows:
            return msgspec.structs.replace(outcome, option=name)
    return outcome


def _measured(protocol: Protocol, row: Row, found: Sequence[Place], target: str | mp.Codec) -> Outcome:
    try:
        trials = [_trial(protocol, held, value, target) for held, value in zip(found, row.values, strict=True)]
    except (mp.ReadError, mp.WriteError) as error:
        return Outcome(refused=error.message)
    kinds = [trial.kinds for trial in trials]
    always = set.intersection(*kinds)
    alone = len(trials) == 1 or len({id(held) for held in found}) > 1  # each value in a frame of its own
    present = trials[0].shows
    return Outcome(
        shows=any(trial.shows for trial in trials) if alone else _differ(trials),
        present=present,
        always=tuple(sorted(always)),
        some=tuple(sorted(set.union(*kinds) - always)),
        back=_comes_back(protocol, trials[0], row.values[0]),
    )


def _differ(trials: Sequence[Trial]) -> bool:
    first = trials[0]
    return any(unlike(first.output, one.output, first.source, one.source) for one in trials[1:])


def _trial(protocol: Protocol, held: Place, value: object, target: str | mp.Codec) -> Trial:
    source, bare_source = wire_form(held, held.holding(value)), wire_form(held, held.without())
    try:
        bare = converted(protocol, target, held, bare_source)
    except (mp.ReadError, mp.WriteError):
        bare = None  # it may not be missing
    return Trial(held, source, converted(protocol, target, held, source), bare_source, bare)


def wire_form(held: Place, document: Any) -> bytes:
    """A document as it comes over the wire; a stream is a list of events."""
    if held.frame.kind != STREAM:
        return encode(document)
    lines = [b"data: " + encode(event) + b"\n\n" for event in document]
    ends = [b"data: [DONE]\n\n"] if "object" in document[-1] else []  # OpenAI's
    return b"".join([*lines, *ends])


def converted(protocol: Protocol, target: str | mp.Codec, held: Place, body: bytes) -> mp.Converted:
    """A document in the other protocol, or in its own."""
    frame = held.frame
    return mp.convert(
        body,
        source=protocol,
        target=target,
        kind=frame.kind,
        path=frame.target,
        status=frame.status,
        now=NOW if target != protocol else 0,  # to its own protocol, a time would be added
        seed="s" if frame.kind == STREAM else "",
    )


def unlike(one: mp.Converted, two: mp.Converted, source: bytes, other_source: bytes) -> bool:
    """Whether two outputs say different things, headers included; each with what it was made of."""
    first, second = [Output(done.body, done.path, done.status, ()) for done in (one, two)]
    return one.headers != two.headers or differs(first, second, source, other_source)


def _names(loss: mp.Loss, steps: Steps) -> bool:
    """Whether a loss is about what stands at these steps. One about a whole says nothing of what is in it, unless the
    whole is gone.
    """
    pattern = parse(loss.path)
    if pattern is None:
        return False
    if covers(steps, pattern):
        return True
    whole = loss.kind == "dropped" or (isinstance(steps[-1], int) and pattern == steps[:-1])
    return covers(pattern, steps) and (len(pattern) == len(steps) or whole)


def _comes_back(protocol: Protocol, trial: Trial, value: object) -> bool:
    """Whether the value stands in its place again after the way back."""
    output, kind = trial.output, trial.place.frame.kind
    try:
        again = mp.convert(
            output.body,
            source=OTHER[protocol],
            target=protocol,
            kind=kind,
            path=output.path,
            status=output.status,
            headers=output.headers if kind == "failure" else (),
            now=NOW,
            seed="s" if kind == STREAM else "",
        )
    except (mp.ReadError, mp.WriteError):
        return False
    document = _events(again.body) if kind == STREAM else msgspec.json.decode(again.body)
    return any(equal(found, value) for found in _found(document, trial.place.steps))


def _events(body: bytes) -> list[Any]:
    """The documents of a written stream."""
    lines = [line.removeprefix(b"data: ") for line in body.splitlines() if line.startswith(b"data: ")]
    return [msgspec.json.decode(line) for line in lines if line != b"[DONE]"]


def _found(node: Any, steps: Sequence[Step]) -> Iterator[Any]:
    """What stands at these steps, whatever the indexes: a message may have moved on its way."""
    if not steps:
        yield node
    elif isinstance(steps[0], int):
        for below in node if is_array(node) else ():
            yield from _found(below, steps[1:])
    elif is_object(node) and steps[0] in node:
        yield from _found(node[steps[0]], steps[1:])
