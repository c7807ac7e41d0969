"""What an assistant says, in the fields that OpenAI and its like have for it: in a request's history or in an answer.

Fields hold thinking, content, refusal, images, audio and calls in this order; whatever stood otherwise has been moved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec import Raw
from msgspec.json import decode

from metaphrase import ir
from metaphrase.ir.node import NOTHING
from metaphrase.loss import Report

from ..leftovers import Json, put_back
from ..names import CODEC, GOOGLE
from ..options import Options
from ..sound import goes_on
from .call import write_calls
from .media import media_part
from .signatures import Signed, gather, sign_message

P = TypeVar("P", ir.Thinking, ir.Refusal, ir.Media)
Items = list[tuple[ir.Part, Json]]

_IN_CONTENT = 1
_BESIDE = 3
_RANK: dict[type, int] = {ir.Thinking: 0, ir.Refusal: 2, ir.Media: _BESIDE, ir.ToolCall: 5}
DROPPED: dict[type, str] = {
    ir.Code: "code.execution",
    ir.CodeResult: "code.execution",
    ir.ToolResult: "tools.result",
    ir.Foreign: "content.foreign",
}


class Assistant:
    """Sorts the parts of one message into fields. ``answer``: of a response, whose content is one text."""

    __slots__ = (
        "_answer", "_images", "_options", "_rank", "_refusals", "_report", "_same", "_signed", "_thoughts", "calls",
        "items", "sounds",
    )  # fmt: skip

    def __init__(self, report: Report, options: Options, *, same: bool, answer: bool) -> None:
        self._report = report
        self._options = options
        self._same = same
        self._answer = answer
        self._rank = 0
        self._thoughts: list[ir.Thinking] = []
        self._signed = False
        self._refusals: list[ir.Refusal] = []
        self._images: list[tuple[ir.Media, Json]] = []
        self.items: Items = []
        self.sounds: list[ir.Media] = []  # pieces of one
        self.calls: list[ir.ToolCall] = []

    def take(self, part: ir.Part) -> None:
        """Sort one part."""
        rank = _IN_CONTENT if self._placed(part) else _RANK.get(type(part), _IN_CONTENT)
        if rank == _BESIDE and self._same:  # among the content, as it was read
            rank = 1
        if rank < self._rank and not (isinstance(part, ir.Text) and not part.text):
            self._report.lose("moved", part, None, "message.order", CODEC, "Before what it followed")
        self._rank = max(self._rank, rank)
        take = _TAKE.get(type(part))
        if take is not None:
            take(self, part)
        elif isinstance(part, ir.Foreign) and part.codec == CODEC:
            self.items.append((part, {}))
        else:
            self._report.lose("dropped", part, None, DROPPED[type(part)], CODEC)

    def text(self, part: ir.Part) -> None:
        """Visible text."""
        assert isinstance(part, ir.Text)  # noqa: S101 - tells the type checker what the caller knows
        self._signed = self._signed or part.state is not None
        self.items.append((part, put_back({"type": "text", "text": part.text}, part.leftovers(CODEC))))

    def thinking(self, part: ir.Part) -> None:
        """A thought."""
        assert isinstance(part, ir.Thinking)  # noqa: S101 - tells the type checker what the caller knows
        self._signed = self._signed or part.state is not None
        self._join(self._thoughts, part, "thinking.parts")

    def refusal(self, part: ir.Part) -> None:
        """A refusal."""
        assert isinstance(part, ir.Refusal)  # noqa: S101 - tells the type checker what the caller knows
        self._join(self._refusals, part, "content.refusal")

    def _join(self, known: list[P], part: P, feature: str, field: str = "text") -> None:
        """Several texts in one field: where one ended is lost."""
        if known:
            for one in (known[0], part) if len(known) == 1 else (part,):
                self._report.lose("approximated", one, field, feature, CODEC, "Joined with its neighbour")
        known.append(part)

    def media(self, part: ir.Part) -> None:
        """An image or a sound that the model made."""
        assert isinstance(part, ir.Media)  # noqa: S101 - tells the type checker what the caller knows
        self._signed = self._signed or part.state is not None
        if part.kind == "audio" and self._answer and isinstance(part.source, ir.Inline) and self._sounds_on(part):
            return
        made = media_part(part, self._report, same=self._same)
        if made is not None:
            if (self._same and not self._answer) or self._placed(part):
                self.items.append((part, made))
            else:
                self._images.append((part, made))

    def _sounds_on(self, part: ir.Media) -> bool:
        """Take a sound, or another piece of it; False for another sound."""
        if self._same and (not self.sounds or part.mime is None):  # only the first piece says what it is
            self.sounds.append(part)
        elif self._same:
            return False
        elif not self.sounds or goes_on(self.sounds[0], part):
            self._join(self.sounds, part, "media.parts", "source")
        else:
            return False
        return True

    def _placed(self, part: ir.Part) -> bool:
        """Whether it is an image that goes into the content, where it stood."""
        return not self._same and self._options.images != "images" and isinstance(part, ir.Media) and drawable(part)

    def call(self, part: ir.Part) -> None:
        """A call of a tool."""
        assert isinstance(part, ir.ToolCall)  # noqa: S101 - tells the type checker what the caller knows
        self.calls.append(part)

    def write(self, place: str = "") -> Json:
        """The fields. ``place``: that of the message, of which ids are made."""
        out: Json = {}
        content = self._content()
        if content is not None:
            out["content"] = content
        if self._thoughts:
            text = "".join([part.text for part in self._thoughts])
            if text or self._same:
                _THINKING[self._form(text)](out, text)
        if self._refusals:
            out["refusal"] = "".join([part.text for part in self._refusals])
        if self._images:
            out["images"] = [made for _, made in self._images]
        if self.calls:
            out["tool_calls"] = calls = self.tool_calls(self.calls, place)
            gather(out, calls)
        if self._signed:
            self._sign(out)
        return out

    def _form(self, text: str) -> str:
        """How to show the thoughts: not in tags that they hold themselves, for then they would leak into the answer."""
        form: str = self._options.thinking
        if form in _CLOSING and _CLOSING[form] in text:
            thought = self._thoughts[0]
            self._report.lose("approximated", thought, None, "thinking.form", CODEC, "They hold the closing tag")
            return "reasoning_content"
        return form

    def _content(self) -> str | list[Json | object] | None:
        """One text as a string; in a request's history several parts as a list, in an answer all texts joined."""
        items = self._laid()
        if not items:
            return None
        if len(items) == 1 and isinstance(items[0][0], ir.Text) and items[0][0].leftovers(CODEC) is NOTHING:
            return items[0][0].text
        if self._one_text(items):
            self._report_joined(items)
            return drawn(items)
        return [part.raw if isinstance(part, ir.Foreign) else made for part, made in items]

    def _one_text(self, items: Items) -> bool:
        """Whether the content is one string, with images as Markdown if there are any."""
        if any(isinstance(part, ir.Foreign) for part, _ in items):
            return False
        images = any(isinstance(part, ir.Media) for part, _ in items)
        return not self._same and (self._options.images == "markdown" if images else self._answer)

    def _report_joined(self, items: Items) -> None:
        """Texts that stand together become one: where one ended is lost."""
        found: dict[int, list[ir.Text]] = {}
        for (part, _), number in zip(items, numbers(items), strict=True):
            if isinstance(part, ir.Text) and part.text:
                found.setdefault(number, []).append(part)
        for texts in found.values():
            for one in texts if len(texts) > 1 else ():
                self._report.lose("approximated", one, "text", "content.parts", CODEC, "Joined with its neighbour")

    def _laid(self) -> Items:
        """The items that take a place of their own: a last, empty text with nothing but its signature takes none."""
        items = self.items
        if not self._same:
            while items and isinstance(last := items[-1][0], ir.Text) and not last.text and last.state is not None:
                items = items[:-1]
        return items

    def tool_calls(self, calls: list[ir.ToolCall], place: str, first: int = 0) -> list[Json]:
        """Calls of the message at ``place``, from number ``first`` on."""
        return write_calls(calls, None if self._same else place, self._report, self._options, first)

    def _sign(self, out: Json) -> None:
        """Signatures of what is no call, with the number of their part as a reader will count them."""
        items = self._laid()
        laid = len(items)
        places = numbers(items) if self._one_text(items) else list(range(laid))
        content = 1 if any(part.text or self._same for part in self._thoughts) else 0
        images = content + (places[-1] + 1 if places else 0) + (1 if self._refusals else 0)
        audio = images + len(self._images)
        total = audio + (1 if self.sounds else 0)
        found: list[Signed] = []
        for thought in self._thoughts:
            self._state(found, thought, 0)
        for n, (item, _) in enumerate(self.items):
            self._state(found, item, total if n >= laid else content + places[n])
        for n, (image, _) in enumerate(self._images):
            self._state(found, image, images + n)
        for sound in self.sounds:
            self._state(found, sound, audio)
        if found:
            visible = images < total or (laid > 0 and not self._refusals)
            sign_message(out, found, total - 1 if visible else None, self._options, self._report)

    def _state(self, found: list[Signed], part: ir.Part, place: int) -> None:
        if isinstance(part, (ir.ToolResult, ir.Refusal, ir.Foreign)) or part.state is None:
            return
        if part.state.issuer == GOOGLE:
            found.append(Signed(place, part.state.value, part))
        else:
            self._report.lose("dropped", part, "state", "thinking.signature", CODEC, "Another issuer's state")


_TAKE: dict[type, Callable[[Assistant, ir.Part], None]] = {
    ir.Text: Assistant.text,
    ir.Thinking: Assistant.thinking,
    ir.Refusal: Assistant.refusal,
    ir.Media: Assistant.media,
    ir.ToolCall: Assistant.call,
}


# --- how thoughts are shown ---------------------------------------------------------------------------------------


def _reasoning_content(out: Json, text: str) -> None:
    out["reasoning_content"] = text


def _reasoning(out: Json, text: str) -> None:
    out["reasoning"] = text
    out["reasoning_details"] = [{"type": "reasoning.text", "text": text, "format": "unknown", "index": 0}]


def _google(out: Json, text: str) -> None:
    """Google's compatible endpoint: https://ai.google.dev/gemini-api/docs/openai, "thinking"."""
    _before(out, f"<thought>{text}</thought>")
    out["extra_content"] = {"google": {"thought": True}}


def _think_tags(out: Json, text: str) -> None:
    _before(out, f"<think>{text}</think>")


def _before(out: Json, text: str) -> None:
    content: str | list[object] = out.get("content", "")
    out["content"] = text + content if isinstance(content, str) else [{"type": "text", "text": text}, *content]


_CLOSING = {"google": "</thought>", "think_tags": "</think>"}
_THINKING: dict[str, Callable[[Json, str], None]] = {
    "reasoning_content": _reasoning_content,
    "reasoning": _reasoning,
    "google": _google,
    "think_tags": _think_tags,
}


# --- where generated images go ------------------------------------------------------------------------------------


def drawable(media: ir.Media) -> bool:
    """Whether it is an image with an address, which may stand in a text."""
    return media.kind == "image" and not isinstance(media.source, ir.FileId)


GAP = "\n\n"  # between an image and what stands beside it


def address(image: Json) -> str:
    """Where an image is to be found, as text."""
    url: Raw | str = image["image_url"]["url"]
    return url if isinstance(url, str) else decode(url, type=str)


def numbers(items: Items) -> list[int]:
    """The piece of the text that each item goes into: every image is one, and so are texts that stand together."""
    found: list[int] = []
    number, text = -1, False
    for part, _ in items:
        if isinstance(part, ir.Text) and (text or not part.text):
            found.append(max(number, 0))
        else:
            number, text = number + 1, isinstance(part, ir.Text)
            found.append(number)
    return found


def drawn(items: Items) -> str:
    """Texts and images as one text."""
    pieces: dict[int, str] = {}
    for (part, made), number in zip(items, numbers(items), strict=True):
        text = part.text if isinstance(part, ir.Text) else f"![image]({address(made)})"
        pieces[number] = pieces.get(number, "") + text
    return GAP.join(pieces.values())
