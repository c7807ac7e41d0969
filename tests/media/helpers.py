"""Media through whole documents."""

from __future__ import annotations

import json
from typing import Any

import metaphrase as mp
from metaphrase import Codec

PATH = "/v1beta/models/gemini-2.5-flash:generateContent"


def to_gemini(part: Any, model: str = "gemini-2.5-flash", **members: Any) -> tuple[list[Any], mp.Converted]:
    """The parts that one content part becomes."""
    body = {"model": model, "messages": [{"role": "user", "content": [part]}], **members}
    done = mp.convert(json.dumps(body).encode(), source="openai", target="gemini", kind="chat.request")
    return json.loads(done.body)["contents"][0]["parts"], done


def to_openai(part: Any, **members: Any) -> tuple[Any, mp.Converted]:
    """The content that one part of a user becomes."""
    body = {"contents": [{"role": "user", "parts": [part]}], **members}
    done = mp.convert(json.dumps(body).encode(), source="gemini", target="openai", kind="chat.request", path=PATH)
    return json.loads(done.body)["messages"][0]["content"], done


def answered(*parts: Any, target: str | Codec = "openai", asked: Any = None) -> tuple[Any, mp.Converted]:
    """The message that an answer of Gemini's becomes."""
    body = {"candidates": [{"content": {"role": "model", "parts": list(parts)}, "finishReason": "STOP", "index": 0}]}
    question = None if asked is None else json.dumps(asked).encode()
    done = mp.convert(
        json.dumps(body).encode(), source="gemini", target=target, kind="chat.response", asked=question, now=1
    )
    return json.loads(done.body)["choices"][0]["message"], done


def lost(done: mp.Converted, *kinds: str) -> list[tuple[str, str, str]]:
    found = [(loss.kind, loss.path, loss.feature) for loss in done.losses]
    return [one for one in found if not kinds or one[0] in kinds]


def image(url: str, **members: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **members}}
