"""Which protocol a client speaks, and which operation it asks for."""

import sys

import pytest

from metaphrase import Codec, Operation, ReadError, Request, client_of
from metaphrase.clients import Clients
from metaphrase.codec import Page, Routes
from metaphrase.http import Headers
from metaphrase.ir import ChatRequest
from metaphrase.registry import resolve
from tests.exchange.fake import fake

BOTH = ("openai", "gemini")
BEARER: Headers = (("Authorization", "Bearer sk-1"),)
GOOGLE: Headers = (("x-goog-api-key", "AIza"),)
CLIENT: Headers = (("x-goog-api-client", "google-genai-sdk/3.4.0"),)

OPENAI: list[tuple[str, str, bytes, Operation | None]] = [
    ("POST", "/v1/chat/completions", b"{}", "chat"),
    ("POST", "/v1/chat/completions/", b"{}", "chat"),
    ("POST", "/chat/completions?api-version=2024-02-01", b"{}", "chat"),
    ("POST", "/v1/chat/completions", b'{"stream":true}', "chat.stream"),
    ("POST", "/v1/chat/completions", b'\xef\xbb\xbf{"stream": true}', "chat.stream"),
    ("POST", "/v1/chat/completions", b'{"stream":false}', "chat"),
    ("POST", "/v1/chat/completions", b'{"stream":null}', "chat"),
    ("POST", "/v1/chat/completions", b'{"messages":[{"stream":true}]}', "chat"),
    ("POST", "/v1/chat/completions", b'{"stream":true', "chat"),
    ("POST", "/v1/chat/completions", b'{"stream":"yes"}', "chat"),
    ("POST", "/v1/chat/completions", b'\xff"stream"', "chat"),
    ("POST", "/openai/deployments/gpt-4o/chat/completions?api-version=1", b"", "chat"),
    ("POST", "/api/paas/v4/chat/completions", b"", "chat"),
    ("POST", "/v1beta/openai/chat/completions", b"", "chat"),
    ("POST", "/v1/embeddings", b"", "embedding"),
    ("POST", "/v1/responses/input_tokens", b"", "tokens"),
    ("POST", "/v1/responses", b"", None),
    ("POST", "/v1/completions", b"", None),
    ("POST", "/v1/models", b"", None),
    ("GET", "/v1/chat/completions", b"", None),
    ("PUT", "/v1/chat/completions", b"", None),
    ("GET", "/v1/models", b"", "models"),
    ("GET", "/openai/v1/models", b"", "models"),
    ("GET", "/models", b"", "models"),
    ("GET", "/v1/models/gpt-4o", b"", "model"),
    ("GET", "/v1/models/openai/gpt-4o", b"", "model"),
    ("GET", "/v1beta/openai/models", b"", "models"),
    ("GET", "/v1beta/models", b"", None),
    ("GET", "/v1beta1/publishers/google/models/x", b"", None),
    ("GET", "/v1/projects/p/locations/l/models", b"", None),
    ("GET", "/v1/files", b"", None),
    ("DELETE", "/v1/models/gpt-4o", b"", None),
]

GEMINI: list[tuple[str, str, bytes, Operation | None]] = [
    ("POST", "/v1beta/models/gemini-2.5-flash:generateContent", b"", "chat"),
    ("POST", "/v1/models/x:generateContent?key=k", b"", "chat"),
    ("POST", "/v1alpha/models/x:streamGenerateContent?alt=sse", b"", "chat.stream"),
    ("POST", "/v1beta/models/x:streamGenerateContent?%24alt=json%3Benum-encoding%3Dint", b"", "chat.stream"),
    ("POST", "/v1beta/tunedModels/x:generateContent", b"", "chat"),
    ("POST", "/v1beta1/projects/p/locations/l/publishers/google/models/x:generateContent", b"", "chat"),
    ("POST", "/v1/projects/p/locations/l/endpoints/1:generateContent", b"", "chat"),
    ("POST", "/google-vertex/v1beta1/publishers/google/models/x:generateContent", b"", "chat"),
    ("POST", "/gemini/v1beta/models/x:embedContent", b"", "embedding"),
    ("POST", "/v1/models/x:batchEmbedContents", b"", "embedding"),
    ("POST", "/v1/projects/p/locations/l/publishers/google/models/x:predict", b"", "embedding"),
    ("POST", "/v1beta/models/x:countTokens", b"", "tokens"),
    ("POST", "/v1beta/models/x:computeTokens", b"", None),
    ("POST", "/v1beta/cachedContents", b"", None),
    ("POST", "/models/x:generateContent", b"", None),
    ("POST", "/v2/models/x:generateContent", b"", None),
    ("POST", "/v1beta/x:generateContent", b"", None),
    ("POST", "/v1beta/models/x", b"", None),
    ("GET", "/v1beta/models/x:generateContent", b"", None),
    ("GET", "/v1beta/models", b"", "models"),
    ("GET", "/v1/models?pageSize=3", b"", "models"),
    ("GET", "/v1beta/models/gemini-2.5-flash", b"", "model"),
    ("GET", "/v1/projects/p/locations/l/publishers/google/models", b"", "models"),
    ("GET", "/v1beta/openai/models", b"", None),
    ("GET", "/models", b"", None),
    ("DELETE", "/v1beta/models/x", b"", None),
]


def routes(name: str) -> Routes:
    found = resolve(name).routes
    assert found is not None
    return found


def get(target: str, headers: Headers = ()) -> Request:
    return Request("GET", target, headers)


@pytest.mark.parametrize(
    ("codec", "method", "target", "body", "operation"),
    [("openai", *row) for row in OPENAI] + [("gemini", *row) for row in GEMINI],
)
def test_operations_by_method_path_and_body(
    codec: str, method: str, target: str, body: bytes, operation: Operation | None
) -> None:
    recognise = resolve(codec).recognise
    assert recognise is not None
    assert recognise(Request(method, target, (), body)) == operation


@pytest.mark.parametrize(
    ("target", "headers", "default", "expected"),
    [
        ("/v1/models", BEARER, None, "openai"),
        ("/v1/models", (("api-key", "azure"),), "gemini", "openai"),
        ("/v1/models", GOOGLE, "openai", "gemini"),
        ("/v1/models", CLIENT, "openai", "gemini"),
        ("/v1/models?key=AIza", (), "openai", "gemini"),
        ("/v1/models?$key=AIza", (), None, "gemini"),
        ("/v1/models", (), None, "openai"),
        ("/v1/models", (), "gemini", "gemini"),
        ("/v1/models", (*BEARER, *GOOGLE), "gemini", "gemini"),
        ("/v1/models", (*BEARER, *GOOGLE), None, "openai"),
        ("/v1/models/x", GOOGLE, None, "gemini"),
        ("/openai/v1/models", GOOGLE, "gemini", "openai"),
        ("/gemini/v1/models", BEARER, "openai", "gemini"),
        ("/openaix/v1/models", GOOGLE, None, "gemini"),
        ("/v1beta/models", BEARER, "openai", "gemini"),
        ("/models", GOOGLE, "gemini", "openai"),
        ("/v1/files", GOOGLE, None, "gemini"),
        ("/v1/files", BEARER, "gemini", "openai"),
        ("/v1/files", (), "gemini", "gemini"),
        ("/v1/files", (), None, "openai"),
        ("/gemini", BEARER, None, "gemini"),
    ],
)
def test_where_an_address_is_ambiguous(target: str, headers: Headers, default: str | None, expected: str) -> None:
    assert client_of(get(target, headers), BOTH, default=default).name == expected


def test_mounts_are_the_callers() -> None:
    mounts: dict[str, str | Codec] = {"/g": "gemini", "/g/o/": "openai"}
    assert client_of(get("/g/v1/models", BEARER), BOTH, mounts=mounts).name == "gemini"
    assert client_of(get("/g/o/v1/models", GOOGLE), BOTH, mounts=mounts).name == "openai"
    assert client_of(get("/openai/v1/models", GOOGLE), BOTH, mounts=mounts).name == "gemini"


def test_one_server_asks_again_and_again() -> None:
    clients = Clients(BOTH, default="gemini")
    for _ in range(2):
        assert clients.of(get("/v1/models", BEARER)).name == "openai"
        assert clients.of(get("/v1/models")).name == "gemini"
        assert clients.of(get("/openai", GOOGLE)).name == "openai"


@pytest.mark.parametrize("codec", BOTH)
def test_no_address_is_remembered_with_its_query(codec: str) -> None:
    recognise = resolve(codec).recognise
    assert recognise is not None
    target = f"/v1beta/models/m:generateContent?key={codec}"  # made here: nobody else has it
    before = sys.getrefcount(target)
    recognise(Request("POST", target))
    assert sys.getrefcount(target) == before


def test_a_client_of_any_codec() -> None:
    mute = fake("mute", recognise=None, routes=None)
    assert client_of(get("/anything"), [mute, fake("b")]).name == "b"
    assert client_of(Request("POST", "/nothing"), [mute, fake("b")], default="openai").name == "mute"


@pytest.mark.parametrize(
    ("codec", "target", "headers", "key"),
    [
        ("openai", "/v1/models", BEARER, "sk-1"),
        ("openai", "/v1/models", (("authorization", "bearer   sk-1  "),), "sk-1"),
        ("openai", "/v1/models", (("authorization", "Basic x"),), None),
        ("openai", "/v1/models", (("Api-Key", "azure"),), "azure"),
        ("openai", "/v1/models?key=k", GOOGLE, None),
        ("gemini", "/v1/models", GOOGLE, "AIza"),
        ("gemini", "/v1/models?key=a%2Bb", (), "a+b"),
        ("gemini", "/v1/models?%24key=k&alt=sse", (), "k"),
        ("gemini", "/v1/models?key=q", GOOGLE, "AIza"),
        ("gemini", "/v1/models", BEARER, "sk-1"),
        ("gemini", "/v1/models", (), None),
    ],
)
def test_keys(codec: str, target: str, headers: Headers, key: str | None) -> None:
    assert routes(codec).key(get(target, headers)) == key


@pytest.mark.parametrize("codec", BOTH)
def test_a_key_that_was_written_is_read_again(codec: str) -> None:
    credentials = resolve(codec).credentials
    assert credentials is not None
    assert routes(codec).key(get("/v1/models", credentials("the-key"))) == "the-key"
    assert routes(codec).claims(get("/v1/models", credentials("the-key")))
    assert not routes(codec).claims(get("/v1/models"))


@pytest.mark.parametrize(
    ("codec", "method", "target", "model"),
    [
        ("openai", "POST", "/openai/deployments/gpt-4o/chat/completions?api-version=1", "gpt-4o"),
        ("openai", "POST", "/openai/deployments/a%20b/embeddings", "a b"),
        ("openai", "POST", "/v1/chat/completions", None),
        ("openai", "GET", "/v1/models/ft%3Agpt", "ft:gpt"),
        ("openai", "GET", "/v1/models/openai/gpt-4o", "openai/gpt-4o"),
        ("openai", "GET", "/v1/models", None),
        ("openai", "GET", "/v1/files", None),
        ("gemini", "POST", "/v1beta/models/gemini-2.5-flash:generateContent", "gemini-2.5-flash"),
        ("gemini", "POST", "/m/v1/models/a%20b:countTokens?key=x", "a b"),
        ("gemini", "POST", "/v1beta/tunedModels/t:generateContent", "tunedModels/t"),
        ("gemini", "GET", "/v1beta/models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("gemini", "GET", "/v1beta/models", None),
    ],
)
def test_models_in_addresses(codec: str, method: str, target: str, model: str | None) -> None:
    assert routes(codec).model(Request(method, target)) == model


@pytest.mark.parametrize(
    ("codec", "model", "page", "target"),
    [
        ("openai", None, Page(), "/v1/models"),
        ("openai", "ft:a/b?c", Page(), "/v1/models/ft%3Aa%2Fb%3Fc"),
        ("gemini", None, Page(), "/v1beta/models?pageSize=1000"),
        ("gemini", None, Page(5, "a&b"), "/v1beta/models?pageSize=5&pageToken=a%26b"),
        ("gemini", None, Page(5000), "/v1beta/models?pageSize=1000"),
        ("gemini", "gemini-2.5-flash", Page(), "/v1beta/models/gemini-2.5-flash"),
        ("gemini", "models/x", Page(), "/v1beta/models/x"),
    ],
)
def test_targets_of_model_lists(codec: str, model: str | None, page: Page, target: str) -> None:
    assert routes(codec).catalog(model, page) == target


@pytest.mark.parametrize(
    ("target", "page"),
    [
        ("/v1beta/models", Page()),
        ("/v1beta/models?pageSize=3&pageToken=t", Page(3, "t")),
        ("/v1beta/models?page_size=3&page_token=t", Page(3, "t")),
        ("/v1beta/models?pageSize=0&pageToken=", Page()),
        ("/v1beta/models?pageSize=", Page()),
    ],
)
def test_pages(target: str, page: Page) -> None:
    assert routes("gemini").page(get(target)) == page
    assert routes("openai").page(get(target)) == Page()


@pytest.mark.parametrize("size", ["-1", "many", "1e3", "99999999999", "²"])
def test_a_page_size_that_is_no_number(size: str) -> None:
    with pytest.raises(ReadError):
        routes("gemini").page(get(f"/v1beta/models?pageSize={size}"))


def test_how_streams_are_announced() -> None:
    events = "text/event-stream"
    for codec in BOTH:
        assert dict(routes(codec).stream_headers(None))["content-type"].startswith(events)
    asked = ChatRequest((), target="/v1beta/models/x:streamGenerateContent?alt=sse")
    assert dict(routes("gemini").stream_headers(asked))["content-type"] == events
    for target in ("/v1beta/models/x:streamGenerateContent", "/v1/models/x:streamGenerateContent?%24alt=json"):
        headers = dict(routes("gemini").stream_headers(ChatRequest((), target=target)))
        assert headers["content-type"] == "application/json; charset=UTF-8"


def test_time_is_linear_in_the_address() -> None:
    for codec in BOTH:
        recognise = resolve(codec).recognise
        assert recognise is not None
        for method in ("GET", "POST"):
            for piece in ("/v1", "/models", "/v1/models/x", "/projects/p/locations/l", ":", "//"):
                assert recognise(Request(method, piece * 4000 + "!", (), b"")) in (None, "model")
