"""What a client says in the query of its address: read by its protocol, or reported."""

from __future__ import annotations

from urllib.parse import parse_qsl

from .loss import Report


def parameters(target: str) -> dict[str, str]:
    """The parameters of a target, the last of each name; Google's may have a dollar sign before their names."""
    _, mark, query = target.partition("?")
    if not mark:
        return {}
    return {name.removeprefix("$"): value for name, value in parse_qsl(query, keep_blank_values=True)}


def report_unread(target: str, read: tuple[str, ...], codec: str, report: Report) -> None:
    """Report the parameters beyond those that the client's protocol has ``read``: none goes on to an upstream, whose
    address is made anew. The query is no part of the document: the loss has no path, and its feature has the name.
    """
    for name in parameters(target):
        if name not in read:
            report.add("dropped", None, None, f"request.query.{name}", codec, "in the address")
