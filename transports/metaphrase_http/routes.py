"""Where a model's calls go, and how: an alias is another name, a variant has settings besides."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from metaphrase import Codec, Defaults, MetaphraseError, codecs
from metaphrase.ir import ImageSetting, ThinkingSetting

from .config import ImageTable, ModelTable, Thinking, ThinkingTable
from .keys import ConfigError
from .upstreams import Upstream


class Route(Struct, frozen=True):
    """What the calls of one model are made of. ``dialects``: by protocol, how it is written on either side."""

    upstream: Upstream
    defaults: Defaults | None = None
    dialects: Mapping[str, Codec] = {}

    def spoken(self, codec: Codec) -> Codec:
        """The codec as this model has it."""
        return self.dialects.get(codec.name, codec)


def route(name: str, at: str | ModelTable, upstream: Upstream) -> Route:
    """What the file says of one model. Raises ConfigError."""
    if isinstance(at, str):
        return Route(upstream)
    try:
        thinking, image = _thinking(at.thinking), _image(at.image)
        dialects = {protocol: _dialect(protocol, said) for protocol, said in at.dialect.items()}
    except ConfigError as error:
        raise ConfigError(f"models.{name}.{error}") from None
    defaults = None if thinking is None and image is None else Defaults(thinking, image)
    return Route(upstream, defaults, dialects)


def _thinking(said: Thinking | None) -> ThinkingSetting | None:
    if said is None:
        return None
    if isinstance(said, str):
        return ThinkingSetting(effort=said)
    if isinstance(said, int):
        return ThinkingSetting(budget=said)
    if said.effort is not None and said.budget is not None:
        raise ConfigError("thinking: effort and budget both say how much: give one of them")
    if said == ThinkingTable():
        raise ConfigError("thinking: it says nothing: give effort, budget or show")
    return ThinkingSetting(effort=said.effort, budget=said.budget, include=said.show)


def _image(said: ImageTable | None) -> ImageSetting | None:
    if said == ImageTable():
        raise ConfigError("image: it says nothing: give aspect or size")
    return None if said is None else ImageSetting(said.aspect, said.size)


def _dialect(protocol: str, said: Mapping[str, object]) -> Codec:
    codec = codecs().get(protocol)
    if codec is None or codec.dialects is None:
        having = [name for name, one in codecs().items() if one.dialects is not None]
        raise ConfigError(f"dialect: {protocol} is no protocol with dialects; there are {', '.join(having)}")
    try:
        return codec.dialects.of(said)
    except MetaphraseError as error:
        raise ConfigError(f"dialect.{protocol}: {error.message}") from None
