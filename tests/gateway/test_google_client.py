"""google-genai before a strict OpenAI."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import httpx2
import pytest
from google.genai import errors, types

from metaphrase.http import Response
from metaphrase.ir import ChatResponse, Choice, Failure, Finish, Text
from metaphrase.testing.echo import echo
from metaphrase.testing.simulate import cut, early, failing, script, stall

from .house import GEMINI_KEY, house

pytestmark = pytest.mark.anyio
SAID = "Say this again, please, in several pieces"
JSON = (("content-type", "application/json"),)


@pytest.mark.parametrize("version", ["v1beta", "v1"])
async def test_chat_whole_and_streamed(version: str) -> None:
    async with house("openai", echo) as at:
        client = at.google(version=version)
        answer = await client.models.generate_content(model="echo-1", contents=SAID)
        assert answer.text == SAID
        assert at.last.header("authorization") == f"Bearer {GEMINI_KEY}"
        assert at.last.header("x-goog-api-key") is None
        assert GEMINI_KEY not in at.last.target
        stream = await client.models.generate_content_stream(model="echo-1", contents=SAID)
        texts = [chunk.text or "" async for chunk in stream]
        assert "".join(texts) == SAID
        assert len(texts) > 2
        await client.aclose()


async def test_a_stream_as_an_array() -> None:
    async with house("openai", echo) as at, httpx2.AsyncClient() as client:
        url = f"http://127.0.0.1:{at.port}/gemini/v1beta/models/echo-1:streamGenerateContent?key={GEMINI_KEY}"
        answer = await client.post(url, json={"contents": [{"role": "user", "parts": [{"text": SAID}]}]})
        chunks = answer.json()
        assert answer.headers["content-type"].startswith("application/json")
        contents = [chunk["candidates"][0].get("content", {}) for chunk in chunks]
        texts = [part["text"] for content in contents for part in content.get("parts", ())]
        assert "".join(texts) == SAID
        assert at.last.header("authorization") == f"Bearer {GEMINI_KEY}"


async def test_a_tool_round_trip_keeps_the_signature() -> None:
    signature = {"extra_content": {"google": {"thought_signature": b64encode(b"signed").decode()}}}
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"a":"b"}'}, **signature}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    body = {
        "id": "r",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
    }
    last = ChatResponse((Choice(0, (Text("found"),), Finish("stop")),), id="r", model="m")
    behave = script([Response(200, JSON, json.dumps(body).encode()), last])
    tool = types.Tool(
        function_declarations=[types.FunctionDeclaration(name="find", parameters_json_schema={"type": "object"})]
    )
    async with house("openai", behave, strict=False) as at:
        client = at.google()
        config = types.GenerateContentConfig(tools=[tool])
        config.automatic_function_calling = types.AutomaticFunctionCallingConfig(disable=True)
        asked = types.Content(role="user", parts=[types.Part(text="find it")])
        answer = await client.models.generate_content(model="m", contents=[asked], config=config)
        said = answer.candidates[0].content
        assert said.parts[0].thought_signature == b"signed"
        found = types.Part(function_response=types.FunctionResponse(id="c1", name="find", response={"at": "home"}))
        contents: list[Any] = [asked, said, types.Content(role="user", parts=[found])]
        answer = await client.models.generate_content(model="m", contents=contents, config=config)
        assert answer.text == "found"
        assert b64encode(b"signed") in at.last.body
        await client.aclose()


async def test_embeddings_models_and_tokens() -> None:
    async with house("openai", echo) as at:
        client = at.google()
        vectors = await client.models.embed_content(model="echo-1", contents=["a", "b"])
        assert [len(one.values) for one in vectors.embeddings] == [8, 8]
        assert [model.name async for model in await client.models.list()] == ["models/echo-1", "models/echo-2"]
        assert (await client.models.get(model="echo-2")).name == "models/echo-2"
        assert (await client.models.count_tokens(model="echo-1", contents="one two three")).total_tokens == 3
        await client.aclose()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
async def test_errors_are_raised_as_the_vendors_own(status: int) -> None:
    async with house("openai", failing(Failure(status, "X", "no"))) as at:
        client = at.google()
        with pytest.raises(errors.ClientError if status < 500 else errors.ServerError) as caught:
            await client.models.generate_content(model="m", contents=SAID)
        assert caught.value.code == status
        with pytest.raises(errors.APIError) as caught:
            async for _ in await client.models.generate_content_stream(model="m", contents=SAID):
                pass
        assert caught.value.code == status
        await client.aclose()


@pytest.mark.parametrize("fault", ["cut", "early", "event", "stall"])
async def test_a_stream_that_breaks_off_raises(fault: str) -> None:
    behave = {
        "cut": cut(echo, 2),
        "early": early(echo, 2),
        "event": failing(Failure(503, "UNAVAILABLE", "no"), 2, echo),
        "stall": stall(echo, 2),
    }[fault]
    async with house("openai", behave, "[patience]\nidle = 0.2\n[server]\nheartbeat = 0.05") as at:
        client = at.google()
        stream = await client.models.generate_content_stream(model="m", contents=SAID)
        with pytest.raises(errors.APIError):
            async for _ in stream:
                pass
        assert (await at.logged())[0].outcome == "broken"
        await client.aclose()
