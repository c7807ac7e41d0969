"""Names of functions. Source: `FunctionDeclaration.name` in https://ai.google.dev/api/caching#FunctionDeclaration.

The documentation allows 128 characters by now, servers of some age refuse more than 64; a leading digit or dash was
seen refused.
"""

from __future__ import annotations

import re
import zlib

from metaphrase.kept import Names

LONGEST = 64
_LEGAL = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}\Z").match
_ILLEGAL = re.compile(r"[^A-Za-z0-9_.:-]")


def _legal(name: str) -> str:
    if _LEGAL(name):
        return name
    data = name.encode("utf-8", "surrogatepass")
    clean = _ILLEGAL.sub("_", name)
    if not clean or not (clean[0].isalpha() or clean[0] == "_"):
        clean = "_" + clean
    return f"{clean[: LONGEST - 9]}_{zlib.crc32(data):08x}"


tool_name = Names(_legal).__getitem__
"""The name under which a function can be declared: itself where it is legal, else one derived from it."""
