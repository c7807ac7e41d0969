"""Messages of a request, and the message of an answer."""

from __future__ import annotations

from msgspec import UNSET, Raw

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.ir.chat import Role
from metaphrase.ir.node import At
from metaphrase.loss import Report, render, steps_of
from metaphrase.wirejson import Document, elements, encode

from ..leftovers import NULL, ext_of, object_of, report_filled, report_members, says_nothing, value_of, verbatim
from ..media import sniffed
from ..names import CODEC
from ..options import Options
from ..places import Place
from ..roles import READ
from ..wire import Message, Part
from .calls import plain_calls, read_calls, read_function_call
from .content import read_content, read_part, source_of
from .draft import Draft
from .pictures import MARK, read_pictures
from .plain import plain_parts, plain_rest
from .signatures import LITELLM, read_signatures
from .thoughts import Sign, read_thoughts, split_tags

_EMPTY_LIST = Raw(b"[]")
_NO_CONTENT: ir.Ext = {CODEC: {"content": NULL}}
_ROLE_SPELT: dict[str, dict[str, ir.Spelling]] = {
    word: {"role": ir.Spelling(CODEC, role, {"role": Raw(encode(word))})}
    for word, role in READ.items()
    if word in ("developer", "model", "function")
}
_TALKING: dict[str, Role] = {"user": "user", "assistant": "model", "system": "system"}
# Members of messages that are read although no wire type names them.
_KNOWN = frozenset({"thinking_blocks", "thought_signature", "provider_specific_fields"})
_part = Document(Part)


def read_message(wire: Message, place: Place, report: Report, options: Options) -> ir.Message:
    """One message of a request."""
    word, (at, inside) = wire.role, place
    if word is UNSET:
        raise ReadError("A message without a role", render(steps_of(at, "role")))
    content = wire.content
    if isinstance(content, str):  # nearly all messages say nothing but their text
        role = _TALKING.get(word)
        if role is not None:
            tags = word == "assistant" and (options.read_think_tags or MARK in content)
            if not tags and wire == Message(word, content):
                return ir.Message(role, (ir.Text(content, at=inside),), at=at)
        call_id = wire.tool_call_id
        if call_id is not UNSET and LITELLM not in call_id and wire == Message("tool", content, UNSET, call_id):
            return ir.Message("tool", (ir.ToolResult(call_id, None, content, at=at),), at=at)
    elif content is None and options.store is None and wire == Message("assistant", None, wire.tool_calls):
        calls = plain_calls(wire.tool_calls, at)  # and most of what an agent's model says
        if calls:
            return ir.Message("model", calls, at=at, ext=_NO_CONTENT)
    return _laid_out(wire, word, at, report, options)


def _laid_out(wire: Message, word: str, at: At, report: Report, options: Options) -> ir.Message:
    """A message that says more."""
    if word == "assistant":
        plain = plain_parts(wire, at, options)
        if plain:
            return ir.Message("model", plain, at=at, ext=ext_of(plain_rest(wire)))
    role = READ.get(word)
    draft = Draft(wire, at, report, options)
    if role == "tool":
        _result(draft)
    else:
        read_parts(draft)
        if wire.annotations is not UNSET:  # an echo of an answer
            draft.left["annotations"] = wire.annotations
            report_members({"annotations": wire.annotations}, at, report)
    parts = tuple(draft.parts)
    spelt = _ROLE_SPELT.get(word)
    if role is None:  # no server of OpenAI's knows it; some vendors have words of their own
        role = "user"
        spelt = {"role": ir.Spelling(CODEC, role, {"role": Raw(encode(word))})}
        report.leftover(at, "role", CODEC)
    layout = draft.spelling(parts)
    if layout is not None:
        spelt = {**(spelt or {}), "parts": layout}
    name = None if wire.name is UNSET or role == "tool" else wire.name
    if draft.left or spelt is not None:
        return ir.Message(role, parts, name, at=at, ext=ext_of(draft.left), spelt=spelt)
    return ir.Message(role, parts, name, at=at)


def read_parts(draft: Draft) -> None:
    """Everything that a message says, in the order thinking, content, refusal, images, audio, calls."""
    wire = draft.wire
    signs: list[Sign] = []
    if (
        wire.reasoning_content is not UNSET
        or wire.reasoning is not UNSET
        or wire.reasoning_details is not UNSET
        or wire.found is not UNSET
    ):
        signs = read_thoughts(draft)
    if wire.content is not UNSET:
        _content(wire.content, draft)
    if wire.refusal is not UNSET:
        _refusal(wire.refusal, draft)
    if wire.images is not UNSET or wire.audio is not UNSET:
        _made(draft)
    if wire.tool_calls is not UNSET:
        read_calls(wire.tool_calls, draft)
    if wire.function_call is not UNSET:
        read_function_call(wire.function_call, draft)
    if wire.content == "":
        _blank(draft)
    if draft.options.read_think_tags and READ.get(wire.role or "assistant") == "model":
        split_tags(draft, "<think>", "</think>")
    if signs or wire.extra_content is not UNSET or wire.found is not UNSET:
        read_signatures(draft, signs)
    if wire.tool_call_id is not UNSET or wire.found is not UNSET:
        _rest(draft)


def _content(content: str | list[Part] | dict[str, Raw] | None, draft: Draft) -> None:
    if content is None:
        draft.left["content"] = NULL
    elif isinstance(content, dict):
        draft.plain = False
        draft.parts.append(ir.Text(read_object(content, draft), at=At(draft.at, "content")))
    elif not isinstance(content, str):
        read_content(content, draft)
    elif MARK in content and READ.get(draft.wire.role or "assistant") == "model":
        read_pictures(content, At(draft.at, "content"), draft)
    elif content:
        draft.parts.append(ir.Text(content, at=At(draft.at, "content")))


def read_object(content: dict[str, Raw], draft: Draft) -> str:
    """Content that is an object, as its JSON text: the answer of a JSON mode (Cloudflare), its echo, a tool's answer.

    What a client or a system says is never one, as OpenAI's servers have it.
    """
    if draft.wire.role in _NEVER_OBJECTS:
        raise ReadError("Expected `str | array | null`, got `object`", render(steps_of(draft.at, "content")))
    draft.report.crossing("repaired", draft.at, "content", "message.content", CODEC, "An object, as its JSON text")
    return bytes(verbatim(content)).decode()


_NEVER_OBJECTS = frozenset({"user", "system", "developer"})


def _blank(draft: Draft) -> None:
    """Empty content is a text only where nothing else is said: servers send it beside thoughts and calls."""
    if draft.parts:
        draft.left["content"] = Raw(b'""')
    else:
        draft.parts.append(ir.Text("", at=At(draft.at, "content")))


def _rest(draft: Draft) -> None:
    """What has no place in the IR."""
    wire = draft.wire
    if wire.tool_call_id is not UNSET:
        draft.aside("tool_call_id", Raw(encode(wire.tool_call_id)))
    if wire.found is not UNSET:
        draft.left |= wire.extra
        report_members({key: raw for key, raw in wire.extra.items() if key not in _KNOWN}, draft.at, draft.report)


def _refusal(text: str | None, draft: Draft) -> None:
    if text:
        draft.parts.append(ir.Refusal(text, at=At(draft.at, "refusal")))
    else:  # Snowflake says "" for none
        draft.left["refusal"] = NULL if text is None else Raw(b'""')


def _made(draft: Draft) -> None:
    """Images and speech that a model made."""
    if draft.wire.images is not UNSET:
        read_images(draft.wire.images, draft)
    if draft.wire.audio is not UNSET:
        read_audio(draft.wire.audio, draft)


def read_images(raw: Raw, draft: Draft) -> None:
    """Generated images beside the content (OpenRouter), and Ollama's bare base64."""
    if says_nothing(raw) or memoryview(raw)[0] != 0x5B:
        draft.left["images"] = raw
        if not says_nothing(raw):
            draft.report.leftover(draft.at, "images", CODEC)
        return
    draft.plain = False
    at = At(draft.at, "images")
    for i, one in enumerate(elements(raw)):
        here = At(at, i)
        if memoryview(one)[0] == 0x22:
            source, mime, _ = source_of(one, here, (), base64=True)
            if mime is None and isinstance(source, ir.Inline):
                mime = sniffed(source)
            draft.parts.append(ir.Media("image", source, mime, at=here))
        else:
            part = decoded(_part, one, here)
            if part.found is not UNSET and bytes(part.extra.get("index", NULL)) == b"%d" % i:
                del part.extra["index"]
            draft.parts.append(read_part(part, here, draft))


def read_audio(raw: Raw, draft: Draft, *, streamed: bool = False, begun: bool = False) -> dict[str, Raw]:
    """Generated speech; gives what its part does not say. Only its data and what it says mean anything elsewhere.

    ``streamed``: it may be a piece that holds no sound, and only says what others sound like; ``begun``: not the first.
    """
    inside = {} if says_nothing(raw) else object_of(raw, draft.at, "audio")
    at = At(draft.at, "audio")
    transcript = value_of(inside.get("transcript", NULL), str)
    data = inside.get("data", NULL)
    heard = memoryview(data)[0] == 0x22 and len(memoryview(data)) > 2
    if not heard and not (streamed and transcript):
        draft.left["audio"] = raw
        report_filled(inside, at, draft.report)
        return inside
    draft.plain = False
    text = transcript if isinstance(transcript, str) else None
    inline = ir.Inline(data) if heard else ir.Inline.of("")
    mime = None if begun else sniffed(inline)
    draft.parts.append(ir.Media("audio", inline, mime, transcript=text, at=at))
    said = {"data"} if text is None else {"data", "transcript"}
    rest = {key: value for key, value in inside.items() if key not in said}
    report_members(rest, at, draft.report)
    return rest


def decoded(document: Document[Part], raw: Raw, at: At) -> Part:
    """A part that stands in raw JSON; faults name its place in the whole."""
    try:
        return document.decode_tolerantly(raw)
    except ReadError as error:
        raise ReadError(error.message, render(steps_of(at)) + error.path[1:]) from None


def _result(draft: Draft) -> None:
    """A tool's answer: the message is one result. Whatever else stands in it is kept beside."""
    wire = draft.wire
    content = wire.content
    output: str | None = None
    parts: tuple[ir.Part, ...] = ()
    spelt: dict[str, ir.Spelling] = {}
    if isinstance(content, str):
        output = content
    elif isinstance(content, dict):
        output = read_object(content, draft)
        spelt["output"] = ir.Spelling(CODEC, output, {"content": verbatim(content)})
    elif content is None:
        draft.left["content"] = NULL
    elif content == []:
        draft.left["content"] = _EMPTY_LIST
    elif content is not UNSET:
        read_content(content, draft)
        parts = tuple(draft.parts)
        draft.parts.clear()
        draft.plain = True
    call_id = "" if wire.tool_call_id is UNSET else wire.tool_call_id
    if LITELLM in call_id:
        kept = call_id.partition(LITELLM)[0]
        spelt["call_id"] = ir.Spelling(CODEC, kept, {"tool_call_id": Raw(encode(call_id))})
        call_id = kept
    elif not call_id and wire.tool_call_id is UNSET:
        spelt["call_id"] = _NO_ID
    name = None if wire.name is UNSET else wire.name
    result = ir.ToolResult(call_id, name, output, parts, at=draft.at, spelt=spelt or None)
    for key in _OTHERS:
        value = getattr(wire, key)
        if value is not UNSET:
            raw = draft.left[key] = verbatim(value)
            report_members({key: raw}, draft.at, draft.report)
    if wire.found is not UNSET:
        draft.left |= wire.extra
        report_members(wire.extra, draft.at, draft.report)
    draft.parts.append(result)


_NO_ID = ir.Spelling(CODEC, "", {})
_OTHERS = (
    "refusal",
    "tool_calls",
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "images",
    "audio",
    "function_call",
    "extra_content",
    "annotations",
)
