"""What a caller adds to a request where its client says nothing."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from .ir import ChatRequest, ImageSetting, ThinkingSetting
from .loss import Report

_DEPTH = ("effort", "level", "budget", "enabled")  # ways to say how much: one that is said rules out the others


class Defaults(Struct, frozen=True, gc=False):
    """Settings of a name for a model, say of one that thinks long. What the client says itself always counts.

    How much to think is one wish, however it is said; whether to show the thoughts, the aspect and the size of
    images are one each.
    """

    thinking: ThinkingSetting | None = None
    image: ImageSetting | None = None

    def fill(self, chat: ChatRequest, report: Report) -> ChatRequest:
        """The request with what it does not say. ``report``: what becomes of that has no place in its document."""
        thinking, image = chat.thinking, chat.image
        if self.thinking is not None:
            thinking = _thinking(thinking or ThinkingSetting(), self.thinking, report)
        if self.image is not None:
            image = _image(image or ImageSetting(), self.image, report)
        same = thinking == chat.thinking and image == chat.image
        return chat if same else replace(chat, thinking=thinking, image=image)


def _thinking(said: ThinkingSetting, ours: ThinkingSetting, report: Report) -> ThinkingSetting:
    fields = ["include"] if said.include is None else []
    if all(getattr(said, field) is None for field in _DEPTH):
        fields += _DEPTH
    report.unsaid |= {f"thinking.{field}" for field in fields}
    return replace(said, **{field: getattr(ours, field) for field in fields})


def _image(said: ImageSetting, ours: ImageSetting, report: Report) -> ImageSetting:
    fields = [field for field in ("aspect", "size") if getattr(said, field) is None]
    report.unsaid |= {f"image.{field}" for field in fields}
    return replace(said, **{field: getattr(ours, field) for field in fields})
