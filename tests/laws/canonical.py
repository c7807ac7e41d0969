"""The spellings that law 1 allows a Gemini document to change: snake_case keys, and one object for a list of one.

User data keeps its keys: arguments, results, schemas, labels and the like.
"""

from collections.abc import Iterator
from typing import Any

from metaphrase.testing.back import camel
from metaphrase.testing.values import difference as difference
from metaphrase.testing.values import equal as equal

# Below these, keys belong to the user.
_USER_DATA = frozenset(
    {
        "args", "response", "parametersJsonSchema", "responseJsonSchema", "_responseJsonSchema", "labels",
        "partMetadata", "headers", "customMetadata", "arguments",
    }
)  # fmt: skip
# Below these, the keys are names, and what they lead to is protocol again.
_NAMED = frozenset({"properties", "defs"})
# Below these, values are JSON as the user wrote it.
_VALUES = frozenset({"default", "example", "enum"})
_LISTS = frozenset(
    {"contents", "parts", "tools", "functionDeclarations", "safetySettings", "stopSequences", "responseModalities"}
)


def gemini(value: Any) -> Any:
    """A Gemini document in its one spelling."""
    if isinstance(value, list):
        return [gemini(below) for below in value]
    if not isinstance(value, dict):
        return value
    return {name: _below(name, below) for key, below in value.items() for name in (camel(key),)}


def _below(key: str, value: Any) -> Any:
    if key in _USER_DATA or key in _VALUES:
        return value
    if key in _NAMED and isinstance(value, dict):
        return {name: gemini(below) for name, below in value.items()}
    if key in _LISTS and isinstance(value, dict):
        return [gemini(value)]
    return gemini(value)


def respelt(before: Any, after: Any) -> str | None:
    """A key of `after` that is neither a key of `before` nor one in camelCase."""
    known = set(_keys(before))
    known |= {camel(key) for key in known}
    return next((key for key in _keys(after) if key not in known), None)


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for below in value:
            yield from _keys(below)
