"""Parts. Nearly all are a text, a thought, a call or a result and nothing else: one comparison tells those."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from msgspec import UNSET, Raw, UnsetType

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.ir import At, Opaque, Spelling
from metaphrase.ir.content import MediaKind
from metaphrase.loss import Report, render, steps_of
from metaphrase.wirejson import encode, keep
from metaphrase_gemini.leftovers import EMPTY, FALSE, NULL, TRUE, residue, set_aside, spelling, with_residue
from metaphrase_gemini.media import kind_of
from metaphrase_gemini.places import Place
from metaphrase_gemini.values import BROKEN, unwrap_arguments, unwrap_result
from metaphrase_gemini.wire import content as wire
from metaphrase_gemini.words import CODEC, DETAILS, LANGUAGES, OUTCOMES

Extra = dict[str, Raw]
Reader = Callable[[wire.Part, At, Extra, Report], ir.Part | None]

_DATA = (
    "text", "function_call", "function_response", "inline_data", "file_data", "executable_code",
    "code_execution_result", "tool_call", "tool_response",
)  # fmt: skip
_UNTHOUGHT: ir.Ext = {CODEC: {"thought": FALSE}}  # `thought: false` says what its absence says


def read_parts(parts: list[wire.Part], place: Place, report: Report) -> tuple[ir.Part, ...]:
    """The parts of a content in order."""
    known = place.first
    if len(parts) == 1:
        return (_plain(parts[0], known[0]) or _other(parts[0], known[0], report),)
    if len(parts) > len(known):
        known = tuple([At(place.parts, i) for i in range(len(parts))])
    found = [_plain(part, at) or _other(part, at, report) for part, at in zip(parts, known)]  # noqa: B905 - more places than parts
    return tuple(found)


def read_part(part: wire.Part, at: At, report: Report) -> ir.Part:
    """One part as one part."""
    return _plain(part, at) or _other(part, at, report)


def _plain(part: wire.Part, at: At) -> ir.Part | None:
    """A text, a thought, a call or a result with nothing beside it but a signature. None: any other part."""
    text, signature = part.text, part.thought_signature
    state = None if signature is UNSET else Opaque(CODEC, signature)
    if text is not UNSET:
        thought = part.thought
        if part != wire.Part(text, thought, signature):
            return None
        if thought is UNSET:
            return ir.Text(text, state, at=at)
        if thought:
            return ir.Thinking(text, state, at=at) if text else None
        return ir.Text(text, state, at=at, ext=_UNTHOUGHT)
    call = part.function_call
    if call is UNSET:
        result = part.function_response
        return None if result is UNSET or part != wire.Part(function_response=result) else _plain_result(result, at)
    name, args, identity = call.name, call.args, call.id
    if part != wire.Part(UNSET, UNSET, signature, call) or call.found is not UNSET or args is UNSET or name is UNSET:
        return None
    arguments = str(args, "utf-8")
    if arguments[0] != "{" or BROKEN in arguments or identity == "":
        return None
    return ir.ToolCall(identity or "", name, arguments, state, at=at)


def _plain_result(result: wire.FunctionResponse, at: At) -> ir.ToolResult | None:
    name, output, identity = result.name, result.response, result.id
    if output is UNSET or result != wire.FunctionResponse(name, output, identity or UNSET):
        return None
    if memoryview(output)[0] != 0x7B:  # {
        return None
    return ir.ToolResult(identity or "", None if name is UNSET else name, unwrap_result(output), at=at)


def _other(part: wire.Part, at: At, report: Report) -> ir.Part:
    """A part with something besides its data, or with data of a kind that is rare."""
    kinds = [name for name in _DATA if getattr(part, name) is not UNSET]
    if len(kinds) != 1:
        if kinds or any(bytes(raw) != b"null" for raw in part.extra.values()):
            return _foreign(part, "", at)
        kinds = ["text"]
    kind = kinds[0]
    read = _READERS.get(kind)
    found = None if read is None else read(part, at, dict(part.extra), report)
    return _foreign(part, _FOREIGN.get(kind, kind), at) if found is None else found


_FOREIGN = {"tool_call": "toolCall", "tool_response": "toolResponse", "function_call": "functionCall"}


def _foreign(part: wire.Part, kind: str, at: At) -> ir.Foreign:
    """A part that only Gemini understands, whole."""
    return ir.Foreign(CODEC, kind, whole(part), at=at)


def whole(value: wire.Gemini) -> Raw:
    """An object as it stood, its unknown members included."""
    return Raw(encode(_untyped(value)))


def _untyped(value: object) -> object:
    if isinstance(value, list):
        return [_untyped(item) for item in cast("list[object]", value)]
    if not isinstance(value, wire.Gemini):
        return value
    own = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
    found = {key: _untyped(getattr(value, name)) for key, name in own if name != "found"}
    return value.extra | {key: below for key, below in found.items() if below is not UNSET}


def _ext(
    part: wire.Part, at: At, extra: Extra, report: Report, *, mappable: bool = False, thinks: bool = False
) -> ir.Ext | None:
    """What stood beside a part's data, as leftovers; `mappable`: its metadata went into the IR, `thinks`: its flag."""
    if part.found is not UNSET:
        keep(part.extra, at, CODEC, report)
    if part.thought is not UNSET and not (part.thought and thinks):
        extra["thought"] = TRUE if part.thought else FALSE
        if part.thought:
            report.leftover(at, "thought", CODEC)
    if not mappable:
        for key, value in (
            ("mediaResolution", part.media_resolution),
            ("videoMetadata", part.video_metadata),
            ("audioTranscription", part.audio_transcription),
        ):
            if value is not UNSET:
                extra = set_aside(extra, at, key, whole(value), report)
    return {CODEC: extra} if extra else None


def _unspoken(state: Opaque | None, at: At, report: Report) -> ir.Thinking:
    """A thought that says nothing, which is nothing elsewhere."""
    report.crossing("dropped", at, "thought", "thinking.empty", CODEC, "on an empty text")
    return ir.Thinking("", state, at=at)


def _state(part: wire.Part) -> Opaque | None:
    return None if part.thought_signature is UNSET else Opaque(CODEC, part.thought_signature)


def _or(value: str | UnsetType) -> str | None:
    return None if value is UNSET else value


def _text(part: wire.Part, at: At, extra: Extra, report: Report) -> ir.Part:
    ext = _ext(part, at, extra, report, thinks=True)
    kind = ir.Thinking if part.thought is True else ir.Text
    if part.thought is True and not part.text:
        _unspoken(None, at, report)
    if part.text is UNSET:  # a signature alone, or nothing at all
        return kind("", _state(part), at=at, ext=ext, spelt={"text": spelling("", {})})
    return kind(part.text, _state(part), at=at, ext=ext)


def _call(part: wire.Part, at: At, extra: Extra, report: Report) -> ir.Part | None:
    call = cast("wire.FunctionCall", part.function_call)
    if call.name is UNSET:
        return None
    if call.found is not UNSET:
        extra = with_residue(extra, call, at, "functionCall", report)
    arguments = ""
    if call.args is not UNSET:
        arguments = str(call.args, "utf-8")
        if not arguments.startswith("{"):
            _demand_null(call.args, at, ("functionCall", "args"))
            arguments, extra = "", _within(extra, "functionCall", "args")
        elif BROKEN in arguments:
            arguments = unwrap_arguments(arguments)
    identity = "" if call.id is UNSET else call.id
    if call.id == "":
        extra = _within(extra, "functionCall", "id", b'""')
    ext = _ext(part, at, extra, report) if extra or part.thought is not UNSET or _odd(part) else None
    return ir.ToolCall(identity, call.name, arguments, _state(part), at=at, ext=ext)


def _odd(part: wire.Part) -> bool:
    return part.found is not UNSET or (
        part.media_resolution is not UNSET or part.video_metadata is not UNSET or part.audio_transcription is not UNSET
    )


def _within(extra: Extra, key: str, inner: str, raw: bytes = b"null") -> Extra:
    """Leftovers with one more below `key`."""
    found = bytes(extra.get(key, EMPTY))
    more = b'"%s":%s' % (inner.encode(), raw)
    return extra | {key: Raw(b"{" + more + (b"}" if found == b"{}" else b"," + found[1:]))}


def _demand_null(raw: Raw, at: At, key: tuple[str, ...]) -> None:
    if bytes(raw) != bytes(NULL):
        raise ReadError("Expected `object`", render(steps_of(at, key)))


def _result(part: wire.Part, at: At, extra: Extra, report: Report) -> ir.Part:
    result = cast("wire.FunctionResponse", part.function_response)
    output: str | Raw | None = None
    if result.found is not UNSET:
        left = result.extra
        keep(left, At(at, "functionResponse"), CODEC, report)
        extra = extra | {"functionResponse": Raw(encode(left))}
    if result.response is not UNSET:
        if memoryview(result.response)[0] == 0x7B:  # {
            output = unwrap_result(result.response)
        else:
            _demand_null(result.response, at, ("functionResponse", "response"))
            extra = _within(extra, "functionResponse", "response")
    if result.id == "":
        extra = _within(extra, "functionResponse", "id", b'""')
    parts: tuple[ir.Part, ...] = ()
    if result.parts is not UNSET:
        up = At(At(at, "functionResponse"), "parts")
        parts = tuple([read_part(inner, At(up, i), report) for i, inner in enumerate(result.parts)])
        if not parts:
            extra = _within(extra, "functionResponse", "parts", b"[]")
    if part.thought_signature is not UNSET:
        extra = set_aside(extra, at, "thoughtSignature", Raw(encode(part.thought_signature)), report)
    ext = _ext(part, at, extra, report) if extra or part.thought is not UNSET or _odd(part) else None
    identity = "" if result.id is UNSET else result.id
    return ir.ToolResult(identity, _or(result.name), output, parts, at=at, ext=ext)


def _inline(part: wire.Part, at: At, extra: Extra, report: Report) -> ir.Part | None:
    blob = cast("wire.Blob", part.inline_data)
    if blob.data is UNSET or memoryview(blob.data)[0] != 0x22:  # "
        return None
    if blob.found is not UNSET:
        extra = with_residue(extra, blob, at, "inlineData", report)
    mime = _or(blob.mime_type)
    return _media(part, at, extra, report, ir.Inline(blob.data), mime, _or(blob.display_name), kind_of(mime))


def _file(part: wire.Part, at: At, extra: Extra, report: Report) -> ir.Part | None:
    file = cast("wire.FileData", part.file_data)
    if file.file_uri is UNSET:
        return None
    if file.found is not UNSET:
        extra = with_residue(extra, file, at, "fileData", report)
    mime = _or(file.mime_type)
    source = ir.Uri(file.file_uri)
    return _media(part, at, extra, report, source, mime, _or(file.display_name), kind_of(mime, file.file_uri))


def _media(
    part: wire.Part,
    at: At,
    extra: Extra,
    report: Report,
    source: ir.Source,
    mime: str | None,
    name: str | None,
    kind: MediaKind,
) -> ir.Media:
    detail, clip, transcript = None, None, None
    if part.media_resolution is not UNSET:
        level = part.media_resolution.level
        detail = None if level is UNSET else DETAILS.get(level)
        if detail is None:
            extra = set_aside(extra, at, "mediaResolution", whole(part.media_resolution), report)
        else:
            extra = with_residue(extra, part.media_resolution, at, "mediaResolution", report)
    if part.video_metadata is not UNSET:
        video = part.video_metadata
        clip = ir.Clip(_or(video.start_offset), _or(video.end_offset), None if video.fps is UNSET else video.fps)
        extra = with_residue(extra, video, at, "videoMetadata", report)
    if part.audio_transcription is not UNSET:
        transcript = _or(part.audio_transcription.text)
        extra = with_residue(extra, part.audio_transcription, at, "audioTranscription", report)
    ext = _ext(part, at, extra, report, mappable=True)
    return ir.Media(kind, source, mime, name, detail, clip, _state(part), transcript, at=at, ext=ext)


def _code(part: wire.Part, at: At, extra: Extra, report: Report) -> ir.Part | None:
    code = cast("wire.ExecutableCode", part.executable_code)
    if code.code is UNSET:
        return None
    extra = _coded(extra, code, at, "executableCode", report)
    language, spelt = _worded(code.language, LANGUAGES, "language")
    ext = _ext(part, at, extra, report)
    return ir.Code(code.code, language, _or(code.id), _state(part), at=at, ext=ext, spelt=spelt)


def _code_result(part: wire.Part, at: At, extra: Extra, report: Report) -> ir.Part | None:
    result = cast("wire.CodeExecutionResult", part.code_execution_result)
    if result.outcome is UNSET:
        return None
    extra = _coded(extra, result, at, "codeExecutionResult", report)
    outcome, spelt = _worded(result.outcome, OUTCOMES, "outcome")
    ext = _ext(part, at, extra, report)
    return ir.CodeResult(outcome, _or(result.output), _or(result.id), _state(part), at=at, ext=ext, spelt=spelt)


def _coded(extra: Extra, value: wire.Gemini, at: At, key: str, report: Report) -> Extra:
    left = residue(value, At(at, key), report)
    return extra if left is None else extra | {key: left}


def _worded(
    given: str | int | UnsetType, words: Mapping[int, str], field: str
) -> tuple[str, dict[str, Spelling] | None]:
    """The name of an enum's value, and its number as a spelling."""
    if given is UNSET:
        return "", None
    if isinstance(given, str):
        return given, None
    name = words.get(given, str(given))
    return name, {field: spelling(name, {field: Raw(encode(given))})}


_READERS: dict[str, Reader] = {
    "text": _text,
    "function_call": _call,
    "function_response": _result,
    "inline_data": _inline,
    "file_data": _file,
    "executable_code": _code,
    "code_execution_result": _code_result,
}
