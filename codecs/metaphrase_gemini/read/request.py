"""`GenerateContentRequest` to the IR. One content is one message, one part is one part."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import replace

from metaphrase import ir
from metaphrase.errors import ReadError
from metaphrase.http import Request
from metaphrase.ir import At, Spelling
from metaphrase.ir.chat import Role
from metaphrase.ir.node import NOTHING
from metaphrase.loss import Report
from metaphrase.usual import Usual
from metaphrase.wirejson import Document, encode, keep
from metaphrase_gemini.leftovers import set_aside, spelling, with_numerals
from metaphrase_gemini.paths import read_target, unsafe
from metaphrase_gemini.places import SYSTEM, SYSTEM_PLACE, Place
from metaphrase_gemini.places import contents as places
from metaphrase_gemini.wire import request as wire
from metaphrase_gemini.wire.content import Content, Part
from metaphrase_gemini.wire.plain import PlainRequest
from metaphrase_gemini.words import CODEC, ROLES, TIERS

from .content import read_parts
from .keys import CONFIG, REQUEST
from .plain_request import plain_request
from .settings import Reading, read_sampling
from .tools import read_choice, read_tools

_USUAL = Usual(PlainRequest)
_DOCUMENT = Document(wire.GenerateContentRequest)
_SAFETY = At(None, "safetySettings")
_DEFAULT = ir.Sampling()


def read_request(http: Request, report: Report) -> ir.ChatRequest:
    """Read a request to generateContent or streamGenerateContent."""
    model, stream = _asked(http.target)
    usual = _USUAL.read(http.body)
    chat = None if usual is None else plain_request(usual, http.target, model, stream)
    if chat is None:
        return any_request(http, model, stream, report)
    report.keys = REQUEST
    return chat


def any_request(http: Request, model: str | None, stream: bool, report: Report) -> ir.ChatRequest:
    """A request of any kind, for the model that its target names."""
    body = _DOCUMENT.read(http.body)
    report.keys = REQUEST
    extra: dict[str, Raw] = NOTHING
    if body.found is not UNSET:
        extra = body.extra
        keep(extra, None, CODEC, report)
        if body.respelt:
            report.respelt(http.body)
    fields: dict[str, Any] = {}
    spelt: dict[str, Spelling] = {}
    sampling = _DEFAULT
    if body.generation_config is not UNSET:
        sampling, plain = read_sampling(body.generation_config)
        if not plain:
            reading = Reading(body.generation_config, report)
            extra = _with(extra, CONFIG, reading.read())
            fields, spelt = reading.fields, reading.spelt
    if body.tools is not UNSET or body.tool_config is not UNSET:
        extra = _tools(body, fields, spelt, extra, report)
    if body != wire.GenerateContentRequest(
        body.contents, body.system_instruction, body.generation_config, body.tools, body.tool_config
    ):
        extra = _envelope(body, fields, spelt, extra, model, report)
    if body.contents == []:
        extra = extra | {"contents": Raw(b"[]")}
    chat = ir.ChatRequest(
        _messages(body, report),
        model,
        CODEC,
        http.target,
        sampling,
        stream=stream,
        include_usage=stream,
        ext={CODEC: extra} if extra else None,
        spelt=with_numerals(spelt or None, body),
    )
    return replace(chat, **fields) if fields else chat


def _asked(target: str) -> tuple[str | None, bool]:
    try:
        return read_target(target)
    except ValueError as error:
        raise ReadError(str(error)) from None


def _tools(
    body: wire.GenerateContentRequest,
    fields: dict[str, Any],
    spelt: dict[str, Spelling],
    extra: dict[str, Raw],
    report: Report,
) -> dict[str, Raw]:
    if body.tools is not UNSET:
        fields["tools"], groups = read_tools(body.tools, report)
        extra = _with(extra, "tools", groups)
    if body.tool_config is not UNSET:
        fields["tool_choice"], rest, how = read_choice(body.tool_config, report)
        extra = _with(extra, "toolConfig", rest)
        spelt.update(how or {})
    return extra


def _with(extra: dict[str, Raw], key: str, raw: Raw | None) -> dict[str, Raw]:
    return extra if raw is None else extra | {key: raw}


def _messages(body: wire.GenerateContentRequest, report: Report) -> tuple[ir.Message, ...]:
    messages: list[ir.Message] = []
    if body.system_instruction is not UNSET:
        messages.append(_system(body.system_instruction, report))
    if body.contents is not UNSET:
        for content, place in zip(body.contents, places(len(body.contents))):  # noqa: B905 - more places than contents
            role, parts = content.role, content.parts
            if (role == "user" or role == "model") and parts is not UNSET and content.found is UNSET:  # noqa: PLR1714 - faster than `in`
                if role == "model" and parts and parts[0].function_response is not UNSET and _only_results(parts):
                    _results_of_model(place.at, report)
                messages.append(ir.Message(role, read_parts(parts, place, report), at=place.at))  # type: ignore[arg-type]  # a role
            else:
                messages.append(_message(content, place, report))
    return tuple(messages)


def _message(content: Content, place: Place, report: Report) -> ir.Message:
    role: Role | None = ROLES.get(content.role) if content.role is not UNSET else None
    at, parts = place.at, content.parts
    ext = keep(content.extra, at, CODEC, report) if content.found is not UNSET else None
    spelt: dict[str, Spelling] | None = None
    if role is None:
        role, spelt = _odd_role(content.role, at, report)
    if role == "model" and parts is not UNSET and _only_results(parts):
        _results_of_model(at, report)
    if parts is UNSET:
        spelt = {"parts": spelling((), {})} | (spelt or {})
        return ir.Message(role, (), at=at, ext=ext, spelt=spelt)
    return ir.Message(role, read_parts(parts, place, report), at=at, ext=ext, spelt=spelt)


def _only_results(parts: list[Part]) -> bool:
    if not parts or parts[0].function_response is UNSET:
        return False
    return all(part.function_response is not UNSET for part in parts)


def _results_of_model(at: At, report: Report) -> None:
    """Results of tools that the server called stand in the model's turn; elsewhere results speak for the tool."""
    report.crossing("approximated", at, "role", "message.role", CODEC, "results speak for tools")


def _odd_role(given: str | UnsetType, at: At, report: Report) -> tuple[Role, dict[str, Spelling]]:
    """A role in another spelling: none at all, upper case, `function`; any other is refused by the server."""
    if given is UNSET:
        return "user", {"role": spelling("user", {})}
    low = given.lower()
    role: Role = ROLES.get(low, "user")
    if low not in ROLES and low != "function":
        report.crossing("approximated", at, "role", "message.role", CODEC, "a role that the server does not take")
    return role, {"role": spelling(role, {"role": Raw(encode(given))})}


def _system(content: Content, report: Report) -> ir.Message:
    """The system instruction. Its role has no meaning; `user` is what its absence says."""
    parts = content.parts
    if content == Content(parts) and parts is not UNSET:
        return ir.Message("system", read_parts(parts, SYSTEM_PLACE, report), at=SYSTEM)
    extra = content.extra
    keep(extra, SYSTEM, CODEC, report)
    if content.role is not UNSET:
        raw = Raw(encode(content.role))
        extra = extra | {"role": raw} if content.role == "user" else set_aside(extra, SYSTEM, "role", raw, report)
    ext = {CODEC: extra} if extra else None
    if parts is UNSET:
        return ir.Message("system", (), at=SYSTEM, ext=ext, spelt={"parts": spelling((), {})})
    return ir.Message("system", read_parts(parts, SYSTEM_PLACE, report), at=SYSTEM, ext=ext)


def _envelope(
    body: wire.GenerateContentRequest,
    fields: dict[str, Any],
    spelt: dict[str, Spelling],
    extra: dict[str, Raw],
    model: str | None,
    report: Report,
) -> dict[str, Raw]:
    """What stands beside contents, tools and parameters."""
    if body.safety_settings is not UNSET:
        fields["safety"] = tuple([_safety(one, At(_SAFETY, i), report) for i, one in enumerate(body.safety_settings)])
    if body.cached_content is not UNSET:
        fields["cached_content"] = body.cached_content
    if body.service_tier is not UNSET:
        fields["service_tier"] = tier = TIERS.get(body.service_tier, body.service_tier)
        if body.service_tier not in TIERS:
            spelt["service_tier"] = spelling(tier, {"serviceTier": Raw(encode(tier))})
    if body.store is not UNSET:
        fields["store"] = body.store
    if body.labels is not UNSET:
        fields["labels"] = body.labels
    if body.model is not UNSET:
        extra = _body_model(body.model, fields, extra, model, report)
    return extra


def _body_model(given: str, fields: dict[str, Any], extra: dict[str, Raw], model: str | None, report: Report) -> Any:
    """Google's generated clients name the model in the body too: it counts where the path does not say it."""
    name = given.rpartition("/")[2] if given.startswith(("models/", "projects/")) else given
    if unsafe(given):
        raise ReadError("A model's name could lead elsewhere", "$.model")
    raw = Raw(encode(given))
    if model is None:
        fields["model"] = name
    elif name != model:
        return set_aside(extra, None, "model", raw, report)
    return extra | {"model": raw}


def _safety(setting: wire.SafetySetting, at: At, report: Report) -> ir.SafetySetting:
    ext = keep(setting.extra, at, CODEC, report)
    return ir.SafetySetting(
        "" if setting.category is UNSET else setting.category,
        "" if setting.threshold is UNSET else setting.threshold,
        None if setting.method is UNSET else setting.method,
        at=at,
        ext=ext,
    )
