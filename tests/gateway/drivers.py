"""Those who make the calls: the vendors' SDKs for Python, with and without an event loop, and for JavaScript."""

from __future__ import annotations

import json
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import openai
from anyio.to_thread import run_sync
from google import genai
from google.genai import errors

from .answers import Protocol
from .calls import FOUND

NODE = shutil.which("node")
FOLDER = Path(__file__).with_name("node")
TIMEOUT = 15.0  # seconds of one call, as in drive.mjs
AT_ONCE = 32
WITHIN = 120.0  # seconds of all calls together


@dataclass
class Asked:
    """A call. ``id`` goes along as x-request-id."""

    id: str
    sdk: Protocol
    base: str
    op: str
    stream: bool
    args: dict[str, Any]


@dataclass
class Outcome:
    """What an SDK returned, one item a chunk, and what it raised in the end: class, status, code, message."""

    items: list[Any] = field(default_factory=list)
    error: dict[str, Any] | None = None


Outcomes = dict[tuple[str, str], Outcome]
"""By base and id."""

Driver = Callable[[Sequence[Asked]], Awaitable[Outcomes]]
_Call = Callable[[Any, dict[str, Any], bool], Any]


def _contents(client: Any, args: dict[str, Any], stream: bool) -> Any:
    models = client.models
    return models.generate_content_stream(**args) if stream else models.generate_content(**args)


def _openai_again(args: dict[str, Any], first: Any) -> dict[str, Any]:
    """The next turn of a chat in which a tool was called: what came goes back as it is, with what the tool says."""
    message = first.choices[0].message
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": json.dumps({"at": FOUND})}
    return args | {"messages": [*args["messages"], message, result]}


def _google_again(args: dict[str, Any], first: Any) -> dict[str, Any]:
    """The same."""
    said = first.candidates[0].content
    call = said.parts[0].function_call
    result = {"functionResponse": {"id": call.id, "name": call.name, "response": {"at": FOUND}}}
    return args | {"contents": [*args["contents"], said, {"role": "user", "parts": [result]}]}


_AGAIN = {"openai": _openai_again, "gemini": _google_again}


def _chat(client: Any, args: dict[str, Any], _: bool) -> Any:
    return client.chat.completions.create(**args)


_CALLS: Mapping[Protocol, Mapping[str, _Call]] = {
    "openai": {
        "agent": _chat,
        "chat": _chat,
        "embeddings": lambda client, args, _: client.embeddings.create(**args),
        "models": lambda client, args, _: client.models.list(**args),
        "model": lambda client, args, _: client.models.retrieve(**args),
        "tokens": lambda client, args, _: client.responses.input_tokens.count(**args),
    },
    "gemini": {
        "agent": _contents,
        "chat": _contents,
        "embeddings": lambda client, args, _: client.models.embed_content(**args),
        "models": lambda client, args, _: client.models.list(**args),
        "model": lambda client, args, _: client.models.get(**args),
        "tokens": lambda client, args, _: client.models.count_tokens(**args),
    },
}


def _arguments(asked: Asked) -> dict[str, Any]:
    """As the SDK for Python wants them."""
    headers = {"x-request-id": asked.id}
    if asked.sdk == "gemini":
        return asked.args | {"config": asked.args.get("config", {}) | {"httpOptions": {"headers": headers}}}
    return asked.args | {"extra_headers": headers}


def _clients(calls: Sequence[Asked], *, waits: bool) -> dict[tuple[Protocol, str], Any]:
    """One client for each server."""
    servers: set[tuple[Protocol, str]] = {(each.sdk, each.base) for each in calls}
    return {server: _client(*server, waits=waits) for server in servers}


def _client(sdk: Protocol, base: str, *, waits: bool) -> Any:
    if sdk == "openai":
        kind = openai.AsyncOpenAI if waits else openai.OpenAI
        return kind(api_key="sk-any", base_url=f"{base}/v1", max_retries=0, timeout=TIMEOUT)
    options = genai.types.HttpOptions(base_url=base, timeout=int(TIMEOUT * 1000))
    client = genai.Client(api_key="any", vertexai=False, http_options=options)
    return client.aio if waits else client


def _shown(item: Any) -> Any:
    """An object of the SDK, as the JSON that the one for JavaScript would show."""
    return json.loads(item.model_dump_json(by_alias=True, exclude_none=True))


def _raised(error: Exception) -> dict[str, Any]:
    names = ("code", "status") if isinstance(error, errors.APIError) else ("status_code", "code")
    status, code = [getattr(error, name, None) for name in names]
    return {"class": type(error).__name__, "status": status, "code": code, "message": str(error)}


async def _each(calls: Sequence[Asked], make: Callable[[Asked], Awaitable[Outcome]]) -> Outcomes:
    """All calls, some at once."""
    outcomes: Outcomes = {}
    waiting = iter(calls)

    async def lane() -> None:
        for asked in waiting:
            outcomes[asked.base, asked.id] = await make(asked)

    with anyio.fail_after(WITHIN):
        async with anyio.create_task_group() as lanes:
            for _ in range(AT_ONCE):
                lanes.start_soon(lane)
    return outcomes


async def python(calls: Sequence[Asked]) -> Outcomes:
    """The clients that wait on the event loop, which has to be asyncio's."""
    clients = _clients(calls, waits=True)

    async def make(asked: Asked) -> Outcome:
        outcome = Outcome()
        client, args, call = clients[asked.sdk, asked.base], _arguments(asked), _CALLS[asked.sdk][asked.op]
        try:
            found = call(client, args, asked.stream)
            if not hasattr(found, "__aiter__"):
                found = await found
            if asked.stream or asked.op == "models":
                async for item in found:
                    outcome.items.append(_shown(item))
            else:
                outcome.items.append(_shown(found))
            if asked.op == "agent":
                outcome.items.append(_shown(await call(client, _AGAIN[asked.sdk](args, found), False)))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what the caller of the SDK gets
            outcome.error = _raised(error)
        return outcome

    try:
        return await _each(calls, make)
    finally:
        for (sdk, _), client in clients.items():
            await (client.close() if sdk == "openai" else client.aclose())


async def threads(calls: Sequence[Asked]) -> Outcomes:
    """The clients that block, each call in a thread; whatever the event loop of the others."""
    clients = _clients(calls, waits=False)

    def make(asked: Asked) -> Outcome:
        outcome = Outcome()
        client, args, call = clients[asked.sdk, asked.base], _arguments(asked), _CALLS[asked.sdk][asked.op]
        try:
            found = call(client, args, asked.stream)
            items = found if asked.stream or asked.op == "models" else (found,)
            for item in items:
                outcome.items.append(_shown(item))
            if asked.op == "agent":
                outcome.items.append(_shown(call(client, _AGAIN[asked.sdk](args, found), False)))
        except Exception as error:  # noqa: BLE001 - as above
            outcome.error = _raised(error)
        return outcome

    try:
        return await _each(calls, lambda asked: run_sync(partial(make, asked)))
    finally:
        for client in clients.values():
            client.close()


async def node(calls: Sequence[Asked]) -> Outcomes:
    """The SDKs for JavaScript, all calls in one process."""
    said = json.dumps([asdict(each) for each in calls]).encode()
    with anyio.fail_after(WITHIN):
        done = await anyio.run_process([NODE or "node", "drive.mjs"], input=said, cwd=FOLDER, check=False)
    assert done.returncode == 0, done.stderr.decode()
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {(line["base"], line["id"]): Outcome(line["items"], line["error"]) for line in lines}


def lacking() -> str | None:
    """Why there are no SDKs for JavaScript here."""
    if NODE is None:
        return "node is not on the path"
    absent = [name for name in ("openai", "@google/genai") if not (FOLDER / "node_modules" / name).is_dir()]
    return f"not installed: {', '.join(absent)} (make sdks, with npm on the path)" if absent else None
