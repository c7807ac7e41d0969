"""Law 3, there and back, on what the raw JSON of either protocol says."""

from metaphrase.testing import back
from metaphrase.testing.document import Convert, Refused
from metaphrase.testing.values import decode

from .corpus import Doc
from .projection import project


def broken(doc: Doc, there: Convert, back_again: Convert) -> list[tuple[str, str]]:
    """(path, reason) of every item of a document that does not come back. Raises Refused for the way back."""
    try:
        out = there(doc.body, doc.path)
    except Refused:
        return []  # the business of another law
    if doc.kind == "chat.response" and out.status is not None and out.status >= 400:
        return []  # an answer that means a failed call has become an error
    again = back_again(out.body, out.path)
    before = project(doc.protocol, doc.kind, doc.value())
    return back.broken(before, project(doc.protocol, doc.kind, decode(again.body)), out, again)
