"""Whether a document follows the vendor's own schema: `errors("gemini", "chat.request", document)`."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from metaphrase.testing.paths import render

from . import official_gemini, official_openai
from .corpus import SHARED, Kind, Protocol

PROTOCOL = SHARED / "protocol"
OFFICIAL = PROTOCOL / "official"
Builder = Callable[[Path, Path], dict[str, dict[str, Any]]]
SOURCES: dict[Protocol, tuple[Builder, Path, Path]] = {
    "openai": (official_openai.build, OFFICIAL / "openai_openapi.yaml", PROTOCOL / "openai_fields.tsv"),
    "gemini": (official_gemini.build, OFFICIAL / "gemini_v1beta_discovery.json", PROTOCOL / "gemini_fields.tsv"),
}
CODE = (official_openai.__file__, official_gemini.__file__)


def present() -> bool:
    return all(file.is_file() for _, *files in SOURCES.values() for file in files)


def errors(protocol: Protocol, kind: Kind, document: object) -> list[str]:
    """One line per violation: `$.path: what is wrong`."""
    return [f"{path}: {text}" for path, text in problems(protocol, kind, document)]


def problems(protocol: Protocol, kind: Kind, document: object) -> list[tuple[str, str]]:
    checker = _validator(protocol, kind)
    if checker.is_valid(document):
        return []
    found = [deep for error in checker.iter_errors(document) for deep in _deepest(error)]
    return list(dict.fromkeys((render(_steps(error)), _text(error)) for error in found))


def schemas(protocol: Protocol) -> dict[str, dict[str, Any]]:
    """The schemas of one protocol by kind. Loading three megabytes of YAML takes a second, so they are kept on disk."""
    build, *files = SOURCES[protocol]
    digest = hashlib.sha256()
    for file in (*files, *map(Path, CODE)):
        digest.update(file.read_bytes())
    kept = Path(tempfile.gettempdir()) / f"metaphrase-official-{protocol}-{digest.hexdigest()[:16]}.json"
    if kept.is_file():
        stored: dict[str, dict[str, Any]] = json.loads(kept.read_text("utf-8"))
        return stored
    built = build(*files)
    fresh = kept.with_suffix(f".{hashlib.sha256(str(built).encode()).hexdigest()[:8]}")
    fresh.write_text(json.dumps(built), "utf-8")
    fresh.replace(kept)
    return built


@cache
def _validator(protocol: Protocol, kind: Kind) -> Any:
    return jsonschema_rs.validator_for(schemas(protocol)[kind])


def _deepest(error: Any) -> Iterator[Any]:
    """For a union, the complaints of the branch that fits best: whose complaints stand deepest, then the fewest."""
    context = getattr(error.kind, "context", None)
    if not context:
        yield error
        return
    branches = [[deep for one in branch for deep in _deepest(one)] for branch in context]
    yield from min(branches, key=_misfit)


def _misfit(branch: list[Any]) -> tuple[int, int, int]:
    wrong_tag = sum(error.kind.name in ("enum", "const", "type") for error in branch)
    depth = max((len(error.instance_path) for error in branch), default=0)
    return (wrong_tag, -depth, len(branch))


def _steps(error: Any) -> tuple[str | int, ...]:
    return tuple(error.instance_path)


def _text(error: Any) -> str:
    text = str(error.message)
    return text if len(text) < 200 else f"{text[:90]} ... {text[-100:]}"
