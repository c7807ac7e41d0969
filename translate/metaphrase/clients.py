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

from collections.abc import Iterable, Mapping, Sequence

from .codec import Codec
from .http import Request
from .registry import resolve


class Clients:
    """The protocols that one server takes: says which of them a client speaks, request after request.

    ``mounts``: codecs by the start of the path, ``{"/openai": "openai"}``; without it every codec is mounted under its
    own name. ``codecs`` must not be empty.
    """

    __slots__ = ("_default", "_known", "_places", "_starts")

    def __init__(
        self,
        codecs: Iterable[str | Codec],
        *,
        default: str | Codec | None = None,
        mounts: Mapping[str, str | Codec] | None = None,
    ) -> None:
        self._known = tuple([resolve(codec) for codec in codecs])
        places = {f"/{codec.name}": codec for codec in self._known} if mounts is None else mounts
        self._places = sorted([(place.rstrip("/") + "/", codec) for place, codec in places.items()], key=_length)
        self._starts = tuple([place for place, _ in self._places])
        self._default = None if default is None else resolve(default).name

    def of(self, request: Request) -> Codec:
        """The codec of the client that sent this; ``request.target`` keeps its mount, which codecs see through."""
        path = request.target.partition("?")[0] + "/"
        if path.startswith(self._starts):
            return next(resolve(codec) for place, codec in self._places if path.startswith(place))
        fitting = [one for one in self._known if one.recognise is not None and one.recognise(request) is not None]
        return fitting[0] if len(fitting) == 1 else self._claiming(request, fitting or self._known)

    def _claiming(self, request: Request, among: Sequence[Codec]) -> Codec:
        """The one whose credential it carries, else the default, else the first."""
        claiming = [codec for codec in among if codec.routes is not None and codec.routes.claims(request)]
        if len(claiming) == 1:
            return claiming[0]
        return next((codec for codec in among if codec.name == self._default), among[0])


def client_of(
    request: Request,
    codecs: Iterable[str | Codec],
    *,
    default: str | Codec | None = None,
    mounts: Mapping[str, str | Codec] | None = None,
) -> Codec:
    """The codec of the client that sent this one request: see `Clients`."""
    return Clients(codecs, default=default, mounts=mounts).of(request)


def _length(mount: tuple[str, str | Codec]) -> int:
    """To sort by: the longest place comes first."""
    return -len(mount[0])
