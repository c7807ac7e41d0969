"""What an answer owes to its question: the client's own names, and the caller's clock and ids."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from .codec import Codec
from .ir import Begin, ChatRequest, ChatResponse, Custom, Event, Function, Part, Start, ToolCall
from .loss import Report


class Question(Struct, frozen=True, gc=False):
    """What is known when an answer is written. ``asked``: the client's request, None if the caller did not say.

    ``names``: the client's tool names by the names under which the upstream knows them, where they differ.
    """

    asked: ChatRequest | None = None
    names: dict[str, str] = {}
    target: str = ""
    now: int | float = 0
    seed: str = ""

    def on_response(self, chat: ChatResponse, report: Report) -> ChatResponse:
        """The whole answer as its client expects it."""
        changes: dict[str, object] = {}
        if chat.created is None and self.now:
            changes["created"] = int(self.now)
        if not chat.id and self.seed:
            changes["id"] = self.seed
        if self.names:
            changes["choices"] = tuple(
                [replace(choice, parts=tuple([self._named(part) for part in choice.parts])) for choice in chat.choices]
            )
        model = self._model(chat.model)
        if model is not None:
            self._renamed(chat, report)
            changes["model"] = model
        return replace(chat, **changes) if changes else chat

    def on_event(self, event: Event, report: Report) -> Event:
        """The same for one event of a stream; only starts and beginnings of calls are concerned."""
        if isinstance(event, Start):
            created = int(self.now) if event.created is None and self.now else event.created
            model = self._model(event.model)
            if model is not None:
                self._renamed(ChatResponse((), model=event.model, at=event.at, spelt=event.spelt), report)
            return replace(event, id=event.id or self.seed, created=created, model=model or event.model)
        if self.names and isinstance(event, Begin):
            return replace(event, head=self._named(event.head))
        return event

    def _renamed(self, chat: ChatResponse, report: Report) -> None:
        report.lose("approximated", chat, "model", "response.model", self.target, "the name that the client asked for")

    def _model(self, upstream: str) -> str | None:
        """The client's name for the model, where the upstream answered under another."""
        asked = self.asked.model if self.asked is not None else None
        return asked if asked and asked != upstream else None

    def _named(self, part: Part) -> Part:
        if isinstance(part, ToolCall) and part.name in self.names:
            return replace(part, name=self.names[part.name])
        return part


def question(asked: ChatRequest | None, upstream: Codec, target: Codec, now: float, seed: str) -> Question:
    """What the client asked, seen from an upstream that may have been told other tool names.

    Time and id are made up for an answer that changes its protocol only: one that keeps it stays as it was.
    """
    if upstream.name == target.name:
        now, seed = 0, ""
    if asked is None or not asked.tools:
        return Question(asked, {}, target.name, now, seed)
    names = [tool.name for tool in asked.tools if isinstance(tool, Function | Custom)]
    tool_name = upstream.chatting().tool_name
    legal = {tool_name(name): name for name in names}
    return Question(asked, {new: old for new, old in legal.items() if new != old}, target.name, now, seed)
