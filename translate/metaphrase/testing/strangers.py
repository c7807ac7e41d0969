"""A member that no schema knows, put into every kind of object: kept for its own protocol, named to the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .document import Convert, Refused, Subject
from .paths import Steps, look, objects, render, shape
from .silence import WHOLE, differs, naming
from .values import decode, difference, encode

KEY = "zzUnknown"
VALUE = "stranger"


def first_of_each_shape(document: object) -> list[Steps]:
    """One object of each shape of path."""
    found: dict[str, Steps] = {}
    for steps in objects(document):
        found.setdefault(shape(render(steps)), steps)
    return list(found.values())


def strays(doc: Subject, own: Convert, other: Convert, *, whole: Sequence[Steps] = WHOLE) -> Iterator[tuple[str, str]]:
    """(path, reason) of every place where an unknown member is lost in silence, or is not refused where it stands."""
    document = decode(doc.body)
    at_home, abroad = own(doc.body, doc.path), other(doc.body, doc.path)
    for steps in first_of_each_shape(document):
        holder = look(document, steps)
        holder[KEY] = VALUE
        body = encode(document)
        path = render((*steps, KEY))
        try:
            yield from _lost_at_home(decode(at_home.body), decode(own(body, doc.path).body), path)
            output = other(body, doc.path)
            silent = not differs(abroad, output, doc.body, body)
            if silent and not naming((*steps, KEY), output.losses, document, whole):
                yield path, "silent to the other protocol"
        except Refused as error:
            if not error.path.startswith(render(steps)):
                yield path, f"refused elsewhere: {error}"
        del holder[KEY]


def _lost_at_home(before: object, after: object, path: str) -> Iterator[tuple[str, str]]:
    """To its own protocol the member must be there, and nothing else may have changed."""
    found = [steps for steps in objects(after) if look(after, steps).pop(KEY, None) == VALUE]
    if len(found) != 1:
        yield path, f"it stands {len(found)} times in its own protocol"
    changed = difference(before, after)
    if changed is not None:
        yield path, f"it changes something else in its own protocol: {changed[0]} {changed[1]}"
