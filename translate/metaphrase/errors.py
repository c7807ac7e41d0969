"""The errors that leave this library. Messages name types and places, never the payload's own text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .loss import Loss


class MetaphraseError(Exception):
    """Base of all errors. ``path`` is a JSON path in the source document, "$" for the whole of it."""

    def __init__(self, message: str, path: str = "$") -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def __str__(self) -> str:
        return f"{self.message} - at `{self.path}`"


class ReadError(MetaphraseError):
    """The source document is not valid for its protocol."""


class RouteError(ReadError):
    """The protocol has no operation at this address."""


class NotAnAnswer(ReadError):
    """An error answer stood where a chat answer was expected, whatever its HTTP status said."""

    def __init__(self) -> None:
        super().__init__("An error answer, not a chat answer", "$.error")


class WriteError(MetaphraseError):
    """The target protocol cannot say this document at all."""


class EventError(MetaphraseError):
    """A sequence of events broke the stream grammar: a fault of the code that made them."""


class LossRefused(MetaphraseError):
    """Something would be lost and the caller allows no loss. ``losses`` are those that were refused."""

    def __init__(self, losses: tuple[Loss, ...]) -> None:
        first = losses[0]
        super().__init__(f"{len(losses)} losses refused, the first: {first.kind} {first.feature}", first.path or "$")
        self.losses = losses
