"""docs/support.md: the rows with what was measured, grouped by object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from . import probe, transport
from .place import leads
from .reading import reading
from .table import NAMES, OTHER, PROTOCOLS, Protocol, Row, also, rows

LEAST = 12  # rows that an object must have for a heading of its own
BY = {"google": "Google", "others": "others", "vertex": "Vertex AI", "newer": "newer"}
READ = {"typed": "typed", "raw": "JSON", "aside": "aside", None: ""}

HEAD = (Path(__file__).parent / "head.md").read_text("utf-8")


def page() -> str:
    """The whole page."""
    parts = [HEAD, *_counts()]
    for protocol in PROTOCOLS:
        parts.append(f"\n## {NAMES[protocol]} to {NAMES[OTHER[protocol]]}")
        parts.extend(_tables(protocol, rows(protocol), "###"))
        parts.append(f"\n### {NAMES[protocol]}: also read\n")
        parts.append("Words of single servers, and operations that only one of the two protocols has in this form.")
        parts.extend(_tables(protocol, also(protocol), "####"))
    return "\n".join(parts) + "\n"


def _counts() -> Iterator[str]:
    """How many fields there are of each class."""
    yield "| | fields | exact | emulated | carried | lost | struct |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for protocol in PROTOCOLS:
        count = Counter(row.group for row in rows(protocol))
        of = [str(count[name]) for name in ("exact", "emulated", "carried", "lost", "struct")]
        yield f"| {NAMES[protocol]} | {count.total()} | {' | '.join(of)} |"


def _tables(protocol: Protocol, given: Sequence[Row], heading: str) -> Iterator[str]:
    """A table for each object that is large enough, the rows of small ones in that of the next larger."""
    groups: dict[str, list[Row]] = {}
    names = objects([row.path for row in given])
    for row in given:
        group = max([name for name in names if leads(name, row.path) and name != row.path], key=len, default=row.path)
        groups.setdefault(group, []).append(row)
    for name, members in groups.items():
        yield f"\n{heading} `{name}`\n"
        yield f"| Field | Class | Read | Measured | In {NAMES[OTHER[protocol]]} |"
        yield "|---|---|---|---|---|"
        yield from (_line(protocol, row, name) for row in members)


def objects(paths: Sequence[str]) -> list[str]:
    """The objects with enough rows to stand alone, and the first step of every path."""
    found: Counter[str] = Counter()
    for path in paths:
        found.update(_parents(path))
    return [name for name, count in found.items() if count >= LEAST or "." not in name.removesuffix(".response")]


def _parents(path: str) -> Iterator[str]:
    """The objects that a path stands in, with the `[]` of their array."""
    for at, character in enumerate(path):
        if character == "." and path[at - 1] != "$":
            yield path[:at]


def _line(protocol: Protocol, row: Row, group: str) -> str:
    field = row.path.removeprefix(group).removeprefix(".") or row.path
    by = f" ({BY[row.by]})" if row.by else ""
    cells = [f"`{field}`{by}", row.group, READ[reading(protocol, row.path)], verdict(protocol, row), row.becomes]
    return "| " + " | ".join([cell.replace("|", "\\|") for cell in cells]) + " |"


def verdict(protocol: Protocol, row: Row) -> str:
    """What was measured, in words."""
    outside = transport.measure(protocol, row)
    if outside is not None:
        return "crosses" if outside.shows or outside.present else "stays"
    outcome = probe.measure(protocol, row)
    return "" if outcome is None else worded(outcome)


def worded(outcome: probe.Outcome) -> str:
    """An outcome in words."""
    if outcome.refused:
        return "refused"
    said = list(_reports(outcome))
    if outcome.shows or outcome.present:
        return "; ".join(["written, comes back" if outcome.back else "written", *said])
    if outcome.option:
        said.append(f"with `{outcome.option}` written")
    return "; ".join(said if outcome.always else ["says nothing more", *said])


def _reports(outcome: probe.Outcome) -> Iterable[str]:
    if outcome.always:
        yield f"reported: {', '.join(outcome.always)}"
    if outcome.some:
        yield f"for some values reported: {', '.join(outcome.some)}"
