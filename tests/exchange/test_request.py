"""What goes to the upstream."""

import pytest

from metaphrase import (
    Exchange,
    Loss,
    LossRefused,
    MetaphraseError,
    ReadError,
    Request,
    Response,
    RouteError,
    WriteError,
    convert,
)
from metaphrase.errors import EventError
from metaphrase.ir import Failure
from tests.exchange.fake import body, decode, fake, post


def sent(exchange: Exchange, request: Request) -> Request:
    found = exchange.request(request)
    assert found is not None
    return found


def test_a_chat_request_goes_out_with_what_its_upstream_expects() -> None:
    exchange = Exchange(fake("a"), fake("b"))
    request = sent(exchange, post(say="hello"))
    assert (request.method, request.target) == ("POST", "/say/m")
    assert dict(request.headers) == {
        "content-type": "application/json",
        "accept": "application/json",
        "key": "k",
    }
    assert decode(request.body)["parts"][0]["text"] == "hello"
    assert exchange.operation == "chat"
    assert not exchange.streams
    assert exchange.losses == ()


def test_a_streamed_answer_is_asked_for_as_events() -> None:
    exchange = Exchange(fake("a"), fake("b"))
    assert sent(exchange, post(stream=True)).header("accept") == "text/event-stream"
    assert exchange.streams
    assert not exchange.streaming


def test_only_listed_headers_cross() -> None:
    headers = (
        ("Key", "k"),
        ("Cookie", "c=1"),
        ("X-Stainless-Lang", "python"),
        ("User-Agent", "me"),
        ("Host", "here"),
        ("Connection", "x-own"),
        ("TraceParent", "00-1-2-01"),
        ("tracestate", "a=1"),
        ("X-Request-Id", "r"),
        ("X-Own", "o"),
    )
    crossed = dict(sent(Exchange(fake("a"), fake("b")), post(headers=headers)).headers)
    assert crossed.keys() == {
        "content-type", "accept", "key", "traceparent", "tracestate", "x-request-id"
    }  # fmt: skip


def test_headers_of_one_protocol_go_to_an_upstream_of_the_same() -> None:
    headers = (("X-Own", "o"), ("Cookie", "c=1"))
    crossed = dict(sent(Exchange(fake("a"), fake("a")), post(headers=headers)).headers)
    assert crossed == {"content-type": "application/json", "accept": "application/json", "x-own": "o"}


def test_the_clients_address_never_goes_to_an_upstream_of_the_same_protocol() -> None:
    assert sent(Exchange(fake("a"), fake("a")), post("/say?key=secret")).target == "/say/m"


def test_the_caller_may_set_the_upstreams_key() -> None:
    assert sent(Exchange(fake("a"), fake("b"), key="other"), post()).header("key") == "other"
    without = fake("b", credentials=None)
    assert sent(Exchange(fake("a"), without, key="other"), post()).header("key") is None
    assert sent(Exchange(fake("a", routes=None), fake("b", routes=None)), post()).header("key") is None


@pytest.mark.parametrize("value", ["a\rb", "a\nb", "a\0b", "a\x7fb", "a\u2028b"])
def test_header_values_cannot_inject(value: str) -> None:
    with pytest.raises(ReadError, match="x-request-id"):
        Exchange(fake("a"), fake("b")).request(post(headers=(("x-request-id", value),)))


@pytest.mark.parametrize("key", ["", "a b", "a\r\nx: y", "a\0", "käse"])
def test_keys_cannot_inject(key: str) -> None:
    with pytest.raises(ReadError) as caught:
        Exchange(fake("a"), fake("b")).request(post(headers=(("key", key),)))
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize("model", ["", "../x", "a?b", "a&b", "a\nb", "a\0b", "a\x9fb", "a/..", 1, None])
def test_a_model_that_could_lead_elsewhere_is_refused(model: object) -> None:
    exchange = Exchange(fake("a"), fake("b"))
    with pytest.raises(MetaphraseError) as caught:
        exchange.request(post(model=model) if not isinstance(model, int) else post("/nowhere"))
    assert exchange.refuse(caught.value).status in (400, 404)


def test_the_model_may_stand_in_the_address() -> None:
    class InPath:
        headers = ()

        def __getattr__(self, name: str) -> object:
            return getattr(fake().routes, name)

        def model(self, request: Request) -> str:
            assert request.method == "POST"
            return "from-path"

    assert sent(Exchange(fake("a", routes=InPath()), fake("b")), post(model=None)).target == "/say/from-path"


def test_models_have_other_names_upstream() -> None:
    exchange = Exchange(fake("a"), fake("b"), models={"m": "big-model"})
    assert sent(exchange, post()).target == "/say/big-model"


@pytest.mark.parametrize("model", [None, ""])
def test_requests_without_a_model_may_get_one(model: str | None) -> None:
    exchange = Exchange(fake("a"), fake("b"), models={"": "usual"})
    assert sent(exchange, post(model=model)).target == "/say/usual"
    answer = decode(exchange.response(Response(200, (), b'{"said":"x","model":"usual"}')).body)
    assert (answer["model"], answer["asked"]) == ("usual", "usual")


def test_names_of_models_upstream_are_checked_too() -> None:
    for request in (post(), Request("GET", "/models/m")):
        with pytest.raises(ReadError, match="elsewhere"):
            Exchange(fake("a"), "gemini", models={"m": "../x"}).request(request)


@pytest.mark.parametrize(
    ("name", "value"),
    [("k", "v\r\nx: y"), ("k", "v\nx\ny"), ("k\nv\nx", "y"), ("k y", "v"), ("k:y", "v"), ("", "v"), ("k", "\u20ac")],
)
def test_what_no_header_can_hold_is_not_sent(name: str, value: str) -> None:
    with pytest.raises(WriteError, match="header"):
        Exchange(fake("a"), fake("b", credentials=lambda _: ((name, value),))).request(post())


def test_what_no_target_can_hold_is_not_sent() -> None:
    with pytest.raises(WriteError, match="address"):
        Exchange(fake("a"), fake("b")).request(post(model="two words"))


def test_an_exchange_is_one_call() -> None:
    exchange = Exchange(fake("a"), fake("b"))
    with pytest.raises(MetaphraseError, match="after the request"):
        exchange.head(Response())
    sent(exchange, post())
    with pytest.raises(MetaphraseError, match="one call"):
        exchange.request(post())
    with pytest.raises(MetaphraseError, match="head"):
        exchange.feed(b"")
    exchange.head(Response())
    with pytest.raises(MetaphraseError, match="once"):
        exchange.head(Response())


def test_losses_may_be_refused_before_anything_is_sent() -> None:
    assert [loss.feature for loss in _losses(Exchange(fake("a"), fake("b")))] == ["fake.say"]
    with pytest.raises(LossRefused):
        _losses(Exchange(fake("a"), fake("b"), on_loss="refuse"))
    with pytest.raises(LossRefused):
        _losses(Exchange(fake("a"), fake("b"), on_loss=lambda loss: loss.feature == "fake.say"))
    assert _losses(Exchange(fake("a"), fake("b"), on_loss=lambda loss: loss.feature == "other"))


def _losses(exchange: Exchange) -> tuple[Loss, ...]:
    exchange.request(post(say="lossy"))
    return exchange.losses


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RouteError("x"), 404),
        (ReadError("x", "$.messages[0]"), 400),
        (WriteError("x"), 400),
        (MetaphraseError("x"), 501),
        (EventError("x"), 501),
        (Failure(429, "RESOURCE_EXHAUSTED", "x"), 429),
    ],
)
def test_the_client_hears_of_errors_in_its_own_protocol(error: MetaphraseError | Failure, status: int) -> None:
    exchange = Exchange(fake("a"), fake("b"))
    answer = exchange.refuse(error)
    assert answer.status == status
    assert decode(answer.body)["error"] == "x"
    assert answer.header("content-type") == "application/fake"
    assert answer.header("x-request-id") is None  # it could have injected
    assert exchange.answered == Response(status, answer.headers)
    assert exchange.failure is not None
    assert exchange.failure.status == status


def test_an_error_names_its_place_as_a_parameter() -> None:
    exchange = Exchange(fake("a"), fake("b"))
    assert decode(exchange.refuse(ReadError("x", "$.messages[0]")).body)["param"] == "messages[0]"
    assert decode(exchange.refuse(ReadError("x")).body)["param"] is None


def test_a_codec_without_failures_still_answers() -> None:
    answer = Exchange(fake("a", failure=None), fake("b")).refuse(RouteError("x"))
    assert decode(answer.body) == {"error": {"code": 404, "message": "x", "status": "NOT_FOUND"}}


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (post("/nowhere"), RouteError),
        (Request("POST", "/say", (), b"{"), ReadError),
        (Request("POST", "/say", (), b"\xff"), ReadError),
        (Request("POST", "/say", (), b"[" * 1000), ReadError),
        (post(say="unsayable"), WriteError),
    ],
)
def test_what_cannot_be_translated_raises(request_: Request, kind: type[MetaphraseError]) -> None:
    with pytest.raises(kind):
        Exchange(fake("a"), fake("b")).request(request_)


@pytest.mark.parametrize("lacking", ["recognise", "chat", "stream"])
@pytest.mark.parametrize("side", ["client", "upstream"])
def test_what_a_codec_lacks_is_said_at_once(lacking: str, side: str) -> None:
    poor = fake("poor", **{lacking: None})
    exchange = Exchange(poor, fake()) if side == "client" else Exchange(fake(), poor)
    if (lacking, side) == ("recognise", "upstream"):
        assert exchange.request(post(stream=True))
        return
    with pytest.raises(MetaphraseError) as caught:
        exchange.request(post(stream=True))
    assert exchange.refuse(caught.value).status == 501


@pytest.mark.parametrize(("target", "lacking"), [("/embed", "embedding"), ("/count", "tokens"), ("/models", "catalog")])
def test_other_operations_that_a_codec_lacks(target: str, lacking: str) -> None:
    request = Request("GET", target) if lacking == "catalog" else post(target)
    upstream = fake("b", **{lacking: None, "routes": None} if lacking == "catalog" else {lacking: None})
    with pytest.raises(MetaphraseError):
        Exchange(fake("a"), upstream).request(request)


def test_embeddings_and_token_counts_go_through() -> None:
    exchange = Exchange(fake("a"), fake("b"), models={"m": "big"})
    assert sent(exchange, Request("POST", "/embed", (), body())).target == "/embed/big"
    answer = exchange.response(Response(200, (), b'{"model":"big"}'))
    assert decode(answer.body) == {"model": "m", "asked": "m"}
    exchange = Exchange(fake("a"), fake("b"))
    assert sent(exchange, Request("POST", "/embed", (), body())).target == "/embed/m"
    assert decode(exchange.response(Response(200, (), b'{"model":"m-1"}')).body) == {"model": "m-1", "asked": "m"}
    exchange = Exchange(fake("a"), fake("b"), models={"m": "big"})
    assert sent(exchange, Request("POST", "/count", (), body())).target == "/count/big"
    assert decode(exchange.response(Response(200, (), b'{"total":7}')).body) == {"total": 7}


@pytest.mark.parametrize(
    ("target", "models", "more"),
    [
        ("/models", ["m1", "m2", "m3", "mine"], None),
        ("/models?token=", ["m1", "m2"], "2"),
        ("/models?token=2", ["m3", "mine"], None),
        ("/models?token=9", [], None),
    ],
)
def test_a_page_is_cut_out_of_the_whole_list(target: str, models: list[str], more: str | None) -> None:
    exchange = Exchange(fake("a"), fake("b"), models={"mine": "m1"})
    request = sent(exchange, Request("GET", target))
    assert (request.method, request.target, request.body) == ("GET", "/models?None", b"")
    assert request.header("content-type") is None
    answer = decode(exchange.response(Response(200, (), b'{"models":["m1","m2","m3"]}')).body)
    assert answer == {"models": models, "next": more}


def test_pages_of_one_protocol_are_the_upstreams() -> None:
    exchange = Exchange(fake("a"), fake("a"), models={"mine": "m1"})
    assert sent(exchange, Request("GET", "/models?token=t")).target == "/models?t"
    answer = decode(exchange.response(Response(200, (), b'{"models":["m1","m2","m3"],"next":"u"}')).body)
    assert answer == {"models": ["m1", "m2", "m3"], "next": "u"}


def test_a_list_needs_no_routes_of_the_client() -> None:
    assert sent(Exchange(fake("a", routes=None), fake("b")), Request("GET", "/models")).target == "/models?None"


def test_a_page_token_of_another_server_is_refused() -> None:
    with pytest.raises(ReadError, match="page token"):
        Exchange(fake("a"), fake("b")).request(Request("GET", "/models?token=x"))


def test_one_model_goes_through_under_the_clients_name() -> None:
    exchange = Exchange(fake("a"), fake("b"), models={"mine": "m1"})
    assert sent(exchange, Request("GET", "/models/mine")).target == "/models/m1"
    assert decode(exchange.response(Response(200, (), b'{"model":"m1"}')).body) == {"model": "mine"}
    exchange = Exchange(fake("a"), fake("b"))
    assert sent(exchange, Request("GET", "/models/m2")).target == "/models/m2"
    assert decode(exchange.response(Response(200, (), b'{"model":"m2"}')).body) == {"model": "m2"}


def test_what_the_address_says_and_nobody_reads_is_reported() -> None:
    exchange = Exchange(fake("a"), fake("b"))
    assert sent(exchange, post("/say?token=1&$fields=x&quotaUser=&fields=y")).target == "/say/m"
    assert [(loss.kind, loss.path, loss.feature, loss.codec) for loss in exchange.losses] == [
        ("dropped", "", "request.query.fields", "b"), ("dropped", "", "request.query.quotaUser", "b"),
    ]  # fmt: skip
    with pytest.raises(LossRefused):
        Exchange(fake("a"), fake("b"), on_loss="refuse").request(post("/say?fields=x"))
    assert sent(Exchange(fake("a", routes=None), fake("b")), post("/say?fields=x")).target == "/say/m"


@pytest.mark.parametrize(
    ("client", "target", "features"),
    [
        ("gemini", "/v1beta/models/m:generateContent?key=k&$alt=json", []),
        ("gemini", "/v1beta/models/m:streamGenerateContent?alt=sse&prettyPrint=false", ["request.query.prettyPrint"]),
        ("openai", "/openai/deployments/m/chat/completions?api-version=2024-10-21", []),
        ("openai", "/v1/chat/completions?debug=1", ["request.query.debug"]),
    ],
)
def test_what_each_protocol_reads_of_an_address(client: str, target: str, features: list[str]) -> None:
    other = {"openai": "gemini", "gemini": "openai"}[client]
    bodies = {
        "openai": b'{"model":"m","messages":[{"role":"user","content":"x"}]}',
        "gemini": b'{"contents":[{"parts":[{"text":"x"}]}]}',
    }
    exchange = Exchange(client, other)
    assert (
        exchange.request(Request("POST", target, (("content-type", "application/json"),), bodies[client])) is not None
    )
    assert [loss.feature for loss in exchange.losses if loss.feature.startswith("request.query")] == features


def test_one_document_reports_it_too() -> None:
    def features(target: str, path: str) -> list[str]:
        done = convert(
            b'{"contents":[{"parts":[{"text":"x"}]}]}', source="gemini", target=target, kind="chat.request", path=path
        )
        assert target == "openai" or done.path == path
        return [loss.feature for loss in done.losses]

    assert features("openai", "/v1beta/models/m:generateContent?fields=x&key=k") == ["request.query.fields"]
    assert features("gemini", "/v1beta/models/m:generateContent?fields=x") == []
