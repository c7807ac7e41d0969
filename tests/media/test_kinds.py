"""Every kind of media part, its type, its detail, and where it comes from."""

import json
from typing import Any

import pytest

import metaphrase as mp
from metaphrase_gemini import gemini
from tests.media.helpers import image, lost, to_gemini, to_openai

FILES = "https://generativelanguage.googleapis.com/v1beta/files/x"
PDF = "JVBERi0="

IN: list[tuple[Any, Any]] = [
    (image("https://x/y.png?z#a"), {"fileData": {"mimeType": "image/png", "fileUri": "https://x/y.png?z#a"}}),
    (image("https://x/y"), {"fileData": {"fileUri": "https://x/y"}}),
    (image("gs://b/c.jpg"), {"fileData": {"mimeType": "image/jpeg", "fileUri": "gs://b/c.jpg"}}),
    (image(FILES, format="image/png"), {"fileData": {"mimeType": "image/png", "fileUri": FILES}}),
    (image("https://youtu.be/a"), {"fileData": {"fileUri": "https://youtu.be/a"}}),
    (image(f"data:application/pdf;base64,{PDF}"), {"inlineData": {"mimeType": "application/pdf", "data": PDF}}),
    ({"type": "image_url", "image_url": "https://x/y.webp"},
     {"fileData": {"mimeType": "image/webp", "fileUri": "https://x/y.webp"}}),
    ({"type": "file", "file": {"file_data": f"data:application/pdf;base64,{PDF}", "filename": "a.pdf"}},
     {"inlineData": {"mimeType": "application/pdf", "data": PDF, "displayName": "a.pdf"}}),
    ({"type": "file", "file": {"file_data": "YQ==", "filename": "a.csv"}},
     {"inlineData": {"mimeType": "text/csv", "data": "YQ==", "displayName": "a.csv"}}),
    ({"type": "file", "file": {"file_data": PDF}}, {"inlineData": {"mimeType": "application/pdf", "data": PDF}}),
    ({"type": "file", "file": {"file_data": "https://x/a.pdf"}},
     {"fileData": {"mimeType": "application/pdf", "fileUri": "https://x/a.pdf"}}),
    ({"type": "file", "file": {"file_id": FILES}}, {"fileData": {"fileUri": FILES}}),
    ({"type": "file", "file": {"file_id": "files/x"}}, {"fileData": {"fileUri": FILES}}),
    ({"type": "file", "file": {"file_id": "gs://b/c", "format": "application/x-pdf"}},
     {"fileData": {"mimeType": "application/pdf", "fileUri": "gs://b/c"}}),
    ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
     {"inlineData": {"mimeType": "audio/mp3", "data": "AAAA"}}),
    ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "pcm16"}},
     {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": "AAAA"}}),
    ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "m4a"}},
     {"inlineData": {"mimeType": "audio/mp4", "data": "AAAA"}}),
    ({"type": "video_url", "video_url": "https://www.youtube.com/watch?v=x"},
     {"fileData": {"fileUri": "https://www.youtube.com/watch?v=x"}}),
    ({"type": "video_url", "video_url": {"url": "https://youtu.be/x"},
      "video_metadata": {"start_offset": "1s", "end_offset": "2.5s", "fps": 2}},
     {"fileData": {"fileUri": "https://youtu.be/x"},
      "videoMetadata": {"startOffset": "1s", "endOffset": "2.5s", "fps": 2}}),
    ({"type": "document_url", "document_url": "https://x/a.pdf", "document_name": "n"},
     {"fileData": {"mimeType": "application/pdf", "fileUri": "https://x/a.pdf", "displayName": "n"}}),
]  # fmt: skip


@pytest.mark.parametrize(("part", "becomes"), IN)
def test_trap_35_parts_of_every_kind(part: Any, becomes: Any) -> None:
    parts, done = to_gemini(part)
    assert parts == [becomes]
    assert done.losses == ()


@pytest.mark.parametrize(
    "part",
    [
        {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
        {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}},
        {"inlineData": {"mimeType": "audio/flac", "data": "AAAA"}},
        {"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}},
        {"inlineData": {"mimeType": "application/pdf", "data": "AAAA"}},
        {"fileData": {"mimeType": "image/png", "fileUri": "gs://b/c"}},
        {"fileData": {"mimeType": "application/pdf", "fileUri": FILES}},
        {"fileData": {"fileUri": "https://youtu.be/x"}, "videoMetadata": {"startOffset": "1s", "fps": 0.5}},
    ],
)
def test_there_and_back(part: Any) -> None:
    content, _ = to_openai(part)
    parts, _ = to_gemini(content[0])
    assert parts == [part]


@pytest.mark.parametrize(
    ("detail", "level"),
    [("low", "LOW"), ("medium", "MEDIUM"), ("high", "HIGH"), ("original", "ULTRA_HIGH"), ("auto", None)],
)
def test_detail_of_each_part_and_of_the_request(detail: str, level: str | None) -> None:
    part = image("https://x/y.png", detail=detail)
    new, _ = to_gemini(part, "gemini-3-flash-preview")
    assert new[0].get("mediaResolution") == (level and {"level": f"MEDIA_RESOLUTION_{level}"})
    old, done = to_gemini(part)
    assert "mediaResolution" not in old[0]
    whole = json.loads(done.body).get("generationConfig", {}).get("mediaResolution")
    assert whole == (level and f"MEDIA_RESOLUTION_{level.removeprefix('ULTRA_')}")
    assert len(done.losses) == (detail == "original")


def test_an_unknown_detail_is_reported() -> None:
    _, done = to_gemini(image("https://x/y.png", detail="odd"))
    assert [(loss.kind, loss.path) for loss in done.losses] == [
        ("dropped", "$.messages[0].content[0].image_url.detail")
    ]


def test_resolution_of_the_request_is_the_detail_of_its_images() -> None:
    part = {"fileData": {"fileUri": "https://x/y.png"}}
    content, _ = to_openai(part, generationConfig={"mediaResolution": "MEDIA_RESOLUTION_LOW"})
    assert content[0]["image_url"]["detail"] == "low"


CALLED = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(("model", "inside"), [("gemini-3-flash-preview", True), ("gemini-2.5-flash", False)])
def test_trap_32_images_inside_the_results_of_tools(model: str, inside: bool) -> None:
    picture = image("data:image/jpg;base64,/9j/")
    result = {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "ok"}, picture]}
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "tool_calls": [CALLED]}, result]
    body = json.dumps({"model": model, "messages": messages}).encode()
    done = mp.convert(body, source="openai", target="gemini", kind="chat.request")
    contents = json.loads(done.body)["contents"]
    response = contents[2]["parts"][0]["functionResponse"]
    made = {"inlineData": {"mimeType": "image/jpeg", "data": "/9j/"}}
    assert response["response"] == {"result": "ok"}
    if inside:
        assert response["parts"] == [made]
    else:
        assert contents[3]["parts"] == [made]
        assert ("moved", "$.messages[2].content[1]", "tools.result.media") in lost(done)
    back = mp.convert(done.body, source="gemini", target="openai", kind="chat.request", path=done.path)
    assert json.loads(back.body)["messages"][-1]["content"][0]["image_url"]["url"] == "data:image/jpeg;base64,/9j/"


# --- references ---------------------------------------------------------------------------------------------------


def asking(*urls: str) -> tuple[mp.Exchange, mp.Request]:
    content = [{"type": "text", "text": "?"}, *[image(url) for url in urls]]
    body = {"model": "gemini-2.5-flash", "messages": [{"role": "user", "content": content}]}
    wire = mp.Request("POST", "/v1/chat/completions", (), json.dumps(body).encode())
    return mp.Exchange("openai", gemini(references="ask")), wire


def test_trap_33_the_caller_is_asked_for_what_gemini_may_not_fetch() -> None:
    mine = ("https://x/1.png", "http://x/2.pdf")
    exchange, wire = asking(*mine, "https://youtu.be/x", "gs://b/c", FILES, mine[0])
    assert exchange.request(wire) is None
    assert exchange.needs == mine
    assert exchange.supply(mine[0], b"\x89PNG", "image/png") is None
    sent = exchange.supply(mine[1], b"%PDF", "application/pdf")
    assert sent is not None
    parts = json.loads(sent.body)["contents"][0]["parts"]
    assert parts[1:] == [
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw=="}},
        {"inlineData": {"mimeType": "application/pdf", "data": "JVBERg=="}},
        {"fileData": {"fileUri": "https://youtu.be/x"}},
        {"fileData": {"fileUri": "gs://b/c"}},
        {"fileData": {"fileUri": FILES}},
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw=="}},
    ]
    assert {(loss.kind, loss.feature) for loss in exchange.losses} == {("approximated", "media.reference")}


def test_by_default_addresses_are_passed_on() -> None:
    _, wire = asking("https://x/1.png")
    sent = mp.Exchange("openai", "gemini").request(wire)
    assert sent is not None
    assert "fileUri" in sent.body.decode()


def test_media_of_tools_are_asked_for_and_geminis_own_are_not() -> None:
    result = {"role": "tool", "tool_call_id": "c", "content": [image("https://x/1.png")]}
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "tool_calls": [CALLED]}, result]
    body = json.dumps({"model": "gemini-3-flash", "messages": messages}).encode()
    exchange = mp.Exchange("openai", gemini(references="ask"))
    assert exchange.request(mp.Request("POST", "/v1/chat/completions", (), body)) is None
    assert exchange.needs == ("https://x/1.png",)
    own = {"contents": [{"role": "user", "parts": [{"fileData": {"fileUri": "https://x/1.png"}}]}]}
    path = "/v1beta/models/gemini-2.5-flash:generateContent"
    asked = mp.Request("POST", path, (), json.dumps(own).encode())
    assert mp.Exchange("gemini", gemini(references="ask")).request(asked) is not None


@pytest.mark.parametrize(
    ("part", "field", "place"),
    [
        ({"type": "document_url", "document_url": "https://x/a.pdf", "document_name": "n"}, "name", "document_name"),
        (
            {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "n"}},
            "name",
            "file.filename",
        ),
        (image("https://x/a.png", detail="low"), "detail", "image_url.detail"),
        (image("https://x/a.png", media_resolution="low"), "detail", "image_url.media_resolution"),
        (image("https://x/a.png", detail="auto", media_resolution="low"), "detail", "image_url.media_resolution"),
        (image("https://x/a.png", detail="low", media_resolution="low"), "detail", "image_url.detail"),
        (image("data:image/png;base64,AAAA", detail="low"), "detail", "image_url.detail"),
    ],
)
def test_a_loss_names_the_field_that_was_read(part: Any, field: str, place: str) -> None:
    report = mp.Report()
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": [part]}]}).encode()
    chat = mp.codecs()["openai"].chatting().read_request(mp.Request("POST", "", (), body), report)
    media = chat.messages[0].parts[0]
    assert getattr(media, field)
    report.lose("dropped", media, field, f"media.{field}", "another")
    assert [loss.path for loss in report.losses] == [f"$.messages[0].content[0].{place}"]
