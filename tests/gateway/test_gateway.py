"""What the gateway itself promises, whoever its client is."""

from __future__ import annotations

import json
import logging
from typing import Any

import anyio
import httpx2
import msgspec
import pytest

from metaphrase import Request
from metaphrase.ir import Failure
from metaphrase.registry import resolve
from metaphrase.testing.echo import echo
from metaphrase.testing.simulate import Asked, Reply, cut, failing, stall
from metaphrase_http import log
from metaphrase_http.gateway import _model as named_model
from metaphrase_http.settings import settle
from tests.http.loopback import raw, talk, until

from .house import House, config, house

pytestmark = pytest.mark.anyio
CHAT = {"model": "m", "messages": [{"role": "user", "content": "CANARY-CONTENT"}]}
GEMINI = {"contents": [{"role": "user", "parts": [{"text": "CANARY-CONTENT"}]}]}
SERVER_KEY = "AIzaCANARY-SERVER-0123456789"
CLIENT_KEY = "mp-CANARY-CLIENT-0123456789"
KEYS = '[clients]\nkeys = [{ env = "MINE" }]'
ENVIRONMENT = {"UP": SERVER_KEY, "MINE": CLIENT_KEY}
STREAM = CHAT | {"stream": True}


async def post(at: House, path: str = "/v1/chat/completions", body: Any = None, **headers: str) -> httpx2.Response:
    async with httpx2.AsyncClient() as client:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.post(f"http://127.0.0.1:{at.port}{path}", json=body or CHAT, headers=sent)


async def get(at: House, path: str, **headers: str) -> httpx2.Response:
    async with httpx2.AsyncClient() as client:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.get(f"http://127.0.0.1:{at.port}{path}", headers=sent)


async def test_a_key_of_the_server_goes_to_its_upstream_and_the_clients_goes_nowhere() -> None:
    text = f'key = {{ env = "UP" }}\n{KEYS}'
    async with house("gemini", echo, text, environment=ENVIRONMENT) as at:
        for headers in ({}, {"authorization": "Bearer wrong"}, {"x_goog_api_key": SERVER_KEY}):
            answer = await post(at, **headers)
            assert answer.status_code == 401
            assert "key" in answer.json()["error"]["message"]
        path = "/v1beta/models/m:generateContent"
        refused = await post(at, path, GEMINI, x_goog_api_key="wrong")  # as Google itself refuses it
        error = refused.json()["error"]
        assert (refused.status_code, error["code"], error["status"]) == (400, 400, "INVALID_ARGUMENT")
        assert [one["reason"] for one in error["details"]] == ["API_KEY_INVALID"]
        missing = await post(at, path, GEMINI)
        assert (missing.status_code, missing.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
        codes = [(await post(at, **headers)).json()["error"]["code"] for headers in ({}, {"authorization": "Bearer x"})]
        assert codes == [None, "invalid_api_key"]  # as OpenAI itself tells the one from the other
        assert at.upstream.requests == []
        for answer in (
            await post(at, authorization=f"Bearer {CLIENT_KEY}"),
            await post(at, path, GEMINI, x_goog_api_key=CLIENT_KEY),
            await post(at, f"{path}?key={CLIENT_KEY}", GEMINI),
        ):
            assert answer.status_code == 200
            assert at.last.header("x-goog-api-key") == SERVER_KEY
            assert CLIENT_KEY not in str(at.last)


async def test_an_upstream_without_a_key_does_not_get_the_key_of_a_client_of_ours() -> None:
    async with house("openai", echo, KEYS, environment=ENVIRONMENT) as at:
        assert (await post(at, authorization=f"Bearer {CLIENT_KEY}")).status_code == 200
        assert at.last.header("authorization") is None
        assert CLIENT_KEY not in str(at.last)


async def test_neither_keys_nor_content_are_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    text = f'key = {{ env = "UP" }}\n{KEYS}'
    caplog.set_level(logging.DEBUG)
    seen: list[bytes] = []
    for behave in (echo, cut(echo, 1), failing(Failure(401, "UNAUTHENTICATED", f"bad key {SERVER_KEY}"))):
        async with house("gemini", behave, text, environment=ENVIRONMENT) as at:
            for body in (CHAT, STREAM, {"model": CLIENT_KEY}):
                try:
                    answer = await post(at, body=body, authorization=f"Bearer {CLIENT_KEY}")
                    assert SERVER_KEY not in answer.text
                except httpx2.RemoteProtocolError:
                    pass
            await post(at, f"/nowhere?key={CLIENT_KEY}", x_request_id="a b")
            for entry in await at.logged(4):
                log.write(entry)
                seen.append(msgspec.json.encode(entry))
            assert "CANARY" not in repr(at.gateway.settings)
    assert b"CANARY" not in b"".join(seen)
    ours = [record for record in caplog.records if record.name.startswith("metaphrase")]
    assert "CANARY" not in "".join([log.JsonLines().format(record) for record in ours])
    assert len(seen) == 12


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ([], "req_"),
        (["mine-7"], "mine-7"),
        (["mine\xb2\x80"], "mine\xb2?"),
        (["first", "second"], "first"),
        (["a" * 200], "a" * 128),
    ],
)
async def test_a_request_has_one_id_everywhere(said: list[str], known: str) -> None:
    body = json.dumps(CHAT)
    lines = ["POST /v1/chat/completions HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *[f"X-Request-Id: {one}" for one in said],
    ]
    async with house("gemini", echo) as at:
        answer = (await talk(at.port, ("\r\n".join([*lines, "", ""]) + body).encode("latin-1"))).decode("latin-1")
        sent = [value for name, value in at.last.headers if name.lower() == "x-request-id"]
        entry = (await at.logged())[0]
    assert sent == [entry.id]
    assert entry.id == known if said else entry.id.startswith(known)
    assert answer.count("x-request-id") == answer.count(f"x-request-id: {entry.id}\r\n") == 1


async def test_a_silent_stream_has_heartbeats_and_a_client_that_leaves_frees_the_upstream() -> None:
    async with house("gemini", stall(echo, 2), "[server]\nheartbeat = 0.05") as at:
        body = json.dumps(STREAM)
        head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        async with raw(at.port) as client:
            await client.send(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            data = b""
            with anyio.fail_after(3):
                while data.count(b"\r\n1\r\n\n\r\n") < 3:
                    data += await client.stream.receive()
            assert b"data: " in data
            assert at.active == [1]
        assert await until(lambda: at.active == [0]) < 0.1
        assert (await at.logged())[0].outcome == "left"


async def test_a_stream_that_breaks_off_has_no_end() -> None:
    async with house("gemini", cut(echo, 1)) as at:
        with pytest.raises(httpx2.RemoteProtocolError):
            await post(at, body=STREAM)


@pytest.mark.parametrize("model", ["m", "mine"])
async def test_a_stream_of_the_same_protocol_goes_on_chunk_by_chunk(model: str) -> None:
    usages = [{"totalTokenCount": count, "trafficType": "ON_DEMAND"} for count in (8, 9, 7)]
    ends = [{}, {"finishReason": "STOP"}, {}]
    sent = [
        {"candidates": [{"content": {"parts": [{"text": "a"}]}, **end}], "usageMetadata": usage, "modelVersion": "m"}
        for usage, end in zip(usages, ends, strict=True)
    ]

    def speak(_: Asked) -> Reply:
        events = tuple([b"data: " + msgspec.json.encode(one) + b"\r\n\r\n" for one in sent])
        return Reply(200, (("content-type", "text/event-stream"),), events)

    async with house("gemini", speak, '[models]\nmine = "m"') as at:
        answer = await post(at, f"/v1beta/models/{model}:streamGenerateContent?alt=sse", GEMINI)
        lines = [line for line in answer.text.split("\r\n\r\n") if line]
        assert [json.loads(line.removeprefix("data: ")) for line in lines] == [
            one | {"modelVersion": model} for one in sent
        ]


async def test_a_browser_cannot_use_it() -> None:
    async with house("gemini", echo, '[server]\nhosts = ["gate.example"]') as at:
        assert (await get(at, "/v1/models", host="evil.example")).status_code == 403
        assert (await get(at, "/v1/models", host="gate.example:80")).status_code == 200
        for kind in ("text/plain", "application/jsonx", ""):
            assert (await post(at, content_type=kind)).status_code == 415
        for kind in ("application/json", "Application/JSON; charset=utf-8", "application/x+json"):
            assert (await post(at, content_type=kind)).status_code == 200
        async with httpx2.AsyncClient() as client:
            answer = await client.options(f"http://127.0.0.1:{at.port}/v1/chat/completions")
        assert answer.status_code == 404
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_mounts_and_addresses_that_two_protocols_share() -> None:
    async with house("gemini", echo) as at:
        assert "data" in (await get(at, "/v1/models")).json()
        assert "data" in (await get(at, "/v1/models", authorization="Bearer k")).json()
        assert "models" in (await get(at, "/v1/models", x_goog_api_key="k")).json()
        assert "models" in (await get(at, "/gemini/v1/models")).json()
        assert "data" in (await get(at, "/openai/v1/models", x_goog_api_key="k")).json()
        assert (await get(at, "/openai/v1/nothing")).json()["error"]["type"]
        assert (await get(at, "/healthz")).json() == {"status": "ok"}
        assert (await get(at, "/readyz")).status_code == 200
        at.gateway.draining = lambda: True
        assert (await get(at, "/readyz")).status_code == 503


async def test_aliases() -> None:
    async with house("gemini", echo, '[models]\nfast = "echo-1"') as at:
        answer = await post(at, body=CHAT | {"model": "fast"})
        assert answer.json()["model"] == "fast"
        assert "/models/echo-1:" in at.last.target
        listed = [model["id"] for model in (await get(at, "/v1/models")).json()["data"]]
        assert "fast" in listed


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_does_not_hide_which_model_is_asked_for(mark: bytes) -> None:
    """Else the call would go to another upstream than the one that the file gives this model."""
    codec = resolve("openai")
    assert named_model(codec, Request("POST", "/v1/chat/completions", (), mark + b'{"model":"fast"}')) == "fast"


async def test_a_body_beyond_the_limit_and_losses_that_are_refused() -> None:
    async with house("gemini", echo, '[limits]\nbody = 200\n[server]\non_loss = "refuse"') as at:
        large = await post(at, body=CHAT | {"user": "u" * 300})
        assert (large.status_code, large.json()["error"]["code"]) == (413, 413)
        lossy = await post(at, body=CHAT | {"user": "u"})
        assert lossy.status_code == 400
        assert [entry.status for entry in await at.logged()] == [400]
        assert at.upstream.requests == []


async def test_other_settings_from_the_next_request_on() -> None:
    async with house("gemini", stall(echo, 1), "[patience]\nidle = 0.3") as at, anyio.create_task_group() as tasks:
        answers: list[int] = []

        async def slow() -> None:
            answers.append((await post(at)).status_code)

        tasks.start_soon(slow)
        await until(lambda: at.active == [1])
        url = f"http://127.0.0.1:{at.upstream_port}"
        await at.gateway.change(settle(config("gemini", url, KEYS), "127.0.0.1", ENVIRONMENT))
        assert (await post(at)).status_code == 401
        await until(lambda: bool(answers))
        assert answers == [504]
