"""Try one law on the recorded corpus and print what breaks it, grouped by path and reason.

python -m tests.laws.explore --source openai --target gemini --kind chat.request --law silent --limit 200
python -m tests.laws.explore --source gemini --law back --id pydantic-ai-276f184bf9bfcc
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

if not __package__:  # run as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    __package__ = "tests.laws"

from metaphrase.testing.paths import shape
from tests.laws import corpus, laws
from tests.laws.engine import converter

LAWS: dict[str, laws.Law] = {
    "read": laws.reads,
    "identity": laws.identity,
    "schema": laws.schema,
    "back": laws.returns,
    "losses": laws.losses,
    "twice": laws.deterministic,
    "unknown": laws.unknown,
}


def parser() -> argparse.ArgumentParser:
    about = "Try one law on the recorded corpus and print what breaks it, grouped by path and reason."
    options = argparse.ArgumentParser(prog="python -m tests.laws.explore", description=about)
    options.add_argument("--source", choices=corpus.PROTOCOLS, help="default: both")
    options.add_argument("--target", help="ignored: identity goes to the source's own protocol, the rest to the other")
    options.add_argument("--kind", choices=corpus.KINDS, help="default: both")
    options.add_argument("--law", choices=[*LAWS, "silent", "false"], required=True)
    options.add_argument("--limit", type=int, help="so many documents, spread over the corpus")
    options.add_argument("--offset", type=int, default=0, help="another sample of the same size")
    options.add_argument("--id", help="only documents whose id contains this")
    options.add_argument("--path", default="", help="only failures whose index-less path contains this")
    options.add_argument("--leaves", type=int, default=150, help="documents with more leaves are sampled by shape")
    options.add_argument("--each", type=int, default=2, help="leaves of one shape tried in such documents")
    options.add_argument("--all-leaves", action="store_true", help="try every leaf")
    options.add_argument("--groups", type=int, default=40)
    options.add_argument("--examples", type=int, default=3, help="ids shown for a group")
    options.add_argument(
        "--excused", action="store_true", help="list the leaves excused by a dropped ancestor, or refused"
    )
    return options


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")


def progress(done: int, total: int, failures: int, start: float) -> None:
    if done % 50 == 0 or done == total:
        seconds = time.perf_counter() - start
        sys.stderr.write(f"\r{done}/{total} documents, {failures} failures, {seconds:.1f} s ")
        sys.stderr.flush()


def selected(options: argparse.Namespace, protocol: corpus.Protocol, kind: corpus.Kind) -> tuple[corpus.Doc, ...]:
    docs = corpus.documents(protocol, kind, failures=options.law in ("read", "identity"))
    if options.id:
        docs = tuple(doc for doc in docs if options.id in doc.id)
    return corpus.sample(docs, options.limit, options.offset) if options.limit else docs


def explore(options: argparse.Namespace, protocol: corpus.Protocol, kind: corpus.Kind) -> int:
    """One law on one protocol and kind; how many failures."""
    docs = selected(options, protocol, kind)
    law: laws.Law
    if options.law in LAWS:
        law = LAWS[options.law]
    else:
        known = laws.vocabulary(corpus.sample(corpus.documents(protocol, kind), 500))
        law = laws.Silence(known, None if options.all_leaves else options.leaves, options.each)
    found: list[laws.Failure] = []
    start = time.perf_counter()
    for done, doc in enumerate(docs, 1):
        found.extend(failure for failure in law(doc, converter) if wanted(options, failure))
        progress(done, len(docs), len(found), start)
    sys.stderr.write("\n")
    report(options, f"{protocol} {kind} {options.law}", len(docs), found)
    if isinstance(law, laws.Silence):
        counted(options, law)
    return len(found)


def wanted(options: argparse.Namespace, failure: laws.Failure) -> bool:
    if options.law == "false" and not failure.reason.startswith("false drop"):
        return False
    if options.law == "silent" and failure.reason.startswith("false drop"):
        return False
    return options.path in shape(failure.path)


def report(options: argparse.Namespace, title: str, docs: int, found: list[laws.Failure]) -> None:
    bad = len({failure.id for failure in found})
    say(f"== {title}: {docs} documents, {bad} of them break it, {len(found)} failures")
    words = 1 if options.law in ("silent", "false") else 8
    for count, path, reason, group in laws.grouped(found, words)[: options.groups]:
        say(f"{count:6}  {path}  {reason}")
        for failure in group[: options.examples]:
            say(f"          {failure.id}  {failure.path}  {failure.reason[:240]}")


def counted(options: argparse.Namespace, law: laws.Silence) -> None:
    say("leaves: " + ", ".join(f"{verdict} {count}" for verdict, count in law.counts.most_common()))
    if options.excused:
        for path, count in law.excused.most_common(options.groups):
            say(f"{count:6}  {path}")


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    if not corpus.present():
        say(corpus.ABSENT)
        return 2
    protocols: tuple[corpus.Protocol, ...] = (options.source,) if options.source else corpus.PROTOCOLS
    kinds: tuple[corpus.Kind, ...] = (options.kind,) if options.kind else corpus.KINDS
    return int(sum(explore(options, protocol, kind) for protocol in protocols for kind in kinds) > 0)


if __name__ == "__main__":
    sys.exit(main())
