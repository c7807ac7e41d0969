"""The model and the kind of answer stand in the path: `/v1beta/models/{model}:generateContent`.

Sources: https://ai.google.dev/api/generate-content, and Google's SDK for what it refuses in a model's name (a `..`, `?`
or `&` could lead elsewhere).
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote

_KEPT = 1024
_UNSAFE = re.compile(r"\.\.|[?&\x00-\x1f\x7f]").search
_PREFIXES = ("models/", "google/", "gemini/")
STREAM = "streamGenerateContent"
UNARY = "generateContent"


def read_target(target: str) -> tuple[str | None, bool]:
    """The model that a request asks for, None where its target names none, and whether the answer is streamed.

    A ValueError where the model's name could lead elsewhere.
    """
    return _read_path(target.partition("?")[0])


@lru_cache(_KEPT)  # without the query, which may hold a key
def _read_path(path: str) -> tuple[str | None, bool]:
    head, _, verb = path.rpartition(":")
    model = model_in(head)
    if model is not None and unsafe(model):
        raise ValueError("The path names a model in a way that could lead elsewhere")
    return model, verb == STREAM


def model_in(head: str) -> str | None:
    """The model of a path without its verb. Tuned models and Vertex endpoints keep their whole resource name."""
    _, found, name = head.rpartition("/models/")
    if not found:
        for start in ("tunedModels/", "projects/"):
            _, found, name = head.partition("/" + start)
            if found:
                return start + unquote(name)
    return unquote(name) if found and name else None


def unsafe(model: str) -> bool:
    """Whether a model's name could change the path that it is put into."""
    return _UNSAFE(model) is not None


@lru_cache(_KEPT)
def write_target(model: str, stream: bool) -> str:
    """The target for a model, its name percent-encoded; `models/x`, `google/x` and `gemini/x` mean x.

    A ValueError where the name could lead elsewhere.
    """
    if unsafe(model):
        raise ValueError("A model's name could lead elsewhere")
    for prefix in _PREFIXES:
        model = model.removeprefix(prefix)
    verb = STREAM + "?alt=sse" if stream else UNARY
    if model.startswith("projects/"):
        return f"/v1beta1/{quote(model)}:{verb}"
    if model.startswith("tunedModels/"):
        return f"/v1beta/{quote(model)}:{verb}"
    return f"/v1beta/models/{quote(model, safe='')}:{verb}"
