"""A stream's bytes to the JSON values of its chunks, by another way than the engine's."""

import json
import re
from typing import Any

DONE = "[DONE]"

_LINE = re.compile(r"\r\n|\n|\r")


def chunks(body: bytes) -> list[Any]:
    """The values of a whole stream in order; `[DONE]` comes as a string."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff").lstrip(" \r\n")
    if text.startswith(("[", "{")):
        found = _values(text)
        return found[0] if len(found) == 1 and isinstance(found[0], list) else found
    out: list[Any] = []
    for event in _events(text):
        out += [DONE] if event.startswith(DONE) else _values(event)
    return out


def _events(text: str) -> list[str]:
    """The data of each event; a row of lines that are no fields is bare JSON."""
    found: list[list[str]] = [[]]
    bare = False
    for line in _LINE.split(text):
        if line.startswith("data:"):
            found += [[]] if bare else []
            bare = False
            found[-1].append(line[5:].removeprefix(" "))
        elif not line:
            found.append([])
            bare = False
        elif bare or line[0] in '{}[],"':
            found += [] if bare else [[]]
            bare = True
            found[-1].append(line)
    return ["\n".join(lines) for lines in found if lines]


def _values(text: str) -> list[Any]:
    """All JSON values of a text, one after the other."""
    decoder = json.JSONDecoder()
    found: list[Any] = []
    at = 0
    while at < len(text):
        if text[at] in " \t\r\n,":
            at += 1
            continue
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found
