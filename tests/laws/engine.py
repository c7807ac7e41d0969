"""The engine under test, as the laws see it: bytes in, `Output` out, `Refused` for an error that is allowed."""

from functools import partial

import metaphrase as mp
from metaphrase.testing.document import Convert, Output, Refused

from .corpus import Kind, Protocol


def run(source: Protocol, target: Protocol, kind: Kind, body: bytes, path: str | None) -> Output:
    """Convert one document. Whatever is neither a ReadError nor a WriteError passes through as the fault it is."""
    try:
        done = mp.convert(body, source=source, target=target, kind=kind, path=path)
    except (mp.ReadError, mp.WriteError) as error:
        raise Refused(error.path, f"{type(error).__name__}: {error.message}") from error
    return Output(done.body, done.path, done.status, done.losses)


def converter(source: Protocol, target: Protocol, kind: Kind) -> Convert:
    return partial(run, source, target, kind)
