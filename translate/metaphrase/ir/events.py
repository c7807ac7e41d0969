"""A streamed answer as events.

::

    stream := Start (Begin | Delta | End | UsageSeen | Finished | Extra)* (Done | Failed)
    per (choice, part):  Begin Delta* End     several may be open at once; parts are numbered in order of Begin
    per choice:          exactly one Finished before Done; no part events after it

A stream that keeps its protocol has another grammar, between a reader and a writer that know of each other
(``Codec.relay``): ``Chunk* (Done | Failed)``.
"""

from __future__ import annotations

from msgspec import Struct

from .chat import Blocked, Finish, SafetyRating, TokenLogprob, Usage
from .content import Citation, Part
from .failure import Failure
from .node import At, Ext, Opaque, Spelling


class Start(Struct, frozen=True, gc=False, tag=True):
    """The answer begins. The same id, model and created hold for the whole stream; ``origin`` is the reading codec.

    ``spelt`` and ``ext`` are those of the whole answer; ``at`` is the chunk that said this.
    """

    id: str = ""
    model: str = ""
    created: int | None = None
    ext: Ext | None = None
    origin: str = ""
    spelt: dict[str, Spelling] | None = None
    at: At | None = None


class Begin(Struct, frozen=True, gc=False, tag=True):
    """A part begins: its header with empty text or arguments. Media, code and foreign parts arrive whole here."""

    choice: int
    part: int
    head: Part


class Delta(Struct, frozen=True, gc=False, tag=True):
    """More text, thought or arguments for an open part."""

    choice: int
    part: int
    text: str


class End(Struct, frozen=True, gc=False, tag=True):
    """The part is complete; ``state`` replaces what its header carried, unless None."""

    choice: int
    part: int
    state: Opaque | None = None


class UsageSeen(Struct, frozen=True, gc=False, tag=True):
    """Token counts so far. Replaces what was seen before, as a whole."""

    usage: Usage


class Finished(Struct, frozen=True, gc=False, tag=True):
    """Why the choice ended. ``at``: the choice that said so, if one did."""

    choice: int
    finish: Finish
    at: At | None = None


class Extra(Struct, frozen=True, gc=False, tag=True):
    """What belongs to the answer, or to one ``choice``, and is no part. Sequences append, other values replace.

    ``spelt`` and ``ext`` are those of the answer or the choice; ``at`` is the chunk, or the choice in its chunk.
    """

    choice: int | None = None
    citations: tuple[Citation, ...] = ()
    logprobs: tuple[TokenLogprob, ...] | None = None
    safety: tuple[SafetyRating, ...] = ()
    blocked: Blocked | None = None
    service_tier: str | None = None
    ext: Ext | None = None
    spelt: dict[str, Spelling] | None = None
    at: At | None = None


class Done(Struct, frozen=True, gc=False, tag=True):
    """A clean end."""


class Failed(Struct, frozen=True, gc=False, tag=True):
    """The stream broke off or the server reported an error: nothing follows."""

    failure: Failure


class Chunk(Struct, frozen=True, gc=False, tag=True):
    """One chunk of a stream that keeps its protocol: its JSON as it came, valid UTF-8."""

    json: bytes


Event = Start | Begin | Delta | End | UsageSeen | Finished | Extra | Done | Failed | Chunk
