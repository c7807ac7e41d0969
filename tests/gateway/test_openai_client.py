"""openai-python before a strict Gemini."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest

from metaphrase.http import Response
from metaphrase.ir import ChatResponse, Choice, Failure, Finish, Text
from metaphrase.testing.echo import echo
from metaphrase.testing.simulate import cut, early, failing, script, stall

from .house import GEMINI_KEY, OPENAI_KEY, house

pytestmark = pytest.mark.anyio
ASKED: list[Any] = [{"role": "user", "content": "Say this again, please, in several pieces"}]
SAID = ASKED[0]["content"]
TOOLS: list[Any] = [
    {
        "type": "function",
        "function": {"name": "find", "parameters": {"type": "object", "properties": {"a": {"type": "string"}}}},
    }
]


async def test_chat_whole_and_streamed() -> None:
    async with house("gemini", echo) as at, at.openai() as client:
        raw = await client.chat.completions.with_raw_response.create(
            model="echo-1", messages=ASKED, user="u", extra_headers={"X-Request-Id": "mine-7"}
        )
        assert (raw.headers["x-request-id"], raw.headers["x-metaphrase-losses"]) == ("mine-7", "1")
        answer = raw.parse()
        assert (answer.choices[0].message.content, answer.model) == (SAID, "echo-1")
        assert (at.last.header("x-goog-api-key"), at.last.header("authorization")) == (OPENAI_KEY, None)
        assert at.last.header("x-request-id") == "mine-7"
        assert at.last.header("x-stainless-lang") is None
        stream = await client.chat.completions.create(
            model="echo-1", messages=ASKED, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
        text = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
        assert "".join(text) == SAID
        assert len(text) > 3
        assert chunks[-1].usage is not None
        assert [entry.outcome for entry in await at.logged(2)] == ["ok", "ok"]
        assert at.entries[1].stream
        assert sum(at.entries[0].losses.values()) == 1


async def test_a_tool_round_trip_keeps_the_signature() -> None:
    body = {
        "candidates": [
            {
                "content": {
                    "role": "model",
                    "parts": [{"functionCall": {"name": "find", "args": {"a": "b"}}, "thoughtSignature": "c2lnbmVk"}],
                },
                "finishReason": "STOP",
            }
        ]
    }
    first = Response(200, (("content-type", "application/json"),), json.dumps(body).encode())
    last = ChatResponse((Choice(0, (Text("found"),), Finish("stop")),), id="r", model="m")
    async with house("gemini", script([first, last])) as at, at.openai() as client:
        model = "gemini-3-pro-preview"
        answer = await client.chat.completions.create(model=model, messages=ASKED, tools=TOOLS)
        call = answer.choices[0].message
        assert call.tool_calls
        result = {"role": "tool", "tool_call_id": call.tool_calls[0].id, "content": "here"}
        said = [*ASKED, call.model_dump(exclude_none=True), result]
        answer = await client.chat.completions.create(model=model, messages=said, tools=TOOLS)
        assert answer.choices[0].message.content == "found"
        assert b"c2lnbmVk" in at.last.body


async def test_embeddings_and_models() -> None:
    async with house("gemini", echo) as at, at.openai() as client:
        vectors = await client.embeddings.create(model="echo-1", input=["a", "b"])
        assert [len(one.embedding) for one in vectors.data] == [8, 8]
        assert [model.id async for model in client.models.list()] == ["echo-1", "echo-2"]
        assert (await client.models.retrieve("echo-2")).id == "echo-2"
        with pytest.raises(openai.NotFoundError):
            await client.models.retrieve("none")
        with pytest.raises(openai.NotFoundError):
            await client.files.list()


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "INVALID_ARGUMENT", openai.BadRequestError),
        (401, "UNAUTHENTICATED", openai.AuthenticationError),
        (403, "PERMISSION_DENIED", openai.PermissionDeniedError),
        (429, "RESOURCE_EXHAUSTED", openai.RateLimitError),
        (500, "INTERNAL", openai.InternalServerError),
        (503, "UNAVAILABLE", openai.InternalServerError),
    ],
)
async def test_errors_are_raised_as_the_vendors_own(status: int, code: str, kind: type[openai.APIStatusError]) -> None:
    async with house("gemini", failing(Failure(status, code, "no"))) as at, at.openai() as client:
        for stream in (False, True):
            with pytest.raises(kind) as caught:
                await client.chat.completions.create(model="m", messages=ASKED, stream=stream)
            assert caught.value.status_code == status
            assert (caught.value.request_id or "").startswith("req_")
        assert {entry.failure for entry in await at.logged(2)} == {code}


@pytest.mark.parametrize("fault", ["cut", "early", "event", "stall"])
async def test_a_stream_that_breaks_off_raises(fault: str) -> None:
    behave = {
        "cut": cut(echo, 2),
        "early": early(echo, 2),
        "event": failing(Failure(503, "UNAVAILABLE", "no"), 2, echo),
        "stall": stall(echo, 2),
    }[fault]
    async with (
        house("gemini", behave, "[patience]\nidle = 0.2\n[server]\nheartbeat = 0.05") as at,
        at.openai() as client,
    ):
        stream = await client.chat.completions.create(model="m", messages=ASKED, stream=True)
        seen = 0
        with pytest.raises(openai.APIError):  # noqa: PT012 - the error comes while it is read
            async for _ in stream:
                seen += 1
        assert seen >= 2
        assert (await at.logged())[0].outcome == "broken"


async def test_what_the_client_gets_wrong_is_its_own_error() -> None:
    async with house("gemini", echo) as at, at.openai() as client:
        with pytest.raises(openai.BadRequestError) as caught:
            await client.chat.completions.create(model="m", messages=3)  # type: ignore[call-overload]  # wrong on purpose
        assert caught.value.param == "messages"
        assert at.upstream.requests == []


async def test_an_upstream_that_is_not_there() -> None:
    async with house("gemini", echo) as at:
        port = at.upstream_port
    text = f"""
        [server]
        upstream = "up"
        [models.gone]
        model = "g"
        upstream = "gone"
        [upstreams.gone]
        protocol = "gemini"
        url = "http://127.0.0.1:{port}"
    """
    async with house("gemini", echo, text) as at, at.openai() as client:
        with pytest.raises(openai.InternalServerError) as caught:
            await client.chat.completions.create(model="gone", messages=ASKED)
        assert caught.value.status_code == 502
        assert "connection refused" in caught.value.message
        entry = (await at.logged())[0]
        assert (entry.reason, entry.upstream) == ("connection refused", "gone")
        assert (await client.chat.completions.create(model="m", messages=ASKED)).model == "m"


async def test_one_protocol_on_both_sides_passes_through() -> None:
    async with house("openai", echo, base="/some/v1", strict=True) as at, at.openai() as client:
        answer = await client.chat.completions.create(
            model="echo-1", messages=ASKED, user="u", seed=7, extra_headers={"OpenAI-Project": "p"}
        )
        assert answer.choices[0].message.content == SAID
        assert at.last.target == "/some/v1/chat/completions"
        assert json.loads(at.last.body) == {"model": "echo-1", "messages": ASKED, "user": "u", "seed": 7}
        allowed = {"content-type", "accept", "authorization", "x-request-id", "openai-project"}
        own = {"host", "content-length", "accept-encoding"}
        assert {name for name, _ in at.last.headers} == allowed | own
        assert at.last.header("authorization") == f"Bearer {OPENAI_KEY}"
        assert GEMINI_KEY not in str(at.last)
