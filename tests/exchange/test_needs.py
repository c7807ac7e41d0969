"""Media that the caller has to fetch before there is a request."""

import pytest

from metaphrase import Exchange, MetaphraseError, ReadError, Request, Response
from tests.exchange.fake import decode, fake, needs, post

ONE, TWO, OTHER = "https://x/1.png", "https://x/2.pdf", "gs://bucket/3"


def asking() -> Exchange:
    return Exchange(fake("a"), fake("b", needs=needs))


def media(request: Request) -> list[dict[str, object]]:
    return [part for part in decode(request.body)["parts"] if part["type"] == "media"]


def test_a_request_is_held_until_everything_is_there() -> None:
    exchange = asking()
    assert exchange.request(post(fetch=[ONE, TWO, ONE, OTHER])) is None
    assert list(exchange.needs) == [ONE, TWO]
    assert exchange.supply(TWO, b"%PDF", "application/pdf") is None
    assert list(exchange.needs) == [ONE]
    with pytest.raises(MetaphraseError, match="after the request"):
        exchange.head(Response())
    request = exchange.supply(ONE, b"\x89PNG", "image/png")
    assert request is not None
    assert not exchange.needs
    assert [(part["kind"], part.get("mime"), part["source"]) for part in media(request)] == [
        ("image", "image/png", {"raw": "iVBORw=="}),
        ("document", "application/pdf", {"raw": "JVBERg=="}),
        ("image", "image/png", {"raw": "iVBORw=="}),
        ("image", None, {"uri": OTHER}),
    ]
    assert [(loss.kind, loss.feature, loss.count) for loss in exchange.losses] == [
        ("approximated", "media.reference", 3)
    ]


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        ("image/webp", "image"),
        ("audio/wav", "audio"),
        ("video/mp4", "video"),
        ("text/csv", "document"),
        ("application/octet-stream", "image"),
        ("", "image"),
    ],
)
def test_the_server_knows_what_it_served(mime: str, kind: str) -> None:
    exchange = asking()
    exchange.request(post(fetch=[ONE]))
    request = exchange.supply(ONE, b"x", mime)
    assert request is not None
    assert [(part["kind"], part.get("mime") or "") for part in media(request)] == [(kind, mime)]


def test_results_of_tools_hold_media_too() -> None:
    exchange = asking()
    assert exchange.request(post(fetch=[ONE], in_result=True)) is None
    request = exchange.supply(ONE, b"x", "image/png")
    assert request is not None
    assert decode(request.body)["parts"][1]["parts"][0]["source"] == {"raw": "eA=="}


def test_only_what_is_needed_can_be_supplied() -> None:
    exchange = asking()
    exchange.request(post(fetch=[ONE]))
    with pytest.raises(MetaphraseError, match="not needed"):
        exchange.supply(TWO, b"x", "image/png")
    exchange.supply(ONE, b"x", "image/png")
    with pytest.raises(MetaphraseError, match="not needed"):
        exchange.supply(ONE, b"x", "image/png")


def test_nothing_is_needed_unless_the_upstreams_codec_asks() -> None:
    exchange = Exchange(fake("a", needs=needs), fake("b"))
    assert exchange.request(post(fetch=[ONE])) is not None
    assert asking().request(post(fetch=[OTHER])) is not None


def test_what_cannot_be_fetched_is_the_clients_error() -> None:
    exchange = asking()
    exchange.request(post(fetch=[ONE]))
    assert exchange.refuse(ReadError("It cannot be fetched", "$.fetch[0]")).status == 400
