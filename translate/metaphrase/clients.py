"""Which protocol a client speaks, where one server takes several.

Most addresses tell. ``/v1`` does not: Google's Python SDK asks for ``/v1/models`` just as OpenAI's does. So, in order:

1. an explicit mount: ``/openai/v1/models``, ``/gemini/v1/models``, or any other that the caller names;
2. the protocols that have an operation at this address, if it is one only;
3. of several, the one whose own kind of credential the request carries (``Authorization: Bearer`` for OpenAI,
   ``x-goog-api-key`` or ``?key=`` for Gemini), if it is one only;
4. the caller's default, else the first of them.

Where no protocol has an operation, 3 and 4 still tell in which of them to say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .codec import Codec
from .http import Request
from .registry import resolve


def client_of(
    request: Request,
    codecs: Iterable[str | Codec],
    *,
    default: str | Codec | None = None,
    mounts: Mapping[str, str | Codec] | None = None,
) -> Codec:
    """The codec of the client that sent this request; ``request.target`` keeps its mount, which codecs see through.

    ``mounts``: codecs by the start of the path, ``{"/openai": "openai"}``; without it every codec is mounted under its
    own name. ``codecs`` must not be empty.
    """
    known = [resolve(codec) for codec in codecs]
    places = {f"/{codec.name}": codec for codec in known} if mounts is None else mounts
    path = request.target.partition("?")[0]
    mounted = [place for place in places if path == place or path.startswith(place.rstrip("/") + "/")]
    if mounted:
        return resolve(places[max(mounted, key=len)])
    fitting = [codec for codec in known if codec.recognise is not None and codec.recognise(request) is not None]
    if len(fitting) == 1:
        return fitting[0]
    among = fitting or known
    claiming = [codec for codec in among if codec.routes is not None and codec.routes.claims(request)]
    if len(claiming) == 1:
        return claiming[0]
    chosen = None if default is None else resolve(default)
    return next((codec for codec in among if chosen is not None and codec.name == chosen.name), among[0])
