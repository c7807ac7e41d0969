"""Base64 and addresses in every spelling, and what is none."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

import metaphrase as mp
from metaphrase.base64text import EMPTY, judged
from metaphrase.ir import Inline
from tests.media.helpers import image, lost, to_gemini, to_openai

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"
PART = "$.messages[0].content[0]"
URL = f"{PART}.image_url"

SPELLINGS = [
    (f"data:image/png;base64,{PNG}", "image/png", PNG),
    (f"data:image/png;charset=utf-8;base64,{PNG}", "image/png", PNG),
    (f"data:image/png;base64,{PNG[:8]}\r\n{PNG[8:]}\n", "image/png", PNG),
    (f"data:image/png;base64, {PNG}", "image/png", PNG),
    (f"  data:image/png;base64,{PNG}", "image/png", PNG),
    (f"DATA:Image/PNG;BASE64,{PNG}", "image/png", PNG),
    ("data:image/png;base64,iVBORw", "image/png", "iVBORw=="),
    ("data:image/png;base64,iVBORw0", "image/png", "iVBORw0="),
    ("data:image/png;base64,iVBORw=", "image/png", "iVBORw=="),
    ("data:image/png;base64,%69VBORw0KGgo%3D", "image/png", "iVBORw0KGgo="),
    ("data:image/png;base64,_-_-", "image/png", "_-_-"),
    ("data:image/png;base64,_-_-_w", "image/png", "/+/+/w=="),
    ("data:image/jpg;base64,/9j/", "image/jpeg", "/9j/"),
    ("data:text/plain,a%20b", "text/plain", "YSBi"),
    ("data:,a%20b", "text/plain", "YSBi"),
    ("data:image/svg+xml;utf8,<svg/>", "image/svg+xml", "PHN2Zy8+"),
]


@pytest.mark.parametrize(("url", "mime", "data"), SPELLINGS)
def test_trap_34_data_urls_in_every_legal_spelling(url: str, mime: str, data: str) -> None:
    parts, done = to_gemini(image(url))
    assert parts == [{"inlineData": {"mimeType": mime, "data": data}}]
    assert [kind for kind, _, _ in lost(done)] == (["approximated"] if "svg" in mime else [])
    assert again(image(url)) == image(url)


def again(part: Any) -> Any:
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": [part, {"type": "text", "text": "?"}]}]})
    done = mp.convert(body.encode(), source="openai", target="openai", kind="chat.request", path="/v1/chat/completions")
    assert done.losses == ()
    return json.loads(done.body)["messages"][0]["content"][0]


MALFORMED: list[tuple[Any, list[Any], list[tuple[str, str, str]]]] = [
    (image("data:image/png;base64,"), [], [("dropped", PART, "media.data")]),
    (image("data:image/png;base64,  "), [], [("dropped", PART, "media.data")]),
    (image(""), [], [("dropped", PART, "media.data")]),
    (
        image("data:image/png;base64,abcde"),
        [{"inlineData": {"mimeType": "image/png", "data": "abcde"}}],
        [("approximated", URL, "media.data")],
    ),
    (
        image("data:image/png;base64,!!!!"),
        [{"inlineData": {"mimeType": "image/png", "data": "!!!!"}}],
        [("approximated", URL, "media.data")],
    ),
    (
        image("data:image/png;base64,ab=cabcd"),
        [{"inlineData": {"mimeType": "image/png", "data": "ab=cabcd"}}],
        [("approximated", URL, "media.data")],
    ),
    (
        image("data:image/png;base64,a==="),
        [{"inlineData": {"mimeType": "image/png", "data": "a==="}}],
        [("approximated", URL, "media.data")],
    ),
    (
        image("data:image/png;base64"),
        [{"fileData": {"fileUri": "data:image/png;base64"}}],
        [("approximated", f"{URL}.url", "media.data")],
    ),
    (
        image("somewhere.png"),
        [{"fileData": {"mimeType": "image/png", "fileUri": "somewhere.png"}}],
        [("approximated", f"{URL}.url", "media.data")],
    ),
    (
        image("data:;base64,AAAA"),
        [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}],
        [("defaulted", f"{URL}.url", "media.mime")],
    ),
    ({"type": "file", "file": {"file_data": ""}}, [], [("dropped", PART, "media.data")]),
    ({"type": "file", "file": {"filename": "a.pdf"}}, [], [("dropped", PART, "part.file")]),
    ({"type": "file", "file": {"file_id": "file-1"}}, [], [("dropped", PART, "media.file_id")]),
    ({"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}, [], [("dropped", PART, "media.data")]),
    (
        {"type": "input_audio", "input_audio": {"data": "abcde", "format": "wav"}},
        [{"inlineData": {"mimeType": "audio/wav", "data": "abcde"}}],
        [("approximated", f"{PART}.input_audio.data", "media.data")],
    ),
]


@pytest.mark.parametrize(("part", "parts", "losses"), MALFORMED)
def test_malformed_media_is_named_with_its_path(part: Any, parts: list[Any], losses: list[Any]) -> None:
    found, done = to_gemini(part)
    assert found == (parts or [{"text": ""}])
    assert lost(done) == losses
    assert again(part) == part


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ({"type": "image_url", "image_url": {}}, URL),
        ({"type": "image_url", "image_url": {"url": 5}}, f"{URL}.url"),
        ({"type": "image_url", "image_url": {"url": None}}, URL),
        ({"type": "input_audio", "input_audio": {"format": "wav"}}, f"{PART}.input_audio"),
        ({"type": "file", "file": {"file_data": 1}}, f"{PART}.file.file_data"),
    ],
)
def test_media_of_a_wrong_type_is_no_request(part: Any, path: str) -> None:
    with pytest.raises(mp.ReadError) as error:
        to_gemini(part)
    assert error.value.path.startswith(path)


@pytest.mark.parametrize("url", [r"data:a\ud800,x", r"data:,\ud800", r" \ud800", r"data:image/png;base64,\ud800AA"])
def test_half_a_letter_is_no_address(url: str) -> None:
    body = '{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"@"}}]}]}'
    try:
        done = mp.convert(body.replace("@", url).encode(), source="openai", target="gemini", kind="chat.request")
    except mp.MetaphraseError:
        return
    assert lost(done)


def test_trap_10_the_alphabet_is_normalised_toward_openai() -> None:
    content, done = to_openai({"inlineData": {"mimeType": "image/png", "data": "_-_-_w"}})
    assert content == [image("data:image/png;base64,/+/+/w==")]
    assert done.losses == ()
    content, done = to_openai({"inlineData": {"mimeType": "image/png", "data": ""}})
    assert content == ""
    assert lost(done) == [("dropped", "$.contents[0].parts[0]", "media.data")]
    content, done = to_openai({"inlineData": {"mimeType": "image/jpg", "data": "abcde"}})
    assert content == [image("data:image/jpeg;base64,abcde")]
    assert lost(done) == [("approximated", "$.contents[0].parts[0].inlineData.data", "media.data")]
    content, done = to_openai({"fileData": {"fileUri": "nowhere"}})
    assert lost(done) == [("approximated", "$.contents[0].parts[0].fileData.fileUri", "media.data")]


LONG = base64.b64encode(bytes(range(256)) * 40).decode()  # 13,656 letters
SILENT = "A" * 8192


@pytest.mark.parametrize(
    ("text", "standard", "fault", "becomes"),
    [
        (LONG, True, "", LONG),
        (LONG * 50, True, "not base64", None),  # padding within
        (SILENT + "/w==", True, "", SILENT + "/w=="),
        (SILENT + "_w==", True, "", SILENT + "/w=="),
        (SILENT + "_w==", False, "", SILENT + "_w=="),
        (SILENT + "_AAA" + SILENT, True, "", SILENT + "/AAA" + SILENT),
        (SILENT + "-A==", True, "", SILENT + "+A=="),
        (SILENT + "=A==", False, "not base64", None),
        (SILENT + "/w=", True, "", SILENT + "/w=="),
        (SILENT + "\n/w==", True, "", SILENT + "/w=="),
        ("/" + "A" * (1 << 21) + "AAA", True, "", "/" + "A" * (1 << 21) + "AAA"),
        ("A" * (1 << 21) + "_w==", True, "", "A" * (1 << 21) + "/w=="),
        ("A" * (1 << 21) + "_w==", False, "", "A" * (1 << 21) + "_w=="),
        ("A" * (1 << 21) + "****", False, "not base64", None),
        ("", False, EMPTY, None),
        ("====", False, EMPTY, None),
    ],
)
def test_large_data_is_judged_by_its_ends(text: str, standard: bool, fault: str, becomes: str | None) -> None:
    given_ = Inline.of(text)
    inline, found = judged(given_, standard=standard)
    assert found == fault
    assert inline.data == (text if becomes is None else becomes)


def test_json_escapes_within_the_data() -> None:
    slashes = Inline(Raw(b'"' + b"\\/" * 4 + b'"'))
    assert judged(slashes) == (Inline.of("////"), "")
    assert judged(Inline(Raw(b'"' + b"\\/AAA" * 2000 + b'"')))[0].data == "/AAA" * 2000
    assert judged(Inline(Raw(b'"' + b"A" * 4096 + b"\\/AAAA" * 2000 + b'"')))[1] == ""
    assert judged(Inline(Raw(b'"\\ud800"')))[1] == "not base64"


@given(st.binary(min_size=1), st.booleans(), st.booleans(), st.booleans())
def test_any_spelling_of_any_bytes_is_those_bytes(data: bytes, url_safe: bool, padded: bool, spaced: bool) -> None:
    text = (base64.urlsafe_b64encode(data) if url_safe else base64.b64encode(data)).decode()
    text = text if padded else text.rstrip("=")
    text = "\n".join([text[:3], text[3:]]) if spaced else text
    inline, fault = judged(Inline.of(text), standard=True)
    assert fault == ""
    assert base64.b64decode(inline.data, validate=True) == data
