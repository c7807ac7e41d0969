"""Content parts: text, media, refusals, and vendors' own kinds."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET, Raw, UnsetType

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.ir.content import MediaKind
from metaphrase.ir.node import At
from metaphrase.loss import Key, Report, render, steps_of
from metaphrase.wirejson import elements, encode

from ..leftovers import aside, ext_of, object_of, report_below, report_members, text_of, value_of, verbatim
from ..media import AUDIO, DETAIL, SOUNDS, kind_of, mime_of, parse_data_url, sniffed
from ..names import CODEC, GOOGLE
from ..wire import File, ImageUrl, InputAudio, Part
from .draft import Draft, whole

Found = tuple[ir.Source, str | None, bool]  # the source, its MIME type, and whether it is spelt in the usual way


def read_content(parts: list[Part], draft: Draft) -> None:
    """A list of parts. A list of one plain text, or of none, is a spelling of its own: text is usually a string."""
    at = At(draft.at, "content")
    for i, part in enumerate(parts):
        draft.parts.append(read_part(part, At(at, i), draft))
    if not parts or (len(parts) == 1 and isinstance(draft.parts[-1], ir.Text) and draft.parts[-1].ext is None):
        draft.plain = False


def read_part(part: Part, at: At, draft: Draft) -> ir.Part:
    """One part, by its type; what OpenAI does not know and no table lists is Foreign."""
    kind = part.type
    if (
        kind == "text"
        and part.text is not UNSET
        and part.found is UNSET
        and part.image_url is UNSET
        and part.input_audio is UNSET
        and part.file is UNSET
        and part.refusal is UNSET
    ):
        return ir.Text(part.text, at=at)
    read = None if kind is UNSET else _PARTS.get(kind)
    if read is None or not _one_branch(part):
        return ir.Foreign(CODEC, kind or "", verbatim(part), at=at)
    return read(part, at, draft)


def _one_branch(part: Part) -> bool:
    """Whether the part says one thing only: the one that its type names."""
    kind = part.type
    for key in ("text", "image_url", "input_audio", "file", "refusal"):
        if (getattr(part, key) is not UNSET) is not (key == kind):
            return False
    return kind in ("text", "image_url", "input_audio", "file", "refusal") or kind in part.extra


def _text(part: Part, at: At, draft: Draft) -> ir.Part:
    assert part.text is not UNSET  # noqa: S101 - _one_branch has looked
    report_members(part.extra, at, draft.report)
    return ir.Text(part.text, at=at, ext=ext_of(part.extra))


def _refusal(part: Part, at: At, draft: Draft) -> ir.Part:
    assert part.refusal is not UNSET  # noqa: S101 - tells the type checker what the caller knows
    draft.plain = False  # usually `message.refusal`
    report_members(part.extra, at, draft.report)
    return ir.Refusal(part.refusal, at=at, ext=ext_of(part.extra))


def _image(part: Part, at: At, draft: Draft) -> ir.Part:
    given = part.image_url
    image = given if isinstance(given, ImageUrl) else ImageUrl(Raw(encode(given)))
    source, mime, plain = source_of(image.url, At(at, "image_url"), "url")
    left = dict(part.extra)
    media = _Media(part, at, draft.report, left, plain and isinstance(given, ImageUrl))
    media.data = image.url if isinstance(source, ir.Inline) and isinstance(image.url, Raw) else None
    mime = media.mime(mime, image.format, "image_url")
    detail = media.detail(image)
    aside(left, "image_url", image, at, draft.report)
    return media.made("image", source, mime, detail=detail)


def _audio(part: Part, at: At, draft: Draft) -> ir.Part:
    given = part.input_audio
    audio = given if isinstance(given, InputAudio) else InputAudio(Raw(encode(given)))
    source, mime, _ = source_of(audio.data, At(at, "input_audio"), "data", base64=True)
    left = dict(part.extra)
    plain = isinstance(given, InputAudio) and mime is None and audio.format in AUDIO and isinstance(source, ir.Inline)
    media = _Media(part, at, draft.report, left, plain)
    if audio.format is not UNSET:
        named = (AUDIO | SOUNDS).get(audio.format, f"audio/{audio.format}")
        if mime is None:
            mime = named
        elif mime != named:
            draft.report.leftover(At(at, "input_audio"), "format", CODEC)
    elif mime is None and isinstance(source, ir.Inline):
        mime = sniffed(source)
    aside(left, "input_audio", audio, at, draft.report)
    return media.made("audio", source, mime)


def _file(part: Part, at: At, draft: Draft) -> ir.Part:
    file = part.file
    assert isinstance(file, File)  # noqa: S101 - tells the type checker what the caller knows
    left = dict(part.extra)
    below = At(at, "file")
    media = _Media(part, at, draft.report, left, plain=True)
    mime: str | None = None
    source: ir.Source
    if file.file_data is not UNSET:
        source, mime, media.plain = source_of(file.file_data, below, "file_data", base64=True)
        media.plain = media.plain and mime is not None
        if file.file_id is not UNSET:
            media.plain = False
            draft.report.leftover(below, "file_id", CODEC)
    elif file.file_id is not UNSET:
        source = _stored(file.file_id)
        media.plain = isinstance(source, ir.FileId) and source.issuer == CODEC and file.format is UNSET
    else:
        return ir.Foreign(CODEC, "file", verbatim(part), at=at)
    mime = media.mime(mime, file.format, "file")
    name = None if file.filename is UNSET else file.filename
    if mime is None and isinstance(source, ir.Inline):
        mime = mime_of(name) or sniffed(source) or "application/pdf"
    aside(left, "file", file, at, draft.report)
    return media.made(kind_of(mime, "document"), source, mime, name=name)


def _stored(file: str) -> ir.Source:
    """An id of OpenAI's, or what clients of gateways put there: an address, or a name of Google's Files API."""
    if "://" in file:
        return ir.Uri(file)
    return ir.FileId(file, GOOGLE if file.startswith("files/") else CODEC)


class _Media:
    """What the kinds of media have in common."""

    __slots__ = ("at", "data", "left", "part", "plain", "report")

    def __init__(self, part: Part, at: At, report: Report, left: dict[str, Raw], plain: bool) -> None:
        self.part = part
        self.at = at
        self.report = report
        self.left = left
        self.plain = plain
        self.data: Raw | None = None  # a data URL as it stood: megabytes, not to be put together again

    def mime(self, mime: str | None, named: str | UnsetType, key: str) -> str | None:
        """The MIME type: the data's own, else the one named beside it."""
        if named is UNSET:
            return mime
        if mime is not None:
            self.plain = False
            if mime != named:
                self.report.leftover(At(self.at, key), "format", CODEC)
            return mime
        return named

    def detail(self, image: ImageUrl) -> str | None:
        """How closely to look. "auto" is what absence means."""
        detail = None
        if image.detail is not UNSET:
            detail = DETAIL.get(image.detail)
            if detail is None:
                self.plain = False
                if image.detail != "auto":
                    self.report.leftover(At(self.at, "image_url"), "detail", CODEC)
        if image.media_resolution is not UNSET:
            self.plain = False
            word = image.media_resolution.lower().removeprefix("media_resolution_").replace("ultra_high", "ultra")
            if detail is None and word in ("low", "medium", "high", "ultra"):
                return word
            if word != detail:
                self.report.leftover(At(self.at, "image_url"), "media_resolution", CODEC)
        return detail

    def clip(self) -> ir.Clip | None:
        """LiteLLM's ``video_metadata`` stands beside the media."""
        raw = self.left.get("video_metadata")
        if raw is None or memoryview(raw)[0] != 0x7B:
            return None
        at = At(self.at, "video_metadata")
        found: dict[str, object] = {}
        for key, value in object_of(raw, self.at, "video_metadata").items():
            field, kind = _CLIP.get(key, ("", str))
            read = value_of(value, kind) if field else None
            if read is None:
                report_below(value, at, key, self.report)
            else:
                found[field] = read
        self.plain = False
        return ir.Clip(**found) if found else None  # type: ignore[arg-type]  # checked by field

    def made(
        self,
        kind: MediaKind,
        source: ir.Source,
        mime: str | None,
        *,
        name: str | None = None,
        detail: str | None = None,
        said: tuple[str, ...] = (),
    ) -> ir.Media:
        """The part, with its whole spelling where that is not the usual one."""
        clip = self.clip()
        known = said if clip is None else (*said, "video_metadata")
        report_members({key: raw for key, raw in self.part.extra.items() if key not in known}, self.at, self.report)
        if self.plain:
            spelt = None if self.data is None else {"source": ir.Spelling(CODEC, source, {"image_url": self.data})}
            return ir.Media(kind, source, mime, name, detail, clip, at=self.at, ext=ext_of(self.left), spelt=spelt)
        spelt = {"source": ir.Spelling(CODEC, source, whole(self.part))}
        return ir.Media(kind, source, mime, name, detail, clip, at=self.at, spelt=spelt)


_CLIP: dict[str, tuple[str, type | tuple[type, ...]]] = {
    "fps": ("fps", (int, float)),
    "start_offset": ("start", str),
    "end_offset": ("end", str),
}


def _vendor(kind: MediaKind) -> Callable[[Part, At, Draft], ir.Part]:
    """``video_url`` and its like: an object with an address, or the address itself."""

    def read(part: Part, at: At, draft: Draft) -> ir.Part:
        key = part.type or ""
        raw = part.extra[key]
        left = dict(part.extra)
        usual = memoryview(raw)[0] == 0x7B and key in _USUAL
        if memoryview(raw)[0] == 0x7B:
            inside = object_of(raw, at, key)
            raw = inside.get("url", Raw(b"null"))
            others = {name: value for name, value in inside.items() if name != "url"}
            report_members(others, At(at, key), draft.report)
            usual = usual and not others
        source, mime, plain = source_of(raw, At(at, key), "url")
        media = _Media(part, at, draft.report, left, plain and usual)
        name = value_of(left["document_name"], str) if "document_name" in left else None
        left.pop(key)
        if isinstance(name, str):
            media.plain = False
            return media.made(kind_of(mime, kind), source, mime, name=name, said=(key, "document_name"))
        return media.made(kind_of(mime, kind), source, mime, said=(key,))

    return read


_USUAL = frozenset({"video_url", "audio_url"})


def _thinking(part: Part, at: At, draft: Draft) -> ir.Part:
    """Mistral's thinking part: a list of texts, or one text."""
    draft.plain = False
    raw = part.extra["thinking"]
    below = At(at, "thinking")
    texts: list[str] = []
    if memoryview(raw)[0] == 0x22:
        texts.append(text_of(raw, at, "thinking"))
    for i, one in enumerate(elements(raw) if memoryview(raw)[0] == 0x5B else ()):
        inside = object_of(one, below, i)
        text = inside.get("text")
        if text is not None:
            texts.append(text_of(text, At(below, i), "text"))
        rest = {key: value for key, value in inside.items() if key != "text" and bytes(value) != b'"text"'}
        report_members(rest, At(below, i), draft.report)
    others = {key: value for key, value in part.extra.items() if key != "thinking"}
    report_members(others, at, draft.report)
    return ir.Thinking("".join(texts), at=at)


def source_of(raw: Raw | UnsetType, at: At, key: Key, *, base64: bool = False) -> Found:
    """Where media comes from: a data URL, an address, or (``base64``) bare base64 text."""
    if raw is UNSET:
        raise ReadError("Media without its data or address", render(steps_of(at)))
    found = parse_data_url(raw)
    if found is not None:
        return found.inline, found.mime, found.plain
    view = memoryview(raw)
    if view[0] != 0x22:
        raise ReadError("Expected a string", render(steps_of(at, key)))
    if not base64 or b"://" in bytes(view[:64]) or b":\\/\\/" in bytes(view[:64]):
        return ir.Uri(text_of(raw, at, key)), None, True
    return ir.Inline(raw), None, True


_PARTS: dict[str, Callable[[Part, At, Draft], ir.Part]] = {
    "text": _text,
    "refusal": _refusal,
    "image_url": _image,
    "input_audio": _audio,
    "file": _file,
    "video_url": _vendor("video"),
    "audio_url": _vendor("audio"),
    "document_url": _vendor("document"),
    "file_url": _vendor("document"),
    "thinking": _thinking,
}
