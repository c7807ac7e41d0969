"""A caller's own names for models, in a model list."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from .ir import Catalog, Model


def aliased(catalog: Catalog, aliases: Mapping[str, str]) -> Catalog:
    """The list with each alias after its models, saying of itself what the model says that it stands for.

    ``aliases`` maps a name to the id of a model. An alias of a model that is not in the list says nothing but its name;
    one that is the id of a model itself is left to that model.
    """
    known = {model.id: model for model in catalog.models}
    more = [
        replace(known[id_], id=alias) if id_ in known else Model(alias)
        for alias, id_ in aliases.items()
        if alias not in known
    ]
    return replace(catalog, models=(*catalog.models, *more)) if more else catalog
