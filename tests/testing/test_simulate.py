"""A simulated upstream: scripts, faults, echoes."""

import msgspec
import pytest
from msgspec.structs import replace

from metaphrase import Failure, Request, Response
from metaphrase.ir import ChatRequest, ChatResponse, Choice, Finish, Inline, Media, Message, Text
from metaphrase.loss import Report
from metaphrase.registry import resolve
from metaphrase.testing.echo import MODELS, NOTHING, echo, echoed
from metaphrase.testing.simulate import (
    PIECE,
    Asked,
    Behaviour,
    Reply,
    Simulated,
    cut,
    early,
    failing,
    garbage,
    say,
    script,
    stall,
)
from tests.exchange.fake import fake

CHAT = {"openai": "/v1/chat/completions", "gemini": "/v1beta/models/m:generateContent"}
STREAM = {"openai": "/v1/chat/completions", "gemini": "/v1beta/models/m:streamGenerateContent?alt=sse"}
BOTH = ("openai", "gemini")
LONG = "a text that is longer than one piece of a stream, and says so"
DOWN = Failure(503, "UNAVAILABLE", "down")


def request(codec: str, text: str = LONG, *, stream: bool = False, **more: object) -> Request:
    body: dict[str, object] = {"contents": [{"role": "user", "parts": [{"text": text}]}], **more}
    if codec == "openai":
        body = {"model": "m", "messages": [{"role": "user", "content": text}], "stream": stream, **more}
    target = (STREAM if stream else CHAT)[codec]
    return Request("POST", target, (), msgspec.json.encode(body))


def text_of(codec: str, reply: Reply) -> str:
    """What the reply says, read by its codec."""
    found = resolve(codec)
    if dict(reply.headers)["content-type"].startswith("application/json"):
        answer = found.chatting().read_response(reply.response(), Report())
        return "".join([part.text for part in answer.choices[0].parts if isinstance(part, Text)])
    from metaphrase.fold import fold

    reader = found.streaming().reader(Report())
    folded = fold([*[event for chunk in reply.chunks for event in reader.feed(chunk)], *reader.close()])
    return "".join([part.text for part in folded.choices[0].parts if isinstance(part, Text)])


@pytest.mark.parametrize("codec", BOTH)
@pytest.mark.parametrize("stream", [False, True])
def test_an_echo_in_either_protocol(codec: str, stream: bool) -> None:
    upstream = Simulated(codec, echo)
    asked = request(codec, stream=stream)
    reply = upstream(asked)
    assert (reply.status, reply.ending) == (200, "clean")
    assert text_of(codec, reply) == LONG
    assert upstream.requests == [asked]
    assert upstream(asked) == reply
    assert (len(reply.chunks) > len(LONG) // PIECE) == stream


@pytest.mark.parametrize("codec", BOTH)
def test_an_echo_of_other_operations(codec: str) -> None:
    upstream, found = Simulated(codec, echo), resolve(codec)
    assert found.routes is not None
    assert found.catalog is not None
    assert found.embedding is not None
    for model in ("echo-2", "other"):
        target = f"/{'v1' if codec == 'openai' else 'v1beta'}/models/{model}"
        reply = upstream(Request("GET", target))
        assert reply.status == (200 if model == "echo-2" else 404)
    reply = upstream(Request("GET", "/v1/models" if codec == "openai" else "/v1beta/models"))
    listed = found.catalog.read_response(reply.response(), Report())
    assert [model.id for model in listed.models] == [model.id for model in MODELS]
    bodies: dict[str, tuple[str, object]] = {
        "openai": ("/v1/embeddings", {"model": "e", "input": ["x", "y"], "dimensions": 3}),
        "gemini": (
            "/v1beta/models/e:batchEmbedContents",
            {
                "requests": [
                    {"model": "models/e", "content": {"parts": [{"text": text}]}, "outputDimensionality": 3}
                    for text in "xy"
                ]
            },
        ),
    }
    target, body = bodies[codec]
    reply = upstream(Request("POST", target, (), msgspec.json.encode(body)))
    vectors = found.embedding.read_response(reply.response(), Report()).vectors
    assert len({bytes(vector.raw) for vector in vectors}) == 2
    assert reply.status == 200


@pytest.mark.parametrize("codec", BOTH)
def test_an_echo_counts_words(codec: str) -> None:
    found = resolve(codec).tokens
    assert found is not None
    target = {"openai": "/v1/responses/input_tokens", "gemini": "/v1beta/models/m:countTokens"}[codec]
    body = {"openai": {"model": "m", "input": "one two"}, "gemini": {"contents": [{"parts": [{"text": "one two"}]}]}}
    reply = Simulated(codec, echo)(Request("POST", target, (), msgspec.json.encode(body[codec])))
    assert found.read_response(reply.response(), Report()).total == 2


def test_an_echo_says_what_it_was_told_last() -> None:
    from msgspec import Raw

    from metaphrase.ir import Message, ToolResult

    def said(*messages: Message, n: int | None = None) -> ChatResponse:
        chat = ChatRequest(messages, "m")
        return echoed(chat if n is None else replace(chat, sampling=replace(chat.sampling, n=n)))

    def texts(answer: ChatResponse) -> list[str]:
        return [part.text for choice in answer.choices for part in choice.parts if isinstance(part, Text)]

    user = Message("user", (Text("hello "), Text("you")))
    assert texts(said(user, Message("model", (Text("no"),)), Message("user", ()))) == ["hello you"]
    assert texts(said(user, Message("tool", (ToolResult("c", None, "result"),)))) == ["result"]
    assert texts(said(user, Message("tool", (ToolResult("c", None, Raw(b'{"a":1}')),)))) == ['{"a":1}']
    assert texts(said(Message("user", (ToolResult("c", None, None),)))) == [NOTHING]
    assert texts(said()) == [NOTHING]
    assert texts(said(user, n=2)) == ["hello you"] * 2
    assert len(said(user, n=10_000).choices) == 8
    assert said(user).usage is not None


@pytest.mark.parametrize(
    ("method", "target", "lacking"),
    [
        ("POST", "/embed", {"embedding": None}),
        ("GET", "/models", {"catalog": None}),
        ("GET", "/models/x", {"catalog": None}),
        ("GET", "/models/x", {"routes": None}),
        ("POST", "/count", {"tokens": None}),
        ("POST", "/say", {"chat": None}),
    ],
)
def test_an_echo_of_what_a_codec_lacks(method: str, target: str, lacking: dict[str, None]) -> None:
    reply = Simulated(fake("poor", **lacking), echo)(Request(method, target, (), b'{"model":"m"}'))
    assert reply.status in (400, 501)


@pytest.mark.parametrize("codec", BOTH)
def test_what_the_vendor_would_refuse_is_refused(codec: str) -> None:
    upstream = Simulated(codec, echo)
    reply = upstream(request(codec, strange=1))
    assert reply.status == 400
    assert b"strange" in reply.chunks[0]
    assert Simulated(codec, echo, strict=False)(request(codec, strange=1)).status == 200


def test_an_address_that_is_not_there() -> None:
    for codec in (*BOTH, fake("mute", recognise=None)):
        assert Simulated(codec, echo)(Request("POST", "/elsewhere")).status == 404


ANSWER = ChatResponse((Choice(0, (Text("scripted"),), Finish("stop")),))


@pytest.mark.parametrize("codec", BOTH)
def test_a_script_is_played_in_order(codec: str) -> None:
    plain = Response(200, (), b"{}")
    reply = Reply(418)
    upstream = Simulated(codec, script([ANSWER, DOWN, plain, reply, echo]))
    assert text_of(codec, upstream(request(codec, stream=True))) == "scripted"
    assert upstream(request(codec)).status == 503
    assert upstream(request(codec)).response() == replace(plain, headers=(("content-type", "application/json"),))
    assert upstream(request(codec)) == reply
    assert text_of(codec, upstream(request(codec))) == LONG
    ended = upstream(request(codec))
    assert ended.status == 500
    assert b"The script has ended" in ended.chunks[0]


def test_a_codec_without_routes_streams_events() -> None:
    asked = Asked(fake("poor", routes=None), "chat.stream", Request("POST", "/say", (), b'{"model":"m"}'))
    assert say(asked, ANSWER).headers == (("content-type", "text/event-stream"),)


@pytest.mark.parametrize("codec", BOTH)
@pytest.mark.parametrize(
    ("fault", "ending"),
    [(cut(echo, 2), "cut"), (stall(echo, 2), "stall"), (early(echo, 2), "clean")],
    ids=["cut", "stall", "early"],
)
def test_streams_that_do_not_go_on(codec: str, fault: Behaviour, ending: str) -> None:
    reply = Simulated(codec, fault)(request(codec, stream=True))
    assert (len(reply.chunks), reply.ending) == (2, ending)


@pytest.mark.parametrize("codec", BOTH)
def test_garbage_in_a_stream(codec: str) -> None:
    reply = Simulated(codec, garbage(echo, 1, b"junk"))(request(codec, stream=True))
    assert reply.chunks[1:] == (b"junk",)


@pytest.mark.parametrize("codec", BOTH)
def test_an_error_at_once_or_in_a_stream(codec: str) -> None:
    assert Simulated(codec, failing(DOWN))(request(codec, stream=True)).status == 503
    late = Simulated(codec, failing(DOWN, 2, echo))
    assert late(request(codec)).status == 503
    reply = late(request(codec, stream=True))
    assert (reply.status, len(reply.chunks)) == (200, 3)
    assert b"down" in reply.chunks[2]
    assert len(Simulated(codec, failing(DOWN, None, echo))(request(codec, stream=True)).chunks) == 1


def test_an_echo_says_texts_and_leaves_out_what_is_none() -> None:
    image = Media("image", Inline.of("AAAA"), "image/png")
    chat = ChatRequest((Message("user", (Text("a"), image, Text("b"))),))
    assert echoed(chat).choices[0].parts == (Text("ab"),)
