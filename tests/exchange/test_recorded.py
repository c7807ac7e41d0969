"""Recorded exchanges as calls through the gateway: the client is recorded, the upstream speaks the other protocol.

The upstream is simulated as strictly as its vendor is, and says in its own protocol what the recorded server said.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from metaphrase import Codec, Exchange, MetaphraseError, ReadError, Request, Response
from metaphrase.fold import fold
from metaphrase.ir import ChatResponse, Refusal, Text, ToolCall, ToolResult
from metaphrase.loss import Report
from metaphrase.registry import resolve
from metaphrase.testing.echo import echo, echoed
from metaphrase.testing.replay import load, reply_of, request_of
from metaphrase.testing.simulate import Simulated, script
from tests.exchange.grammar import gemini_chunks, gemini_faults, openai_faults
from tests.laws import canonical, corpus, official

pytestmark = pytest.mark.skipif(not corpus.present(), reason=corpus.ABSENT)

OTHER = {"openai": "gemini", "gemini": "openai"}
OPERATIONS = corpus.UNARY | corpus.STREAMED
JSON = (("content-type", "application/json"),)


@cache
def recordings(protocol: str) -> tuple[dict[str, Any], ...]:
    found = [dict(one) for one in load(corpus.RECORDED)]
    return tuple([one for one in found if OPERATIONS.get(one["operation"]) == protocol])


def asked(protocol: str) -> Iterator[dict[str, Any]]:
    return (one for one in recordings(protocol) if isinstance(one["request_body"], dict))


def said(codec: Codec, response: Response) -> ChatResponse:
    """What an answer tells, whichever form it has."""
    if response.body.lstrip().startswith(b"{"):
        return codec.chatting().read_response(response, Report())
    reader = codec.streaming().reader(Report())
    return fold([*reader.feed(response.body), *reader.close()])


def gist(answer: ChatResponse) -> list[Any]:
    """The visible words of each choice, and the calls that the client has to answer."""
    out: list[Any] = []
    for choice in answer.choices:
        out.append("".join([part.text for part in choice.parts if isinstance(part, Text | Refusal)]))
        run = {part.name for part in choice.parts if isinstance(part, ToolResult)}  # by the server itself
        calls = [part for part in choice.parts if isinstance(part, ToolCall) and part.name not in run]
        out.append([(part.name, _value(part.arguments)) for part in calls])
    return out


def _value(arguments: str) -> Any:
    try:
        return json.loads(arguments or "{}") or {}  # null is nothing
    except ValueError:
        return arguments


def run(exchange: Exchange, upstream: Simulated, wire: Request) -> Response:
    request = exchange.request(wire)
    assert request is not None
    reply = upstream(request)
    if reply.status != 200:
        raise AssertionError(reply.response().body[:300])
    exchange.head(Response(reply.status, reply.headers))
    body = b"".join([exchange.feed(chunk) for chunk in reply.chunks]) + exchange.close()
    assert exchange.answered is not None
    return Response(exchange.answered.status, exchange.answered.headers, body)


def faults(protocol: str, exchange: Exchange, wire: Request, answer: Response) -> list[str]:
    """What is wrong with the client's answer."""
    if exchange.failure is not None:
        return [f"failed: {exchange.failure.message}"]
    if "enum-encoding" in wire.target:  # enums are numbers, which the schema does not know
        found = json.loads(answer.body)
        chunks: list[Any] = found if isinstance(found, list) else [found]
        reasons = [one.get("finishReason", 1) for chunk in chunks for one in chunk["candidates"]]
        return [] if all(isinstance(reason, int) for reason in reasons) else ["an enum by name"]
    if not exchange.streaming:
        kind: corpus.Protocol = "openai" if protocol == "openai" else "gemini"
        faulty = official.errors(kind, "chat.response", json.loads(answer.body))
        return faulty if answer.status == 200 else [f"status {answer.status}"]
    if protocol == "openai":
        options = json.loads(wire.body).get("stream_options") or {}
        return openai_faults(answer.body, usage=bool(options.get("include_usage")))
    if answer.header("content-type") != "text/event-stream":
        chunks = json.loads(answer.body)
        return [fault for chunk in chunks for fault in official.errors("gemini", "chat.response", chunk)]
    chunks = gemini_chunks(answer.body)
    return gemini_faults(answer.body) + [
        fault for chunk in chunks for fault in official.errors("gemini", "chat.response", chunk)
    ]


@pytest.mark.parametrize(
    ("protocol", "model"),
    [("openai", "gemini-2.5-flash"), ("openai", "gemini-3-flash-preview"), ("gemini", "gpt-4o")],
)
def test_every_recorded_request_is_served_by_the_other_protocol(protocol: str, model: str) -> None:
    codec, other = resolve(protocol), OTHER[protocol]
    problems: dict[str, object] = {}
    served = 0
    for one in asked(protocol):
        wire = request_of(one)
        named = wire.target if protocol == "gemini" else one["request_body"].get("model")
        exchange = Exchange(protocol, other, models=_Every(model), now=1, seed="seed")
        answer, expected = _scripted(one, codec)
        try:
            reply = run(exchange, Simulated(other, script([answer])), wire)
        except (MetaphraseError, AssertionError) as error:
            if one["status"] == 200 and named:
                problems[one["id"]] = str(error)
            continue
        served += 1
        wrong: list[Any] = list(faults(protocol, exchange, wire, reply))
        if not wrong and expected is not None and gist(said(codec, reply)) != gist(expected):
            wrong = [gist(said(codec, reply)), gist(expected)]
        if wrong:
            problems[one["id"]] = wrong[:3]
    assert problems == {}
    assert served > 900


class _Every(dict[str, str]):
    """Every name of a model means this one."""

    def __init__(self, model: str) -> None:
        super().__init__({"": model})
        self._model = model

    def get(self, key: str, default: Any = None) -> Any:
        del key, default
        return self._model


def _scripted(one: dict[str, Any], codec: Codec) -> tuple[Any, ChatResponse | None]:
    """What the upstream is to say, and what the client should then hear: what the recorded server said, or an echo."""
    if one["status"] == 200:
        try:
            answer = said(codec, reply_of(one).response())
        except MetaphraseError:
            return echo, None
        ends = [choice.finish for choice in answer.choices]
        if ends and None not in ends:
            # why an answer was withheld is words in one protocol and none in the other
            silent = any(end is not None and end.reason == "filter" for end in ends)
            return answer, None if silent else answer
    return echo, None


@pytest.mark.parametrize("protocol", ["openai", "gemini"])
def test_every_recorded_answer_reaches_a_client_of_the_other_protocol(protocol: str) -> None:
    client = OTHER[protocol]
    problems: dict[str, object] = {}
    for one in recordings(protocol):
        streams = one["operation"] in corpus.STREAMED
        wire = _question(client, stream=streams)
        exchange = Exchange(client, protocol, now=1, seed="seed")
        assert exchange.request(wire) is not None
        reply = reply_of(one)
        exchange.head(Response(reply.status, reply.headers))
        body = b"".join([exchange.feed(chunk) for chunk in reply.chunks]) + exchange.close()
        assert exchange.answered is not None
        answer = Response(exchange.answered.status, exchange.answered.headers, body)
        if reply.status != 200:
            if not 400 <= answer.status < 600 or "error" not in json.loads(body):
                problems[one["id"]] = body[:200]
        elif exchange.failure is None:
            wrong = faults(client, exchange, wire, answer)
            if wrong:
                problems[one["id"]] = wrong[:3]
        elif not _is_failed(one):
            problems[one["id"]] = exchange.failure.message
    assert problems == {}


def _question(client: str, *, stream: bool) -> Request:
    if client == "openai":
        body: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": stream}
        return Request("POST", "/v1/chat/completions", JSON, json.dumps(body).encode())
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return Request("POST", f"/v1beta/models/m:{verb}", JSON, b'{"contents":[{"parts":[{"text":"hi"}]}]}')


def _is_failed(one: dict[str, Any]) -> bool:
    """Whether the recorded answer itself is an error, or breaks off."""
    body = one["response_body"]
    if isinstance(body, dict):
        return "error" in body or not (body.get("choices") or body.get("candidates"))
    return '"error"' in str(body) or "finish" not in str(body)


@pytest.mark.parametrize("protocol", ["openai", "gemini"])
def test_one_protocol_on_both_sides_changes_nothing(protocol: str) -> None:
    problems: dict[str, object] = {}
    for one in asked(protocol):
        if one["operation"] not in corpus.UNARY or one["status"] != 200:
            continue
        exchange = Exchange(protocol, protocol)
        try:
            request = exchange.request(request_of(one))
        except ReadError:
            if one["request_body"].get("model"):  # some servers have a usual model
                problems[one["id"]] = "unread"
            continue
        assert request is not None
        before, after = one["request_body"], json.loads(request.body)
        if protocol == "gemini":
            before, after = canonical.gemini(before), canonical.gemini(after)
        reply = exchange.response(reply_of(one).response())
        same = canonical.equal(before, after) and canonical.equal(json.loads(reply.body), one["response_body"])
        if not same and exchange.failure is None:
            problems[one["id"]] = "changed"
    assert problems == {}


@pytest.mark.parametrize("protocol", ["openai", "gemini"])
def test_every_recorded_request_is_echoed(protocol: str) -> None:
    """A plain upstream, and the words that the client said last."""
    codec, other = resolve(protocol), OTHER[protocol]
    heard = 0
    for one in list(asked(protocol))[::5]:
        if one["status"] != 200 or one["operation"] not in corpus.UNARY:
            continue
        wire = request_of(one)
        exchange = Exchange(protocol, other, models=_Every("gpt-4o" if other == "openai" else "gemini-2.5-flash"))
        answer = said(codec, run(exchange, Simulated(other, echo), wire))
        expected = echoed(codec.chatting().read_request(wire, Report()))
        heard += gist(answer)[0] == gist(expected)[0]
    assert heard > 60
