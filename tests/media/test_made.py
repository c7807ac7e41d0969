"""Images and speech that a model makes: asking for them, and showing them."""

import base64
import io
import json
import wave
from typing import Any

import pytest

import metaphrase as mp
from metaphrase_gemini import gemini
from metaphrase_openai import openai
from tests.media.helpers import PATH, answered, image, lost

PNG = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
JPG = {"inlineData": {"mimeType": "image/jpeg", "data": "/9j/"}}
SHOWN = image("data:image/png;base64,AAAA")
MIXED = ({"text": "a"}, PNG, {"text": "b"}, JPG, {"text": "c\n\n"})


def config(**members: Any) -> tuple[Any, mp.Converted]:
    body = {"model": "gemini-2.5-flash-image", "messages": [{"role": "user", "content": "?"}], **members}
    done = mp.convert(json.dumps(body).encode(), source="openai", target="gemini", kind="chat.request")
    return json.loads(done.body).get("generationConfig"), done


def upward(target: Any = "openai", **settings: Any) -> tuple[Any, mp.Converted]:
    body = {"contents": [{"role": "user", "parts": [{"text": "?"}]}], "generationConfig": settings}
    done = mp.convert(json.dumps(body).encode(), source="gemini", target=target, kind="chat.request", path=PATH)
    return json.loads(done.body), done


ASKED = {"responseModalities": ["IMAGE", "TEXT"], "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}}


@pytest.mark.parametrize(
    "members",
    [
        {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}},
        {"extra_body": {"google": {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}}}},
        {"extra_body": {"google": {"imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}}}},
        {"google": {"generation_config": {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}}}},
    ],
)
def test_image_creation_is_asked_for(members: Any) -> None:
    found, done = config(modalities=["image", "text"], **members)
    assert found == ASKED
    assert done.losses == ()


def test_and_asked_for_the_other_way() -> None:
    body, _ = upward(**ASKED)
    assert body["modalities"] == ["image", "text"]
    assert body["image_config"] == {"aspect_ratio": "16:9", "image_size": "2K"}
    body, _ = upward(openai(google_compat=True), **ASKED)
    assert body["extra_body"] == {"google": {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}}}


# --- images in answers --------------------------------------------------------------------------------------------


def test_trap_82_images_beside_the_text_say_what_has_moved() -> None:
    message, done = answered(*MIXED)
    assert message["content"] == "abc\n\n"
    assert [one["image_url"]["url"] for one in message["images"]] == [
        "data:image/png;base64,AAAA", "data:image/jpeg;base64,/9j/",
    ]  # fmt: skip
    moved = [(loss.feature, loss.count) for loss in done.losses if loss.kind == "moved"]
    assert moved == [("message.order", 2)]


def test_trap_82_images_in_their_place_as_parts() -> None:
    message, done = answered(*MIXED, target=openai(images="parts"))
    assert [part["type"] for part in message["content"]] == ["text", "image_url", "text", "image_url", "text"]
    assert not lost(done, "moved", "approximated")


def test_trap_82_images_in_their_place_as_markdown() -> None:
    message, done = answered(*MIXED, target=openai(images="markdown"))
    assert message["content"] == (
        "a\n\n![image](data:image/png;base64,AAAA)\n\nb\n\n![image](data:image/jpeg;base64,/9j/)\n\nc\n\n"
    )
    assert not lost(done, "moved", "approximated")


@pytest.mark.parametrize("images", ["images", "parts", "markdown"])
@pytest.mark.parametrize(
    "parts",
    [
        (PNG,),
        ({"text": "a"}, PNG),
        (PNG, JPG),
        ({"text": "a", "thoughtSignature": "s"}, {**PNG, "thoughtSignature": "t"}, JPG),
    ],
)
def test_what_is_shown_is_read_in_answers_and_histories(images: Any, parts: tuple[Any, ...]) -> None:
    codec = openai(images=images)
    body = {"candidates": [{"content": {"role": "model", "parts": list(parts)}, "finishReason": "STOP", "index": 0}]}
    there = mp.convert(json.dumps(body).encode(), source="gemini", target=codec, kind="chat.response", now=1)
    back = mp.convert(there.body, source=codec, target="gemini", kind="chat.response")
    assert json.loads(back.body)["candidates"][0]["content"]["parts"] == list(parts)
    message = json.loads(there.body)["choices"][0]["message"]
    del message["refusal"]
    history = {"model": "gemini-2.5-flash", "messages": [{"role": "user", "content": "?"}, message]}
    again = mp.convert(json.dumps(history).encode(), source="openai", target="gemini", kind="chat.request")
    assert json.loads(again.body)["contents"][1]["parts"] == list(parts)
    same = mp.convert(json.dumps(history).encode(), source="openai", target="openai", kind="chat.request")
    assert json.loads(same.body) == history


def test_order_survives_where_images_stand_in_the_content() -> None:
    for images in ("parts", "markdown"):
        codec = openai(images=images)
        body = {"contents": [{"role": "user", "parts": [{"text": "?"}]}, {"role": "model", "parts": list(MIXED)}]}
        there = mp.convert(json.dumps(body).encode(), source="gemini", target=codec, kind="chat.request", path=PATH)
        back = mp.convert(there.body, source=codec, target="gemini", kind="chat.request")
        assert json.loads(back.body) == body


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("![image](data:image/png;base64,AAAA)", [PNG]),
        ("a![](data:image/png;base64,AAAA)b", [{"text": "a"}, PNG, {"text": "b"}]),
        ("a [x](data:image/png;base64,AAAA)", None),
        ("![x\ny](data:image/png;base64,AAAA)", None),
        ("![x](data:image/png;base64,AA AA)", None),
        ("![x](data:image/png)", None),
        ("![x](data:image/png;base64,AAAA", None),
        ("![x](https://x/y.png)", None),
        ("![" + "x" * 300 + "](data:image/png;base64,AAAA)", None),
    ],
)
def test_markdown_images_in_histories(text: str, parts: list[Any] | None) -> None:
    body = {"model": "gemini-2.5-flash", "messages": [
        {"role": "user", "content": text}, {"role": "assistant", "content": text},
    ]}  # fmt: skip
    done = mp.convert(json.dumps(body).encode(), source="openai", target="gemini", kind="chat.request")
    contents = json.loads(done.body)["contents"]
    assert contents[0]["parts"] == [{"text": text}]
    assert contents[1]["parts"] == (parts or [{"text": text}])


def test_alternative_text_is_reported() -> None:
    body = {"model": "m", "messages": [
        {"role": "user", "content": "?"}, {"role": "assistant", "content": "![a cat](data:image/png;base64,AAAA)"},
    ]}  # fmt: skip
    done = mp.convert(json.dumps(body).encode(), source="openai", target="gemini", kind="chat.request")
    assert ("approximated", "$.messages[1].content", "media.alt") in lost(done)


def test_a_streamed_image_stands_in_the_text_as_in_a_whole_answer() -> None:
    chunks = [{"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}]} for part in MIXED[:3]]
    chunks[-1]["candidates"][0]["finishReason"] = "STOP"
    again = mp.Reencoder("gemini", openai(images="markdown"))
    stream = "".join([f"data: {json.dumps(chunk)}\r\n\r\n" for chunk in chunks])
    out = (again.feed(stream.encode()) + again.close()).decode()
    events = [json.loads(line[6:]) for line in out.splitlines() if line.startswith("data: {")]
    said = [event["choices"][0]["delta"].get("content") or "" for event in events if event["choices"]]
    assert "".join(said) == "a\n\n![image](data:image/png;base64,AAAA)\n\nb"


# --- speech -------------------------------------------------------------------------------------------------------

SOUND = bytes(range(250))
L16 = "audio/L16;codec=pcm;rate=24000"


def pcm(mime: str = L16, data: bytes = SOUND) -> dict[str, Any]:
    return {"inlineData": {"mimeType": mime, "data": base64.b64encode(data).decode()}}


def asking(form: str | None, **members: Any) -> dict[str, Any]:
    audio = {"voice": "Kore"} if form is None else {"voice": "Kore", "format": form}
    return {"model": "m", "messages": [{"role": "user", "content": "?"}], "audio": audio, **members}


def test_speech_is_asked_for() -> None:
    found, done = config(modalities=["audio"], audio={"voice": "Kore", "format": "wav"})
    voice = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}
    assert found == {"responseModalities": ["AUDIO"], "speechConfig": voice}
    assert [loss.feature for loss in done.losses] == ["output.audio.format"]
    body, _ = upward(responseModalities=["AUDIO"], speechConfig=voice)
    assert body["modalities"] == ["audio"]
    assert body["audio"] == {"voice": "Kore", "format": "pcm16"}


def test_a_voice_of_ones_own() -> None:
    _, done = config(audio={"voice": {"id": "v", "odd": 1}, "format": "wav"})
    assert ("dropped", "$.audio.voice.odd", "openai.audio.voice.odd") in lost(done)
    _, done = config(audio={"voice": {"odd": 1}, "format": "wav"})
    assert "speechConfig" not in str(done.body)


def test_voices_by_the_callers_table() -> None:
    body = json.dumps(asking("wav")).replace("Kore", "alloy").encode()
    done = mp.convert(body, source="openai", target=gemini(voices={"alloy": "Kore"}), kind="chat.request")
    assert b'"voiceName":"Kore"' in done.body
    assert ("approximated", "$.audio.voice", "output.audio.voice") in lost(done)


@pytest.mark.parametrize(
    ("mime", "rate", "channels"),
    [(L16, 24000, 1), ("audio/l16; rate=16000", 16000, 1), ("audio/pcm;rate=8000;channels=2", 8000, 2)],
)
def test_trap_83_raw_sound_gets_the_header_that_was_asked_for(mime: str, rate: int, channels: int) -> None:
    message, done = answered(pcm(mime, SOUND[:248]), asked=asking("wav"))
    data = base64.b64decode(message["audio"]["data"], validate=True)
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (rate, channels, 2)
        assert sound.readframes(999) == SOUND[:248]
    assert not [loss for loss in done.losses if loss.feature.startswith("media")]


@pytest.mark.parametrize(
    ("part", "form", "losses"),
    [
        (pcm(), "pcm16", []),
        (pcm("audio/wav"), "wav", []),
        (pcm("audio/L16;rate=16000"), "pcm16", ["dropped"]),
        (pcm(), "mp3", ["dropped"]),
        (pcm(), None, ["dropped"]),
        (pcm("audio/L16;rate=many"), "wav", ["dropped"]),
        (pcm("audio/L24;rate=24000"), "wav", ["dropped"]),
        ({"inlineData": {"mimeType": L16, "data": "abcde"}}, "wav", ["dropped"]),
    ],
)
def test_other_sound_is_passed_along(part: Any, form: str | None, losses: list[str]) -> None:
    message, done = answered(part, asked=asking(form))
    assert message["audio"]["data"] == part["inlineData"]["data"]
    assert [kind for kind, _, feature in lost(done) if feature == "media.mime"] == losses


def test_a_streamed_sound_gets_one_header() -> None:
    pieces = [pcm(data=SOUND[:100]), pcm(data=SOUND[100:])]
    chunks = [{"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}]} for part in pieces]
    chunks[-1]["candidates"][0]["finishReason"] = "STOP"
    again = mp.Reencoder("gemini", "openai", asked=json.dumps(asking("wav", stream=True)).encode())
    stream = "".join([f"data: {json.dumps(chunk)}\r\n\r\n" for chunk in chunks])
    out = (again.feed(stream.encode()) + again.close()).decode()
    events = [json.loads(line[6:]) for line in out.splitlines() if line.startswith("data: {")]
    deltas = [event["choices"][0]["delta"] for event in events if event["choices"]]
    said = b"".join([base64.b64decode(delta["audio"]["data"]) for delta in deltas if "audio" in delta])
    assert said[:4] == b"RIFF"
    assert said[40:44] == (0xFFFFFFFF - 44).to_bytes(4, "little")
    assert said[44:] == SOUND


def test_speech_without_a_type_is_what_geminis_voices_speak() -> None:
    message = {"role": "assistant", "content": None, "audio": {"id": "a", "data": "AAAA", "transcript": "t"}}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}  # fmt: skip
    done = mp.convert(json.dumps(body).encode(), source="openai", target="gemini", kind="chat.response")
    part = json.loads(done.body)["candidates"][0]["content"]["parts"][0]
    assert part["inlineData"] == {"mimeType": L16, "data": "AAAA"}
    assert lost(done, "defaulted")
