"""Images, sounds, videos and documents: https://ai.google.dev/gemini-api/docs/image-understanding and its like."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType

from metaphrase import ir
from metaphrase.base64text import EMPTY, fault_of, judged
from metaphrase_gemini.leftovers import graft
from metaphrase_gemini.media import REFUSED, SPEECH, USUAL, address_of, mime_of, plain_mime, sniffed
from metaphrase_gemini.wire import content as wire
from metaphrase_gemini.words import CODEC, DETAIL_WORDS

from .scope import Scope, signature


def write_media(part: ir.Media, to: Scope) -> Any:
    """A medium, inline or by its address; None, and reported, where there is nothing that could be sent."""
    out = wire.Part(thought_signature=UNSET if part.state is None else signature(part, to))
    mime, source = part.mime, part.source
    name = UNSET if part.name is None else part.name
    if isinstance(source, ir.FileId):
        if source.issuer != CODEC:
            to.lose("dropped", part, None, "media.file_id", f"a file stored by {source.issuer}")
            return None
        source = ir.Uri(address_of(source.id))
    if not to.same:
        sound = _sound(part, source, to)
        if sound is None:
            return None
        source = sound
        mime = _mime(part, source, to)
    if isinstance(source, ir.Inline):
        out.inline_data = wire.Blob(UNSET if mime is None else mime, source.raw, name)
    else:
        out.file_data = wire.FileData(UNSET if mime is None else mime, source.uri, name)
    if part.detail is not None:
        if to.same or to.family.resolution:
            _detail(part, out, to)
        elif part.detail != "auto":
            to.detailed.append(part)
    _beside(part, out)
    return out if part.ext is None else graft(out, part.leftovers(CODEC))


def _beside(part: ir.Media, out: wire.Part) -> None:
    """Which piece of a video, and what a sound says."""
    clip = part.clip
    if clip is not None:
        out.video_metadata = wire.VideoMetadata(
            _set(clip.start), _set(clip.end), UNSET if clip.fps is None else clip.fps
        )
    if part.transcript is not None:
        out.audio_transcription = wire.AudioTranscription(part.transcript)


def _set(value: str | None) -> str | UnsetType:
    return UNSET if value is None else value


def _sound(part: ir.Media, source: ir.Inline | ir.Uri, to: Scope) -> ir.Inline | ir.Uri | None:
    """The source in a spelling that the server takes. What is no base64 or no address goes out as it is: to drop an
    image in the middle of a talk would be worse than the server's refusal.
    """
    if isinstance(source, ir.Uri):
        fault = fault_of(source.uri)
    else:
        source, fault = judged(source)
    if fault == EMPTY:
        what = None if part.transcript is None else "transcript"
        to.lose("dropped", part, what, "media.data", fault)
        return None
    if fault:
        to.lose("approximated", part, "source", "media.data", f"{fault}: sent as it is")
    return source


def _mime(part: ir.Media, source: ir.Source, to: Scope) -> str | None:
    """The type to send: as given, from the file's name or address; inline data must have one."""
    mime = part.mime or mime_of(part.name or "")
    if mime is not None:
        mime = plain_mime(mime)
        if mime in REFUSED:
            to.lose("approximated", part, "mime", "media.mime", f"{mime}: the server may refuse it")
        return mime
    if not isinstance(source, ir.Inline):
        return mime_of(source.uri) if isinstance(source, ir.Uri) else None
    mime = sniffed(source.raw)
    if mime is None:
        mime = SPEECH if to.answer and part.kind == "audio" else USUAL[part.kind]
    to.lose("defaulted", part, "mime", "media.mime", mime)
    return mime


def _detail(part: ir.Media, out: wire.Part, to: Scope) -> None:
    """Detail for one medium; `auto` is what absence says."""
    word = DETAIL_WORDS.get(part.detail or "")
    if word is not None:
        out.media_resolution = wire.MediaResolution(word)
    elif part.detail != "auto":
        to.lose("dropped", part, "detail", "media.detail")
