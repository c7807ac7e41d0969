# ruff: noqa: ARG001, ARG002 - a codec has its protocol's signatures, whatever it needs of them
"""A tiny third-party codec, and what can be wrong with one.

The protocol: ``{"model": .., "turns": [{"who": "human", "say": ".."}], "heat": 0.5, "limit": 9}`` is asked, and
``{"id": .., "model": .., "said": "..", "why": "done"}`` answered; a stream is one JSON object a line. The dialect
``terse`` has other keys, and no heat.
"""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import UNSET, Struct, UnsetType

import metaphrase as mp
from metaphrase import ir
from metaphrase.ir.node import At
from metaphrase.loss import Keys
from metaphrase.testing import Document
from metaphrase.testing import wire as w
from metaphrase.testing.strategies import texts
from metaphrase.testing.values import encode
from metaphrase.wirejson import Document as Decoder
from metaphrase.wirejson import Wire, join, keep


class Turn(Wire):
    who: str | UnsetType = UNSET
    say: str | UnsetType = UNSET


class Ask(Wire):
    model: str | UnsetType = UNSET
    turns: list[Turn] | UnsetType = UNSET
    heat: float | UnsetType = UNSET
    limit: int | UnsetType = UNSET


class Answer(Wire):
    id: str | UnsetType = UNSET
    model: str | UnsetType = UNSET
    said: str | UnsetType = UNSET
    why: str | UnsetType = UNSET


ASK, ANSWER = Decoder(Ask), Decoder(Answer)
ROLES: dict[str, Any] = {"human": "user", "machine": "model"}
WHO = {role: who for who, role in ROLES.items()}
WHY: dict[str, Any] = {"done": "stop", "cut": "length", "shut": "filter", "fault": "error"}
END = {reason: why for why, reason in WHY.items()}
KEYS: Keys = {
    ir.ChatRequest: {"sampling.temperature": "heat", "sampling.max_tokens": "limit", "sampling": "heat"},
    ir.Message: {"role": "who"},
}
TURNS = At(None, "turns")
COUNTER = itertools.count()


class Toy(Struct, frozen=True):
    """The chat of this protocol. ``flaw`` names what is wrong with it."""

    name: str = "toy"
    heats: bool = True
    merges: bool = False  # turns of one speaker that follow one another
    flaw: str = ""

    def tool_name(self, name: str) -> str:
        return name

    # --- requests -------------------------------------------------------------------------------------------

    def read_request(self, wire: mp.Request, report: mp.Report) -> ir.ChatRequest:
        report.keys = KEYS
        ask = ASK.decode(wire.body)
        if self.flaw == "touchy" and ask.heat not in (UNSET, 0.5, 1):
            raise KeyError("heat")
        if self.flaw == "misplaced" and ask.heat not in (UNSET, 0.5, 1):
            raise mp.ReadError("Too hot for this model", "$.model")
        turns = [] if ask.turns is UNSET else ask.turns
        return ir.ChatRequest(
            tuple([self._turn(turn, At(TURNS, i), report) for i, turn in enumerate(turns)]),
            None if ask.model is UNSET else ask.model,
            origin=self.name,
            target="" if self.flaw == "path" else wire.target,
            sampling=ir.Sampling(temperature=ask.heat, max_tokens=ask.limit),
            ext=self._keep(ask, None, report),
        )

    def _turn(self, turn: Turn, at: At, report: mp.Report) -> ir.Message:
        if self.flaw == "crash" and turn.say is UNSET:
            raise KeyError("say")
        if self.flaw == "pathless" and turn.say is UNSET:
            raise mp.ReadError("A turn that says nothing", "say")
        if turn.say is UNSET or turn.who is UNSET or turn.who not in ROLES:
            raise mp.ReadError("A turn needs a speaker, and words", f"$.turns[{at.key}]")
        return ir.Message(
            ROLES[turn.who], (ir.Text(turn.say, at=At(at, "say")),), at=at, ext=self._keep(turn, at, report)
        )

    def _keep(self, wire: Wire, at: At | None, report: mp.Report) -> ir.Ext | None:
        if self.flaw == "forgetful":
            return None
        return keep(wire.extra, at, self.name, mp.Report() if self.flaw == "tacit" else report)

    def write_request(self, chat: ir.ChatRequest, report: mp.Report) -> mp.Request:
        messages = chat.messages
        if self.flaw == "reversed" and chat.origin != self.name:
            messages = messages[::-1]
        if self.merges and chat.origin != self.name:
            messages = merged(messages)
        turns = [turn for message in messages for turn in self._said(message, report)]
        heat, limit = chat.sampling.temperature, chat.sampling.max_tokens
        if heat is not UNSET and (not self.heats or self.flaw == "liar") and self.flaw != "mute":
            below = "warmth" if self.flaw == "nowhere" else "sampling.temperature"
            report.lose("dropped", chat, below, "sampling.temperature", self.name)
        if self.flaw == "plaintive":
            report.lose("approximated", chat, "model", "model", self.name)
        if len(messages) > 6:
            raise mp.WriteError("This protocol has no room for so many turns", "$.turns")
        ask = Ask(
            UNSET if chat.model is None else chat.model,
            turns,
            heat if self.heats else UNSET,
            limit,
        )
        body = encode(join(ask, chat.leftovers(self.name)))
        return mp.Request(
            "POST", chat.target if chat.origin == self.name else "", (), b"" if self.flaw == "empty" else body
        )

    def _said(self, message: ir.Message, report: mp.Report) -> list[Any]:
        said = [part.text for part in message.parts if isinstance(part, ir.Text)]
        if message.role not in WHO:
            report.lose("dropped", message, None, "message", self.name)
            return []
        who = WHO[message.role] + "?" * (self.flaw == "mangling")
        return [join(Turn(who, text), message.leftovers(self.name)) for text in said]

    # --- answers --------------------------------------------------------------------------------------------

    def read_response(self, wire: mp.Response, report: mp.Report) -> ir.ChatResponse:
        answer = ANSWER.decode(wire.body)
        if answer.said is UNSET:
            raise mp.ReadError("An answer that says nothing")
        why = "" if answer.why is UNSET else answer.why
        finish = ir.Finish(WHY.get(why, "other"), answer.why if answer.why is not UNSET else None, self.name)
        return ir.ChatResponse(
            (ir.Choice(0, (ir.Text(answer.said, at=At(None, "said")),), finish),),
            "" if answer.id is UNSET else answer.id,
            "" if answer.model is UNSET else answer.model,
            origin=self.name,
            ext=self._keep(answer, None, report),
        )

    def write_response(self, chat: ir.ChatResponse, asked: ir.ChatRequest | None, report: mp.Report) -> mp.Response:
        choice = next(iter(chat.choices), ir.Choice(0, ()))
        if choice.finish is not None and choice.finish.reason == "error" and chat.origin != self.name:
            return mp.Response(502, (), encode({"fault": "The model made no sense"}))
        said = "".join([part.text for part in choice.parts if isinstance(part, ir.Text)])
        answer = Answer(self._id(chat), chat.model or UNSET, said, self._why(choice.finish))
        return mp.Response(200, (), encode(join(answer, chat.leftovers(self.name))))

    def _id(self, chat: ir.ChatResponse) -> str | UnsetType:
        if self.flaw == "counting" and chat.origin != self.name:
            return f"{chat.id}-{next(COUNTER)}"
        return chat.id or UNSET

    def _why(self, finish: ir.Finish | None) -> str | UnsetType:
        if finish is None:
            return UNSET
        if finish.codec == self.name:
            return finish.native if isinstance(finish.native, str) else UNSET
        return finish.native if isinstance(finish.native, str) else END.get(finish.reason, "done")


def merged(messages: tuple[ir.Message, ...]) -> tuple[ir.Message, ...]:
    """Turns of one speaker as one, their texts joined."""
    out: list[ir.Message] = []
    for message in messages:
        last = out[-1] if out else ir.Message("tool", ())
        texts = [part.text for part in (*last.parts, *message.parts) if isinstance(part, ir.Text)]
        if last.role == message.role and all(texts) and not message.ext and not last.ext:
            out[-1] = ir.Message(message.role, (ir.Text("".join(texts)),), at=last.at)
        else:
            out.append(message)
    return tuple(out)


# --- streams -------------------------------------------------------------------------------------------------


class Streams(Struct, frozen=True):
    name: str = "toy"
    flaw: str = ""

    def reader(self, report: mp.Report) -> Reader:
        return Reader(self.name, self.flaw)

    def writer(self, asked: ir.ChatRequest | None, report: mp.Report) -> Writer:
        return Writer(self.flaw)


class Reader:
    """A line is ``{"id", "model"}``, ``{"say"}`` or ``{"why"}``; what is none of them breaks the stream off."""

    def __init__(self, name: str, flaw: str) -> None:
        self.name, self.flaw = name, flaw
        self.rest = b""
        self.state = ""
        self.error: mp.ReadError | None = None

    def feed(self, data: bytes) -> list[ir.Event]:
        *lines, self.rest = (self.rest + data).split(b"\n")
        if self.flaw == "bytewise" and self.rest:
            lines, self.rest = [*lines, self.rest], b""
        return [event for line in lines if line for event in self._line(line)]

    def _line(self, line: bytes) -> list[ir.Event]:
        if self.state == "over":
            return []
        try:
            said = msgspec.json.decode(line, type=dict[str, str])
        except (msgspec.DecodeError, UnicodeDecodeError):
            if self.flaw == "stream crash":
                raise
            return self._failed()
        if not self.state:
            self.state = "open"
            start = ir.Start(said.get("id", ""), said.get("model", ""), origin=self.name)
            return [start, ir.Begin(0, 0, ir.Text(""))]
        if "why" in said:
            self.state = "over"
            finish = ir.Finish(WHY.get(said["why"], "other"), said["why"], self.name)
            return [ir.End(0, 0), ir.Finished(0, finish), ir.Done()]
        return [ir.Delta(0, 0, said["say"])] if "say" in said else self._failed()

    def _failed(self) -> list[ir.Event]:
        self.state = "over"
        return [ir.Failed(mp.Failure(502, "UNAVAILABLE", "The stream broke off"))]

    def close(self) -> list[ir.Event]:
        return [] if self.state == "over" else self._failed()


class Writer:
    def __init__(self, flaw: str) -> None:
        self.flaw = flaw
        self.texts: set[int] = set()

    def feed(self, event: ir.Event) -> bytes:
        match event:
            case ir.Start():
                return self._line({"id": event.id, "model": event.model})
            case ir.Begin(choice=0, head=ir.Text()):
                self.texts.add(event.part)
            case ir.Delta(choice=0) if event.part in self.texts:
                return self._line({"say": event.text + "!" * (self.flaw == "loud")})
            case ir.Finished(choice=0) if self.flaw != "endless":
                native = event.finish.native
                return self._line({"why": native if isinstance(native, str) else END.get(event.finish.reason, "done")})
            case ir.Failed():
                return self._line({"oops": event.failure.message})
            case _:
                pass
        return b""

    def _line(self, value: dict[str, str]) -> bytes:
        return msgspec.json.encode(value) + b"\n"

    def close(self) -> bytes:
        return b""


# --- the codecs, and their documents -------------------------------------------------------------------------


def toy(flaw: str = "", *, streams: bool = True) -> mp.Codec:
    return mp.Codec("toy", Toy(flaw=flaw), Streams(flaw=flaw) if streams else None)


def terse(flaw: str = "") -> mp.Codec:
    """The same without heat."""
    return mp.Codec("terse", Toy("terse", heats=flaw == "liar", merges=flaw not in ("mangling", "reversed"), flaw=flaw))


def documents(kind: str) -> st.SearchStrategy[Document]:
    if kind == "chat.request":
        turn = w.objects({"who": w.words("human", "machine"), "say": texts()})
        more = {"heat": w.words(0.5, 1), "limit": st.integers(1, 99)}
        asked = w.objects({"model": w.words("m", "n"), "turns": w.some(turn)}, more)
        return w.documents(asked, w.words("/ask", "/ask?now=1"))
    if kind == "chat.response":
        why = w.words("done", "cut", "shut", "odd", "fault")
        return w.documents(w.objects({"said": texts(), "why": why}, {"id": w.words("a"), "model": w.words("m")}))
    return st.nothing()


def no_documents(kind: str) -> st.SearchStrategy[Document]:
    return st.nothing()
