"""Speech in pieces: what belongs to one sound, and what is another."""

import json
import wave
from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any

import pytest
from msgspec.structs import replace

import metaphrase as mp
from metaphrase import Report, codecs, ir
from metaphrase.fold import fold
from metaphrase_openai.sound import joined
from tests.media.helpers import answered, lost

PCM = "audio/L16;codec=pcm;rate=24000"


def sound(data: bytes, mime: str = PCM, **members: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": mime, "data": b64encode(data).decode()}, **members}


def told(*chunks: Any) -> bytes:
    return b"".join([b"data: " + json.dumps(one).encode() + b"\n\n" for one in chunks])


def spoken(*pieces: Any) -> bytes:
    """A stream of OpenAI's, one chunk a piece of speech."""
    about = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    deltas = [about | {"choices": [{"index": 0, "delta": {"audio": piece}, "finish_reason": None}]} for piece in pieces]
    last = about | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return told(*deltas, last) + b"data: [DONE]\n\n"


def folded(body: bytes, source: str, target: str, asked: ir.ChatRequest | None = None) -> Any:
    """A recorded stream as one whole answer."""
    reader = codecs()[source].streaming().reader(Report())
    whole = fold([*reader.feed(body), *reader.close()])
    return json.loads(codecs()[target].chatting().write_response(whole, asked, Report()).body)


def heard(body: bytes, source: str = "gemini") -> tuple[list[Any], mp.Reencoder]:
    """The deltas that a stream has toward OpenAI."""
    again = mp.Reencoder(source, replace(codecs()["openai"], relay=None), now=1)
    lines = (again.feed(body) + again.close()).split(b"\n\n")
    chunks = [json.loads(line[6:]) for line in lines if line and line != b"data: [DONE]"]
    return [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]], again


SAID = (
    {"id": "a1", "transcript": "Go"},
    {"id": "a1", "data": b64encode(b"abc").decode()},
    {"id": "a1", "data": b64encode(b"defg").decode(), "transcript": "od"},
    {"id": "a1", "expires_at": 7},
)


def test_speech_told_in_pieces_is_one_in_the_whole_answer() -> None:
    message = folded(spoken(*SAID), "openai", "openai")["choices"][0]["message"]
    assert message["audio"] == {
        "id": "a1", "data": b64encode(b"abcdefg").decode(), "transcript": "Good", "expires_at": 7,
    }  # fmt: skip
    assert "images" not in message


def test_speech_told_in_pieces_passes_piece_by_piece() -> None:
    deltas, again = heard(spoken(*SAID), "openai")
    pieces = [delta["audio"] for delta in deltas if "audio" in delta]
    assert [piece["data"] for piece in pieces if "data" in piece] == ["YWJj", "ZGVmZw=="]
    assert "".join(piece.get("transcript", "") for piece in pieces) == "Good"
    assert {piece["id"] for piece in pieces if "id" in piece} == {"a1"}
    assert {piece["expires_at"] for piece in pieces if "expires_at" in piece} == {7}
    assert again.losses == ()


def test_words_without_their_sound_are_named() -> None:
    again = mp.Reencoder("openai", "gemini")
    out = again.feed(spoken(*SAID)) + again.close()
    assert out.count(b"inlineData") == 2
    dropped = {loss.path for loss in again.losses if loss.kind == "dropped"}
    assert "$[0].choices[0].delta.audio.transcript" in dropped
    assert "$[2].choices[0].delta.audio.transcript" not in dropped


def test_a_word_that_is_no_text_stays_where_it_is() -> None:
    odd = {"id": "a", "data": "AAAA", "transcript": 5}
    deltas, _ = heard(spoken(odd), "openai")
    assert {"id": "a", "transcript": 5} in [delta.get("audio") for delta in deltas]


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        (["YWJj", "ZGVm"], "YWJjZGVm"),
        (["YQ==", "YmM="], "YWJj"),
        (["YQ", "Ymo="], "YQYmo="),  # no base64: nobody knows better
        (["Y"], "Y"),
        (["YWJj", ""], "YWJj"),
    ],
)
def test_pieces_of_base64_are_one(pieces: list[str], whole: str) -> None:
    assert joined([ir.Inline.of(piece) for piece in pieces]).data == whole


# --- of Gemini's ----------------------------------------------------------------------------------------------------


def answer(*parts: Any) -> bytes:
    """A stream with each part in a chunk of its own."""
    chunks: list[Any] = [{"candidates": [{"content": {"role": "model", "parts": [part]}}]} for part in parts]
    chunks[-1]["candidates"][0]["finishReason"] = "STOP"
    return told(*[{**chunk, "responseId": "r", "modelVersion": "m"} for chunk in chunks])


def test_raw_sound_goes_on() -> None:
    message, done = answered(sound(b"ab"), sound(b"cd"), sound(b"ef"))
    assert b64decode(message["audio"]["data"]) == b"abcdef"
    assert "images" not in message
    joins = [loss for loss in done.losses if loss.feature == "media.parts"]
    assert [(loss.kind, loss.count) for loss in joins] == [("approximated", 3)]
    deltas, again = heard(answer(sound(b"ab"), sound(b"cd"), sound(b"ef")))
    assert b"".join(b64decode(delta["audio"]["data"]) for delta in deltas if "audio" in delta) == b"abcdef"
    assert [(loss.kind, loss.count) for loss in again.losses if loss.feature == "media.parts"] == [("approximated", 3)]


def test_raw_sound_in_pieces_gets_one_header() -> None:
    asked = {"model": "m", "messages": [], "modalities": ["audio"], "audio": {"voice": "v", "format": "wav"}}
    message, _ = answered(sound(b"ab"), sound(b"cd"), asked=asked)
    with wave.open(BytesIO(b64decode(message["audio"]["data"]))) as file:
        assert file.readframes(9) == b"abcd"


@pytest.mark.parametrize(
    ("first", "then"),
    [("audio/mp3", "audio/mp3"), (PCM, "audio/wav"), (PCM, "audio/L16;rate=16000"), ("audio/wav", PCM)],
)
def test_another_sound_stands_beside_it(first: str, then: str) -> None:
    parts = (sound(b"abc", first), sound(b"def", then))
    message, _ = answered(*parts)
    assert message["audio"]["data"] == "YWJj"
    assert [one["type"] for one in message["images"]] in (["audio_url"], ["input_audio"])
    deltas, _ = heard(answer(*parts))
    assert [delta["audio"]["data"] for delta in deltas if "audio" in delta] == ["YWJj"]
    shown = [one for delta in deltas for one in delta.get("images", ())]
    assert [{key: one[key] for key in one if key != "index"} for one in shown] == message["images"]


def test_another_sounds_signature_keeps_its_place() -> None:
    parts = (sound(b"abc", "audio/mp3", thoughtSignature="c2ln"), sound(b"def", "audio/mp3", thoughtSignature="dHdv"))
    message, _ = answered(*parts)
    deltas, _ = heard(answer(*parts))
    whole = message["extra_content"]["google"]
    assert [delta["extra_content"]["google"] for delta in deltas if "extra_content" in delta] == [whole]
    assert [(one["part"], one["value"]) for one in whole["thought_signatures"]] == [(0, "dHdv"), (1, "c2ln")]


def test_what_a_piece_of_speech_cannot_say_is_named() -> None:
    first = sound(b"ab")
    then = sound(b"cd", videoMetadata={"fps": 2})
    then["inlineData"]["displayName"] = "n"
    _, done = answered(first, then)
    assert set(lost(done, "dropped")) >= {
        ("dropped", "$.candidates[0].content.parts[1].inlineData.displayName", "media.name"),
        ("dropped", "$.candidates[0].content.parts[1].videoMetadata", "media.clip"),
    }
    _, done = answered(then)
    assert set(lost(done, "dropped")) >= {
        ("dropped", "$.candidates[0].content.parts[0].inlineData.displayName", "media.name"),
        ("dropped", "$.candidates[0].content.parts[0].videoMetadata", "media.clip"),
    }


def test_speech_without_a_type_is_named_where_it_stands() -> None:
    message = {"role": "assistant", "content": None, "audio": {"id": "a", "data": "AAAA"}}
    said = {
        "id": "c",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
    done = mp.convert(json.dumps(said).encode(), source="openai", target="gemini", kind="chat.response")
    assert ("defaulted", "$.choices[0].message.audio.data", "media.mime") in lost(done)
