"""Messages and their parts: OpenAI's own, the legacy ones, and what common servers and clients add."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from hypothesis import strategies as st

from metaphrase.testing.strategies import json_objects, json_values, names, texts
from metaphrase.testing.wire import Strategy, notes, objects, rarely, some, words

URLS = ("https://example.org/a.png", "https://example.org/b.mp4", "https://example.org/c")


def base64() -> st.SearchStrategy[str]:
    """Base64 text."""
    return st.binary(min_size=6, max_size=24).map(lambda data: b64encode(data).decode())


def data_urls(*kinds: str) -> st.SearchStrategy[str]:
    """Data URLs as browsers make them, and in the other spellings that RFC 2397 and clients' libraries allow."""
    usual = st.builds("data:{};base64,{}".format, words(*kinds), base64())
    spelt = words("DATA:{};base64,{}", "data:{};charset=utf-8;base64,{}", "data:{};base64, {}", "data:{};base64,{}\n")
    odd = st.builds(str.format, spelt, words(*kinds), base64())
    bare = st.builds("data:{};base64,{}".format, words(*kinds), base64().map(_other_alphabet))
    return rarely(usual, odd | bare)


def _other_alphabet(data: str) -> str:
    """The same bytes, URL-safe and without padding."""
    return data.replace("+", "-").replace("/", "_").rstrip("=")


def cache() -> dict[str, Strategy]:
    """Hints for caches, which may stand on any part."""
    return {"cache_control": objects({"type": words("ephemeral")}, {"ttl": words("5m", "1h")})}


def texts_said() -> Strategy:
    """Text parts."""
    return objects({"type": st.just("text"), "text": texts()}, cache(), most=1)


def images() -> Strategy:
    """Images, also as a bare address."""
    more = {"format": words("image/png", "image/webp")}
    urls = data_urls("image/png", "image/jpeg") | words(*URLS)
    # Two names for one thing: one of them says nothing where they agree.
    inside = objects({"url": urls}, more | {"detail": words("auto", "low", "high", "original")}, most=2)
    inside |= objects({"url": urls}, more | {"media_resolution": words("low", "MEDIA_RESOLUTION_HIGH")}, most=2)
    usual = objects({"type": st.just("image_url"), "image_url": inside}, cache(), most=1)
    return rarely(usual, st.fixed_dictionaries({"type": st.just("image_url"), "image_url": urls}))


def sounds_and_files() -> Strategy:
    """Sounds, files by their data or their id, and videos as other servers take them."""
    audio = objects({"data": base64(), "format": words("wav", "mp3", "flac")})
    known = {"filename": words("a.pdf", "b.txt", "c"), "format": words("application/pdf")}
    data = objects({"file_data": data_urls("application/pdf", "text/plain")}, known)
    stored = objects({"file_id": words("file-abc", "https://example.org/c.pdf")}, known)
    video = objects({"url": words(*URLS) | data_urls("video/mp4")})
    clip = objects({}, {"fps": words(1, 0.5), "start_offset": words("1s"), "end_offset": words("9s")})
    return st.one_of(
        objects({"type": st.just("input_audio"), "input_audio": audio}, cache(), most=1),
        objects({"type": st.just("file"), "file": data}, cache(), most=1),
        objects({"type": st.just("file"), "file": stored}, cache(), most=1),
        objects({"type": st.just("video_url"), "video_url": video}, {"video_metadata": clip}, most=1),
        objects({"type": st.just("audio_url"), "audio_url": objects({"url": words(*URLS)})}),
        objects({"type": st.just("document_url"), "document_url": words(*URLS)}, {"document_name": words("a.pdf")}),
    )


def odd_parts() -> Strategy:
    """Parts that nobody knows."""
    return objects({"type": words("vendor_part", "text_delta"), "payload": json_values()})


def said_parts() -> Strategy:
    """What a model's message may hold: also refusals, and Mistral's thinking."""
    inner = objects({"type": st.just("text"), "text": texts()})
    thought = objects({"type": st.just("thinking"), "thinking": some(inner, 2)})
    odd = objects({"type": st.just("refusal"), "refusal": texts()}) | thought | odd_parts()
    return rarely(texts_said(), odd)


def asked_parts() -> Strategy:
    """What a user's message may hold."""
    return rarely(texts_said() | images() | sounds_and_files(), odd_parts())


def contents(parts: Strategy) -> Strategy:
    """A string, or a list of parts."""
    return texts() | some(parts)


def users() -> Strategy:
    """What the client, the developer or the user says."""
    asked = objects({"role": words("user"), "content": contents(asked_parts())}, {"name": names()}, most=1)
    roles = words("system", "developer")
    told = objects({"role": roles, "content": contents(texts_said())}, {"name": names()}, most=1)
    return rarely(asked, told)


def ids() -> st.SearchStrategy[str]:
    """Ids of calls; few, so that results find their calls now and then."""
    return words("call_1", "call_2", "x" * 60)


def argument_texts() -> st.SearchStrategy[str]:
    """JSON as text: perhaps empty, perhaps broken."""
    return rarely(json_objects(), words("", "{}", "null", "[1]", '{"a":', "{}{}", ' {"a": 1.0}'))


def calls() -> Strategy:
    """Calls of functions and of custom tools; some vendors leave out what goes without saying."""
    google = objects({"google": objects({}, {"thought_signature": base64()}, most=1)})
    extra: dict[str, Strategy] = {
        "index": st.integers(0, 2),
        "extra_content": google,
        "provider_specific_fields": objects({"thought_signature": base64()}),
    }
    function = objects({"name": names(), "arguments": argument_texts()})
    usual = objects({"id": ids(), "type": st.just("function"), "function": function}, extra, most=1)
    custom = objects({"name": names(), "input": texts()})
    lazy = objects({"function": objects({"name": names()}, {"arguments": argument_texts()})}, {"id": ids()})
    return rarely(usual, objects({"id": ids(), "type": st.just("custom"), "custom": custom}) | lazy)


def details() -> Strategy:
    """OpenRouter's account of what was thought."""
    about = {"id": words("r1"), "index": st.integers(0, 2), "format": words("google-gemini-v1", "anthropic-claude-v1")}
    return st.one_of(
        objects({"type": st.just("reasoning.text"), "text": texts()}, about | {"signature": base64()}),
        objects({"type": st.just("reasoning.summary"), "summary": texts()}, about),
        objects({"type": st.just("reasoning.encrypted"), "data": base64()}, about),
    )


def said() -> dict[str, Strategy]:
    """What a model's message may hold besides its content."""
    shown = objects({"type": st.just("image_url"), "image_url": objects({"url": data_urls("image/png")})})
    numbered = some(objects({"part": st.integers(0, 3), "value": base64()}, open_=False), 3, 1)
    google = objects({}, {"thought_signature": base64(), "thought": st.booleans(), "thought_signatures": numbered})
    return {
        "tool_calls": some(calls()),
        "refusal": texts(),
        "reasoning_content": texts(),
        "reasoning": texts(),
        "reasoning_details": some(details(), 2),
        "extra_content": objects({"google": google}),
        "provider_specific_fields": objects({"thought_signatures": some(base64(), 2, 1)}),
        "images": some(shown, 2),
        "function_call": objects({"name": names(), "arguments": argument_texts()}),
        "audio": objects({"id": words("audio_1")}, {"data": base64(), "transcript": texts(), "expires_at": words(9)}),
        "annotations": some(citations(), 2),
    }


def citations() -> Strategy:
    """Where a statement comes from; the span need not be within the text."""
    span = {"start_index": st.integers(-1, 6), "end_index": st.integers(0, 9)}
    usual = {"url": words("https://example.org/a"), **span}
    cited = rarely(objects(usual, {"title": texts()}), objects({"url": words("https://example.org/b")}, span, most=1))
    return objects({"type": st.just("url_citation"), "url_citation": cited})


def assistants() -> Strategy:
    """What the model said before."""
    parts = said_parts()
    more = said() | {"name": names(), "prefix": st.booleans()}
    drawn = words("![image](data:image/png;base64,AAAA)", "a\n\n![](data:image/png;base64,AAAA)\n\nb")
    usual = objects({"role": st.just("assistant"), "content": rarely(contents(parts), drawn)}, more)
    quiet = objects({"role": st.just("assistant"), "tool_calls": some(calls(), 3, 1)}, more | {"content": st.none()})
    return usual | quiet


def results() -> Strategy:
    """What tools answered, in today's form and in the one before."""
    content = contents(rarely(texts_said(), images())) | json_objects()
    usual = objects({"role": st.just("tool"), "tool_call_id": ids(), "content": content}, {"name": names()}, most=1)
    return rarely(usual, objects({"role": st.just("function"), "name": names(), "content": texts()}))


def messages() -> st.SearchStrategy[list[Any]]:
    """A conversation in any order; results may have no call, and calls no result."""
    one = st.one_of(users(), assistants(), users(), results())
    step = st.builds(_answered, calls(), notes())
    return st.builds(_in_turn, some(one, 3, 1), step | st.just([]), some(one, 1))


def _in_turn(*several: list[Any]) -> list[Any]:
    return [message for found in several for message in found]


def _answered(call: dict[str, Any], output: str) -> list[dict[str, Any]]:
    """A call with its result."""
    found: list[dict[str, Any]] = [{"role": "assistant", "content": None, "tool_calls": [call]}]
    if "id" in call:
        found.append({"role": "tool", "tool_call_id": call["id"], "content": output})
    return found
