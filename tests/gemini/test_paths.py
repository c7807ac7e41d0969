"""Models in paths, names of functions, texts in objects, offsets, MIME types."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from metaphrase import ReadError, Report, WriteError, ir
from metaphrase.wirejson import raw_object
from metaphrase_gemini import paths
from metaphrase_gemini.media import kind_of, sniffed
from metaphrase_gemini.names import tool_name
from metaphrase_gemini.paths import read_target, write_target
from metaphrase_gemini.spans import Offsets
from metaphrase_gemini.values import unwrap_arguments, unwrap_result, wrap_arguments, wrap_result
from tests.gemini.helpers import chat, codec, read, request, translated

TARGETS = [
    ("gemini-2.5-flash", "/v1beta/models/gemini-2.5-flash:generateContent"),
    ("a/b:c d@é", "/v1beta/models/a%2Fb%3Ac%20d%40%C3%A9:generateContent"),
    ("tunedModels/x", "/v1beta/tunedModels/x:generateContent"),
    ("projects/p/locations/l/endpoints/1", "/v1beta1/projects/p/locations/l/endpoints/1:generateContent"),
]


@pytest.mark.parametrize(("model", "target"), TARGETS)
def test_models_stand_in_the_path(model: str, target: str) -> None:
    assert write_target(model, stream=False) == target
    assert read_target(target) == (model, False)


@pytest.mark.parametrize("model", ["models/x", "google/x", "gemini/x", "models/google/x"])
def test_other_clients_prefixes_mean_the_same(model: str) -> None:
    assert write_target(model, stream=True) == "/v1beta/models/x:streamGenerateContent?alt=sse"


def test_a_vertex_path_names_its_model() -> None:
    path = "/v1/projects/p/locations/l/publishers/google/models/gemini-2.0-flash:streamGenerateContent"
    assert read_target(path) == ("gemini-2.0-flash", True)


def test_a_path_without_a_model_names_none() -> None:
    assert read_target("") == (None, False)
    assert read_target("/v1beta/models/:generateContent") == (None, False)


@pytest.mark.parametrize("model", ["../x", "a?b", "a&b", "a\nb"])
def test_names_that_lead_elsewhere_are_refused(model: str) -> None:
    with pytest.raises(WriteError):
        translated(chat(model=model))
    quoted = model.replace("?", "%3F").replace("\n", "%0A")
    with pytest.raises(ReadError):
        read(request(), f"/v1beta/models/{quoted}:generateContent")


def test_a_target_gone_bad_is_made_anew() -> None:
    read_one = msgspec.structs.replace(read(request()), target="/v1beta/models/../x:generateContent")
    out = codec.chatting().write_request(read_one, Report())
    assert out.target == "/v1beta/models/gemini-2.5-flash:generateContent"


def test_without_a_model_there_is_no_path() -> None:
    _, losses = translated(chat(model=None))
    assert losses == [("defaulted", "", "request.model")]
    _, losses = translated(chat(model="", stream=True))
    assert losses == [("defaulted", "", "request.model"), ("dropped", "$.stream", "request.stream")]


@pytest.mark.parametrize("name", ["f", "_f", "a.b:c-d", "F" * 64])
def test_legal_names_stay(name: str) -> None:
    assert codec.chatting().tool_name(name) == name


@pytest.mark.parametrize("name", ["", "1f", "-f", "ä", "a b", "f" * 65, "\ud800"])
def test_other_names_become_legal_ones(name: str) -> None:
    made = tool_name(name)
    assert tool_name(made) == made
    assert len(made) <= 64
    assert tool_name(name + "x") != made


TEXTS = st.one_of(
    st.text(),
    st.sampled_from(
        ["", " ", "null", "{}", '{"a":1}', '{"result":"x"}', "[1]", '"x"', '{"__raw_arguments":"x"}', "{} {}"]
    ),
    st.text().map(lambda text: msgspec.json.encode({"result": text}).decode()),
    st.text().map(lambda text: msgspec.json.encode({"__raw_arguments": text}).decode()),
)


def test_objects_that_only_look_wrapped_stay() -> None:
    for raw in (b'{"result":"x","n":1}', b'{"result":"x","m":"y"}', b'{"result":1}', b"{}"):
        assert unwrap_result(Raw(raw)) == Raw(raw)
    assert unwrap_arguments('{"__raw_arguments":"x","n":1}') == '{"__raw_arguments":"x","n":1}'


@given(TEXTS)
def test_any_text_comes_back_from_a_response(text: str) -> None:
    found = unwrap_result(wrap_result(text))
    assert (found if isinstance(found, str) else str(found, "utf-8")) == text


@given(TEXTS)
def test_any_object_comes_back_from_a_text(text: str) -> None:
    """Wrapping what was unwrapped gives the object again: no hop nests what another wrapped."""
    for _ in range(4):
        raw = Raw(msgspec.json.encode({"result": text}))
        found = unwrap_result(raw)
        assert (wrap_result(found) if isinstance(found, str) else found) == raw
        text = str(raw, "utf-8")


@given(TEXTS)
def test_any_text_comes_back_from_arguments(text: str) -> None:
    args, exact = wrap_arguments(text)
    found = unwrap_arguments(str(args, "utf-8"))
    assert found == (text if text.strip(" \t\r\n") not in ("", "null") else "{}")
    if "__raw_arguments" not in text:
        assert exact is (raw_object(text) is not None or text.strip(" \t\r\n") in ("", "null"))


@given(TEXTS)
def test_any_arguments_come_back_from_a_text(text: str) -> None:
    raw = msgspec.json.encode({"__raw_arguments": text}).decode()
    assert str(wrap_arguments(unwrap_arguments(raw))[0], "utf-8") == raw


@given(st.text(), st.integers(-3, 30))
def test_offsets_count_bytes_there_and_code_points_here(text: str, point: int) -> None:
    offsets = Offsets(text)
    byte, inside = offsets.bytes(point)
    assert inside is (0 <= point <= len(text))
    assert offsets.points(byte) == (min(max(point, 0), len(text)), True)
    assert byte == len(text[: max(point, 0)].encode("utf-8", "surrogatepass"))


def test_an_offset_within_a_character_goes_to_its_beginning() -> None:
    assert Offsets("aé").points(2) == (1, False)
    assert Offsets("aé").points(99) == (2, False)
    assert Offsets("ab").points(-1) == (0, False)


@pytest.mark.parametrize(
    ("mime", "uri", "kind"),
    [
        ("image/png", "", "image"),
        ("AUDIO/L16;codec=pcm", "", "audio"),
        ("video/mp4", "", "video"),
        ("application/pdf", "", "document"),
        ("text/html", "", "document"),
        ("application/zip", "", "other"),
        (None, "https://a/b.jpeg#x", "image"),
        (None, "https://www.youtube.com/watch?v=1", "video"),
        (None, "https://a/b", "other"),
    ],
)
def test_kinds_of_media(mime: str | None, uri: str, kind: str) -> None:
    assert kind_of(mime, uri) == kind


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        ("iVBORw0KGgo=", "image/png"),
        ("_9j_4AAQSkZJRg==", "image/jpeg"),
        ("/9j/4AAQSkZJRg==", "image/jpeg"),
        ("UklGRiQAAABXQVZFZm10IA==", "audio/wav"),
        ("UklGRiQAAABXRUJQVlA4IA==", "image/webp"),
        ("JVBERi0xLjQK", "application/pdf"),
        ("AAAA", None),
        ("A", None),
        ("", None),
    ],
)
def test_inline_data_speaks_for_itself(data: str, mime: str | None) -> None:
    assert sniffed(ir.Inline.of(data).raw) == mime


def test_what_is_kept_of_a_target_has_no_key() -> None:
    read_target("/v1beta/models/kept:generateContent?key=one")
    before = paths._read_path.cache_info().currsize
    read_target("/v1beta/models/kept:generateContent?key=two")
    assert paths._read_path.cache_info().currsize == before
