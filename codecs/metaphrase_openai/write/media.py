"""Media as content parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Raw
from msgspec.structs import replace

from metaphrase import ir
from metaphrase.base64text import EMPTY, fault_of, judged
from metaphrase.loss import Report
from metaphrase.wirejson import encode

from ..leftovers import Json, put_back
from ..media import ALIASES, DETAIL, DETAIL_OUT, FORMATS, data_url, mime_of
from ..names import CODEC
from ..sound import joined

_NESTED = ("image_url", "input_audio", "file")
_DETAIL_SAME = {ours: theirs for theirs, ours in DETAIL.items()}


def media_part(media: ir.Media, report: Report, *, same: bool, detail: str | None = None) -> Json | None:
    """A content part for it, or None (reported) where only another provider could find it."""
    if not same:
        media = _settled(media, report)
    spelt = media.spelling(CODEC, "source") if same and media.spelt is not None else None
    if spelt is not None and "type" in spelt:
        return dict(spelt)
    source = media.source
    if not same and source == _NOWHERE:
        report.lose("dropped", media, None, "media.data", CODEC, "Nothing in it")
        return None
    if isinstance(source, ir.FileId):
        if source.issuer != CODEC:
            report.lose("dropped", media, None, "media.file_id", CODEC, "A file that another provider stores")
            return None
        part: Json = {"type": "file", "file": _file({"file_id": source.id}, media)}
    else:
        other = _KINDS.get(media.kind)
        kept = None if spelt is None else spelt.get("image_url")
        part = _image(media, source, report, same, detail, kept) if other is None else other(media, source, report)
    if media.clip is not None:
        part["video_metadata"] = _clip(media.clip)
    unsaid(media, ("transcript",), report)
    return put_back(part, media.leftovers(CODEC), _NESTED)


_NOWHERE = ir.Uri("")


def _settled(media: ir.Media, report: Report) -> ir.Media:
    """Another protocol's medium in the spelling that OpenAI takes: standard, padded base64. What is no base64 and no
    address goes out as it is: to drop it would be worse than the server's refusal.
    """
    source = media.source
    clean: ir.Source = source
    if isinstance(source, ir.Inline):
        clean, fault = judged(source, standard=True)
    elif isinstance(source, ir.Uri):
        fault = fault_of(source.uri)
    else:
        return media
    if fault == EMPTY:
        return replace(media, source=_NOWHERE)
    if fault:
        report.lose("approximated", media, "source", "media.data", CODEC, f"{fault}: sent as it is")
    mime = ALIASES.get((media.mime or "").lower(), media.mime)
    return media if clean is source and mime == media.mime else replace(media, source=clean, mime=mime)


def _url(media: ir.Media, source: ir.Inline | ir.Uri) -> Raw | str:
    return source.uri if isinstance(source, ir.Uri) else data_url(media.mime, source)


def unsaid(media: ir.Media, fields: tuple[str, ...], report: Report) -> None:
    """Report what the form that a medium takes has no place for."""
    for field in fields:
        if getattr(media, field) is not None:
            report.lose("dropped", media, field, f"media.{field}", CODEC)


def spoken(pieces: Sequence[ir.Media]) -> Json:
    """Speech of an OpenAI model, as it was read; what stood beside it is put back with the leftovers."""
    heard = [piece.source for piece in pieces if isinstance(piece.source, ir.Inline)]
    told = [piece.transcript for piece in pieces if piece.transcript is not None]
    said: Json = {"data": joined(heard).raw} if any(len(memoryview(one.raw)) > 2 for one in heard) else {}
    return {**said, "transcript": "".join(told)} if told else said


def _image(
    media: ir.Media, source: ir.Inline | ir.Uri, report: Report, same: bool, detail: str | None, kept: Raw | None
) -> Json:
    """``kept``: the data URL that the source came in; not put together again unless the type has been changed."""
    head = encode(f"data:{media.mime or ''};base64,")[:-1]
    same_type = kept is not None and bytes(memoryview(kept)[: len(head)]) == head
    image: Json = {"url": kept if same_type else _url(media, source)}
    own = media.detail
    if own is not None:
        word = (_DETAIL_SAME if same else DETAIL_OUT).get(own)
        if word is None:
            report.lose("dropped", media, "detail", "media.detail", CODEC)
        else:
            image["detail"] = word
            if DETAIL.get(word) != own:
                report.lose("approximated", media, "detail", "media.detail", CODEC, f"as {word}")
    elif detail is not None:
        image["detail"] = detail
    if isinstance(source, ir.Uri) and media.mime is not None and media.mime != (None if same else mime_of(source.uri)):
        image["format"] = media.mime
    unsaid(media, ("name",), report)  # only file parts have one
    return {"type": "image_url", "image_url": image}


def _audio(media: ir.Media, source: ir.Inline | ir.Uri, report: Report) -> Json:
    """OpenAI takes WAV and MP3; other sounds go as vLLM and its like take them."""
    unsaid(media, ("name", "detail"), report)
    word = FORMATS.get(media.mime or "")
    if isinstance(source, ir.Inline) and word is not None:
        return {"type": "input_audio", "input_audio": {"data": source.raw, "format": word}}
    return _addressed("audio_url", media, source, report)


def _video(media: ir.Media, source: ir.Inline | ir.Uri, report: Report) -> Json:
    unsaid(media, ("name", "detail"), report)
    return _addressed("video_url", media, source, report)


def _addressed(kind: str, media: ir.Media, source: ir.Inline | ir.Uri, report: Report) -> Json:
    if isinstance(source, ir.Uri) and media.mime is not None and media.mime != mime_of(source.uri):
        report.lose("dropped", media, "mime", "media.mime", CODEC, "An address has no type beside it")
    return {"type": kind, kind: {"url": _url(media, source)}}


def _document(media: ir.Media, source: ir.Inline | ir.Uri, report: Report) -> Json:
    unsaid(media, ("detail",), report)
    file = _file({"file_data": _url(media, source)}, media)
    if isinstance(source, ir.Uri) and media.mime is not None and media.mime != mime_of(source.uri):
        file["format"] = media.mime
    return {"type": "file", "file": file}


def _file(file: Json, media: ir.Media) -> Json:
    return file if media.name is None else {"filename": media.name, **file}


def _clip(clip: ir.Clip) -> Json:
    """As LiteLLM spells it."""
    said = {"start_offset": clip.start, "end_offset": clip.end, "fps": clip.fps}
    return {key: value for key, value in said.items() if value is not None}


_KINDS: dict[str, Callable[[ir.Media, ir.Inline | ir.Uri, Report], Json]] = {
    "audio": _audio,
    "video": _video,
    "document": _document,
    "other": _document,
}
