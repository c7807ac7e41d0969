"""A whole answer."""

from __future__ import annotations

from collections.abc import Sequence

from metaphrase import ir
from metaphrase.http import Response
from metaphrase.ir.node import NOTHING
from metaphrase.loss import Report
from metaphrase.wirejson import members

from .. import finish
from ..leftovers import NULL, Json, put_back
from ..media import FORMATS
from ..names import CODEC, made_id
from ..options import Options
from ..sound import Pcm, joined, pcm_of, wav
from .answer import write_annotations, write_logprobs, write_usage
from .assistant import Assistant
from .call import write_calls
from .media import unsaid
from .plain import plainly
from .request import HEADERS, encoded
from .restored import restore_parts


def write_response(chat: ir.ChatResponse, asked: ir.ChatRequest | None, report: Report, options: Options) -> Response:
    """Write an answer: as it was read if it is one of ours, else as OpenAI can say it."""
    if chat.origin == CODEC:
        return Response(200, HEADERS, encoded(_restored(chat, report, options)))
    failed = failed_answer(chat)
    if failed is not None:
        return Response(502, HEADERS, encoded(failed))
    return Response(200, HEADERS, encoded(_written(chat, asked, report, options)))


# --- the same protocol ----------------------------------------------------------------------------------------------


def _restored(chat: ir.ChatResponse, report: Report, options: Options) -> Json:
    out: Json = {
        "id": chat.id,
        "object": "chat.completion",
        "created": chat.created,
        "model": chat.model,
        "choices": [_restored_choice(choice, report, options) for choice in chat.choices],
    }
    if chat.created is None:
        del out["created"]
    if chat.usage is not None:
        out["usage"] = None if chat.spelling(CODEC, "usage") is not None else write_usage(chat.usage, report)
    if chat.service_tier is not None:
        out["service_tier"] = chat.service_tier
    if chat.spelt is not None:
        for field, usual in _RESPELT.items():
            members = chat.spelling(CODEC, field)
            if members is not None:
                out.pop(usual, None)
                out |= members
    left = chat.leftovers(CODEC)
    return out if left is NOTHING else put_back(out, left)


_RESPELT = {"usage": "usage", "origin": "object", "id": "id", "model": "model"}


def _restored_choice(choice: ir.Choice, report: Report, options: Options) -> Json:
    message: Json = {"role": "assistant"}
    layout = None if choice.spelt is None else choice.spelling(CODEC, "parts")
    parts = choice.parts
    if layout is not None:
        message = dict(layout)
    elif len(parts) == 1 and isinstance(text := parts[0], ir.Text) and text.state is None and text.ext is None:
        message["content"] = text.text
    elif parts:
        restore_parts(parts, message, report, options, answer=True)
    out: Json = {"index": choice.index, "message": message}
    if choice.finish is not None:
        own = choice.finish.codec == CODEC and choice.finish.native is not None
        out["finish_reason"] = choice.finish.native if own else finish.WRITE[choice.finish.reason]
    if choice.citations:
        cited = choice.spelling(CODEC, "citations")
        message |= {"annotations": write_annotations(choice.citations, report)} if cited is None else cited
    if choice.logprobs is not None:
        scored = choice.spelling(CODEC, "logprobs")
        out |= {"logprobs": write_logprobs(choice.logprobs, report)} if scored is None else scored
    if choice.spelt is not None:
        if choice.spelling(CODEC, "index") is not None:
            del out["index"]
        if "message" in message:  # there was none
            del out["message"]
    left = choice.leftovers(CODEC)
    if "message" in left and "message" in out:
        out["message"] = put_back(message, members(left["message"]), ("audio",))
    return put_back(out, left)


# --- another protocol -----------------------------------------------------------------------------------------------


def failed_answer(chat: ir.ChatResponse) -> Json | None:
    """An answer that is nothing but a failed call is a failure, not an empty success."""
    done = chat.choices[0].finish if chat.choices else None
    if done is None or done.reason != "error" or any(choice.parts for choice in chat.choices):
        return None
    message = done.message or f"The model's answer was malformed: {done.native}"
    return {"error": {"message": message, "type": "server_error", "param": None, "code": str(done.native).lower()}}


def _written(chat: ir.ChatResponse, asked: ir.ChatRequest | None, report: Report, options: Options) -> Json:
    answer_id = chat.id
    if not answer_id:
        answer_id = made_id("chatcmpl-", *[part for choice in chat.choices for part in choice.parts])
        report.add("synthesised", None, None, "response.id", CODEC, "The answer has no id", "$.id")
    created = chat.created
    if created is None:
        created = 0
        report.add("defaulted", None, None, "response.created", CODEC, "The time is not known", "$.created")
    model = chat.model
    if asked is not None and asked.model is not None and asked.model != model:
        if model:
            report.lose("dropped", chat, "model", "response.model", CODEC, "Named as it was asked for")
        model = asked.model
    choices: list[Json] = []
    for choice in chat.choices:
        choices.append(_choice(choice, answer_id, asked, report, options))  # noqa: PERF401 - a comprehension is slower, as most have one
    if chat.blocked is not None:
        choices = blocked_choices(chat.blocked, choices, report)
    out: Json = {"id": answer_id, "object": "chat.completion", "created": created, "model": model, "choices": choices}
    if chat.usage is not None:
        out["usage"] = write_usage(chat.usage, report)
    if chat.service_tier is not None:
        out["service_tier"] = chat.service_tier
    return out


def blocked_choices(blocked: ir.Blocked, choices: list[Json], report: Report) -> list[Json]:
    """A refused prompt is an answer that refuses, also where it was refused after a part of the answer."""
    if blocked.safety:
        report.lose("dropped", blocked, "safety", "safety.ratings", CODEC)
    if choices:
        messages = [one["message"] for one in choices if one["finish_reason"] == finish.WRITE["filter"]]
        silent = [message for message in messages if message["refusal"] is NULL]
        for one in silent:
            one["refusal"] = blocked_words(blocked)
        if not silent:
            detail = "A filter has given its own words" if messages else "There is an answer all the same"
            report.lose("dropped", blocked, None, "response.blocked", CODEC, detail)
        return choices
    message: Json = {"role": "assistant", "content": None, "refusal": blocked_words(blocked)}
    return [{"index": 0, "message": message, "finish_reason": "content_filter", "logprobs": None}]


def blocked_words(blocked: ir.Blocked) -> str:
    """A block as a refusal."""
    return f"Prompt blocked: {blocked.reason}" + ("" if blocked.message is None else f" ({blocked.message})")


def _choice(choice: ir.Choice, answer_id: str, asked: ir.ChatRequest | None, report: Report, options: Options) -> Json:
    sounds: list[ir.Media] = []
    message: Json = {"role": "assistant", "content": NULL, "refusal": NULL}
    calls = plainly(choice.parts, message, options)
    if calls is None:
        said = _sorted(choice, report, options)
        calls, sounds = said.calls, said.sounds
        message = {"role": "assistant", "content": NULL, "refusal": NULL}
        message |= said.write(f"{answer_id}_{choice.index}")
    elif calls:
        message["tool_calls"] = write_calls(calls, f"{answer_id}_{choice.index}", report, options)
    if sounds:
        message["audio"] = write_audio(sounds, answer_id, report, wanted_sound(asked))
    if choice.citations:
        message["annotations"] = write_annotations(choice.citations, report)
    if choice.safety:
        report.lose("dropped", choice, "safety", "safety.ratings", CODEC)
    out: Json = {"index": choice.index, "message": message}
    write_finish(choice, message, out, report, called=bool(calls))
    out["logprobs"] = NULL if choice.logprobs is None else write_logprobs(choice.logprobs, report)
    return out


def _sorted(choice: ir.Choice, report: Report, options: Options) -> Assistant:
    """Parts of any kind, without what the server has answered itself."""
    said = Assistant(report, options, same=False, answer=True)
    answered = {part.name for part in choice.parts if isinstance(part, ir.ToolResult)}
    called = {part.name for part in choice.parts if isinstance(part, ir.ToolCall)}
    for part in choice.parts:
        if isinstance(part, ir.ToolCall) and part.name in answered:
            report_served(part, ("arguments", "id", "state"), report)
        elif isinstance(part, ir.ToolResult):
            report_served(part, RESULT if part.name in called else (*RESULT, "name"), report)
        else:
            said.take(part)
    return said


RESULT = ("output", "parts", "call_id")


def report_served(part: ir.ToolCall | ir.ToolResult, fields: tuple[str, ...], report: Report) -> None:
    """A call that the server has answered itself is none of the client's. (Its name shows: in that it is not asked.)
    A result's name shows in the same way, where its call came with it.
    """
    for field in fields:
        if getattr(part, field):
            report.lose("dropped", part, field, "tools.server_call", CODEC, "The server has answered it itself")


def wanted_sound(asked: ir.ChatRequest | None) -> str | None:
    """The form of speech that the client asked for."""
    return None if asked is None or asked.speech is None else asked.speech.format


def write_audio(
    pieces: Sequence[ir.Media],
    answer_id: str,
    report: Report,
    wanted: str | None,
    *,
    begins: bool = True,
    ends: bool = True,
) -> Json:
    """Generated speech. OpenAI's answer names no type: the client asked for one, ``wanted``. Raw sound gets the header
    of a WAV file where that was it; ``begins``, ``ends``: of a stream this is the first, the last piece.
    """
    source = joined([piece.source for piece in pieces if isinstance(piece.source, ir.Inline)])
    media = pieces[0]
    data, pcm = source, pcm_of(media.mime)
    told = media.mime is None or (wanted is not None and FORMATS.get(media.mime.lower()) == wanted)
    if pcm is not None and wanted == "wav":
        contained = wav(source, pcm, whole=ends) if begins else source
        told = contained is not None
        data = contained or source
    elif pcm is not None:
        told = wanted == "pcm16" and pcm == Pcm()
    if not told:
        detail = "An answer names no type of sound" if wanted is None else f"Not the {wanted} that was asked for"
        report.lose("dropped", media, "mime", "media.mime", CODEC, detail)
    for piece in pieces:
        unsaid(piece, ("name", "detail", "clip"), report)
    transcript = "".join([piece.transcript or "" for piece in pieces])
    return {"id": made_id("audio_", answer_id), "expires_at": 0, "data": data.raw, "transcript": transcript}


_FINISH = "$.choices[*].finish_reason"


def write_finish(choice: ir.Choice, message: Json, out: Json, report: Report, *, called: bool) -> None:
    """The reason in OpenAI's words; the vendor's own beside it where it says more."""
    done = choice.finish
    if done is None:
        out["finish_reason"] = "tool_calls" if called else "stop"
        report.add("defaulted", None, None, "finish.reason", CODEC, "The answer did not say that it ended", _FINISH)
        return
    reason = done.reason
    if called and reason in ("stop", "tool_calls"):
        out["finish_reason"] = "tool_calls"
    else:
        out["finish_reason"] = "stop" if reason == "tool_calls" else finish.WRITE[reason]
    native = done.native
    if native is not None and finish.PLAIN.get(str(native).lower()) != reason:
        out["native_finish_reason"] = str(native)
    if reason in ("error", "other"):
        report.lose("approximated", choice, "finish", "finish.reason", CODEC, f"as {out['finish_reason']}")
    if done.message is not None:
        if reason == "filter" and message["refusal"] is NULL:
            message["refusal"] = done.message
            target = f"$.choices[{choice.index}].message.refusal"
            report.lose("moved", choice, "finish.message", "finish.message", CODEC, "as the refusal", target)
        else:
            report.lose("dropped", choice, "finish.message", "finish.message", CODEC)
